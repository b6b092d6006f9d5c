//! Meta's words for a person into ours.

use meta::webhook::Person;
use rules::identity::{Bsuid, Phone, Sender};

/// Who a webhook speaks of. Values that are no phone number or BSUID count as absent.
pub(super) fn sender(person: &Person) -> Sender {
    Sender {
        phone: person.phone.as_deref().and_then(Phone::from_wire),
        bsuid: person.bsuid.as_deref().and_then(Bsuid::parse),
        parent: person.parent_bsuid.as_deref().and_then(Bsuid::parse),
        username: person.username.as_deref().map(clean),
        name: person.profile_name.as_deref().map(clean),
    }
}

/// Text that every database stores: PostgreSQL takes no NUL.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "")
}
