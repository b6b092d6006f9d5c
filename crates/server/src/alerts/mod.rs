//! Alerts: members are told in their browsers, also closed ones, when a conversation wants them, and when Meta changes what
//! a number may do.
//!
//! Invariants:
//! - An alert holds who waits and where, never what was written; only the browser that it is for can read it.
//! - It is decided in the transaction of what it tells of, and leaves from a job. Whom it reaches is asked again at that
//!   moment: a suspended organisation, and whoever may not work in its inbox (any more), is told nothing.
//! - The addresses of browsers come from members and are reached through `outbound` alone.

pub mod api;
mod deliver;
pub mod jobs;
mod numbers;
mod push;
mod service;

use ::jobs::Queue;
use rules::id::{ConversationId, MemberId, NumberId};
use rules::number::Concern;
use rules::time::Timestamp;
use store::OrgScope;

pub use push::InstallationKey;

use crate::ctx::Ctx;
use jobs::{Reason, Task};

/// The name of the queue, which is also rung when an alert may wait there.
pub const QUEUE: &str = "alerts";

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    vec![jobs::queue(ctx)]
}

/// The AI gave a conversation to the people: whoever it is assigned to is told, else everybody who works the inbox.
pub async fn handed_off(
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    now: Timestamp,
) -> store::Result<()> {
    tell(scope, conversation, Reason::HandedOff, None, now).await
}

/// Somebody else gave a conversation to a member.
pub async fn assigned(
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    member: MemberId,
    now: Timestamp,
) -> store::Result<()> {
    tell(scope, conversation, Reason::Assigned, Some(member), now).await
}

/// A note in a conversation calls a member.
pub async fn mentioned(
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    member: MemberId,
    now: Timestamp,
) -> store::Result<()> {
    tell(scope, conversation, Reason::Mentioned, Some(member), now).await
}

/// Something about a number changed that an owner or admin should act on.
pub async fn number_concerns(
    scope: &mut OrgScope<'_>,
    number: NumberId,
    concern: Concern,
    now: Timestamp,
) -> store::Result<()> {
    jobs::enqueue(scope, &Task::CallForNumber { org: scope.id(), number, concern }, now).await
}

async fn tell(
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    reason: Reason,
    member: Option<MemberId>,
    now: Timestamp,
) -> store::Result<()> {
    jobs::enqueue(scope, &Task::Call { org: scope.id(), conversation, reason, member }, now).await
}
