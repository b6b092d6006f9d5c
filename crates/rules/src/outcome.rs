//! What became of one attempt to send a message, in the words the rest of the product decides by.
//!
//! Pure: a channel's own errors are translated into an [`Outcome`] by the crate that speaks the channel's
//! language; the dispatcher knows only this type.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The result of one attempt to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted by the channel.
    Sent,
    /// Refused before anything was processed: the same request may be repeated.
    RetryAt {
        /// How long to wait at least, from now.
        after: Duration,
        /// What has to wait: this message alone, or a whole stream of them.
        scope: Scope,
        /// Why.
        cause: Cause,
    },
    /// This message will never be accepted as it is.
    Never {
        /// Why.
        cause: Cause,
    },
    /// Nobody's fault and not a matter of repeating: somebody has to act, or time has to pass.
    Later {
        /// What has to wait.
        scope: Scope,
        /// Why.
        cause: Cause,
    },
    /// The request left and no complete answer came: it may have been sent. Never repeated blindly.
    Unknown {
        /// What is known of the failure.
        cause: Cause,
    },
}

impl Outcome {
    /// The cause, where there is one.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Sent => None,
            Self::RetryAt { cause, .. }
            | Self::Never { cause }
            | Self::Later { cause, .. }
            | Self::Unknown { cause } => Some(cause),
        }
    }

    /// Whether the attempt is over for good: it will not be made again by itself.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Sent | Self::Never { .. })
    }
}

/// How much has to wait when one attempt is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This message only.
    Message,
    /// Every message from this number to this person.
    Pair,
    /// Every message from this number.
    Number,
    /// Every message of this messaging account.
    Account,
    /// Every message sent with this app.
    App,
}

/// The channel's own words for a failure: codes to look up, never a message body or an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The channel's error code; absent when no answer came at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// The finer code, where the channel gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcode: Option<i64>,
    /// The channel's explanation, as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

impl Cause {
    /// A cause known by its code alone.
    pub fn code(code: i64) -> Self {
        Self { code: Some(code), ..Self::default() }
    }

    /// A cause without a code, described in words.
    pub fn words(details: impl Into<String>) -> Self {
        Self { details: Some(details.into()), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sent_and_never_are_final() {
        let cause = Cause::code(131_056);
        let after = Duration::from_secs(4);
        assert!(Outcome::Sent.is_final());
        assert!(Outcome::Never { cause: cause.clone() }.is_final());
        assert!(!Outcome::RetryAt { after, scope: Scope::Pair, cause: cause.clone() }.is_final());
        assert!(!Outcome::Later { scope: Scope::Account, cause: cause.clone() }.is_final());
        assert!(!Outcome::Unknown { cause }.is_final());
    }

    #[test]
    fn an_outcome_survives_storage() {
        let outcome = Outcome::RetryAt {
            after: Duration::from_millis(1500),
            scope: Scope::Number,
            cause: Cause { code: Some(130_429), subcode: None, details: Some("slow down".into()) },
        };
        let stored = serde_json::to_string(&outcome).unwrap();
        assert_eq!(serde_json::from_str::<Outcome>(&stored).unwrap(), outcome);
    }
}
