//! Alerts as jobs: one finds out whom something concerns, then one per browser tells it.

use std::time::Duration;

use jobs::{Backoff, Queue, Verdict, handler};
use rules::id::{ConversationId, MemberId, NumberId, OrgId, PushSubscriptionId};
use rules::number::Concern;
use rules::role::{OrgStatus, Right};
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::OrgScope;
use store::conversations::Conversation;
use store::queue::{Job, NewJob};

use super::QUEUE;
use super::deliver::{Delivered, deliver};
use super::numbers;
use super::push::Browser;
use super::service;
use crate::ctx::Ctx;

/// Nobody is told later than this; by then it is in the inbox for everybody to see.
const STALE: Duration = span::hours(1);
/// A notification shows about so much of a name.
const NAME: usize = 80;

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    /// The AI gave the conversation to the people.
    HandedOff,
    /// Somebody assigned it to them.
    Assigned,
    /// A note calls them.
    Mentioned,
}

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub(super) enum Task {
    /// Find out whose browsers are to be told. Without a member: whoever it concerns.
    Call { org: OrgId, conversation: ConversationId, reason: Reason, member: Option<MemberId> },
    /// Tell one browser of what happened `since`.
    Tell {
        org: OrgId,
        conversation: ConversationId,
        reason: Reason,
        browser: PushSubscriptionId,
        since: Timestamp,
    },
    /// Find out whose browsers are to be told of a number.
    CallForNumber { org: OrgId, number: NumberId, concern: Concern },
    /// Tell one browser what happened to a number `since`.
    TellOfNumber {
        org: OrgId,
        number: NumberId,
        concern: Concern,
        browser: PushSubscriptionId,
        since: Timestamp,
    },
}

/// This room's queue. Nothing is given up for failing often: an alert that is late is dropped, and nobody need see to it.
pub(super) fn queue(ctx: &Ctx) -> Queue {
    let ctx = ctx.clone();
    let handler = handler(move |job| {
        let ctx = ctx.clone();
        async move { run(&ctx, &job).await }
    });
    Queue { backoff: Backoff { attempts: i64::MAX, ..Backoff::default() }, ..Queue::new(QUEUE, handler) }
}

/// Has something done once the transaction commits.
pub(super) async fn enqueue(scope: &mut OrgScope<'_>, task: &Task, now: Timestamp) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob { org: Some(org), ..NewJob::new(QUEUE, org, task, now)? };
    scope.tx().enqueue(&job, now);
    Ok(())
}

async fn run(ctx: &Ctx, job: &Job) -> Verdict {
    let done = match serde_json::from_str(&job.payload) {
        Ok(Task::Call { org, conversation, reason, member }) => {
            call(ctx, job, org, conversation, reason, member).await
        }
        Ok(Task::Tell { since, .. } | Task::TellOfNumber { since, .. }) if ctx.now().since(since) > STALE => {
            Ok(Verdict::Done)
        }
        Ok(Task::Tell { org, conversation, reason, browser, .. }) => {
            tell(ctx, org, conversation, reason, browser).await
        }
        Ok(Task::CallForNumber { org, number, concern }) => {
            numbers::call(ctx, job, org, number, concern).await
        }
        Ok(Task::TellOfNumber { org, number, concern, browser, .. }) => {
            numbers::tell(ctx, org, number, concern, browser).await
        }
        Err(_) => return Verdict::Dead("the payload does not read".to_owned()),
    };
    done.unwrap_or_else(|error| Verdict::Retry(error.to_string()))
}

/// Enqueues a job for every browser that is to be told, and ends this one in the same transaction, so that nobody is
/// told twice.
async fn call(
    ctx: &Ctx,
    job: &Job,
    org: OrgId,
    conversation: ConversationId,
    reason: Reason,
    member: Option<MemberId>,
) -> store::Result<Verdict> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let Some(conversation) = scope.conversation(conversation).await? else { return Ok(Verdict::Done) };
    let member = match member {
        None => in_charge(&mut scope, &conversation).await?,
        named => named,
    };
    for browser in scope.push_subscriptions(member).await? {
        let task = Task::Tell { org, conversation: conversation.id, reason, browser: browser.id, since: now };
        enqueue(&mut scope, &task, now).await?;
    }
    if tx.finish(job, now).await? {
        tx.commit().await?;
    }
    Ok(Verdict::Settled)
}

/// Whom a conversation is assigned to, if they work the inbox still; else it is everybody's.
async fn in_charge(scope: &mut OrgScope<'_>, conversation: &Conversation) -> store::Result<Option<MemberId>> {
    let Some(assignee) = conversation.assignee_id else { return Ok(None) };
    let member = scope.member(assignee).await?.filter(|member| member.role.may(Right::WriteInbox));
    Ok(member.map(|member| member.id))
}

async fn tell(
    ctx: &Ctx,
    org: OrgId,
    conversation: ConversationId,
    reason: Reason,
    id: PushSubscriptionId,
) -> store::Result<Verdict> {
    let Some((browser, text)) = compose(ctx, org, conversation, reason, id).await? else {
        return Ok(Verdict::Done);
    };
    send(ctx, org, id, &browser, &text, Some(conversation)).await
}

/// Gives a text to a browser's push service.
pub(super) async fn send(
    ctx: &Ctx,
    org: OrgId,
    id: PushSubscriptionId,
    browser: &Browser,
    text: &str,
    about: Option<ConversationId>,
) -> store::Result<Verdict> {
    Ok(match deliver(ctx, browser, text.as_bytes(), about).await {
        Delivered::Yes => Verdict::Done,
        Delivered::Gone => {
            service::forget(ctx, org, id).await?;
            Verdict::Done
        }
        Delivered::Later(why, None) => Verdict::Retry(why),
        Delivered::Later(why, Some(wait)) => Verdict::Later(ctx.now() + wait, why),
        Delivered::Refused(why) => {
            // The member sees the same at the test button; nobody else can mend it.
            tracing::warn!(org.id = %org, subscription.id = %id, why, "an alert was not taken");
            Verdict::Done
        }
    })
}

/// Where an alert goes and what it says. `None`: nobody is to be told any more.
async fn compose(
    ctx: &Ctx,
    org: OrgId,
    conversation: ConversationId,
    reason: Reason,
    id: PushSubscriptionId,
) -> store::Result<Option<(Browser, String)>> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let Some(organisation) = scope.org().await?.filter(|org| org.status == OrgStatus::Active) else {
        return Ok(None);
    };
    let stored = scope.push_subscription(id).await?.filter(|stored| stored.role.may(Right::WriteInbox));
    let row = scope.conversation_row(conversation).await?;
    let (Some(stored), Some(row)) = (stored, row) else { return Ok(None) };
    let moved_on = reason == Reason::Assigned && row.conversation.assignee_id != Some(stored.member_id);
    if moved_on {
        return Ok(None);
    }
    let name: String = row.contact.display_name().chars().take(NAME).collect();
    let text = json!({
        "kind": reason, "organisation": organisation.slug, "conversation_id": row.conversation.id,
        "contact": name, "locale": stored.locale,
    });
    Ok(Some((service::open(ctx, &mut tx, org, &stored).await?, text.to_string())))
}
