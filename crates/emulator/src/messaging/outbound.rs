//! An accepted send: kept, answered, and set on its way.

use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use super::{Content, identity, keep};
use crate::world::{
    Account, Direction, Failure, FetchLinks, Message, Number, Status, Task, Thread, World, thread_key, wamid,
};

/// A checked send.
#[derive(Debug)]
pub struct Send {
    /// The person it is for.
    pub person_id: String,
    /// The recipient as it was written.
    pub input: String,
    /// The BSUID as it was written, if one was.
    pub user_id: Option<String>,
    /// The phone number, if the send was addressed to one.
    pub wa_id: Option<String>,
    /// Whether it was addressed to a BSUID.
    pub to_bsuid: bool,
    /// What it says.
    pub content: Content,
    /// The message it replies to.
    pub context: Option<String>,
    /// `biz_opaque_callback_data`.
    pub callback_data: Option<String>,
    /// What will become of it.
    pub outcome: Outcome,
}

/// What becomes of an accepted send first.
#[derive(Debug)]
pub enum Outcome {
    /// It is sent.
    Sent,
    /// It fails by webhook.
    Fails(Failure),
    /// Its linked media is fetched; then it is sent, or fails.
    Fetches(String),
}

/// Whether linked media is fetched under this rule.
pub fn fetches(rule: FetchLinks, link: &str) -> bool {
    match rule {
        FetchLinks::Never => false,
        FetchLinks::All => true,
        FetchLinks::Local => url::Url::parse(link).ok().is_some_and(|url| match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }),
    }
}

/// Takes the send into the world; the answer is Meta's.
pub(crate) fn commit(world: &mut World, number: &Number, account: &Account, send: Send) -> Value {
    let now = world.now();
    identity::bsuid(world, &send.person_id, &account.owner_id);
    let key = thread_key(&number.id, &send.person_id);
    let mut thread = world.threads.get(&key).cloned().unwrap_or_else(|| Thread {
        number_id: number.id.clone(),
        person_id: send.person_id.clone(),
        ..Thread::default()
    });
    // A reply within the window to someone who came through an ad opens the free entry point.
    if let Some(clicked) = thread.ad_click_at.take()
        && now < clicked + 24 * 3_600_000
    {
        thread.free_until = Some(now + 72 * 3_600_000);
    }
    thread.typing_until = None;
    world.threads.put(key, thread);

    let id = wamid();
    let kind = send.content.kind.clone();
    if kind == "reaction" {
        react(world, &send.content.value, "message_id");
    }
    let content = to_raw_value(&send.content.value).unwrap_or_default();
    let message = Message {
        id: id.clone(),
        sequence: world.order.next(),
        number_id: number.id.clone(),
        person_id: send.person_id,
        direction: Direction::Outbound,
        kind: kind.clone(),
        content,
        text: send.content.text,
        context: send.context,
        callback_data: send.callback_data,
        to_bsuid: send.to_bsuid,
        category: send.content.category,
        at: now,
        status: Status::Accepted,
        history: vec![(Status::Accepted, now)],
        failure: None,
        pricing: None,
        reaction: None,
    };
    keep(world, message);
    let due = now + world.rules().ladder.sent_ms;
    let step = |status, failure| Task::Step { wamid: id.clone(), status, failure };
    match send.outcome {
        Outcome::Sent => world.agenda.add(due, step(Status::Sent, None)),
        Outcome::Fails(failure) => world.agenda.add(due, step(Status::Failed, Some(failure))),
        Outcome::Fetches(link) => world.agenda.add(due, Task::Fetch { wamid: id.clone(), link }),
    };
    let mut contact = json!({"input": send.input});
    if let Some(wa_id) = send.wa_id {
        contact["wa_id"] = wa_id.into();
    }
    if let Some(user_id) = send.user_id {
        contact["user_id"] = user_id.into();
    }
    let mut entry = json!({"id": id});
    if kind == "template" || world.rules().message_status_always {
        entry["message_status"] = "accepted".into();
    }
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [entry]})
}

/// Puts a reaction on its target, or takes it back.
pub(crate) fn react(world: &mut World, reaction: &Value, key: &str) {
    let target = reaction.get(key).and_then(Value::as_str).unwrap_or_default();
    let emoji = reaction.get("emoji").and_then(Value::as_str).filter(|emoji| !emoji.is_empty());
    if let Some(message) = world.messages.edit(target) {
        message.reaction = emoji.map(str::to_owned);
    }
}
