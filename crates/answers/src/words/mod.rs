//! From text to the stems that are indexed and searched.
//!
//! Invariant: [`index_text`] of a passage and the forms of a query pass through the same steps (fold, split, plain
//! form, stem), so a word always meets itself. The output holds only letters, digits and single spaces, at
//! which the store parts it.

mod indonesian;
pub mod lists;
pub mod spelling;

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::Language;

/// Words longer than this many characters are cut: nobody searches for them, and an index should not hold them.
const LONGEST: usize = 40;

/// Folds case, width and diacritics: "Café ＡＢＣ" becomes "cafe abc".
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c)).flat_map(char::to_lowercase).collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
}

/// Splits folded text into words of letters and digits. Thousands are joined ("85.000" is `85000`), an apostrophe
/// within a word is dropped ("don't" is `dont`), everything else that is not a letter or a digit separates.
pub fn split(text: &str) -> Vec<String> {
    let folded: Vec<char> = fold(text).chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &c) in folded.iter().enumerate() {
        if c.is_alphanumeric() {
            if word.chars().count() < LONGEST {
                word.push(c);
            }
        } else if !word.is_empty() && joins(&folded, at, &word) {
            continue;
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether the mark at `at` stands inside a word rather than between two.
fn joins(text: &[char], at: usize, word: &str) -> bool {
    let following = |n: usize| text.get(at + n).copied().unwrap_or(' ');
    match text[at] {
        '\'' | '\u{2019}' => following(1).is_alphabetic(),
        '.' | ',' => {
            word.ends_with(|c: char| c.is_ascii_digit())
                && (1..=3).all(|n| following(n).is_ascii_digit())
                && !following(4).is_ascii_digit()
        }
        _ => false,
    }
}

/// The stem of one folded word. Words with digits (codes, versions, prices) stay as they are.
pub fn stem(word: &str, language: Language) -> String {
    if word.bytes().any(|b| b.is_ascii_digit()) {
        // "buku2" is how "buku-buku" is typed.
        let doubled = word
            .strip_suffix('2')
            .filter(|once| once.len() > 3 && once.bytes().all(|b| b.is_ascii_alphabetic()));
        return match doubled {
            Some(once) if language == Language::Indonesian => indonesian::stem(once),
            _ => word.to_owned(),
        };
    }
    match language {
        Language::Indonesian => indonesian::stem(word),
        Language::English => tantivy_stemmers::algorithms::english_porter_2(word).into_owned(),
    }
}

/// Every stem of `text` in order, with colloquial spellings made plain. Stop words are kept (they are cheap, and
/// names such as "The Who" need them); the query leaves them out.
pub fn stems(text: &str, language: Language) -> Vec<String> {
    let mut stems: Vec<String> = Vec::new();
    for word in split(text) {
        if let Some(plain) = lists::plain(&word, language) {
            stems.extend(plain.split(' ').map(|part| stem(part, language)));
            continue;
        }
        let stem = stem(&word, language);
        // Reduplication says "many", not something else: "buku-bukunya" is "buku".
        let doubled = language == Language::Indonesian && stems.last() == Some(&stem);
        if !doubled || word.bytes().any(|b| b.is_ascii_digit()) {
            stems.push(stem);
        }
    }
    stems
}

/// The text to store beside the original and to index: its stems, separated by single spaces.
pub fn index_text(text: &str, language: Language) -> String {
    stems(text, language).join(" ")
}

/// The distinct stems of indexed text, sorted: what the store counts per passage.
pub fn distinct(indexed: &str) -> BTreeSet<&str> {
    indexed.split(' ').filter(|stem| !stem.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding_removes_case_width_and_marks() {
        assert_eq!(fold("Café ＡＢＣ ﬁn"), "cafe abc fin");
        assert_eq!(fold("ha\u{200b}rga"), "harga");
    }

    #[test]
    fn prices_times_and_apostrophes() {
        assert_eq!(split("Rp85.000,- don't 1,250,000"), ["rp85000", "dont", "1250000"]);
        assert_eq!(split("buka 08.00–17.00"), ["buka", "08", "00", "17", "00"]);
        assert_eq!(
            split("versi 11.1 /etc/apt/sources.list"),
            ["versi", "11", "1", "etc", "apt", "sources", "list"]
        );
        assert_eq!(split("10.04.2026"), ["10", "04", "2026"]);
    }

    #[test]
    fn inflected_words_meet() {
        for (one, two) in [
            ("pengiriman", "dikirim"),
            ("mengirimkan", "kirim"),
            ("penutupan", "ditutup"),
            ("menulis", "tulisan"),
            ("meminta", "permintaan"),
            ("pengembalian", "dikembalikan"),
            ("buku-bukunya", "buku"),
            ("harganya", "harga"),
            ("buku2", "buku"),
            ("bukakah", "dibuka"),
            ("memulai", "dimulai"),
            ("memasukkan", "masuk"),
            ("pembaruan", "diperbarui"),
        ] {
            assert_eq!(
                index_text(one, Language::Indonesian),
                index_text(two, Language::Indonesian),
                "{one} and {two}"
            );
        }
        assert_eq!(index_text("deliveries", Language::English), index_text("delivery", Language::English));
    }

    #[test]
    fn colloquial_words_become_plain() {
        assert_eq!(index_text("brp hrg yg kecil", Language::Indonesian), "berapa harga yang kecil");
    }

    proptest! {
        #[test]
        fn indexed_text_holds_only_letters_digits_and_single_spaces(text in "\\PC{0,200}") {
            for language in Language::ALL {
                let indexed = index_text(&text, language);
                prop_assert!(indexed.chars().all(|c| c.is_alphanumeric() || c == ' '), "{indexed:?}");
                prop_assert!(!indexed.contains("  ") && !indexed.starts_with(' ') && !indexed.ends_with(' '));
            }
        }

        #[test]
        fn a_word_meets_itself_in_any_case(word in "[a-z]{1,30}") {
            for language in Language::ALL {
                prop_assert_eq!(index_text(&word, language), index_text(&word.to_uppercase(), language));
            }
        }
    }
}
