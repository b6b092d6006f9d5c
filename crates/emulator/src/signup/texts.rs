//! The dialog's words in English and Indonesian.

use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// A language of the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Indonesian.
    Indonesian,
}

static ENGLISH: LazyLock<Map<String, Value>> = LazyLock::new(|| words(include_str!("pages/en.json")));
static INDONESIAN: LazyLock<Map<String, Value>> = LazyLock::new(|| words(include_str!("pages/id.json")));

fn words(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).expect("the dialog's words are a JSON object")
}

impl Language {
    /// The language asked for by name, else the browser's, as Meta takes that of the person's account.
    pub fn of(asked: &str, headers: &HeaderMap) -> Self {
        let browser =
            headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let wanted = if asked.is_empty() { browser } else { asked }.to_ascii_lowercase();
        if wanted.starts_with("id") { Self::Indonesian } else { Self::English }
    }

    /// `en` or `id`.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }

    /// All words, for the templates.
    pub fn words(self) -> &'static Map<String, Value> {
        match self {
            Self::English => &ENGLISH,
            Self::Indonesian => &INDONESIAN,
        }
    }

    /// One text with its `{placeholders}` filled in.
    pub fn say(self, key: &str, parts: &[(&str, &str)]) -> String {
        let text = self.words().get(key).and_then(Value::as_str).unwrap_or(key).to_owned();
        parts.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_texts_and_placeholders() {
        let marks = |text: &Value| {
            let mut marks: Vec<String> = text
                .as_str()
                .unwrap()
                .split('{')
                .skip(1)
                .map(|rest| rest.split('}').next().unwrap().into())
                .collect();
            marks.sort();
            marks
        };
        assert_eq!(ENGLISH.keys().collect::<Vec<_>>(), INDONESIAN.keys().collect::<Vec<_>>());
        for (key, text) in ENGLISH.iter() {
            assert_eq!(marks(text), marks(&INDONESIAN[key]), "{key}");
        }
    }

    #[test]
    fn the_browser_decides_unless_a_language_is_asked_for() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "id-ID,id;q=0.9".parse().unwrap());
        assert_eq!(Language::of("", &headers), Language::Indonesian);
        assert_eq!(Language::of("en", &headers), Language::English);
        assert_eq!(Language::of("", &HeaderMap::new()), Language::English);
    }
}
