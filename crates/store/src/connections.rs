//! Connections and their steps: one organisation's onboarding of one messaging account.

mod across;

use std::collections::BTreeSet;

use rules::connection::{Entry, Mode, Standing, Step, StepStatus, Trouble, Turn, Variant};
use rules::id::{AccountId, AppId, ConnectInviteId, ConnectionId, NumberId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use across::{ConnectionAcross, OpenInvite};

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::sealed::Place;
use crate::seam::{OrgScope, Tx};

/// Where a connection's token is sealed until it moves to the account.
pub const TOKEN: Place = Place("connections.token");

/// One onboarding.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Through which app.
    pub app_id: AppId,
    /// Who pays, whose app.
    pub mode: Mode,
    /// How the client came in.
    pub entry: Entry,
    /// What kind of signup.
    pub variant: Variant,
    /// How it stands.
    pub state: Standing,
    /// Who began it.
    pub started_by: String,
    /// Through which invite link, if any.
    pub invite_id: Option<ConnectInviteId>,
    /// Meta's id of the account, once proved.
    pub waba_id: Option<String>,
    /// Our account, once bound.
    pub account_id: Option<AccountId>,
    /// What the browser said; never trusted.
    pub hints: Json<Hints>,
    /// What was chosen at the start.
    pub settings: Json<ConnectionSettings>,
    /// The token, sealed, until it moves to the account.
    pub token: Option<Vec<u8>>,
    /// When the token ends, if it does.
    pub token_expires_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// When every step was done first, or it was given up.
    pub finished_at: Option<Timestamp>,
}

/// What the signup dialog said in the browser. Hints: every id is asked of Meta before it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hints {
    /// The event's name: `FINISH`, `CANCEL` …
    pub event: Option<String>,
    /// The messaging accounts named, the likeliest first.
    pub waba_ids: Vec<String>,
    /// The number named.
    pub phone_number_id: Option<String>,
    /// The client's portfolio.
    pub business_id: Option<String>,
    /// On which screen the client stopped.
    pub current_step: Option<String>,
    /// Meta's code of an error screen.
    pub error_code: Option<String>,
    /// Meta's words on it.
    pub error_message: Option<String>,
    /// Names the attempt to Meta's support.
    pub session_id: Option<String>,
    /// When a code came that has not become a token.
    pub code_at: Option<Timestamp>,
}

/// What was chosen for one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionSettings {
    /// The currency in which the account is billed; irreversible.
    pub currency: Option<String>,
    /// Whether the account's messages get an address of their own.
    pub override_webhook: bool,
    /// The account chosen among several, or typed in.
    pub chosen_waba_id: Option<String>,
    /// The number chosen; all of the account's without.
    pub chosen_phone_number_id: Option<String>,
    /// What a person has seen a step stop for and said that it is meant, until that step is done.
    pub confirmed: BTreeSet<Trouble>,
    /// The account that is being connected again.
    pub reconnects: Option<AccountId>,
    /// The candidates found, to choose from.
    pub candidates: Vec<Candidate>,
}

impl ConnectionSettings {
    /// Whether a person has said that this is meant.
    pub fn confirmed(&self, trouble: Trouble) -> bool {
        self.confirmed.contains(&trouble)
    }

    /// Forgets what a person has said for a step.
    pub fn forget_confirmed(&mut self, step: Step) {
        self.confirmed.retain(|trouble| !step.confirmable().contains(trouble));
    }
}

/// A messaging account that the client's access reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Candidate {
    /// Meta's id.
    pub waba_id: String,
    /// Its name.
    pub name: Option<String>,
}

/// A connection to begin.
#[derive(Clone, Debug)]
pub struct NewConnection<'a> {
    /// Its id.
    pub id: ConnectionId,
    /// Through which app.
    pub app: AppId,
    /// Who pays, whose app.
    pub mode: Mode,
    /// How the client comes in.
    pub entry: Entry,
    /// What kind of signup.
    pub variant: Variant,
    /// Who begins it.
    pub started_by: &'a str,
    /// Through which invite link.
    pub invite: Option<ConnectInviteId>,
    /// What was chosen.
    pub settings: ConnectionSettings,
}

/// What is on record about one step.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StepRow {
    /// Which.
    pub step: Step,
    /// How far.
    pub status: StepStatus,
    /// How often it was begun.
    pub attempts: i64,
    /// What it brought: ids, never secrets.
    pub result: Option<Json<serde_json::Value>>,
    /// The read or effect that proved it.
    pub proof: Option<Json<serde_json::Value>>,
    /// What stopped it.
    pub problem: Option<Json<StepProblem>>,
    /// When it was begun first.
    pub started_at: Option<Timestamp>,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
    /// When it is made again.
    pub retry_at: Option<Timestamp>,
}

/// What stopped a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepProblem {
    /// In a stable word, which has a sentence and an action in each language.
    pub trouble: Trouble,
    /// Whose turn it is.
    pub turn: Turn,
    /// Meta's code.
    pub code: Option<i64>,
    /// Meta's finer code.
    pub subcode: Option<i64>,
    /// Meta's words, without anything secret.
    pub details: Option<String>,
    /// The number concerned, where it is one of several.
    pub number: Option<NumberId>,
}

/// How one step ended.
#[derive(Clone, Debug)]
pub struct StepEnd {
    /// How far it is.
    pub status: StepStatus,
    /// What it brought.
    pub result: Option<serde_json::Value>,
    /// What proved it.
    pub proof: Option<serde_json::Value>,
    /// What stopped it.
    pub problem: Option<StepProblem>,
    /// When it is made again.
    pub retry_at: Option<Timestamp>,
}

/// A macro because a statement's text must be a literal.
macro_rules! columns {
    () => {
        "id, app_id, mode, entry, variant, state, started_by, invite_id, waba_id, account_id, hints, settings, token, \
         token_expires_at, created_at, updated_at, finished_at"
    };
}

impl OrgScope<'_> {
    /// Begins a connection.
    pub async fn insert_connection(&mut self, new: &NewConnection<'_>, now: Timestamp) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "INSERT INTO connections (org_id, id, app_id, mode, entry, variant, state, started_by, invite_id, hints, \
             settings, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
        )
        .bind(self.org)
        .bind(new.id)
        .bind(new.app)
        .bind(new.mode)
        .bind(new.entry)
        .bind(new.variant)
        .bind(Standing::Started)
        .bind(new.started_by)
        .bind(new.invite)
        .bind(Json(Hints::default()))
        .bind(Json(&new.settings))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// One connection.
    pub async fn connection(&mut self, id: ConnectionId) -> Result<Option<Connection>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM connections WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Connections, newest first.
    pub async fn connections(&mut self, after: Cursor, limit: usize) -> Result<Page<Connection>> {
        let rows: Vec<Connection> = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM connections WHERE org_id = $1 AND (created_at, id) < ($2, $3) \
             ORDER BY created_at DESC, id DESC LIMIT $4"
        ))
        .bind(self.org)
        .bind(after.at)
        .bind(after.id)
        .bind(i64::try_from(limit).unwrap_or(50) + 1)
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |row| Cursor { at: row.created_at, id: row.id.0 }))
    }

    /// The connection that brought an account in last.
    pub async fn connection_of_account(&mut self, account: AccountId) -> Result<Option<Connection>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM connections WHERE org_id = $1 AND account_id = $2 \
             ORDER BY created_at DESC, id DESC LIMIT 1"
        ))
        .bind(self.org)
        .bind(account)
        .fetch_optional(c)
        .await)?)
    }

    /// Records how a connection stands. `finished` is set once and stays.
    pub async fn set_standing(
        &mut self,
        id: ConnectionId,
        state: Standing,
        finished: bool,
        now: Timestamp,
    ) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE connections SET state = $3, updated_at = $4, \
             finished_at = CASE WHEN $5 THEN coalesce(finished_at, $4) ELSE finished_at END \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(state)
        .bind(now)
        .bind(finished)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// One connection, held until the transaction ends: the code, the browser's event, a step and a person may all want to
    /// write to it at the same time and take turns. Whoever holds it may then touch its steps, and after them its job; in
    /// this order nobody waits for each other.
    pub async fn connection_for_change(&mut self, id: ConnectionId) -> Result<Option<Connection>> {
        // Writing the row to itself locks it on either database.
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "UPDATE connections SET id = id WHERE org_id = $1 AND id = $2 RETURNING ", columns!()
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Changes what is known from the browser, as it is when nobody else is changing it.
    pub async fn change_hints(
        &mut self,
        id: ConnectionId,
        now: Timestamp,
        change: impl FnOnce(&mut Hints),
    ) -> Result<()> {
        let Some(Connection { hints: Json(mut hints), .. }) = self.connection_for_change(id).await? else {
            return Ok(());
        };
        change(&mut hints);
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE connections SET hints = $3, updated_at = $4 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(Json(&hints))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Changes what was chosen, as it is when nobody else is changing it.
    pub async fn change_settings(
        &mut self,
        id: ConnectionId,
        now: Timestamp,
        change: impl FnOnce(&mut ConnectionSettings),
    ) -> Result<()> {
        let Some(Connection { settings: Json(mut settings), .. }) = self.connection_for_change(id).await?
        else {
            return Ok(());
        };
        change(&mut settings);
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE connections SET settings = $3, updated_at = $4 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(Json(&settings))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Stores a connection's token, sealed; `None` erases it. `false`: it was given up meanwhile, and gets none.
    pub async fn set_connection_token(
        &mut self,
        id: ConnectionId,
        sealed: Option<&[u8]>,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE connections SET token = $3, token_expires_at = $4, updated_at = $5 WHERE org_id = $1 AND id = $2 \
             AND ($6 OR state <> $7)",
        )
        .bind(self.org)
        .bind(id)
        .bind(sealed)
        .bind(expires_at)
        .bind(now)
        .bind(sealed.is_none())
        .bind(Standing::Abandoned)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Records which messaging account the access was proved for, and ours once it is bound.
    pub async fn set_connection_account(
        &mut self,
        id: ConnectionId,
        waba_id: &str,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE connections SET waba_id = $3, account_id = $4, updated_at = $5 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(waba_id)
        .bind(account)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Records that a step is begun, before its call is made.
    pub async fn begin_step(&mut self, connection: ConnectionId, step: Step, now: Timestamp) -> Result<i64> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "INSERT INTO connection_steps (org_id, connection_id, step, status, attempts, started_at) \
             VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (org_id, connection_id, step) DO UPDATE SET \
             status = excluded.status, attempts = connection_steps.attempts + 1, \
             started_at = coalesce(connection_steps.started_at, excluded.started_at), retry_at = NULL \
             RETURNING attempts",
        )
        .bind(self.org)
        .bind(connection)
        .bind(step)
        .bind(StepStatus::Running)
        .bind(now)
        .fetch_one(c)
        .await)?)
    }

    /// Records how a step ended.
    pub async fn end_step(
        &mut self,
        connection: ConnectionId,
        step: Step,
        end: &StepEnd,
        now: Timestamp,
    ) -> Result<()> {
        let finished = (end.status == StepStatus::Done).then_some(now);
        Ok(on!(self.tx, c => sqlx::query(
            "INSERT INTO connection_steps (org_id, connection_id, step, status, attempts, result, proof, problem, \
             started_at, finished_at, retry_at) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $10, $8, $9) \
             ON CONFLICT (org_id, connection_id, step) DO UPDATE SET status = excluded.status, \
             result = coalesce(excluded.result, connection_steps.result), \
             proof = coalesce(excluded.proof, connection_steps.proof), problem = excluded.problem, \
             finished_at = excluded.finished_at, retry_at = excluded.retry_at",
        )
        .bind(self.org)
        .bind(connection)
        .bind(step)
        .bind(end.status)
        .bind(end.result.as_ref().map(Json))
        .bind(end.proof.as_ref().map(Json))
        .bind(end.problem.as_ref().map(Json))
        .bind(finished)
        .bind(end.retry_at)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Forgets what is on record about steps, so that they are made again; their count of attempts goes too.
    pub async fn forget_steps(&mut self, connection: ConnectionId, steps: &[Step]) -> Result<()> {
        for step in steps {
            on!(self.tx, c => sqlx::query(
                "DELETE FROM connection_steps WHERE org_id = $1 AND connection_id = $2 AND step = $3",
            )
            .bind(self.org)
            .bind(connection)
            .bind(*step)
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        Ok(())
    }

    /// What is on record about a connection's steps, in their order.
    pub async fn steps(&mut self, connection: ConnectionId) -> Result<Vec<StepRow>> {
        let mut rows: Vec<StepRow> = on!(self.tx, c => sqlx::query_as(
            "SELECT step, status, attempts, result, proof, problem, started_at, finished_at, retry_at \
             FROM connection_steps WHERE org_id = $1 AND connection_id = $2",
        )
        .bind(self.org)
        .bind(connection)
        .fetch_all(c)
        .await)?;
        rows.sort_by_key(|row| row.step);
        Ok(rows)
    }
}

impl Tx {
    /// Unfinished connections that nothing has touched since `before`, oldest first. The sweeper looks over all
    /// organisations at once: their jobs may be lost.
    pub async fn resting_connections(
        &mut self,
        states: &[Standing],
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<(OrgId, ConnectionId)>> {
        let mut found = Vec::new();
        for state in states {
            let rows: Vec<(OrgId, ConnectionId)> = on!(self, c => sqlx::query_as(
                "SELECT org_id, id FROM connections WHERE state = $1 AND updated_at < $2 ORDER BY updated_at LIMIT $3",
            )
            .bind(*state)
            .bind(before)
            .bind(limit)
            .fetch_all(c)
            .await)?;
            found.extend(rows);
        }
        Ok(found)
    }

    /// Connections under way through an app that a portfolio may be meant for: PARTNER_ADDED names no organisation.
    pub async fn connections_awaiting(
        &mut self,
        app: AppId,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<(OrgId, ConnectionId)>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT org_id, id FROM connections WHERE app_id = $1 AND account_id IS NULL AND finished_at IS NULL \
             AND created_at >= $2 ORDER BY created_at DESC LIMIT $3",
        )
        .bind(app)
        .bind(since)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
