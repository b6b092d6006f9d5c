//! What a step works with, read in one transaction and held in memory only as long as the step.

use meta::graph::{Access, AppLogin};
use rules::connection::{Facts, Record, Trouble};
use rules::id::{ConnectionId, OrgId};
use rules::time::Timestamp;
use secrecy::SecretString;
use store::accounts::{self, Account};
use store::apps::{App, SECRET, SYSTEM_TOKEN};
use store::connections::{self, Connection, StepRow};
use store::numbers::Number;

use crate::ctx::Ctx;

/// A connection with everything that its steps need.
pub struct Work {
    pub org: OrgId,
    pub connection: Connection,
    pub rows: Vec<StepRow>,
    pub app: App,
    pub login: AppLogin,
    pub system_token: Option<SecretString>,
    pub token: Option<SecretString>,
    pub account: Option<Account>,
    pub numbers: Vec<Number>,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("connection", &self.connection.id).finish_non_exhaustive()
    }
}

impl Work {
    /// Reads a connection. `None`: there is none of this id.
    pub async fn load(ctx: &Ctx, org: OrgId, id: ConnectionId) -> store::Result<Option<Self>> {
        let mut tx = ctx.store.read().await?;
        let mut scope = tx.org(org).await?;
        let Some(connection) = scope.connection(id).await? else { return Ok(None) };
        let rows = scope.steps(id).await?;
        let account = match connection.account_id {
            Some(account) => scope.account(account).await?,
            None => None,
        };
        let numbers = match &account {
            Some(account) => scope.numbers(Some(account.id)).await?,
            None => Vec::new(),
        };
        let Some(app) = tx.app(connection.app_id).await? else { return Ok(None) };
        let (owner, vault) = (app.owner(), &ctx.vault);
        let app_secret = vault.open(&mut tx, owner, SECRET, &app.secret).await?;
        let system_token = match &app.system_token {
            Some(sealed) => Some(vault.open(&mut tx, owner, SYSTEM_TOKEN, sealed).await?),
            None => None,
        };
        // Once the account is bound its token is the one in use; a re-consent in progress carries its own.
        let sealed = match (&connection.token, &account) {
            (Some(token), _) => Some((connections::TOKEN, token)),
            (None, Some(account)) => account.token.as_ref().map(|token| (accounts::TOKEN, token)),
            (None, None) => None,
        };
        let token = match sealed {
            Some((place, sealed)) => Some(vault.open(&mut tx, org, place, sealed).await?),
            None => None,
        };
        let login = AppLogin { app_id: app.meta_app_id.clone(), app_secret };
        Ok(Some(Self { org, connection, rows, app, login, system_token, token, account, numbers }))
    }

    /// Meta's id of the account, once proved.
    pub fn waba(&self) -> &str {
        self.connection.waba_id.as_deref().unwrap_or("")
    }

    /// The rights of the client's token.
    pub fn access(&self) -> Option<Access<'_>> {
        self.token.as_ref().map(|token| Access::proven(token, &self.login.app_secret))
    }

    /// The rights of our own system user. Reaches every client: never a proof of anything.
    pub fn system(&self) -> Option<Access<'_>> {
        self.system_token.as_ref().map(|token| Access::proven(token, &self.login.app_secret))
    }

    /// The numbers that this connection is about.
    pub fn chosen_numbers(&self) -> impl Iterator<Item = &Number> {
        let chosen = self.connection.settings.0.chosen_phone_number_id.as_deref();
        self.numbers.iter().filter(move |number| chosen.is_none_or(|id| id == number.phone_number_id))
    }

    /// Whether a person has seen this and said that it is meant.
    pub fn confirmed(&self, trouble: Trouble) -> bool {
        self.connection.settings.0.confirmed(trouble)
    }

    /// What is on record about the steps.
    pub fn records(&self) -> Vec<Record> {
        records(&self.rows)
    }

    /// What the next step depends on.
    pub fn facts<'a>(&self, records: &'a [Record], now: Timestamp) -> Facts<'a> {
        facts(&self.connection, records, now)
    }
}

/// What is on record about the steps.
pub fn records(rows: &[StepRow]) -> Vec<Record> {
    rows.iter()
        .map(|row| Record {
            step: row.step,
            status: row.status,
            retry_at: row.retry_at,
            trouble: row.problem.as_ref().map(|problem| problem.0.trouble),
        })
        .collect()
}

/// What the next step depends on.
pub fn facts<'a>(connection: &Connection, records: &'a [Record], now: Timestamp) -> Facts<'a> {
    Facts {
        mode: connection.mode,
        entry: connection.entry,
        variant: connection.variant,
        override_wanted: connection.settings.0.override_webhook,
        abandoned: connection.state == rules::connection::Standing::Abandoned,
        code_at: connection.hints.0.code_at,
        has_token: connection.token.is_some() || connection.account_id.is_some(),
        records,
        now,
    }
}
