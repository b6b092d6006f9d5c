//! Files that came with messages or are to go with them. The bytes lie elsewhere, under their hash; here is what is
//! known of them. Meta's ids die: those of inbound files after 7 days, those of our uploads after 30.

mod keeping;

use rules::id::{MediaId, MessageId, NumberId};
use rules::media::{FileState, MediaState, Scan, standing};
use rules::message::Direction;
use rules::time::Timestamp;
use serde_json::Value;

use crate::error::Result;
use crate::json::Json;
use crate::rows::Rows;
use crate::seam::OrgScope;

pub use keeping::{Aged, Bytes};

/// A file that came with a message and is still to be fetched.
#[derive(Clone, Debug)]
pub struct NewInboundMedia<'a> {
    /// Its id.
    pub id: MediaId,
    /// The message it came with.
    pub message: MessageId,
    /// The number that received it, whose token fetches it.
    pub number: NumberId,
    /// The type that Meta names.
    pub mime: &'a str,
    /// The name of a document.
    pub file_name: Option<&'a str>,
    /// Meta's id, by which it is fetched.
    pub meta_media_id: &'a str,
    /// The SHA-256 that Meta names, as it wrote it (base64 or hexadecimal).
    pub meta_sha256: Option<&'a str>,
}

/// A file that somebody uploaded, stored already.
#[derive(Clone, Debug)]
pub struct NewUpload<'a> {
    /// Its id.
    pub id: MediaId,
    /// Its type, by its content.
    pub mime: &'a str,
    /// The name it was uploaded under.
    pub file_name: Option<&'a str>,
    /// Its length in bytes.
    pub size: i64,
    /// SHA-256 of its bytes, under which they are stored.
    pub sha256: &'a [u8; 32],
    /// What a look at it has shown.
    pub examined: Examined<'a>,
}

/// What a look at a stored file has shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Examined<'a> {
    /// What a virus scanner said, where one was asked.
    pub scan: Option<Scan>,
    /// The name of what it found, or why it did not look.
    pub found: Option<&'a str>,
    /// How it looks or sounds, in short.
    pub preview: Option<&'a Value>,
    /// SHA-256 of its small picture.
    pub thumbnail: Option<&'a [u8; 32]>,
}

/// What is known of a file.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Media {
    /// Its id.
    pub id: MediaId,
    /// Whether it came or goes.
    pub direction: Direction,
    /// The message it came with.
    pub message_id: Option<MessageId>,
    /// The number that received it, or that `meta_media_id` was uploaded for.
    pub number_id: Option<NumberId>,
    /// Its type: by its content once it is stored, what Meta names before.
    pub mime: String,
    /// The name of the file.
    pub file_name: Option<String>,
    /// Its length in bytes, once it is stored.
    pub size: Option<i64>,
    /// SHA-256 of its bytes, once it is stored.
    pub sha256: Option<Vec<u8>>,
    /// Whether it is here.
    pub state: MediaState,
    /// Why not, where fetching failed.
    pub problem: Option<Json<Value>>,
    /// Meta's id of it.
    pub meta_media_id: Option<String>,
    /// Until when Meta's id of an upload can be used.
    pub meta_media_until: Option<Timestamp>,
    /// The SHA-256 that Meta named.
    pub meta_sha256: Option<String>,
    /// When it became known.
    pub created_at: Timestamp,
    /// When it was stored.
    pub stored_at: Option<Timestamp>,
    /// How it looks or sounds, in short.
    pub preview: Option<Json<Value>>,
    /// SHA-256 of its small picture.
    pub thumbnail_sha256: Option<Vec<u8>>,
    /// What a virus scanner said, where one was asked.
    pub scan: Option<Scan>,
    /// The name of what it found, or why it did not look.
    pub scan_found: Option<String>,
    /// When its time was over.
    pub expired_at: Option<Timestamp>,
}

impl Media {
    /// Where it stands for those who want to see it.
    pub fn standing(&self) -> FileState {
        standing(self.state, self.scan, self.expired_at.is_some())
    }
}

/// The columns of [`Media`].
macro_rules! media_columns {
    () => {
        "id, direction, message_id, number_id, mime, file_name, size, sha256, state, problem, meta_media_id, \
         meta_media_until, meta_sha256, created_at, stored_at, preview, thumbnail_sha256, scan, scan_found, expired_at"
    };
}

impl OrgScope<'_> {
    /// Notes a file that came with a message.
    pub async fn insert_inbound_media(&mut self, media: &NewInboundMedia<'_>, now: Timestamp) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO media (org_id, id, direction, message_id, number_id, mime, file_name, state, meta_media_id, meta_sha256, created_at) \
             VALUES ($1, $2, 'inbound', $3, $4, $5, $6, 'pending', $7, $8, $9)",
        )
        .bind(org)
        .bind(media.id)
        .bind(media.message)
        .bind(media.number)
        .bind(media.mime)
        .bind(media.file_name)
        .bind(media.meta_media_id)
        .bind(media.meta_sha256)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Notes a file that was uploaded and is stored.
    pub async fn insert_upload(&mut self, upload: &NewUpload<'_>, now: Timestamp) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO media (org_id, id, direction, mime, file_name, size, sha256, state, created_at, stored_at, \
             preview, thumbnail_sha256, scan, scan_found) \
             VALUES ($1, $2, 'outbound', $3, $4, $5, $6, 'stored', $7, $7, $8, $9, $10, $11)",
        )
        .bind(org)
        .bind(upload.id)
        .bind(upload.mime)
        .bind(upload.file_name)
        .bind(upload.size)
        .bind(upload.sha256.as_slice())
        .bind(now)
        .bind(upload.examined.preview.map(Json))
        .bind(upload.examined.thumbnail.map(<[u8; 32]>::as_slice))
        .bind(upload.examined.scan)
        .bind(upload.examined.found)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// What is known of a file.
    pub async fn media(&mut self, id: MediaId) -> Result<Option<Media>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", media_columns!(), " FROM media WHERE org_id = $1 AND id = $2"
        ))
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// The files that came with these messages.
    pub async fn media_of(&mut self, messages: &[MessageId]) -> Result<Vec<Media>> {
        let org = self.org;
        let mut media = Vec::new();
        for set in self.tx.sets(messages) {
            let asked = Rows::of(set).column("with_message", |message| *message);
            let found: Vec<Media> = on!(self.tx, c => asked.with()
                .push(concat!("SELECT ", media_columns!(), " FROM w JOIN media ON message_id = with_message AND org_id = "))
                .push_bind(org)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            media.extend(found);
        }
        media.sort_unstable_by_key(|one| one.id);
        Ok(media)
    }

    /// These files.
    pub async fn media_by_id(&mut self, ids: &[MediaId]) -> Result<Vec<Media>> {
        let org = self.org;
        let mut media = Vec::new();
        for set in self.tx.sets(ids) {
            let asked = Rows::of(set).column("media_id", |id| *id);
            let found: Vec<Media> = on!(self.tx, c => asked.with()
                .push(concat!("SELECT ", media_columns!(), " FROM w JOIN media ON id = media_id AND org_id = "))
                .push_bind(org)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            media.extend(found);
        }
        Ok(media)
    }

    /// The bytes of an inbound file are here. `false`: there is no such file, or it was stored before.
    pub async fn media_stored(
        &mut self,
        id: MediaId,
        mime: &str,
        size: i64,
        sha256: &[u8; 32],
        examined: Examined<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE media SET state = 'stored', mime = $3, size = $4, sha256 = $5, problem = NULL, stored_at = $6, \
             preview = $7, thumbnail_sha256 = $8, scan = $9, scan_found = $10 \
             WHERE org_id = $1 AND id = $2 AND state <> 'stored'",
        )
        .bind(org)
        .bind(id)
        .bind(mime)
        .bind(size)
        .bind(sha256.as_slice())
        .bind(now)
        .bind(examined.preview.map(Json))
        .bind(examined.thumbnail.map(<[u8; 32]>::as_slice))
        .bind(examined.scan)
        .bind(examined.found)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// A file that waited to be looked at has been. `false`: it waits no more, or is gone.
    pub async fn media_examined(&mut self, id: MediaId, examined: Examined<'_>) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE media SET preview = $3, thumbnail_sha256 = $4, scan = $5, scan_found = $6 \
             WHERE org_id = $1 AND id = $2 AND scan IN ('waiting', 'unscanned') AND expired_at IS NULL",
        )
        .bind(org)
        .bind(id)
        .bind(examined.preview.map(Json))
        .bind(examined.thumbnail.map(<[u8; 32]>::as_slice))
        .bind(examined.scan)
        .bind(examined.found)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Fetching an inbound file failed for good, or is being tried again (`state` pending). `false`: it is stored.
    pub async fn media_problem(
        &mut self,
        id: MediaId,
        state: MediaState,
        problem: Option<&Value>,
    ) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE media SET state = $3, problem = $4 WHERE org_id = $1 AND id = $2 AND state <> 'stored'",
        )
        .bind(org)
        .bind(id)
        .bind(state)
        .bind(problem.map(Json))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Keeps the id under which Meta knows an upload, for one number and until it dies there.
    pub async fn set_meta_media(
        &mut self,
        id: MediaId,
        number: NumberId,
        meta_media_id: &str,
        until: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE media SET number_id = $3, meta_media_id = $4, meta_media_until = $5 \
             WHERE org_id = $1 AND id = $2 AND direction = 'outbound'",
        )
        .bind(org)
        .bind(id)
        .bind(number)
        .bind(meta_media_id)
        .bind(until)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}
