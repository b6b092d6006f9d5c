//! Who a webhook speaks of.

use serde::Serialize;

use crate::json::Members;

/// A person as Meta names them. Everything may be absent but one of `phone` and `bsuid`, and in webhooks of
/// the old shapes even those.
///
/// A person with a username who has not been in touch for 30 days comes without a phone number; a person who
/// changes number gets another business-scoped id. (Meta: BSUID page, 2026-02 to 2026-08.)
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Phone number, digits only with country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Business-scoped user id, the whole string, such as `US.13491208655302741918`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bsuid: Option<String>,
    /// The id shared by linked portfolios, such as `US.ENT.11815799212886844830`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_bsuid: Option<String>,
    /// Username, without a leading `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name the person chose to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_name: Option<String>,
    /// Present when the identity-change check is on for the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_key_hash: Option<String>,
}

super::quiet_debug!(Person);

/// The members of an update that name the person: phone, business-scoped id, and the spellings of the parent
/// id.
pub(super) struct Names {
    pub phone: &'static [&'static str],
    pub bsuid: &'static str,
    pub parent: &'static [&'static str],
}

pub(super) const SENDER: Names =
    Names { phone: &["from"], bsuid: "from_user_id", parent: &["from_parent_user_id"] };
pub(super) const ADDRESSEE: Names =
    Names { phone: &["to"], bsuid: "to_user_id", parent: &["to_parent_user_id"] };
pub(super) const SUBJECT: Names = Names { phone: &["wa_id"], bsuid: "user_id", parent: &["parent_user_id"] };

impl Person {
    /// Reads the person from an update, completed from its contact.
    pub(super) fn read(item: &Members<'_>, names: &Names, contact: Option<&Members<'_>>) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| item.string(name));
        let mut person =
            Self { bsuid: item.string(names.bsuid), parent_bsuid: first(names.parent), ..Self::default() };
        // Some have seen a business-scoped id where the phone number belongs.
        match first(names.phone) {
            Some(id) if is_bsuid(&id) => person.bsuid = person.bsuid.or(Some(id)),
            Some(id) => person.phone = phone(&id),
            None => {}
        }
        if let Some(contact) = contact {
            person.complete(contact);
        }
        person
    }

    fn complete(&mut self, contact: &Members<'_>) {
        let profile = contact.object("profile").unwrap_or_default();
        let wa_id = contact.string("wa_id");
        self.phone = self.phone.take().or_else(|| phone(&wa_id?));
        self.bsuid = self.bsuid.take().or_else(|| contact.string("user_id"));
        self.parent_bsuid = self.parent_bsuid.take().or_else(|| contact.string("parent_user_id"));
        self.profile_name = profile.string("name");
        self.username = profile
            .string("username")
            .or_else(|| contact.string("username"))
            .map(|name| name.trim_start_matches('@').to_owned())
            .filter(|name| !name.is_empty());
        self.identity_key_hash = contact.string("identity_key_hash");
    }

    /// Whether anything says who this is.
    pub fn is_known(&self) -> bool {
        self.phone.is_some() || self.bsuid.is_some() || self.parent_bsuid.is_some()
    }
}

/// The digits of something written like a phone number; `None` for any other id, so that the digits of a
/// business-scoped id are never taken for a number.
pub(super) fn phone(text: &str) -> Option<String> {
    if !text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')')) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// Two capital letters, a dot, and letters or digits, with `ENT.` between for a parent id.
pub(super) fn is_bsuid(text: &str) -> bool {
    let Some((country, id)) = text.split_once('.') else { return false };
    let id = id.strip_prefix("ENT.").unwrap_or(id);
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=128).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_apart() {
        assert!(is_bsuid("US.13491208655302741918"));
        assert!(is_bsuid("US.ENT.11815799212886844830"));
        for other in ["16505551234", "us.1", "US.", "USA.1", "US.a b", "user.abc"] {
            assert!(!is_bsuid(other), "{other}");
        }
        assert_eq!(phone("+1 (650) 555-1234").as_deref(), Some("16505551234"));
        assert_eq!(phone("MY.2035550001"), None);
        assert_eq!(phone("user.5f2"), None);
        assert_eq!(phone("+"), None);
    }
}
