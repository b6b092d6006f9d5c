//! What the business wrote on its own phone.

use meta::webhook::Echo;
use rules::conversation::AiState;
use rules::id::MessageId;
use rules::message::{Author, MessageState};
use serde_json::json;
use store::OrgScope;
use store::messages::{NewMessage, Thread};

use super::apply::{Fate, Setting};
use super::content;
use super::person::{recognise, sender};

/// Shows a message that the business typed in its WhatsApp Business app. It neither opens the window nor costs
/// anything; and a person has answered, so the AI steps back.
pub(super) async fn apply_echo(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    echo: &Echo,
) -> store::Result<Fate> {
    let Some(number_id) = setting.route.number_id else {
        return Ok(Fate::Kept("the messaging account has no such number".to_owned()));
    };
    let chance = setting.ctx.chance();
    let Some(found) = recognise(setting, scope, &sender(&echo.to), echo.timestamp).await? else {
        return Ok(Fate::Kept("the message names nobody it was sent to".to_owned()));
    };
    let (conversation, _) =
        scope.open_conversation(found.contact, number_id, AiState::HandedOff, setting.now, chance).await?;
    let id = MessageId::fresh(setting.now, chance);
    let thread = Thread { conversation_id: conversation.id, contact_id: found.contact, number_id };
    let (kind, value, body) = content::of(&echo.content);
    let at = setting.time(echo.timestamp);
    let message = NewMessage {
        body: &body,
        state: MessageState::Sent,
        wamid: Some(&echo.id),
        at,
        created_at: setting.now,
        sent_at: Some(at),
        reply_to: echo.context.as_ref().and_then(|context| context.id.as_deref()),
        ..NewMessage::outbound(id, thread, Author::Phone, kind, &value)
    };
    if !scope.insert_message(&message).await? {
        return Ok(Fate::Applied);
    }
    scope.record_outbound(conversation.id, id, at, &content::preview(kind, &body)).await?;
    scope.set_ai(conversation.id, AiState::HandedOff, Some("answered_on_phone"), setting.now).await?;
    let payload =
        json!({ "message_id": id, "conversation_id": conversation.id, "contact_id": found.contact });
    scope.publish("message.created", &payload, setting.now)?;
    Ok(Fate::Applied)
}
