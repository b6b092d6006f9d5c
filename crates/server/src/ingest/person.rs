//! Meta's words for a person into ours, and who that is.

use std::time::Duration;

use meta::webhook::Person;
use rules::identity::{Bsuid, Phone, Sender};
use rules::time::Timestamp;
use store::OrgScope;
use store::contacts::Recognised;

use super::apply::Setting;
use crate::rights;

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

/// Who somebody is of whom Meta told something at `told`. Whoever is new and on the list of those never to write to begins
/// with refusing everything. `None`: nothing tells them from others.
pub(super) async fn recognise(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    who: &Sender,
    told: Option<i64>,
) -> store::Result<Option<Recognised>> {
    let found = scope.recognise(who, &setting.portfolio(), setting.now, setting.ctx.chance()).await?;
    if let Some(found) = found.as_ref().filter(|found| found.is_new) {
        rights::heed(setting.ctx, scope, found.contact, who, before(setting, told)).await?;
    }
    Ok(found)
}

/// The moment before something was said: what somebody begins with must not outlast what they then say.
pub(super) fn before(setting: &Setting<'_>, told: Option<i64>) -> Timestamp {
    setting.time(told) - Duration::from_micros(1)
}

/// Text that every database stores: PostgreSQL takes no NUL.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "")
}
