//! What a draft consists of, as it is stored.

use meta::errors::Language;
use meta::template::{Category, Definition, Flaw};
use rules::id::MediaId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::templates::{Template, TemplateDraft};

use crate::http::Sentence;

/// How a sample that is a file of ours is written where Meta has a handle: `media:` and its id.
pub const SAMPLE: &str = "media:";

/// What a draft consists of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What it is for.
    pub category: Category,
    /// Whether its gaps have names.
    pub named: bool,
    /// Its parts in Meta's form; a sample is `media:` and the id of a file of ours.
    pub components: Vec<Value>,
    /// How long Meta tries to deliver it.
    pub ttl_seconds: Option<i64>,
    /// The template of Meta's library that it is made from; its parts are only shown then.
    #[serde(default)]
    pub library: Option<Library>,
}

/// A template of Meta's library.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Library {
    /// Its name there.
    pub name: String,
    /// Addresses and numbers of its buttons, in Meta's form (`library_template_button_inputs`).
    #[serde(default)]
    pub buttons: Vec<Value>,
}

/// Something that Meta would refuse, with the sentence for people.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateFault {
    /// Where: `name`, `components[1].buttons[0].url`.
    pub field: String,
    /// A stable word for what.
    pub code: String,
    /// What is wrong and how to mend it.
    pub message: Sentence,
}

impl From<Flaw> for TemplateFault {
    fn from(flaw: Flaw) -> Self {
        let sentence = |language| flaw.wrong.sentence(language);
        let message = Sentence { en: sentence(Language::English), id: sentence(Language::Indonesian) };
        Self { field: flaw.field, code: flaw.wrong.code().to_owned(), message }
    }
}

impl Content {
    /// What a stored draft consists of.
    pub fn of(draft: &TemplateDraft) -> Result<Self, serde_json::Error> {
        serde_json::from_value(draft.definition.0.clone())
    }

    /// What a template consists of, to be changed or written anew elsewhere. Samples that we hold come along; Meta's own
    /// addresses of samples are of no use to it.
    pub fn from_template(template: &Template) -> Self {
        let source =
            template.source.as_ref().and_then(|source| serde_json::from_value::<Self>(source.0.clone()).ok());
        let mut components = template.components.0.as_array().cloned().unwrap_or_default();
        let samples = source.map(|source| samples(&source.components)).unwrap_or_default();
        let mut samples = samples.into_iter();
        for component in &mut components {
            put_samples(component, &mut samples);
        }
        let category = serde_json::from_value(Value::String(template.category.clone()));
        let mut content = Self {
            name: template.name.clone(),
            language: template.language.clone(),
            category: category.unwrap_or(Category::Utility),
            named: template.parameter_format.eq_ignore_ascii_case("named"),
            components,
            ttl_seconds: template.ttl_seconds,
            library: None,
        };
        if content.category == Category::Authentication {
            content.components.iter_mut().for_each(unwrite_code);
        }
        content
    }

    /// The same in Meta's types, for the check and for submitting.
    pub fn definition(&self) -> Result<Definition, Vec<Flaw>> {
        Ok(Definition {
            name: self.name.clone(),
            language: self.language.clone(),
            category: self.category,
            named: self.named,
            components: Definition::read_components(&self.components)?,
            ttl_seconds: self.ttl_seconds,
        })
    }
}

/// The file of ours that a sample is.
pub fn sample_of(handle: &str) -> Option<MediaId> {
    handle.strip_prefix(SAMPLE)?.parse().ok()
}

/// The samples of parts, at every depth, in their order.
fn samples(components: &[Value]) -> Vec<Value> {
    let mut found = Vec::new();
    for component in components {
        found.extend(component.pointer("/example/header_handle/0").cloned());
        for key in ["cards", "components"] {
            found.extend(
                component.get(key).and_then(Value::as_array).map(|inner| samples(inner)).unwrap_or_default(),
            );
        }
    }
    found
}

fn put_samples(component: &mut Value, samples: &mut impl Iterator<Item = Value>) {
    if let Some(handle) = component.pointer_mut("/example/header_handle/0") {
        *handle = samples.next().unwrap_or_else(|| Value::String(String::new()));
    }
    for key in ["cards", "components"] {
        for inner in component.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            put_samples(inner, samples);
        }
    }
}

/// Meta lists the words of a code's template, and its button as one that opens a page: neither is submitted so.
fn unwrite_code(component: &mut Value) {
    if let Some(members) = component.as_object_mut() {
        members.remove("text");
        members.remove("example");
    }
    if let Some(buttons) = component.get_mut("buttons") {
        *buttons = serde_json::json!([{"type": "OTP", "otp_type": "COPY_CODE"}]);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn samples_that_we_hold_come_along_and_metas_addresses_do_not() {
        let ours = json!([{"type": "HEADER", "example": {"header_handle": ["media:1"]}},
            {"type": "CAROUSEL", "cards": [{"components": [{"type": "HEADER", "example": {"header_handle": ["media:2"]}}]}]}]);
        let found = samples(ours.as_array().unwrap());
        assert_eq!(found, ["media:1", "media:2"]);
        let mut listed =
            json!({"type": "HEADER", "example": {"header_handle": ["https://scontent.example/1"]}});
        put_samples(&mut listed, &mut found.into_iter());
        assert_eq!(listed["example"]["header_handle"][0], "media:1");
        put_samples(&mut listed, &mut std::iter::empty());
        assert_eq!(listed["example"]["header_handle"][0], "");
    }
}
