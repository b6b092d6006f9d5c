//! Days of the calendar, without time or zone: when a permit expires, when an invoice is due.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A day: how many lie between it and 1970-01-01. Written `2026-12-21`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub i64);

const FIRST: Date = date(1970, 1, 1);

/// What is no day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a day such as 2026-12-21")]
pub struct NotADay;

impl Day {
    /// The day on which this moment falls in a zone.
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
        at.to_zoned(zone.clone()).date().into()
    }

    /// So many days later; earlier where `days` is negative.
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The day in the calendar.
    pub fn date(self) -> Date {
        FIRST.saturating_add(i32::try_from(self.0).unwrap_or(i32::MAX).days())
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        let days = (date - FIRST).get_days();
        Self(days.into())
    }
}

impl FromStr for Day {
    type Err = NotADay;

    /// Reads what [`Display`](fmt::Display) writes, and nothing else: `21/12/2026` means two things to two people.
    fn from_str(text: &str) -> Result<Self, NotADay> {
        if text.len() != 10 {
            return Err(NotADay);
        }
        text.parse::<Date>().map(Self::from).map_err(|_| NotADay)
    }
}

impl TryFrom<String> for Day {
    type Error = NotADay;

    fn try_from(text: String) -> Result<Self, NotADay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl utoipa::PartialSchema for Day {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Date)))
            .description(Some("A day of the calendar."))
            .examples([serde_json::json!("2026-12-21")])
            .into()
    }
}

impl utoipa::ToSchema for Day {
    fn name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_as_it_is_written_and_nothing_else_does() {
        for text in ["2026-12-21", "1970-01-01", "1969-12-31", "2028-02-29"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        assert_eq!("1970-01-31".parse(), Ok(Day(30)));
        for text in ["21/12/2026", "2026-02-29", "2026-12-21T10:00", "", "20261221"] {
            assert_eq!(text.parse::<Day>(), Err(NotADay), "{text}");
        }
    }

    #[test]
    fn the_same_moment_is_another_day_elsewhere() {
        let late = Timestamp::from_seconds(1_798_761_600 - 3_600);
        let jakarta = TimeZone::get("Asia/Jakarta").unwrap();
        assert_eq!(Day::of(late, &TimeZone::UTC).plus(1), Day::of(late, &jakarta));
    }
}
