//! Days as an organisation has them, as numbers since 1970.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Moment, ToSpan as _};
use rules::time::Timestamp;

/// The day that 0 stands for.
const FIRST: Date = Date::constant(1970, 1, 1);

/// An organisation's days.
#[derive(Clone, Debug)]
pub struct Days(TimeZone);

impl Days {
    /// Those of a time zone; of UTC where nobody knows it.
    pub fn of(timezone: &str) -> Self {
        Self(TimeZone::get(timezone).unwrap_or(TimeZone::UTC))
    }

    /// The day on which a moment falls.
    pub fn day(&self, at: Timestamp) -> i64 {
        let moment = Moment::from_microsecond(at.0).unwrap_or_default();
        number(self.0.to_datetime(moment).date())
    }

    /// When a day begins. Where a clock is put forward at midnight, that is later than midnight.
    pub fn begins(&self, day: i64) -> Timestamp {
        let begins = date(day).to_zoned(self.0.clone()).map(|midnight| midnight.timestamp());
        Timestamp(begins.unwrap_or_default().as_microsecond())
    }
}

/// A date as a number.
pub fn number(date: Date) -> i64 {
    i64::from((date - FIRST).get_days())
}

/// A number as a date.
pub fn date(day: i64) -> Date {
    FIRST.saturating_add(i32::try_from(day).unwrap_or(0).days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_where_the_organisation_is() {
        let at = |text: &str| Timestamp(text.parse::<Moment>().unwrap().as_microsecond());
        let (jakarta, utc) = (Days::of("Asia/Jakarta"), Days::of("nowhere"));
        let late = at("2026-11-20T18:30:00Z");
        assert_eq!(
            (date(utc.day(late)), date(jakarta.day(late))),
            (Date::constant(2026, 11, 20), Date::constant(2026, 11, 21))
        );
        assert_eq!(jakarta.begins(jakarta.day(late)), at("2026-11-20T17:00:00Z"));
        for day in [0, 1, 20_000, 20_778] {
            assert_eq!(number(date(day)), day);
            assert_eq!(jakarta.day(jakarta.begins(day)), day);
        }
        // The clock is put forward at midnight: the day begins at one.
        let cairo = Days::of("Africa/Cairo");
        let spring = number(Date::constant(2026, 4, 24));
        assert_eq!(cairo.day(cairo.begins(spring)), spring);
        assert_eq!(cairo.day(Timestamp(cairo.begins(spring).0 - 1)), spring - 1);
    }
}
