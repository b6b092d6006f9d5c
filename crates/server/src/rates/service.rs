//! Counting days, and reading what was counted together with what was not yet.

use std::collections::{BTreeMap, BTreeSet};

use rules::id::{NotificationId, NumberId, OrgId};
use rules::rates::{RatesBy, Tally};
use rules::time::{Timestamp, span};
use store::OrgScope;
use store::rates::{Counted, RatesFilter, SLOT, Tallied};

use super::days::Days;
use crate::ctx::Ctx;

/// How far a round looks back before the one that it follows: a transaction that took longer than that is none of ours.
const OVERLAP: std::time::Duration = span::minutes(15);

/// What intentions are counted apart by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A day.
    Day(i64),
    /// A number.
    Number(NumberId),
    /// A template.
    Template(String),
    /// A notification; none: templates sent by people and programs.
    Notification(Option<NotificationId>),
}

/// Rates of a period.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Apart.
    pub rows: Vec<(Key, Tally)>,
    /// Together.
    pub total: Tally,
    /// The time zone of the days.
    pub timezone: String,
    /// The first day and the last.
    pub period: (i64, i64),
    /// How many opted in and out within the period, whatever was intended.
    pub consents: (i64, i64),
}

/// The longest period, in days.
pub const LONGEST: i64 = 400;
/// The period unless told, in days.
const USUAL: i64 = 30;

/// Reads the rates of a period, `from` and `until` included; the last thirty days unless told.
pub async fn read(
    ctx: &Ctx,
    org: OrgId,
    by: RatesBy,
    filter: &RatesFilter,
    (from, until): (Option<i64>, Option<i64>),
) -> store::Result<Rates> {
    let now = ctx.now();
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let timezone = timezone(&mut scope).await?;
    let days = Days::of(&timezone);
    let until = until.unwrap_or_else(|| days.day(now));
    let from = from.unwrap_or(until - USUAL + 1).max(until - LONGEST + 1);
    let counted = scope.counted().await?.filter(|counted| counted.timezone == timezone);
    let first_live = counted.map_or(from, |counted| counted.last_day + 1).clamp(from, until + 1);
    let mut apart: BTreeMap<Key, Tally> = BTreeMap::new();
    let mut add = |rows: Vec<(Key, Tally)>| {
        for (key, tally) in rows {
            let sum = apart.entry(key).or_default();
            *sum = sum.and(tally);
        }
    };
    if first_live > from {
        add(of_days(&mut scope, by, filter, from, first_live).await?);
    }
    match by {
        // Days are told apart here, so each is read by itself.
        RatesBy::Day => {
            for day in first_live..=until {
                let span = (days.begins(day), days.begins(day + 1));
                let all = live(&mut scope, RatesBy::Number, filter, span).await?;
                let sum = all.into_iter().fold(Tally::default(), |sum, (_, tally)| sum.and(tally));
                add(vec![(Key::Day(day), sum)]);
            }
            add((from..=until).map(|day| (Key::Day(day), Tally::default())).collect());
        }
        _ if first_live <= until => {
            let span = (days.begins(first_live), days.begins(until + 1));
            add(live(&mut scope, by, filter, span).await?);
        }
        _ => {}
    }
    let consents = scope.consents_between(days.begins(from), days.begins(until + 1)).await?;
    let total = apart.values().fold(Tally::default(), |sum, tally| sum.and(*tally));
    Ok(Rates { rows: apart.into_iter().collect(), total, timezone, period: (from, until), consents })
}

fn keyed<K>(rows: Tallied<K>, key: impl Fn(K) -> Key) -> Vec<(Key, Tally)> {
    rows.into_iter().map(|(name, tally)| (key(name), tally)).collect()
}

async fn of_days(
    scope: &mut OrgScope<'_>,
    by: RatesBy,
    filter: &RatesFilter,
    from: i64,
    until: i64,
) -> store::Result<Vec<(Key, Tally)>> {
    Ok(match by {
        RatesBy::Day => keyed(scope.daily_by_day(filter, from, until).await?, Key::Day),
        RatesBy::Number => keyed(scope.daily_by_number(filter, from, until).await?, Key::Number),
        RatesBy::Template => keyed(scope.daily_by_template(filter, from, until).await?, Key::Template),
        RatesBy::Notification => {
            keyed(scope.daily_by_notification(filter, from, until).await?, Key::Notification)
        }
    })
}

async fn live(
    scope: &mut OrgScope<'_>,
    by: RatesBy,
    filter: &RatesFilter,
    (from, until): (Timestamp, Timestamp),
) -> store::Result<Vec<(Key, Tally)>> {
    Ok(match by {
        RatesBy::Day | RatesBy::Number => {
            keyed(scope.live_by_number(filter, from, until).await?, Key::Number)
        }
        RatesBy::Template => keyed(scope.live_by_template(filter, from, until).await?, Key::Template),
        RatesBy::Notification => {
            keyed(scope.live_by_notification(filter, from, until).await?, Key::Notification)
        }
    })
}

async fn timezone(scope: &mut OrgScope<'_>) -> store::Result<String> {
    Ok(scope.org().await?.map_or_else(|| "UTC".to_owned(), |org| org.timezone))
}

/// Counts every finished day about which anything became known since the last round. Ending it anywhere costs nothing: each
/// day is counted whole, and how far it came is noted last.
pub async fn count(ctx: &Ctx, org: OrgId) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let timezone = timezone(&mut scope).await?;
    let counted = scope.counted().await?;
    let moved = counted.as_ref().is_some_and(|counted| counted.timezone != timezone);
    let counted = counted.filter(|_| !moved);
    let since = counted.as_ref().map_or(Timestamp(0), |counted| counted.until - OVERLAP);
    let slots = scope.slots_changed_since(since).await?;
    drop(tx);
    let days = Days::of(&timezone);
    let today = days.day(now);
    if moved {
        let mut tx = ctx.store.begin().await?;
        tx.org(org).await?.forget_counts().await?;
        tx.commit().await?;
    }
    let mut due: BTreeSet<i64> = slots.into_iter().map(|slot| days.day(Timestamp(slot * SLOT))).collect();
    // Days that have ended since were read as they stood until now, whether anything new is known of them or not.
    if let Some(counted) = &counted {
        due.extend(counted.last_day + 1..today);
    }
    for day in due.into_iter().filter(|day| *day < today) {
        let mut tx = ctx.store.begin().await?;
        tx.org(org).await?.count_day(day, days.begins(day), days.begins(day + 1)).await?;
        tx.commit().await?;
    }
    let mut tx = ctx.store.begin().await?;
    let done = Counted { timezone, until: now, last_day: today - 1 };
    tx.org(org).await?.set_counted(&done).await?;
    tx.commit().await
}
