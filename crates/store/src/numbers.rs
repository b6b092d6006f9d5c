//! Business phone numbers of messaging accounts.

use rules::gate::LineState;
use rules::id::{AccountId, NumberId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::json::Json;
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
    /// Whether it can send.
    pub line: LineState,
}

/// A macro because a statement's text must be a literal.
macro_rules! columns {
    () => {
        "id, account_id, phone_number_id, digits, display, verified_name, status, name_status, quality, platform_type, \
         throughput, messaging_limit, code_verification, on_business_app, pin, register_attempts, registered_at, heard_at, \
         profile, line, created_at, updated_at, removed_at"
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

    /// Records what a webhook says of a number: only what it names.
    pub async fn record_number_news(
        &mut self,
        id: NumberId,
        verified_name: Option<&str>,
        name_status: Option<&str>,
        messaging_limit: Option<&str>,
    ) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE numbers SET verified_name = coalesce($3, verified_name), name_status = coalesce($4, name_status), \
             messaging_limit = coalesce($5, messaging_limit) WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(verified_name)
        .bind(name_status)
        .bind(messaging_limit)
        .execute(c)
        .await
        .map(|_| ()))?)
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
