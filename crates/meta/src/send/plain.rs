//! A template as whoever gets it reads it.

use serde_json::Value;

use super::{Component, Parameter, Template};

impl Template {
    /// As plain text, given its approved parts as Meta lists them (`components`): header, body, footer, and where its buttons
    /// lead.
    pub fn plain(&self, approved: &Value) -> String {
        let parts: Vec<String> = approved
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|part| match part["type"].as_str().unwrap_or_default().to_ascii_uppercase().as_str() {
                "HEADER" => vec![gaps(text(part), &header(self))],
                "BODY" => vec![gaps(text(part), &body(self))],
                "FOOTER" => vec![text(part).to_owned()],
                "BUTTONS" => buttons(part, self),
                _ => Vec::new(),
            })
            .filter(|part| !part.trim().is_empty())
            .collect();
        parts.join("\n\n")
    }
}

fn text(part: &Value) -> &str {
    part["text"].as_str().unwrap_or_default()
}

fn header(filled: &Template) -> Vec<Parameter> {
    filled
        .components
        .iter()
        .find_map(|part| match part {
            Component::Header { parameters } => Some(parameters.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

fn body(filled: &Template) -> Vec<Parameter> {
    filled
        .components
        .iter()
        .find_map(|part| match part {
            Component::Body { parameters } => Some(parameters.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// Where buttons lead: addresses and numbers; the others mean nothing outside WhatsApp.
fn buttons(part: &Value, filled: &Template) -> Vec<String> {
    let shown = part["buttons"].as_array().into_iter().flatten().enumerate().filter_map(|(place, button)| {
        let label = text(button);
        match button["type"].as_str()? {
            "URL" => {
                let filling = filled.components.iter().find_map(|part| match part {
                    Component::Button { index, parameters, .. } if usize::from(*index) == place => {
                        Some(parameters.clone())
                    }
                    _ => None,
                });
                Some(format!("{label}: {}", gaps(button["url"].as_str()?, &filling.unwrap_or_default())))
            }
            "PHONE_NUMBER" => Some(format!("{label}: {}", button["phone_number"].as_str()?)),
            _ => None,
        }
    });
    vec![shown.collect::<Vec<_>>().join("\n")]
}

/// Fills `{{1}}` and `{{name}}`.
fn gaps(text: &str, parameters: &[Parameter]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((gap, after)) = after.split_once("}}") else { break };
        filled.push_str(before);
        filled.push_str(&value(gap.trim(), parameters));
        rest = after;
    }
    filled + rest
}

fn value(gap: &str, parameters: &[Parameter]) -> String {
    let named = parameters.iter().find(
        |parameter| matches!(parameter, Parameter::Text { parameter_name: Some(name), .. } if name == gap),
    );
    let numbered = || parameters.get(gap.parse::<usize>().ok()?.checked_sub(1)?);
    match named.or_else(numbered) {
        Some(Parameter::Text { text, .. }) => text.clone(),
        Some(Parameter::Currency { currency }) => currency.fallback_value.clone(),
        Some(Parameter::DateTime { date_time }) => date_time.fallback_value.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_template_reads_as_its_contact_would_see_it() {
        let approved = json!([
            { "type": "HEADER", "format": "TEXT", "text": "Pesanan {{1}}" },
            { "type": "BODY", "text": "Halo {{name}}, pesanan Anda siap pukul {{at}}." },
            { "type": "FOOTER", "text": "Kopi Senja" },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Baik" },
                { "type": "URL", "text": "Lacak", "url": "https://kopi.example/{{1}}" },
                { "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+62811" },
            ] },
        ]);
        let filled: Template = serde_json::from_value(json!({
            "name": "ready", "language": { "code": "id" }, "components": [
                { "type": "header", "parameters": [{ "type": "text", "text": "77" }] },
                { "type": "body", "parameters": [
                    { "type": "text", "text": "10.00", "parameter_name": "at" },
                    { "type": "text", "text": "Rina {{at}}", "parameter_name": "name" },
                ] },
                { "type": "button", "sub_type": "url", "index": "1", "parameters": [{ "type": "text", "text": "a7" }] },
            ],
        }))
        .unwrap();
        assert_eq!(
            filled.plain(&approved),
            "Pesanan 77\n\nHalo Rina {{at}}, pesanan Anda siap pukul 10.00.\n\nKopi Senja\n\n\
             Lacak: https://kopi.example/a7\nTelepon: +62811"
        );
    }
}
