//! What became of the messages we sent.

use meta::errors::of_failed_status;
use meta::webhook::{MetaError, StatusUpdate};
use rules::consent::{ConsentAction, ConsentSource, Purpose};
use rules::id::ConsentEventId;
use rules::message::MessageState;
use rules::outcome::{Outcome, Scope as Reach};
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::OrgScope;
use store::consent::NewConsentEvent;
use store::messages::{MessagePlace, Step, wamid_hash};

use super::apply::{Fate, Setting};
use crate::{dispatch, onboarding};

/// Meta: the recipient has chosen to stop marketing messages from this business.
const STOPPED_MARKETING: i64 = 131_050;

/// Moves a message on. A status of a message that we do not know yet is parked: it may have outrun our own record of
/// Meta's answer.
pub(super) async fn apply(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    status: &StatusUpdate,
) -> store::Result<Fate> {
    if status.group_id.is_some() {
        return Ok(Fate::Kept("statuses of group messages are not handled".to_owned()));
    }
    // Unknown and legacy words change nothing.
    let Some(state) = MessageState::from_status(status.state.as_str()) else { return Ok(Fate::Applied) };
    let Some(place) = find(setting, scope, status).await? else {
        return Ok(Fate::Parked(wamid_hash(&status.id)));
    };
    let error = status.errors.first();
    let problem = error.map(problem);
    let pricing = status.pricing.as_ref().and_then(|pricing| serde_json::to_value(pricing).ok());
    let step = Step {
        state,
        at: setting.time(status.timestamp),
        problem: problem.as_ref().filter(|_| state == MessageState::Failed),
        pricing: pricing.as_ref(),
        wamid: Some(&status.id),
    };
    if let Some(thread) = scope.advance_message(place.id, &step, setting.now).await? {
        let payload =
            json!({ "message_id": place.id, "conversation_id": thread.conversation_id, "state": state });
        scope.publish("message.updated", &payload, setting.now)?;
        if place.state == MessageState::Unknown {
            // What waits behind it in the conversation need not wait any longer.
            dispatch::hurry(scope, place.id, setting.now).await?;
        }
    }
    if let Some(error) = error.filter(|_| state == MessageState::Failed)
        && matches!(of_failed_status(error), Outcome::Later { scope: Reach::Account | Reach::App, .. })
    {
        // Not this message's own: what the account lacks shows on its connection.
        onboarding::look_again(scope, setting.route.account_id, setting.now).await?;
    }
    if error.is_some_and(|error| error.code == STOPPED_MARKETING) {
        remember_marketing_stop(setting, scope, &place, setting.time(status.timestamp)).await?;
    }
    Ok(Fate::Applied)
}

/// By our own id, which comes back authenticated; by Meta's, for what was sent before or by other means.
async fn find(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    status: &StatusUpdate,
) -> store::Result<Option<MessagePlace>> {
    let own = status.callback_data.as_deref().and_then(|data| setting.ctx.callbacks.read(scope.id(), data));
    if let Some(id) = own
        && let Some(place) = scope.message_place(id).await?
    {
        return Ok(Some(place));
    }
    scope.message_by_wamid(&status.id).await
}

fn problem(error: &MetaError) -> Value {
    dispatch::problem::of_code(error.code, None, error.details.as_deref().or(error.title.as_deref()))
}

/// The contact told Meta rather than us; the effect is the same.
async fn remember_marketing_stop(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    place: &MessagePlace,
    at: Timestamp,
) -> store::Result<()> {
    let event = NewConsentEvent {
        id: ConsentEventId::fresh(setting.now, setting.ctx.chance()),
        contact: place.thread.contact_id,
        purpose: Some(Purpose::Marketing),
        action: ConsentAction::OptOut,
        source: ConsentSource::MetaRefusal,
        evidence: json!({ "message_id": place.id, "code": STOPPED_MARKETING }),
        at,
    };
    scope.append_consent_once(&event).await?;
    Ok(())
}
