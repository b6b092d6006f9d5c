//! What can go wrong between us and Graph, told apart by what it means for the caller.
//!
//! Invariant: neither `Display` nor `Debug` shows a token, a secret, an address with its query, or a body.

use std::fmt;

use serde::Serialize;

use crate::json::Members;

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Meta answered with an error.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Nothing was sent: the call may be repeated.
    #[error("Meta could not be reached: {reason}; nothing was sent")]
    Unreachable {
        /// What failed.
        reason: &'static str,
    },
    /// The call left and no complete answer came: it may have taken effect.
    #[error("no complete answer came from Meta ({reason}); the call may have taken effect")]
    Unknown {
        /// What failed.
        reason: &'static str,
        /// The HTTP status, where there was one.
        status: Option<u16>,
    },
    /// An answer came that is none of Graph's.
    #[error("an answer came that is not one of Meta's ({reason}, HTTP status {status})")]
    Malformed {
        /// What is wrong with it.
        reason: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// The bytes are more than allowed.
    #[error("the file has more than {limit} bytes")]
    TooLarge {
        /// How many are allowed.
        limit: u64,
    },
    /// The address is not one of those the token may be shown to. Nothing was sent.
    #[error("the address is not on a host that the access token may be sent to; nothing was sent")]
    ForeignHost,
}

impl GraphError {
    /// Meta's code, when Meta refused.
    pub fn code(&self) -> Option<i64> {
        self.refusal().map(|refusal| refusal.code)
    }

    /// Meta's finer code, when Meta refused.
    pub fn subcode(&self) -> Option<i64> {
        self.refusal()?.subcode
    }

    /// The refusal, when Meta refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    pub(super) fn of_transport(error: &reqwest::Error) -> Self {
        if error.is_builder() {
            return Self::Unreachable { reason: "the request could not be put together" };
        }
        if error.is_connect() {
            let reason = if error.is_timeout() { "connecting took too long" } else { "connecting failed" };
            return Self::Unreachable { reason };
        }
        let reason = if error.is_timeout() {
            "it took too long"
        } else if error.is_body() || error.is_decode() {
            "the answer broke off"
        } else {
            "the connection broke off"
        };
        Self::Unknown { reason, status: error.status().map(|status| status.as_u16()) }
    }
}

/// An error as Graph tells it. Branch on code and subcode; texts and HTTP statuses change.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The HTTP status; for the log only.
    pub status: u16,
    /// Meta's code.
    pub code: i64,
    /// Meta's finer code.
    pub subcode: Option<i64>,
    /// `OAuthException`, `GraphMethodException` …
    pub kind: Option<String>,
    /// Meta's message, secrets struck out.
    pub message: Option<String>,
    /// Meta's details, secrets struck out.
    pub details: Option<String>,
    /// Meta's heading for people.
    pub user_title: Option<String>,
    /// Meta's sentence for people.
    pub user_message: Option<String>,
    /// What Meta's support asks for.
    pub fbtrace_id: Option<String>,
    /// Meta calls it passing.
    pub is_transient: bool,
}

impl Refusal {
    /// Reads the error object of an answer, if that is what the answer is.
    pub(super) fn read(status: u16, answer: &Members<'_>, secrets: &[&str]) -> Option<Self> {
        let error = answer.object("error")?;
        let text = |name: &str| error.text(name).map(|text| strike_out(&text, secrets));
        let data = error.object("error_data");
        let details = match &data {
            Some(data) => data.text("details"),
            // A bare string on some endpoints.
            None => error.text("error_data"),
        };
        Some(Self {
            status,
            code: error.integer("code")?,
            subcode: error.integer("error_subcode"),
            kind: error.string("type"),
            message: text("message"),
            details: details.map(|details| strike_out(&details, secrets)),
            user_title: text("error_user_title"),
            user_message: text("error_user_msg"),
            fbtrace_id: error.string("fbtrace_id"),
            is_transient: error.flag("is_transient").unwrap_or(false),
        })
    }

    /// The clearest of Meta's texts.
    pub fn words(&self) -> Option<&str> {
        self.details.as_deref().or(self.user_message.as_deref()).or(self.message.as_deref())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Meta refused (code {}", self.code)?;
        if let Some(subcode) = self.subcode {
            write!(f, "/{subcode}")?;
        }
        match self.words() {
            Some(words) => write!(f, "): {words}"),
            None => f.write_str(")"),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("subcode", &self.subcode)
            .field("words", &self.words())
            .field("fbtrace_id", &self.fbtrace_id)
            .finish_non_exhaustive()
    }
}

/// Strikes out the secrets of the call and whatever looks like an access token: Graph repeats a token it
/// cannot read in its message.
fn strike_out(text: &str, secrets: &[&str]) -> String {
    const STRUCK: &str = "[secret]";
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
        text = text.replace(secret, STRUCK);
    }
    let is_token = |word: &str| word.starts_with("EAA") && word.len() > 8;
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
        .filter(|word| is_token(word))
        .collect();
    words.iter().fold(text.clone(), |text, word| text.replace(word, STRUCK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_messages_are_struck_out() {
        assert_eq!(
            strike_out("Malformed access token EAABsbCS1iHgBO12 for app.", &[]),
            "Malformed access token [secret] for app."
        );
        assert_eq!(strike_out("secret 0123abcd used", &["0123abcd"]), "secret [secret] used");
        assert_eq!(strike_out("nothing here", &["", "abc"]), "nothing here");
    }
}
