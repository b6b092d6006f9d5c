//! Business phone numbers of messaging accounts.

use rules::gate::LineState;
use rules::id::{AccountId, NumberChangeId, NumberId};
use rules::number::{ChangeSource, NumberField};
use rules::time::Timestamp;

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::sealed::Place;
use crate::seam::OrgScope;

/// Where a number's two-step PIN is sealed.
pub const PIN: Place = Place("numbers.pin");

/// A number.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Number {
    /// Our id.
    pub id: NumberId,
    /// Its account.
    pub account_id: AccountId,
    /// Meta's id.
    pub phone_number_id: String,
    /// Digits only, as webhooks write it.
    pub digits: String,
    /// As people write it.
    pub display: String,
    /// The name that people see.
    pub verified_name: Option<String>,
    /// `CONNECTED` …
    pub status: Option<String>,
    /// `APPROVED` …
    pub name_status: Option<String>,
    /// `GREEN` …
    pub quality: Option<String>,
    /// `CLOUD_API` when registered.
    pub platform_type: Option<String>,
    /// `STANDARD` or `HIGH`.
    pub throughput: Option<String>,
    /// `TIER_250` …
    pub messaging_limit: Option<String>,
    /// `VERIFIED` …
    pub code_verification: Option<String>,
    /// Stays in use in the WhatsApp Business app.
    pub on_business_app: bool,
    /// The two-step PIN, sealed.
    pub pin: Option<Vec<u8>>,
    /// When `register` or `deregister` was asked for, within the last days.
    pub register_attempts: Json<Vec<Timestamp>>,
    /// When it was seen registered first.
    pub registered_at: Option<Timestamp>,
    /// When the first message came in.
    pub heard_at: Option<Timestamp>,
    /// What people see about the business.
    pub profile: Json<serde_json::Value>,
    /// A name asked for, until it is the one that people see.
    pub wanted_name: Option<String>,
    /// How far its review is: `PENDING_REVIEW` …
    pub wanted_name_status: Option<String>,
    /// Why a name was declined: `NAME_NOT_CONSISTENT` …
    pub name_reason: Option<String>,
    /// The business username, without the `@`.
    pub username: Option<String>,
    /// `approved` or `reserved`.
    pub username_status: Option<String>,
    /// Carries the badge.
    pub official: bool,
    /// Whether it has a two-step PIN at Meta.
    pub has_pin: Option<bool>,
    /// What Meta's own check says of sending.
    pub health: Option<Json<serde_json::Value>>,
    /// Whether it can send.
    pub line: LineState,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When this was last read from Meta.
    pub updated_at: Timestamp,
    /// When it was last missing from its account.
    pub removed_at: Option<Timestamp>,
}

/// What Meta says of a number.
#[derive(Clone, Debug)]
pub struct NumberReading {
    /// The id it gets if it is new.
    pub id: NumberId,
    /// Meta's id.
    pub phone_number_id: String,
    /// Digits only.
    pub digits: String,
    /// As people write it.
    pub display: String,
    /// The name that people see.
    pub verified_name: Option<String>,
    /// `CONNECTED` …
    pub status: Option<String>,
    /// `APPROVED` …
    pub name_status: Option<String>,
    /// `GREEN` …
    pub quality: Option<String>,
    /// `CLOUD_API` when registered.
    pub platform_type: Option<String>,
    /// `STANDARD` or `HIGH`.
    pub throughput: Option<String>,
    /// `TIER_250` …
    pub messaging_limit: Option<String>,
    /// `VERIFIED` …
    pub code_verification: Option<String>,
    /// Stays in use in the WhatsApp Business app.
    pub on_business_app: bool,
    /// A name asked for.
    pub wanted_name: Option<String>,
    /// How far its review is.
    pub wanted_name_status: Option<String>,
    /// Carries the badge.
    pub official: bool,
    /// Whether it has a two-step PIN.
    pub has_pin: Option<bool>,
    /// Whether it can send.
    pub line: LineState,
}

/// What a webhook says of a number, or a member asks for: what is `None` stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumberNews<'a> {
    /// The name that people see.
    pub verified_name: Option<&'a str>,
    /// What Meta thinks of it.
    pub name_status: Option<&'a str>,
    /// The limit of the portfolio.
    pub messaging_limit: Option<&'a str>,
    /// A name asked for.
    pub wanted_name: Option<&'a str>,
    /// How far its review is.
    pub wanted_name_status: Option<&'a str>,
    /// Why it was declined.
    pub name_reason: Option<&'a str>,
    /// `HIGH` after an upgrade.
    pub throughput: Option<&'a str>,
}

/// A change of a number, to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNumberChange {
    /// Its id.
    pub id: NumberChangeId,
    /// Whose.
    pub number_id: NumberId,
    /// What changed.
    pub field: NumberField,
    /// What it was.
    pub old: Option<String>,
    /// What it is now.
    pub new: Option<String>,
    /// How it was learnt.
    pub source: ChangeSource,
}

/// A change of a number.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct NumberChange {
    /// Its id.
    pub id: NumberChangeId,
    /// Whose.
    pub number_id: NumberId,
    /// What changed.
    pub field: NumberField,
    /// What it was.
    pub old: Option<String>,
    /// What it is now.
    pub new: Option<String>,
    /// How it was learnt.
    pub source: ChangeSource,
    /// When.
    pub at: Timestamp,
}

/// A macro because a statement's text must be a literal.
macro_rules! columns {
    () => {
        "id, account_id, phone_number_id, digits, display, verified_name, status, name_status, quality, platform_type, \
         throughput, messaging_limit, code_verification, on_business_app, pin, register_attempts, registered_at, heard_at, \
         profile, wanted_name, wanted_name_status, name_reason, username, username_status, official, has_pin, health, \
         line, created_at, updated_at, removed_at"
    };
}

impl OrgScope<'_> {
    /// Records what Meta says of an account's numbers, new and known alike; known ones keep their ids.
    pub async fn record_numbers(
        &mut self,
        account: AccountId,
        numbers: &[NumberReading],
        now: Timestamp,
    ) -> Result<()> {
        if numbers.is_empty() {
            return Ok(());
        }
        let org = self.org;
        let rows = Rows::of(numbers)
            .column("org_id", |_| org)
            .column("id", |number| number.id)
            .column("account_id", |_| account)
            .column("phone_number_id", |number| number.phone_number_id.as_str())
            .column("digits", |number| number.digits.as_str())
            .column("display", |number| number.display.as_str())
            .column("verified_name", |number| number.verified_name.as_deref())
            .column("status", |number| number.status.as_deref())
            .column("name_status", |number| number.name_status.as_deref())
            .column("quality", |number| number.quality.as_deref())
            .column("platform_type", |number| number.platform_type.as_deref())
            .column("throughput", |number| number.throughput.as_deref())
            .column("messaging_limit", |number| number.messaging_limit.as_deref())
            .column("code_verification", |number| number.code_verification.as_deref())
            .column("on_business_app", |number| number.on_business_app)
            .column("register_attempts", |_| "[]")
            .column("profile", |_| "null")
            .column("wanted_name", |number| number.wanted_name.as_deref())
            .column("wanted_name_status", |number| number.wanted_name_status.as_deref())
            .column("official", |number| number.official)
            .column("has_pin", |number| number.has_pin)
            .column("line", |number| number.line)
            .column("created_at", |_| now)
            .column("updated_at", |_| now)
            .column("registered_at", |number| {
                (number.platform_type.as_deref() == Some("CLOUD_API")).then_some(now)
            });
        on!(self.tx, c => rows.insert_into("numbers")
        .push(
            " ON CONFLICT (org_id, account_id, phone_number_id) DO UPDATE SET digits = excluded.digits, \
             display = excluded.display, verified_name = excluded.verified_name, status = excluded.status, \
             name_status = excluded.name_status, quality = excluded.quality, platform_type = excluded.platform_type, \
             throughput = excluded.throughput, messaging_limit = excluded.messaging_limit, \
             code_verification = excluded.code_verification, on_business_app = excluded.on_business_app, \
             wanted_name = CASE WHEN excluded.wanted_name_status IS NULL THEN excluded.wanted_name \
             ELSE coalesce(excluded.wanted_name, numbers.wanted_name) END, \
             wanted_name_status = excluded.wanted_name_status, \
             name_reason = CASE WHEN excluded.wanted_name_status = 'DECLINED' OR excluded.name_status = 'DECLINED' \
             THEN numbers.name_reason END, official = excluded.official, has_pin = excluded.has_pin, \
             line = excluded.line, updated_at = excluded.updated_at, removed_at = NULL, \
             registered_at = coalesce(numbers.registered_at, excluded.registered_at)",
        )
        .build()
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Marks as gone what was not seen at the look that began at `seen_since`: it was deleted or moved to another
    /// account.
    pub async fn remove_unseen_numbers(
        &mut self,
        account: AccountId,
        seen_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE numbers SET removed_at = $4, line = $5 WHERE org_id = $1 AND account_id = $2 AND updated_at < $3 \
             AND removed_at IS NULL",
        )
        .bind(self.org)
        .bind(account)
        .bind(seen_since)
        .bind(now)
        .bind(LineState::Gone)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }

    /// One number.
    pub async fn number(&mut self, id: NumberId) -> Result<Option<Number>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM numbers WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// The organisation's numbers, oldest first: there are few. `account` narrows to one account's.
    pub async fn numbers(&mut self, account: Option<AccountId>) -> Result<Vec<Number>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM numbers WHERE org_id = $1 AND ($2 IS NULL OR account_id = $2) \
             AND removed_at IS NULL ORDER BY created_at, id"
        ))
        .bind(self.org)
        .bind(account)
        .fetch_all(c)
        .await)?)
    }

    /// Stores a number's PIN, sealed; `None` forgets one that is stale.
    pub async fn set_pin(&mut self, id: NumberId, sealed: Option<&[u8]>) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query("UPDATE numbers SET pin = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(sealed)
            .execute(c)
            .await
            .map(|_| ()))?)
    }

    /// Records when registering was asked for, before it is asked.
    pub async fn set_register_attempts(&mut self, id: NumberId, attempts: &[Timestamp]) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE numbers SET register_attempts = $3 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(Json(attempts))
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Stores what people see about the business.
    pub async fn set_number_profile(&mut self, id: NumberId, profile: &serde_json::Value) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query("UPDATE numbers SET profile = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(Json(profile))
            .execute(c)
            .await
            .map(|_| ()))?)
    }

    /// Records whether a number can send.
    pub async fn set_number_line(&mut self, id: NumberId, line: LineState) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query("UPDATE numbers SET line = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(line)
            .execute(c)
            .await
            .map(|_| ()))?)
    }

    /// Records that a message came in. `false`: that was known.
    pub async fn set_heard(&mut self, id: NumberId, now: Timestamp) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE numbers SET heard_at = $3 WHERE org_id = $1 AND id = $2 AND heard_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Records what is new about a number: only what is named.
    pub async fn record_number_news(&mut self, id: NumberId, news: NumberNews<'_>) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE numbers SET verified_name = coalesce($3, verified_name), name_status = coalesce($4, name_status), \
             messaging_limit = coalesce($5, messaging_limit), wanted_name = coalesce($6, wanted_name), \
             wanted_name_status = coalesce($7, wanted_name_status), name_reason = coalesce($8, name_reason), \
             throughput = coalesce($9, throughput) WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(news.verified_name)
        .bind(news.name_status)
        .bind(news.messaging_limit)
        .bind(news.wanted_name)
        .bind(news.wanted_name_status)
        .bind(news.name_reason)
        .bind(news.throughput)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Forgets a name that was asked for and why it was declined: another one is asked for, or it is in use.
    pub async fn forget_wanted_name(&mut self, id: NumberId) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE numbers SET wanted_name = NULL, wanted_name_status = NULL, name_reason = NULL \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Records the business username and how far it is; `None`: there is none.
    pub async fn set_number_username(
        &mut self,
        id: NumberId,
        username: Option<&str>,
        status: Option<&str>,
    ) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE numbers SET username = $3, username_status = $4 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(username)
        .bind(status)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Records what Meta's own check says of sending.
    pub async fn set_number_health(&mut self, id: NumberId, health: &serde_json::Value) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query("UPDATE numbers SET health = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(Json(health))
            .execute(c)
            .await
            .map(|_| ()))?)
    }

    /// Keeps changes of numbers.
    pub async fn add_number_changes(&mut self, changes: &[NewNumberChange], at: Timestamp) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let org = self.org;
        let rows = Rows::of(changes)
            .column("org_id", |_| org)
            .column("id", |change| change.id.0)
            .column("number_id", |change| change.number_id)
            .column("field", |change| change.field.as_str())
            .column("old", |change| change.old.as_deref())
            .column("new", |change| change.new.as_deref())
            .column("source", |change| change.source.as_str())
            .column("at", |_| at);
        on!(self.tx, c => rows.insert_into("number_changes").build().execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// What changed about a number, newest first; of one fact only, if asked.
    pub async fn number_changes(
        &mut self,
        number: NumberId,
        field: Option<NumberField>,
        before: Cursor,
        limit: usize,
    ) -> Result<Page<NumberChange>> {
        // Ids are made at the time of the change, so their order is that of time.
        let rows: Vec<NumberChange> = on!(self.tx, c => sqlx::query_as(
            "SELECT id, number_id, field, old, new, source, at FROM number_changes WHERE org_id = $1 AND number_id = $2 \
             AND ($3 IS NULL OR field = $3) AND id < $4 ORDER BY id DESC LIMIT $5",
        )
        .bind(self.org)
        .bind(number)
        .bind(field)
        .bind(before.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |change| Cursor { at: change.at, id: change.id.0 }))
    }

    /// Whether anybody has ever written to a number.
    pub async fn has_heard(&mut self, id: NumberId) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query_scalar::<_, i64>(
            "SELECT count(*) FROM (SELECT 1 FROM conversations WHERE org_id = $1 AND number_id = $2 \
             AND last_inbound_at IS NOT NULL LIMIT 1) AS heard",
        )
        .bind(self.org)
        .bind(id)
        .fetch_one(c)
        .await)?
            > 0)
    }
}
