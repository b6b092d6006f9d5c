//! Whole rows, for tests that write many of them at a time; what a test wants otherwise it says.

use rules::conversation::{AiState, ConversationStatus};
use rules::id::{ContactId, MessageId, SourceId};
use rules::identity::Phone;
use rules::knowledge::{SourceKind, SourceState};
use rules::message::{Author, Direction, Kind, MessageState};
use rules::time::Timestamp;
use serde_json::json;
use store::Json;
use store::contacts::Contact;
use store::conversations::Conversation;
use store::knowledge::Source;
use store::messages::{Message, Thread};

/// A text that an organisation added and that has yet to be read.
pub fn source(id: SourceId, title: &str, at: Timestamp) -> Source {
    Source {
        id,
        kind: SourceKind::Text,
        title: title.into(),
        file_name: None,
        mime: "text/plain".into(),
        sha256: vec![1; 32],
        size: 10,
        language: None,
        state: SourceState::Pending,
        problem: None,
        warnings: "[]".into(),
        passages: 0,
        words: 0,
        created_by: "test".into(),
        created_at: at,
        updated_at: at,
    }
}

/// Somebody with this phone number.
pub fn contact(id: ContactId, digits: &str, at: Timestamp) -> Contact {
    Contact {
        id,
        name: String::new(),
        profile_name: Some("Rina".into()),
        username: None,
        phone: Phone::from_wire(digits),
        bsuid: None,
        email: None,
        language: None,
        labels: Json(Vec::new()),
        created_at: at,
        updated_at: at,
    }
}

/// An open conversation with somebody who wrote then, and of whom everything is read.
pub fn conversation(thread: Thread, at: Timestamp) -> Conversation {
    Conversation {
        id: thread.conversation_id,
        contact_id: thread.contact_id,
        number_id: thread.number_id,
        status: ConversationStatus::Open,
        assignee_id: None,
        ai: AiState::On,
        ai_reason: None,
        ai_changed_at: at,
        last_inbound_at: Some(at),
        last_message_at: at,
        last_message_id: None,
        preview: "Halo".into(),
        unread: 0,
        snoozed_until: None,
        labels: Json(Vec::new()),
        attribution: None,
        created_at: at,
    }
}

/// What somebody wrote.
pub fn message(id: MessageId, thread: Thread, wamid: String, text: &str, at: Timestamp) -> Message {
    Message {
        id,
        thread,
        direction: Direction::Inbound,
        author: Author::Contact,
        author_id: None,
        kind: Kind::Text,
        content: Json(json!({ "type": "text", "body": text })),
        body: text.to_owned(),
        reply_to: None,
        reply_to_id: None,
        state: MessageState::Received,
        wamid: Some(wamid),
        at,
        created_at: at,
        changed_at: at,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        failed_at: None,
        problem: None,
        pricing: None,
        decision: None,
        consent_event_id: None,
        client_ref: None,
    }
}
