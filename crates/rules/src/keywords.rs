//! STOP and START, as people write them, without catching ordinary sentences.

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
    "baja",
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
    "alta",
    "iniciar",
    "ابدأ",
    "订阅",
];

/// The keyword that a whole message is, if it is one. A keyword inside a sentence is not a command:
/// "bus stop near your shop?" asks a question.
pub fn recognise(text: &str) -> Option<Keyword> {
    let words = normalise(text);
    if words.is_empty() || words.len() > 40 {
        return None;
    }
    if STOP.contains(&words.as_str()) {
        Some(Keyword::Stop)
    } else if STOP_MARKETING.contains(&words.as_str()) {
        Some(Keyword::StopMarketing)
    } else if START.contains(&words.as_str()) {
        Some(Keyword::Start)
    } else {
        None
    }
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
