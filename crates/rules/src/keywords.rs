//! STOP and START, as people write them, without catching ordinary sentences.
//!
//! A keyword is a whole message: politeness around it and a slip of the finger within it change nothing, but a sentence that
//! holds it is a sentence. What asks is no command.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::locale::Locale;

text_enum! {
    /// What a keyword asks for.
    pub enum Keyword {
        /// No more messages of any kind.
        Stop = "stop",
        /// No more offers and news.
        StopMarketing = "stop_marketing",
        /// Messages again.
        Start = "start",
    }
}

const STOP: &[&str] = &[
    "stop",
    "stop all",
    "stopall",
    "stop messages",
    "please stop",
    "stop please",
    "unsubscribe",
    "unsubscribe me",
    "opt out",
    "optout",
    "opt-out",
    "remove me",
    "cancel subscription",
    "end",
    "quit",
    "berhenti",
    "berhenti langganan",
    "berhenti berlangganan",
    "tolong berhenti",
    "stop langganan",
    "henti",
    "batal langganan",
    "jangan kirim lagi",
    "jangan kirim pesan lagi",
    "hapus saya",
    "keluar",
    "stop ya",
    "stop dong",
    "stop kak",
    "berhenti ya",
    "arrêt",
    "arret",
    "detener",
    "parar",
    "sair",
    "stopp",
    "إيقاف",
    "توقف",
    "退订",
    "หยุด",
];

const STOP_MARKETING: &[&str] = &[
    "stop promotions",
    "stop promotion",
    "stop promo",
    "stop marketing",
    "stop offers",
    "no more offers",
    "stop ads",
    "stop iklan",
    "berhenti promo",
    "berhenti promosi",
    "stop promosi",
    "jangan kirim promo",
    "hentikan promo",
];

const START: &[&str] = &[
    "start",
    "unstop",
    "subscribe",
    "resume",
    "opt in",
    "optin",
    "opt-in",
    "mulai",
    "mulai lagi",
    "langganan",
    "berlangganan",
    "daftar lagi",
    "lanjut berlangganan",
    "aktifkan lagi",
    "reprendre",
    "iniciar",
    "ابدأ",
    "订阅",
];

/// What programs attach to buttons that ask for the same, whatever stands on the button. Words that flows use for other
/// things, such as START, END and CANCEL, are none.
const PAYLOADS: &[(&str, Keyword)] = &[
    ("stop", Keyword::Stop),
    ("stop all", Keyword::Stop),
    ("stop messages", Keyword::Stop),
    ("unsubscribe", Keyword::Stop),
    ("opt out", Keyword::Stop),
    ("optout", Keyword::Stop),
    ("stop marketing", Keyword::StopMarketing),
    ("stop promotions", Keyword::StopMarketing),
    ("stop promo", Keyword::StopMarketing),
    ("stop offers", Keyword::StopMarketing),
    ("opt out marketing", Keyword::StopMarketing),
    ("unsubscribe marketing", Keyword::StopMarketing),
    ("opt in", Keyword::Start),
    ("optin", Keyword::Start),
    ("unstop", Keyword::Start),
    ("resubscribe", Keyword::Start),
];

/// What people say around a request to stop, and mean nothing by it.
const POLITENESS: &[&str] = &[
    "please", "pls", "plz", "kindly", "thanks", "thx", "thank", "you", "now", "sorry", "tolong", "mohon",
    "maaf", "kak", "ka", "kakak", "min", "admin", "gan", "bang", "bro", "mas", "mbak", "bu", "pak", "ya",
    "yaa", "yah", "dong", "deh", "aja", "saja", "makasih", "terima", "kasih", "trims",
];

/// Slips of the finger, each with what was meant.
const SLIPS: &[(&str, &str)] = &[
    ("stpo", "stop"),
    ("sotp", "stop"),
    ("stopp", "stop"),
    ("stoop", "stop"),
    ("stob", "stop"),
    ("setop", "stop"),
    ("unsuscribe", "unsubscribe"),
    ("unsubcribe", "unsubscribe"),
    ("unsubscibe", "unsubscribe"),
    ("unsubscrib", "unsubscribe"),
    ("berenti", "berhenti"),
    ("brenti", "berhenti"),
    ("brhenti", "berhenti"),
    ("berhnti", "berhenti"),
    ("berhenty", "berhenti"),
    ("mulay", "mulai"),
];

/// An organisation's own words, beside the usual ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeywordSettings {
    /// Words that end all messages, too.
    #[schema(max_items = 50)]
    pub stop: Vec<String>,
    /// Words that end offers and news, too.
    #[schema(max_items = 50)]
    pub stop_marketing: Vec<String>,
    /// Words that begin messages again, too.
    #[schema(max_items = 50)]
    pub start: Vec<String>,
    /// Usual words that mean nothing here. STOP itself always means stop.
    #[schema(max_items = 100)]
    pub switched_off: Vec<String>,
    /// What to answer instead of the usual confirmation; empty for the usual.
    pub confirmations: Confirmations,
}

/// An organisation's own confirmations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Confirmations {
    /// That no more messages come.
    #[schema(max_length = 500)]
    pub stop: String,
    /// That no more offers come.
    #[schema(max_length = 500)]
    pub stop_marketing: String,
    /// That messages come again.
    #[schema(max_length = 500)]
    pub start: String,
}

/// What no organisation can switch off.
const ALWAYS: &str = "stop";

impl KeywordSettings {
    /// The keyword that a whole message is, if it is one.
    pub fn recognise(&self, text: &str) -> Option<Keyword> {
        if text.contains(['?', '؟', '？']) {
            return None;
        }
        let words = normalise(text);
        if words.is_empty() || words.chars().count() > 60 {
            return None;
        }
        self.own(&words).or_else(|| {
            let found = usual(&words)?;
            let means = |word: &String| normalise(word) == found.1;
            let is_off = found.1 != ALWAYS && self.switched_off.iter().any(means);
            (!is_off).then_some(found.0)
        })
    }

    /// By the organisation's own words, which are taken as they stand.
    fn own(&self, words: &str) -> Option<Keyword> {
        let holds = |list: &[String]| list.iter().any(|word| normalise(word) == words);
        if holds(&self.stop) {
            Some(Keyword::Stop)
        } else if holds(&self.stop_marketing) {
            Some(Keyword::StopMarketing)
        } else if holds(&self.start) {
            Some(Keyword::Start)
        } else {
            None
        }
    }

    /// What to answer, so that the person knows that it worked and how to undo it.
    pub fn confirmation(&self, keyword: Keyword, locale: Locale) -> &str {
        let own = match keyword {
            Keyword::Stop => &self.confirmations.stop,
            Keyword::StopMarketing => &self.confirmations.stop_marketing,
            Keyword::Start => &self.confirmations.start,
        };
        if own.trim().is_empty() { keyword.confirmation(locale) } else { own }
    }
}

/// The keyword that the payload of a button is, whatever stands on the button: `STOP_PROMOTIONS`, `opt-out`.
pub fn of_payload(payload: &str) -> Option<Keyword> {
    let words = payload.replace(['_', '-', '.', ':'], " ").to_lowercase();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    PAYLOADS.iter().find(|(listed, _)| *listed == words).map(|(_, keyword)| *keyword)
}

/// The keyword that a whole message is by the usual words.
pub fn recognise(text: &str) -> Option<Keyword> {
    KeywordSettings::default().recognise(text)
}

/// A usual keyword and the words that it is listed by. Politeness is overheard where somebody asks to stop; who says START
/// says nothing else.
fn usual(words: &str) -> Option<(Keyword, &'static str)> {
    let listed = |words: &str| {
        let find = |list: &[&'static str]| list.iter().copied().find(|listed| *listed == words);
        find(STOP)
            .map(|found| (Keyword::Stop, found))
            .or_else(|| find(STOP_MARKETING).map(|found| (Keyword::StopMarketing, found)))
            .or_else(|| find(START).map(|found| (Keyword::Start, found)))
    };
    listed(words).or_else(|| {
        let meant: Vec<&str> = words.split(' ').map(mended).collect();
        let meant = plain(&meant).join(" ");
        listed(&meant).filter(|(keyword, _)| *keyword != Keyword::Start || meant == mended(words))
    })
}

/// What was meant by a word.
fn mended(word: &str) -> &str {
    SLIPS.iter().find(|(slip, _)| *slip == word).map_or(word, |(_, meant)| meant)
}

/// Words without the politeness around them.
fn plain<'w, 't>(mut words: &'w [&'t str]) -> &'w [&'t str] {
    while let [first, rest @ ..] = words
        && POLITENESS.contains(first)
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && POLITENESS.contains(last)
    {
        words = rest;
    }
    words
}

/// The language that a keyword belongs to, as far as we speak it; every other language is answered in English. `None`:
/// Indonesians and English speakers alike write it.
pub fn language(text: &str) -> Option<Locale> {
    const SHARED: &[&str] = &[
        "stop",
        "stop all",
        "stopall",
        "stop promo",
        "start",
        "unstop",
        "unsubscribe",
        "subscribe",
        "opt out",
        "optout",
        "opt-out",
        "opt in",
        "optin",
        "opt-in",
    ];
    const MARKS: &[&str] = &[
        "berhenti",
        "langganan",
        "jangan",
        "keluar",
        "hapus",
        "mulai",
        "daftar",
        "lanjut",
        "aktif",
        "henti",
        "iklan",
        "promosi",
        " ya",
        " dong",
        " kak",
        "tolong",
    ];
    let words = normalise(text);
    if SHARED.contains(&words.as_str()) {
        None
    } else if MARKS.iter().any(|mark| words.contains(mark)) {
        Some(Locale::Id)
    } else {
        Some(Locale::En)
    }
}

impl Keyword {
    /// What to answer, so that the person knows that it worked and how to undo it.
    pub const fn confirmation(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Stop, Locale::En) => {
                "You will receive no more messages from us. Write START if you change your mind."
            }
            (Self::Stop, Locale::Id) => {
                "Anda tidak akan menerima pesan lagi dari kami. Tulis MULAI jika berubah pikiran."
            }
            (Self::StopMarketing, Locale::En) => {
                "You will receive no more offers from us. We still answer when you write."
            }
            (Self::StopMarketing, Locale::Id) => {
                "Anda tidak akan menerima promosi lagi dari kami. Kami tetap menjawab bila Anda menulis."
            }
            (Self::Start, Locale::En) => {
                "Welcome back! You receive our messages again. Write STOP at any time to end them."
            }
            (Self::Start, Locale::Id) => {
                "Selamat datang kembali! Anda menerima pesan kami lagi. Tulis BERHENTI kapan saja untuk mengakhiri."
            }
        }
    }
}

/// Lower case, without surrounding punctuation, emoji and doubled blanks.
fn normalise(text: &str) -> String {
    text.to_lowercase()
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_recognised_however_they_are_dressed() {
        for text in [
            "STOP",
            " stop. ",
            "Stop!!",
            "*BERHENTI*",
            "Unsubscribe 🙏",
            "opt-out",
            "Tolong berhenti",
            "\"STOP\"",
        ] {
            assert_eq!(recognise(text), Some(Keyword::Stop), "{text}");
        }
        assert_eq!(recognise("Stop promotions"), Some(Keyword::StopMarketing));
        for text in ["START", "mulai", "Mulai lagi!", "subscribe"] {
            assert_eq!(recognise(text), Some(Keyword::Start), "{text}");
        }
    }

    #[test]
    fn a_button_s_payload_asks_only_in_words_that_mean_nothing_else() {
        for payload in ["STOP", "stop_all", "Opt-Out", "UNSUBSCRIBE"] {
            assert_eq!(of_payload(payload), Some(Keyword::Stop), "{payload}");
        }
        assert_eq!(of_payload("STOP_PROMOTIONS"), Some(Keyword::StopMarketing));
        assert_eq!(of_payload("opt_in"), Some(Keyword::Start));
        for payload in ["", "START", "END", "CANCEL", "QUIT", "order_stop_7", "stop the music", "yes"] {
            assert_eq!(of_payload(payload), None, "{payload}");
        }
    }

    #[test]
    fn the_confirmation_speaks_the_language_of_the_word() {
        for (words, spoken) in [
            ("BERHENTI!", Some(Locale::Id)),
            ("Mulai lagi", Some(Locale::Id)),
            ("stop ya", Some(Locale::Id)),
            ("Please stop", Some(Locale::En)),
            ("arrêt", Some(Locale::En)),
            ("STOP.", None),
            ("Start", None),
        ] {
            assert_eq!(language(words), spoken, "{words}");
        }
        assert_ne!(Keyword::Stop.confirmation(Locale::Id), Keyword::Stop.confirmation(Locale::En));
    }

    #[test]
    fn politeness_and_slips_of_the_finger_change_nothing() {
        for text in [
            "STOP please",
            "tolong stop ya kak",
            "Stop dong min 🙏",
            "mohon berhenti",
            "berenti",
            "sotp",
            "unsuscribe",
            "Maaf, stop. Terima kasih",
            "please unsubscribe me",
        ] {
            assert_eq!(recognise(text), Some(Keyword::Stop), "{text}");
        }
        assert_eq!(recognise("tolong stop promo ya"), Some(Keyword::StopMarketing));
        assert_eq!(
            recognise("STOP PROMOTIONS"),
            Some(Keyword::StopMarketing),
            "a quick reply of Meta's examples"
        );
        assert_eq!(recognise("mulay"), Some(Keyword::Start));
    }

    #[test]
    fn an_organisation_has_words_of_its_own_but_stop_means_stop() {
        let own = KeywordSettings {
            stop: vec!["Cukup sudah".into()],
            start: vec!["gabung".into()],
            switched_off: vec!["keluar".into(), "STOP".into(), "end".into()],
            confirmations: Confirmations { stop: "Baik, kami berhenti.".into(), ..Confirmations::default() },
            ..KeywordSettings::default()
        };
        assert_eq!(own.recognise("cukup sudah!"), Some(Keyword::Stop));
        assert_eq!(own.recognise("Gabung"), Some(Keyword::Start));
        assert_eq!((own.recognise("keluar"), own.recognise("End.")), (None, None));
        assert_eq!(own.recognise("stop"), Some(Keyword::Stop), "nobody can switch that off");
        assert_eq!(own.confirmation(Keyword::Stop, Locale::En), "Baik, kami berhenti.");
        assert_eq!(own.confirmation(Keyword::Start, Locale::En), Keyword::Start.confirmation(Locale::En));
        assert_eq!(KeywordSettings::default().recognise("cukup sudah"), None);
    }

    #[test]
    fn ordinary_sentences_of_a_shops_day_are_left_alone() {
        for text in include_str!("keywords/sentences.txt").lines() {
            assert_eq!(recognise(text), None, "{text}");
        }
    }

    #[test]
    fn sentences_are_left_alone() {
        for text in [
            "Is there a bus stop near your shop?",
            "kapan promo berhenti?",
            "mulai jam berapa buka?",
            "don't stop, I love the coffee",
            "when does the class start",
            "",
            "👍",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }
}
