//! When a notification is due.
//!
//! A notification goes out when a program calls it, at the times of a cron pattern, or so many days before or after a day
//! that stands in each record. The latter two are *due* at moments, and every such moment makes one run. What was missed
//! while nobody was there to see it is caught up for [`CAUGHT_UP`] and skipped after that: a reminder that comes days
//! late says something wrong.

use std::str::FromStr as _;
use std::time::Duration;

use croner::Cron;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Moment, Zoned};
use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::time::{Timestamp, span};

/// What fell due no longer ago than this still goes out.
pub const CAUGHT_UP: Duration = span::hours(24);

/// How close two runs of a cron pattern may be.
pub const CLOSEST: Duration = span::minutes(15);

text_enum! {
    /// Whether a notification goes out by itself.
    pub enum NotificationState {
        /// When it is due.
        Enabled = "enabled",
        /// Not until somebody says so.
        Paused = "paused",
    }
}

text_enum! {
    /// Where a run stands.
    pub enum RunState {
        /// Its people are being gone through.
        Running = "running",
        /// Somebody has made it wait.
        Paused = "paused",
        /// Somebody has ended it before its end.
        Stopped = "stopped",
        /// Everybody has been gone through.
        Done = "done",
    }
}

text_enum! {
    /// What began a run.
    pub enum Cause {
        /// A program called it.
        Call = "call",
        /// A member said so.
        Member = "member",
        /// It was due.
        Due = "due",
    }
}

/// What makes a notification go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = NotificationTrigger)]
pub enum Trigger {
    /// A program calls it, or a member runs it.
    Call {},
    /// The times of a cron pattern.
    Cron {
        /// Minute, hour, day of the month, month, day of the week.
        #[schema(example = "0 9 * * MON")]
        pattern: String,
    },
    /// So many days before or after a day that stands in each record.
    Date {
        /// The field of the record's kind.
        #[schema(example = "expires_on")]
        field: String,
        /// Days from that day: negative before it, positive after it.
        #[schema(example = -30, minimum = -3650, maximum = 3650)]
        days: i64,
        /// The time of day.
        #[schema(value_type = String, example = "09:00")]
        at: Clock,
    },
}

/// A time of day, to the minute. Written `09:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Clock(Time);

/// What is no time of day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a time of day such as 09:00")]
pub struct NotATime;

impl TryFrom<String> for Clock {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        let read = || {
            let (hour, minute) = text.split_once(':').filter(|_| text.len() == 5)?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        read().map(Self).ok_or(NotATime)
    }
}

impl From<Clock> for String {
    fn from(clock: Clock) -> Self {
        format!("{:02}:{:02}", clock.0.hour(), clock.0.minute())
    }
}

impl Clock {
    /// This time of a day. One that a clock change leaves out is an hour later that day.
    fn on(self, date: jiff::civil::Date, zone: &TimeZone) -> Option<Zoned> {
        date.to_datetime(self.0).to_zoned(zone.clone()).ok()
    }
}

/// What is wrong with a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongTrigger {
    /// The pattern does not read.
    #[error("is not a cron pattern of five parts such as `0 9 * * MON`")]
    Pattern,
    /// It never comes.
    #[error("names a moment that never comes")]
    Never,
    /// It comes too often.
    #[error("comes more often than every 15 minutes")]
    TooOften,
    /// So many days are no reminder.
    #[error("must lie within ten years")]
    TooFar,
}

/// A moment at which a notification is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// The day on which that is, where people are.
    pub day: Day,
}

impl Trigger {
    /// Whether it can be kept.
    ///
    /// # Errors
    /// [`WrongTrigger`], and what is wrong.
    pub fn check(&self, zone: &TimeZone, now: Timestamp) -> Result<(), WrongTrigger> {
        match self {
            Self::Call {} => Ok(()),
            Self::Date { days, .. } if days.unsigned_abs() > 3_650 => Err(WrongTrigger::TooFar),
            Self::Date { .. } => Ok(()),
            Self::Cron { pattern } => {
                if pattern.split_whitespace().count() != 5 || Cron::from_str(pattern).is_err() {
                    return Err(WrongTrigger::Pattern);
                }
                // A pattern repeats itself within days; its first moments tell how close they come.
                let mut last = self.next(now, zone).ok_or(WrongTrigger::Never)?.at;
                for _ in 0..100 {
                    let Some(next) = self.next(last, zone) else { break };
                    if next.at.since(last) < CLOSEST {
                        return Err(WrongTrigger::TooOften);
                    }
                    last = next.at;
                }
                Ok(())
            }
        }
    }

    /// The first moment after `after` at which it is due; `None`: it waits for a call.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Due> {
        let from = moment(after).to_zoned(zone.clone());
        let due = match self {
            Self::Call {} => return None,
            Self::Cron { pattern } => {
                Cron::from_str(pattern).ok()?.find_next_occurrence(&from, false).ok()?
            }
            Self::Date { at, .. } => at
                .on(from.date(), zone)
                .filter(|today| *today > from)
                .or_else(|| at.on(from.date().tomorrow().ok()?, zone))?,
        };
        Some(Due { at: timestamp(&due), day: due.date().into() })
    }

    /// The first moment after `after` at which it is due in any of these zones.
    pub fn next_in(&self, after: Timestamp, zones: &[TimeZone]) -> Option<Due> {
        zones.iter().filter_map(|zone| self.next(after, zone)).min()
    }

    /// What [`missed`](Self::missed) says of each of these zones, together.
    pub fn missed_in(&self, after: Timestamp, now: Timestamp, zones: &[TimeZone], most: usize) -> Vec<Due> {
        let mut due: Vec<Due> = zones.iter().flat_map(|zone| self.missed(after, now, zone, most)).collect();
        due.sort_unstable();
        due.dedup();
        due.truncate(most);
        due
    }

    /// The moment of this day at which it is due in a zone, where a time of day says so.
    pub fn moment_of(&self, day: Day, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Date { at, .. } => Some(timestamp(&at.on(day.date(), zone)?)),
            Self::Call {} | Self::Cron { .. } => None,
        }
    }

    /// What fell due after `after` up to `now`, without what is too long ago: at most so many, the oldest first.
    pub fn missed(&self, after: Timestamp, now: Timestamp, zone: &TimeZone, most: usize) -> Vec<Due> {
        let mut from = after.max(now - CAUGHT_UP);
        let mut due = Vec::new();
        while let Some(next) = self.next(from, zone).filter(|next| next.at <= now) {
            if due.len() == most {
                break;
            }
            from = next.at;
            due.push(next);
        }
        due
    }

    /// Which day in a record is meant when it is due on this day.
    pub fn day_meant(&self, due: Day) -> Option<(&str, Day)> {
        match self {
            Self::Date { field, days, .. } => Some((field, due.plus(-days))),
            Self::Call {} | Self::Cron { .. } => None,
        }
    }
}

fn moment(at: Timestamp) -> Moment {
    Moment::from_microsecond(at.0).unwrap_or_default()
}

fn timestamp(at: &Zoned) -> Timestamp {
    Timestamp(at.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<Moment>().unwrap().as_microsecond())
    }

    fn jakarta() -> TimeZone {
        TimeZone::get("Asia/Jakarta").unwrap()
    }

    fn before(days: i64, clock: &str) -> Trigger {
        let at = Clock::try_from(clock.to_owned()).unwrap();
        Trigger::Date { field: "expires_on".into(), days: -days, at }
    }

    fn cron(pattern: &str) -> Trigger {
        Trigger::Cron { pattern: pattern.into() }
    }

    #[test]
    fn thirty_days_before_a_day_is_due_where_people_are() {
        let trigger = before(30, "09:00");
        let due = trigger.next(at("2026-11-20T23:00:00Z"), &jakarta()).unwrap();
        assert_eq!(due.at, at("2026-11-21T02:00:00Z"));
        assert_eq!(trigger.day_meant(due.day), Some(("expires_on", "2026-12-21".parse().unwrap())));
        assert_eq!(
            trigger.next(due.at, &jakarta()).unwrap().at,
            at("2026-11-22T02:00:00Z"),
            "not twice a day"
        );
    }

    #[test]
    fn a_time_that_the_clocks_leave_out_or_repeat_comes_once() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let spring = before(0, "02:30").next(at("2027-03-27T12:00:00Z"), &berlin).unwrap();
        assert_eq!(spring.at, at("2027-03-28T01:30:00Z"));
        let autumn =
            before(0, "02:30").missed(at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z"), &berlin, 9);
        assert_eq!(autumn.len(), 1, "{autumn:?}");
    }

    #[test]
    fn a_pattern_is_read_where_people_are() {
        let due = cron("0 9 * * MON").next(at("2026-11-21T00:00:00Z"), &jakarta()).unwrap();
        assert_eq!((due.at, due.day.to_string().as_str()), (at("2026-11-23T02:00:00Z"), "2026-11-23"));
    }

    #[test]
    fn what_was_missed_is_caught_up_for_a_day_and_skipped_after_that() {
        let daily = before(3, "09:00");
        let now = at("2026-11-21T03:00:00Z");
        assert_eq!(daily.missed(now - span::hours(72), now, &jakarta(), 9).len(), 1);
        assert_eq!(daily.missed(now - span::minutes(30), now, &jakarta(), 9), []);
        let hourly = cron("0 * * * *");
        assert_eq!(hourly.missed(now - span::hours(72), now, &jakarta(), 99).len(), 24);
        assert_eq!(hourly.missed(now - span::hours(72), now, &jakarta(), 5).len(), 5);
        assert_eq!(Trigger::Call {}.missed(now - span::hours(72), now, &jakarta(), 9), []);
    }

    #[test]
    fn each_zone_has_a_moment_of_its_own_and_the_same_moment_is_one() {
        let zones = ["Asia/Jakarta", "Asia/Pontianak", "Asia/Jayapura", "Asia/Makassar"]
            .map(|name| TimeZone::get(name).unwrap());
        let trigger = before(30, "09:00");
        let due = trigger.next_in(at("2026-11-20T23:00:00Z"), &zones).unwrap();
        assert_eq!(due.at, at("2026-11-21T00:00:00Z"), "in the east first");
        let all = trigger.missed_in(at("2026-11-20T23:00:00Z"), at("2026-11-21T12:00:00Z"), &zones, 9);
        let moments: Vec<Timestamp> = all.iter().map(|due| due.at).collect();
        assert_eq!(moments, ["00", "01", "02"].map(|hour| at(&format!("2026-11-21T{hour}:00:00Z"))));
        assert!(all.iter().all(|due| trigger.moment_of(due.day, &zones[0]) == Some(moments[2])));
        assert_eq!(Trigger::Call {}.moment_of(all[0].day, &zones[0]), None);
    }

    #[test]
    fn a_trigger_that_cannot_be_kept_says_why() {
        let check = |trigger: Trigger| trigger.check(&jakarta(), at("2026-11-21T00:00:00Z"));
        assert_eq!(check(cron("0 9 * * MON")), Ok(()));
        assert_eq!(check(cron("*/15 8-17 * * *")), Ok(()));
        assert_eq!(check(cron("* * * * *")), Err(WrongTrigger::TooOften));
        assert_eq!(check(cron("0,5 9 * * *")), Err(WrongTrigger::TooOften));
        assert_eq!(check(cron("every monday")), Err(WrongTrigger::Pattern));
        assert_eq!(check(cron("0 0 9 * * *")), Err(WrongTrigger::Pattern));
        assert_eq!(check(cron("0 9 31 2 *")), Err(WrongTrigger::Never));
        assert_eq!(check(before(4_000, "09:00")), Err(WrongTrigger::TooFar));
        assert!(Clock::try_from("9:00".to_owned()).is_err() && Clock::try_from("24:00".to_owned()).is_err());
    }
}
