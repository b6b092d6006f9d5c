//! The check of a whole template.

use super::definition::{
    Body, Category, Component, Definition, Example, Footer, Format, Header, NamedExample,
};
use super::flaw::{Flaw, Wrong};
use super::text::{gaps, is_formatted, wrong_gaps};
use super::{LANGUAGES, buttons, special};
use crate::limits::template as limits;

/// Everything that Meta's review would refuse, in the order of reading; nothing where it would read the template.
pub fn check(definition: &Definition) -> Vec<Flaw> {
    let mut found = Found::default();
    name(&mut found, &definition.name);
    if !LANGUAGES.iter().any(|(code, _)| *code == definition.language) {
        found.add("language", Wrong::Language);
    }
    ttl(&mut found, definition);
    let shape = Shape::of(definition);
    once_each(&mut found, "components", &definition.components);
    for (place, component) in definition.components.iter().enumerate() {
        part(&mut found, &format!("components[{place}]"), component, &shape);
    }
    if !definition.components.iter().any(|component| matches!(component, Component::Body(_))) {
        found.add("components", Wrong::NoBody);
    }
    special::check(&mut found, definition, &shape);
    found.0
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Found(pub Vec<Flaw>);

impl Found {
    pub fn add(&mut self, field: impl Into<String>, wrong: Wrong) {
        self.0.push(Flaw { field: field.into(), wrong });
    }

    /// A text that must stand there, and not too long.
    pub fn text(&mut self, field: impl Into<String>, text: &str, most: usize) {
        if text.trim().is_empty() {
            self.add(field, Wrong::Missing);
        } else if text.chars().count() > most {
            self.add(field, Wrong::TooLong { most });
        }
    }
}

/// What the parts of a template may be like.
pub(super) struct Shape {
    pub category: Category,
    pub named: bool,
    pub is_offer: bool,
    pub most_body: usize,
}

impl Shape {
    fn of(definition: &Definition) -> Self {
        let is_offer =
            definition.components.iter().any(|part| matches!(part, Component::LimitedTimeOffer { .. }));
        Self {
            category: definition.category,
            named: definition.named,
            is_offer,
            most_body: if is_offer { limits::OFFER_BODY } else { limits::BODY },
        }
    }

    /// The same, for a card.
    pub fn card(&self) -> Self {
        Self { most_body: limits::CARD_BODY, ..*self }
    }

    pub fn is_authentication(&self) -> bool {
        self.category == Category::Authentication
    }
}

fn name(found: &mut Found, name: &str) {
    found.text("name", name, limits::NAME);
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        found.add("name", Wrong::Name);
    }
}

fn ttl(found: &mut Found, definition: &Definition) {
    let Some(seconds) = definition.ttl_seconds else { return };
    let allowed = match definition.category {
        Category::Authentication => limits::AUTHENTICATION_TTL,
        Category::Utility => limits::UTILITY_TTL,
        Category::Marketing => limits::MARKETING_TTL,
    };
    let thirty_days = seconds == -1 && definition.category != Category::Marketing;
    if !thirty_days && !allowed.contains(&seconds) {
        found.add("ttl_seconds", Wrong::Ttl { least: *allowed.start(), most: *allowed.end() });
    }
}

/// No part stands there twice.
pub(super) fn once_each(found: &mut Found, field: &str, components: &[Component]) {
    for (place, component) in components.iter().enumerate() {
        let kind = std::mem::discriminant(component);
        if components[..place].iter().any(|earlier| std::mem::discriminant(earlier) == kind) {
            found.add(format!("{field}[{place}]"), Wrong::Twice);
        }
    }
}

/// One part, of a template or of a card.
pub(super) fn part(found: &mut Found, field: &str, component: &Component, shape: &Shape) {
    match component {
        Component::Header(header) => check_header(found, field, header, shape),
        Component::Body(body) => check_body(found, field, body, shape),
        Component::Footer(footer) => check_footer(found, field, footer, shape),
        Component::Buttons { buttons } => buttons::check(found, &format!("{field}.buttons"), buttons, shape),
        Component::LimitedTimeOffer { limited_time_offer } => {
            found.text(format!("{field}.limited_time_offer.text"), &limited_time_offer.text, limits::OFFER);
        }
        Component::Carousel { cards } => special::carousel(found, &format!("{field}.cards"), cards, shape),
    }
}

fn check_header(found: &mut Found, field: &str, header: &Header, shape: &Shape) {
    let example = header.example.clone().unwrap_or_default();
    match header.format {
        None => found.add(format!("{field}.format"), Wrong::Missing),
        _ if shape.is_authentication() => found.add(field, Wrong::NotHere),
        Some(Format::Text) => {
            let text = header.text.as_deref().unwrap_or_default();
            let at = format!("{field}.text");
            found.text(&at, text, limits::HEADER_TEXT);
            if is_formatted(text) {
                found.add(&at, Wrong::Formatted);
            }
            let asked = gaps(text);
            if asked.len() > limits::HEADER_GAPS {
                found.add(&at, Wrong::Gaps { most: limits::HEADER_GAPS });
            }
            let given = if shape.named {
                by_name(&asked, &example.header_text_named_params)
            } else {
                by_place(&asked, &example.header_text)
            };
            no_examples(found, field, &given);
        }
        Some(Format::Gif) if shape.category != Category::Marketing => found.add(field, Wrong::NotHere),
        Some(format) if format.is_file() => {
            if example.header_handle.first().is_none_or(|handle| handle.trim().is_empty()) {
                found.add(format!("{field}.example.header_handle"), Wrong::NoSample);
            }
        }
        Some(_) => {}
    }
}

fn check_body(found: &mut Found, field: &str, body: &Body, shape: &Shape) {
    let at = format!("{field}.text");
    let text = body.text.as_deref().unwrap_or_default();
    if shape.is_authentication() {
        // The words are Meta's.
        if !text.is_empty() {
            found.add(at, Wrong::NotHere);
        }
        return;
    }
    found.text(&at, text, shape.most_body);
    if let Some(wrong) = wrong_gaps(text, shape.named) {
        found.add(&at, wrong);
    }
    let Example { body_text, body_text_named_params, .. } = body.example.clone().unwrap_or_default();
    let asked = gaps(text);
    let given = if shape.named {
        by_name(&asked, &body_text_named_params)
    } else {
        by_place(&asked, body_text.first().map(Vec::as_slice).unwrap_or_default())
    };
    no_examples(found, field, &given);
}

fn check_footer(found: &mut Found, field: &str, footer: &Footer, shape: &Shape) {
    if shape.is_authentication() {
        if let Some(minutes) = footer.code_expiration_minutes
            && !limits::CODE_MINUTES.contains(&minutes)
        {
            let (least, most) = (*limits::CODE_MINUTES.start(), *limits::CODE_MINUTES.end());
            found.add(format!("{field}.code_expiration_minutes"), Wrong::Range { least, most });
        }
        if footer.text.is_some() {
            found.add(format!("{field}.text"), Wrong::NotHere);
        }
        return;
    }
    let text = footer.text.as_deref().unwrap_or_default();
    let at = format!("{field}.text");
    found.text(&at, text, limits::FOOTER);
    // One of Meta's pages has gaps in footers, the others have none: what all allow is allowed.
    if !gaps(text).is_empty() {
        found.add(at, Wrong::Gaps { most: 0 });
    }
}

/// Gaps with the samples that they have.
type Given<'a> = Vec<(&'a str, Option<&'a str>)>;

fn by_place<'a>(asked: &[&'a str], given: &'a [String]) -> Given<'a> {
    asked.iter().enumerate().map(|(at, gap)| (*gap, given.get(at).map(String::as_str))).collect()
}

fn by_name<'a>(asked: &[&'a str], given: &'a [NamedExample]) -> Given<'a> {
    let of = |gap: &str| given.iter().find(|one| one.param_name == gap).map(|one| one.example.as_str());
    asked.iter().map(|gap| (*gap, of(gap))).collect()
}

fn no_examples(found: &mut Found, field: &str, given: &Given<'_>) {
    for (gap, example) in given {
        if example.is_none_or(|example| example.trim().is_empty()) {
            found.add(format!("{field}.example.{gap}"), Wrong::NoExample { gap: (*gap).to_owned() });
        }
    }
}
