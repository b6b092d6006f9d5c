//! Interactive messages and their limits (meta-messaging 1.3).

use serde_json::Value;

use super::super::error::{Answer, GraphError};
use super::check;
use super::source::media_source;
use crate::messaging::Content;
use crate::world::{Number, World};

/// Which headers a type takes.
#[derive(Clone, Copy, PartialEq)]
enum Headers {
    Any,
    Text,
    None,
}

/// Checks an interactive message.
pub(super) fn read(world: &World, number: &Number, value: &Value) -> Answer<Content> {
    let kind = check::text(value, "type", "interactive['type']", 1, 64)?;
    let (headers, body_needed, body_max): (Headers, bool, usize) = match kind {
        "button" | "cta_url" | "flow" | "order_details" => (Headers::Any, true, 1024),
        "list" => (Headers::Text, true, 4096),
        "product_list" => (Headers::Text, true, 1024),
        "product" => (Headers::None, false, 1024),
        "location_request_message"
        | "request_contact_info"
        | "address_message"
        | "catalog_message"
        | "carousel"
        | "order_status"
        | "voice_call"
        | "call_permission_request" => (Headers::None, true, 1024),
        other => return Err(GraphError::value(format!("Interactive type \"{other}\" is not supported."))),
    };
    let link = header(world, number, value, kind, headers)?;
    let text = body(value, body_needed, body_max)?;
    if let Some(footer) = value.get("footer").filter(|footer| !footer.is_null()) {
        if kind == "carousel" {
            return Err(GraphError::value("A carousel takes no outer header or footer."));
        }
        check::text(footer, "text", "interactive['footer']['text']", 1, 60)?;
    }
    action(world, number, kind, check::object(value, "action", "interactive['action']")?)?;
    let (link, media_flaw) = link;
    Ok(Content { link, media_flaw, ..Content::new("interactive", value, text) })
}

fn header(
    world: &World,
    number: &Number,
    value: &Value,
    kind: &str,
    headers: Headers,
) -> Answer<(Option<String>, Option<String>)> {
    let Some(header) = value.get("header").filter(|header| !header.is_null()) else {
        return if kind == "product_list" {
            Err(GraphError::required("interactive['header'] is required for product_list."))
        } else {
            Ok((None, None))
        };
    };
    let form = check::text(header, "type", "interactive['header']['type']", 1, 16)?;
    match form {
        _ if headers == Headers::None => Err(GraphError::value(format!("A {kind} message takes no header."))),
        "text" => {
            check::text(header, "text", "interactive['header']['text']", 1, 60)?;
            Ok((None, None))
        }
        "image" | "video" | "document" if headers == Headers::Any => {
            let media = check::object(header, form, &format!("interactive['header']['{form}']"))?;
            media_source(world, number, form, media)
        }
        other => {
            Err(GraphError::value(format!("Header type \"{other}\" is not valid for a {kind} message.")))
        }
    }
}

fn body(value: &Value, needed: bool, max: usize) -> Answer<String> {
    match value.get("body").filter(|body| !body.is_null()) {
        Some(body) => Ok(check::text(body, "text", "interactive['body']['text']", 1, max)?.to_owned()),
        None if needed => Err(GraphError::missing("interactive['body']")),
        None => Ok(String::new()),
    }
}

fn named(action: &Value, name: &str) -> Answer<()> {
    if action.get("name").and_then(Value::as_str) == Some(name) {
        return Ok(());
    }
    Err(GraphError::value(format!("interactive['action']['name'] must be \"{name}\".")))
}

fn action(world: &World, number: &Number, kind: &str, action: &Value) -> Answer<()> {
    let parameters = || check::object(action, "parameters", "interactive['action']['parameters']");
    match kind {
        "button" => buttons(action),
        "list" => list(action),
        "cta_url" => named(action, "cta_url").and_then(|()| cta_url(parameters()?)),
        "location_request_message" => named(action, "send_location"),
        "request_contact_info" => named(action, "request_contact_info"),
        "address_message" => {
            named(action, "address_message")?;
            match parameters()?.get("country").and_then(Value::as_str) {
                Some("IN") => Ok(()),
                _ => Err(GraphError::value("Address messages are for India (country \"IN\") only.")),
            }
        }
        "flow" => named(action, "flow").and_then(|()| flow(parameters()?)),
        "product" => product(action),
        "product_list" => {
            let sections = check::list(action, "sections", "sections", 1, 10)?;
            products(sections)
        }
        "catalog_message" => named(action, "catalog_message"),
        "carousel" => carousel(world, number, action),
        "order_details" => named(action, "review_and_pay").and_then(|()| order_details(parameters()?)),
        "order_status" => named(action, "review_order").and_then(|()| order_status(parameters()?)),
        "voice_call" => {
            Err(GraphError::cloud(138000, "Calling not enabled", "Calling is not enabled on this number."))
        }
        _ => named(action, "call_permission_request"),
    }
}

fn buttons(action: &Value) -> Answer<()> {
    let buttons = check::list(action, "buttons", "buttons", 1, 3)?;
    let mut replies = Vec::new();
    for button in buttons {
        if button.get("type").and_then(Value::as_str) != Some("reply") {
            return Err(GraphError::value("Button type must be \"reply\"."));
        }
        let reply = check::object(button, "reply", "interactive['action']['buttons']['reply']")?;
        let id = check::text(reply, "id", "interactive['action']['buttons']['reply']['id']", 1, 256)?;
        let title = check::text(reply, "title", "interactive['action']['buttons']['reply']['title']", 1, 20)?;
        replies.push((id, title));
    }
    check::unique(replies.iter().map(|(id, _)| *id), "Button ids")?;
    check::unique(replies.iter().map(|(_, title)| *title), "Button titles")
}

fn list(action: &Value) -> Answer<()> {
    check::text(action, "button", "interactive['action']['button']", 1, 20)?;
    let sections = check::list(action, "sections", "sections", 1, 10)?;
    let mut ids = Vec::new();
    for section in sections {
        if sections.len() > 1 || section.get("title").is_some_and(|title| !title.is_null()) {
            check::text(section, "title", "interactive['action']['sections']['title']", 1, 24)?;
        }
        for row in check::list(section, "rows", "rows", 1, 10)? {
            ids.push(check::text(row, "id", "interactive['action']['sections']['rows']['id']", 1, 200)?);
            check::text(row, "title", "interactive['action']['sections']['rows']['title']", 1, 24)?;
            check::optional_text(row, "description", 72)?;
        }
    }
    if ids.len() > 10 {
        return Err(GraphError::value("Total row count exceeds the max allowed count: 10"));
    }
    check::unique(ids.into_iter(), "Row ids")
}

fn cta_url(parameters: &Value) -> Answer<()> {
    check::text(parameters, "display_text", "interactive['action']['parameters']['display_text']", 1, 20)?;
    let url = check::text(parameters, "url", "interactive['action']['parameters']['url']", 1, 2000)?;
    if url::Url::parse(url).is_ok_and(|url| ["http", "https"].contains(&url.scheme())) {
        return Ok(());
    }
    Err(GraphError::value("interactive['action']['parameters']['url'] must start with http:// or https://."))
}

fn flow(parameters: &Value) -> Answer<()> {
    let given = |key: &str| parameters.get(key).is_some_and(|value| !value.is_null());
    if given("flow_id") == given("flow_name") {
        return Err(GraphError::value("A flow message takes flow_id or flow_name, and one of them."));
    }
    check::text(parameters, "flow_cta", "interactive['action']['parameters']['flow_cta']", 1, 30)?;
    let version = parameters.get("flow_message_version").map(|v| v.to_string().replace('"', ""));
    if version.as_deref() != Some("3") {
        return Err(GraphError::value("flow_message_version must be \"3\"."));
    }
    let empty = |data: &Value| data.as_object().is_some_and(serde_json::Map::is_empty);
    if parameters.pointer("/flow_action_payload/data").is_some_and(empty) {
        return Err(GraphError::value("flow_action_payload['data'] must not be empty."));
    }
    Ok(())
}

fn product(action: &Value) -> Answer<()> {
    check::text(action, "catalog_id", "interactive['action']['catalog_id']", 1, 64)?;
    check::text(action, "product_retailer_id", "interactive['action']['product_retailer_id']", 1, 256)?;
    Ok(())
}

/// Sections of products, at most 30 in all; also of a template's MPM button.
pub(super) fn products(sections: &[Value]) -> Answer<()> {
    let mut total = 0;
    for section in sections {
        if sections.len() > 1 {
            check::text(section, "title", "sections['title']", 1, 24)?;
        }
        let items = check::list(section, "product_items", "product_items", 1, 30)?;
        for item in items {
            check::text(item, "product_retailer_id", "product_items['product_retailer_id']", 1, 256)?;
        }
        total += items.len();
    }
    if total > 30 {
        return Err(GraphError::value("Total product count exceeds the max allowed count: 30"));
    }
    Ok(())
}

fn carousel(world: &World, number: &Number, action: &Value) -> Answer<()> {
    let cards = check::list(action, "cards", "cards", 2, 10)?;
    let mut shapes = Vec::new();
    for (index, card) in cards.iter().enumerate() {
        let at = card.get("card_index").and_then(|at| at.as_u64().or_else(|| at.as_str()?.parse().ok()));
        if at != Some(index as u64) {
            return Err(GraphError::value("card_index must count the cards from 0."));
        }
        let card_action = check::object(card, "action", "cards['action']")?;
        if card.get("type").and_then(Value::as_str) == Some("product") {
            product(card_action)?;
            shapes.push("product".to_owned());
            continue;
        }
        let header = check::object(card, "header", "cards['header']")?;
        let form = check::text(header, "type", "cards['header']['type']", 1, 16)?;
        if !["image", "video"].contains(&form) {
            return Err(GraphError::value("A card's header must be an image or a video."));
        }
        media_source(world, number, form, check::object(header, form, "cards['header']")?)?;
        if let Some(body) = card.get("body").filter(|body| !body.is_null()) {
            let text = check::text(body, "text", "cards['body']['text']", 1, 160)?;
            if text.matches('\n').count() > 2 {
                return Err(GraphError::value("A card's body has at most two line breaks."));
            }
        }
        let buttons = match card_action.get("buttons") {
            Some(_) => card_buttons(card_action)?,
            None => {
                named(card_action, "cta_url")?;
                cta_url(check::object(card_action, "parameters", "cards['action']['parameters']")?)?;
                "cta_url".to_owned()
            }
        };
        shapes.push(format!("{form} {buttons}"));
    }
    if shapes.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(GraphError::value("All cards must have the same header type and buttons."));
    }
    Ok(())
}

fn card_buttons(action: &Value) -> Answer<String> {
    let buttons = check::list(action, "buttons", "buttons", 1, 2)?;
    for button in buttons {
        let reply = check::object(button, "quick_reply", "cards['action']['buttons']['quick_reply']")?;
        check::text(reply, "id", "cards['action']['buttons']['quick_reply']['id']", 1, 256)?;
        check::text(reply, "title", "cards['action']['buttons']['quick_reply']['title']", 1, 20)?;
    }
    Ok(format!("{} quick replies", buttons.len()))
}

fn order_details(parameters: &Value) -> Answer<()> {
    check::text(parameters, "reference_id", "parameters['reference_id']", 1, 35)?;
    let currency = check::text(parameters, "currency", "parameters['currency']", 3, 3)?;
    if !["INR", "BRL"].contains(&currency) {
        return Err(GraphError::cloud(
            134011,
            "WhatsApp Payments terms of service has not been accepted",
            "Payments are offered in India (INR) and Brazil (BRL).",
        ));
    }
    let order = check::object(parameters, "order", "parameters['order']")?;
    let amount = |value: Option<&Value>| value.and_then(|amount| amount.get("value")?.as_i64()).unwrap_or(0);
    let sum = amount(order.get("subtotal")) + amount(order.get("tax")) + amount(order.get("shipping"))
        - amount(order.get("discount"));
    if sum != amount(parameters.get("total_amount")) {
        return Err(GraphError::value("total_amount must equal subtotal + tax + shipping - discount."));
    }
    Ok(())
}

fn order_status(parameters: &Value) -> Answer<()> {
    check::text(parameters, "reference_id", "parameters['reference_id']", 1, 35)?;
    let order = check::object(parameters, "order", "parameters['order']")?;
    let status = check::text(order, "status", "parameters['order']['status']", 1, 32)?;
    let known = ["pending", "processing", "partially_shipped", "shipped", "completed", "canceled"];
    if known.contains(&status) {
        return Ok(());
    }
    Err(GraphError::value(format!("Order status \"{status}\" is not one of {}.", known.join(", "))))
}
