//! STOP and START, as people write them, without catching ordinary sentences.

text_enum! {
    /// What a keyword asks for.
    pub enum Keyword {
        /// No more messages.
        Stop = "stop",
        /// Messages again.
        Start = "start",
    }
}

const STOP: &[&str] = &[
    "stop",
    "stop all",
    "stopall",
    "stop promotions",
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
    } else if START.contains(&words.as_str()) {
        Some(Keyword::Start)
    } else {
        None
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
        for text in ["START", "mulai", "Mulai lagi!", "subscribe"] {
            assert_eq!(recognise(text), Some(Keyword::Start), "{text}");
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
