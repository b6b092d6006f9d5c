//! A template in somebody's language, and what fills its gaps for them.

use std::collections::BTreeMap;

use meta::send::{
    ButtonKind, Captioned, Component, Content, Document, Language, Parameter, Source as File,
    Template as Sent,
};
use rules::id::MediaId;
use serde::Serialize;
use serde_json::Value;
use store::templates::Template;
use utoipa::ToSchema;

use super::words::base;

/// The template in the language of whoever gets it: the very language, one of the same tongue, or the language for
/// everybody else. Approved ones come first.
pub(super) fn in_language<'t>(
    templates: &'t [Template],
    theirs: Option<&str>,
    otherwise: &str,
) -> Option<&'t Template> {
    let plain = |language: &str| language.replace('-', "_").to_lowercase();
    let ready = |template: &&Template| template.status == "APPROVED";
    let named =
        |language: &str| templates.iter().find(|template| plain(&template.language) == plain(language));
    let theirs = theirs.filter(|language| !language.is_empty());
    let akin = |language: &str| {
        let tongue = plain(base(language));
        templates.iter().find(|template| plain(base(&template.language)) == tongue && ready(template))
    };
    theirs
        .and_then(|language| named(language).filter(ready).or_else(|| akin(language)))
        .or_else(|| named(otherwise))
}

/// The gaps of a template, by the names under which they are filled.
pub(super) fn gaps(template: &Template) -> Vec<String> {
    let mut gaps = Vec::new();
    for part in parts(template) {
        match kind(part).as_str() {
            "HEADER" if is_file(part) => gaps.push("header".to_owned()),
            "HEADER" => gaps.extend(names(text(part)).into_iter().map(|name| format!("header.{name}"))),
            "BODY" => gaps.extend(names(text(part)).into_iter().map(|name| format!("body.{name}"))),
            "BUTTONS" => gaps.extend(
                buttons(part)
                    .filter(|(_, button)| takes_something(button))
                    .map(|(n, _)| format!("button.{n}")),
            ),
            _ => {}
        }
    }
    gaps
}

fn parts(template: &Template) -> &[Value] {
    template.components.0.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn kind(part: &Value) -> String {
    part["type"].as_str().unwrap_or_default().to_ascii_uppercase()
}

fn text(part: &Value) -> &str {
    part["text"].as_str().unwrap_or_default()
}

fn format_of(part: &Value) -> String {
    part["format"].as_str().unwrap_or("TEXT").to_ascii_lowercase()
}

fn is_file(part: &Value) -> bool {
    matches!(format_of(part).as_str(), "image" | "video" | "document")
}

fn buttons(part: &Value) -> impl Iterator<Item = (usize, &Value)> {
    part["buttons"].as_array().map(Vec::as_slice).unwrap_or_default().iter().enumerate()
}

fn takes_something(button: &Value) -> bool {
    match kind(button).as_str() {
        "URL" => !names(button["url"].as_str().unwrap_or_default()).is_empty(),
        "COPY_CODE" => true,
        _ => false,
    }
}

/// The names between `{{` and `}}`, each once.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for piece in text.split("{{").skip(1) {
        if let Some((name, _)) = piece.split_once("}}") {
            let name = name.trim().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The template as it is sent with these in its gaps.
pub(super) fn filled(template: &Template, values: &BTreeMap<String, String>) -> Sent {
    let named = template.parameter_format.eq_ignore_ascii_case("named");
    let value = |gap: &str| values.get(gap).cloned().unwrap_or_default();
    let texts = |part: &Value, of: &str| -> Vec<Parameter> {
        let parameter = |name: String| Parameter::Text {
            text: value(&format!("{of}.{name}")),
            parameter_name: named.then_some(name),
        };
        names(text(part)).into_iter().map(parameter).collect()
    };
    let mut components = Vec::new();
    for part in parts(template) {
        match kind(part).as_str() {
            "HEADER" if is_file(part) => {
                let link = File::Link(value("header"));
                components.push(Component::Header { parameters: vec![file(&format_of(part), link)] });
            }
            "HEADER" => {
                components
                    .extend(some(texts(part, "header")).map(|parameters| Component::Header { parameters }));
            }
            "BODY" => {
                components.extend(some(texts(part, "body")).map(|parameters| Component::Body { parameters }));
            }
            "BUTTONS" => components.extend(
                buttons(part)
                    .filter(|(_, button)| takes_something(button))
                    .filter_map(|(n, button)| filled_button(n, button, value(&format!("button.{n}")))),
            ),
            _ => {}
        }
    }
    Sent { name: template.name.clone(), language: Language { code: template.language.clone() }, components }
}

/// What a header is, where it is a file.
pub(super) fn header_format(template: &Template) -> Option<String> {
    parts(template).iter().find(|part| kind(part) == "HEADER" && is_file(part)).map(format_of)
}

/// A file that was uploaded, as a message of its own: what fits there fits into a header.
pub(super) fn file_alone(format: &str, id: MediaId) -> Content {
    let source = File::Id(id.to_string());
    match format {
        "image" => Content::Image(Captioned { source, caption: None }),
        "video" => Content::Video(Captioned { source, caption: None }),
        _ => Content::Document(Document { source, caption: None, filename: None }),
    }
}

fn some(parameters: Vec<Parameter>) -> Option<Vec<Parameter>> {
    (!parameters.is_empty()).then_some(parameters)
}

fn file(format: &str, link: File) -> Parameter {
    match format {
        "image" => Parameter::Image { image: link },
        "video" => Parameter::Video { video: link },
        _ => Parameter::Document { document: Document { source: link, caption: None, filename: None } },
    }
}

fn filled_button(n: usize, button: &Value, value: String) -> Option<Component> {
    let index = u8::try_from(n).ok()?;
    let (sub_type, parameter) = match kind(button).as_str() {
        "URL" => (ButtonKind::Url, Parameter::Text { text: value, parameter_name: None }),
        _ => (ButtonKind::CopyCode, Parameter::CouponCode { coupon_code: value }),
    };
    Some(Component::Button { sub_type, index, parameters: vec![parameter] })
}

/// A template as the phone shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RenderedTemplate)]
pub(super) struct Rendered {
    /// The line above.
    pub header: Option<String>,
    /// The text.
    pub body: String,
    /// The line below.
    pub footer: Option<String>,
    /// What can be tapped.
    pub buttons: Vec<String>,
}

/// The template as the phone shows it with these in its gaps.
pub(super) fn rendered(template: &Template, values: &BTreeMap<String, String>) -> Rendered {
    let shown = |part: &Value, of: &str| {
        names(text(part)).into_iter().fold(text(part).to_owned(), |text, name| {
            let value = values.get(&format!("{of}.{name}")).map(String::as_str).unwrap_or_default();
            text.replace(&format!("{{{{{name}}}}}"), value)
        })
    };
    let mut whole = Rendered::default();
    for part in parts(template) {
        match kind(part).as_str() {
            "HEADER" if is_file(part) => whole.header = Some(format!("[{}]", format_of(part))),
            "HEADER" => whole.header = Some(shown(part, "header")).filter(|text| !text.is_empty()),
            "BODY" => whole.body = shown(part, "body"),
            "FOOTER" => whole.footer = Some(text(part).to_owned()),
            "BUTTONS" => {
                whole.buttons = buttons(part).map(|(_, button)| text(button).to_owned()).collect();
            }
            _ => {}
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use rules::id::{AccountId, TemplateId};
    use rules::time::Timestamp;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn template(language: &str, status: &str, components: Value) -> Template {
        Template {
            id: TemplateId(Uuid::nil()),
            account_id: AccountId(Uuid::nil()),
            meta_template_id: "1".into(),
            name: "permit_expiring".into(),
            language: language.into(),
            category: "UTILITY".into(),
            status: status.into(),
            quality: None,
            parameter_format: "NAMED".into(),
            components: store::Json(components),
            rejected_reason: None,
            synced_at: Timestamp(0),
            removed_at: None,
            ttl_seconds: None,
            source: None,
            coming_category: None,
            category_changes_at: None,
            notice: None,
        }
    }

    #[test]
    fn everybody_gets_their_language_where_there_is_one() {
        let all = [
            template("id", "APPROVED", json!([])),
            template("en_US", "APPROVED", json!([])),
            template("de", "REJECTED", json!([])),
        ];
        let chosen = |theirs| in_language(&all, theirs, "id").map(|template| template.language.as_str());
        assert_eq!(chosen(Some("id-ID")), Some("id"));
        assert_eq!(chosen(Some("en")), Some("en_US"));
        assert_eq!(chosen(Some("de")), Some("id"));
        assert_eq!(chosen(Some("")), Some("id"));
        assert_eq!(chosen(None), Some("id"));
        assert!(in_language(&all, None, "fr").is_none());
    }

    #[test]
    fn what_is_filled_fits_what_was_approved() {
        let components = json!([
            { "type": "HEADER", "format": "IMAGE" },
            { "type": "BODY", "text": "Halo {{name}}, izin Anda berlaku sampai {{until}}. {{name}}!" },
            { "type": "FOOTER", "text": "Dinas" },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Ya" }, { "type": "URL", "text": "Lihat", "url": "https://a.example/{{1}}" },
            ] },
        ]);
        let template = template("id", "APPROVED", components);
        assert_eq!(gaps(&template), ["header", "body.name", "body.until", "button.1"]);
        let values: BTreeMap<String, String> = [
            ("header", "https://a.example/a.png"),
            ("body.name", "Sari"),
            ("body.until", "21 Desember 2026"),
            ("button.1", "SIUP-118"),
        ]
        .map(|(gap, value)| (gap.to_owned(), value.to_owned()))
        .into();
        let sent = filled(&template, &values);
        assert_eq!(sent.fits(&template.components.0, true), Ok(()));
        let shown = rendered(&template, &values);
        assert_eq!(shown.body, "Halo Sari, izin Anda berlaku sampai 21 Desember 2026. Sari!");
        assert_eq!((shown.header.as_deref(), shown.buttons.len()), (Some("[image]"), 2));
    }
}
