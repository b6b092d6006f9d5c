//! Sending: the one way out.
//!
//! Invariants:
//! - Every message passes the gate when it is accepted and at the moment of sending: twice, but where both are one
//!   transaction.
//! - A message is handed to Meta at most once per intention. What may have been sent is *unknown* until a status
//!   settles it, and is never sent again by itself.
//! - Within a conversation messages go out in the order in which they were accepted.
//!
//! The path: [`accept`] stores the message and its job in one transaction, in which an answer that may leave at once is also
//! prepared ([`Leaving`]) → [`deliver`] takes those that fell due
//! together: `prepare` asks the gate again and notes the attempts, each goes to Meta by itself, `settle` writes down what
//! came of them → statuses (room `ingest`) settle the rest → [`sweep`] brings what stayed unknown to a person.

mod accept;
mod ahead;
mod allowance;
pub mod api;
mod ask;
mod callback;
mod content;
mod crowds;
mod deliver;
mod fields;
mod limits;
mod outreach;
mod prepare;
pub mod problem;
mod receipt;
mod service;
mod settle;
mod sweep;
mod weigh;
mod writes;

use std::time::Duration;

pub use accept::{
    Accepted, Draft, NotAccepted, Notice, Wish, accept, accept_all, accept_held, content_of, notice,
};
pub use ahead::{Ahead, Leaving};
pub(crate) use allowance::allowance_of;
pub use ask::{Answered, Question, ask, ask_each};
pub use callback::Callbacks;
pub use content::{preview_of, text_of};
pub use crowds::Crowds;
pub use deliver::deliver;
pub use limits::Limits;
pub use outreach::{Outreach, failed, release};
pub use receipt::{read_later, receipt, typing_later};
pub use service::{NotSent, Target};
pub use settle::{CANNOT_SEND, SLOWED};
pub use sweep::sweep;
pub(crate) use weigh::quiet_until;

use jobs::{Backoff, Queue, handler, set_handler};
use rules::gate::LineState;
use rules::id::{AccountId, MessageId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;

use crate::ctx::Ctx;
use crate::trace::Trace;

/// The queue of messages to be sent; lanes are numbers, serial keys conversations.
pub const QUEUE: &str = "deliver";
/// The queue of read receipts and typing indicators.
pub const RECEIPTS: &str = "receipt";

/// How long the next message of a conversation waits for the fate of one that may have been sent.
const HOLD: Duration = Duration::from_secs(10);
/// After so long without answer and status a message is *unresolved* and a person has to look.
const UNRESOLVED_AFTER: Duration = Duration::from_secs(600);

/// How long a worker holds a message to be sent.
const LEASE: Duration = Duration::from_secs(60);

/// How often preparing a message may go wrong on our side before it fails.
const TRIES: i64 = 20;

/// The queues of this room.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let (sends, receipts) = (ctx.clone(), ctx.clone());
    vec![
        Queue {
            concurrency: 512,
            per_lane: 64,
            lease: LEASE,
            backoff: Backoff {
                first: Duration::from_secs(1),
                longest: Duration::from_secs(300),
                attempts: TRIES + 1,
            },
            ..Queue::together(QUEUE, set_handler(move |jobs, room| deliver(sends.clone(), jobs, room)))
        },
        Queue {
            concurrency: 16,
            backoff: Backoff { attempts: 2, ..Backoff::default() },
            ..Queue::new(RECEIPTS, handler(move |job| receipt(receipts.clone(), job)))
        },
    ]
}

/// What a job of this room needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Payload {
    org: rules::id::OrgId,
    message: MessageId,
    #[serde(default)]
    trace: Trace,
}

/// What held messages is over (a token replaced, an account let go, a payment method, a template approved again): those
/// that wait go out now, but for those that Meta asked to send later. `account` narrows to one account's numbers.
pub async fn resume(
    scope: &mut OrgScope<'_>,
    account: Option<AccountId>,
    now: Timestamp,
) -> store::Result<()> {
    for number in scope.numbers(account).await? {
        if number.line == LineState::Ready {
            scope.tx().hurry_lane(QUEUE, &number.id.to_string(), SLOWED, now).await?;
        }
    }
    Ok(())
}

/// The fate of a message became known: what waits behind it in its conversation goes on at once.
pub async fn hurry(scope: &mut OrgScope<'_>, message: MessageId, now: Timestamp) -> store::Result<()> {
    if let Some(place) = scope.message_place(message).await? {
        scope.tx().hurry(QUEUE, &place.thread.conversation_id.to_string(), now).await?;
    }
    Ok(())
}
