//! What only some templates have: codes, offers, cards.

use super::check::{Found, Shape, once_each, part};
use super::definition::{Button, Card, Category, Component, Definition, Format, Otp, OtpKind};
use super::flaw::Wrong;
use crate::limits::template as limits;

/// Rules that concern several parts.
pub(super) fn check(found: &mut Found, definition: &Definition, shape: &Shape) {
    if shape.is_authentication() {
        authentication(found, &definition.components);
    }
    if shape.is_offer {
        offer(found, definition);
    }
}

fn authentication(found: &mut Found, components: &[Component]) {
    let mut otps = 0;
    for (place, component) in components.iter().enumerate() {
        match component {
            Component::Buttons { buttons } => {
                for (at, button) in buttons.iter().enumerate() {
                    if let Button::Otp(otp) = button {
                        otps += 1;
                        check_otp(found, &format!("components[{place}].buttons[{at}]"), otp);
                    }
                }
            }
            Component::LimitedTimeOffer { .. } | Component::Carousel { .. } => {
                found.add(format!("components[{place}]"), Wrong::NotHere);
            }
            _ => {}
        }
    }
    if otps != 1 {
        found.add("components", Wrong::OneOtp);
    }
}

fn check_otp(found: &mut Found, field: &str, otp: &Otp) {
    let Some(kind) = otp.otp_type else {
        found.add(format!("{field}.otp_type"), Wrong::Missing);
        return;
    };
    if let Some(text) = &otp.autofill_text {
        found.text(format!("{field}.autofill_text"), text, limits::LABEL);
    }
    if kind == OtpKind::ZeroTap && otp.zero_tap_terms_accepted != Some(true) {
        found.add(format!("{field}.zero_tap_terms_accepted"), Wrong::Terms);
    }
    if kind != OtpKind::CopyCode && otp.supported_apps.is_empty() {
        found.add(format!("{field}.supported_apps"), Wrong::TooFew { least: 1 });
    }
    if otp.supported_apps.len() > limits::APPS {
        found.add(format!("{field}.supported_apps"), Wrong::TooMany { most: limits::APPS });
    }
    for (place, app) in otp.supported_apps.iter().enumerate() {
        if app.package_name.trim().is_empty() {
            found.add(format!("{field}.supported_apps[{place}].package_name"), Wrong::Missing);
        }
        if app.signature_hash.chars().count() != limits::APP_HASH {
            found.add(format!("{field}.supported_apps[{place}].signature_hash"), Wrong::AppHash);
        }
    }
}

fn offer(found: &mut Found, definition: &Definition) {
    for (place, component) in definition.components.iter().enumerate() {
        let field = format!("components[{place}]");
        match component {
            Component::LimitedTimeOffer { .. } if definition.category != Category::Marketing => {
                found.add(field, Wrong::NotHere);
            }
            Component::Footer(_) => found.add(field, Wrong::NotHere),
            Component::Header(header) if !matches!(header.format, Some(Format::Image | Format::Video)) => {
                found.add(format!("{field}.format"), Wrong::PictureOrFilm);
            }
            Component::Buttons { buttons } => {
                for (at, button) in buttons.iter().enumerate() {
                    let field = format!("{field}.buttons[{at}]");
                    match button {
                        Button::CopyCode { .. } if at > 0 => found.add(field, Wrong::CodeFirst),
                        Button::CopyCode { .. } | Button::Url { .. } => {}
                        _ => found.add(field, Wrong::NotHere),
                    }
                }
            }
            _ => {}
        }
    }
    let has_header = definition.components.iter().any(|part| matches!(part, Component::Header(_)));
    if !has_header {
        found.add("components", Wrong::PictureOrFilm);
    }
}

/// The cards of a carousel.
pub(super) fn carousel(found: &mut Found, field: &str, cards: &[Card], shape: &Shape) {
    if shape.category != Category::Marketing {
        found.add(field, Wrong::NotHere);
    }
    if cards.len() < *limits::CARDS.start() {
        found.add(field, Wrong::TooFew { least: *limits::CARDS.start() });
    }
    if cards.len() > *limits::CARDS.end() {
        found.add(field, Wrong::TooMany { most: *limits::CARDS.end() });
    }
    let makes: Vec<Make> = cards.iter().map(Make::of).collect();
    for (place, card) in cards.iter().enumerate() {
        let field = format!("{field}[{place}]");
        check_card(found, &field, card, &shape.card());
        if makes[place] != makes[0] {
            found.add(field, Wrong::CardsDiffer);
        }
    }
}

fn check_card(found: &mut Found, field: &str, card: &Card, shape: &Shape) {
    let at = format!("{field}.components");
    once_each(found, &at, &card.components);
    let (mut is_shown, mut buttons) = (false, 0);
    for (place, component) in card.components.iter().enumerate() {
        let field = format!("{at}[{place}]");
        match component {
            Component::Header(header) => {
                is_shown = matches!(header.format, Some(Format::Image | Format::Video | Format::Product));
            }
            Component::Buttons { buttons: given } => buttons = given.len(),
            Component::Body(_) => {}
            _ => found.add(&field, Wrong::NotHere),
        }
        part(found, &field, component, shape);
    }
    if !is_shown {
        found.add(&at, Wrong::PictureOrFilm);
    }
    if buttons < *limits::CARD_BUTTONS.start() {
        found.add(&at, Wrong::TooFew { least: *limits::CARD_BUTTONS.start() });
    }
    if buttons > *limits::CARD_BUTTONS.end() {
        found.add(&at, Wrong::TooMany { most: *limits::CARD_BUTTONS.end() });
    }
}

/// What all cards have alike: header, text or none, and the kinds of buttons.
#[derive(PartialEq)]
struct Make {
    header: Option<Format>,
    has_body: bool,
    buttons: Vec<std::mem::Discriminant<Button>>,
}

impl Make {
    fn of(card: &Card) -> Self {
        let mut make = Self { header: None, has_body: false, buttons: Vec::new() };
        for component in &card.components {
            match component {
                Component::Header(header) => make.header = header.format,
                Component::Body(_) => make.has_body = true,
                Component::Buttons { buttons } => {
                    make.buttons = buttons.iter().map(std::mem::discriminant).collect();
                }
                _ => {}
            }
        }
        make
    }
}
