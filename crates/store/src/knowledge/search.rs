//! Finding passages: by their stems, and by their embeddings.
//!
//! What was read of a source before answers on while it is read again; what could not be read again is out of use.

use std::collections::{BTreeMap, HashMap};

use rules::id::{PassageId, SourceId};
use rules::knowledge::{PassageKind, SourceKind};
use sqlx::QueryBuilder;

use crate::error::Result;
use crate::rows::Rows;
use crate::seam::OrgScope;

/// A passage that was found, with what ranking and answering need.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Found {
    /// Its id.
    pub id: PassageId,
    /// The source it belongs to.
    pub source_id: SourceId,
    /// The source's title.
    pub source_title: String,
    /// What the source is made of.
    pub source_kind: SourceKind,
    /// Part of a document, or a pair.
    pub kind: PassageKind,
    /// The titles above it as a JSON list.
    pub titles: String,
    /// The text.
    pub body: String,
    /// The language it is stemmed in.
    pub language: String,
    /// What is indexed for the titles.
    pub title_stems: String,
    /// What is indexed for the text.
    pub text_stems: String,
    /// Its embedding, little-endian floats, if it has one.
    pub embedding: Option<Vec<u8>>,
    /// The model of the embedding.
    pub embedding_model: Option<String>,
}

/// How an organisation's passages use words.
#[derive(Clone, Debug, Default)]
pub struct WordCounts {
    /// How many passages there are.
    pub passages: i64,
    /// How many words they have together.
    pub words: i64,
    /// In how many passages each of the stems asked for occurs.
    pub frequency: HashMap<String, u32>,
}

macro_rules! found_columns {
    () => {
        "p.id, p.source_id, s.title AS source_title, s.kind AS source_kind, p.kind, p.titles, p.body, p.language, p.title_stems, p.text_stems, \
         p.embedding, p.embedding_model"
    };
}

impl OrgScope<'_> {
    /// How many passages there are, and how many of them hold each stem.
    pub async fn word_counts(&mut self, stems: &[&str]) -> Result<WordCounts> {
        let (passages, words): (i64, i64) = on!(self.tx, c => sqlx::query_as(
            "SELECT CAST(coalesce(sum(passages), 0) AS BIGINT), CAST(coalesce(sum(words), 0) AS BIGINT) FROM sources WHERE org_id = $1",
        )
        .bind(self.org).fetch_one(c).await)?;
        let mut frequency = HashMap::new();
        if !stems.is_empty() {
            let stems = self.tx.filled_up(stems, "");
            let stems = Rows::of(&stems).column("stem", |stem| *stem);
            let rows: Vec<(String, i64)> = on!(self.tx, c => stems.with()
                .push("SELECT v.stem, v.passages FROM w JOIN vocabulary v ON v.stem = w.stem AND v.org_id = ")
                .push_bind(self.org)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            frequency = rows.into_iter().map(|(stem, n)| (stem, u32::try_from(n).unwrap_or(0))).collect();
        }
        Ok(WordCounts { passages, words, frequency })
    }

    /// Stems of about the same length as a misspelt one, with the number of passages that hold each.
    pub async fn stems_of_length(&mut self, from: i64, to: i64) -> Result<BTreeMap<String, u32>> {
        let rows: Vec<(String, i64)> = on!(self.tx, c => sqlx::query_as(
            "SELECT stem, passages FROM vocabulary WHERE org_id = $1 AND letters BETWEEN $2 AND $3",
        )
        .bind(self.org).bind(from).bind(to).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(stem, n)| (stem, u32::try_from(n).unwrap_or(0))).collect())
    }

    /// Passages that hold any of the stems, each with what it weighs; those that hold the most weight first, and
    /// of equals the newest.
    pub async fn find_passages(&mut self, stems: &[(&str, i64)], limit: i64) -> Result<Vec<Found>> {
        if stems.is_empty() {
            return Ok(Vec::new());
        }
        let stems = self.tx.filled_up(stems, ("", 0));
        let stems =
            Rows::of(&stems).column("stem", |(stem, _)| *stem).column("weight", |(_, weight)| *weight);
        Ok(on!(self.tx, c => {
            let mut query = stems.with();
            query.push(
                ", best AS (SELECT i.row_id, sum(w.weight * i.weight) AS weight FROM w JOIN passage_stems i ON i.stem = w.stem \
                 JOIN sources s ON s.org_id = i.org_id AND s.id = i.source_id \
                 WHERE s.state <> 'failed' AND i.org_id = ",
            );
            query.push_bind(self.org).push(" GROUP BY i.row_id ORDER BY weight DESC, i.row_id DESC LIMIT ");
            query.push_bind(limit);
            query.push(concat!(
                ") SELECT ", found_columns!(), " FROM best b JOIN passages p ON p.row_id = b.row_id \
                 JOIN sources s ON s.org_id = p.org_id AND s.id = p.source_id WHERE p.org_id = "
            ));
            query.push_bind(self.org).push(" ORDER BY b.weight DESC, b.row_id DESC");
            query.build_query_as().fetch_all(c).await
        })?)
    }

    /// Every passage with an embedding of this model: the ids and vectors alone, for an exact scan.
    pub async fn embeddings(&mut self, model: &str) -> Result<Vec<(PassageId, Vec<f32>)>> {
        let rows: Vec<(PassageId, Vec<u8>)> = on!(self.tx, c => sqlx::query_as(
            "SELECT id, embedding FROM passages WHERE org_id = $1 AND embedding_model = $2 AND embedding IS NOT NULL",
        )
        .bind(self.org).bind(model).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id, bytes)| (id, floats(&bytes))).collect())
    }

    /// These passages, in no particular order.
    pub async fn find_passages_by_id(&mut self, ids: &[PassageId]) -> Result<Vec<Found>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(on!(self.tx, c => {
            let mut query = QueryBuilder::new(concat!(
                "SELECT ", found_columns!(), " FROM passages p JOIN sources s ON s.org_id = p.org_id AND s.id = p.source_id \
                 WHERE s.state <> 'failed' AND p.org_id = "
            ));
            query.push_bind(self.org).push(" AND p.id IN (");
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(c).await
        })?)
    }

    /// Notes which passages of a source hold which stems.
    pub(super) async fn index_passages(&mut self, source: SourceId, postings: &[Posting<'_>]) -> Result<()> {
        for chunk in self.tx.sets(postings) {
            let rows = self.rows_of(chunk).column("weight", |one| one.weight).column("source_id", |_| source);
            on!(self.tx, c => rows.insert_into("passage_stems").build().execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// Passages no longer hold these stems.
    pub(super) async fn unindex_passages(&mut self, postings: &[Posting<'_>]) -> Result<()> {
        for chunk in self.tx.sets(postings) {
            let rows = self.rows_of(chunk);
            on!(self.tx, c => rows.with()
                .push("DELETE FROM passage_stems WHERE (org_id, stem, row_id) IN (SELECT org_id, stem, row_id FROM w)")
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    fn rows_of<'r>(&self, postings: &'r [Posting<'r>]) -> Rows<'r, Posting<'r>> {
        let org = self.org;
        Rows::of(postings)
            .column("org_id", move |_| org)
            .column("stem", |one| one.stem)
            .column("row_id", |one| one.row_id)
    }
}

/// A stem of a passage.
pub(super) struct Posting<'a> {
    pub stem: &'a str,
    pub row_id: i64,
    /// What it counts there: more in the innermost title than anywhere else.
    pub weight: i64,
}

impl Found {
    /// The embedding as numbers, if it is of this model.
    pub fn vector(&self, model: &str) -> Option<Vec<f32>> {
        (self.embedding_model.as_deref() == Some(model)).then(|| self.embedding.as_deref().map(floats))?
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}
