//! Meta's error codes: what they mean for a send, whose they are to mend, and how to say so to the owner of a
//! small shop, in English and Indonesian.
//!
//! Invariant: everything is looked up by code, finer code and what we were doing; never by Meta's texts or by
//! the HTTP status. (Meta: support/error-codes, 2026-09, with what others have met in the field.)

mod outcome;
mod table;

use serde::Serialize;

pub use outcome::{of_failed_status, of_send, of_send_refused};

/// What sort of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Passing trouble at Meta; it may nevertheless have happened.
    Transient,
    /// Too much at once.
    Throttle,
    /// Possible after a known time.
    Wait,
    /// The access is gone.
    Access,
    /// The access does not reach so far.
    Permission,
    /// Meta's policies.
    Policy,
    /// Nobody pays.
    Payment,
    /// The number is not ready.
    Number,
    /// The recipient cannot or does not want to be reached.
    Recipient,
    /// The template.
    Template,
    /// A file.
    Media,
    /// The call is wrong in itself.
    Request,
    /// The signup.
    Signup,
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Whoever runs this platform.
    Us,
    /// The organisation that uses it.
    Client,
    /// The person written to.
    Customer,
    /// Meta.
    Meta,
    /// Nobody: time has to pass.
    Nobody,
}

/// What we were doing. Some codes mean different things at different times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Something else than the following.
    Other,
    /// Exchanging a signup code for a token.
    Exchange,
    /// Inspecting a token.
    Inspect,
    /// Reading a messaging account or its numbers.
    ReadAccount,
    /// Subscribing to webhooks, or sending them elsewhere.
    Subscribe,
    /// Registering a number.
    Register,
    /// Giving our people rights, sharing credit.
    Credit,
    /// Sending a message.
    Send,
}

/// The languages explanations are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    English,
    /// Bahasa Indonesia.
    Indonesian,
}

/// One text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Words {
    /// English.
    pub en: &'static str,
    /// Bahasa Indonesia.
    pub id: &'static str,
}

impl Words {
    /// The text in one language.
    pub fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.en,
            Language::Indonesian => self.id,
        }
    }
}

/// A code, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Meta's code.
    pub code: i64,
    /// Meta's finer code.
    pub subcode: Option<i64>,
    /// What sort of trouble.
    pub class: Class,
    /// Who has to act.
    pub fault: Fault,
    what: Words,
    next: Words,
}

impl Explanation {
    /// What has happened, with Meta's code.
    pub fn sentence(&self, language: Language) -> String {
        let what = self.what.in_language(language);
        let code = match language {
            Language::English => "Meta code",
            Language::Indonesian => "kode Meta",
        };
        match self.subcode {
            Some(subcode) => format!("{what} ({code} {}/{subcode})", self.code),
            None => format!("{what} ({code} {})", self.code),
        }
    }

    /// What to do next.
    pub fn action(&self, language: Language) -> &'static str {
        self.next.in_language(language)
    }
}

/// Explains a code. A code we do not know gets a sentence too.
pub fn explain(doing: Doing, code: i64, subcode: Option<i64>) -> Explanation {
    let row = table::find(doing, code, subcode).unwrap_or(&table::UNKNOWN);
    Explanation { code, subcode, class: row.class, fault: row.fault, what: row.what, next: row.next }
}

/// Whether the table knows a code.
pub fn is_known(code: i64, subcode: Option<i64>) -> bool {
    table::find(Doing::Other, code, subcode).is_some()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Every code that Meta's tables and the field name, as of September 2026.
    const NAMED: &[(i64, &[i64])] = &[
        // Authorisation, requests, throttling, integrity.
        (0, &[]),
        (1, &[]),
        (2, &[]),
        (3, &[]),
        (4, &[]),
        (10, &[]),
        (17, &[]),
        (32, &[]),
        (33, &[]),
        (100, &[33, 36007, 36008, 36009]),
        (101, &[]),
        (102, &[]),
        (104, &[]),
        (190, &[458, 459, 460, 463, 464, 467, 492]),
        (191, &[]),
        (200, &[]),
        (230, &[]),
        (299, &[]),
        (368, &[]),
        (613, &[]),
        (2200, &[]),
        (2500, &[]),
        (80007, &[]),
        (80008, &[]),
        (130_403, &[]),
        (130_429, &[]),
        (130_472, &[]),
        (130_497, &[]),
        (130_501, &[]),
        (131_031, &[]),
        (131_048, &[]),
        (131_049, &[]),
        (131_050, &[]),
        (131_056, &[]),
        (131_064, &[]),
        (133_016, &[]),
        // Sending.
        (131_000, &[]),
        (131_005, &[]),
        (131_008, &[]),
        (131_009, &[]),
        (131_014, &[]),
        (131_016, &[]),
        (131_021, &[]),
        (131_026, &[]),
        (131_030, &[]),
        (131_037, &[]),
        (131_042, &[]),
        (131_044, &[]),
        (131_045, &[]),
        (131_047, &[]),
        (131_051, &[]),
        (131_052, &[]),
        (131_053, &[]),
        (131_055, &[]),
        (131_057, &[]),
        (131_058, &[]),
        (131_060, &[]),
        (131_062, &[]),
        (131_063, &[]),
        (132_000, &[]),
        (132_001, &[]),
        (132_005, &[]),
        (132_007, &[]),
        (132_008, &[]),
        (132_012, &[]),
        (132_015, &[]),
        (132_016, &[]),
        (132_018, &[]),
        (132_068, &[]),
        (132_069, &[]),
        (134_011, &[]),
        (134_100, &[]),
        (134_101, &[]),
        (134_102, &[]),
        (135_000, &[]),
        (137_000, &[]),
        (1_752_041, &[]),
        // Registration, migration, coexistence.
        (133_000, &[]),
        (133_004, &[]),
        (133_005, &[]),
        (133_006, &[]),
        (133_008, &[]),
        (133_009, &[]),
        (133_010, &[]),
        (133_015, &[]),
        (136_024, &[]),
        (136_025, &[]),
        (2_388_001, &[]),
        (2_388_012, &[]),
        (2_388_091, &[]),
        (2_388_093, &[]),
        (2_388_103, &[]),
        (2_494_100, &[]),
        (2_593_079, &[]),
        (2_593_085, &[]),
        (2_593_107, &[]),
        (2_593_108, &[]),
        (2_593_109, &[]),
        (3_441_042, &[]),
        // Templates and insights.
        (2_388_019, &[]),
        (2_388_023, &[]),
        (2_388_024, &[]),
        (2_388_039, &[]),
        (2_388_040, &[]),
        (2_388_042, &[]),
        (2_388_047, &[]),
        (2_388_072, &[]),
        (2_388_073, &[]),
        (2_388_185, &[]),
        (2_388_293, &[]),
        (2_388_299, &[]),
        (200_005, &[]),
        (200_006, &[]),
        (200_007, &[]),
        // Groups.
        (131_020, &[]),
        (131_041, &[]),
        (131_059, &[]),
        (131_201, &[]),
        (131_202, &[]),
        (131_204, &[]),
        (131_207, &[]),
        (131_208, &[]),
        (131_209, &[]),
        (131_210, &[]),
        (131_211, &[]),
        (131_212, &[]),
        (131_213, &[]),
        (131_214, &[]),
        (131_215, &[]),
        // Calling.
        (138_000, &[]),
        (138_001, &[]),
        (138_002, &[]),
        (138_003, &[]),
        (138_004, &[]),
        (138_005, &[]),
        (138_006, &[]),
        (138_007, &[]),
        (138_009, &[]),
        (138_012, &[]),
        (138_013, &[]),
        (138_014, &[]),
        (138_015, &[]),
        (138_017, &[]),
        (138_018, &[]),
        (138_019, &[]),
        (138_020, &[]),
        (138_021, &[]),
        (138_022, &[]),
        (138_023, &[]),
        (138_024, &[]),
        (138_025, &[]),
        // Flows, blocking, usernames, sign-up inside WhatsApp.
        (139_000, &[]),
        (139_001, &[]),
        (139_002, &[]),
        (139_003, &[]),
        (139_004, &[]),
        (139_006, &[]),
        (139_100, &[]),
        (139_101, &[]),
        (139_102, &[]),
        (139_103, &[]),
        (147_001, &[]),
        (147_002, &[]),
        (147_003, &[]),
        (147_004, &[]),
        (147_005, &[]),
        (2_494_164, &[]),
        (2_494_165, &[]),
        (2_494_166, &[]),
        (2_494_167, &[]),
        (2_494_168, &[]),
        (2_494_176, &[]),
        (2_494_177, &[]),
        (2_494_179, &[]),
        // Health of numbers and accounts.
        (141_002, &[]),
        (141_006, &[]),
        (141_010, &[]),
        (141_014, &[]),
    ];

    #[test]
    fn every_named_code_is_in_the_table() {
        for (code, subcodes) in NAMED {
            assert!(is_known(*code, None), "{code} is missing");
            for subcode in *subcodes {
                let row = table::find(Doing::Other, *code, Some(*subcode)).unwrap();
                assert!(row.codes.iter().any(|c| c.names_subcode(*subcode)), "{code}/{subcode} is missing");
            }
        }
    }

    #[test]
    fn the_table_reads_well_in_both_languages() {
        let mut text = String::new();
        for row in table::rows() {
            let codes: Vec<_> = row.codes.iter().map(ToString::to_string).collect();
            let during = row.during.map_or(String::new(), |doing| format!(", while {doing:?}"));
            let _ = writeln!(
                text,
                "{}{during}: {:?}, {:?}, {:?}",
                codes.join(" "),
                row.class,
                row.fault,
                row.on_send
            );
            for words in [&row.what, &row.next] {
                let _ = writeln!(text, "  en {}\n  id {}", words.en, words.id);
            }
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn every_text_is_a_sentence() {
        for row in table::rows().chain([&table::UNKNOWN]) {
            for text in [row.what.en, row.what.id] {
                assert!(text.starts_with(char::is_uppercase) && !text.ends_with('.'), "{text}");
            }
            for text in [row.next.en, row.next.id] {
                assert!(text.starts_with(char::is_uppercase) && text.ends_with('.'), "{text}");
            }
            assert_ne!(row.what.en, row.what.id);
        }
    }

    #[test]
    fn no_code_is_explained_twice_for_the_same_doing() {
        let mut seen = std::collections::HashSet::new();
        for row in table::rows() {
            for code in row.codes {
                assert!(seen.insert((code.to_string(), row.during)), "{code} stands twice");
            }
        }
    }

    #[test]
    fn the_same_code_is_told_apart_by_what_we_were_doing() {
        let of = |doing, code, subcode| explain(doing, code, subcode);
        assert_eq!(of(Doing::Exchange, 1, None).fault, Fault::Us);
        assert_eq!(of(Doing::Other, 1, None).fault, Fault::Meta);
        assert_eq!(of(Doing::Inspect, 100, None).class, Class::Access);
        assert_eq!(of(Doing::ReadAccount, 100, None).fault, Fault::Client);
        assert_eq!(of(Doing::Subscribe, 100, None).fault, Fault::Us);
        // A template's finer code stands for itself.
        assert_eq!(of(Doing::Other, 100, Some(2_388_024)).class, Class::Template);
        // The finer code wins over the occasion.
        assert_eq!(of(Doing::ReadAccount, 100, Some(33)), of(Doing::Other, 100, Some(33)));
    }

    #[test]
    fn every_sentence_holds_the_code() {
        let expired = explain(Doing::Send, 190, Some(463));
        assert!(expired.sentence(Language::English).ends_with("(Meta code 190/463)"));
        assert!(expired.sentence(Language::Indonesian).ends_with("(kode Meta 190/463)"));
        let unknown = explain(Doing::Other, 424_242, None);
        assert!(unknown.sentence(Language::English).contains("424242"));
    }
}
