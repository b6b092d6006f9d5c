//! An index in memory with the same steps as the store: an OR of the forms finds fifty candidates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use answers::{
    passages::Passage,
    query::Query,
    rank::Statistics,
    words::{self, spelling},
};

/// How many candidates are ranked.
pub(super) const CANDIDATES: usize = 50;

/// Passages with what is indexed of them.
pub(super) struct Index<'a> {
    pub passages: &'a [Passage],
    pub title_stems: Vec<String>,
    pub text_stems: Vec<String>,
    pub statistics: Statistics,
    postings: BTreeMap<String, Vec<usize>>,
}

impl<'a> Index<'a> {
    pub fn new(passages: &'a [Passage]) -> Self {
        let title_stems: Vec<_> = passages.iter().map(Passage::title_stems).collect();
        let text_stems: Vec<_> = passages.iter().map(Passage::text_stems).collect();
        let mut postings: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, passage) in passages.iter().enumerate() {
            for stem in passage.stems() {
                postings.entry(stem).or_default().push(at);
            }
        }
        let count = text_stems.iter().map(|text| text.split(' ').count()).sum::<usize>();
        let statistics = Statistics {
            passages: u32::try_from(passages.len()).unwrap_or(u32::MAX),
            average_words: count as f32 / passages.len().max(1) as f32,
            frequency: postings
                .iter()
                .map(|(stem, at)| (stem.clone(), at.len() as u32))
                .collect::<HashMap<_, _>>(),
        };
        Self { passages, title_stems, text_stems, statistics, postings }
    }

    /// Mends the spelling of words that no passage holds.
    pub fn repair(&self, query: &mut Query) {
        let reach = query.unknown(&self.statistics.frequency).iter().map(|stem| spelling::reach(stem)).max();
        if reach.is_some() {
            let vocabulary = self.postings.iter().map(|(stem, at)| (stem.clone(), at.len() as u32)).collect();
            query.repair(&self.statistics.frequency, &vocabulary);
        }
    }

    /// The candidates for a query: most distinct rarity first, as a full-text index with an OR would find them.
    pub fn candidates(&self, query: &Query) -> Vec<usize> {
        let mut scores: BTreeMap<usize, f32> = BTreeMap::new();
        for form in query.forms().into_iter().collect::<BTreeSet<_>>() {
            for at in self.postings.get(form).into_iter().flatten() {
                let stems = words::distinct(&self.text_stems[*at]).len().max(20) as f32;
                *scores.entry(*at).or_default() += self.statistics.rarity(form) / stems.powf(0.1);
            }
        }
        let mut found: Vec<_> = scores.into_iter().collect();
        found.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        found.into_iter().take(CANDIDATES).map(|(at, _)| at).collect()
    }
}
