//! What a delivery costs, as webhooks show it (meta-messaging 8.2).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::world::{Message, Millis, Number, Pricing, World, thread_key};

/// 2026-10-01T00:00:00Z: service and in-window utility messages are charged from then on.
const OCTOBER_2026: Millis = 1_790_812_800_000;
/// Free delivered service messages per number and month.
const FREE_SERVICE: u32 = 1_000;

/// The month of a time, `2026-11`. Meta counts in the account's time zone; the emulator in UTC.
pub fn month_of(at: Millis) -> String {
    Timestamp::from_millisecond(at)
        .map(|time| time.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string())
        .unwrap_or_default()
}

/// The price of a message that is delivered at `now`.
pub fn price(world: &World, number: &Number, message: &Message, now: Millis) -> Pricing {
    let thread = world.threads.get(&thread_key(&message.number_id, &message.person_id));
    let in_window = thread.is_some_and(|thread| thread.window_open(message.at));
    let charged_era = now >= OCTOBER_2026;
    let category = message.category.as_deref().map_or_else(|| "service".to_owned(), str::to_lowercase);
    let free = match category.as_str() {
        "service" => !charged_era || service_deliveries(number, now) < FREE_SERVICE,
        "utility" => !charged_era && in_window,
        _ => false,
    };
    let of = |billable: bool, kind: &str, category: String| Pricing {
        billable,
        pricing_model: "PMP".into(),
        kind: kind.into(),
        category,
    };
    if thread.is_some_and(|thread| thread.free_entry(now)) {
        of(false, "free_entry_point", "referral_conversion".into())
    } else if free {
        of(false, "free_customer_service", category)
    } else {
        of(true, "regular", category)
    }
}

/// Service messages delivered by a number in the month of `now`.
pub fn service_deliveries(number: &Number, now: Millis) -> u32 {
    number.service_deliveries.get(&month_of(now)).copied().unwrap_or(0)
}

/// Counts a delivered message against the number's free quota.
pub fn count(world: &mut World, number_id: &str, pricing: &Pricing, now: Millis) {
    if pricing.category != "service" {
        return;
    }
    if let Some(number) = world.numbers.edit(number_id) {
        let month = month_of(now);
        // Only the running month matters.
        number.service_deliveries.retain(|known, _| *known == month);
        *number.service_deliveries.entry(month).or_insert(0) += 1;
    }
}
