//! Who a person is to a business: phone, BSUID, profile (meta-messaging 2.6).

use rand::Rng as _;
use serde_json::{Map, Value, json};

use crate::world::{Person, World, graph_id};

/// Calling codes and countries, longest code first where one starts another.
const COUNTRIES: &[(&str, &str)] = &[
    ("62", "ID"),
    ("49", "DE"),
    ("44", "GB"),
    ("91", "IN"),
    ("55", "BR"),
    ("65", "SG"),
    ("60", "MY"),
    ("61", "AU"),
    ("33", "FR"),
    ("34", "ES"),
    ("39", "IT"),
    ("31", "NL"),
    ("52", "MX"),
    ("54", "AR"),
    ("57", "CO"),
    ("81", "JP"),
    ("234", "NG"),
    ("254", "KE"),
    ("27", "ZA"),
    ("971", "AE"),
    ("966", "SA"),
    ("92", "PK"),
    ("20", "EG"),
    ("1", "US"),
];

/// The country of a phone number, `US` when the code is not in the list.
pub fn country_of(phone: &str) -> &'static str {
    COUNTRIES.iter().find(|(code, _)| phone.starts_with(code)).map_or("US", |(_, country)| country)
}

/// A phone number of a country that nobody has.
pub fn fresh_phone(world: &World, country: &str) -> String {
    let code = COUNTRIES.iter().find(|(_, known)| *known == country).map_or("1", |(code, _)| code);
    loop {
        let phone = format!("{code}{}", rand::rng().random_range(800_000_000_u64..900_000_000));
        if world.person_by_phone(&phone).is_none() {
            return phone;
        }
    }
}

/// A phone number as given, in digits: Meta takes `+`, blanks, `-` and brackets. What looks national, without a
/// `+`, gets the business number's own calling code (meta-messaging 1.1). `None` if it is no phone number.
pub fn digits_of(input: &str, own_dial_code: &str) -> Option<String> {
    let digits: String = input.chars().filter(char::is_ascii_digit).collect();
    let clean = input.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
    if !clean || !(5..=20).contains(&digits.len()) {
        return None;
    }
    let national =
        !input.trim_start().starts_with('+') && (input.contains(['(', ' ', '-']) || digits.len() < 10);
    Some(if national { format!("{own_dial_code}{digits}") } else { digits })
}

/// The person with this phone, made if nobody has it.
pub fn person_for_phone(world: &mut World, phone: &str) -> String {
    if let Some(person) = world.person_by_phone(phone) {
        return person.id.clone();
    }
    let id = format!("person-{}", graph_id());
    world.save_person(Person {
        id: id.clone(),
        phone: phone.to_owned(),
        name: format!("Guest {}", &phone[phone.len().saturating_sub(4)..]),
        country: country_of(phone).to_owned(),
        ..Person::default()
    });
    id
}

/// A new BSUID for a country.
pub fn new_bsuid(country: &str) -> String {
    format!(
        "{country}.{}",
        rand::rng().random_range(10_000_000_000_000_000_000_u128..99_999_999_999_999_999_999)
    )
}

/// The person's BSUID in a portfolio, made at the first contact.
pub fn bsuid(world: &mut World, person_id: &str, portfolio_id: &str) -> String {
    let Some(person) = world.people.get(person_id) else { return String::new() };
    if let Some(known) = person.bsuids.get(portfolio_id) {
        return known.clone();
    }
    let mut person = person.clone();
    let made = new_bsuid(&person.country);
    person.bsuids.insert(portfolio_id.to_owned(), made.clone());
    world.save_person(person);
    made
}

/// The portfolio that owns the messaging account of a number.
pub fn portfolio_of(world: &World, number_id: &str) -> Option<String> {
    let number = world.numbers.get(number_id)?;
    Some(world.accounts.get(&number.account_id)?.owner_id.clone())
}

/// An entry of `contacts` in webhooks.
pub fn contact(world: &World, person: &Person, bsuid: &str, with_username: bool) -> Value {
    let mut profile = Map::new();
    profile.insert("name".into(), person.name.clone().into());
    if let Some(username) = person.username.as_ref().filter(|_| with_username) {
        let at = if world.rules().username_at { "@" } else { "" };
        profile.insert("username".into(), format!("{at}{username}").into());
    }
    let mut contact = json!({"profile": profile, "user_id": bsuid});
    if person.phone_visible() {
        contact["wa_id"] = person.phone.clone().into();
    }
    contact
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_as_meta_takes_them() {
        assert_eq!(digits_of("+49 (170) 000-0001", "62").as_deref(), Some("491700000001"));
        assert_eq!(digits_of("491700000001", "62").as_deref(), Some("491700000001"));
        assert_eq!(digits_of("(631) 555-1234", "91").as_deref(), Some("916315551234"));
        assert_eq!(digits_of("1 (631) 555-1234", "91").as_deref(), Some("9116315551234"));
        assert_eq!(digits_of("DE.100", "49"), None);
        assert_eq!(digits_of("12", "49"), None);
    }
}
