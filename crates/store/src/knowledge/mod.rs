//! Knowledge: sources, their passages, the words in them, and the answers given from them.

mod answers;
mod endpoint;
mod search;

pub use answers::{Answer, NewAnswer, Usage};
pub use endpoint::AiEndpoint;
pub use search::{Found, WordCounts};

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rules::id::{PassageId, SourceId};
use rules::knowledge::{PassageKind, SourceKind, SourceState};
use rules::time::{Randomness, Timestamp};

use crate::error::Result;
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::seam::OrgScope;
use search::Posting;

/// A source of knowledge.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// What it is made of.
    pub kind: SourceKind,
    /// Its title, which answers cite; empty until the file is read, if nobody gave one.
    pub title: String,
    /// The name of the file it came in.
    pub file_name: Option<String>,
    /// The type of that file, as found by looking at it.
    pub mime: String,
    /// Where its bytes lie: their SHA-256.
    pub sha256: Vec<u8>,
    /// How many bytes they are.
    pub size: i64,
    /// The language it is mostly in.
    pub language: Option<String>,
    /// Where it stands.
    pub state: SourceState,
    /// Why it failed, as JSON of a code and sentences.
    pub problem: Option<String>,
    /// What was left out or looked odd, as a JSON list of sentences.
    pub warnings: String,
    /// How many passages it has.
    pub passages: i64,
    /// How many words they have.
    pub words: i64,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A stored passage.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Passage {
    /// Its id; stays the same when an unchanged document is imported again.
    pub id: PassageId,
    /// The source it belongs to.
    pub source_id: SourceId,
    /// Its place in the source.
    pub ordinal: i64,
    /// Part of a document, or a pair.
    pub kind: PassageKind,
    /// The titles above it as a JSON list, outermost first; for a pair, the question.
    pub titles: String,
    /// The text; for a pair, the answer.
    pub body: String,
    /// The language it is stemmed in.
    pub language: String,
}

/// A passage to store.
#[derive(Clone, Debug)]
pub struct NewPassage {
    /// Its place in the source.
    pub ordinal: i64,
    /// Part of a document, or a pair.
    pub kind: PassageKind,
    /// The titles above it, outermost first.
    pub titles: Vec<String>,
    /// The text.
    pub body: String,
    /// The language it is stemmed in.
    pub language: String,
    /// What is indexed for the titles.
    pub title_stems: String,
    /// What is indexed for the text.
    pub text_stems: String,
    /// Tells it from others of the source.
    pub hash: [u8; 16],
}

/// New content of a source.
#[derive(Clone, Copy, Debug)]
pub struct SourceContent<'a> {
    /// Where its bytes lie.
    pub sha256: &'a [u8],
    /// How many they are.
    pub size: i64,
    /// Their type.
    pub mime: &'a str,
    /// The name of the file they came in.
    pub file_name: Option<&'a str>,
}

#[derive(sqlx::FromRow)]
struct Indexed {
    row_id: i64,
    hash: Vec<u8>,
    title_stems: String,
    text_stems: String,
}

/// What a stem of the innermost title counts, beside one of another title or of the text.
const TITLE: i64 = 3;

/// The distinct stems of a passage's titles, innermost first and parted by bars, and of its text, with what each counts.
fn stems<'a>(titles: &'a str, text: &'a str) -> BTreeMap<&'a str, i64> {
    let (innermost, upper) = titles.split_once('|').unwrap_or((titles, ""));
    let others = upper.split(' ').chain(text.split(' ')).map(|stem| (stem, 1));
    let all = others.chain(innermost.split(' ').map(|stem| (stem, TITLE)));
    all.filter(|(stem, _)| !stem.is_empty() && *stem != "|").collect()
}

macro_rules! source_columns {
    () => {
        "id, kind, title, file_name, mime, sha256, size, language, state, problem, warnings, passages, words, \
         created_by, created_at, updated_at"
    };
}

impl OrgScope<'_> {
    /// Adds a source.
    pub async fn insert_source(&mut self, source: &Source) -> Result<()> {
        on!(self.tx, c => sqlx::query(concat!(
            "INSERT INTO sources (org_id, ", source_columns!(), ") \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
        ))
        .bind(self.org).bind(source.id).bind(source.kind).bind(&source.title).bind(&source.file_name)
        .bind(&source.mime).bind(&source.sha256).bind(source.size).bind(&source.language).bind(source.state)
        .bind(&source.problem).bind(&source.warnings).bind(source.passages).bind(source.words)
        .bind(&source.created_by).bind(source.created_at).bind(source.updated_at)
        .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// One source.
    pub async fn source(&mut self, id: SourceId) -> Result<Option<Source>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", source_columns!(), " FROM sources WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org).bind(id).fetch_optional(c).await)?)
    }

    /// Sources, newest first.
    pub async fn sources(&mut self, after: Cursor, limit: usize) -> Result<Page<Source>> {
        let rows: Vec<Source> = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", source_columns!(), " FROM sources WHERE org_id = $1 \
             AND (created_at < $2 OR (created_at = $2 AND id < $3)) ORDER BY created_at DESC, id DESC LIMIT $4"
        ))
        .bind(self.org).bind(after.at).bind(after.id).bind(limit as i64 + 1).fetch_all(c).await)?;
        Ok(Page::cut(rows, limit, |source| Cursor { at: source.created_at, id: source.id.0 }))
    }

    /// Records how reading a source ended. `false`: it is gone.
    pub async fn settle_source(
        &mut self,
        id: SourceId,
        state: SourceState,
        problem: Option<&str>,
        warnings: &str,
        language: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let touched = on!(self.tx, c => sqlx::query(
            "UPDATE sources SET state = $3, problem = $4, warnings = $5, language = $6, updated_at = $7 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org).bind(id).bind(state).bind(problem).bind(warnings).bind(language).bind(now)
        .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Renames a source. `false`: there is none of this id.
    pub async fn rename_source(&mut self, id: SourceId, title: &str, now: Timestamp) -> Result<bool> {
        let touched = on!(self.tx, c => sqlx::query(
            "UPDATE sources SET title = $3, updated_at = $4 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org).bind(id).bind(title).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// How many sources there are.
    pub async fn count_sources(&mut self) -> Result<i64> {
        Ok(on!(self.tx, c => sqlx::query_scalar("SELECT count(*) FROM sources WHERE org_id = $1")
            .bind(self.org).fetch_one(c).await)?)
    }

    /// The oldest source of this kind.
    pub async fn source_of_kind(&mut self, kind: SourceKind) -> Result<Option<Source>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", source_columns!(), " FROM sources WHERE org_id = $1 AND kind = $2 ORDER BY created_at, id LIMIT 1"
        ))
        .bind(self.org).bind(kind).fetch_optional(c).await)?)
    }

    /// The source of this kind that holds exactly these bytes, other than `except`.
    pub async fn source_of_content(
        &mut self,
        kind: SourceKind,
        sha256: &[u8],
        except: Option<SourceId>,
    ) -> Result<Option<SourceId>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT id FROM sources WHERE org_id = $1 AND kind = $2 AND sha256 = $3 AND id <> $4 LIMIT 1",
        )
        .bind(self.org).bind(kind).bind(sha256).bind(except.unwrap_or(SourceId(uuid::Uuid::nil())))
        .fetch_optional(c).await)?)
    }

    /// Gives a source new content, to be read. `false`: it is gone, or its content is no longer `from`.
    pub async fn replace_source(
        &mut self,
        id: SourceId,
        from: &[u8],
        content: &SourceContent<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let touched = on!(self.tx, c => sqlx::query(
            "UPDATE sources SET sha256 = $4, size = $5, mime = $6, file_name = $7, state = $8, problem = NULL, \
             warnings = '[]', updated_at = $9 WHERE org_id = $1 AND id = $2 AND sha256 = $3",
        )
        .bind(self.org).bind(id).bind(from).bind(content.sha256).bind(content.size).bind(content.mime)
        .bind(content.file_name).bind(SourceState::Pending).bind(now)
        .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Removes a source with its passages. `false`: there is none of this id.
    pub async fn delete_source(
        &mut self,
        id: SourceId,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<bool> {
        self.replace_passages(id, &[], now, randomness).await?;
        let touched = on!(self.tx, c => sqlx::query("DELETE FROM sources WHERE org_id = $1 AND id = $2")
            .bind(self.org).bind(id).execute(c).await.map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Makes these the passages of a source. Those that are there already, by their hash, keep their ids and
    /// embeddings.
    pub async fn replace_passages(
        &mut self,
        source: SourceId,
        passages: &[NewPassage],
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<()> {
        let stored: Vec<Indexed> = on!(self.tx, c => sqlx::query_as(
            "SELECT row_id, hash, title_stems, text_stems FROM passages WHERE org_id = $1 AND source_id = $2",
        )
        .bind(self.org).bind(source).fetch_all(c).await)?;
        let wanted: HashMap<&[u8], &NewPassage> =
            passages.iter().map(|new| (new.hash.as_slice(), new)).collect();
        let mut counts = BTreeMap::new();
        let (mut kept, mut gone) = (BTreeSet::new(), Vec::new());
        for old in &stored {
            match wanted.get(old.hash.as_slice()) {
                Some(new) if kept.insert(new.hash) => self.move_passage(old.row_id, new.ordinal).await?,
                _ => {
                    self.delete_passage(old.row_id).await?;
                    for (stem, weight) in stems(&old.title_stems, &old.text_stems) {
                        *counts.entry(stem).or_insert(0) -= 1;
                        gone.push(Posting { stem, row_id: old.row_id, weight });
                    }
                }
            }
        }
        self.unindex_passages(&gone).await?;
        let mut seen = kept;
        let fresh: Vec<&NewPassage> = passages.iter().filter(|new| seen.insert(new.hash)).collect();
        for stem in fresh.iter().flat_map(|new| stems(&new.title_stems, &new.text_stems).into_keys()) {
            *counts.entry(stem).or_insert(0) += 1;
        }
        self.insert_passages(source, &fresh, now, randomness).await?;
        self.count_stems(&counts).await?;
        on!(self.tx, c => sqlx::query(
            "UPDATE sources SET updated_at = $3, \
             passages = (SELECT count(*) FROM passages p WHERE p.org_id = $1 AND p.source_id = $2), \
             words = (SELECT CAST(coalesce(sum(p.words), 0) AS BIGINT) FROM passages p WHERE p.org_id = $1 AND p.source_id = $2) \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org).bind(source).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    async fn insert_passages(
        &mut self,
        source: SourceId,
        passages: &[&NewPassage],
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<()> {
        for chunk in self.tx.sets(passages) {
            let mut rows = Vec::with_capacity(chunk.len());
            for new in chunk {
                let words = new.text_stems.split(' ').filter(|stem| !stem.is_empty()).count() as i64;
                rows.push((
                    PassageId::fresh(now, randomness),
                    *new,
                    serde_json::to_string(&new.titles)?,
                    words,
                ));
            }
            let passages = Rows::of(&rows)
                .column("org_id", |_| self.org)
                .column("id", |(id, _, _, _)| *id)
                .column("source_id", |_| source)
                .column("ordinal", |(_, new, _, _)| new.ordinal)
                .column("kind", |(_, new, _, _)| new.kind.as_str())
                .column("titles", |(_, _, titles, _)| titles.as_str())
                .column("body", |(_, new, _, _)| new.body.as_str())
                .column("language", |(_, new, _, _)| new.language.as_str())
                .column("title_stems", |(_, new, _, _)| new.title_stems.as_str())
                .column("text_stems", |(_, new, _, _)| new.text_stems.as_str())
                .column("words", |(_, _, _, words)| *words)
                .column("hash", |(_, new, _, _)| &new.hash);
            let inserted: Vec<(i64, PassageId)> = on!(self.tx, c => passages.insert_into("passages")
            .push(" RETURNING row_id, id")
            .build_query_as()
            .fetch_all(c)
            .await)?;
            let by_id: HashMap<PassageId, i64> =
                inserted.into_iter().map(|(row_id, id)| (id, row_id)).collect();
            let mut held = Vec::new();
            for (id, new, ..) in &rows {
                if let Some(row_id) = by_id.get(id) {
                    let stems = stems(&new.title_stems, &new.text_stems).into_iter();
                    held.extend(stems.map(|(stem, weight)| Posting { stem, row_id: *row_id, weight }));
                }
            }
            self.index_passages(source, &held).await?;
        }
        Ok(())
    }

    async fn move_passage(&mut self, row_id: i64, ordinal: i64) -> Result<()> {
        on!(self.tx, c => sqlx::query("UPDATE passages SET ordinal = $3 WHERE org_id = $1 AND row_id = $2")
            .bind(self.org).bind(row_id).bind(ordinal).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    async fn delete_passage(&mut self, row_id: i64) -> Result<()> {
        on!(self.tx, c => sqlx::query("DELETE FROM passages WHERE org_id = $1 AND row_id = $2")
            .bind(self.org).bind(row_id).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Adds to (or takes from) the number of passages that hold each stem.
    async fn count_stems(&mut self, counts: &BTreeMap<&str, i64>) -> Result<()> {
        let counts: Vec<_> = counts.iter().filter(|(_, change)| **change != 0).collect();
        for chunk in self.tx.sets(&counts) {
            let rows = Rows::of(chunk)
                .column("org_id", |_| self.org)
                .column("stem", |(stem, _)| **stem)
                .column("letters", |(stem, _)| stem.chars().count() as i64)
                .column("passages", |(_, change)| **change);
            on!(self.tx, c => rows.insert_into("vocabulary")
                .push(" ON CONFLICT (org_id, stem) DO UPDATE SET passages = vocabulary.passages + excluded.passages")
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        on!(self.tx, c => sqlx::query("DELETE FROM vocabulary WHERE org_id = $1 AND passages <= 0")
            .bind(self.org).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// One passage.
    pub async fn passage(&mut self, id: PassageId) -> Result<Option<Passage>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, source_id, ordinal, kind, titles, body, language FROM passages WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org).bind(id).fetch_optional(c).await)?)
    }

    /// Passages of a source from a place on, in order.
    pub async fn passages_of(&mut self, source: SourceId, from: i64, limit: i64) -> Result<Vec<Passage>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, source_id, ordinal, kind, titles, body, language FROM passages \
             WHERE org_id = $1 AND source_id = $2 AND ordinal >= $3 ORDER BY ordinal LIMIT $4",
        )
        .bind(self.org).bind(source).bind(from).bind(limit).fetch_all(c).await)?)
    }

    /// Passages that have no embedding of this model yet.
    pub async fn passages_to_embed(&mut self, model: &str, limit: i64) -> Result<Vec<Passage>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, source_id, ordinal, kind, titles, body, language FROM passages \
             WHERE org_id = $1 AND (embedding_model IS NULL OR embedding_model <> $2) ORDER BY row_id LIMIT $3",
        )
        .bind(self.org).bind(model).bind(limit).fetch_all(c).await)?)
    }

    /// Stores the embedding of a passage.
    pub async fn set_embedding(&mut self, id: PassageId, model: &str, embedding: &[f32]) -> Result<()> {
        let bytes: Vec<u8> = embedding.iter().flat_map(|value| value.to_le_bytes()).collect();
        on!(self.tx, c => sqlx::query(
            "UPDATE passages SET embedding = $3, embedding_model = $4 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org).bind(id).bind(bytes).bind(model).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
