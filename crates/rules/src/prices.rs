//! Meta's list prices, as far as they are known here: what another category of a template means in money. They are a card
//! of a day, in one currency, without tiers or taxes; no bill is made of them.

/// The day from which the card is in force.
pub const SINCE: &str = "2026-01-01";
/// The card's currency.
pub const CURRENCY: &str = "USD";

const CARD: &str = include_str!("../data/list-rates-usd-2026-01-01.csv");

/// What a delivered message costs in one market, in millionths of the currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// The market, as Meta calls it.
    pub market: &'static str,
    /// A marketing message.
    pub marketing: i64,
    /// A utility message.
    pub utility: i64,
    /// An authentication message.
    pub authentication: i64,
}

impl Rates {
    /// The price of a category, in Meta's word for it.
    pub fn of(&self, category: &str) -> Option<i64> {
        match category {
            "MARKETING" => Some(self.marketing),
            "UTILITY" => Some(self.utility),
            "AUTHENTICATION" => Some(self.authentication),
            _ => None,
        }
    }
}

/// The prices of the market that a phone number belongs to, by its digits. `None`: they are not known.
pub fn rates_of(digits: &str) -> Option<Rates> {
    let lines = CARD.lines().filter(|line| !line.starts_with('#'));
    let longest = lines
        .filter_map(|line| {
            let code = line
                .split(';')
                .nth(1)?
                .split(' ')
                .filter(|code| digits.starts_with(code))
                .max_by_key(|code| code.len())?;
            Some((code.len(), line))
        })
        .max_by_key(|(length, _)| *length)?;
    read(longest.1)
}

fn read(line: &'static str) -> Option<Rates> {
    let [market, _, marketing, utility, authentication] =
        line.split(';').collect::<Vec<_>>().try_into().ok()?;
    let (marketing, utility, authentication) =
        (millionths(marketing)?, millionths(utility)?, millionths(authentication)?);
    Some(Rates { market, marketing, utility, authentication })
}

/// `0.0411` as 41 100 millionths.
fn millionths(price: &str) -> Option<i64> {
    let (whole, part) = price.split_once('.')?;
    let part = format!("{part:0<6}");
    Some(whole.parse::<i64>().ok()? * 1_000_000 + part.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_leads_to_the_prices_of_its_market() {
        let indonesia = rates_of("6281234567890").unwrap();
        assert_eq!((indonesia.market, indonesia.marketing, indonesia.utility), ("Indonesia", 41_100, 25_000));
        assert_eq!(rates_of("16505551234").unwrap().market, "North America");
        assert_eq!(indonesia.of("UTILITY"), Some(25_000));
        assert_eq!(indonesia.of("SOMETHING"), None);
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        assert_eq!(rates_of("18095551234"), None, "the Dominican Republic is not North America");
        assert_eq!(rates_of("3545551234"), None);
    }

    #[test]
    fn every_line_of_the_card_reads() {
        let lines = CARD.lines().filter(|line| !line.starts_with('#') && !line.starts_with(';'));
        for line in lines {
            assert!(read(line).is_some(), "{line}");
        }
    }
}
