//! Sources as use cases: add, replace, rename, read again, remove, correct.

use bytes::Bytes;
use documents::Kind;
use futures::StreamExt as _;
use rules::id::{AnswerId, SourceId};
use rules::knowledge::{SourceKind, SourceState};
use rules::role::Right;
use serde_json::json;
use store::OrgScope;
use store::knowledge::{Source, SourceContent};

use super::content::{self, MOST_BYTES, MOST_PAIRS, PAIRS, Pair, TEXT};
use super::import::{announce, read_later};
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};
use crate::media::{BlobError, Stored, blob::ByteStream, blob::peek, file_name, kind};

/// The most sources of an organisation.
const MOST_SOURCES: i64 = 1_000;
/// How often a correction is tried when others correct at the same time.
const TRIES: usize = 5;

/// Bytes that are stored and belong to no source yet.
pub(super) struct Material {
    pub kind: SourceKind,
    mime: String,
    file_name: Option<String>,
    stored: Stored,
}

impl Material {
    fn content(&self) -> SourceContent<'_> {
        SourceContent {
            sha256: self.stored.hash.as_bytes(),
            size: i64::try_from(self.stored.size).unwrap_or(i64::MAX),
            mime: &self.mime,
            file_name: self.file_name.as_deref(),
        }
    }
}

/// Stores text typed in.
pub(super) async fn text(ctx: &Ctx, text: String) -> Result<Material, Problem> {
    material(ctx, SourceKind::Text, TEXT, text.into()).await
}

/// Stores pairs typed in.
pub(super) async fn pairs(ctx: &Ctx, pairs: &[Pair]) -> Result<Material, Problem> {
    material(ctx, SourceKind::Pairs, PAIRS, json_of(pairs)?).await
}

fn json_of(pairs: &[Pair]) -> Result<Bytes, Problem> {
    serde_json::to_vec(pairs).map(Bytes::from).map_err(|error| Problem::internal(&error))
}

async fn material(ctx: &Ctx, kind: SourceKind, mime: &str, bytes: Bytes) -> Result<Material, Problem> {
    let stored = content::put(ctx, bytes).await.map_err(of_blob)?;
    Ok(Material { kind, mime: mime.to_owned(), file_name: None, stored })
}

/// Stores a file as it arrives. What it is is found out when it is read.
pub(super) async fn file(
    ctx: &Ctx,
    bytes: ByteStream<'_>,
    declared: Option<&str>,
    name: Option<&str>,
) -> Result<Material, Problem> {
    let (head, bytes) = peek(bytes, kind::HEAD_BYTES).await.map_err(of_blob)?;
    let mime = kind::arrived(declared, &head);
    let stored = ctx.blobs.put(bytes.boxed(), MOST_BYTES).await.map_err(of_blob)?;
    let file_name = name.map(|name| file_name::sanitise(name, &mime));
    Ok(Material { kind: SourceKind::File, mime, file_name, stored })
}

/// Adds a source, in the caller's transaction.
pub(super) async fn add(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    title: &str,
    material: &Material,
) -> Result<Source, Problem> {
    let now = ctx.now();
    if scope.count_sources().await? >= MOST_SOURCES {
        return Err(Problem::conflict(
            "too_many_sources",
            format!(
                "An organisation has at most {MOST_SOURCES} sources. Remove some, or put several into one."
            ),
        ));
    }
    let content = material.content();
    refuse_double(scope, material.kind, &content, None).await?;
    let source = Source {
        id: SourceId::fresh(now, ctx.chance()),
        kind: material.kind,
        title: title.trim().to_owned(),
        file_name: material.file_name.clone(),
        mime: material.mime.clone(),
        sha256: content.sha256.to_vec(),
        size: content.size,
        language: None,
        state: SourceState::Pending,
        problem: None,
        warnings: "[]".to_owned(),
        passages: 0,
        words: 0,
        created_by: actor.name(),
        created_at: now,
        updated_at: now,
    };
    scope.insert_source(&source).await?;
    settle(ctx, actor, scope, "source.added", source.id).await?;
    Ok(source)
}

/// What follows every change that has to be read: the job, the news, the audit log.
async fn settle(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    action: &str,
    source: SourceId,
) -> Result<(), Problem> {
    read_later(scope, source, ctx.now()).await?;
    announce(scope, source, ctx.now()).await?;
    let title = get(scope, source).await?.title;
    actor.audit(ctx, scope, action, source, json!({ "title": title })).await?;
    Ok(())
}

/// The same file twice would only answer everything twice.
async fn refuse_double(
    scope: &mut OrgScope<'_>,
    kind: SourceKind,
    content: &SourceContent<'_>,
    except: Option<SourceId>,
) -> Result<(), Problem> {
    if kind != SourceKind::File {
        return Ok(());
    }
    match scope.source_of_content(kind, content.sha256, except).await? {
        None => Ok(()),
        Some(id) => Err(Problem::conflict(
            "source_exists",
            "This very file is a source already; `source_id` names it. Replace its content, or remove it first.",
        )
        .with("source_id", id.to_string())),
    }
}

/// A source that may be read.
pub(super) async fn get(scope: &mut OrgScope<'_>, id: SourceId) -> Result<Source, Problem> {
    scope.source(id).await?.ok_or_else(Problem::not_found)
}

/// Gives a source new content of its own kind. Content that is the same changes nothing.
pub(super) async fn replace(
    ctx: &Ctx,
    actor: &OrgActor,
    id: SourceId,
    material: &Material,
) -> Result<Source, Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let source = get(&mut scope, id).await?;
    let editable = source.kind == material.kind
        || (source.kind == SourceKind::Corrections && material.kind == SourceKind::Pairs);
    if !editable {
        return Err(Problem::conflict(
            "other_kind",
            format!(
                "This source is of the kind `{}` and keeps it. Replace its content with the same kind, or add a source.",
                source.kind
            ),
        ));
    }
    let content = material.content();
    refuse_double(&mut scope, material.kind, &content, Some(id)).await?;
    if content.sha256 == source.sha256 && source.state != SourceState::Failed {
        return Ok(source);
    }
    if !scope.replace_source(id, &source.sha256, &content, ctx.now()).await? {
        return Err(changed_meanwhile());
    }
    settle(ctx, actor, &mut scope, "source.replaced", id).await?;
    let renewed = get(&mut scope, id).await?;
    tx.commit().await?;
    content::let_go(ctx, &source).await?;
    Ok(renewed)
}

fn changed_meanwhile() -> Problem {
    Problem::conflict(
        "changed_meanwhile",
        "Somebody else changed this source at the same moment. Look at it and try again.",
    )
}

/// Renames a source. Its passages carry the title, so it is read again.
pub(super) async fn rename(
    ctx: &Ctx,
    actor: &OrgActor,
    id: SourceId,
    title: &str,
) -> Result<Source, Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    if !scope.rename_source(id, title.trim(), ctx.now()).await? {
        return Err(Problem::not_found());
    }
    settle(ctx, actor, &mut scope, "source.renamed", id).await?;
    let source = get(&mut scope, id).await?;
    tx.commit().await?;
    Ok(source)
}

/// Has a source read again.
pub(super) async fn read_again(ctx: &Ctx, actor: &OrgActor, id: SourceId) -> Result<Source, Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let source = get(&mut scope, id).await?;
    let language = source.language.as_deref();
    scope.settle_source(id, SourceState::Pending, None, "[]", language, ctx.now()).await?;
    settle(ctx, actor, &mut scope, "source.read_again", id).await?;
    let source = get(&mut scope, id).await?;
    tx.commit().await?;
    Ok(source)
}

/// Removes a source; from this moment nothing is answered from it.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, id: SourceId) -> Result<(), Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let source = get(&mut scope, id).await?;
    if !scope.delete_source(id, ctx.now(), ctx.chance()).await? {
        return Err(Problem::not_found());
    }
    scope.publish("source.removed", &json!({ "source_id": id }), ctx.now())?;
    actor.audit(ctx, &mut scope, "source.removed", id, json!({ "title": source.title })).await?;
    tx.commit().await?;
    content::let_go(ctx, &source).await?;
    Ok(())
}

/// The bytes of a source, whole.
pub(super) async fn bytes(ctx: &Ctx, source: &Source) -> Result<Bytes, Problem> {
    content::load(ctx, source).await.map_err(of_blob)?.ok_or_else(|| {
        Problem::conflict("file_gone", "The stored file is gone from this server. Upload it again.")
    })
}

/// Makes a question–answer pair of an answer that somebody corrected: asked the same, the AI answers this.
pub(super) async fn correct(
    ctx: &Ctx,
    actor: &OrgActor,
    answer: AnswerId,
    question: Option<String>,
    correction: String,
) -> Result<Source, Problem> {
    actor.require(Right::WriteInbox)?;
    let mut tx = ctx.store.read().await?;
    let given = tx.org(actor.org).await?.answer(answer).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    teach(ctx, actor, &question.unwrap_or(given.question), &correction).await
}

/// Adds a question–answer pair to the organisation's corrections: asked the same, the AI answers this.
pub(super) async fn teach(
    ctx: &Ctx,
    actor: &OrgActor,
    question: &str,
    correction: &str,
) -> Result<Source, Problem> {
    actor.require(Right::WriteInbox)?;
    for _ in 0..TRIES {
        if let Some(source) = try_teach(ctx, actor, question, correction).await? {
            return Ok(source);
        }
    }
    Err(changed_meanwhile())
}

/// `None`: somebody else corrected at the same moment.
async fn try_teach(
    ctx: &Ctx,
    actor: &OrgActor,
    question: &str,
    correction: &str,
) -> Result<Option<Source>, Problem> {
    let mut tx = ctx.store.read().await?;
    let before = tx.org(actor.org).await?.source_of_kind(SourceKind::Corrections).await?;
    drop(tx);
    let question = question.split_whitespace().collect::<Vec<_>>().join(" ");
    let question: String = question.chars().take(500).collect();
    if question.is_empty() {
        return Err(Problem::invalid_field(
            "question",
            "the customer wrote no words; say which question this answers",
        ));
    }
    let mut pairs: Vec<Pair> = match &before {
        Some(source) => {
            serde_json::from_slice(&bytes(ctx, source).await?).map_err(|error| Problem::internal(&error))?
        }
        None => Vec::new(),
    };
    let same = |pair: &Pair| pair.question.to_lowercase() == question.to_lowercase();
    pairs.retain(|pair| !same(pair));
    if pairs.len() >= MOST_PAIRS {
        return Err(Problem::conflict(
            "too_many_pairs",
            format!("There are {MOST_PAIRS} corrections already. Remove some that are no longer needed."),
        ));
    }
    pairs.push(Pair { question, answer: correction.trim().to_owned() });
    let material = material(ctx, SourceKind::Corrections, PAIRS, json_of(&pairs)?).await?;

    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    // Two first corrections take turns here, so that there is one source of them.
    let org = scope.org_for_change().await?.ok_or_else(Problem::not_found)?;
    let now_there = scope.source_of_kind(SourceKind::Corrections).await?.map(|source| source.id);
    if now_there != before.as_ref().map(|source| source.id) {
        return Ok(None);
    }
    let id = match &before {
        Some(source) => {
            if !scope.replace_source(source.id, &source.sha256, &material.content(), ctx.now()).await? {
                return Ok(None);
            }
            settle(ctx, actor, &mut scope, "answer.corrected", source.id).await?;
            source.id
        }
        None => {
            let title = if org.locale.starts_with("id") { "Koreksi" } else { "Corrections" };
            add(ctx, actor, &mut scope, title, &material).await?.id
        }
    };
    let source = get(&mut scope, id).await?;
    tx.commit().await?;
    if let Some(before) = &before {
        content::let_go(ctx, before).await?;
    }
    Ok(Some(source))
}

/// Whether a source is a file, and of which name and type it leaves.
pub(super) fn leaves_as(source: &Source) -> (String, &str) {
    let name = source.file_name.clone().unwrap_or_else(|| {
        let extension = match source.kind {
            SourceKind::Text => "md",
            _ => "json",
        };
        format!("{}.{extension}", source.title)
    });
    (name, &source.mime)
}

fn of_blob(error: BlobError) -> Problem {
    let formats = [Kind::Pdf, Kind::Docx, Kind::Html, Kind::Csv, Kind::Markdown, Kind::Text].map(Kind::name);
    match error {
        BlobError::TooLarge { most } => Problem::unprocessable(
            "file_too_large",
            format!("A source is at most {} MB. Split it into several files.", most >> 20),
        )
        .with("most_bytes", most),
        BlobError::Empty => Problem::unprocessable(
            "empty_file",
            format!("The file is empty. Send one with text: {}.", formats.join(", ")),
        ),
        BlobError::Source(_) => {
            Problem::bad_request("broken_upload", "The file did not arrive whole. Send it again.")
        }
        BlobError::Store(_) | BlobError::Bucket { .. } => Problem::internal(&error),
    }
}
