//! Live events of this room. Their payloads are ids: whoever is told fetches what they show.

use rules::id::{MessageId, ReachId};
use rules::message::MessageState;
use rules::time::Timestamp;
use serde_json::json;
use store::OrgScope;
use store::messages::Thread;

/// A message on another channel was made, or what became of it changed.
pub(super) fn reach_updated(
    scope: &mut OrgScope<'_>,
    reach: ReachId,
    message: MessageId,
    now: Timestamp,
) -> store::Result<()> {
    scope.publish("reach.updated", &json!({ "reach_id": reach, "message_id": message }), now)
}

/// A message has come to another state on WhatsApp.
pub(super) fn message_updated(
    scope: &mut OrgScope<'_>,
    message: MessageId,
    thread: &Thread,
    state: MessageState,
    now: Timestamp,
) -> store::Result<()> {
    let news = json!({ "message_id": message, "conversation_id": thread.conversation_id, "state": state });
    scope.publish("message.updated", &news, now)
}

/// A channel was set up, changed or removed, or what an organisation decides about them.
pub(super) fn channels_updated(scope: &mut OrgScope<'_>, now: Timestamp) -> store::Result<()> {
    scope.publish("channels.updated", &json!({}), now)
}
