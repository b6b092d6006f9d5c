//! Points in time: integer microseconds, ordered alike in memory and in both databases.

use std::ops::{Add, Sub};
use std::time::Duration;

use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
#[schema(value_type = i64, example = 1_795_165_200_000_000_i64)]
pub struct Timestamp(pub i64);

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(Microseconds)
    }
}

/// Reads whole numbers, and says of anything else what is wanted.
struct Microseconds;

impl Visitor<'_> for Microseconds {
    type Value = Timestamp;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number of microseconds since 1970-01-01T00:00:00Z, such as 1795165200000000")
    }

    fn visit_i64<E>(self, at: i64) -> Result<Timestamp, E> {
        Ok(Timestamp(at))
    }

    fn visit_u64<E: serde::de::Error>(self, at: u64) -> Result<Timestamp, E> {
        i64::try_from(at).map(Timestamp).map_err(|_| E::invalid_value(Unexpected::Unsigned(at), &self))
    }
}

impl Timestamp {
    /// From Meta's unit, whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Whole days since the epoch, rounded down.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(86_400_000_000)
    }

    /// Time passed since `earlier`; zero when `earlier` lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl std::fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:06}s", self.0.div_euclid(1_000_000), self.0.rem_euclid(1_000_000))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// Where `now` comes from. The binary brings the system's clock, tests and the demo bring one that can be moved.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Where chance comes from. The binary brings the operating system's, simulations bring a seeded one.
pub trait Randomness: Send + Sync + std::fmt::Debug {
    /// Fills the whole slice with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// Short ways to write a duration.
pub mod span {
    use std::time::Duration;

    /// So many minutes.
    pub const fn minutes(n: u64) -> Duration {
        Duration::from_secs(n * 60)
    }

    /// So many hours.
    pub const fn hours(n: u64) -> Duration {
        minutes(n * 60)
    }

    /// So many days of 24 hours.
    pub const fn days(n: u64) -> Duration {
        hours(n * 24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_before_the_epoch_rounds_down() {
        assert_eq!(Timestamp(-1).seconds(), -1);
        assert_eq!(Timestamp(-1).day(), -1);
    }

    #[test]
    fn whoever_writes_a_day_is_told_what_is_wanted() {
        assert_eq!(
            serde_json::from_str::<Timestamp>("1795165200000000").unwrap(),
            Timestamp(1_795_165_200_000_000)
        );
        assert_eq!(serde_json::from_str::<Timestamp>("-1").unwrap(), Timestamp(-1));
        let told = serde_json::from_str::<Timestamp>("\"2026-11-20\"").unwrap_err().to_string();
        assert!(told.contains("microseconds since 1970"), "{told}");
    }

    #[test]
    fn the_past_is_never_negative() {
        assert_eq!(Timestamp(1).since(Timestamp(5)), Duration::ZERO);
        assert_eq!((Timestamp(1) + span::days(1)).since(Timestamp(1)), span::hours(24));
    }
}
