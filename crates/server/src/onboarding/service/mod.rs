//! The use cases of onboarding. Each owns its transactions and holds none while Meta is asked.

pub mod account;
pub mod across;
pub mod advance;
pub mod apps;
pub mod by;
pub mod connect;
pub mod disconnect;
pub mod invites;
pub mod manual;
pub mod readiness;
pub mod state;
mod steps;
pub mod sweep;
pub mod templates;
mod work;

use std::time::Duration;

use meta::graph::GraphError;
use rules::connection::{MetaSays, Step, Trouble, trouble};
use rules::id::{AccountId, ConnectionId, OrgId};
use rules::time::{Timestamp, span};
use serde::Serialize;
use store::connections::StepProblem;
use store::queue::{NewJob, Unique};
use store::{OrgScope, Tx};

use crate::ctx::Ctx;

use super::jobs::{AccountJob, CHECK, CONNECTION, ConnectionJob};

/// Why a step did not get done: what it means, and Meta's own words for those who look it up.
#[derive(Clone, Debug)]
pub struct Stopped {
    trouble: Trouble,
    code: Option<i64>,
    subcode: Option<i64>,
    details: Option<String>,
}

impl Stopped {
    /// What Meta's refusal of a step means.
    pub fn by(step: Step, error: &GraphError) -> Self {
        let refusal = error.refusal();
        let says = MetaSays {
            code: error.code(),
            subcode: error.subcode(),
            message: refusal.and_then(|refusal| refusal.message.as_deref()).unwrap_or(""),
            transient: refusal.is_some_and(|refusal| refusal.is_transient),
        };
        // The client has struck secrets out of Meta's words; our own for a broken line say nothing that is secret.
        let details = match refusal {
            Some(refusal) => refusal.words().map(str::to_owned),
            None => Some(error.to_string()),
        };
        let trouble = match error {
            GraphError::Malformed { .. } => Trouble::Unexpected,
            _ => trouble(step, says),
        };
        Self { trouble, code: says.code, subcode: says.subcode, details }
    }

    /// What a refusal of `debug_token` means. The app asks with its own rights there, so what Meta has against the
    /// asking token is the secret's fault, not the client's.
    pub fn by_inspection(error: &GraphError) -> Self {
        let stopped = Self::by(Step::ProveAccess, error);
        match error.code() {
            Some(1 | 190) => Self { trouble: Trouble::AppSecretWrong, ..stopped },
            _ => stopped,
        }
    }

    /// What the stop means.
    pub fn trouble(&self) -> Trouble {
        self.trouble
    }

    /// The same, as it is stored.
    pub fn problem(&self) -> StepProblem {
        StepProblem {
            trouble: self.trouble,
            turn: self.trouble.turn(),
            code: self.code,
            subcode: self.subcode,
            details: self.details.clone(),
            number: None,
        }
    }

    /// Adds what a person needs to know besides.
    pub fn saying(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }
}

impl From<Trouble> for Stopped {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, code: None, subcode: None, details: None }
    }
}

/// What ends a use case early.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// There is nothing of this id here.
    #[error("not found")]
    Missing,
    /// The state is not this attempt's, not this person's, used up or too old.
    #[error("the sign-up attempt is not valid here")]
    BadState,
    /// The request does not fit with how things stand; a code and a sentence for people.
    #[error("{1}")]
    Conflict(&'static str, String),
    /// Somebody else decides about it; a code and a sentence for people.
    #[error("{1}")]
    NotAllowed(&'static str, &'static str),
    /// A value cannot be used; the field and a sentence for people.
    #[error("{1}")]
    Invalid(&'static str, String),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

/// Says that a connection has changed.
async fn tell_connection(
    scope: &mut OrgScope<'_>,
    id: ConnectionId,
    state: rules::connection::Standing,
    now: Timestamp,
) -> store::Result<()> {
    #[derive(Serialize)]
    struct Changed {
        connection_id: ConnectionId,
        state: rules::connection::Standing,
    }
    scope.publish("connection.changed", &Changed { connection_id: id, state }, now)
}

/// Says that an account or its numbers have changed.
async fn tell_account(
    scope: &mut OrgScope<'_>,
    id: AccountId,
    what: &'static str,
    now: Timestamp,
) -> store::Result<()> {
    #[derive(Serialize)]
    struct Changed {
        account_id: AccountId,
        what: &'static str,
    }
    scope.publish("account.changed", &Changed { account_id: id, what }, now)
}

/// Asks for the next step of a connection. At most one waits; of one connection one runs at a time.
pub(super) async fn enqueue_advance(
    tx: &mut Tx,
    org: OrgId,
    connection: ConnectionId,
    at: Timestamp,
    now: Timestamp,
) -> store::Result<()> {
    let job = NewJob {
        serial_key: Some(connection.to_string()),
        org: Some(org),
        run_at: at,
        unique: Some(Unique::Reschedule(connection.to_string())),
        ..NewJob::new(CONNECTION, org, &ConnectionJob { org, connection }, now)?
    };
    tx.enqueue(&job, now);
    Ok(())
}

/// Asks for a look at an account now.
pub(super) async fn enqueue_check(
    tx: &mut Tx,
    org: OrgId,
    account: AccountId,
    now: Timestamp,
) -> store::Result<()> {
    tx.enqueue(&check_job(org, account, now, Unique::Reschedule)?, now);
    Ok(())
}

/// Over how long the daily looks are spread that fall due together.
const SPREAD: Duration = span::hours(1);

/// Asks for the daily look at an account, some time within the hour: accounts that were connected together, or waited
/// together for the server to come back, do not ask Meta together, and drift apart day by day.
async fn enqueue_daily_check(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    account: AccountId,
    now: Timestamp,
) -> store::Result<()> {
    let mut drawn = [0; 4];
    ctx.chance().fill(&mut drawn);
    let at = now + SPREAD.mul_f64(f64::from(u32::from_be_bytes(drawn)) / f64::from(u32::MAX));
    // Beside looks that are asked for meanwhile, which must not wait for it.
    let job = NewJob {
        unique: Some(Unique::KeepFirst(format!("{account}/daily"))),
        ..check_job(org, account, at, Unique::KeepFirst)?
    };
    tx.enqueue(&job, now);
    Ok(())
}

/// How long after a look the next one is made because of messages that fail.
const BETWEEN_LOOKS: Duration = span::minutes(5);

/// Asks for a look at an account because a message failed. Thousands may fail for the same reason at the same time, also
/// while one looks: what the last look has read stays believed for a while.
pub(super) async fn enqueue_another_look(
    scope: &mut OrgScope<'_>,
    account: AccountId,
    now: Timestamp,
) -> store::Result<()> {
    let Some(found) = scope.account(account).await? else { return Ok(()) };
    let at = found.looked_at.map_or(now, |looked| now.max(looked + BETWEEN_LOOKS));
    let job = check_job(scope.id(), account, at, Unique::KeepFirst)?;
    scope.tx().enqueue(&job, now);
    Ok(())
}

fn check_job(
    org: OrgId,
    account: AccountId,
    at: Timestamp,
    unique: fn(String) -> Unique,
) -> store::Result<NewJob<'static>> {
    Ok(NewJob {
        serial_key: Some(account.to_string()),
        org: Some(org),
        unique: Some(unique(account.to_string())),
        ..NewJob::new(CHECK, org, &AccountJob { org, account }, at)?
    })
}
