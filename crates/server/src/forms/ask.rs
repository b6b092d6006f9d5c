//! Asking somebody to confirm what they sent with a form, by a link in a mail or a text.
//!
//! Invariants:
//! - One message for each submission: it counts as asked before it is handed over, and what a provider may have taken is not
//!   handed over again.
//! - Whoever has ended messages on the channel is not asked on it, nobody is asked more than a few times a day, whoever types
//!   their address, and an organisation asks only so many people an hour: strangers do not run up its bill.

use jobs::{Queue, Verdict, handler};
use rules::consent::Channel;
use rules::id::{OrgId, SubmissionId};
use rules::identity::Phone;
use rules::settings::OrgSettings;
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use store::OrgScope;
use store::forms::Submission;
use store::queue::{Job, NewJob, Unique};

use super::collect::Sent;
use super::words;
use crate::ctx::Ctx;
use crate::fallback::{self, Carrier, Door, Handed, Single};
use crate::{identity, rights};

/// The queue of people to be asked; lanes are organisations.
pub const QUEUE: &str = "form_confirmation";

/// The queues of this room.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let ctx = ctx.clone();
    vec![Queue::new(QUEUE, handler(move |job| run(ctx.clone(), job)))]
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    submission: SubmissionId,
}

/// Has somebody asked, once the transaction commits.
pub(super) fn enqueue(
    scope: &mut OrgScope<'_>,
    submission: SubmissionId,
    now: Timestamp,
) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        org: Some(org),
        unique: Some(Unique::KeepFirst(submission.to_string())),
        ..NewJob::new(QUEUE, org, &Payload { org, submission }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Whether this address may be asked once more by whoever typed it, or why not.
pub(super) async fn may_ask(
    ctx: &Ctx,
    org: OrgId,
    channel: Channel,
    sent: &Sent,
) -> store::Result<Result<(), &'static str>> {
    let typed = match channel {
        Channel::Email => sent.email.trim().to_lowercase(),
        // However it is written, the end of a number is the same.
        Channel::Sms | Channel::Whatsapp => {
            let digits: String = sent.phone.chars().filter(char::is_ascii_digit).collect();
            digits[digits.len().saturating_sub(8)..].to_owned()
        }
    };
    identity::may_be_asked(ctx, org, &format!("{channel} {typed}")).await
}

/// Where somebody is asked.
pub(super) fn address(submission: &Submission, channel: Channel) -> Option<&str> {
    match channel {
        Channel::Email => submission.email.as_deref(),
        Channel::Sms | Channel::Whatsapp => submission.phone.as_deref(),
    }
}

async fn run(ctx: Ctx, job: Job) -> Verdict {
    let Ok(payload) = serde_json::from_str::<Payload>(&job.payload) else {
        return Verdict::Dead("the job does not read".to_owned());
    };
    match ask(&ctx, payload).await {
        Ok(None) => Verdict::Done,
        Ok(Some(at)) => Verdict::Later(at, "the provider could not take it yet".to_owned()),
        Err(error) => Verdict::Retry(error.to_string()),
    }
}

/// Asks. Returns when to try again, where the provider could not take it.
async fn ask(ctx: &Ctx, Payload { org, submission: id }: Payload) -> store::Result<Option<Timestamp>> {
    let Some(Taken { channel, carrier, single, since }) = take(ctx, org, id).await? else { return Ok(None) };
    let to = single.to.clone();
    let (why, again, ended) = match carrier.hand_over(ctx, single).await {
        Handed::Taken(_) => return Ok(None),
        Handed::Later(why) => (why, true, false),
        Handed::Ended(why) => (why, false, true),
        Handed::Refused(why) | Handed::Unknown(why) => (why, false, false),
    };
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    scope.note_submission_problem(id, &why, again).await?;
    if ended {
        fallback::ended_at(ctx, &mut scope, channel, &to, &why, now).await?;
    }
    tx.commit().await?;
    tracing::info!(org.id = %org, submission.id = %id, %channel, again, "a confirmation was not handed over");
    Ok(again.then(|| now + pause(since, now)))
}

/// What is to be sent, and by whom.
struct Taken {
    channel: Channel,
    carrier: Carrier,
    single: Single,
    /// When the form was sent.
    since: Timestamp,
}

/// Takes on what is to be sent. From here on it counts as handed over. `None`: nobody is to be asked, or it is not known
/// whether they were.
async fn take(ctx: &Ctx, org: OrgId, id: SubmissionId) -> store::Result<Option<Taken>> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let Some(submission) = scope.submission(id).await? else { return Ok(None) };
    let Some(channel) = submission.double_opt_in.asks_on() else { return Ok(None) };
    let Some(to) = address(&submission, channel).map(str::to_owned) else { return Ok(None) };
    let Some(version) = scope.form_version(submission.version_id).await? else { return Ok(None) };
    let works = scope.org().await?.is_some_and(|org| org.may_work());
    if !works || is_unwanted(ctx, &mut scope, &submission, channel, &to).await? {
        return Ok(None);
    }
    if submission.asked_at.is_some() {
        let why = "the server was interrupted while it was handed over";
        scope.note_submission_problem(id, why, false).await?;
        tx.commit().await?;
        return Ok(None);
    }
    if !scope.ask_submission(id, now).await? {
        return Ok(None);
    }
    let base = ctx.settings.public_url.as_str().trim_end_matches('/');
    let link = format!("{base}/c/{}", ctx.links.write(org, Door::Confirm(id)));
    let (subject, text) = words::request(submission.locale, channel, &version.wording.0.business, &link);
    let carrier = Carrier::of(ctx, &mut tx, org, channel).await?;
    tx.commit().await?;
    Ok(Some(Taken { channel, carrier, single: Single { to, subject, text }, since: submission.created_at }))
}

/// Whether the person wants nothing more on the channel, under the address or as whoever they are known to be.
async fn is_unwanted(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    submission: &Submission,
    channel: Channel,
    address: &str,
) -> store::Result<bool> {
    if rights::suppresses(ctx, scope, channel, address).await? {
        return Ok(true);
    }
    let address = address.trim().to_lowercase();
    let phone = submission.phone.as_deref().and_then(Phone::from_wire);
    let by_phone = scope.contacts_by_phone(&Vec::from_iter(phone)).await?;
    let reached = scope.contact_reached_at(channel, &address).await?;
    let by_email = match channel {
        Channel::Email => scope.contacts_of_email(&address).await?,
        Channel::Sms | Channel::Whatsapp => Vec::new(),
    };
    let settings = scope.org().await?.map(|org| OrgSettings::read(&org.settings)).unwrap_or_default();
    for contact in by_phone.into_iter().map(|(_, contact)| contact.id).chain(reached).chain(by_email) {
        if scope.consent_on(channel, contact, settings.inbound_lifts_opt_out).await?.stopped.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whoever has just sent a form waits for it; later there is less hurry.
fn pause(since: Timestamp, now: Timestamp) -> std::time::Duration {
    match now.since(since) {
        age if age < span::minutes(10) => span::minutes(1),
        age if age < span::hours(3) => span::minutes(10),
        _ => span::hours(1),
    }
}
