//! Forms in which people agree to be written to: what they say, word for word, and how an agreement is confirmed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::consent::{Channel, Purpose};
use crate::locale::Locale;

text_enum! {
    /// How an agreement is confirmed before it counts.
    pub enum DoubleOptIn {
        /// It counts as soon as it is sent.
        None = "none",
        /// The person sends a message with a code to the number: proof that the phone is theirs and is on WhatsApp.
        Whatsapp = "whatsapp",
        /// The person opens a link in a mail and presses its button: proof that the address is theirs.
        Email = "email",
        /// The person opens a link in a text and presses its button: proof that the phone is theirs.
        Sms = "sms",
    }
}

impl DoubleOptIn {
    /// The channel on which the person is sent a link to confirm at.
    pub const fn asks_on(self) -> Option<Channel> {
        match self {
            Self::None | Self::Whatsapp => None,
            Self::Email => Some(Channel::Email),
            Self::Sms => Some(Channel::Sms),
        }
    }

    /// Whether it proves that the phone number is the person's own.
    pub const fn proves_phone(self) -> bool {
        matches!(self, Self::Whatsapp | Self::Sms)
    }
}

text_enum! {
    /// Whether a form or link is in use.
    pub enum FormStatus {
        /// People can use it.
        Active = "active",
        /// It is kept for its evidence; nobody can use it.
        Archived = "archived",
    }
}

text_enum! {
    /// Where a submission stands.
    pub enum SubmissionState {
        /// Sent, and to be confirmed by the person.
        Pending = "pending",
        /// The consent is recorded.
        Confirmed = "confirmed",
        /// Not confirmed in time. What was sent is forgotten.
        Expired = "expired",
    }
}

text_enum! {
    /// By which way a submission came.
    pub enum SubmissionWay {
        /// The form's own page.
        Page = "page",
        /// A form within another page.
        Widget = "widget",
        /// The API, from a form of the organisation's own making.
        Api = "api",
    }
}

text_enum! {
    /// Where an experiment stands.
    pub enum ExperimentState {
        /// People see its wordings by chance.
        Running = "running",
        /// Enough people have seen each; the last of them may still confirm.
        Settling = "settling",
        /// Its result may be read.
        Ended = "ended",
        /// A person stopped it before; it has no result.
        Stopped = "stopped",
    }
}

text_enum! {
    /// Whether a form asks for something.
    pub enum Asked {
        /// It does not.
        No = "no",
        /// It does, and may be left empty.
        Optional = "optional",
        /// It does, and must not be left empty.
        Required = "required",
    }
}

/// How a form looks and behaves, apart from what it says. The phone number is always asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FormSettings {
    /// Whether it asks for a name.
    pub ask_name: Asked,
    /// Whether it asks for an e-mail address.
    pub ask_email: Asked,
    /// The colour of its button, as `#rrggbb`.
    #[schema(example = "#0b7a5c")]
    pub color: String,
    /// Where people go afterwards instead of reading the thanks. Empty: nowhere.
    #[schema(max_length = 500)]
    pub redirect: String,
    /// The other sites on whose pages it may stand, as origins such as `https://shop.example`.
    pub origins: Vec<String>,
}

impl FormSettings {
    /// Whether an e-mail address is asked for: always where a mail is to confirm it, and where people agree to e-mail.
    pub fn asks_email(&self, double_opt_in: DoubleOptIn, channels: &[Channel]) -> Asked {
        match self.ask_email {
            _ if double_opt_in == DoubleOptIn::Email => Asked::Required,
            Asked::No if channels.contains(&Channel::Email) => Asked::Optional,
            asked => asked,
        }
    }
}

impl Default for FormSettings {
    fn default() -> Self {
        Self {
            ask_name: Asked::Optional,
            ask_email: Asked::No,
            color: "#0b7a5c".to_owned(),
            redirect: String::new(),
            origins: Vec::new(),
        }
    }
}

/// What a form says in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormWords {
    /// The heading.
    #[schema(max_length = 120)]
    pub title: String,
    /// What it is about, above the fields. May be empty.
    #[serde(default)]
    #[schema(max_length = 600)]
    pub intro: String,
    /// What a tick beside it agrees to, for messages that serve the person.
    #[serde(default)]
    #[schema(max_length = 600)]
    pub utility: String,
    /// What a tick beside it agrees to, for offers and news.
    #[serde(default)]
    #[schema(max_length = 600)]
    pub marketing: String,
    /// How one takes it back; under the ticks. May be empty.
    #[serde(default)]
    #[schema(max_length = 600)]
    pub footer: String,
    /// On the button.
    #[schema(max_length = 40)]
    pub button: String,
    /// What is said afterwards.
    #[schema(max_length = 600)]
    pub thanks: String,
}

impl FormWords {
    /// What a tick agrees to.
    pub fn agreement(&self, purpose: Purpose) -> &str {
        match purpose {
            Purpose::Utility => &self.utility,
            Purpose::Marketing => &self.marketing,
            Purpose::Authentication => "",
        }
    }
}

/// What a form says: one published version of it. Never changed afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormWording {
    /// Who will write, as people know the business.
    #[schema(max_length = 120)]
    pub business: String,
    /// Where the business says what it does with personal data.
    #[schema(max_length = 500)]
    pub privacy_url: String,
    /// What is asked for: each has a box of its own, empty until the person ticks it.
    pub purposes: Vec<Purpose>,
    /// By which ways the person will be written to. WhatsApp, unless told.
    #[serde(default = "whatsapp")]
    pub channels: Vec<Channel>,
    /// In English.
    #[serde(default)]
    pub en: Option<FormWords>,
    /// In Indonesian.
    #[serde(default)]
    pub id: Option<FormWords>,
}

fn whatsapp() -> Vec<Channel> {
    vec![Channel::Whatsapp]
}

/// What is wrong with a wording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WordingFault {
    /// The field, as a path.
    pub field: String,
    /// What is wrong with it.
    pub message: &'static str,
    /// The same in Indonesian.
    pub indonesian: &'static str,
}

impl FormWording {
    /// The languages it is written in.
    pub fn locales(&self) -> Vec<Locale> {
        Locale::ALL.iter().copied().filter(|locale| self.in_locale(*locale).is_some()).collect()
    }

    /// Its words in a language, or in the first one there is.
    pub fn words(&self, wanted: Locale) -> Option<(Locale, &FormWords)> {
        let first = std::iter::once(wanted).chain(self.locales());
        first.into_iter().find_map(|locale| Some((locale, self.in_locale(locale)?)))
    }

    fn in_locale(&self, locale: Locale) -> Option<&FormWords> {
        match locale {
            Locale::En => self.en.as_ref(),
            Locale::Id => self.id.as_ref(),
        }
    }

    /// The exact words that a person reads before agreeing, line by line in the order of the page; their hash is the
    /// evidence of what was shown. The thanks come after and are no part of it.
    pub fn shown(&self, words: &FormWords) -> String {
        let asked = self.purposes.iter().map(|purpose| words.agreement(*purpose));
        let lines = [self.business.as_str(), &words.title, &words.intro];
        let lines = lines.into_iter().chain(asked).chain([&*words.footer, &self.privacy_url, &words.button]);
        lines.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Everything that is wrong with it, so that nothing is published under which an agreement would be worth little.
    pub fn faults(&self) -> Vec<WordingFault> {
        let mut faults = Vec::new();
        let mut fault =
            |field: String, message, indonesian| faults.push(WordingFault { field, message, indonesian });
        if self.business.trim().is_empty() {
            fault(
                "wording.business".into(),
                "name the business: whoever agrees has to know with whom",
                "sebutkan nama usahanya: yang setuju harus tahu kepada siapa",
            );
        }
        if !self.privacy_url.starts_with("https://") && !self.privacy_url.starts_with("http://") {
            fault(
                "wording.privacy_url".into(),
                "give the address of the privacy policy, beginning with https://",
                "isi alamat kebijakan privasi, diawali https://",
            );
        }
        let offered =
            !self.purposes.is_empty() && self.purposes.iter().all(|one| *one != Purpose::Authentication);
        if !offered || repeats(&self.purposes) {
            fault(
                "wording.purposes".into(),
                "ask for `utility`, `marketing` or both",
                "pilih kabar layanan, promosi, atau keduanya",
            );
        }
        if self.channels.is_empty() || repeats(&self.channels) {
            fault(
                "wording.channels".into(),
                "name each way of writing once, and one at least",
                "pilih paling sedikit satu cara, masing-masing sekali",
            );
        }
        if self.locales().is_empty() {
            fault(
                "wording.en".into(),
                "write the words in one language at least",
                "tulis paling sedikit dalam satu bahasa",
            );
        }
        for locale in self.locales() {
            let Some(words) = self.in_locale(locale) else { continue };
            let needed = [("title", &words.title), ("button", &words.button), ("thanks", &words.thanks)];
            for (name, text) in needed {
                if text.trim().is_empty() {
                    fault(format!("wording.{locale}.{name}"), "must not be empty", "tidak boleh kosong");
                }
            }
            for purpose in &self.purposes {
                let agreement = words.agreement(*purpose);
                if agreement.trim().is_empty() {
                    fault(
                        format!("wording.{locale}.{purpose}"),
                        "say what a tick agrees to",
                        "tulis apa yang disetujui dengan centang ini",
                    );
                } else if !names(agreement, &self.business) {
                    fault(
                        format!("wording.{locale}.{purpose}"),
                        "name the business in the sentence: WhatsApp asks for it",
                        "sebutkan nama usahanya dalam kalimat ini: WhatsApp memintanya",
                    );
                }
            }
            for (name, text, most) in [
                ("title", &words.title, 120),
                ("intro", &words.intro, 600),
                ("utility", &words.utility, 600),
                ("marketing", &words.marketing, 600),
                ("footer", &words.footer, 600),
                ("button", &words.button, 40),
                ("thanks", &words.thanks, 600),
            ] {
                if text.chars().count() > most {
                    fault(format!("wording.{locale}.{name}"), "is too long", "terlalu panjang");
                }
            }
        }
        if self.business.chars().count() > 120 {
            fault("wording.business".into(), "is too long", "terlalu panjang");
        }
        if self.privacy_url.chars().count() > 500 {
            fault("wording.privacy_url".into(), "is too long", "terlalu panjang");
        }
        faults
    }
}

/// Whether a sentence names somebody, in whatever letters.
fn names(sentence: &str, name: &str) -> bool {
    sentence.to_lowercase().contains(name.trim().to_lowercase().as_str())
}

fn repeats<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().any(|(at, item)| items[..at].contains(item))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording() -> FormWording {
        FormWording {
            business: "Kopi Senja".into(),
            privacy_url: "https://kopisenja.example/privacy".into(),
            purposes: vec![Purpose::Utility, Purpose::Marketing],
            channels: vec![Channel::Whatsapp],
            en: None,
            id: Some(FormWords {
                title: "Kabar lewat WhatsApp".into(),
                utility: "Kopi Senja boleh mengabari saya tentang pesanan lewat WhatsApp.".into(),
                marketing: "Kopi Senja boleh mengirimi saya promo lewat WhatsApp.".into(),
                button: "Daftar".into(),
                thanks: "Terima kasih!".into(),
                ..FormWords::default()
            }),
        }
    }

    #[test]
    fn what_is_shown_is_every_word_before_the_button_and_none_after_it() {
        let wording = wording();
        let (locale, words) = wording.words(Locale::En).unwrap();
        assert_eq!(locale, Locale::Id, "the language that there is");
        let shown = wording.shown(words);
        assert_eq!(
            shown.lines().collect::<Vec<_>>(),
            [
                "Kopi Senja",
                "Kabar lewat WhatsApp",
                "Kopi Senja boleh mengabari saya tentang pesanan lewat WhatsApp.",
                "Kopi Senja boleh mengirimi saya promo lewat WhatsApp.",
                "https://kopisenja.example/privacy",
                "Daftar",
            ]
        );
        let only = FormWording { purposes: vec![Purpose::Utility], ..wording.clone() };
        assert!(!only.shown(words).contains("promo"), "what is not asked for is not shown");
    }

    #[test]
    fn a_wording_that_would_prove_little_is_not_published() {
        assert_eq!(wording().faults(), []);
        let faulty = |change: &dyn Fn(&mut FormWording)| {
            let mut wording = wording();
            change(&mut wording);
            wording.faults().into_iter().map(|fault| fault.field).collect::<Vec<_>>()
        };
        assert_eq!(faulty(&|it| it.purposes.clear()), ["wording.purposes"]);
        assert_eq!(faulty(&|it| it.purposes = vec![Purpose::Authentication])[0], "wording.purposes");
        assert_eq!(faulty(&|it| it.channels.clear()), ["wording.channels"]);
        assert_eq!(faulty(&|it| it.privacy_url = "javascript:alert(1)".into()), ["wording.privacy_url"]);
        assert_eq!(faulty(&|it| it.id = None), ["wording.en"]);
        let nameless = |it: &mut FormWording| {
            if let Some(words) = &mut it.id {
                words.marketing = "Kirimi saya promo.".into();
            }
        };
        assert_eq!(faulty(&nameless), ["wording.id.marketing"]);
        let long = |it: &mut FormWording| {
            if let Some(words) = &mut it.id {
                words.button = "x".repeat(41);
            }
        };
        assert_eq!(faulty(&long), ["wording.id.button"]);
    }
}
