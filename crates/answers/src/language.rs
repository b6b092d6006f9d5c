//! Which language a text is in: Indonesian or English, decided even for two colloquial words.
//!
//! Function words decide first, because short chat messages are full of them ("gimana sih cara bayarnya");
//! trigram statistics (whatlang) help with longer texts; a prior given by the caller breaks ties.

use serde::{Deserialize, Serialize};

use crate::words::{self, lists};

/// A language in which Sapa answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// Bahasa Indonesia, formal or colloquial.
    #[serde(rename = "id")]
    Indonesian,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Both languages.
    pub const ALL: [Language; 2] = [Language::Indonesian, Language::English];

    /// The ISO 639-1 code: `id` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Language::Indonesian => "id",
            Language::English => "en",
        }
    }

    /// The language with this code; a region ("en_GB", "id-ID") is ignored, an unknown language is `None`.
    pub fn from_code(code: &str) -> Option<Language> {
        let primary = code.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "id" | "in" | "ms" => Some(Language::Indonesian),
            "en" => Some(Language::English),
            _ => None,
        }
    }

    /// The other one.
    pub fn other(self) -> Language {
        match self {
            Language::Indonesian => Language::English,
            Language::English => Language::Indonesian,
        }
    }
}

/// A text is judged by at most this many of its first characters.
const ENOUGH: usize = 2_000;
/// What whatlang's verdict weighs, in function words.
const TRIGRAM_WEIGHT: f64 = 2.0;
/// What the prior weighs, in function words: less than one, so that one clear word overrules it.
const PRIOR_WEIGHT: f64 = 0.75;

/// Decides the language of `text`. `prior` is what the caller expects (the language of the conversation so far or
/// of the organisation) and wins where the text itself says little. Without any hint the answer is Indonesian.
pub fn detect(text: &str, prior: Option<Language>) -> Language {
    let sample: String = text.chars().take(ENOUGH).collect();
    let mut balance = 0.0_f64; // above zero: Indonesian
    for word in words::split(&sample) {
        let indonesian = lists::is_indonesian_marker(&word);
        let english = lists::is_english_marker(&word);
        match (indonesian, english) {
            (true, false) => balance += 1.0,
            (false, true) => balance -= 1.0,
            _ => {}
        }
    }
    balance += match prior {
        Some(Language::Indonesian) => PRIOR_WEIGHT,
        Some(Language::English) => -PRIOR_WEIGHT,
        None => 0.0,
    };
    balance += trigrams(&sample) * TRIGRAM_WEIGHT;
    if balance < 0.0 { Language::English } else { Language::Indonesian }
}

/// From −1 (surely English) to 1 (surely Indonesian), by trigrams; 0 for texts too short to say.
fn trigrams(text: &str) -> f64 {
    if text.chars().count() < 24 {
        return 0.0;
    }
    let detector = whatlang::Detector::with_allowlist(vec![whatlang::Lang::Ind, whatlang::Lang::Eng]);
    match detector.detect(text) {
        Some(found) if found.lang() == whatlang::Lang::Ind => found.confidence(),
        Some(found) => -found.confidence(),
        None => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_colloquial_texts_are_told_apart() {
        for text in [
            "gimana cara bayar?",
            "brp harganya kak",
            "ada promo ga?",
            "dimana alamatnya",
            "bisa kirim ke bandung gak",
            "jam buka",
            "udah sampe mana paket saya",
            "min, mau tanya dong",
        ] {
            assert_eq!(detect(text, None), Language::Indonesian, "{text}");
        }
        for text in [
            "how much is it?",
            "where are you located",
            "do you deliver",
            "what's the price of the house blend",
            "can i pay by card",
            "opening hours please",
            "is there parking",
        ] {
            assert_eq!(detect(text, None), Language::English, "{text}");
        }
    }

    #[test]
    fn the_prior_decides_only_what_the_text_leaves_open() {
        assert_eq!(detect("Gayo 250", Some(Language::English)), Language::English);
        assert_eq!(detect("Gayo 250", Some(Language::Indonesian)), Language::Indonesian);
        assert_eq!(detect("berapa harga espresso yang besar", Some(Language::English)), Language::Indonesian);
        assert_eq!(detect("how much for the espresso", Some(Language::Indonesian)), Language::English);
    }

    #[test]
    fn codes_with_regions_are_understood() {
        assert_eq!(Language::from_code("en_GB"), Some(Language::English));
        assert_eq!(Language::from_code("id-ID"), Some(Language::Indonesian));
        assert_eq!(Language::from_code("fr"), None);
    }
}
