//! What an error means for a message that was being sent.
//!
//! A failure to connect may be repeated. Bytes sent without an answer, server errors and the codes by which
//! Meta itself does not know (1, 2, 131000, 131016, 133004, or anything it calls transient) are unknown: Meta
//! has no key against sending twice.

use std::time::Duration;

use rules::outcome::{Cause, Outcome, Scope};

use super::Doing;
use super::table::{self, OnSend};
use crate::graph::{GraphError, Refusal, Sent};
use crate::webhook::MetaError;

/// How long to wait before repeating a call that never reached Meta.
const RECONNECT: Duration = Duration::from_secs(2);
/// The same after an answer 429 that is not Graph's.
const TOO_MANY: Duration = Duration::from_secs(30);

/// The outcome of an attempt to send.
pub fn of_send(result: &Result<Sent, GraphError>) -> Outcome {
    match result {
        Ok(_) => Outcome::Sent,
        Err(GraphError::Refused(refusal)) => of_send_refused(refusal),
        Err(error @ GraphError::Unreachable { .. }) => {
            retry(RECONNECT, Scope::App, Cause::words(error.to_string()))
        }
        Err(error @ GraphError::Malformed { status: 429, .. }) => {
            retry(TOO_MANY, Scope::App, Cause::words(error.to_string()))
        }
        // Something between us and Meta refused, or answers in Meta's place: nothing was sent, and nothing
        // will be until somebody mends it.
        Err(error @ GraphError::Malformed { status: 300..=499, .. }) => {
            Outcome::Later { scope: Scope::App, cause: Cause::words(error.to_string()) }
        }
        Err(error @ (GraphError::Unknown { .. } | GraphError::Malformed { .. })) => {
            Outcome::Unknown { cause: Cause::words(error.to_string()) }
        }
        Err(error @ (GraphError::ForeignHost | GraphError::TooLarge { .. })) => {
            Outcome::Never { cause: Cause::words(error.to_string()) }
        }
    }
}

/// The outcome when Meta refused.
pub fn of_send_refused(refusal: &Refusal) -> Outcome {
    let cause = Cause {
        code: Some(refusal.code),
        subcode: refusal.subcode,
        details: refusal.words().map(str::to_owned),
    };
    let row = table::find(Doing::Send, refusal.code, refusal.subcode);
    let on_send = row.map_or(OnSend::Never, |row| row.on_send);
    match on_send {
        // Refused before anything was processed, whatever else is said.
        OnSend::Retry(seconds, scope) => retry(Duration::from_secs(seconds), scope, cause),
        _ if refusal.is_transient => Outcome::Unknown { cause },
        // A server error with a code we do not know.
        _ if row.is_none() && refusal.status >= 500 => Outcome::Unknown { cause },
        OnSend::Unknown => Outcome::Unknown { cause },
        OnSend::Later(scope) => Outcome::Later { scope, cause },
        OnSend::Never => Outcome::Never { cause },
    }
}

/// What follows from a `failed` status. The message is certainly not delivered; what would be unknown as an
/// answer to a send is here only passing.
pub fn of_failed_status(error: &MetaError) -> Outcome {
    let cause = Cause {
        code: Some(error.code),
        subcode: None,
        details: error.details.clone().or_else(|| error.title.clone()),
    };
    match table::find(Doing::Send, error.code, None).map_or(OnSend::Never, |row| row.on_send) {
        OnSend::Retry(seconds, scope) => retry(Duration::from_secs(seconds), scope, cause),
        OnSend::Unknown => retry(Duration::from_secs(60), Scope::Message, cause),
        OnSend::Later(scope) => Outcome::Later { scope, cause },
        OnSend::Never => Outcome::Never { cause },
    }
}

fn retry(after: Duration, scope: Scope, cause: Cause) -> Outcome {
    Outcome::RetryAt { after, scope, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i64, status: u16, is_transient: bool) -> Outcome {
        of_send_refused(&Refusal {
            status,
            code,
            subcode: None,
            kind: None,
            message: None,
            details: None,
            user_title: None,
            user_message: None,
            fbtrace_id: None,
            is_transient,
        })
    }

    fn name(outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Sent => "sent",
            Outcome::RetryAt { .. } => "retry",
            Outcome::Never { .. } => "never",
            Outcome::Later { .. } => "later",
            Outcome::Unknown { .. } => "unknown",
        }
    }

    /// Meta's classes of codes and what each means for a send.
    #[test]
    fn the_policy_by_class() {
        let table: &[(&str, &[i64])] = &[
            ("retry", &[4, 17, 32, 613, 80007, 80008, 130_429, 131_056, 131_057, 134_101, 133_015]),
            ("unknown", &[1, 2, 131_000, 131_016, 133_004]),
            (
                "later",
                &[
                    131_048, 131_049, 131_064, 132_015, 368, 131_037, 131_042, 131_044, 131_045, 134_011,
                    133_016, 131_031, 133_010, 0, 102, 104, 190, 2500, 3, 10, 200, 250, 131_005,
                ],
            ),
            (
                "never",
                &[
                    131_050, 131_026, 131_047, 130_472, 130_497, 131_051, 132_016, 130_403, 131_062, 131_063,
                    33, 100, 131_008, 131_009, 131_021, 131_055, 132_000, 132_001, 132_005, 132_007, 132_012,
                    132_018, 135_000, 131_030, 131_053, 137_000,
                ],
            ),
        ];
        for (expected, codes) in table {
            for code in *codes {
                assert_eq!(name(&refused(*code, 400, false)), *expected, "{code}");
            }
        }
    }

    #[test]
    fn what_meta_calls_transient_is_unknown_but_a_throttle_stays_one() {
        assert_eq!(name(&refused(131_009, 400, true)), "unknown");
        assert_eq!(name(&refused(130_429, 400, true)), "retry");
    }

    #[test]
    fn an_unknown_code_is_final_unless_the_server_failed() {
        assert_eq!(name(&refused(999_999, 400, false)), "never");
        assert_eq!(name(&refused(999_999, 500, false)), "unknown");
    }

    #[test]
    fn transport_faults() {
        let of = |error| name(&of_send(&Err(error)));
        assert_eq!(of(GraphError::Unreachable { reason: "x" }), "retry");
        assert_eq!(of(GraphError::Unknown { reason: "x", status: None }), "unknown");
        assert_eq!(of(GraphError::Unknown { reason: "x", status: Some(502) }), "unknown");
        assert_eq!(of(GraphError::Malformed { reason: "x", status: 200 }), "unknown");
        assert_eq!(of(GraphError::Malformed { reason: "x", status: 429 }), "retry");
        assert_eq!(of(GraphError::Malformed { reason: "x", status: 403 }), "later");
    }

    #[test]
    fn waiting_reaches_as_far_as_the_trouble() {
        let Outcome::RetryAt { scope, .. } = refused(131_056, 400, false) else { panic!() };
        assert_eq!(scope, Scope::Pair);
        let Outcome::RetryAt { scope, .. } = refused(130_429, 400, false) else { panic!() };
        assert_eq!(scope, Scope::Number);
        let Outcome::Later { scope, .. } = refused(190, 401, false) else { panic!() };
        assert_eq!(scope, Scope::Account);
    }

    #[test]
    fn a_failed_status_is_never_unknown() {
        let failed = |code| of_failed_status(&MetaError { code, title: None, details: None });
        assert_eq!(name(&failed(131_000)), "retry");
        assert_eq!(name(&failed(131_047)), "never");
        assert_eq!(name(&failed(131_049)), "later");
    }
}
