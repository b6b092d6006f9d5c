//! What a person does: writes, reacts, taps, changes number, stops marketing (meta-messaging 2).

use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};

use super::{identity, keep, outbound, value_of};
use crate::webhooks;
use crate::world::{Direction, Message, Millis, Status, Thread, Unsent, World, thread_key, wamid};

/// A message that a person writes.
#[derive(Debug, Default)]
pub struct Written {
    /// Meta's `type`.
    pub kind: String,
    /// The object named after the type; `null` for none.
    pub content: Value,
    /// The message it replies to, or taps on.
    pub context: Option<String>,
    /// Further keys of the message object, as they are (`referral`, `errors`, …).
    pub extra: Map<String, Value>,
    /// wamid, if it must be a certain one.
    pub id: Option<String>,
    /// When it was written, if not now.
    pub at: Option<Millis>,
}

/// Types that open no window: what is not a message by the person, or uncertain.
fn opens_window(world: &World, kind: &str) -> bool {
    match kind {
        "reaction" => world.rules().reactions_open_window,
        "system" | "unsupported" | "request_welcome" | "edit" | "revoke" => false,
        _ => true,
    }
}

/// The person writes to the number; the answer is the wamid. `Err` says why it cannot be.
pub fn write(
    world: &mut World,
    number_id: &str,
    person_id: &str,
    written: Written,
) -> Result<String, String> {
    let number = world.numbers.get(number_id).cloned().ok_or("There is no such number.")?;
    if !number.registered() {
        return Err(format!("The number {} is not registered, so nobody can write to it.", number.id));
    }
    let person = world.people.get(person_id).cloned().ok_or("There is no such person.")?;
    let portfolio = identity::portfolio_of(world, number_id).ok_or("The number belongs to no portfolio.")?;
    let bsuid = identity::bsuid(world, person_id, &portfolio);
    let now = written.at.unwrap_or_else(|| world.now());
    let id = written.id.unwrap_or_else(wamid);
    if world.messages.contains(&id) {
        return Err(format!("There is already a message {id}."));
    }

    let key = thread_key(number_id, person_id);
    let mut thread = world.threads.get(&key).cloned().unwrap_or_else(|| Thread {
        number_id: number_id.to_owned(),
        person_id: person_id.to_owned(),
        ..Thread::default()
    });
    let opens_window = opens_window(world, &written.kind);
    if opens_window && person.online {
        thread.window_from = Some(now);
    }
    if written.extra.contains_key("referral") {
        thread.ad_click_at = Some(now);
    }
    world.threads.put(key, thread);
    if written.kind == "reaction" {
        outbound::react(world, &written.content, "message_id");
    }

    let mut message = Map::new();
    if person.phone_visible() {
        message.insert("from".into(), person.phone.clone().into());
    }
    message.insert("from_user_id".into(), bsuid.clone().into());
    message.insert("id".into(), id.clone().into());
    message.insert("timestamp".into(), (now / 1000).to_string().into());
    message.insert("type".into(), written.kind.clone().into());
    if let Some(context) = &written.context {
        // The writer of the quoted message: the business, or the person.
        let own = world.messages.get(context).is_some_and(|it| it.direction == Direction::Inbound);
        let from = if own { person.phone.clone() } else { number.phone.clone() };
        let mut quoted = json!({"id": context});
        if !own || person.phone_visible() {
            quoted["from"] = from.into();
        }
        message.insert("context".into(), quoted);
    }
    if !written.content.is_null() {
        message.insert(written.kind.clone(), written.content.clone());
    }
    message.extend(written.extra);

    let text = text_of(&written.kind, &written.content);
    // A phone that is off keeps what is written on it (see `came_online`).
    let status = if person.online { Status::Sent } else { Status::Accepted };
    keep(
        world,
        Message {
            id: id.clone(),
            sequence: world.order.next(),
            number_id: number_id.to_owned(),
            person_id: person_id.to_owned(),
            direction: Direction::Inbound,
            kind: written.kind.clone(),
            content: to_raw_value(&written.content).unwrap_or_default(),
            text,
            context: written.context,
            callback_data: None,
            to_bsuid: false,
            category: None,
            at: now,
            status,
            history: vec![(status, now)],
            failure: None,
            pricing: None,
            reaction: None,
        },
    );
    let mut value = value_of(&number);
    // System messages carry no contacts (meta-messaging 2.4).
    if written.kind != "system" {
        value["contacts"] = json!([identity::contact(world, &person, &bsuid, true)]);
    }
    value["messages"] = json!([message]);
    if person.online {
        tell(world, number_id, person_id, &value);
    } else {
        let unsent = Unsent {
            number_id: number_id.to_owned(),
            person_id: person_id.to_owned(),
            opens_window,
            value: to_raw_value(&value).unwrap_or_default(),
        };
        world.outbox.put(id.clone(), unsent);
    }
    Ok(id)
}

/// Tells the business, unless it has blocked the person.
fn tell(world: &mut World, number_id: &str, person_id: &str, value: &Value) {
    let blocked = world.threads.get(&thread_key(number_id, person_id)).is_some_and(|thread| thread.blocked);
    let Some(account_id) = world.numbers.get(number_id).map(|number| number.account_id.clone()) else {
        return;
    };
    if !blocked {
        webhooks::publish(world, &account_id, Some(number_id), "messages", value);
    }
}

/// The phone is connected again: what was written on it goes out.
pub fn came_online(world: &mut World, person_id: &str) {
    let waiting = world.outbox.iter().filter(|(_, unsent)| unsent.person_id == person_id);
    let mut waiting: Vec<String> = waiting.map(|(wamid, _)| wamid.clone()).collect();
    waiting.sort_unstable_by_key(|wamid| world.messages.get(wamid).map(|message| message.sequence));
    let now = world.now();
    for wamid in waiting {
        let Some(unsent) = world.outbox.remove(&wamid) else { continue };
        if let Some(message) = world.messages.edit(&wamid) {
            message.status = Status::Sent;
            message.history.push((Status::Sent, now));
        }
        if unsent.opens_window
            && let Some(thread) = world.threads.edit(&thread_key(&unsent.number_id, person_id))
        {
            thread.window_from = Some(now);
        }
        let value = serde_json::from_str(unsent.value.get()).unwrap_or_default();
        tell(world, &unsent.number_id, person_id, &value);
    }
}

/// What a reader sees of a message from a person.
fn text_of(kind: &str, content: &Value) -> String {
    let at = |path: &str| content.pointer(path).and_then(Value::as_str).map(str::to_owned);
    match kind {
        "text" => at("/body"),
        "button" => at("/text"),
        "interactive" => {
            at("/button_reply/title").or_else(|| at("/list_reply/title")).or_else(|| at("/nfm_reply/body"))
        }
        "reaction" => at("/emoji"),
        "location" => at("/name"),
        "order" => at("/text"),
        "system" => at("/body"),
        "contacts" => at("/0/name/formatted_name"),
        _ => at("/caption").or_else(|| at("/filename")),
    }
    .unwrap_or_default()
}

/// The person taps a button or a list row of a message: `choice` is its id, payload, or what it says.
pub fn tap(world: &mut World, wamid: &str, choice: &str) -> Result<String, String> {
    let message = world.messages.get(wamid).cloned().ok_or("There is no such message.")?;
    let content: Value = serde_json::from_str(message.content.get()).unwrap_or_default();
    let found = match message.kind.as_str() {
        "interactive" => interactive_choice(&content, choice),
        "template" => template_choice(world, &message, &content, choice),
        _ => None,
    };
    let (kind, content) = found.ok_or_else(|| {
        format!("The message has no button or row {choice:?} that answers; look at its content.")
    })?;
    let written = Written { kind, content, context: Some(wamid.to_owned()), ..Written::default() };
    write(world, &message.number_id, &message.person_id, written)
}

fn interactive_choice(content: &Value, choice: &str) -> Option<(String, Value)> {
    let list = |path: &str| content.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default();
    let chosen = |item: &Value| {
        ["id", "title"].iter().any(|key| item.get(*key).and_then(Value::as_str) == Some(choice))
    };
    let card_buttons = list("/action/cards").into_iter().flat_map(|card| {
        card.pointer("/action/buttons").and_then(Value::as_array).cloned().unwrap_or_default()
    });
    for button in list("/action/buttons").into_iter().chain(card_buttons) {
        let reply = button.get("reply").or_else(|| button.get("quick_reply"));
        if let Some(reply) = reply.filter(|reply| chosen(reply)) {
            let reply = json!({"id": reply.get("id"), "title": reply.get("title")});
            return Some(("interactive".into(), json!({"type": "button_reply", "button_reply": reply})));
        }
    }
    let rows = list("/action/sections")
        .into_iter()
        .flat_map(|section| section.get("rows").and_then(Value::as_array).cloned().unwrap_or_default());
    for row in rows {
        if chosen(&row) {
            let mut reply = json!({"id": row.get("id"), "title": row.get("title")});
            if let Some(description) = row.get("description") {
                reply["description"] = description.clone();
            }
            return Some(("interactive".into(), json!({"type": "list_reply", "list_reply": reply})));
        }
    }
    None
}

/// Quick replies of a template: the payload is the one sent, else the label.
fn template_choice(
    world: &World,
    message: &Message,
    content: &Value,
    choice: &str,
) -> Option<(String, Value)> {
    let account = &world.numbers.get(&message.number_id)?.account_id;
    let name = content.get("name")?.as_str()?;
    let language = content.pointer("/language/code")?.as_str()?;
    let template = world.template(account, name, language)?;
    let buttons = template.components.iter().find_map(|component| component.get("buttons")?.as_array())?;
    let given = content.get("components").and_then(Value::as_array).cloned().unwrap_or_default();
    for (index, button) in buttons.iter().enumerate() {
        if button.get("type").and_then(Value::as_str) != Some("QUICK_REPLY") {
            continue;
        }
        let label = button.get("text").and_then(Value::as_str).unwrap_or_default();
        let payload = given.iter().find_map(|component| {
            let at = component.get("index")?;
            let at = at.as_u64().or_else(|| at.as_str()?.parse().ok())?;
            (at == index as u64).then(|| component.pointer("/parameters/0/payload")?.as_str())?
        });
        let payload = payload.unwrap_or(label);
        if choice == label || choice == payload {
            return Some(("button".into(), json!({"payload": payload, "text": label})));
        }
    }
    None
}

/// The person changes the phone number: new BSUIDs everywhere, and a system message to every number with a thread.
pub fn change_number(world: &mut World, person_id: &str, phone: &str) -> Result<(), String> {
    let before = world.people.get(person_id).cloned().ok_or("There is no such person.")?;
    if world.person_by_phone(phone).is_some() {
        return Err(format!("Somebody already has the phone number {phone}."));
    }
    let mut after = before.clone();
    after.phone = phone.to_owned();
    after.country = identity::country_of(phone).to_owned();
    for bsuid in after.bsuids.values_mut() {
        *bsuid = identity::new_bsuid(&after.country);
    }
    world.save_person(after.clone());
    let numbers: Vec<String> = world.order.numbers_of(person_id).cloned().collect();
    for number_id in numbers {
        let Some(portfolio) = identity::portfolio_of(world, &number_id) else { continue };
        let (old, new) = (before.bsuids.get(&portfolio), after.bsuids.get(&portfolio));
        let written = if after.phone_visible() {
            let body = format!("User {} changed from {} to {phone}", before.name, before.phone);
            json!({"type": "user_changed_number", "body": body, "wa_id": phone, "user_id": new, "previous_user_id": old})
        } else {
            let names = (old.map_or("", String::as_str), new.map_or("", String::as_str));
            let body = format!("User {} changed from {} to {}", before.name, names.0, names.1);
            json!({"type": "user_changed_user_id", "body": body, "user_id": new, "previous_user_id": old})
        };
        let mut extra = Map::new();
        if after.phone_visible() {
            // Told in the name of the number that was.
            extra.insert("from".into(), before.phone.clone().into());
        }
        if let Some(old) = old {
            extra.insert("from_user_id".into(), old.clone().into());
        }
        let written = Written { kind: "system".into(), content: written, extra, ..Written::default() };
        write(world, &number_id, person_id, written)?;
    }
    Ok(())
}

/// The person stops or resumes marketing messages of the number's business.
pub fn prefer_marketing(
    world: &mut World,
    number_id: &str,
    person_id: &str,
    stop: bool,
) -> Result<(), String> {
    let number = world.numbers.get(number_id).cloned().ok_or("There is no such number.")?;
    let portfolio = identity::portfolio_of(world, number_id).ok_or("The number belongs to no portfolio.")?;
    let bsuid = identity::bsuid(world, person_id, &portfolio);
    let now = world.now();
    let person = world.people.edit(person_id).ok_or("There is no such person.")?;
    let word = if stop {
        person.stopped_marketing.insert(portfolio);
        "stop"
    } else {
        person.stopped_marketing.remove(&portfolio);
        "resume"
    };
    let person = person.clone();
    let mut preference = json!({
        "user_id": bsuid,
        "detail": format!("User requested to {word} marketing messages"),
        "category": "marketing_messages",
        "value": word,
        "timestamp": now / 1000,
    });
    if person.phone_visible() {
        preference["wa_id"] = person.phone.clone().into();
    }
    let mut value = value_of(&number);
    value["contacts"] = json!([identity::contact(world, &person, &bsuid, true)]);
    value["user_preferences"] = json!([preference]);
    webhooks::publish(world, &number.account_id, Some(number_id), "user_preferences", &value);
    Ok(())
}
