//! The ladder of an outgoing message: accepted, sent, delivered, read, played; or failed.
//!
//! Invariant: a status never falls, and no step follows `failed`.

use serde_json::{Map, Value, json};

use super::{identity, pricing, value_of};
use crate::blobs::sha256_hex;
use crate::webhooks;
use crate::world::{
    Direction, Failure, Message, Millis, Person, Pricing, PricingOn, Receipts, Status, Task, World,
    thread_key,
};

/// Where Meta explains its codes.
const CODES: &str = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/";

/// Takes one step, if the message may take it now, tells the apps, and plans the next step.
pub fn step(world: &mut World, wamid: &str, status: Status, failure: Option<Failure>) {
    let now = world.now();
    let Some(message) = world.messages.get(wamid) else { return };
    let Some(person) = world.people.get(&message.person_id).cloned() else { return };
    let stays = message.direction == Direction::Inbound || !message.status.may_become(status);
    // What needs the phone waits until the phone is back (see `came_online`).
    if stays || (!person.online && status > Status::Sent && status != Status::Failed) {
        return;
    }
    let mut message = message.clone();
    message.status = status;
    message.history.push((status, now));
    message.failure = failure;
    let shown = charge(world, &mut message, now);
    world.messages.put(message.id.clone(), message.clone());
    tell(world, &message, &person, shown.as_ref(), now);
    if let Some((next, wait)) = next_step(world, &message, &person) {
        world.agenda.add(now + wait, Task::Step { wamid: message.id, status: next, failure: None });
    }
}

/// Fixes the price at the delivery; the answer is the pricing that this status shows.
fn charge(world: &mut World, message: &mut Message, now: Millis) -> Option<Pricing> {
    // Reactions are not priced, failures never.
    if message.kind == "reaction" || message.status == Status::Failed {
        return None;
    }
    let rule = world.rules().pricing_on;
    let number = world.numbers.get(&message.number_id)?;
    let shown = match message.status {
        Status::Sent => {
            (rule == PricingOn::SentAndReceipt).then(|| pricing::price(world, number, message, now))
        }
        Status::Delivered | Status::Read if message.pricing.is_none() => {
            let fixed = pricing::price(world, number, message, now);
            pricing::count(world, &message.number_id, &fixed, now);
            message.pricing = Some(fixed.clone());
            Some(fixed)
        }
        _ => None,
    };
    shown.filter(|_| rule != PricingOn::Never)
}

/// What comes after, by itself, and how long after.
fn next_step(world: &World, message: &Message, person: &Person) -> Option<(Status, Millis)> {
    let ladder = &world.rules().ladder;
    let reads = person.receipts == Receipts::Automatic;
    if message.kind == "reaction" || person.receipts == Receipts::Manual {
        return None;
    }
    match message.status {
        Status::Sent if ladder.skip_delivered && reads => Some((Status::Read, ladder.delivered_ms)),
        Status::Sent => Some((Status::Delivered, ladder.delivered_ms)),
        Status::Delivered if reads => Some((Status::Read, ladder.read_ms)),
        _ => None,
    }
}

/// Publishes the status.
fn tell(world: &mut World, message: &Message, person: &Person, shown: Option<&Pricing>, now: Millis) {
    let Some(number) = world.numbers.get(&message.number_id).cloned() else { return };
    let Some(portfolio) = identity::portfolio_of(world, &number.id) else { return };
    let bsuid = identity::bsuid(world, &person.id, &portfolio);
    let failed = message.status == Status::Failed;
    let mut status = Map::new();
    status.insert("id".into(), message.id.clone().into());
    status.insert("status".into(), message.status.as_str().into());
    status.insert("timestamp".into(), (now / 1000).to_string().into());
    if !message.to_bsuid || (person.phone_visible() && !failed) {
        status.insert("recipient_id".into(), person.phone.clone().into());
    }
    if !failed || message.to_bsuid {
        status.insert("recipient_user_id".into(), bsuid.clone().into());
    }
    if let Some(data) = &message.callback_data {
        status.insert("biz_opaque_callback_data".into(), data.clone().into());
    }
    if let Some(shown) = shown {
        status.insert("pricing".into(), json!(shown));
    }
    if let Some(conversation) = conversation(world, message) {
        status.insert("conversation".into(), conversation);
    }
    if let Some(failure) = &message.failure {
        status.insert("errors".into(), json!([webhook_error(failure)]));
    }
    let mut value = value_of(&number);
    if !failed || world.rules().failed_contacts {
        let with_username = message.status > Status::Sent;
        value["contacts"] = json!([identity::contact(world, person, &bsuid, with_username)]);
    }
    value["statuses"] = json!([status]);
    webhooks::publish(world, &number.account_id, Some(&number.id), "messages", &value);
}

/// `conversation`: since v24 inside a free entry point alone, before that on every status; its end on `sent` alone.
fn conversation(world: &World, message: &Message) -> Option<Value> {
    if message.status == Status::Failed {
        return None;
    }
    let key = thread_key(&message.number_id, &message.person_id);
    let free_until = world.threads.get(&key)?.free_until.filter(|until| *until > world.now());
    let (until, origin) = match free_until {
        Some(until) => (until, "referral_conversion".to_owned()),
        None if world.rules().webhook_version < 24 => {
            let category = message.category.as_deref().unwrap_or("service").to_lowercase();
            (message.at + 24 * 3_600_000, category)
        }
        None => return None,
    };
    let id = &sha256_hex(format!("{key} {until}").as_bytes())[..32];
    let mut conversation = json!({"id": id, "origin": {"type": origin}});
    if message.status == Status::Sent {
        conversation["expiration_timestamp"] = (until / 1000).to_string().into();
    }
    Some(conversation)
}

/// An error in the webhook's shape (meta-messaging 7.1).
pub fn webhook_error(failure: &Failure) -> Value {
    json!({
        "code": failure.code,
        "title": failure.title,
        "message": failure.title,
        "error_data": {"details": failure.details},
        "href": CODES,
    })
}

/// The phone is connected again: what waited is delivered.
pub fn came_online(world: &mut World, person_id: &str) {
    let (now, wait) = (world.now(), world.rules().ladder.delivered_ms);
    let waiting: Vec<String> = world
        .messages
        .values()
        .filter(|message| {
            message.person_id == person_id && message.status == Status::Sent && message.kind != "reaction"
        })
        .map(|message| message.id.clone())
        .collect();
    for wamid in waiting {
        world.agenda.add(now + wait, Task::Step { wamid, status: Status::Delivered, failure: None });
    }
}
