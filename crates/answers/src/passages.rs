//! Documents cut into passages: the unit that is found, answered from and cited.
//!
//! A passage is a few paragraphs of one section with the titles above it. Cutting depends on the text alone, so
//! importing an unchanged document again yields the same passages with the same [`Passage::hash`].

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::{Language, language, words};

/// A passage grows until it has this many characters…
const TARGET: usize = 700;
/// …and is never longer than this.
const LONGEST: usize = 1_200;
/// A rest shorter than this joins the passage before it.
const SHORTEST: usize = 160;

/// A part of a document under one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The titles above the text, outermost first; empty for a document without headings.
    pub titles: Vec<String>,
    /// The text; blank lines separate paragraphs.
    pub text: String,
}

/// Where a passage comes from, which decides how it is ranked and answered from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A part of a document: sentences are chosen from it.
    Text,
    /// A question with its answer: the question is the title, and the answer is given whole.
    Pair,
}

/// A passage, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Part of a document, or a question–answer pair.
    pub kind: Kind,
    /// The titles above it, outermost first; for a pair, the question.
    pub titles: Vec<String>,
    /// The original text.
    pub text: String,
    /// The language it is stemmed in.
    pub language: Language,
    /// Its place in the document, from 0.
    pub ordinal: u32,
    /// Its place in its section, from 0.
    pub part: u32,
    /// 128 bits of what it is and says (FNV-1a): stable over releases and re-imports, not cryptographic.
    pub hash: [u8; 16],
}

/// Separates the levels of a [`title path`](Passage::title_path).
pub const TITLE_SEPARATOR: &str = " › ";

impl Passage {
    fn new(
        kind: Kind,
        titles: Vec<String>,
        text: String,
        language: Language,
        (ordinal, part): (u32, u32),
    ) -> Self {
        let mut hash = Fnv::default();
        hash.write(match (kind, part) {
            (Kind::Pair, _) => "pair",
            (Kind::Text, 0) => "text",
            (Kind::Text, _) => "later part",
        });
        titles.iter().for_each(|title| hash.write(title));
        hash.write(&text);
        Self { kind, titles, text, language, ordinal, part, hash: hash.0.to_be_bytes() }
    }

    /// A question with its answer as a passage of its own. `prior` is the organisation's language.
    pub fn pair(question: &str, answer: &str, ordinal: u32, prior: Option<Language>) -> Self {
        let (question, answer) = (tidy_line(question), answer.trim().to_owned());
        let language = language::detect(&format!("{question} {answer}"), prior);
        Self::new(Kind::Pair, vec![question], answer, language, (ordinal, 0))
    }

    /// The titles as one line for people: "Guide › Delivery › Costs".
    pub fn title_path(&self) -> String {
        self.titles.join(TITLE_SEPARATOR)
    }

    /// What to index for the titles: their stems, innermost title first, the levels separated by a bar (which is no
    /// stem). A later part of a section has its title only as one above it, so that the part with
    /// which the answer begins comes first.
    pub fn title_stems(&self) -> String {
        let own = (self.part > 0).then(String::new);
        let levels = self.titles.iter().rev().map(|title| words::index_text(title, self.language));
        own.into_iter().chain(levels).collect::<Vec<_>>().join(" | ").trim_start().to_owned()
    }

    /// What to index for the text.
    pub fn text_stems(&self) -> String {
        words::index_text(&self.text, self.language)
    }

    /// What to embed: the titles and the text.
    pub fn embedding_text(&self) -> String {
        if self.titles.is_empty() {
            self.text.clone()
        } else {
            format!("{}\n{}", self.title_path(), self.text)
        }
    }
}

/// Cuts a document into passages. `prior` is the organisation's language; the document's own language is decided
/// from its whole text, and a section in another language is noticed.
pub fn cut(sections: &[Section], prior: Option<Language>) -> Vec<Passage> {
    let sample: String =
        sections.iter().flat_map(|section| section.text.chars().take(400)).take(2_000).collect();
    let document = language::detect(&sample, prior);
    let mut passages = Vec::new();
    for section in sections {
        let language = language::detect(&section.text, Some(document));
        for (part, text) in (0..).zip(pieces(&section.text)) {
            let ordinal = u32::try_from(passages.len()).unwrap_or(u32::MAX);
            let titles =
                section.titles.iter().map(|title| tidy_line(title)).filter(|t| !t.is_empty()).collect();
            passages.push(Passage::new(Kind::Text, titles, text, language, (ordinal, part)));
        }
    }
    passages
}

/// Reads plain text whose headings, if any, are lines that begin with `#` (one per level, as in Markdown).
/// `title` is the document's own and stands above all others.
pub fn sections(title: &str, text: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut titles: Vec<(usize, String)> = Vec::new();
    let mut body = String::new();
    let mut fenced = false;
    let close = |titles: &[(usize, String)], body: &mut String, sections: &mut Vec<Section>| {
        if !body.trim().is_empty() {
            let path = std::iter::once(title).chain(titles.iter().map(|(_, title)| title.as_str()));
            let titles = path.map(tidy_line).filter(|title| !title.is_empty()).collect();
            sections.push(Section { titles, text: std::mem::take(body) });
        }
        body.clear();
    };
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        match heading(line).filter(|_| !fenced) {
            Some((level, heading)) => {
                close(&titles, &mut body, &mut sections);
                titles.retain(|(above, _)| *above < level);
                titles.push((level, heading.to_owned()));
            }
            None => {
                body.push_str(line);
                body.push('\n');
            }
        }
    }
    close(&titles, &mut body, &mut sections);
    sections
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    let title = rest.strip_prefix(' ')?.trim().trim_end_matches('#').trim_end();
    ((1..=6).contains(&level) && !title.is_empty()).then_some((level, title))
}

/// Paragraphs and list items gathered to passages.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    for unit in units(text) {
        let held = piece.chars().count();
        if held > 0 && (held >= TARGET || held + unit.text.chars().count() > LONGEST) {
            pieces.push(std::mem::take(&mut piece));
            piece.push_str(&unit.before);
        }
        if !piece.is_empty() {
            piece.push_str(unit.separator);
        }
        piece.push_str(&unit.text);
    }
    match pieces.last_mut() {
        Some(last) if piece.chars().count() < SHORTEST => {
            last.push_str("\n\n");
            last.push_str(&piece);
        }
        _ if piece.is_empty() => {}
        _ => pieces.push(piece),
    }
    pieces
}

/// A paragraph, a line of a list, or a part of an overlong one.
struct Unit {
    /// What stands between it and what comes before it in the same passage.
    separator: &'static str,
    text: String,
    /// Where it continues an overlong paragraph: the sentence before, to begin a passage with, so that no sentence
    /// loses what it refers to.
    before: String,
}

fn units(text: &str) -> Vec<Unit> {
    let mut units = Vec::new();
    for paragraph in paragraphs(text) {
        if paragraph.chars().count() <= TARGET {
            units.push(Unit { separator: "\n\n", text: paragraph, before: String::new() });
            continue;
        }
        let mut before = "";
        for (at, sentence) in sentences(&paragraph).into_iter().flat_map(|s| chop(s, LONGEST / 2)).enumerate()
        {
            let separator = if at == 0 {
                "\n\n"
            } else if is_item(sentence) {
                "\n"
            } else {
                " "
            };
            let repeat = !is_item(sentence) && !is_item(before) && before.chars().count() < TARGET / 3;
            let before_it = if repeat { before.to_owned() } else { String::new() };
            units.push(Unit { separator, text: sentence.to_owned(), before: before_it });
            before = sentence;
        }
    }
    units
}

/// Paragraphs without the white space around and within their lines.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end).chain([""]) {
        if !line.trim().is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            paragraphs.push(lines.join("\n"));
            lines.clear();
        }
    }
    paragraphs
}

/// Cuts what has no sentence ends (tables, logs) between words, or within one where a word is that long.
fn chop(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.chars().count() > limit {
        let end = rest.char_indices().nth(limit).map_or(rest.len(), |(at, _)| at);
        let space = rest[..end].rfind(char::is_whitespace).filter(|at| *at > 0).unwrap_or(end);
        parts.push(rest[..space].trim());
        rest = rest[space..].trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}

/// The sentences of a text, trimmed; an item of a list is a sentence of its own. Abbreviations common in business
/// texts ("Jl. Merdeka No. 5", "e.g. this") do not end one, nor does a mark within a word or an address.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut sentences: Vec<&str> = Vec::new();
    for block in blocks(text) {
        let mut start = 0;
        let mut end = 0;
        for (at, part) in block.split_sentence_bound_indices() {
            end = at + part.len();
            // Nothing ends in the middle of an address such as example.com/search?q=1.
            let inside_a_word = !block[..end].ends_with(char::is_whitespace) && end < block.len();
            let unfinished =
                ends_in_abbreviation(&block[start..end]) || goes_on(&block[start..end], &block[end..]);
            if !inside_a_word && !unfinished {
                push_trimmed(&mut sentences, &block[start..end]);
                start = end;
            }
        }
        push_trimmed(&mut sentences, &block[start..end]);
    }
    sentences
}

fn push_trimmed<'a>(sentences: &mut Vec<&'a str>, sentence: &'a str) {
    let sentence = sentence.trim();
    if !sentence.is_empty() {
        sentences.push(sentence);
    }
}

/// Paragraphs and list items: text that belongs together even where its lines are wrapped.
fn blocks(text: &str) -> Vec<&str> {
    let mut blocks = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        if bare.is_empty() || is_item(bare) {
            blocks.push(&text[start..at]);
            start = at;
        }
        at += line.len();
    }
    blocks.push(&text[start..]);
    blocks
}

fn is_item(line: &str) -> bool {
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = after_number.len() < line.len() && after_number.starts_with(['.', ')']);
    let marked = ["- ", "* ", "• ", "+ ", "| "].iter().any(|mark| line.starts_with(mark));
    marked || (numbered && after_number[1..].starts_with(' '))
}

/// Whether the line break between the two is only a wrapped line: no sentence end before it, a small letter after.
fn goes_on(before: &str, after: &str) -> bool {
    let open = !before.trim_end().ends_with(['.', '!', '?', ':', ';', '…']);
    open && after.trim_start().starts_with(char::is_lowercase)
}

fn ends_in_abbreviation(sentence: &str) -> bool {
    const SHORT: &[&str] = &[
        "jl", "no", "dr", "drg", "mr", "mrs", "ms", "st", "rp", "tel", "telp", "hp", "dll", "dsb", "mis",
        "msl", "yth", "pt", "cv", "ir", "hj", "e.g", "i.e", "a.k.a", "etc", "vs", "approx", "a.n", "s.d",
        "d.a", "u.p",
    ];
    let Some(bare) = sentence.trim_end().strip_suffix('.') else { return false };
    let word = bare.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default().to_lowercase();
    SHORT.contains(&word.as_str())
}

/// One line with single spaces.
fn tidy_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// FNV-1a with 128 bits; a separator after each part keeps parts apart.
struct Fnv(u128);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Fnv {
    fn write(&mut self, part: &str) {
        for byte in part.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headings_become_title_paths() {
        let text =
            "Intro.\n\n# Delivery\nWe deliver.\n## Costs\nFree above 500.\n# Returns\nWithin 7 days.\n";
        let found = sections("Shop guide", text);
        let paths: Vec<_> = found.iter().map(|section| section.titles.join("/")).collect();
        assert_eq!(
            paths,
            ["Shop guide", "Shop guide/Delivery", "Shop guide/Delivery/Costs", "Shop guide/Returns"]
        );
        assert_eq!(found[2].text.trim(), "Free above 500.");
    }

    #[test]
    fn hashes_survive_a_second_import_and_notice_change() {
        let one = cut(&sections("Guide", "# A\nFirst text.\n# B\nSecond text."), None);
        let two = cut(&sections("Guide", "# A\nFirst text.\n# B\nSecond text, changed."), None);
        assert_eq!(one, cut(&sections("Guide", "# A\nFirst text.\n# B\nSecond text."), None));
        assert_eq!(one[0].hash, two[0].hash);
        assert_ne!(one[1].hash, two[1].hash);
    }

    #[test]
    fn a_pair_is_titled_by_its_question() {
        let pair = Passage::pair("Berapa  ongkir ke Bandung?", "Ongkir ke Bandung Rp15.000.", 0, None);
        assert_eq!((pair.kind, pair.language), (Kind::Pair, Language::Indonesian));
        assert_eq!(pair.title_path(), "Berapa ongkir ke Bandung?");
        assert!(pair.title_stems().contains("bandung") && !pair.title_stems().contains('|'));
    }

    #[test]
    fn sentences_end_where_people_think_they_do() {
        assert_eq!(
            sentences("Kami di Jl. Merdeka No. 5. Buka setiap hari! Tutup? Tidak."),
            ["Kami di Jl. Merdeka No. 5.", "Buka setiap hari!", "Tutup?", "Tidak."]
        );
        assert_eq!(sentences("Prices:\n- small 10\n- big 20\n"), ["Prices:", "- small 10", "- big 20"]);
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_passage_is_too_long(
            paragraphs in prop::collection::vec(prop::collection::vec("[a-z]{1,9}[.]?", 1..400), 1..8)
        ) {
            let text = paragraphs.iter().map(|words| words.join(" ")).collect::<Vec<_>>().join("\n\n");
            let section = Section { titles: vec!["T".into()], text: text.clone() };
            let passages = cut(&[section], None);
            let mut kept = std::collections::BTreeSet::new();
            for passage in &passages {
                prop_assert!(passage.text.chars().count() <= LONGEST * 3 / 2 + 2);
                kept.extend(passage.text.split_whitespace().map(str::to_owned));
            }
            for word in text.split_whitespace() {
                prop_assert!(kept.contains(word), "{word} was lost");
            }
        }

        #[test]
        fn any_text_is_cut_without_panic(text in "\\PC{0,400}", newlines in "[#\\n a.]{0,60}") {
            let text = format!("{text}{newlines}{text}");
            for section in sections(&text, &text) {
                sentences(&section.text);
                cut(&[section], None);
            }
        }
    }
}
