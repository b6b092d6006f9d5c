//! Giving a conversation to a person.

use answers::Language;
use rules::conversation::AiState;
use rules::id::ConversationId;
use rules::time::Timestamp;
use serde_json::json;
use store::OrgScope;

use crate::alerts;
use crate::ctx::Ctx;
use crate::http::audit;

/// The id of the button that asks for a person.
pub const PERSON: &str = "sapa.person";

/// Silences the AI and calls for a person. `false`: a person was in charge already.
pub async fn hand_off(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    reason: &str,
    now: Timestamp,
) -> store::Result<bool> {
    let changed = scope.set_ai(conversation, AiState::HandedOff, Some(reason), now).await?;
    if changed {
        let details = json!({ "before": AiState::On, "after": AiState::HandedOff, "reason": reason });
        audit(ctx, scope, "system", "conversation.ai", &conversation.to_string(), details, "").await?;
        let payload = json!({ "conversation_id": conversation, "reason": reason });
        scope.publish("conversation.handed_off", &payload, now)?;
        scope.publish("conversation.updated", &json!({ "conversation_id": conversation }), now)?;
        alerts::handed_off(scope, conversation, now).await?;
    }
    Ok(changed)
}

/// What the button says.
pub(super) fn button(language: Language) -> &'static str {
    match language {
        Language::Indonesian => "Bicara dengan tim",
        Language::English => "Talk to a person",
    }
}
