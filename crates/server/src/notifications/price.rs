//! What a notification costs, by Meta's list prices: for each message the price of its template's category in the market that
//! the phone number belongs to, and nothing for utility while the window is open.

use rules::prices::rates_of;

/// What one message costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Price {
    /// So many millionths of [`rules::prices::CURRENCY`].
    Millionths(i64),
    /// Nothing: utility, and the window is open.
    Free,
    /// It is not on the card.
    Unknown,
}

impl Price {
    /// Of a template to a phone number, by its digits.
    pub fn of(phone: Option<&str>, category: &str, window_open: bool) -> Self {
        if window_open && category == "UTILITY" {
            return Self::Free;
        }
        phone.and_then(rates_of).and_then(|rates| rates.of(category)).map_or(Self::Unknown, Self::Millionths)
    }

    /// In millionths; `None`: it is not known.
    pub fn millionths(self) -> Option<i64> {
        match self {
            Self::Millionths(price) => Some(price),
            Self::Free => Some(0),
            Self::Unknown => None,
        }
    }
}

/// What many messages cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// In millionths.
    pub millionths: i64,
    /// How many are in that.
    pub priced: i64,
    /// How many cost nothing.
    pub free: i64,
    /// How many have a price that is not known.
    pub unknown: i64,
}

impl Sum {
    /// Adds one, where there is one.
    pub fn add(&mut self, price: Option<Price>) {
        match price {
            None => {}
            Some(Price::Free) => self.free += 1,
            Some(Price::Unknown) => self.unknown += 1,
            Some(Price::Millionths(price)) => {
                self.priced += 1;
                self.millionths += price;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_costs_what_the_card_says_of_its_number_and_category() {
        let indonesia = Some("6281234567890");
        let utility = rates_of("6281234567890").map(|rates| rates.utility);
        assert_eq!(Price::of(indonesia, "UTILITY", false).millionths(), utility);
        assert_eq!(Price::of(indonesia, "UTILITY", true), Price::Free);
        assert!(Price::of(indonesia, "MARKETING", true).millionths().is_some_and(|price| price > 0));
        assert_eq!(Price::of(None, "UTILITY", false), Price::Unknown);
        let mut sum = Sum::default();
        for price in [None, Some(Price::Free), Some(Price::Unknown), Some(Price::Millionths(5))] {
            sum.add(price);
        }
        assert_eq!(sum, Sum { millionths: 5, priced: 1, free: 1, unknown: 1 });
    }
}
