//! The embedded answerer: chooses sentences that answer, or refuses honestly. No model, no words of its own.
//!
//! Invariant: the text of an answer is copied from one passage; nothing in a passage is ever acted upon.

use crate::{
    Language, passages,
    passages::Kind,
    query::{Expectation, Query, Term},
    rank::{Ranked, Statistics},
    words,
};

/// An answer fits a chat bubble: at most this many characters (a question–answer pair is given whole).
pub const LONGEST: usize = 700;
/// An answer shorter than this takes in the sentences around it.
const COMFORTABLE: usize = 220;

/// The original of a candidate, at the same place in the list as its [`Candidate`](crate::rank::Candidate).
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Part of a document, or a question–answer pair.
    pub kind: Kind,
    /// The titles above it, outermost first; for a pair, the question.
    pub titles: &'a [String],
    /// The original text.
    pub text: &'a str,
    /// The language the passage is stemmed in.
    pub language: Language,
}

/// What the answerer decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The passages support this answer.
    Supported(Answer),
    /// They do not; say so and offer a person ([`refusal`]).
    Refused {
        /// Why, for logs and the agent's eyes.
        reason: Refusal,
        /// From 0 to 1: how well the best passage did.
        confidence: f32,
    },
}

/// An answer taken from a passage.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Sentences of the passage, ready to send.
    pub text: String,
    /// Place of the passage in the list of candidates.
    pub source: usize,
    /// What to cite, for [`citation`]: the innermost title, or the one above where the passage is a pair.
    pub title: Option<String>,
    /// The language of the sentences, which may differ from the customer's.
    pub language: Language,
    /// From 0 to 1.
    pub confidence: f32,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The question has no word with a meaning.
    NothingAsked,
    /// No passage shares a word with the question.
    NothingFound,
    /// Passages share words with it, but not enough of what was asked.
    TooLittle,
    /// The best passage lacks what was asked for: a price, a number, a time, a way to reach someone.
    KindMissing,
}

/// From this confidence on an answer is given. Calibrated with `cargo xtask eval` (see `docs/answers.md`).
const ENOUGH: f32 = 0.43;
/// So many passages may answer, if their score is at least this share of the best one's and their confidence is better
/// by so much.
const CONTENDERS: usize = 3;
const CLOSE: f32 = 0.75;
const CLEARLY: f32 = 0.05;
/// So many matching words make the most of their number.
const MANY_WORDS: f32 = 5.0;
/// From this similarity of meaning on a passage supports an answer though it shares few words.
const SAME_MEANING: f32 = 0.55;

/// Answers from the best of the ranked passages, or refuses.
pub fn answer(query: &Query, statistics: &Statistics, ranked: &[Ranked], sources: &[Source<'_>]) -> Outcome {
    let refused = |reason, confidence| Outcome::Refused { reason, confidence };
    if query.terms.is_empty() {
        return refused(Refusal::NothingAsked, 0.0);
    }
    let lead = ranked.first().map_or(0.0, |first| first.score);
    let contenders = ranked.iter().take_while(|one| one.score >= lead * CLOSE).take(CONTENDERS);
    let read = contenders.filter_map(|one| {
        let source = sources.get(one.index)?;
        let sentences = choose(query, statistics, source);
        let confidence = confidence(query, statistics, one, source, &sentences);
        Some((one, source, sentences, confidence))
    });
    // The passage that ranks first answers, unless a close one says clearly more of what was asked.
    let chosen = read.reduce(|first, next| if next.3 > first.3 + CLEARLY { next } else { first });
    let Some((best, source, sentences, confidence)) = chosen else {
        return refused(Refusal::NothingFound, 0.0);
    };
    if confidence < ENOUGH {
        return refused(Refusal::TooLittle, confidence);
    }
    if query.expects.is_some_and(|kind| !holds(source.text, kind)) {
        return refused(Refusal::KindMissing, confidence);
    }
    Outcome::Supported(Answer {
        text: sentences,
        source: best.index,
        title: cited_title(source),
        language: source.language,
        confidence,
    })
}

/// The title to cite. A pair's question would read oddly as a source; it is its own.
fn cited_title(source: &Source<'_>) -> Option<String> {
    match source.kind {
        Kind::Text => source.titles.last().cloned(),
        Kind::Pair => None,
    }
}

/// How sure the answer is, from 0 to 1: the share of the question's meaning that titles and chosen sentences hold, how
/// far the title is the question itself, and how many words match; or nearness of meaning, where that says more.
fn confidence(
    query: &Query,
    statistics: &Statistics,
    best: &Ranked,
    source: &Source<'_>,
    chosen: &str,
) -> f32 {
    let titles: Vec<String> =
        source.titles.iter().flat_map(|title| words::stems(title, source.language)).collect();
    let said = words::stems(chosen, source.language);
    let (mut held, mut total, mut matched) = (0.0, 0.0, 0.0_f32);
    for term in &query.terms {
        let weight = statistics.weight(term);
        let best = said.iter().chain(&titles).filter_map(|stem| form_weight(term, stem)).fold(0.0, f32::max);
        held += weight * best;
        total += weight;
        matched += if best > 0.0 { term.weight } else { 0.0 };
    }
    let in_answer = if total > 0.0 { held / total } else { 0.0 };
    // Several words that match are hardly chance, even where the question has more of them.
    let by_words = 0.5 * in_answer + 0.3 * best.title_match + 0.2 * (matched / MANY_WORDS).min(1.0);
    let by_meaning = best.similarity.map_or(0.0, |similarity| ENOUGH * similarity / SAME_MEANING);
    by_words.max(by_meaning).min(1.0)
}

fn form_weight(term: &Term, stem: &str) -> Option<f32> {
    term.all().find(|(form, _)| *form == stem).map(|(_, weight)| weight)
}

/// The run of sentences that holds most of what was asked and is not longer than a chat message should be.
fn choose(query: &Query, statistics: &Statistics, source: &Source<'_>) -> String {
    if source.kind == Kind::Pair {
        return source.text.trim().to_owned();
    }
    let sentences = passages::sentences(source.text);
    let titles: Vec<String> =
        source.titles.last().map(|t| words::stems(t, source.language)).unwrap_or_default();
    let terms: Vec<(&Term, f32)> = query.terms.iter().map(|term| (term, statistics.weight(term))).collect();
    let held: Vec<Vec<f32>> = sentences
        .iter()
        .map(|sentence| {
            let stems = words::stems(sentence, source.language);
            let weight =
                |term: &Term| stems.iter().filter_map(|stem| form_weight(term, stem)).fold(0.0, f32::max);
            terms.iter().map(|(term, _)| weight(term)).collect()
        })
        .collect();
    let in_title: Vec<bool> =
        terms.iter().map(|(term, _)| titles.iter().any(|stem| form_weight(term, stem).is_some())).collect();
    let total: f32 = terms.iter().map(|(_, weight)| weight).sum::<f32>().max(f32::MIN_POSITIVE);

    let mut best = (f32::MIN, 0, sentences.len().min(1));
    for start in 0..sentences.len() {
        let mut size = 0;
        for end in start + 1..=sentences.len() {
            size += sentences[end - 1].chars().count() + 1;
            if size > LONGEST && end > start + 1 {
                break;
            }
            let mut worth = 0.0;
            for (at, (_, weight)) in terms.iter().enumerate() {
                let most = held[start..end].iter().map(|sentence| sentence[at]).fold(0.0, f32::max);
                // What the title already says need not be said again, but where it is said is a good place.
                worth += weight / total * most * if in_title[at] { 0.4 } else { 1.0 };
            }
            let about: f32 =
                terms.iter().zip(&in_title).filter(|(_, held)| **held).map(|((_, w), _)| w).sum();
            if start == 0 {
                worth += 0.35 * (about / total).powi(2);
            }
            if query.expects.is_some_and(|kind| holds(&sentences[start..end].join(" "), kind)) {
                worth += 0.5;
            }
            worth -= size.saturating_sub(COMFORTABLE) as f32 / 1_000.0;
            worth -= COMFORTABLE.saturating_sub(size) as f32 / 4_000.0;
            if sentences[end - 1].ends_with(':') {
                worth -= 0.2; // it announces what would be missing
            }
            if worth > best.0 {
                best = (worth, start, end);
            }
        }
    }
    shorten(&join(&sentences[best.1..best.2]))
}

/// Sentences in one paragraph; items of lists and rows of tables on lines of their own. What has no end of its own was
/// ended by its line, and would run into the next.
fn join(sentences: &[&str]) -> String {
    let mut text = String::new();
    for sentence in sentences {
        let item = ["- ", "* ", "• "].iter().any(|mark| sentence.starts_with(mark));
        let ended =
            text.trim_end_matches(['"', '”', '’', ')', '*', '_']).ends_with(['.', '!', '?', '…', ':']);
        if !text.is_empty() {
            text.push(if item || !ended { '\n' } else { ' ' });
        }
        let one_line: Vec<&str> = sentence.split_whitespace().collect();
        text.push_str(&one_line.join(" "));
    }
    text
}

/// Cuts a single overlong sentence at a word.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => {
            let cut = text[..end].rfind(char::is_whitespace).unwrap_or(end);
            format!("{} …", text[..cut].trim_end())
        }
    }
}

/// Whether a text holds the kind of thing that was asked for.
fn holds(text: &str, kind: Expectation) -> bool {
    let digits = |least: usize| {
        text.split(|c: char| !(c.is_ascii_digit() || " -.()+".contains(c)))
            .any(|run| run.chars().filter(char::is_ascii_digit).count() >= least)
    };
    let folded = || words::split(text);
    match kind {
        Expectation::Price => {
            digits(1) && has_currency(text)
                || folded().iter().any(|w| matches!(w.as_str(), "gratis" | "free" | "cuma"))
        }
        Expectation::Number => digits(1) || folded().iter().any(|word| NUMBER_WORDS.contains(&word.as_str())),
        Expectation::Phone => digits(7),
        Expectation::Email => text.contains('@'),
        Expectation::Hours => names_a_time(text),
    }
}

/// "08.00–17.00", "8:30", "9am", "pukul 9", "24 jam".
fn names_a_time(text: &str) -> bool {
    const UNITS: &[&str] = &["am", "pm", "pukul", "jam", "wib", "wita", "wit", "hours", "oclock"];
    let clock = text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':')).any(|word| {
        let parts: Vec<&str> = word.split(['.', ':']).collect();
        matches!(parts[..], [hour, minute] if (1..=2).contains(&hour.len()) && minute.len() == 2)
    });
    let is_number = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    let spoken = words::split(text).windows(2).any(|both| {
        let (one, two) = (both[0].as_str(), both[1].as_str());
        (is_number(one) && UNITS.contains(&two)) || (UNITS.contains(&one) && is_number(two))
    });
    let joined = words::split(text).iter().any(|word| {
        word.strip_suffix("am")
            .or_else(|| word.strip_suffix("pm"))
            .is_some_and(|n| !n.is_empty() && is_number(n))
    });
    clock || spoken || joined
}

const NUMBER_WORDS: &[&str] = &[
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "dozen", "twice", "satu",
    "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas", "belas",
    "puluh", "ratus", "ribu", "selusin",
];

fn has_currency(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "rp", "idr", "rupiah", "usd", "dollar", "dollars", "eur", "euro", "euros", "sgd", "myr", "ringgit",
        "ribu", "juta", "rb", "jt", "gbp", "pound", "pounds", "k",
    ];
    let marked = text.contains(['$', '€', '£', '¥', '₹']);
    marked || words::fold(text).split(|c: char| !c.is_alphabetic()).any(|word| WORDS.contains(&word))
}

/// How a source is named to the customer: "Sumber: Pengiriman".
pub fn citation(language: Language, title: &str) -> String {
    match language {
        Language::Indonesian => format!("Sumber: {title}"),
        Language::English => format!("Source: {title}"),
    }
}

/// What to say when there is no answer, unless the organisation has its own words.
pub fn refusal(language: Language) -> &'static str {
    match language {
        Language::Indonesian => {
            "Maaf, saya belum menemukan jawabannya di informasi yang saya punya. \
             Mau saya sambungkan ke tim kami?"
        }
        Language::English => {
            "Sorry, I could not find the answer in the information I have. \
             Shall I connect you with someone from our team?"
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rank::{Candidate, rank};

    fn ask(question: &str, titles: &[&str], text: &str, kind: Kind) -> Outcome {
        let language = Language::Indonesian;
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        let title_stems = titles.last().map(|title| words::index_text(title, language)).unwrap_or_default();
        let text_stems = words::index_text(text, language);
        let query = Query::new(question, Some(language));
        let statistics = Statistics { passages: 10, ..Statistics::default() };
        let candidate =
            Candidate { kind, title_stems: &title_stems, text_stems: &text_stems, similarity: None };
        let ranked = rank(&query, &statistics, &[candidate]);
        answer(&query, &statistics, &ranked, &[Source { kind, titles: &titles, text, language }])
    }

    fn text_of(outcome: Outcome) -> String {
        match outcome {
            Outcome::Supported(answer) => answer.text,
            Outcome::Refused { reason, confidence } => panic!("refused: {reason:?} at {confidence}"),
        }
    }

    #[test]
    fn the_sentence_that_answers_is_chosen() {
        let text = "Toko kami berdiri sejak 2010. Kami menyangrai biji kopi sendiri setiap pekan di dapur belakang toko, \
                    dengan mesin berkapasitas lima kilogram, dan semua orang boleh datang melihat prosesnya. \
                    Ongkos kirim ke Bandung Rp15.000 dengan kurir reguler. Pesanan sebelum pukul 12.00 dikirim hari itu.";
        let answer = text_of(ask("brp ongkir ke bandung?", &["Panduan", "Pengiriman"], text, Kind::Text));
        assert!(answer.contains("Rp15.000"), "{answer}");
        assert!(!answer.contains("2010"), "{answer}");
    }

    #[test]
    fn rows_of_a_table_do_not_run_together() {
        let text = "Produk: Kopi susu; Harga: Rp18.000\n\nProduk: Kopi hitam; Harga: Rp15.000\n\nProduk: Teh; Harga: Rp9.000";
        let answer = text_of(ask("berapa harga kopi?", &["Daftar harga"], text, Kind::Text));
        assert!(answer.contains("Rp18.000\nProduk: Kopi hitam"), "{answer}");
        assert_eq!(
            join(&["Buka setiap hari.", "Libur: Senin", "Selain itu buka."]),
            "Buka setiap hari. Libur: Senin\nSelain itu buka."
        );
    }

    #[test]
    fn a_pair_answers_whole() {
        let answer = text_of(ask("jam bukanya?", &["Jam buka?"], "Senin–Jumat 08.00–17.00.", Kind::Pair));
        assert_eq!(answer, "Senin–Jumat 08.00–17.00.");
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let refused = ask("apakah jual sepeda listrik?", &["Pengiriman"], "Kami menjual kopi.", Kind::Text);
        assert!(matches!(refused, Outcome::Refused { reason: Refusal::TooLittle, .. }), "{refused:?}");
        let no_price =
            ask("berapa harga kopi susu?", &["Kopi susu"], "Kopi susu dengan harga bersahabat.", Kind::Text);
        assert!(matches!(no_price, Outcome::Refused { reason: Refusal::KindMissing, .. }), "{no_price:?}");
        assert!(matches!(
            ask("ya", &["Kopi"], "Kopi.", Kind::Text),
            Outcome::Refused { reason: Refusal::NothingAsked, .. }
        ));
    }

    #[test]
    fn hours_are_told_from_other_numbers() {
        for text in ["Senin 08.00–17.00", "We open at 9am", "buka 24 jam", "from 8:30", "pukul 9 pagi"] {
            assert!(names_a_time(text), "{text}");
        }
        for text in ["H.323 and SIP", "Rp15.000", "version 11.100", "no hours"] {
            assert!(!names_a_time(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_answer_is_short_and_copied(text in "([A-Za-z]{1,12}[.]? ){1,300}") {
            let question = text.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
            if let Outcome::Supported(answer) = ask(&question, &["Judul"], &text, Kind::Text) {
                prop_assert!(answer.text.chars().count() <= LONGEST + 2);
                let known: Vec<&str> = text.split_whitespace().collect();
                for word in answer.text.split_whitespace().filter(|word| *word != "…") {
                    prop_assert!(known.contains(&word), "{word} is not in the passage");
                }
            }
        }
    }
}
