//! Account events about a messaging account of this world: filled in from it and sent to whom they concern.

use super::account_events::{AccountEvent, EntryOf, EnvelopeForm, Solution, Subject, build, value_in};
use super::{publish_as, publish_to};
use crate::world::{Announcement, World};

/// What the events about an account and an app are filled in with. Unknown ids leave their parts empty.
pub fn subject(
    world: &World,
    account_id: &str,
    app_id: &str,
    number_id: Option<&str>,
    solution: Option<&str>,
) -> Subject {
    let account = world.accounts.get(account_id);
    let app = world.apps.get(app_id);
    let number = match number_id {
        Some(id) => world.numbers.get(id),
        None => world.numbers.values().find(|number| number.account_id == account_id),
    };
    let solution = solution.and_then(|id| world.solutions.get(id)).map(|row| Solution {
        id: row.id.clone(),
        partner_business_ids: [&row.app_id, &row.partner_app_id]
            .into_iter()
            .filter_map(|app| Some(world.apps.get(app)?.portfolio_id.clone()))
            .collect(),
    });
    Subject {
        waba_id: account_id.to_owned(),
        owner_business_id: account.map(|account| account.owner_id.clone()).unwrap_or_default(),
        partner_business_id: app.map(|app| app.portfolio_id.clone()).unwrap_or_default(),
        app_id: app_id.to_owned(),
        phone_number_id: number.map(|number| number.id.clone()).unwrap_or_default(),
        digits: number.map(|number| number.phone.clone()).unwrap_or_default(),
        solution,
        now: world.now() / 1000,
    }
}

/// Sends an event: partner events to the app they name, account events to every subscribed app.
pub fn send(world: &mut World, event: &AccountEvent, subject: &Subject, form: EnvelopeForm) {
    let number = (!subject.phone_number_id.is_empty()).then_some(subject.phone_number_id.as_str());
    let (entry, apps) = match event.entry {
        EntryOf::Partner => (subject.partner_business_id.clone(), vec![subject.app_id.clone()]),
        EntryOf::Account => {
            let account = world.accounts.get(&subject.waba_id);
            let apps =
                account.map(|account| account.subscriptions.keys().cloned().collect()).unwrap_or_default();
            (subject.waba_id.clone(), apps)
        }
    };
    let account = (event.entry == EntryOf::Account).then_some(subject.waba_id.as_str());
    let value = value_in(form, event);
    for app in apps {
        publish_as(world, &app, &entry, account, number, event.field, &value, form);
    }
}

/// Sends an event to the app it names, subscribed or not.
pub fn send_to_app(world: &mut World, event: &AccountEvent, subject: &Subject, form: EnvelopeForm) {
    let entry = match event.entry {
        EntryOf::Partner => &subject.partner_business_id,
        EntryOf::Account => &subject.waba_id,
    };
    publish_as(world, &subject.app_id, entry, None, None, event.field, &value_in(form, event), form);
}

/// Sends the events of a signup: the partner was added (unless only the app was granted), the app installed.
pub fn announce(world: &mut World, announcement: &Announcement) {
    let Announcement { account_id, app_id, app_only, solution_id } = announcement;
    let subject = subject(world, account_id, app_id, None, solution_id.as_deref());
    for name in ["PARTNER_ADDED", "PARTNER_APP_INSTALLED"] {
        if *app_only && name == "PARTNER_ADDED" {
            continue;
        }
        if let Some(event) = build(name, &subject) {
            publish_to(world, app_id, &subject.partner_business_id, None, None, event.field, &event.value);
        }
    }
}
