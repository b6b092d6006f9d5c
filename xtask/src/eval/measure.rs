//! Asks every question and keeps what came of it.

use std::time::{Duration, Instant};

use answers::{
    Language,
    extract::{self, Outcome, Source},
    query::Query,
    rank::{self, CANDIDATES, Candidate, Ranked},
};
use anyhow::Result;

use super::{
    embeddings::Vectors,
    index::Index,
    questions::{Class, Question, Split},
};

/// What became of one question.
pub(super) struct Asked {
    pub id: String,
    pub class: Class,
    pub split: Split,
    pub question: String,
    /// A right passage is among the best five.
    pub found: bool,
    pub outcome: Given,
    pub confidence: f32,
    pub title: String,
    pub text: String,
    pub time: Duration,
}

/// What answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The embedded answerer alone.
    Embedded,
    /// With the similarity of embeddings.
    Embeddings,
}

/// How the answerer answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// From a right passage.
    Right,
    /// From another one, or though there is none.
    Wrong,
    /// Not at all.
    Refused,
}

/// All questions of one language in one way of answering.
pub(super) struct Run {
    pub language: Language,
    pub mode: Mode,
    /// The store that was searched.
    pub store: &'static str,
    pub passages: usize,
    pub asked: Vec<Asked>,
}

/// Asks every question.
pub(super) fn run(
    language: Language,
    store: &'static str,
    questions: &[Question],
    index: &Index<'_>,
    vectors: Option<&Vectors<'_>>,
) -> Result<Run> {
    let mut asked = Vec::new();
    for question in questions {
        let started = Instant::now();
        let mut query = Query::new(&question.question, Some(language));
        let (statistics, mut found) = index.search(&mut query)?;
        let mut places = found.iter().map(|one| index.place(one)).collect::<Result<Vec<_>>>()?;
        let similarities = vectors.map(|vectors| vectors.similarities(&question.question)).transpose()?;
        if let Some(similarities) = &similarities {
            let mut nearest: Vec<usize> = (0..similarities.len()).collect();
            nearest.sort_by(|one, two| similarities[*two].total_cmp(&similarities[*one]));
            nearest.truncate(CANDIDATES);
            nearest.retain(|place| !places.contains(place));
            found.extend(index.fetch(&nearest)?);
            places = found.iter().map(|one| index.place(one)).collect::<Result<Vec<_>>>()?;
        }
        let candidates: Vec<Candidate<'_>> = found
            .iter()
            .zip(&places)
            .map(|(one, place)| Candidate {
                kind: index.passages[*place].kind,
                title_stems: &one.title_stems,
                text_stems: &one.text_stems,
                similarity: similarities.as_ref().map(|all| all[*place]),
            })
            .collect();
        let ranked = rank::rank(&query, &statistics, &candidates);
        let sources: Vec<Source<'_>> = places
            .iter()
            .map(|place| &index.passages[*place])
            .map(|passage| Source {
                kind: passage.kind,
                titles: &passage.titles,
                text: &passage.text,
                language: passage.language,
            })
            .collect();
        let outcome = extract::answer(&query, &statistics, &ranked, &sources);
        let time = started.elapsed();
        asked.push(judge(question, &places, &ranked, outcome, index, time));
    }
    let mode = if vectors.is_some() { Mode::Embeddings } else { Mode::Embedded };
    Ok(Run { language, mode, store, passages: index.passages.len(), asked })
}

fn judge(
    question: &Question,
    places: &[usize],
    ranked: &[Ranked],
    outcome: Outcome,
    index: &Index<'_>,
    time: Duration,
) -> Asked {
    let best: Vec<usize> = ranked.iter().map(|one| places[one.index]).collect();
    let (given, confidence, text) = match outcome {
        Outcome::Supported(answer) if question.right.contains(&places[answer.source]) => {
            (Given::Right, answer.confidence, answer.text)
        }
        Outcome::Supported(answer) => (Given::Wrong, answer.confidence, answer.text),
        Outcome::Refused { confidence, reason } => (Given::Refused, confidence, format!("{reason:?}")),
    };
    Asked {
        id: question.id.clone(),
        class: question.class,
        split: question.split,
        question: question.question.clone(),
        found: best.iter().any(|at| question.right.contains(at)),
        outcome: given,
        confidence,
        title: best.first().map(|at| index.passages[*at].title_path()).unwrap_or_default(),
        text,
        time,
    }
}
