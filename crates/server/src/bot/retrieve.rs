//! Finding the passages that may answer a question: by words through the store's index of stems, and by meaning where there
//! are embeddings.

use std::collections::BTreeMap;

use answers::Language;
use answers::passages::Kind;
use answers::query::Query;
use answers::rank::{self, Candidate, Ranked, Statistics};
use answers::words::spelling;
use rules::knowledge::PassageKind;
use store::OrgScope;
use store::knowledge::Found;

/// How many the embeddings add.
const BY_MEANING: usize = 20;

/// A question, and the passages that may answer it, best first.
#[derive(Clone, Debug)]
pub struct Retrieved {
    /// The question as it was read, spelling mended.
    pub query: Query,
    /// How the organisation's passages use its words.
    pub statistics: Statistics,
    /// Everything found, in no order.
    pub found: Vec<Found>,
    /// The best of them; `index` points into `found`.
    pub ranked: Vec<Ranked>,
}

/// The meaning of a question as a model sees it.
#[derive(Clone, Copy, Debug)]
pub struct Meaning<'a> {
    /// The model.
    pub model: &'a str,
    /// The vector.
    pub vector: &'a [f32],
}

/// Finds and ranks passages.
pub async fn retrieve(
    scope: &mut OrgScope<'_>,
    question: &str,
    prior: Option<Language>,
    meaning: Option<Meaning<'_>>,
) -> store::Result<Retrieved> {
    let mut query = Query::new(question, prior);
    let mut statistics = statistics(scope, &query).await?;
    if mend(scope, &mut query, &statistics).await? {
        statistics = self::statistics(scope, &query).await?;
    }
    let mut found = scope.find_passages(&statistics.wanted(&query), rank::CANDIDATES as i64).await?;
    if let Some(meaning) = meaning {
        let near = nearest(scope, meaning).await?;
        let missing: Vec<_> =
            near.into_iter().filter(|id| found.iter().all(|known| known.id != *id)).collect();
        found.extend(scope.find_passages_by_id(&missing).await?);
    }
    let candidates: Vec<Candidate<'_>> = found
        .iter()
        .map(|passage| Candidate {
            kind: kind(passage.kind),
            title_stems: &passage.title_stems,
            text_stems: &passage.text_stems,
            similarity: meaning
                .and_then(|meaning| Some(cosine(meaning.vector, &passage.vector(meaning.model)?))),
        })
        .collect();
    let ranked = rank::rank(&query, &statistics, &candidates);
    Ok(Retrieved { query, statistics, found, ranked })
}

/// The kind in the words of `answers`.
pub(super) fn kind(kind: PassageKind) -> Kind {
    match kind {
        PassageKind::Text => Kind::Text,
        PassageKind::Pair => Kind::Pair,
    }
}

async fn statistics(scope: &mut OrgScope<'_>, query: &Query) -> store::Result<Statistics> {
    let counts = scope.word_counts(&query.forms()).await?;
    let average = if counts.passages > 0 { counts.words as f32 / counts.passages as f32 } else { 0.0 };
    Ok(Statistics {
        passages: u32::try_from(counts.passages).unwrap_or(u32::MAX),
        average_words: average,
        frequency: counts.frequency,
    })
}

/// Mends words that no passage knows. `true`: something was mended.
async fn mend(scope: &mut OrgScope<'_>, query: &mut Query, statistics: &Statistics) -> store::Result<bool> {
    let Some(lengths) = spelling::lengths(&query.unknown(&statistics.frequency)) else {
        return Ok(false);
    };
    let similar: BTreeMap<String, u32> =
        scope.stems_of_length(*lengths.start() as i64, *lengths.end() as i64).await?;
    query.repair(&statistics.frequency, &similar);
    Ok(query.terms.iter().any(|term| term.mended))
}

/// The passages nearest in meaning, by an exact scan of the organisation's embeddings.
async fn nearest(scope: &mut OrgScope<'_>, meaning: Meaning<'_>) -> store::Result<Vec<rules::id::PassageId>> {
    let mut scored: Vec<_> = scope
        .embeddings(meaning.model)
        .await?
        .into_iter()
        .map(|(id, vector)| (cosine(meaning.vector, &vector), id))
        .collect();
    scored.sort_by(|one, two| two.0.total_cmp(&one.0));
    Ok(scored.into_iter().take(BY_MEANING).map(|(_, id)| id).collect())
}

fn cosine(one: &[f32], two: &[f32]) -> f32 {
    if one.len() != two.len() {
        return 0.0;
    }
    let dot: f32 = one.iter().zip(two).map(|(a, b)| a * b).sum();
    let length = |vector: &[f32]| vector.iter().map(|a| a * a).sum::<f32>().sqrt();
    let lengths = length(one) * length(two);
    if lengths > 0.0 { dot / lengths } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::cosine;

    #[test]
    fn likeness_is_the_angle_between_vectors_of_one_model() {
        assert!((cosine(&[1.0, 0.0], &[5.0, 0.0]) - 1.0).abs() < 1e-6);
        assert!(cosine(&[1.0, 0.0], &[0.0, 2.0]).abs() < 1e-6);
        assert_eq!(cosine(&[1.0], &[1.0, 2.0]), 0.0);
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 2.0]), 0.0);
    }
}
