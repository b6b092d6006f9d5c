//! Reads a language model's reply with suspicion: what it says must come from the passages it was given.
//!
//! A reply that fails is not sent and not repaired; the caller answers from the passages without the model
//! ([`crate::extract`]) or refuses.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::{
    prompt::{self, Request},
    words,
};

/// A reply that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The text for the customer.
    pub text: String,
    /// Places in the request's list of passages (from 0) that it is drawn from; never empty.
    pub sources: Vec<usize>,
}

/// Why a reply may not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// It is not the JSON object that was asked for.
    Malformed,
    /// The model says that the sources do not answer the question: refuse.
    Unsupported,
    /// It is empty, or longer than a chat message should be.
    Length,
    /// It cites no source, or one that it was not given.
    Sources,
    /// It holds the canary, a fence, or a run of words from the instructions.
    Leak,
    /// It holds a link or an e-mail address that neither the passages nor the question hold.
    Link,
    /// It holds a number of three or more digits (a price, a phone number, a date) that neither the passages nor the
    /// question hold.
    Number,
    /// It shares hardly a meaningful word with the sources that it cites.
    Ungrounded,
}

#[derive(Deserialize)]
struct Wire {
    supported: bool,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    sources: Vec<usize>,
}

/// Longest reply, in characters.
const LONGEST: usize = 1_200;
/// One in so many of the reply's meaningful words (as stems of either language) has to be in its sources.
const FAIR_SHARE: usize = 5;
/// So many consecutive words of the instructions are a leak.
const LEAKED_WORDS: usize = 7;

/// Checks a model's reply to `request`.
///
/// # Errors
/// The first reason why it may not be sent.
pub fn check_reply(request: &Request<'_>, reply: &str) -> Result<Reply, Rejection> {
    if holds_canary(reply, request.canary) {
        return Err(Rejection::Leak);
    }
    let wire = parse(reply).ok_or(Rejection::Malformed)?;
    if !wire.supported {
        return Err(Rejection::Unsupported);
    }
    let text = wire.answer.trim().to_owned();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(Rejection::Length);
    }
    let sources: BTreeSet<usize> = wire.sources.iter().map(|number| number.wrapping_sub(1)).collect();
    if sources.is_empty() || sources.iter().any(|at| *at >= request.passages.len()) {
        return Err(Rejection::Sources);
    }
    if text.contains("[[") || holds_canary(&text, request.canary) || repeats_instructions(request, &text) {
        return Err(Rejection::Leak);
    }
    let given = given(request);
    if links(&text).iter().any(|link| !given.links.contains(link)) {
        return Err(Rejection::Link);
    }
    if runs(&text).iter().any(|run| !holds_run(&given.numbers, run)) {
        return Err(Rejection::Number);
    }
    if !grounded(request, &sources, &text) {
        return Err(Rejection::Ungrounded);
    }
    Ok(Reply { text, sources: sources.into_iter().collect() })
}

/// The JSON object in the reply; models like to put it into a code block or a sentence.
fn parse(reply: &str) -> Option<Wire> {
    let (start, end) = (reply.find('{')?, reply.rfind('}')?);
    serde_json::from_str(reply.get(start..=end)?).ok()
}

/// Also finds the canary in other case, spaced out, or backwards.
fn holds_canary(text: &str, canary: &str) -> bool {
    let bare = |text: &str| -> String { words::fold(text).chars().filter(|c| c.is_alphanumeric()).collect() };
    let (text, canary) = (bare(text), bare(canary));
    let backwards: String = canary.chars().rev().collect();
    !canary.is_empty() && (text.contains(&canary) || text.contains(&backwards))
}

fn repeats_instructions(request: &Request<'_>, text: &str) -> bool {
    let instructions = words::split(&prompt::system(&Request { persona: "", ..*request }));
    let runs: BTreeSet<&[String]> = instructions.windows(LEAKED_WORDS).collect();
    words::split(text).windows(LEAKED_WORDS).any(|run| runs.contains(run))
}

/// What the model was given, as far as a reply may repeat it.
struct Given {
    links: BTreeSet<String>,
    numbers: BTreeSet<String>,
}

fn given(request: &Request<'_>) -> Given {
    let mut given = Given { links: BTreeSet::new(), numbers: BTreeSet::new() };
    let ours = request.history.iter().filter(|turn| turn.speaker == prompt::Speaker::Organisation);
    let passages = request
        .passages
        .iter()
        .flat_map(|source| source.titles.iter().map(String::as_str).chain([source.text]));
    for text in passages.chain(ours.map(|turn| turn.text)).chain([request.question]) {
        given.links.extend(links(text));
        for run in runs(text) {
            given.numbers.insert(run.concat());
            given.numbers.extend(run);
        }
    }
    given
}

/// Hosts with paths, and e-mail addresses, folded, without scheme and closing marks.
fn links(text: &str) -> BTreeSet<String> {
    text.split(|c: char| c.is_whitespace() || "<>()[]{}\"'`|,;*".contains(c))
        .map(|word| words::fold(word).trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
        .filter(|word| is_link(word))
        .map(|word| {
            let word = word.split_once("://").map_or(word.as_str(), |(_, rest)| rest).to_owned();
            word.strip_prefix("www.").map_or(word.clone(), str::to_owned)
        })
        .collect()
}

fn is_link(word: &str) -> bool {
    if word.contains("://") || word.contains('@') || word.starts_with("www.") {
        return true;
    }
    // "toko.example/promo", but neither "08.00" nor a sentence without a space after its end ("siap.Kami").
    let host = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let mut labels = host.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let below = labels.next().is_some_and(|label| !label.is_empty());
    let known = TOP_LEVELS.contains(&top) || word.contains('/');
    below && known && top.len() >= 2 && top.chars().all(char::is_alphabetic)
}

const TOP_LEVELS: &[&str] = &[
    "com", "net", "org", "id", "io", "co", "me", "info", "biz", "app", "dev", "xyz", "site", "online",
    "shop", "store", "top", "club", "link", "live", "ai", "ru", "cn", "tk", "ml", "ga", "cf", "gq", "my",
    "sg", "au", "uk", "us", "in", "test", "example", "web", "page", "click", "win", "vip", "gg", "ly", "to",
    "cc", "tv", "ws", "pw", "su", "eu",
];

/// Neighbouring numbers of a text, as they stand in phone numbers and prices: "0812 3456 789" is one run of three.
fn runs(text: &str) -> Vec<Vec<String>> {
    let mut runs = vec![Vec::new()];
    for word in words::split(text) {
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() {
            runs.push(Vec::new());
        } else if let Some(run) = runs.last_mut() {
            run.push(digits);
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// Whether the given text holds a run of numbers: as a whole however grouped, or each number that is long enough to
/// matter.
fn holds_run(given: &BTreeSet<String>, run: &[String]) -> bool {
    given.contains(&run.concat()) || run.iter().all(|number| number.len() < 3 || given.contains(number))
}

/// Whether a fair share of what the reply says is in what it cites.
fn grounded(request: &Request<'_>, sources: &BTreeSet<usize>, text: &str) -> bool {
    let said: BTreeSet<String> = content(text);
    let spoken = crate::language::detect(text, Some(request.language));
    sources.iter().any(|at| {
        let source = &request.passages[*at];
        let held = content(&format!("{} {}", source.titles.join(" "), source.text));
        // A reply in another language than its source shares names and numbers at most, sometimes nothing.
        source.language != spoken || said.intersection(&held).count() * FAIR_SHARE >= said.len().max(1)
    })
}

fn content(text: &str) -> BTreeSet<String> {
    let languages = crate::Language::ALL;
    let is_stop = |word: &str| languages.iter().any(|language| words::lists::is_stop(word, *language));
    let meaningful = words::split(text).into_iter().filter(|word| !is_stop(word));
    meaningful.flat_map(|word| languages.map(|language| words::stem(&word, language))).collect()
}
