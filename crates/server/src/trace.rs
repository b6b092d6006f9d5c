//! Where a message's way through the house began: one name for it in every line of the log, from the webhook or request to
//! what Meta answered.
//!
//! It is carried in jobs' payloads and stored nowhere else. The lines are written by [`step!`](crate::trace::step) to the
//! log's target `trace`, each with ids and never with what was said.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What began it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub enum Trace {
    /// Nobody outside: the system itself.
    #[default]
    Own,
    /// A webhook, by the place of its body in the order of arrival: `w812`.
    Webhook(i64),
    /// A request, by the id that its answer told as `x-request-id`.
    Request(Uuid),
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("own"),
            Self::Webhook(seq) => write!(f, "w{seq}"),
            Self::Request(id) => write!(f, "{id}"),
        }
    }
}

/// What another version may have written is no reason not to send a message.
impl From<String> for Trace {
    fn from(text: String) -> Self {
        match text.strip_prefix('w') {
            Some(seq) => seq.parse().map(Self::Webhook).unwrap_or_default(),
            None => text.parse().map(Self::Request).unwrap_or_default(),
        }
    }
}

impl From<Trace> for String {
    fn from(trace: Trace) -> Self {
        trace.to_string()
    }
}

/// Writes that a message has come so far. `SAPA_LOG=info,trace=debug` shows these lines.
macro_rules! step {
    ($trace:expr, $org:expr, $message:expr, $what:literal $(, $($field:tt)+)?) => {
        tracing::debug!(target: "trace", trace = %$trace, org.id = %$org, message.id = %$message, $($($field)+,)? $what)
    };
}

pub(crate) use step;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_reads_back_as_it_was_written() {
        for trace in [Trace::Own, Trace::Webhook(812), Trace::Request(Uuid::from_u128(7))] {
            let written = serde_json::to_string(&trace).unwrap_or_default();
            assert_eq!(serde_json::from_str::<Trace>(&written).ok(), Some(trace), "{written}");
        }
        assert_eq!(serde_json::from_str::<Trace>("\"of another version\"").ok(), Some(Trace::Own));
    }
}
