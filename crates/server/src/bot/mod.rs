//! The AI: answers what contacts write from the organisation's own knowledge, or says honestly that it cannot.
//!
//! Invariants:
//! - An answer rests on passages of this organisation alone, and names them.
//! - The AI never speaks over a person: an agent's reply, a hand-off or a STOP silences it until it is given back.
//! - Several quick messages are answered once; what is written meanwhile cancels the answer being made.

pub mod api;
mod compose;
mod endpoint;
mod hand_off;
mod model;
mod open;
mod retrieve;
mod spoken;
mod turn;
mod waiting;

pub use compose::{Composed, Considered, Question, compose};
pub use endpoint::model_of;
pub use hand_off::{PERSON, hand_off};
pub use model::{Endpoint, Model, ModelError};
pub use retrieve::{Meaning, Retrieved, retrieve};
pub use spoken::language;
pub use turn::turn;

use jobs::{Queue, set_handler};
use rules::conversation::AiState;
use rules::id::{ConversationId, OrgId};
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;
use store::conversations::Conversation;
use store::queue::{NewJob, Unique};

use crate::ctx::Ctx;
use crate::trace::Trace;

/// The queue of conversations that wait for an answer; lanes are organisations, serial keys conversations.
pub const QUEUE: &str = "bot";

/// The queue of this room.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let turns = ctx.clone();
    vec![Queue {
        concurrency: 256,
        per_lane: 32,
        ..Queue::together(QUEUE, set_handler(move |jobs, room| turn(turns.clone(), jobs, room)))
    }]
}

/// Further messages put an answer off by no more than so many times the wait: nobody waits for ever who goes on writing.
const PUT_OFF: u32 = 5;

/// What a job of this room needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    conversation: ConversationId,
    /// Of the last message that waits.
    #[serde(default)]
    trace: Trace,
}

/// A contact wrote: if the AI is on, an answer is due, after the wait for further quick messages.
pub fn on_inbound(
    scope: &mut OrgScope<'_>,
    conversation: &Conversation,
    settings: &OrgSettings,
    trace: Trace,
    now: Timestamp,
) -> store::Result<()> {
    if conversation.ai != AiState::On || !settings.ai.enabled {
        return Ok(());
    }
    let org = scope.id();
    let key = conversation.id.to_string();
    let job = NewJob {
        serial_key: Some(key.clone()),
        org: Some(org),
        run_at: now + settings.ai.wait(),
        unique: Some(Unique::Postpone(key, settings.ai.wait() * PUT_OFF)),
        ..NewJob::new(QUEUE, org, &Payload { org, conversation: conversation.id, trace }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}
