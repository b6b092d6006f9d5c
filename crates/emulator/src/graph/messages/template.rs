//! Template sends: the template, and its parameters against the approved definition (meta-messaging 1.5).

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::error::{Answer, GraphError};
use super::check;
use super::interactive::products;
use super::source::media_source;
use crate::messaging::Content;
use crate::world::{Account, Number, Template, TemplateErrors, TemplateStatus, World};

/// Checks a template send and renders what the reader sees.
pub(super) fn read(
    world: &World,
    number: &Number,
    account: &Account,
    value: &Value,
    by_bsuid: bool,
) -> Answer<Content> {
    let name = check::text(value, "name", "template['name']", 1, 512)?;
    let language = check::object(value, "language", "template['language']")?;
    let code = check::text(language, "code", "template['language']['code']", 2, 16)?;
    if language.get("policy").and_then(Value::as_str).is_some_and(|policy| policy != "deterministic") {
        return Err(GraphError::parameter(
            "Param template['language']['policy'] must be one of {deterministic}.",
        ));
    }
    let template = sendable(world, account, name, code)?;
    if by_bsuid && template.category == "AUTHENTICATION" {
        return Err(GraphError::cloud(
            131062,
            "Business-scoped User ID (BSUID) recipients are not supported for this message.",
            "Business-scoped User ID (BSUID) recipients are not supported for this message.",
        ));
    }
    let given = value.get("components").and_then(Value::as_array).cloned().unwrap_or_default();
    let errors = Errors { joint: world.rules().template_errors == TemplateErrors::Joint };
    let checker = Checker { world, number, errors, named: template.parameter_format == "NAMED" };
    let rendered = checker.components(&template.components, &given)?;
    let text = rendered.lines.join("\n");
    let mut content = Content::new("template", value, text);
    content.category = Some(template.category.clone());
    (content.link, content.media_flaw) = (rendered.link, rendered.media_flaw);
    Ok(content)
}

/// The approved template with this name and language.
fn sendable<'w>(world: &'w World, account: &Account, name: &str, code: &str) -> Answer<&'w Template> {
    let missing = || {
        let details = format!("template name ({name}) does not exist in {code}");
        GraphError::cloud(132001, "Template name does not exist in the translation", details)
    };
    let template = world.template(&account.id, name, code).ok_or_else(missing)?;
    match template.status {
        TemplateStatus::Approved => Ok(template),
        TemplateStatus::Paused => {
            Err(GraphError::cloud(132015, "Template is Paused", "Template is paused due to low quality."))
        }
        TemplateStatus::Disabled => Err(GraphError::cloud(
            132016,
            "Template is Disabled",
            "Template has been paused too many times due to low quality and is now permanently disabled.",
        )),
        TemplateStatus::Pending | TemplateStatus::Rejected | TemplateStatus::Archived => Err(missing()),
    }
}

/// Which codes parameter problems get.
#[derive(Clone, Copy)]
struct Errors {
    joint: bool,
}

impl Errors {
    fn make(self, code: i64, title: &str, details: String) -> GraphError {
        if self.joint {
            return GraphError::cloud(132018, "Template validation error", details);
        }
        GraphError::cloud(code, title, details)
    }

    fn count(self, place: &str, given: usize, expected: usize) -> GraphError {
        self.make(
            132000,
            "Number of parameters does not match the expected number of params",
            format!(
                "{place}: number of localizable_params ({given}) does not match the expected number of params \
                 ({expected})"
            ),
        )
    }

    fn format(self, details: String) -> GraphError {
        self.make(132012, "Parameter format does not match format in the created template", details)
    }
}

#[derive(Default)]
struct Rendered {
    lines: Vec<String>,
    link: Option<String>,
    media_flaw: Option<String>,
}

struct Checker<'w> {
    world: &'w World,
    number: &'w Number,
    errors: Errors,
    named: bool,
}

fn is(component: &Value, key: &str, name: &str) -> bool {
    component.get(key).and_then(Value::as_str).is_some_and(|found| found.eq_ignore_ascii_case(name))
}

fn parameters(component: Option<&Value>) -> &[Value] {
    component.and_then(|it| it.get("parameters")?.as_array()).map(Vec::as_slice).unwrap_or_default()
}

/// The variables of a text, `{{1}}` or `{{name}}`, in their order, each once.
pub fn variables(text: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else { break };
        let name = name.trim().to_owned();
        if !found.contains(&name) {
            found.push(name);
        }
        rest = tail;
    }
    found
}

impl Checker<'_> {
    fn components(&self, defined: &[Value], given: &[Value]) -> Answer<Rendered> {
        let find = |name: &str| given.iter().find(|component| is(component, "type", name));
        let mut rendered = Rendered::default();
        for component in given {
            let known = [
                "header",
                "body",
                "button",
                "limited_time_offer",
                "carousel",
                "footer",
                "tap_target_configuration",
            ];
            if !known.iter().any(|name| is(component, "type", name)) {
                return Err(GraphError::parameter("Param template['components']['type'] is not valid."));
            }
        }
        for definition in defined {
            let kind =
                definition.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
            let text = definition.get("text").and_then(Value::as_str).unwrap_or_default();
            match kind.as_str() {
                "HEADER" => self.header(definition, find("header"), &mut rendered)?,
                "BODY" => {
                    let line = self.text("body", text, parameters(find("body")))?;
                    if line.chars().count() > 1024 {
                        return Err(GraphError::cloud(
                            132005,
                            "Template hydrated text too long",
                            "The text with its parameters is longer than 1024 characters.",
                        ));
                    }
                    rendered.lines.push(line);
                }
                "FOOTER" => rendered.lines.push(text.to_owned()),
                "BUTTONS" => {
                    let buttons = definition.get("buttons").and_then(Value::as_array);
                    self.buttons(buttons.map(Vec::as_slice).unwrap_or_default(), given)?;
                }
                "LIMITED_TIME_OFFER" => self.offer(definition, find("limited_time_offer"))?,
                "CAROUSEL" => self.carousel(definition, find("carousel"))?,
                _ => {}
            }
        }
        if !defined.iter().any(|it| is(it, "type", "HEADER")) && !parameters(find("header")).is_empty() {
            return Err(self.errors.count("header", parameters(find("header")).len(), 0));
        }
        Ok(rendered)
    }

    fn header(&self, definition: &Value, given: Option<&Value>, rendered: &mut Rendered) -> Answer<()> {
        let format = definition.get("format").and_then(Value::as_str).unwrap_or("TEXT").to_ascii_uppercase();
        let given = parameters(given);
        if format == "TEXT" {
            let text = definition.get("text").and_then(Value::as_str).unwrap_or_default();
            rendered.lines.push(self.text("header", text, given)?);
            return Ok(());
        }
        let received =
            given.first().and_then(|parameter| parameter.get("type")?.as_str()).unwrap_or("unknown");
        if !received.eq_ignore_ascii_case(&format) {
            let received = received.to_ascii_uppercase();
            return Err(self
                .errors
                .format(format!("header: Format mismatch, expected {format}, received {received}")));
        }
        if ["IMAGE", "VIDEO", "DOCUMENT"].contains(&format.as_str()) {
            let kind = format.to_ascii_lowercase();
            let media = check::object(&given[0], &kind, &format!("template['components']['{kind}']"))?;
            (rendered.link, rendered.media_flaw) = media_source(self.world, self.number, &kind, media)?;
        }
        Ok(())
    }

    /// Checks the parameters of a text and puts them in.
    fn text(&self, place: &str, text: &str, given: &[Value]) -> Answer<String> {
        let wanted = variables(text);
        if given.len() != wanted.len() {
            return Err(self.errors.count(place, given.len(), wanted.len()));
        }
        let mut filled = text.to_owned();
        let mut seen = BTreeSet::new();
        for (index, parameter) in given.iter().enumerate() {
            let name = parameter.get("parameter_name").and_then(Value::as_str);
            let variable = match (self.named, name) {
                (true, Some(name)) if wanted.iter().any(|it| it == name) && seen.insert(name) => name,
                (false, None) => wanted[index].as_str(),
                (true, _) => {
                    return Err(self
                        .errors
                        .format(format!("{place}: every parameter needs its own parameter_name")));
                }
                (false, Some(_)) => {
                    return Err(self
                        .errors
                        .format(format!("{place}: the template's parameters are positional")));
                }
            };
            let value = self.value(place, parameter)?;
            filled = filled.replace(&format!("{{{{{variable}}}}}"), &value);
        }
        Ok(filled)
    }

    /// What a text parameter reads as.
    fn value(&self, place: &str, parameter: &Value) -> Answer<String> {
        let kind = parameter.get("type").and_then(Value::as_str).unwrap_or_default();
        let value = match kind {
            "text" => parameter.get("text").and_then(Value::as_str),
            "currency" | "date_time" => parameter.get(kind).and_then(|it| it.get("fallback_value")?.as_str()),
            other => {
                let received =
                    if other.is_empty() { "UNKNOWN".to_owned() } else { other.to_ascii_uppercase() };
                return Err(self
                    .errors
                    .format(format!("{place}: Format mismatch, expected TEXT, received {received}")));
            }
        };
        let value = value.filter(|value| !value.is_empty()).ok_or_else(|| {
            GraphError::required(format!("{place}: a parameter of type {kind} has no value"))
        })?;
        if value.contains(['\n', '\t']) || value.contains("     ") {
            return Err(self.errors.format(format!(
                "{place}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
            )));
        }
        Ok(value.to_owned())
    }

    fn buttons(&self, defined: &[Value], given: &[Value]) -> Answer<()> {
        let index_of = |component: &Value| {
            let index = component.get("index")?;
            index.as_u64().or_else(|| index.as_str()?.parse().ok())
        };
        let given: Vec<&Value> = given.iter().filter(|component| is(component, "type", "button")).collect();
        if let Some(stray) =
            given.iter().find(|it| index_of(it).is_none_or(|index| index >= defined.len() as u64))
        {
            let index = stray.get("index").map(Value::to_string).unwrap_or_default();
            return Err(GraphError::value(format!("buttons: the template has no button at index {index}")));
        }
        for (index, definition) in defined.iter().enumerate() {
            let kind =
                definition.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
            let component = given.iter().copied().find(|it| index_of(it) == Some(index as u64));
            let parameter = parameters(component).first();
            let needs = match kind.as_str() {
                "URL" => {
                    let url = definition.get("url").and_then(Value::as_str).unwrap_or_default();
                    (!variables(url).is_empty()).then_some(("Url", "text"))
                }
                "OTP" => Some(("Url", "text")),
                "COPY_CODE" => Some(("CopyCode", "coupon_code")),
                "MPM" => Some(("Mpm", "action")),
                _ => None,
            };
            match (needs, parameter) {
                (Some((name, _)), None) => {
                    return Err(GraphError::required(format!(
                        "buttons: Button at index {index} of type {name} requires a parameter"
                    )));
                }
                (Some((name, wanted)), Some(parameter)) if !is(parameter, "type", wanted) => {
                    return Err(self.errors.format(format!(
                        "buttons: Button at index {index} of type {name} takes a parameter of type {wanted}"
                    )));
                }
                (None, Some(parameter)) if kind == "QUICK_REPLY" => {
                    check::text(
                        parameter,
                        "payload",
                        "template['components']['parameters']['payload']",
                        1,
                        256,
                    )?;
                }
                (Some(("Mpm", _)), Some(parameter)) => {
                    let action = check::object(parameter, "action", "template['components']['action']")?;
                    products(check::list(action, "sections", "sections", 1, 10)?)?;
                }
                (None, Some(_)) if kind == "URL" || kind == "PHONE_NUMBER" => {
                    return Err(self.errors.count("buttons", 1, 0));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn offer(&self, definition: &Value, given: Option<&Value>) -> Answer<()> {
        let expires = definition.pointer("/limited_time_offer/has_expiration").and_then(Value::as_bool);
        let time = parameters(given)
            .first()
            .and_then(|it| it.pointer("/limited_time_offer/expiration_time_ms")?.as_i64());
        if expires.unwrap_or(false) && time.is_none() {
            return Err(GraphError::required("limited_time_offer: expiration_time_ms is required"));
        }
        Ok(())
    }

    fn carousel(&self, definition: &Value, given: Option<&Value>) -> Answer<()> {
        let cards = |it: &Value| it.get("cards").and_then(Value::as_array).cloned().unwrap_or_default();
        let (defined, given) = (cards(definition), given.map(cards).unwrap_or_default());
        if defined.len() != given.len() {
            return Err(self.errors.count("carousel", given.len(), defined.len()));
        }
        for (definition, card) in defined.iter().zip(&given) {
            let list =
                |it: &Value| it.get("components").and_then(Value::as_array).cloned().unwrap_or_default();
            self.components(&list(definition), &list(card))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn variables_are_found_in_order() {
        assert_eq!(variables("Hi {{1}}, {{2}} and {{1}}"), ["1", "2"]);
        assert_eq!(variables("Hi {{first_name}} {{ x }}"), ["first_name", "x"]);
        assert!(variables("no {{ end").is_empty());
    }
}
