//! Embedding passages: batch by batch, so that whatever interrupts it costs one batch.

use std::time::Duration;

use jobs::Verdict;
use rules::id::OrgId;
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use store::knowledge::Passage;
use store::queue::{Job, NewJob, Unique};
use store::{Cursor, OrgScope};

use super::EMBED;
use crate::bot::{Model, model_of};
use crate::ctx::Ctx;

/// How many passages one request embeds.
const BATCH: usize = 64;
/// How long to wait when the endpoint fails in passing, and when it refuses.
const SOON: Duration = span::minutes(1);
const LATER: Duration = span::hours(1);

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
}

/// Has an organisation's passages embedded as soon as this transaction is committed, as far as they are not and there
/// is a model for it.
pub(crate) async fn embed_later(scope: &mut OrgScope<'_>, now: Timestamp) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        serial_key: Some(org.to_string()),
        org: Some(org),
        unique: Some(Unique::KeepFirst(org.to_string())),
        priority: 200,
        ..NewJob::new(EMBED, org, &Payload { org }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Has everything embedded that is not: at start, because the operator's model may be another than before.
pub async fn embed_everything(ctx: &Ctx) -> store::Result<()> {
    if ctx.model.as_ref().and_then(Model::embedding_model).is_none() {
        return Ok(());
    }
    let mut after = Cursor::NEWEST;
    loop {
        let mut tx = ctx.store.begin().await?;
        let page = tx.orgs(after, 100).await?;
        for org in &page.items {
            embed_later(&mut tx.org(org.id).await?, ctx.now()).await?;
        }
        tx.commit().await?;
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    Ok(())
}

/// Runs a job of the embedding queue.
pub(super) async fn embed(ctx: Ctx, job: Job) -> Verdict {
    match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => run(&ctx, payload.org).await.unwrap_or_else(|error| Verdict::Retry(error.to_string())),
        Err(error) => Verdict::Dead(format!("the job does not read: {error}")),
    }
}

async fn run(ctx: &Ctx, org: OrgId) -> store::Result<Verdict> {
    let Some(model) = model_of(ctx, org).await? else { return Ok(Verdict::Done) };
    let Some(name) = model.embedding_model() else { return Ok(Verdict::Done) };
    loop {
        let mut tx = ctx.store.read().await?;
        let passages = tx.org(org).await?.passages_to_embed(name, BATCH as i64).await?;
        drop(tx);
        if passages.is_empty() {
            return Ok(Verdict::Done);
        }
        let texts = passages.iter().map(text_of).collect::<Vec<_>>();
        let vectors = match model.embed(&texts).await {
            Ok(vectors) => vectors,
            Err(error) => {
                let wait = if error.is_passing() { SOON } else { LATER };
                return Ok(Verdict::Later(ctx.now() + wait, error.to_string()));
            }
        };
        let mut tx = ctx.store.begin().await?;
        let mut scope = tx.org(org).await?;
        for (passage, vector) in passages.iter().zip(&vectors) {
            scope.set_embedding(passage.id, name, vector).await?;
        }
        tx.commit().await?;
    }
}

/// What of a passage is embedded: its titles and its text.
fn text_of(passage: &Passage) -> String {
    let titles: Vec<String> = serde_json::from_str(&passage.titles).unwrap_or_default();
    let titles = titles.join(answers::passages::TITLE_SEPARATOR);
    if titles.is_empty() { passage.body.clone() } else { format!("{titles}\n{}", passage.body) }
}
