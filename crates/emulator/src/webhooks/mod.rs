//! Webhooks: who gets which update, what it looks like on the wire, and how it gets there.

pub mod account_events;
pub(crate) mod courier;
pub mod handshake;
pub mod partners;
pub mod payload;
pub mod sign;

use serde_json::Value;
use serde_json::value::to_raw_value;

use self::account_events::EnvelopeForm;
use crate::world::{App, Millis, Override, Task, Update, World};

/// Fields to which overrides apply (meta-onboarding 3.6); every other field goes to the app's own callback.
const OVERRIDABLE: &[&str] = &[
    "messages",
    "message_echoes",
    "calls",
    "consumer_profile",
    "messaging_handovers",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "smb_message_echoes",
    "smb_app_state_sync",
    "history",
    "account_settings_update",
];

/// Publishes a change of a messaging account to every app subscribed to it.
///
/// `number_id` names the number whose override may apply. Management fields carry `entry.time`, message fields
/// do not.
pub fn publish(world: &mut World, account_id: &str, number_id: Option<&str>, field: &str, value: &Value) {
    let Some(account) = world.accounts.get(account_id) else { return };
    let apps: Vec<String> = account.subscriptions.keys().cloned().collect();
    for app_id in apps {
        publish_to(world, &app_id, account_id, Some(account_id), number_id, field, value);
    }
}

/// Publishes a change to one app, subscribed or not; `entry_id` may be a portfolio (partner events).
pub fn publish_to(
    world: &mut World,
    app_id: &str,
    entry_id: &str,
    account_id: Option<&str>,
    number_id: Option<&str>,
    field: &str,
    value: &Value,
) {
    publish_as(world, app_id, entry_id, account_id, number_id, field, value, EnvelopeForm::Regular);
}

/// As [`publish_to`], in the form asked for; `value` is already written in that form.
#[allow(clippy::too_many_arguments, reason = "the parts of one update; every caller has them apart")]
pub fn publish_as(
    world: &mut World,
    app_id: &str,
    entry_id: &str,
    account_id: Option<&str>,
    number_id: Option<&str>,
    field: &str,
    value: &Value,
    form: EnvelopeForm,
) {
    if !world.apps.get(app_id).is_some_and(|app| app.wants(field) && !app.in_development) {
        return;
    }
    let Ok(value) = to_raw_value(value) else { return };
    let now = world.now();
    let message_like = OVERRIDABLE.contains(&field) || field == "user_preferences";
    let update = Update {
        app_id: app_id.to_owned(),
        entry_id: entry_id.to_owned(),
        account_id: account_id.map(str::to_owned),
        number_id: number_id.map(str::to_owned),
        time: (!message_like).then_some(now / 1000),
        field: field.to_owned(),
        value,
        form,
        attempts: 0,
        since: now,
    };
    world.agenda.add(now + world.rules().webhooks.delay_ms, Task::Deliver(update));
}

/// Where an update goes: the number's override, else the messaging account's, else the app's callback.
fn destination(world: &World, app: &App, update: &Update) -> Option<String> {
    let by_number = update.number_id.as_ref().and_then(|id| world.numbers.get(id)?.overrides.get(&app.id));
    let by_account = || {
        let account = world.accounts.get(update.account_id.as_ref()?)?;
        account.subscriptions.get(&app.id)?.callback.as_ref()
    };
    let overridden: Option<&Override> =
        if OVERRIDABLE.contains(&update.field.as_str()) { by_number.or_else(by_account) } else { None };
    overridden.map(|it| it.url.clone()).or_else(|| app.callback_url.clone()).filter(|url| !url.is_empty())
}

/// When to try again after so many failed deliveries; `None` when Meta gives up, 7 days after the first.
fn next_try(attempts: u32, since: Millis, now: Millis) -> Option<Millis> {
    const GAPS: [Millis; 10] =
        [200, 5_000, 20_000, 60_000, 300_000, 900_000, 3_600_000, 10_800_000, 21_600_000, 43_200_000];
    let gap = GAPS[(attempts as usize).min(GAPS.len() - 1)];
    (now + gap <= since + 7 * 86_400_000).then_some(now + gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_grow_and_end_after_seven_days() {
        let (mut now, mut attempts) = (0, 0);
        while let Some(next) = next_try(attempts, 0, now) {
            assert!(next > now);
            (now, attempts) = (next, attempts + 1);
        }
        assert!(now > 6 * 86_400_000 && now <= 7 * 86_400_000, "gave up at {now} ms");
        assert!(attempts > 15);
    }
}
