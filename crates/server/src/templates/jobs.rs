//! Work on templates as jobs: submitting a draft, and letters about what happened.

use jobs::{Backoff, Queue, Verdict, handler};
use rules::id::{OrgId, PersonId, TemplateDraftId, TemplateEventId};
use rules::locale::Locale;
use rules::role::{OrgStatus, Right};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::queue::{Job, NewJob, Unique};
use store::templates::TemplateEvent;
use store::{Cursor, OrgScope};

use super::{submit, words};
use crate::ctx::Ctx;
use crate::http::Sentence;
use crate::mail::{Letter, NotSent};

/// The queue of this room.
const QUEUE: &str = "templates";
/// Members who are written to, of whatever organisation: more nobody reads.
const READERS: usize = 50;

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
enum Task {
    /// Hand a draft to Meta.
    Submit { org: OrgId, draft: TemplateDraftId },
    /// Find out who is to be told of something.
    Tell { org: OrgId, event: TemplateEventId },
    /// Tell one person.
    Write { org: OrgId, event: TemplateEventId, person: PersonId },
}

/// This room's queues. A draft is never given up for failing often: its page says that it is still under way.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let ctx = ctx.clone();
    let run = handler(move |job| {
        let ctx = ctx.clone();
        async move { run(&ctx, &job).await }
    });
    vec![Queue { backoff: Backoff { attempts: i64::MAX, ..Backoff::default() }, ..Queue::new(QUEUE, run) }]
}

async fn run(ctx: &Ctx, job: &Job) -> Verdict {
    let done = match serde_json::from_str(&job.payload) {
        Ok(Task::Submit { org, draft }) => submit::submit(ctx, org, draft).await,
        Ok(Task::Tell { org, event }) => tell(ctx, job, org, event).await,
        Ok(Task::Write { org, event, person }) => write(ctx, org, event, person).await,
        Err(_) => return Verdict::Dead("the payload does not read".to_owned()),
    };
    done.unwrap_or_else(|error| Verdict::Retry(error.to_string()))
}

/// Has a draft handed to Meta once the transaction commits.
pub async fn submit_later(
    scope: &mut OrgScope<'_>,
    draft: TemplateDraftId,
    now: Timestamp,
) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        org: Some(org),
        serial_key: Some(draft.to_string()),
        unique: Some(Unique::KeepFirst(draft.to_string())),
        ..NewJob::new(QUEUE, org, &Task::Submit { org, draft }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Has those who may change templates told of something once the transaction commits.
pub async fn write_letters(
    scope: &mut OrgScope<'_>,
    event: TemplateEventId,
    now: Timestamp,
) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob { org: Some(org), ..NewJob::new(QUEUE, org, &Task::Tell { org, event }, now)? };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Enqueues a letter to each, and ends this job in the same transaction, so that nobody is told twice.
async fn tell(ctx: &Ctx, job: &Job, org: OrgId, event: TemplateEventId) -> store::Result<Verdict> {
    if !ctx.mailer.is_configured() {
        return Ok(Verdict::Done);
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let members = scope.members(Cursor::NEWEST, READERS).await?.items;
    for member in members.into_iter().filter(|member| member.role.may(Right::WriteTemplates)) {
        let task = Task::Write { org, event, person: member.person_id };
        let letter = NewJob { org: Some(org), ..NewJob::new(QUEUE, org, &task, now)? };
        scope.tx().enqueue(&letter, now);
    }
    if tx.finish(job, now).await? {
        tx.commit().await?;
    }
    Ok(Verdict::Settled)
}

async fn write(ctx: &Ctx, org: OrgId, event: TemplateEventId, person: PersonId) -> store::Result<Verdict> {
    let mut tx = ctx.store.read().await?;
    let Some(person) = tx.person(person).await?.filter(|person| person.disabled_at.is_none()) else {
        return Ok(Verdict::Done);
    };
    let mut scope = tx.org(org).await?;
    let organisation = scope.org().await?.filter(|org| org.status == OrgStatus::Active);
    let still =
        scope.member_of(person.id).await?.is_some_and(|member| member.role.may(Right::WriteTemplates));
    let (Some(organisation), Some(event), true) = (organisation, scope.template_event(event).await?, still)
    else {
        return Ok(Verdict::Done);
    };
    drop(tx);
    let locale = Locale::read(&person.locale);
    let base = ctx.settings.public_url.as_str().trim_end_matches('/');
    let letter = Letter::TemplateNews {
        org: organisation.name,
        template: words::with_language(&event.name, &event.language, locale),
        kind: event.kind.to_string(),
        after: event.after.clone().unwrap_or_default(),
        said: said(&event, locale),
        link: format!("{base}/o/{}/templates", organisation.slug),
    };
    let mail = match letter.write(&person.email, locale) {
        Ok(mail) => mail,
        Err(error) => return Ok(Verdict::Dead(error.to_string())),
    };
    Ok(match ctx.mailer.send(mail).await {
        Ok(()) => Verdict::Done,
        Err(NotSent::Later(why)) => Verdict::Retry(why),
        // Nobody need see to a letter about what stands on the page anyway, nor get it twice.
        Err(NotSent::NotConfigured | NotSent::Refused(_) | NotSent::Unknown(_)) => Verdict::Done,
    })
}

/// What it means, in the reader's language.
fn said(event: &TemplateEvent, locale: Locale) -> String {
    let in_words = |sentence: Sentence| match locale {
        Locale::En => sentence.en,
        Locale::Id => sentence.id,
    };
    let detail = |key: &str| event.details.0[key].as_str().map(str::to_owned);
    let state = event.after.as_deref().and_then(words::state).map(in_words);
    let reason = detail("reason").map(|reason| in_words(words::rejection(&reason)));
    let metas = detail("recommendation").or_else(|| detail("description"));
    [reason.or(state), metas].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}
