//! The four rates of business-initiated messages: what is counted, and what is divided by what.
//!
//! `docs/rates.md` says the same in words; the dashboard shows the formula beside each figure.

text_enum! {
    /// By what intentions are counted apart.
    pub enum RatesBy {
        /// The day on which they were intended.
        Day = "day",
        /// The number that they are for.
        Number = "number",
        /// The template, in whatever language.
        Template = "template",
        /// The notification that they are part of.
        Notification = "notification",
    }
}

/// So many of some intentions. A *handed* one was given to Meta and is on WhatsApp still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub intended: i64,
    /// The contact had opted in to their purpose.
    pub opted_in: i64,
    /// Nothing may go out, on whatever channel.
    pub refused: i64,
    /// They went, or wait to go, by another channel than WhatsApp.
    pub fallen_back: i64,
    /// Given to Meta.
    pub handed: i64,
    /// Of those: while the window was open.
    pub in_window: i64,
    /// Of those given to Meta: they reached the device.
    pub delivered: i64,
    /// Of those: they were read.
    pub read: i64,
    /// Of those given to Meta: they failed.
    pub failed: i64,
}

impl Tally {
    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            intended: self.intended + other.intended,
            opted_in: self.opted_in + other.opted_in,
            refused: self.refused + other.refused,
            fallen_back: self.fallen_back + other.fallen_back,
            handed: self.handed + other.handed,
            in_window: self.in_window + other.in_window,
            delivered: self.delivered + other.delivered,
            read: self.read + other.read,
            failed: self.failed + other.failed,
        }
    }

    /// Of all intentions, those whose contact had opted in. `None`: there were none.
    pub fn opt_in_rate(&self) -> Option<f64> {
        share(self.opted_in, self.intended)
    }

    /// Of those given to Meta, those within an open window.
    pub fn window_rate(&self) -> Option<f64> {
        share(self.in_window, self.handed)
    }

    /// Of those that were not refused, those on another channel.
    pub fn fallback_rate(&self) -> Option<f64> {
        share(self.fallen_back, self.intended - self.refused)
    }

    /// Of those given to Meta, those that reached the device.
    pub fn delivery_rate(&self) -> Option<f64> {
        share(self.delivered, self.handed)
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of messages are far below 2^52")]
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_nothing_is_no_rate() {
        let nothing = Tally::default();
        assert_eq!(nothing.opt_in_rate(), None);
        let refused = Tally { intended: 3, refused: 3, ..nothing };
        assert_eq!((refused.fallback_rate(), refused.opt_in_rate()), (None, Some(0.0)));
    }

    #[test]
    fn each_rate_has_its_own_whole() {
        let tally = Tally {
            intended: 10,
            opted_in: 6,
            refused: 2,
            fallen_back: 2,
            handed: 5,
            in_window: 1,
            delivered: 4,
            read: 2,
            failed: 1,
        };
        assert_eq!(tally.opt_in_rate(), Some(0.6));
        assert_eq!(tally.window_rate(), Some(0.2));
        assert_eq!(tally.fallback_rate(), Some(0.25));
        assert_eq!(tally.delivery_rate(), Some(0.8));
        assert_eq!(tally.and(tally).delivery_rate(), Some(0.8));
        assert_eq!(tally.and(Tally::default()), tally);
    }
}
