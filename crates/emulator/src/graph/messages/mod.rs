//! `POST /{phone_number_id}/messages` and `/marketing_messages` (meta-messaging 1).

mod check;
mod content;
mod interactive;
mod source;
mod template;

use axum::extract::{Path, State};
use axum::http::Method;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::error::{Answer, GraphError};
use super::gate::take_fault;
use super::{Caller, Params, refusals};
use crate::messaging::outbound::{self, Outcome, Send};
use crate::messaging::{Content, identity, pricing};
use crate::platform::Platform;
use crate::world::{
    Account, Direction, Failure, FaultEffect, Millis, Number, Person, Status, Thread, WindowError, World,
    thread_key,
};

pub use template::variables;

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/{id}/messages", post(send)).route("/{id}/marketing_messages", post(send_marketing))
}

async fn send(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    answer(&platform, &caller, &id, &params, false).await
}

/// The Marketing Messages API: marketing templates alone.
async fn send_marketing(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    answer(&platform, &caller, &id, &params, true).await
}

async fn answer(
    platform: &Platform,
    caller: &Caller,
    number_id: &str,
    params: &Params,
    marketing: bool,
) -> Answer<Json<Value>> {
    let body = Value::Object(params.0.clone());
    let act = |world: &mut World| -> Answer<Value> {
        let (number, account) = sender(world, caller, number_id)?;
        if params.text("messaging_product").as_deref() != Some("whatsapp") {
            return Err(GraphError::missing("messaging_product"));
        }
        if params.0.contains_key("status") {
            return receipt(world, &number, &body);
        }
        let accepted = accept(platform, world, &number, &account, &body, marketing)?;
        Ok(outbound::commit(world, &number, &account, accepted))
    };
    Ok(Json(platform.write(act).await??))
}

/// The number and its account, if the caller may send from it.
fn sender(world: &World, caller: &Caller, number_id: &str) -> Answer<(Number, Account)> {
    let number = caller.number(world, number_id)?.clone();
    let account = caller.account(world, &number.account_id)?.clone();
    if !caller.token.may("whatsapp_business_messaging") {
        return Err(GraphError::core(
            403,
            200,
            "(#200) You do not have the necessary permissions to send messages on behalf of this WhatsApp Business \
             Account",
        ));
    }
    if matches!(account.status.as_str(), "RESTRICTED" | "DISABLED") || number.status == "BANNED" {
        return Err(GraphError::cloud(
            131031,
            "Business Account locked",
            "Your account has been locked because of a policy violation.",
        ));
    }
    if !number.registered() {
        return Err(refusals::not_registered());
    }
    Ok((number, account))
}

/// Checks a send; nothing is changed but people and threads that did not exist yet.
fn accept(
    platform: &Platform,
    world: &mut World,
    number: &Number,
    account: &Account,
    body: &Value,
    marketing: bool,
) -> Answer<Send> {
    let now = world.now();
    let recipient = recipient(world, number, account, body)?;
    let content = content::read(world, number, account, body, recipient.by_bsuid)?;
    if marketing && content.category.as_deref() != Some("MARKETING") {
        let details = "Message must be a template message.";
        return Err(if content.kind == "template" {
            GraphError::cloud(
                131055,
                "Method not allowed",
                "Only marketing templates can be sent through this API.",
            )
        } else {
            GraphError::cloud(100, "Invalid parameter", details)
        });
    }
    let callback_data = check::optional_text(body, "biz_opaque_callback_data", 512)?;
    let context = match body.get("context").filter(|context| !context.is_null()) {
        None => None,
        Some(context) => {
            Some(check::text(context, "message_id", "context['message_id']", 1, 512)?.to_owned())
        }
    };
    let person = world.people.get(&recipient.person_id).cloned().ok_or_else(undeliverable)?;
    let thread = world.threads.get(&thread_key(&number.id, &person.id)).cloned().unwrap_or_default();
    if person.phone == number.phone {
        return Err(GraphError::cloud(
            131021,
            "Recipient cannot be sender",
            "Recipient and sender are the same.",
        ));
    }
    if number.allowed_recipients.as_ref().is_some_and(|list| !list.contains(&person.phone)) {
        return Err(refusals::not_allowed_recipient());
    }
    if thread.blocked {
        return Err(GraphError::cloud(
            130403,
            "User is blocked",
            "You blocked this user; unblock it to send.",
        ));
    }
    let outcome = foresee(world, number, account, &person, &thread, &content)?;
    let limits = world.rules().limits.clone();
    let buckets = platform.buckets();
    if !buckets.message(&limits, &number.id, number.throughput == "HIGH", now) {
        return Err(refusals::throughput());
    }
    if !buckets.pair(&limits, thread_key(&number.id, &person.id), now) {
        return Err(refusals::pair_rate());
    }
    let place = format!("{}/messages", number.id);
    let asked_for =
        take_fault(world, &Method::POST, &place, |effect| matches!(effect, FaultEffect::FailedStatus { .. }));
    let outcome = match asked_for {
        Some(FaultEffect::FailedStatus { code, title, details }) => {
            Outcome::Fails(Failure { code, details: details.unwrap_or_else(|| title.clone()), title })
        }
        _ => outcome,
    };
    Ok(Send {
        person_id: person.id,
        input: recipient.input,
        user_id: recipient.user_id,
        wa_id: recipient.wa_id,
        to_bsuid: recipient.by_bsuid,
        content,
        context,
        callback_data,
        outcome,
    })
}

/// Whom a send is for, and how the answer names them.
struct Recipient {
    person_id: String,
    input: String,
    wa_id: Option<String>,
    user_id: Option<String>,
    by_bsuid: bool,
}

fn undeliverable() -> GraphError {
    GraphError::cloud(131026, "Message undeliverable", "Message Undeliverable.")
}

/// `to` wins over `recipient` (meta-messaging 1.1).
fn recipient(world: &mut World, number: &Number, account: &Account, body: &Value) -> Answer<Recipient> {
    if let Some(kind) =
        body.get("recipient_type").and_then(Value::as_str).filter(|kind| *kind != "individual")
    {
        return Err(if kind == "group" {
            GraphError::cloud(131215, "Groups not eligible", "This phone number is not eligible for groups.")
        } else {
            GraphError::parameter(format!(
                "Param recipient_type must be one of {{individual, group}} - got {kind:?}."
            ))
        });
    }
    let named = |name: &str| {
        let value = body.get(name)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (!value.is_null() && !text.is_empty()).then_some(text)
    };
    let bsuid = named("recipient");
    if let Some(to) = named("to") {
        let phone = identity::digits_of(&to, &number.country_dial_code)
            .ok_or_else(|| GraphError::value("The recipient phone number is not valid."))?;
        let person_id = identity::person_for_phone(world, &phone);
        // A BSUID beside `to` is echoed, not used.
        return Ok(Recipient { person_id, input: to, wa_id: Some(phone), user_id: bsuid, by_bsuid: false });
    }
    let bsuid = bsuid.ok_or_else(|| GraphError::missing("to"))?;
    // Meta's code for a BSUID of another portfolio is not known; 131026 says least.
    let person = world.person_by_bsuid(&account.owner_id, &bsuid).ok_or_else(undeliverable)?;
    Ok(Recipient {
        person_id: person.id.clone(),
        input: bsuid.clone(),
        wa_id: None,
        user_id: Some(bsuid),
        by_bsuid: true,
    })
}

/// What will become of a send that is accepted; some endings are told at once.
fn foresee(
    world: &World,
    number: &Number,
    account: &Account,
    person: &Person,
    thread: &Thread,
    content: &Content,
) -> Answer<Outcome> {
    let now = world.now();
    let fails = |code: i64, title: &str, details: &str| {
        Ok(Outcome::Fails(Failure { code, title: title.to_owned(), details: details.to_owned() }))
    };
    let rules = world.rules();
    let template = content.kind == "template";
    let unfunded = account.funding_id.is_none()
        && (template || pricing::service_deliveries(number, now) >= 1_000)
        && !thread.free_entry(now);
    if unfunded {
        let (title, details) = (
            "Business eligibility payment issue",
            "Failed to send message because there were one or more errors related to your payment method.",
        );
        if rules.funding_error_sync {
            return Err(GraphError::cloud(131042, title, details));
        }
        return fails(131042, title, details);
    }
    if !template && !thread.window_open(now) {
        let (title, details) = (
            "Re-engagement message",
            "Message failed to send because more than 24 hours have passed since the customer last replied to this \
             number.",
        );
        if rules.window_error == WindowError::Sync {
            return Err(GraphError::cloud(131047, title, details));
        }
        return fails(131047, title, details);
    }
    if !person.on_whatsapp || person.blocked.contains(&number.id) {
        return fails(131026, "Message undeliverable", "Message Undeliverable.");
    }
    if content.category.as_deref() == Some("MARKETING")
        && person.stopped_marketing.contains(&account.owner_id)
    {
        let text = "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on \
                    WhatsApp from your business";
        return fails(131050, text, text);
    }
    if let Some(flaw) = &content.media_flaw {
        return fails(131053, "Media upload error", flaw);
    }
    if content.kind == "reaction"
        && let Some(flaw) = reaction_flaw(world, number, person, content, now)
    {
        return fails(131009, "Parameter value is not valid", flaw);
    }
    Ok(match &content.link {
        Some(link) if outbound::fetches(rules.fetch_links, link) => Outcome::Fetches(link.clone()),
        _ => Outcome::Sent,
    })
}

/// Why a reaction cannot be placed: target too old, a reaction itself, or not in the thread.
fn reaction_flaw(
    world: &World,
    number: &Number,
    person: &Person,
    content: &Content,
    now: Millis,
) -> Option<&'static str> {
    let target = content.value.get("message_id").and_then(Value::as_str).unwrap_or_default();
    let Some(message) = world.messages.get(target) else {
        return Some("The message to react to does not exist.");
    };
    let here = message.number_id == number.id && message.person_id == person.id;
    if !here || message.kind == "reaction" {
        return Some("The message to react to is not in this conversation.");
    }
    (now - message.at > 30 * 86_400_000).then_some("The message to react to is older than 30 days.")
}

/// Marks a message read, with all before it, and shows typing (meta-messaging 1.7).
fn receipt(world: &mut World, number: &Number, body: &Value) -> Answer<Value> {
    let status = body.get("status").and_then(Value::as_str).unwrap_or_default();
    if status != "read" {
        return Err(GraphError::parameter(format!("Param status must be one of {{read}} - got {status:?}.")));
    }
    let wamid = check::text(body, "message_id", "message_id", 1, 512)?;
    let typing = match body.get("typing_indicator").filter(|typing| !typing.is_null()) {
        None => false,
        Some(typing) if typing.get("type").and_then(Value::as_str) == Some("text") => true,
        Some(_) => {
            return Err(GraphError::parameter("Param typing_indicator['type'] must be one of {text}."));
        }
    };
    let now = world.now();
    let message = world
        .messages
        .get(wamid)
        .filter(|message| message.number_id == number.id && message.direction == Direction::Inbound)
        .ok_or_else(|| {
            GraphError::value("The message id is not of a message received by this phone number.")
        })?;
    if now - message.at > 30 * 86_400_000 {
        return Err(GraphError::value("The message is older than 30 days."));
    }
    let (person_id, last) = (message.person_id.clone(), message.sequence);
    let unread: Vec<String> = world
        .order
        .thread(&number.id, &person_id)
        .filter(|id| {
            world.messages.get(id).is_some_and(|message| {
                message.direction == Direction::Inbound
                    && message.sequence <= last
                    && message.status >= Status::Sent
                    && message.status.may_become(Status::Read)
            })
        })
        .cloned()
        .collect();
    for id in unread {
        if let Some(message) = world.messages.edit(&id) {
            message.status = Status::Read;
            message.history.push((Status::Read, now));
        }
    }
    if typing && let Some(thread) = world.threads.edit(&thread_key(&number.id, &person_id)) {
        thread.typing_until = Some(now + 25_000);
    }
    Ok(json!({"success": true}))
}
