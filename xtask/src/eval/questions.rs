//! The questions, with checks that keep them honest.

use std::{collections::BTreeSet, fs, path::Path};

use answers::{Language, passages::Passage, query::Query, words};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// How a question is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) enum Class {
    /// In the document's own words.
    #[serde(rename = "a")]
    Own,
    /// Inflected, misspelt or colloquial.
    #[serde(rename = "b")]
    Loose,
    /// Paraphrased without a content word of the right passage.
    #[serde(rename = "c")]
    Paraphrase,
    /// Not answered by the document.
    #[serde(rename = "unanswerable")]
    Unanswerable,
}

/// Whether a question may be looked at while tuning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Split {
    /// Yes.
    Tune,
    /// No: it only measures.
    Held,
}

/// One question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub id: String,
    pub class: Class,
    pub split: Split,
    pub question: String,
    pub answerable: bool,
    /// Short quotes, or `title:` and a part of a title, each naming passages that answer.
    pub expect: Vec<String>,
    /// The places of the passages that answer.
    #[serde(skip)]
    pub right: BTreeSet<usize>,
}

/// Reads and checks the questions of a language.
pub(super) fn load(root: &Path, language: Language, passages: &[Passage]) -> Result<Vec<Question>> {
    let path = root.join(format!("eval/questions/{}.jsonl", language.code()));
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let searchable: Vec<_> =
        passages.iter().map(|passage| (plain(&passage.title_path()), plain(&passage.text))).collect();
    let mut questions = Vec::new();
    let mut ids = BTreeSet::new();
    let mut faults = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut question: Question =
            serde_json::from_str(line).with_context(|| format!("not a question: {line}"))?;
        ensure!(ids.insert(question.id.clone()), "two questions are called {}", question.id);
        for quote in &question.expect {
            let found = places(quote, &searchable);
            if found.is_empty() {
                faults.push(format!("{}: no passage holds “{quote}”", question.id));
            } else if found.len() > 8 {
                faults.push(format!(
                    "{}: {} passages hold “{quote}”: it names none",
                    question.id,
                    found.len()
                ));
            }
            question.right.extend(found);
        }
        if question.answerable == question.expect.is_empty() {
            faults.push(format!("{}: answerable questions, and no others, name passages", question.id));
        }
        if question.class == Class::Paraphrase {
            let shared = shared_words(&question, language, passages);
            if !shared.is_empty() {
                faults.push(format!("{}: a paraphrase shares {shared:?} with its passage", question.id));
            }
        }
        questions.push(question);
    }
    if !faults.is_empty() {
        bail!("the questions of {} need mending:\n  {}", path.display(), faults.join("\n  "));
    }
    ensure!(questions.len() >= 100, "{} has {} questions, fewer than 100", path.display(), questions.len());
    let held = questions.iter().filter(|question| question.split == Split::Held).count();
    ensure!(held * 10 >= questions.len() * 3, "only {held} of {} questions are held apart", questions.len());
    Ok(questions)
}

/// The passages that a quote or title names.
fn places(quote: &str, searchable: &[(String, String)]) -> BTreeSet<usize> {
    let (title, wanted) = match quote.strip_prefix("title:") {
        Some(title) => (true, plain(title)),
        None => (false, plain(quote)),
    };
    let holds = |(titles, text): &(String, String)| if title { titles } else { text }.contains(&wanted);
    searchable.iter().enumerate().filter(|(_, passage)| holds(passage)).map(|(at, _)| at).collect()
}

/// Words alone, so that quotes do not depend on quotation marks and line breaks.
fn plain(text: &str) -> String {
    words::split(text).join(" ")
}

/// Content words of a paraphrase that some right passage holds, in its text or nearest title.
fn shared_words(question: &Question, language: Language, passages: &[Passage]) -> BTreeSet<String> {
    let query = Query::new(&question.question, Some(language));
    let held: BTreeSet<String> = question
        .right
        .iter()
        .filter_map(|at| passages.get(*at))
        .flat_map(|passage| {
            let title = passage.titles.last().map(|title| words::stems(title, language)).unwrap_or_default();
            words::stems(&passage.text, language).into_iter().chain(title)
        })
        .collect();
    let content = query.terms.iter().filter(|term| term.weight == 1.0);
    let shared = content.filter(|term| term.forms.first().is_some_and(|form| held.contains(form)));
    shared.map(|term| term.word.clone()).collect()
}
