//! Business-initiated intentions, counted: whole days once and for all until something about them changes, the days after
//! those as they stand.

use rules::consent::ConsentAction;
use rules::id::{NotificationId, NumberId};
use rules::rates::Tally;
use rules::time::Timestamp;
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::error::Result;
use crate::seam::OrgScope;

/// Stands for no notification: a key holds no NULL.
const NO_NOTIFICATION: Uuid = Uuid::nil();
/// A quarter of an hour, in microseconds: every time zone's days begin with one.
pub const SLOT: i64 = 15 * 60 * 1_000_000;

/// How far an organisation's days are counted.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Counted {
    /// The time zone of its days.
    pub timezone: String,
    /// What became known since then has not been counted.
    pub until: Timestamp,
    /// Days up to this one are counted.
    pub last_day: i64,
}

/// Which intentions are counted: those that fit everything given.
#[derive(Clone, Debug, Default)]
pub struct RatesFilter {
    /// For this number.
    pub number: Option<NumberId>,
    /// With this template.
    pub template: Option<String>,
    /// As part of this notification.
    pub notification: Option<NotificationId>,
}

/// What is counted apart, and how many.
pub type Tallied<Key> = Vec<(Key, Tally)>;

/// What a row of nine counts is read as.
type Counts<Key> = (Key, i64, i64, i64, i64, i64, i64, i64, i64, i64);

fn tallied<Key>(rows: Vec<Counts<Key>>) -> Tallied<Key> {
    rows.into_iter()
        .map(|(key, intended, opted_in, refused, fallen_back, handed, in_window, delivered, read, failed)| {
            let tally = Tally {
                intended,
                opted_in,
                refused,
                fallen_back,
                handed,
                in_window,
                delivered,
                read,
                failed,
            };
            (key, tally)
        })
        .collect()
}

macro_rules! on_whatsapp {
    ($outcomes:literal, $more:literal) => {
        concat!(
            "CAST(coalesce(sum(CASE WHEN channel = 'whatsapp' AND outcome IN (",
            $outcomes,
            ") ",
            $more,
            " THEN 1 ELSE 0 END), 0) AS BIGINT)"
        )
    };
}

/// The nine counts of intentions. (`docs/rates.md`)
macro_rules! counts {
    () => {
        concat!(
            "count(*), CAST(coalesce(sum(CASE WHEN standing = 'opted_in' THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(coalesce(sum(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(coalesce(sum(CASE WHEN outcome <> 'refused' AND (channel <> 'whatsapp' OR outcome IN ('awaiting_opt_in', \
             'fallback_sent', 'fallback_delivered', 'fallback_failed')) THEN 1 ELSE 0 END), 0) AS BIGINT), ",
            on_whatsapp!("'sent', 'delivered', 'read', 'failed', 'unresolved'", ""), ", ",
            on_whatsapp!("'sent', 'delivered', 'read', 'failed', 'unresolved'", "AND window_open"), ", ",
            on_whatsapp!("'delivered', 'read'", ""), ", ",
            on_whatsapp!("'read'", ""), ", ",
            on_whatsapp!("'failed'", "")
        )
    };
}

/// The nine counts of days that are counted.
const SUMS: &str = "CAST(coalesce(sum(intended), 0) AS BIGINT), CAST(coalesce(sum(opted_in), 0) AS BIGINT), \
    CAST(coalesce(sum(refused), 0) AS BIGINT), CAST(coalesce(sum(fallen_back), 0) AS BIGINT), \
    CAST(coalesce(sum(handed), 0) AS BIGINT), CAST(coalesce(sum(in_window), 0) AS BIGINT), \
    CAST(coalesce(sum(delivered), 0) AS BIGINT), CAST(coalesce(sum(read), 0) AS BIGINT), \
    CAST(coalesce(sum(failed), 0) AS BIGINT)";

/// Reads counts apart by `$key`, of a table that has the columns of [`RatesFilter`], within bounds of a column.
macro_rules! apart {
    ($scope:expr, $key:literal, $counts:expr, $table:literal, $column:literal, $filter:expr, $from:expr, $until:expr) => {{
        let org = $scope.org;
        let rows = on!($scope.tx, c => {
            let mut query = QueryBuilder::new(concat!("SELECT ", $key, ", "));
            query.push($counts).push(concat!(" FROM ", $table, " WHERE org_id = ")).push_bind(org);
            query.push(concat!(" AND ", $column, " >= ")).push_bind($from);
            query.push(concat!(" AND ", $column, " < ")).push_bind($until);
            if let Some(number) = $filter.number {
                query.push(" AND number_id = ").push_bind(number);
            }
            if let Some(template) = &$filter.template {
                query.push(" AND template_name = ").push_bind(template);
            }
            if let Some(notification) = $filter.notification {
                query.push(" AND notification_id = ").push_bind(notification);
            }
            query.push(concat!(" GROUP BY ", $key, " ORDER BY ", $key));
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(tallied(rows))
    }};
}

/// Before every id that is made from this moment on.
pub(crate) fn first_id(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.0.div_euclid(1_000)).unwrap_or(0);
    Uuid::from_u128(u128::from(millis) << 80)
}

impl OrgScope<'_> {
    /// Days from `from` to before `until`, each counted.
    pub async fn daily_by_day(
        &mut self,
        filter: &RatesFilter,
        from: i64,
        until: i64,
    ) -> Result<Tallied<i64>> {
        apart!(self, "day", SUMS, "outreach_daily", "day", filter, from, until)
    }

    /// The same days together, by number.
    pub async fn daily_by_number(
        &mut self,
        filter: &RatesFilter,
        from: i64,
        until: i64,
    ) -> Result<Tallied<NumberId>> {
        apart!(self, "number_id", SUMS, "outreach_daily", "day", filter, from, until)
    }

    /// The same days together, by template.
    pub async fn daily_by_template(
        &mut self,
        filter: &RatesFilter,
        from: i64,
        until: i64,
    ) -> Result<Tallied<String>> {
        apart!(self, "template_name", SUMS, "outreach_daily", "day", filter, from, until)
    }

    /// The same days together, by notification.
    pub async fn daily_by_notification(
        &mut self,
        filter: &RatesFilter,
        from: i64,
        until: i64,
    ) -> Result<Tallied<Option<NotificationId>>> {
        let rows: Result<Tallied<NotificationId>> =
            apart!(self, "notification_id", SUMS, "outreach_daily", "day", filter, from, until);
        let named = |id: NotificationId| (id.0 != NO_NOTIFICATION).then_some(id);
        Ok(rows?.into_iter().map(|(id, tally)| (named(id), tally)).collect())
    }

    /// Intentions of a span of time as they stand, by number.
    pub async fn live_by_number(
        &mut self,
        filter: &RatesFilter,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Tallied<NumberId>> {
        apart!(self, "number_id", counts!(), "outreach", "at", filter, from, until)
    }

    /// The same, by template.
    pub async fn live_by_template(
        &mut self,
        filter: &RatesFilter,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Tallied<String>> {
        apart!(self, "template_name", counts!(), "outreach", "at", filter, from, until)
    }

    /// The same, by notification.
    pub async fn live_by_notification(
        &mut self,
        filter: &RatesFilter,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Tallied<Option<NotificationId>>> {
        apart!(self, "notification_id", counts!(), "outreach", "at", filter, from, until)
    }

    /// How many opt-ins and opt-outs were recorded in a span of time, on whatever channel and from wherever.
    pub async fn consents_between(&mut self, from: Timestamp, until: Timestamp) -> Result<(i64, i64)> {
        let count = async |scope: &mut Self, action: ConsentAction| -> Result<i64> {
            // Ids are made when an entry is, and sort by that.
            Ok(on!(scope.tx, c => sqlx::query_scalar(
                "SELECT count(*) FROM consent_events WHERE org_id = $1 AND id >= $2 AND id < $3 AND action = $4",
            )
            .bind(scope.org)
            .bind(first_id(from))
            .bind(first_id(until))
            .bind(action)
            .fetch_one(c)
            .await)?)
        };
        Ok((count(self, ConsentAction::OptIn).await?, count(self, ConsentAction::OptOut).await?))
    }

    /// How far the organisation's days are counted. `None`: not at all.
    pub async fn counted(&mut self) -> Result<Option<Counted>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT timezone, until, last_day FROM outreach_counted WHERE org_id = $1",
        )
        .bind(self.org)
        .fetch_optional(c)
        .await)?)
    }

    /// Notes how far they are counted now.
    pub async fn set_counted(&mut self, counted: &Counted) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "INSERT INTO outreach_counted (org_id, timezone, until, last_day) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (org_id) DO UPDATE SET timezone = excluded.timezone, until = excluded.until, \
             last_day = excluded.last_day",
        )
        .bind(self.org)
        .bind(&counted.timezone)
        .bind(counted.until)
        .bind(counted.last_day)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Forgets every count, because days begin at another time from now on.
    pub async fn forget_counts(&mut self) -> Result<()> {
        for text in
            ["DELETE FROM outreach_daily WHERE org_id = $1", "DELETE FROM outreach_counted WHERE org_id = $1"]
        {
            on!(self.tx, c => sqlx::query(text).bind(self.org).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// The quarters of an hour (since 1970) in which something was intended about which anything became known since.
    pub async fn slots_changed_since(&mut self, since: Timestamp) -> Result<Vec<i64>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT DISTINCT at / $3 FROM outreach WHERE org_id = $1 AND outcome_at >= $2",
        )
        .bind(self.org)
        .bind(since)
        .bind(SLOT)
        .fetch_all(c)
        .await)?)
    }

    /// Counts a day anew, from its intentions as they stand.
    pub async fn count_day(&mut self, day: i64, from: Timestamp, until: Timestamp) -> Result<()> {
        on!(self.tx, c => sqlx::query("DELETE FROM outreach_daily WHERE org_id = $1 AND day = $2")
            .bind(self.org)
            .bind(day)
            .execute(c)
            .await
            .map(|_| ()))?;
        on!(self.tx, c => sqlx::query(concat!(
            "INSERT INTO outreach_daily (org_id, day, number_id, template_name, notification_id, intended, opted_in, \
             refused, fallen_back, handed, in_window, delivered, read, failed) \
             SELECT org_id, CAST($2 AS BIGINT), number_id, template_name, coalesce(notification_id, $5), ", counts!(),
            " FROM outreach WHERE org_id = $1 AND at >= $3 AND at < $4 GROUP BY 1, 3, 4, 5"
        ))
        .bind(self.org)
        .bind(day)
        .bind(from)
        .bind(until)
        .bind(NO_NOTIFICATION)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}
