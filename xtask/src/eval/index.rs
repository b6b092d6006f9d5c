//! The passages in the real store, searched as the running system searches them.

use std::collections::{BTreeMap, HashMap};

use answers::{
    Language, passages,
    query::Query,
    rank::{CANDIDATES, Statistics},
    words::spelling,
};
use anyhow::{Context, Result};
use rules::{
    id::{OrgId, PassageId, SourceId},
    knowledge::{PassageKind, SourceKind, SourceState},
    time::Clock as _,
};
use store::knowledge::{Found, NewPassage, Source};
use testkit::{Database, Seeded, TestClock};
use tokio::runtime::Runtime;

/// One organisation with one document, in a database of its own.
pub(super) struct Index<'a> {
    pub passages: &'a [passages::Passage],
    runtime: &'a Runtime,
    database: Database,
    org: OrgId,
    /// The place of each stored passage.
    places: HashMap<PassageId, usize>,
    ids: Vec<PassageId>,
}

impl<'a> Index<'a> {
    /// Stores the passages.
    pub fn new(
        runtime: &'a Runtime,
        database: Database,
        passages: &'a [passages::Passage],
        language: Language,
    ) -> Result<Self> {
        let (org, ids) = runtime.block_on(store_passages(&database, passages, language))?;
        let places = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        Ok(Self { passages, runtime, database, org, places, ids })
    }

    /// Mends the query's spelling and finds its candidates; with them comes what the ranking needs to know.
    pub fn search(&self, query: &mut Query) -> Result<(Statistics, Vec<Found>)> {
        self.runtime.block_on(async {
            let mut tx = self.database.store.read().await?;
            let mut scope = tx.org(self.org).await?;
            let mut counts = scope.word_counts(&query.forms()).await?;
            if let Some(lengths) = spelling::lengths(&query.unknown(&counts.frequency)) {
                let similar: BTreeMap<String, u32> =
                    scope.stems_of_length(*lengths.start() as i64, *lengths.end() as i64).await?;
                query.repair(&counts.frequency, &similar);
                counts = scope.word_counts(&query.forms()).await?;
            }
            let passages = u32::try_from(counts.passages).unwrap_or(u32::MAX);
            let average_words = counts.words as f32 / counts.passages.max(1) as f32;
            let statistics = Statistics { passages, average_words, frequency: counts.frequency };
            let found = scope.find_passages(&statistics.wanted(query), CANDIDATES as i64).await?;
            Ok((statistics, found))
        })
    }

    /// The passages at these places.
    pub fn fetch(&self, places: &[usize]) -> Result<Vec<Found>> {
        let ids: Vec<PassageId> = places.iter().map(|place| self.ids[*place]).collect();
        self.runtime.block_on(async {
            let mut tx = self.database.store.read().await?;
            Ok(tx.org(self.org).await?.find_passages_by_id(&ids).await?)
        })
    }

    /// The place of a stored passage among [`Index::passages`].
    pub fn place(&self, found: &Found) -> Result<usize> {
        self.places.get(&found.id).copied().context("the store found a passage that nobody stored")
    }
}

async fn store_passages(
    database: &Database,
    passages: &[passages::Passage],
    language: Language,
) -> Result<(OrgId, Vec<PassageId>)> {
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let now = clock.now();
    let (org, source) = (OrgId::fresh(now, &chance), SourceId::fresh(now, &chance));
    let new: Vec<NewPassage> = (0..)
        .zip(passages)
        .map(|(ordinal, passage)| NewPassage {
            ordinal,
            kind: match passage.kind {
                passages::Kind::Text => PassageKind::Text,
                passages::Kind::Pair => PassageKind::Pair,
            },
            titles: passage.titles.clone(),
            body: passage.text.clone(),
            language: passage.language.code().into(),
            title_stems: passage.title_stems(),
            text_stems: passage.text_stems(),
            hash: passage.hash,
        })
        .collect();
    let mut tx = database.store.begin().await?;
    let mut scope = tx.org(org).await?;
    scope
        .insert_source(&Source {
            id: source,
            kind: SourceKind::File,
            title: "Evaluation".into(),
            file_name: None,
            mime: "text/html".into(),
            sha256: vec![0; 32],
            size: 1,
            language: Some(language.code().into()),
            state: SourceState::Pending,
            problem: None,
            warnings: "[]".into(),
            passages: 0,
            words: 0,
            created_by: "evaluation".into(),
            created_at: now,
            updated_at: now,
        })
        .await?;
    scope.replace_passages(source, &new, now, &chance).await?;
    scope.settle_source(source, SourceState::Ready, None, "[]", Some(language.code()), now).await?;
    let stored = scope.passages_of(source, 0, i64::from(u32::MAX)).await?;
    tx.commit().await?;
    anyhow::ensure!(
        stored.len() == passages.len(),
        "of {} passages {} were stored",
        passages.len(),
        stored.len()
    );
    Ok((org, stored.into_iter().map(|passage| passage.id).collect()))
}
