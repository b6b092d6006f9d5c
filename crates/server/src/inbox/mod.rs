//! The shared inbox: conversations, their messages, who takes care of them, and whether the AI does.
//!
//! Invariants:
//! - What an organisation sees is read in one query per list; nothing here grows with the length of a thread.
//! - Whoever takes a conversation over silences the AI; given back, the AI answers what is written from then on and
//!   nothing that was written before.
//! - Every change is published in the transaction that makes it, and what a person did is audited there too.

pub mod api;
mod canned;
mod history;
mod index;
mod notes;
mod presence;
mod service;
mod snooze;
mod views;

pub use index::{index_step, run_index};
pub use snooze::wake;

/// The kinds of live events about conversations and messages. Their payloads are ids: whoever is told fetches what
/// they show. Published here, by `ingest` and by `dispatch`.
pub mod news {
    use rules::id::{ContactId, ConversationId};
    use rules::time::Timestamp;
    use serde_json::json;
    use store::OrgScope;

    /// A conversation's row in the list changed.
    pub const CONVERSATION_UPDATED: &str = "conversation.updated";
    /// What is known of a contact changed.
    pub const CONTACT_UPDATED: &str = "contact.updated";

    /// Tells that a conversation changed.
    pub async fn conversation_updated(
        scope: &mut OrgScope<'_>,
        conversation: ConversationId,
        now: Timestamp,
    ) -> store::Result<()> {
        scope.publish(CONVERSATION_UPDATED, &json!({ "conversation_id": conversation }), now)
    }

    /// Tells that a contact changed; `merged` is another contact that became part of it.
    pub async fn contact_updated(
        scope: &mut OrgScope<'_>,
        contact: ContactId,
        merged: Option<ContactId>,
        now: Timestamp,
    ) -> store::Result<()> {
        let payload = match merged {
            Some(merged) => json!({ "contact_id": contact, "merged_contact_id": merged }),
            None => json!({ "contact_id": contact }),
        };
        scope.publish(CONTACT_UPDATED, &payload, now)
    }
}
