//! Quiet hours: when what is begun by us waits for the morning.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::consent::Purpose;
use crate::time::Timestamp;

text_enum! {
    /// By whose clock hours are counted.
    pub enum WhoseClock {
        /// The organisation's.
        Organisation = "organisation",
        /// The contact's, by the country of the phone number; where that is not known, the organisation's.
        Contact = "contact",
    }
}

/// A time of day, as `21:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayTime {
    minutes: u16,
}

/// Not a time of day.
#[derive(Debug, thiserror::Error)]
#[error("is no time of day, such as 21:00")]
pub struct NoDayTime;

impl DayTime {
    /// So many hours and minutes after midnight.
    pub const fn new(hour: u16, minute: u16) -> Option<Self> {
        if hour < 24 && minute < 60 { Some(Self { minutes: hour * 60 + minute }) } else { None }
    }

    fn of(time: Time) -> Self {
        let part = |number: i8| u16::try_from(number).unwrap_or(0);
        Self { minutes: part(time.hour()) * 60 + part(time.minute()) }
    }

    fn time(self) -> Time {
        let part = |number: u16| i8::try_from(number).unwrap_or(0);
        Time::new(part(self.minutes / 60), part(self.minutes % 60), 0, 0).unwrap_or(Time::midnight())
    }
}

impl TryFrom<String> for DayTime {
    type Error = NoDayTime;

    fn try_from(text: String) -> Result<Self, NoDayTime> {
        let two = |part: &str| (part.len() == 2).then(|| part.parse().ok()).flatten();
        let (hour, minute) = text.split_once(':').ok_or(NoDayTime)?;
        Self::new(two(hour).ok_or(NoDayTime)?, two(minute).ok_or(NoDayTime)?).ok_or(NoDayTime)
    }
}

impl From<DayTime> for String {
    fn from(at: DayTime) -> Self {
        format!("{:02}:{:02}", at.minutes / 60, at.minutes % 60)
    }
}

/// When an organisation begins no conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From this time of day on.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "21:00")]
    pub from: DayTime,
    /// Until this one; an earlier one is that of the next day.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "08:00")]
    pub to: DayTime,
    /// By whose clock.
    pub clock: WhoseClock,
    /// For what they hold. One-time codes never wait.
    pub purposes: Vec<Purpose>,
}

impl QuietHours {
    /// When the quiet hours end that hold now by a clock of this zone, if any do.
    pub fn end(&self, purpose: Purpose, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        if purpose == Purpose::Authentication || !self.purposes.contains(&purpose) {
            return None;
        }
        let here = jiff::Timestamp::from_microsecond(now.0).ok()?.to_zoned(zone.clone());
        let clock = DayTime::of(here.time()).minutes;
        let (from, to) = (self.from.minutes, self.to.minutes);
        let (quiet, ends_tomorrow) = if from <= to {
            (from <= clock && clock < to, false)
        } else {
            (from <= clock || clock < to, from <= clock)
        };
        if !quiet {
            return None;
        }
        let day = if ends_tomorrow { here.date().tomorrow().ok()? } else { here.date() };
        // A time that the clock leaps over in spring is the one that follows it.
        let end = zone.to_zoned(day.to_datetime(self.to.time())).ok()?.timestamp();
        Some(Timestamp(end.as_microsecond())).filter(|end| *end > now)
    }
}

/// The zone that most people of a country live in, by the country's two letters. Indonesia's three are told by none of its
/// numbers; Jakarta's is that of most, and the other two are ahead of it by an hour or two.
pub fn zone_of_country(country: &str) -> Option<&'static str> {
    Some(match country {
        "AE" => "Asia/Dubai",
        "AR" => "America/Argentina/Buenos_Aires",
        "AT" => "Europe/Vienna",
        "AU" => "Australia/Sydney",
        "BD" => "Asia/Dhaka",
        "BE" => "Europe/Brussels",
        "BN" => "Asia/Brunei",
        "BR" => "America/Sao_Paulo",
        "CA" => "America/Toronto",
        "CH" => "Europe/Zurich",
        "CL" => "America/Santiago",
        "CN" => "Asia/Shanghai",
        "CO" => "America/Bogota",
        "DE" => "Europe/Berlin",
        "EG" => "Africa/Cairo",
        "ES" => "Europe/Madrid",
        "FR" => "Europe/Paris",
        "GB" => "Europe/London",
        "GH" => "Africa/Accra",
        "HK" => "Asia/Hong_Kong",
        "ID" => "Asia/Jakarta",
        "IE" => "Europe/Dublin",
        "IL" => "Asia/Jerusalem",
        "IN" => "Asia/Kolkata",
        "IT" => "Europe/Rome",
        "JP" => "Asia/Tokyo",
        "KE" => "Africa/Nairobi",
        "KH" => "Asia/Phnom_Penh",
        "KR" => "Asia/Seoul",
        "LK" => "Asia/Colombo",
        "MA" => "Africa/Casablanca",
        "MM" => "Asia/Yangon",
        "MX" => "America/Mexico_City",
        "MY" => "Asia/Kuala_Lumpur",
        "NG" => "Africa/Lagos",
        "NL" => "Europe/Amsterdam",
        "NP" => "Asia/Kathmandu",
        "NZ" => "Pacific/Auckland",
        "PE" => "America/Lima",
        "PH" => "Asia/Manila",
        "PK" => "Asia/Karachi",
        "PL" => "Europe/Warsaw",
        "PT" => "Europe/Lisbon",
        "QA" => "Asia/Qatar",
        "RU" => "Europe/Moscow",
        "SA" => "Asia/Riyadh",
        "SE" => "Europe/Stockholm",
        "SG" => "Asia/Singapore",
        "TH" => "Asia/Bangkok",
        "TL" => "Asia/Dili",
        "TR" => "Europe/Istanbul",
        "TW" => "Asia/Taipei",
        "TZ" => "Africa/Dar_es_Salaam",
        "US" => "America/New_York",
        "VN" => "Asia/Ho_Chi_Minh",
        "ZA" => "Africa/Johannesburg",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    fn night() -> QuietHours {
        let [from, to] = ["21:00", "08:00"].map(|text| DayTime::try_from(text.to_owned()).unwrap());
        QuietHours { from, to, clock: WhoseClock::Organisation, purposes: vec![Purpose::Marketing] }
    }

    #[test]
    fn a_night_ends_in_the_morning_by_the_clock_of_the_place() {
        let jakarta = TimeZone::get("Asia/Jakarta").unwrap();
        let end = |now| night().end(Purpose::Marketing, &jakarta, at(now));
        let morning = Some(at("2026-11-22T01:00:00Z"));
        assert_eq!(end("2026-11-21T13:59:59Z"), None);
        assert_eq!(end("2026-11-21T14:00:00Z"), morning);
        assert_eq!(end("2026-11-21T18:30:00Z"), morning);
        assert_eq!(end("2026-11-22T00:59:59Z"), morning);
        assert_eq!(end("2026-11-22T01:00:00Z"), None);
        assert_eq!(night().end(Purpose::Utility, &jakarta, at("2026-11-21T18:30:00Z")), None);
    }

    #[test]
    fn a_nap_is_within_one_day_and_equal_times_are_no_hours_at_all() {
        let nap =
            QuietHours { from: DayTime::new(13, 0).unwrap(), to: DayTime::new(14, 30).unwrap(), ..night() };
        let end = |hours: &QuietHours, now| hours.end(Purpose::Marketing, &TimeZone::UTC, at(now));
        assert_eq!(end(&nap, "2026-11-21T13:10:00Z"), Some(at("2026-11-21T14:30:00Z")));
        assert_eq!(end(&nap, "2026-11-21T14:30:00Z"), None);
        let none = QuietHours { to: nap.from, ..nap };
        assert_eq!(end(&none, "2026-11-21T13:00:00Z"), None);
    }

    #[test]
    fn a_morning_that_the_clock_leaps_over_is_the_one_that_follows() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let hours = QuietHours { to: DayTime::new(2, 30).unwrap(), ..night() };
        let end = hours.end(Purpose::Marketing, &berlin, at("2027-03-28T00:30:00Z"));
        assert_eq!(end, Some(at("2027-03-28T01:30:00Z")));
    }

    #[test]
    fn times_of_day_are_read_as_they_are_written() {
        for text in ["00:00", "09:05", "23:59"] {
            assert_eq!(String::from(DayTime::try_from(text.to_owned()).unwrap()), text);
        }
        for text in ["24:00", "9:00", "12:60", "", "12", "-1:00"] {
            assert!(DayTime::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn every_zone_is_one() {
        for country in ["ID", "US", "DE", "TL", "BR"] {
            assert!(TimeZone::get(zone_of_country(country).unwrap()).is_ok(), "{country}");
        }
    }
}
