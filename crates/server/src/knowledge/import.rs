//! Reading a source: its bytes into passages.

use answers::passages::{self, Kind, Passage, Section};
use answers::{Language, passages::Section as Part};
use bytes::Bytes;
use documents::{Limits, ParseError, Upload, Warning, parse_in_child};
use jobs::Verdict;
use rules::id::{OrgId, SourceId};
use rules::knowledge::{PassageKind, SourceKind, SourceState};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::OrgScope;
use store::knowledge::{NewPassage, Source};
use store::queue::{Job, NewJob, Unique};

use super::content::{self, Pair};
use super::trouble::{Ours, Trouble};
use super::{QUEUE, embed};
use crate::ctx::Ctx;

/// After so many failures that are not the document's a source counts as failed; a person may have it read again.
const ATTEMPTS: i64 = 5;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    source: SourceId,
}

/// Has a source read as soon as this transaction is committed.
pub(super) async fn read_later(
    scope: &mut OrgScope<'_>,
    source: SourceId,
    now: Timestamp,
) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        serial_key: Some(source.to_string()),
        org: Some(org),
        unique: Some(Unique::KeepFirst(source.to_string())),
        ..NewJob::new(QUEUE, org, &Payload { org, source }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Tells whoever watches that a source has changed.
pub(super) async fn announce(
    scope: &mut OrgScope<'_>,
    source: SourceId,
    now: Timestamp,
) -> store::Result<()> {
    scope.publish("source.updated", &json!({ "source_id": source }), now)
}

/// Runs a job of the source queue.
pub(super) async fn read(ctx: Ctx, job: Job) -> Verdict {
    match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => {
            run(&ctx, &job, &payload).await.unwrap_or_else(|error| Verdict::Retry(error.to_string()))
        }
        Err(error) => Verdict::Dead(format!("the job does not read: {error}")),
    }
}

async fn run(ctx: &Ctx, job: &Job, payload: &Payload) -> store::Result<Verdict> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(payload.org).await?;
    let (Some(org), Some(source)) = (scope.org().await?, scope.source(payload.source).await?) else {
        return Ok(Verdict::Done);
    };
    drop(tx);
    let prior = Language::from_code(&org.locale);
    let outcome = match content::load(ctx, &source).await {
        Ok(Some(bytes)) => extract(ctx, &source, &bytes, prior).await,
        Ok(None) => Err(Failure::Final(Ours::FileGone.into())),
        Err(error) => Err(Failure::Passing(Ours::StoreUnavailable, error.to_string())),
    };
    match outcome {
        Ok(extracted) => store_passages(ctx, job, payload.org, &source, extracted).await,
        Err(Failure::Final(trouble)) => fail(ctx, job, payload.org, &source, &trouble).await,
        Err(Failure::Passing(ours, _)) if job.attempts >= ATTEMPTS => {
            fail(ctx, job, payload.org, &source, &ours.into()).await
        }
        Err(Failure::Passing(_, why)) => Ok(Verdict::Retry(why)),
    }
}

/// What a source holds.
struct Extracted {
    title: String,
    passages: Vec<NewPassage>,
    warnings: Vec<Warning>,
    language: Option<Language>,
}

/// Why there are no passages.
enum Failure {
    Final(Trouble),
    /// The machine's fault; it may work later.
    Passing(Ours, String),
}

async fn extract(
    ctx: &Ctx,
    source: &Source,
    bytes: &Bytes,
    prior: Option<Language>,
) -> Result<Extracted, Failure> {
    let mut raw = match source.kind {
        SourceKind::Text => Raw {
            sections: passages::sections(&source.title, &String::from_utf8_lossy(bytes)),
            ..Raw::default()
        },
        SourceKind::Pairs | SourceKind::Corrections => Raw {
            // Written by us; what does not read is not there any more.
            pairs: serde_json::from_slice(bytes).map_err(|_| Failure::Final(Ours::FileGone.into()))?,
            ..Raw::default()
        },
        SourceKind::File => read_file(ctx, source, bytes).await?,
    };
    if !source.title.is_empty() {
        raw.title.clone_from(&source.title);
    }
    // Stemming a long document takes a while, and other requests wait for this thread.
    let cut = tokio::task::spawn_blocking(move || raw.cut(prior)).await;
    cut.map_err(|error| Failure::Passing(Ours::ReaderUnavailable, error.to_string()))
}

async fn read_file(ctx: &Ctx, source: &Source, bytes: &Bytes) -> Result<Raw, Failure> {
    let upload = Upload {
        filename: source.file_name.as_deref().unwrap_or_default(),
        declared: Some(&source.mime),
        bytes,
    };
    let read =
        parse_in_child(&ctx.parse_document, upload, &Limits::default()).await.map_err(
            |error| match error {
                ParseError::Refused(refused) => Failure::Final(refused.into()),
                ParseError::Child(error) => Failure::Passing(Ours::ReaderUnavailable, error.to_string()),
            },
        )?;
    let title = if source.title.is_empty() { read.title } else { source.title.clone() };
    let sections = read.sections.into_iter().map(|section| {
        let own = section.path.first().is_some_and(|first| *first == title);
        let above = if own { None } else { Some(title.clone()) };
        Part { titles: above.into_iter().chain(section.path).collect(), text: section.text }
    });
    let pairs = read.pairs.into_iter().map(|pair| Pair { question: pair.question, answer: pair.answer });
    Ok(Raw { sections: sections.collect(), pairs: pairs.collect(), warnings: read.warnings, title })
}

/// What a source holds, before it is cut.
#[derive(Default)]
struct Raw {
    title: String,
    sections: Vec<Section>,
    pairs: Vec<Pair>,
    warnings: Vec<Warning>,
}

impl Raw {
    fn cut(self, prior: Option<Language>) -> Extracted {
        let mut cut = passages::cut(&self.sections, prior);
        for pair in &self.pairs {
            let place = u32::try_from(cut.len()).unwrap_or(u32::MAX);
            cut.push(Passage::pair(&pair.question, &pair.answer, place, prior));
        }
        let count = |language| cut.iter().filter(|passage| passage.language == language).count();
        let language = Language::ALL.into_iter().max_by_key(|language| count(*language));
        Extracted {
            title: self.title,
            language: language.filter(|_| !cut.is_empty()),
            passages: cut.into_iter().map(new_passage).collect(),
            warnings: self.warnings,
        }
    }
}

/// A passage as it is stored and indexed.
pub(super) fn new_passage(passage: Passage) -> NewPassage {
    NewPassage {
        ordinal: passage.ordinal.into(),
        kind: match passage.kind {
            Kind::Text => PassageKind::Text,
            Kind::Pair => PassageKind::Pair,
        },
        title_stems: passage.title_stems(),
        text_stems: passage.text_stems(),
        language: passage.language.code().to_owned(),
        titles: passage.titles,
        body: passage.text,
        hash: passage.hash,
    }
}

async fn store_passages(
    ctx: &Ctx,
    job: &Job,
    org: OrgId,
    source: &Source,
    extracted: Extracted,
) -> store::Result<Verdict> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    // New content or a new title meanwhile has a job of its own.
    let current = scope.source(source.id).await?;
    if current.is_none_or(|current| current.sha256 != source.sha256 || current.title != source.title) {
        return Ok(Verdict::Done);
    }
    if source.title.is_empty() {
        scope.rename_source(source.id, &extracted.title, now).await?;
    }
    scope.replace_passages(source.id, &extracted.passages, now, ctx.chance()).await?;
    let warnings = serde_json::to_string(&extracted.warnings)?;
    let language = extracted.language.map(Language::code);
    scope.settle_source(source.id, SourceState::Ready, None, &warnings, language, now).await?;
    announce(&mut scope, source.id, now).await?;
    embed::embed_later(&mut scope, now).await?;
    if tx.finish(job, now).await? {
        tx.commit().await?;
    }
    Ok(Verdict::Settled)
}

async fn fail(
    ctx: &Ctx,
    job: &Job,
    org: OrgId,
    source: &Source,
    trouble: &Trouble,
) -> store::Result<Verdict> {
    let now = ctx.now();
    let problem = serde_json::to_string(trouble)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let current = scope.source(source.id).await?;
    if current.is_some_and(|current| current.sha256 == source.sha256) {
        let language = source.language.as_deref();
        scope.settle_source(source.id, SourceState::Failed, Some(&problem), "[]", language, now).await?;
        announce(&mut scope, source.id, now).await?;
    }
    if tx.finish(job, now).await? {
        tx.commit().await?;
    }
    Ok(Verdict::Settled)
}
