//! Who a person is to us: a phone number, a business-scoped user id (BSUID), or both.
//!
//! Meta: business-scoped user ids, 2026. A phone may be absent everywhere; a BSUID belongs to the business
//! portfolio that owns the number and changes when the person changes phone numbers.

use std::str::FromStr;

use rlibphonenumber::{PhoneNumber, Region};
use serde::{Deserialize, Serialize};

text_enum! {
    /// What sort of name for a person a value is.
    pub enum IdentityKind {
        /// A phone number in international digits.
        Phone = "phone",
        /// A business-scoped user id.
        Bsuid = "bsuid",
        /// A parent BSUID, valid across linked portfolios.
        Parent = "parent",
    }
}

/// A phone number as digits with its country calling code, without `+` (Meta's `wa_id` form).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
#[schema(example = "6281234567890")]
pub struct Phone(String);

/// Why a text is not a phone number.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotAPhone {
    /// No digits, too many, or letters.
    #[error("this is not a phone number; write it with its country code, such as +62 812 3456 7890")]
    Malformed,
    /// National form without a country to read it in.
    #[error("the country code is missing; write the number as +62 812 3456 7890")]
    NoCountry,
}

impl Phone {
    /// Meta's `wa_id`, `from` and the like: already international, possibly with `+`, blanks and dashes.
    pub fn from_wire(text: &str) -> Option<Self> {
        if text.chars().any(|c| c.is_alphabetic()) {
            return None; // a BSUID such as MY.2035 must never become a phone number
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        (5..=20).contains(&digits.len()).then_some(Self(digits))
    }

    /// What a person typed, read as a number of `region` (ISO 3166-1 alpha-2) where it has no country code.
    pub fn from_human(text: &str, region: Option<&str>) -> Result<Self, NotAPhone> {
        let international = text.trim_start().starts_with('+') || text.trim_start().starts_with("00");
        let region = region.and_then(|code| Region::from_str(code).ok());
        if !international && region.is_none() {
            // Digits that are valid with a `+` in front are what wa.me links and exports hold.
            let guess = PhoneNumber::parse(format!("+{text}"), None).map_err(|_| NotAPhone::NoCountry)?;
            return if guess.is_valid() { Ok(Self::e164(&guess)) } else { Err(NotAPhone::NoCountry) };
        }
        let text =
            text.trim_start().strip_prefix("00").map_or_else(|| text.to_owned(), |rest| format!("+{rest}"));
        let number = PhoneNumber::parse(text, region).map_err(|_| NotAPhone::Malformed)?;
        // Possible is enough: numbering plans move faster than any library's data.
        if number.is_possible_with_reason().is_ok() {
            Ok(Self::e164(&number))
        } else {
            Err(NotAPhone::Malformed)
        }
    }

    fn e164(number: &PhoneNumber) -> Self {
        Self(number.to_string().trim_start_matches('+').to_owned())
    }

    /// The country that it belongs to, by its two letters, as far as the digits tell.
    pub fn country(&self) -> Option<String> {
        let number = PhoneNumber::parse(format!("+{}", self.0), None).ok()?;
        number.get_region_code().map(|region| region.to_string())
    }

    /// International digits, without `+`.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Phone {
    /// The last two digits only: phone numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Phone(…{})", self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default())
    }
}

/// A business-scoped user id or parent BSUID, verbatim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
#[schema(example = "ID.13491208655302741918")]
pub struct Bsuid(String);

impl Bsuid {
    /// Accepts `CC.<1-128 alphanumerics>` and `CC.ENT.<…>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (country, rest) = text.split_once('.')?;
        let tail = rest.strip_prefix("ENT.").unwrap_or(rest);
        let fits = country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
            && (1..=128).contains(&tail.len())
            && tail.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
    }

    /// The whole id, as Meta wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a parent BSUID.
    pub fn is_parent(&self) -> bool {
        self.0.get(3..).is_some_and(|rest| rest.starts_with("ENT."))
    }
}

/// Everything one webhook says about who somebody is. Nothing is required; empty means unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The phone number, where Meta shares it.
    pub phone: Option<Phone>,
    /// The BSUID within the portfolio that owns the number.
    pub bsuid: Option<Bsuid>,
    /// The parent BSUID, for linked portfolios.
    pub parent: Option<Bsuid>,
    /// The username, without `@`.
    pub username: Option<String>,
    /// The profile name as the person set it.
    pub name: Option<String>,
}

impl Sender {
    /// Whether anything here can tell one person from another.
    pub fn is_identified(&self) -> bool {
        self.phone.is_some() || self.bsuid.is_some() || self.parent.is_some()
    }
}

/// What the contact book already knows about the values in a [`Sender`]; `T` names a contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownBy<T> {
    /// The contact that holds the phone now.
    pub phone: Option<T>,
    /// The contact that holds the BSUID now.
    pub bsuid: Option<T>,
    /// The contact that holds the parent BSUID now.
    pub parent: Option<T>,
    /// Whether the contact that holds the phone has another BSUID of the same portfolio.
    pub phone_has_other_bsuid: bool,
}

/// Which contact a [`Sender`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition<T> {
    /// Nobody we know.
    New,
    /// Nobody we know, although the phone is: its former owner has another BSUID, so the number was recycled.
    /// Neither history nor consent carries over; the phone moves to the new contact.
    NewOnRecycledPhone(T),
    /// Somebody we know.
    Known(T),
    /// Two contacts turn out to be one person: the second is merged into the first.
    Merge {
        /// Stays.
        keep: T,
        /// Becomes a redirect to `keep`.
        merge: T,
    },
}

/// Decides which contact a sender is. The BSUID outranks the phone: phones are recycled, BSUIDs are not.
pub fn recognise<T: Copy + Eq>(known: KnownBy<T>) -> Recognition<T> {
    let by_id = known.bsuid.or(known.parent);
    match (by_id, known.phone) {
        (Some(id), Some(phone)) if id == phone => Recognition::Known(id),
        // The phone's contact already is somebody else in this portfolio: the phone has moved, the people differ.
        (Some(id), Some(_)) if known.phone_has_other_bsuid => Recognition::Known(id),
        (Some(id), Some(phone)) => Recognition::Merge { keep: id, merge: phone },
        (Some(id), None) => Recognition::Known(id),
        (None, Some(phone)) if known.phone_has_other_bsuid => Recognition::NewOnRecycledPhone(phone),
        (None, Some(phone)) => Recognition::Known(phone),
        (None, None) => Recognition::New,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_its_country() {
        let country = |digits| Phone::from_wire(digits).unwrap().country();
        assert_eq!(country("6281234567890").as_deref(), Some("ID"));
        assert_eq!(country("12025550123").as_deref(), Some("US"));
        assert_eq!(country("14165550123").as_deref(), Some("CA"));
    }

    #[test]
    fn wire_numbers_are_digits_and_nothing_else_is() {
        assert_eq!(Phone::from_wire("+49 30 1234567").unwrap().digits(), "49301234567");
        assert_eq!(Phone::from_wire("MY.2035"), None);
        assert_eq!(Phone::from_wire(""), None);
    }

    #[test]
    fn people_write_numbers_in_many_ways() {
        for text in ["0812-3456-7890", "+62 812 3456 7890", "006281234567890"] {
            assert_eq!(Phone::from_human(text, Some("ID")).unwrap().digits(), "6281234567890", "{text}");
        }
        assert_eq!(Phone::from_human("6281234567890", None).unwrap().digits(), "6281234567890");
        assert_eq!(Phone::from_human("0812-3456-7890", None), Err(NotAPhone::NoCountry));
        assert_eq!(Phone::from_human("call me", Some("ID")), Err(NotAPhone::Malformed));
    }

    #[test]
    fn a_phone_does_not_show_itself_in_logs() {
        assert_eq!(format!("{:?}", Phone::from_wire("6281234567890").unwrap()), "Phone(…90)");
    }

    #[test]
    fn bsuids_are_recognised_verbatim() {
        assert!(Bsuid::parse("US.13491208655302741918").is_some());
        assert!(Bsuid::parse("US.ENT.11815799212886844830").unwrap().is_parent());
        assert!(!Bsuid::parse("US.1").unwrap().is_parent());
        for bad in ["us.1", "USA.1", "US.", "US.ENT.", "US.a b", "6281234567890"] {
            assert_eq!(Bsuid::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn recognition_table() {
        let none = KnownBy::<u8>::default();
        assert_eq!(recognise(none), Recognition::New);
        assert_eq!(recognise(KnownBy { phone: Some(1), ..none }), Recognition::Known(1));
        assert_eq!(recognise(KnownBy { bsuid: Some(2), ..none }), Recognition::Known(2));
        assert_eq!(
            recognise(KnownBy { phone: Some(1), bsuid: Some(2), ..none }),
            Recognition::Merge { keep: 2, merge: 1 }
        );
        let recycled = KnownBy { phone_has_other_bsuid: true, phone: Some(1), ..none };
        assert_eq!(recognise(recycled), Recognition::NewOnRecycledPhone(1));
        assert_eq!(recognise(KnownBy { bsuid: Some(2), ..recycled }), Recognition::Known(2));
    }
}
