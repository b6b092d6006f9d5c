//! Messaging accounts (what Meta calls WABA): the organisation's, with its token and what Meta last said of it.

use rules::connection::{Mode, TokenState};
use rules::gate::LineState;
use rules::id::{AccountId, AppId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::json::Json;
use crate::sealed::Place;
use crate::seam::{OrgScope, Tx};

/// Where an account's token is sealed.
pub const TOKEN: Place = Place("accounts.token");

/// A messaging account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Account {
    /// Our id.
    pub id: AccountId,
    /// Through which app it is connected.
    pub app_id: AppId,
    /// Meta's id.
    pub waba_id: String,
    /// Who pays, whose app.
    pub mode: Mode,
    /// Its name.
    pub name: String,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Meta's status: `ACTIVE` …
    pub status: Option<String>,
    /// Meta's review: `APPROVED` …
    pub review_status: Option<String>,
    /// The client's portfolio. Kept for ever: revoking credit needs it when the account can no longer be read.
    pub owner_business_id: Option<String>,
    /// Its name.
    pub owner_business_name: Option<String>,
    /// The payment method, where there is one.
    pub funding_id: Option<String>,
    /// Our share of credit.
    pub allocation_id: Option<String>,
    /// The token, sealed.
    pub token: Option<Vec<u8>>,
    /// What is known of it.
    pub token_state: TokenState,
    /// When it ends, if it does.
    pub token_expires_at: Option<Timestamp>,
    /// When all of this was last read from Meta.
    pub checked_at: Option<Timestamp>,
    /// When it was last looked at, whatever the look came to.
    pub looked_at: Option<Timestamp>,
    /// Whether it can send.
    pub line: LineState,
    /// When our app was last seen in its subscriptions; absent while it is not.
    pub subscribed_at: Option<Timestamp>,
    /// What else Meta said.
    pub facts: Json<AccountFacts>,
    /// When it was connected first.
    pub created_at: Timestamp,
    /// When it was disconnected.
    pub disconnected_at: Option<Timestamp>,
    /// Why.
    pub disconnect_reason: Option<String>,
}

/// What Meta said of an account besides its columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountFacts {
    /// ISO 3166 of the business.
    pub country: Option<String>,
    /// `verified`, `not_verified` …
    pub verification: Option<String>,
    /// `TIER_250` …, for the whole portfolio.
    pub messaging_limit: Option<String>,
    /// `CLIENT_OWNED` …
    pub ownership: Option<String>,
    /// The portfolio that the token speaks for; differs from the owner when an asset of another portfolio was shared.
    pub client_business_id: Option<String>,
    /// What the account may not do, with the end in unix seconds where there is one.
    pub restrictions: Vec<(String, Option<i64>)>,
    /// `DISABLE`, `SCHEDULE_FOR_DISABLE`, and Meta's date.
    pub ban: Option<(String, Option<String>)>,
    /// Coexistence: the phone is gone for the moment.
    pub paused: bool,
    /// `AVAILABLE`, `LIMITED` or `BLOCKED`.
    pub health: Option<String>,
    /// What blocks or limits, with Meta's code.
    pub health_notes: Vec<String>,
    /// Odd, but no reason to refuse.
    pub warnings: Vec<String>,
}

/// What binding an account writes.
#[derive(Clone, Debug)]
pub struct BindAccount<'a> {
    /// The id it gets if it is new to the organisation.
    pub id: AccountId,
    /// Through which app.
    pub app: AppId,
    /// Meta's id.
    pub waba_id: &'a str,
    /// Who pays, whose app.
    pub mode: Mode,
    /// Its name.
    pub name: &'a str,
    /// ISO 4217.
    pub currency: Option<&'a str>,
    /// Meta's status.
    pub status: Option<&'a str>,
    /// Meta's review.
    pub review_status: Option<&'a str>,
    /// The client's portfolio.
    pub owner_business_id: Option<&'a str>,
    /// Its name.
    pub owner_business_name: Option<&'a str>,
    /// The payment method.
    pub funding_id: Option<&'a str>,
    /// The token, sealed under [`TOKEN`].
    pub token: Vec<u8>,
    /// When it ends.
    pub token_expires_at: Option<Timestamp>,
    /// Whether it can send.
    pub line: LineState,
    /// What else Meta said.
    pub facts: &'a AccountFacts,
}

/// What Meta says of an account at a look.
#[derive(Clone, Debug)]
pub struct AccountReading<'a> {
    /// Its name.
    pub name: &'a str,
    /// ISO 4217.
    pub currency: Option<&'a str>,
    /// Meta's status.
    pub status: Option<&'a str>,
    /// Meta's review.
    pub review_status: Option<&'a str>,
    /// The payment method.
    pub funding_id: Option<&'a str>,
    /// Whether our app is in its subscriptions.
    pub subscribed: bool,
    /// What else Meta said.
    pub facts: &'a AccountFacts,
}

/// A macro because a statement's text must be a literal.
macro_rules! columns {
    () => {
        "id, app_id, waba_id, mode, name, currency, status, review_status, owner_business_id, owner_business_name, \
         funding_id, allocation_id, token, token_state, token_expires_at, checked_at, looked_at, line, subscribed_at, \
         facts, created_at, disconnected_at, disconnect_reason"
    };
}

impl OrgScope<'_> {
    /// Makes a messaging account the organisation's, or revives it with everything that hangs on it: numbers, history
    /// and templates keep their ids even when it comes back through another app. Taken: it is another organisation's.
    pub async fn bind_account(&mut self, bind: &BindAccount<'_>, now: Timestamp) -> Result<AccountId> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "INSERT INTO accounts (org_id, id, app_id, waba_id, mode, name, currency, status, review_status, \
             owner_business_id, owner_business_name, funding_id, token, token_state, token_expires_at, checked_at, line, \
             facts, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $16) \
             ON CONFLICT (org_id, waba_id) DO UPDATE SET app_id = excluded.app_id, mode = excluded.mode, \
             name = excluded.name, currency = excluded.currency, status = excluded.status, \
             review_status = excluded.review_status, \
             owner_business_id = coalesce(excluded.owner_business_id, accounts.owner_business_id), \
             owner_business_name = coalesce(excluded.owner_business_name, accounts.owner_business_name), \
             funding_id = excluded.funding_id, token = excluded.token, token_state = excluded.token_state, \
             token_expires_at = excluded.token_expires_at, checked_at = excluded.checked_at, line = excluded.line, \
             facts = excluded.facts, disconnected_at = NULL, disconnect_reason = NULL RETURNING id",
        )
        .bind(self.org)
        .bind(bind.id)
        .bind(bind.app)
        .bind(bind.waba_id)
        .bind(bind.mode)
        .bind(bind.name)
        .bind(bind.currency)
        .bind(bind.status)
        .bind(bind.review_status)
        .bind(bind.owner_business_id)
        .bind(bind.owner_business_name)
        .bind(bind.funding_id)
        .bind(&bind.token)
        .bind(TokenState::Valid)
        .bind(bind.token_expires_at)
        .bind(now)
        .bind(bind.line)
        .bind(Json(bind.facts))
        .fetch_one(c)
        .await)?)
    }

    /// One account.
    pub async fn account(&mut self, id: AccountId) -> Result<Option<Account>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM accounts WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// The organisation's account of this Meta id, connected or not.
    pub async fn account_of_waba(&mut self, waba_id: &str) -> Result<Option<Account>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM accounts WHERE org_id = $1 AND waba_id = $2"
        ))
        .bind(self.org)
        .bind(waba_id)
        .fetch_optional(c)
        .await)?)
    }

    /// The organisation's accounts, oldest first: there are few.
    pub async fn accounts(&mut self) -> Result<Vec<Account>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM accounts WHERE org_id = $1 ORDER BY created_at, id"
        ))
        .bind(self.org)
        .fetch_all(c)
        .await)?)
    }

    /// Records what Meta says of an account.
    pub async fn record_account(
        &mut self,
        id: AccountId,
        read: &AccountReading<'_>,
        now: Timestamp,
    ) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE accounts SET name = $3, currency = $4, status = $5, review_status = $6, funding_id = $7, facts = $8, \
             checked_at = $9, subscribed_at = CASE WHEN $10 THEN $9 ELSE NULL END WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(read.name)
        .bind(read.currency)
        .bind(read.status)
        .bind(read.review_status)
        .bind(read.funding_id)
        .bind(Json(read.facts))
        .bind(now)
        .bind(read.subscribed)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Records what a webhook says of an account: status and review only where it names them.
    pub async fn record_account_news(
        &mut self,
        id: AccountId,
        status: Option<&str>,
        review_status: Option<&str>,
        facts: &AccountFacts,
    ) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE accounts SET status = coalesce($3, status), review_status = coalesce($4, review_status), facts = $5 \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(status)
        .bind(review_status)
        .bind(Json(facts))
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Records that our app was seen in the account's subscriptions.
    pub async fn set_subscribed(&mut self, id: AccountId, now: Option<Timestamp>) -> Result<()> {
        Ok(
            on!(self.tx, c => sqlx::query("UPDATE accounts SET subscribed_at = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?,
        )
    }

    /// Records who pays, as read from Meta; `allocation` stays when it is not given.
    pub async fn set_funding(
        &mut self,
        id: AccountId,
        funding_id: Option<&str>,
        allocation_id: Option<&str>,
    ) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE accounts SET funding_id = $3, allocation_id = coalesce($4, allocation_id) \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(funding_id)
        .bind(allocation_id)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Forgets our share of credit after it was taken back.
    pub async fn forget_allocation(&mut self, id: AccountId) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE accounts SET allocation_id = NULL, funding_id = NULL WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Replaces an account's token, sealed. `false`: it was disconnected meanwhile, and gets none.
    pub async fn set_account_token(
        &mut self,
        id: AccountId,
        sealed: &[u8],
        expires_at: Option<Timestamp>,
    ) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE accounts SET token = $3, token_state = $4, token_expires_at = $5 \
             WHERE org_id = $1 AND id = $2 AND disconnected_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .bind(sealed)
        .bind(TokenState::Valid)
        .bind(expires_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Records that an account is being looked at.
    pub async fn note_look(&mut self, id: AccountId, now: Timestamp) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query("UPDATE accounts SET looked_at = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?)
    }

    /// Records what is known of an account's token. `false`: that was known already, or it is disconnected.
    pub async fn set_token_state(&mut self, id: AccountId, state: TokenState) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE accounts SET token_state = $3 WHERE org_id = $1 AND id = $2 AND token_state <> $3 \
             AND disconnected_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .bind(state)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Records whether an account can send. The numbers follow through `set_number_line`.
    pub async fn set_account_line(&mut self, id: AccountId, line: LineState) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query("UPDATE accounts SET line = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(line)
            .execute(c)
            .await
            .map(|_| ()))?)
    }

    /// Ends an account: ids and history stay, the token is erased. `false`: it had ended before.
    pub async fn disconnect_account(&mut self, id: AccountId, reason: &str, now: Timestamp) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE accounts SET disconnected_at = $3, disconnect_reason = $4, token = NULL, token_state = $5, line = $6, \
             subscribed_at = NULL WHERE org_id = $1 AND id = $2 AND disconnected_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .bind(now)
        .bind(reason)
        .bind(TokenState::Erased)
        .bind(LineState::Gone)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }
}

impl Tx {
    /// Which organisations a messaging account is connected to, through whichever app. Asked before binding it: an
    /// account that is another organisation's is never attached.
    pub async fn orgs_of_waba(&mut self, waba_id: &str) -> Result<Vec<OrgId>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "SELECT DISTINCT org_id FROM accounts WHERE waba_id = $1 AND disconnected_at IS NULL",
        )
        .bind(waba_id)
        .fetch_all(c)
        .await)?)
    }

    /// Connected accounts not read since `before` and not looked at in vain since `tried_before`, longest ago first: the
    /// nightly look is over all organisations.
    pub async fn accounts_to_check(
        &mut self,
        before: Timestamp,
        tried_before: Timestamp,
        limit: i64,
    ) -> Result<Vec<(OrgId, AccountId)>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT org_id, id FROM accounts WHERE disconnected_at IS NULL AND (checked_at IS NULL OR checked_at < $1) \
             AND (looked_at IS NULL OR looked_at < $2) ORDER BY checked_at LIMIT $3",
        )
        .bind(before)
        .bind(tried_before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Connected accounts of an app: an uninstallation may name none.
    pub async fn accounts_of_app(&mut self, app: AppId) -> Result<Vec<(OrgId, AccountId)>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT org_id, id FROM accounts WHERE app_id = $1 AND disconnected_at IS NULL",
        )
        .bind(app)
        .fetch_all(c)
        .await)?)
    }

    /// The shares of credit of a portfolio that are on record, whichever organisation's account they are for: one share is
    /// for all of a portfolio's accounts.
    pub async fn allocations_on_record(&mut self, owner_business_id: &str) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "SELECT DISTINCT allocation_id FROM accounts WHERE owner_business_id = $1 AND allocation_id IS NOT NULL",
        )
        .bind(owner_business_id)
        .fetch_all(c)
        .await)?)
    }

    /// How many connected accounts of a portfolio rest on our credit: revoking ends it for all of them at once.
    pub async fn accounts_on_credit(&mut self, owner_business_id: &str) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "SELECT count(*) FROM accounts WHERE owner_business_id = $1 AND allocation_id IS NOT NULL \
             AND disconnected_at IS NULL",
        )
        .bind(owner_business_id)
        .fetch_one(c)
        .await)?)
    }
}
