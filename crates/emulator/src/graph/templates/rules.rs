//! What is refused at once of the parts of a template, with the codes of meta-messaging 7.5 and 7.10.

use serde_json::{Value, json};

use super::super::error::{Answer, GraphError};
use super::super::messages::variables;
use super::super::params::Params;
use crate::world::World;

/// An error of a template call (meta-messaging 7.10, 17 and 18).
pub(super) fn invalid(subcode: i64, title: &str, text: &str) -> GraphError {
    let mut error = GraphError::core(400, 100, "Invalid parameter").with_subcode(subcode);
    error.user = Some((title.to_owned(), text.to_owned()));
    error
}

/// What a template is checked as.
pub(super) struct Checked<'a> {
    pub world: &'a World,
    pub category: &'a str,
    pub named: bool,
}

/// The components of a call, checked and written as Meta lists them.
pub(super) fn components(params: &Params, checked: &Checked<'_>) -> Answer<Vec<Value>> {
    let given = params.json("components").and_then(|list| list.as_array().cloned());
    let mut components = given.ok_or_else(|| GraphError::missing("components"))?;
    components.iter_mut().for_each(upper);
    if checked.category == "AUTHENTICATION" {
        authentication(&components)?;
        write_authentication(&mut components);
        return Ok(components);
    }
    let has = |kind: &str| components.iter().any(|part| is(part, kind));
    if !has("BODY") {
        return Err(GraphError::parameter("A template needs a component of type BODY."));
    }
    let is_offer = has("LIMITED_TIME_OFFER");
    if (is_offer || has("CAROUSEL")) && checked.category != "MARKETING" {
        return Err(GraphError::parameter("This component is for MARKETING templates only."));
    }
    if is_offer && has("FOOTER") {
        return Err(invalid(2388073, "Invalid footer", "A limited-time offer has no footer."));
    }
    let most_body = if is_offer { 600 } else { 1024 };
    for component in &components {
        part(component, checked, most_body)?;
    }
    components.iter_mut().for_each(hide_handle);
    Ok(components)
}

fn is(component: &Value, kind: &str) -> bool {
    component.get("type").and_then(Value::as_str) == Some(kind)
}

fn words<'a>(component: &'a Value, key: &str) -> &'a str {
    component.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn part(component: &Value, checked: &Checked<'_>, most_body: usize) -> Answer<()> {
    match words(component, "type") {
        "HEADER" => header(component, checked),
        "BODY" => body(component, checked, most_body),
        "FOOTER" => footer(component),
        "BUTTONS" => buttons(component),
        "LIMITED_TIME_OFFER" => offer(component),
        "CAROUSEL" => carousel(component, checked),
        other => Err(GraphError::parameter(format!("Param components type {other:?} is not valid."))),
    }
}

fn header(component: &Value, checked: &Checked<'_>) -> Answer<()> {
    let wrong = |text: &str| Err(invalid(2388047, "Invalid header", text));
    let text = words(component, "text");
    match words(component, "format") {
        "TEXT" => {
            if text.is_empty() || text.contains('\n') || text.contains('*') || variables(text).len() > 1 {
                return wrong("The header takes one line without formatting and with at most one variable.");
            }
            too_long(text, 60)?;
            samples(component, "header_text", text, checked.named)
        }
        "IMAGE" | "VIDEO" | "DOCUMENT" | "GIF" => {
            let handle =
                component.pointer("/example/header_handle/0").and_then(Value::as_str).unwrap_or_default();
            if handle.is_empty() {
                return Err(sample_missing());
            }
            let known = checked.world.uploads.values().any(|upload| upload.handle.as_deref() == Some(handle));
            // Whoever edits may give back what was listed.
            if known || handle.starts_with(SHOWN) {
                Ok(())
            } else {
                wrong("The sample is not the handle of an upload.")
            }
        }
        "LOCATION" | "PRODUCT" => Ok(()),
        _ => wrong("The header has no format."),
    }
}

fn body(component: &Value, checked: &Checked<'_>, most: usize) -> Answer<()> {
    let text = words(component, "text");
    if text.is_empty() || text.chars().count() > most {
        return Err(invalid(2388072, "Invalid body", &format!("The body takes 1 to {most} characters.")));
    }
    if text.trim_start().starts_with("{{") || text.trim_end().ends_with("}}") {
        return Err(invalid(
            2388299,
            "Leading or trailing parameters not allowed",
            "Variables can't be at the start or end of the template.",
        ));
    }
    let gaps = variables(text);
    let in_turn = || gaps.iter().enumerate().all(|(at, gap)| *gap == (at + 1).to_string());
    let is_named =
        || gaps.iter().all(|gap| !gap.is_empty() && gap.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
    let fits = if checked.named { is_named() } else { in_turn() };
    let touching = text
        .split("}}")
        .skip(1)
        .any(|after| after.split_once("{{").is_some_and(|(between, _)| between.trim().is_empty()));
    if !fits || touching {
        return Err(invalid(
            2388072,
            "Invalid body",
            "Variables are numbered in turn, or named, and stand apart.",
        ));
    }
    if text.matches("{{").count() * 2 + 1 > text.split_whitespace().count() {
        return Err(invalid(
            2388293,
            "Parameters words ratio exceeds limit",
            "This template has too many variables for its length.",
        ));
    }
    samples(component, "body_text", text, checked.named)
}

fn footer(component: &Value) -> Answer<()> {
    let text = words(component, "text");
    if text.is_empty() || !variables(text).is_empty() {
        return Err(invalid(2388073, "Invalid footer", "The footer takes words without variables."));
    }
    too_long(text, 60)
}

fn buttons(component: &Value) -> Answer<()> {
    let list = component.get("buttons").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of = |kind: &str| list.iter().filter(|button| is(button, kind)).count();
    if list.is_empty() || list.len() > 10 {
        return Err(GraphError::parameter("A template takes 1 to 10 buttons."));
    }
    if of("URL") > 2 || of("PHONE_NUMBER") > 1 || of("COPY_CODE") > 1 {
        return Err(GraphError::parameter("There are too many buttons of one type."));
    }
    let replies = list.chunk_by(|a, b| is(a, "QUICK_REPLY") == is(b, "QUICK_REPLY"));
    if replies.filter(|run| is(&run[0], "QUICK_REPLY")).count() > 1 {
        return Err(GraphError::parameter("Quick reply buttons must be grouped together."));
    }
    for button in list {
        let label = words(button, "text");
        let has_label = !["COPY_CODE", "REQUEST_CONTACT_INFO"].contains(&words(button, "type"));
        if has_label && label.is_empty() {
            return Err(GraphError::missing("text"));
        }
        too_long(label, 25)?;
        let url = words(button, "url");
        if is(button, "URL") {
            too_long(url, 2000)?;
            let gaps = url.matches("{{").count();
            let fits = url.starts_with("http") && (gaps == 0 || (gaps == 1 && url.ends_with("}}")));
            if !fits {
                return Err(GraphError::parameter(
                    "Param url takes an address with at most one variable at its end.",
                ));
            }
            if gaps == 1 && button.get("example").is_none() {
                return Err(sample_missing());
            }
        }
        if is(button, "OTP") {
            return Err(GraphError::parameter("OTP buttons are for AUTHENTICATION templates only."));
        }
    }
    Ok(())
}

fn offer(component: &Value) -> Answer<()> {
    let text = component.pointer("/limited_time_offer/text").and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() { Err(GraphError::missing("limited_time_offer['text']")) } else { too_long(text, 16) }
}

fn carousel(component: &Value, checked: &Checked<'_>) -> Answer<()> {
    let cards = component.get("cards").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !(2..=10).contains(&cards.len()) {
        return Err(GraphError::parameter("A carousel takes 2 to 10 cards."));
    }
    for card in cards {
        for component in card.get("components").and_then(Value::as_array).into_iter().flatten() {
            part(component, checked, 160)?;
        }
    }
    Ok(())
}

fn too_long(text: &str, most: usize) -> Answer<()> {
    if text.chars().count() <= most {
        return Ok(());
    }
    Err(invalid(2388040, "Field too long", &format!("A field takes at most {most} characters.")))
}

fn sample_missing() -> GraphError {
    invalid(2388042, "Sample missing", "Give a sample for every variable and for media.")
}

/// Every variable has a sample.
fn samples(component: &Value, key: &str, text: &str, named: bool) -> Answer<()> {
    let wanted = variables(text).len();
    let example = component.get("example");
    let given = if named {
        example.and_then(|it| it.get(format!("{key}_named_params"))?.as_array())
    } else if key == "body_text" {
        example.and_then(|it| it.pointer("/body_text/0")?.as_array())
    } else {
        example.and_then(|it| it.get(key)?.as_array())
    };
    if given.map_or(0, Vec::len) < wanted { Err(sample_missing()) } else { Ok(()) }
}

/// How samples are listed: as addresses.
const SHOWN: &str = "https://scontent.whatsapp.net/";

/// A handle comes back as an address.
fn hide_handle(component: &mut Value) {
    if let Some(handle) = component.pointer_mut("/example/header_handle/0") {
        let given = handle.as_str().unwrap_or_default();
        if !given.starts_with(SHOWN) {
            let name = given.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
            *handle = format!("{SHOWN}v/t61/{name:016x}").into();
        }
    }
    for key in ["cards", "components"] {
        component.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().for_each(hide_handle);
    }
}

/// Types and formats in upper case, at every depth of a component.
fn upper(component: &mut Value) {
    for key in ["type", "format", "otp_type"] {
        if let Some(Value::String(text)) = component.get_mut(key) {
            text.make_ascii_uppercase();
        }
    }
    for key in ["buttons", "cards", "components"] {
        component.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().for_each(upper);
    }
}

fn authentication(components: &[Value]) -> Answer<()> {
    let wrong = |text: &str| Err(GraphError::parameter(text));
    let buttons = components.iter().find_map(|part| part.get("buttons")?.as_array());
    let [otp] = buttons.map(Vec::as_slice).unwrap_or_default() else {
        return wrong("An authentication template takes one button of type OTP.");
    };
    let kind = words(otp, "otp_type");
    if !is(otp, "OTP") || !["COPY_CODE", "ONE_TAP", "ZERO_TAP"].contains(&kind) {
        return wrong("An authentication template takes one button of type OTP.");
    }
    let apps = otp.get("supported_apps").and_then(Value::as_array).map_or(0, Vec::len);
    if apps > 5 || (kind != "COPY_CODE" && apps == 0) {
        return wrong("Param supported_apps takes 1 to 5 apps.");
    }
    for component in components {
        let minutes = component.get("code_expiration_minutes").and_then(Value::as_u64);
        if minutes.is_some_and(|minutes| !(1..=90).contains(&minutes)) {
            return wrong("Param code_expiration_minutes must be 1 to 90.");
        }
        if is(component, "HEADER") || is(component, "CAROUSEL") || component.get("text").is_some() {
            return wrong("An authentication template has fixed text and no media.");
        }
    }
    Ok(())
}

/// Authentication templates have Meta's text; their one-time-password button comes back as a URL button.
pub(super) fn write_authentication(components: &mut [Value]) {
    for component in components {
        match component.get("type").and_then(Value::as_str) {
            Some("BODY") => {
                let advice =
                    component.get("add_security_recommendation").and_then(Value::as_bool) == Some(true);
                let tail = if advice { " For your security, do not share this code." } else { "" };
                component["text"] = format!("*{{{{1}}}}* is your verification code.{tail}").into();
                component["example"] = json!({"body_text": [["123456"]]});
            }
            Some("FOOTER") => {
                if let Some(minutes) = component.get("code_expiration_minutes").and_then(Value::as_u64) {
                    component["text"] = format!("This code expires in {minutes} minutes.").into();
                }
            }
            Some("BUTTONS") => {
                component["buttons"] = json!([{
                    "type": "URL",
                    "text": "Copy code",
                    "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                }]);
            }
            _ => {}
        }
    }
}
