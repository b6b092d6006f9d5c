//! All that is held about a person, in a file: as data for programs and as a page to read.

use std::io::{self, BufWriter, Seek as _, SeekFrom, Write};
use std::time::Duration;

use futures::StreamExt as _;
use jiff::tz::TimeZone;
use jobs::Verdict;
use rules::erasure::ContactExportState;
use rules::id::{ContactExportId, ContactId, OrgId};
use rules::locale::Locale;
use rules::message::Direction;
use rules::role::Right;
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::contact_exports::ContactExport;
use store::media::Media;
use store::messages::{Attempt, Message, Towards};
use store::queue::{Job, NewJob};
use store::{Cursor, OrgScope};
use tokio_util::io::ReaderStream;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::held::List;
use super::page::Reader;
use super::{EXPORT, page};
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};
use crate::media::BlobHash;

/// A file goes away after so long.
const KEPT: Duration = span::days(7);
/// So many messages are read at once.
const TOGETHER: usize = 200;
/// The largest file. What does not fit is told by its name.
const MOST_BYTES: u64 = 2 << 30;

/// Before the first message.
const OLDEST: Cursor = Cursor { at: Timestamp(i64::MIN), id: uuid::Uuid::nil() };

/// Whatever keeps a file from being made; it is tried again.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    export: ContactExportId,
}

/// Has all that is held about a contact put together.
pub(super) async fn ask(
    ctx: &Ctx,
    actor: &OrgActor,
    contact: ContactId,
    language: Option<Locale>,
) -> Result<ContactExport, Problem> {
    actor.require(Right::ReadAudit)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let contact = scope.contact(contact).await?.ok_or_else(Problem::not_found)?;
    let own =
        contact.language.as_deref().map(|language| language.split(['-', '_']).next().unwrap_or_default());
    let of_org = scope.org().await?.map(|org| org.locale).unwrap_or_default();
    let language = language.unwrap_or_else(|| Locale::read(own.unwrap_or(&of_org)));
    let export = ContactExport {
        id: ContactExportId::fresh(now, ctx.chance()),
        contact_id: contact.id,
        state: ContactExportState::Waiting,
        language: language.as_str().to_owned(),
        sha256: None,
        size: None,
        created_by: actor.name(),
        created_at: now,
        expires_at: now + KEPT,
    };
    scope.insert_contact_export(&export).await?;
    let org = actor.org;
    let job = NewJob {
        serial_key: Some(export.id.to_string()),
        org: Some(org),
        ..NewJob::new(EXPORT, org, &Payload { org, export: export.id }, now)?
    };
    scope.tx().enqueue(&job, now);
    actor.audit(ctx, &mut scope, "contact.export", contact.id, json!({ "export": export.id })).await?;
    announce(&mut scope, &export, now)?;
    tx.commit().await?;
    Ok(export)
}

/// The files about a contact, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    contact: ContactId,
) -> Result<Vec<ContactExport>, Problem> {
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let contact = scope.contact(contact).await?.ok_or_else(Problem::not_found)?;
    let now = ctx.now();
    let exports = scope.contact_exports(contact.id).await?;
    Ok(exports.into_iter().filter(|export| export.expires_at > now).collect())
}

/// The file itself, once it is there and until it goes away. That it was taken is audited.
pub(super) async fn open(
    ctx: &Ctx,
    actor: &OrgActor,
    id: ContactExportId,
) -> Result<(ContactExport, crate::media::blob::ByteStream<'static>), Problem> {
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let export = scope.contact_export(id).await?.filter(|export| export.expires_at > ctx.now());
    let export = export.ok_or_else(Problem::not_found)?;
    let hash = export.sha256.as_deref().and_then(|hash| hash.try_into().ok()).map(BlobHash::from_bytes);
    let Some(hash) = hash else {
        return Err(Problem::conflict(
            "export_not_ready",
            "This file is still being put together. Ask again in a moment.",
        ));
    };
    let details = json!({ "export": export.id });
    actor.audit(ctx, &mut scope, "contact.export_taken", export.contact_id, details).await?;
    tx.commit().await?;
    let bytes = ctx.blobs.open(hash, None).await.map_err(|error| Problem::internal(&error))?;
    Ok((export, bytes.ok_or_else(Problem::not_found)?))
}

fn announce(scope: &mut OrgScope<'_>, export: &ContactExport, now: Timestamp) -> store::Result<()> {
    let payload = json!({ "export_id": export.id, "contact_id": export.contact_id });
    scope.publish("contact_export.updated", &payload, now)
}

/// Runs a job of the queue of exports.
pub(super) async fn put_together(ctx: Ctx, job: Job) -> Verdict {
    let payload = match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => payload,
        Err(error) => return Verdict::Dead(format!("the job does not read: {error}")),
    };
    match make(&ctx, &payload).await {
        Ok(()) => Verdict::Done,
        Err(error) => Verdict::Retry(error.to_string()),
    }
}

async fn make(ctx: &Ctx, payload: &Payload) -> Result<(), Trouble> {
    let mut tx = ctx.store.read().await?;
    let export = tx.org(payload.org).await?.contact_export(payload.export).await?;
    drop(tx);
    let Some(export) = export.filter(|export| export.state == ContactExportState::Waiting) else {
        return Ok(());
    };
    let mut file = gather(ctx, payload.org, &export).await?;
    file.seek(SeekFrom::Start(0))?;
    let bytes = ReaderStream::new(tokio::fs::File::from_std(file)).boxed();
    let stored = ctx.blobs.put(bytes, MOST_BYTES + (1 << 30)).await?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    let size = i64::try_from(stored.size).unwrap_or(i64::MAX);
    if scope.contact_export_ready(export.id, stored.hash.as_bytes(), size).await? {
        announce(&mut scope, &export, ctx.now())?;
    }
    Ok(tx.commit().await?)
}

/// Writes everything into a nameless file on the disk, a page at a time.
async fn gather(ctx: &Ctx, org: OrgId, export: &ContactExport) -> Result<std::fs::File, Trouble> {
    let mut zip = ZipWriter::new(BufWriter::new(tempfile::tempfile()?));
    let packed = SimpleFileOptions::default();
    // Both grow with what was said; each is written while it is read.
    let (mut data, mut read) = (BufWriter::new(tempfile::tempfile()?), BufWriter::new(tempfile::tempfile()?));
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let Some(contact) = scope.contact(export.contact_id).await? else {
        return Ok(zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?);
    };
    let (name_of_org, zone_of_org) =
        scope.org().await?.map(|org| (org.name, org.timezone)).unwrap_or_default();
    let zone = TimeZone::get(contact.timezone.as_deref().unwrap_or(&zone_of_org)).unwrap_or(TimeZone::UTC);
    let reader = Reader { language: Locale::read(&export.language), zone };
    let identities = scope.contact_identities(contact.id).await?;
    let ledger = scope.consent_ledger(contact.id).await?;
    let about = json!({
        "organisation": name_of_org,
        "made_at": moment(ctx.now()),
        "contact": {
            "id": contact.id, "name": contact.name, "profile_name": contact.profile_name,
            "username": contact.username, "phone": contact.phone, "bsuid": contact.bsuid,
            "email": contact.email, "language": contact.language, "timezone": contact.timezone,
            "labels": contact.labels.0, "created_at": moment(contact.created_at),
            "updated_at": moment(contact.updated_at),
        },
        "identities": identities.iter().map(|one| json!({
            "kind": one.kind, "value": one.value, "since": moment(one.since), "until": one.until.map(moment),
        })).collect::<Vec<_>>(),
        "consent": ledger.iter().map(|entry| json!({
            "id": entry.id, "channel": entry.channel, "purpose": entry.purpose, "action": entry.action,
            "source": entry.source, "evidence": entry.evidence.0, "at": moment(entry.at),
        })).collect::<Vec<_>>(),
        "audit": audited(&mut scope, contact.id).await?,
    });
    let open = serde_json::to_string(&about)?;
    write!(data, "{},\"conversations\":[", open.trim_end_matches('}'))?;
    read.write_all(page::head(&about, &reader)?.as_bytes())?;
    let conversations = scope.conversations_with(contact.id).await?;
    drop(tx);
    let mut files: Vec<(String, BlobHash)> = Vec::new();
    for (nth, conversation) in conversations.iter().enumerate() {
        let mut tx = ctx.store.read().await?;
        let mut scope = tx.org(org).await?;
        let Some(known) = scope.conversation(*conversation).await? else { continue };
        let notes = scope.notes(*conversation, Cursor::NEWEST, 10_000).await?.items;
        let answers = scope.answers_of(*conversation, 10_000).await?;
        drop(tx);
        let facts = json!({
            "id": known.id, "number_id": known.number_id, "status": known.status, "labels": known.labels.0,
            "attribution": known.attribution.map(|one| one.0), "created_at": moment(known.created_at),
            "notes": notes.iter().map(|note| json!({
                "id": note.id, "body": note.body, "created_at": moment(note.created_at),
                "edited_at": note.edited_at.map(moment),
            })).collect::<Vec<_>>(),
            "automatic_answers": answers.iter().map(|one| json!({
                "question": one.question, "answer": one.text, "verdict": one.verdict, "at": moment(one.at),
            })).collect::<Vec<_>>(),
        });
        let open = serde_json::to_string(&facts)?;
        let comma = if nth > 0 { "," } else { "" };
        write!(data, "{comma}{},\"messages\":[", open.trim_end_matches('}'))?;
        read.write_all(page::conversation(&facts, &reader)?.as_bytes())?;
        let (mut after, mut first) = (Some(OLDEST), true);
        while let Some(cursor) = after {
            let mut tx = ctx.store.read().await?;
            let mut scope = tx.org(org).await?;
            let messages = scope.thread(*conversation, Towards::Newer(cursor), TOGETHER).await?;
            let ids: Vec<_> = messages.items.iter().map(|message| message.id).collect();
            let media = scope.media_of(&ids).await?;
            let attempts = scope.attempts_at(&ids).await?;
            drop(tx);
            for message in &messages.items {
                let own: Vec<_> = media.iter().filter(|file| file.message_id == Some(message.id)).collect();
                let tried = attempts.iter().filter(|(id, _)| *id == message.id).map(|(_, attempt)| attempt);
                let told = told(message, &own, tried);
                write!(data, "{}{told}", if first { "" } else { "," })?;
                read.write_all(
                    page::message(&told, message.direction == Direction::Inbound, &reader)?.as_bytes(),
                )?;
                files.extend(own.iter().filter_map(|file| Some((path(file), hash_of(file)?))));
                first = false;
            }
            after = messages.next;
        }
        write!(data, "]}}")?;
        read.write_all(page::CONVERSATION_ENDS.as_bytes())?;
    }
    write!(data, "]")?;
    for list in List::ALL {
        write!(data, ",\"{}\":[", list.key())?;
        let (mut after, mut first) = (Some(Cursor::NEWEST), true);
        while let Some(cursor) = after {
            let mut tx = ctx.store.read().await?;
            let (items, next) = list.page(&mut tx.org(org).await?, contact.id, cursor).await?;
            drop(tx);
            if first && !items.is_empty() {
                read.write_all(page::list_begins(list.key(), &reader)?.as_bytes())?;
            }
            for item in &items {
                write!(data, "{}{item}", if first { "" } else { "," })?;
                read.write_all(page::item(list.key(), item, &reader)?.as_bytes())?;
                first = false;
            }
            after = next;
        }
        if !first {
            read.write_all(page::LIST_ENDS.as_bytes())?;
        }
        write!(data, "]")?;
    }
    write!(data, "}}")?;
    read.write_all(page::END.as_bytes())?;
    for (name, piece) in [("data.json", data), ("index.html", read)] {
        let mut piece = piece.into_inner().map_err(io::IntoInnerError::into_error)?;
        piece.seek(SeekFrom::Start(0))?;
        zip.start_file(name, packed)?;
        io::copy(&mut piece, &mut zip)?;
    }
    let mut room = MOST_BYTES;
    for (name, hash) in files {
        let size = ctx.blobs.size(hash).await?.unwrap_or(0);
        let Some(mut bytes) = ctx.blobs.open(hash, None).await?.filter(|_| size <= room) else { continue };
        room -= size;
        zip.start_file(name, packed.large_file(size > u64::from(u32::MAX)))?;
        while let Some(piece) = bytes.next().await {
            zip.write_all(&piece?)?;
        }
    }
    Ok(zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?)
}

/// What members did about a contact.
async fn audited(scope: &mut OrgScope<'_>, contact: ContactId) -> store::Result<Vec<Value>> {
    const DEEDS: [&str; 6] = [
        "contact.create",
        "contact.update",
        "contact.merge",
        "consent.record",
        "contact.export",
        "contact.export_taken",
    ];
    let mut deeds = Vec::new();
    for contact in scope.contacts_of_person(contact).await? {
        let entries = scope.audit_of(&contact.to_string(), &DEEDS, Cursor::NEWEST, 1_000).await?;
        deeds.extend(entries.items.iter().map(|one| json!({ "action": one.action, "at": moment(one.at) })));
    }
    Ok(deeds)
}

/// A message as its file tells it.
fn told<'a>(message: &Message, files: &[&Media], tried: impl Iterator<Item = &'a Attempt>) -> Value {
    json!({
        "id": message.id, "at": moment(message.at), "direction": message.direction, "author": message.author,
        "kind": message.kind, "content": message.content.0, "text": message.body, "state": message.state,
        "delivered_at": message.delivered_at.map(moment), "read_at": message.read_at.map(moment),
        "decision": message.decision.as_ref().map(|one| &one.0),
        "files": files.iter().map(|file| path(file)).collect::<Vec<_>>(),
        "attempts": tried.map(|one| json!({
            "at": moment(one.started_at), "until": one.finished_at.map(moment), "outcome": one.outcome,
            "problem": one.problem.as_ref().map(|one| &one.0),
        })).collect::<Vec<_>>(),
    })
}

/// Where a file lies in the archive: under its id, so that two of one name do not meet.
fn path(file: &Media) -> String {
    let name = file.file_name.as_deref().unwrap_or("file");
    format!("files/{}-{}", file.id, crate::media::file_name::sanitise(name, &file.mime))
}

fn hash_of(file: &Media) -> Option<BlobHash> {
    file.sha256.as_deref()?.try_into().ok().map(BlobHash::from_bytes)
}

pub(super) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}

/// Takes away every file about a contact, at once.
pub(super) async fn forget_all(ctx: &Ctx, org: OrgId, contact: ContactId) -> store::Result<()> {
    let mut tx = ctx.store.read().await?;
    let exports = tx.org(org).await?.contact_exports(contact).await?;
    drop(tx);
    for export in exports {
        forget(ctx, org, &export).await?;
    }
    Ok(())
}

/// Takes away those whose time is over.
pub(super) async fn forget_expired(ctx: &Ctx, now: Timestamp) -> store::Result<()> {
    let mut tx = ctx.store.read().await?;
    let expired = tx.expired_contact_exports(now, 1_000).await?;
    drop(tx);
    for (org, id) in expired {
        let mut tx = ctx.store.read().await?;
        let export = tx.org(org).await?.contact_export(id).await?;
        drop(tx);
        if let Some(export) = export {
            forget(ctx, org, &export).await?;
        }
    }
    Ok(())
}

/// Bytes first: who has to begin again finds the rest. They hold a person's words and the moment at which they were put
/// together, so that nobody else has the same.
async fn forget(ctx: &Ctx, org: OrgId, export: &ContactExport) -> store::Result<()> {
    let hash = export.sha256.as_deref().and_then(|hash| hash.try_into().ok()).map(BlobHash::from_bytes);
    if let Some(hash) = hash
        && let Err(error) = ctx.blobs.remove_older(hash, Duration::ZERO).await
    {
        tracing::warn!(%error, "a file with what is held about a person stays for now");
        return Ok(());
    }
    let mut tx = ctx.store.begin().await?;
    tx.org(org).await?.forget_contact_export(export.id).await?;
    tx.commit().await
}
