//! Buttons.

use url::Url;

use super::check::{Found, Shape};
use super::definition::{Button, Examples};
use super::flaw::Wrong;
use super::text::gaps;
use crate::limits::template as limits;

/// All buttons of a template or of a card.
pub(super) fn check(found: &mut Found, field: &str, buttons: &[Button], shape: &Shape) {
    if buttons.is_empty() {
        found.add(field, Wrong::TooFew { least: 1 });
    }
    if buttons.len() > usize::from(limits::BUTTONS) {
        found.add(field, Wrong::TooMany { most: limits::BUTTONS.into() });
    }
    for (most, is_one) in [
        (limits::URLS, is_url as fn(&Button) -> bool),
        (1, |button| matches!(button, Button::PhoneNumber { .. })),
        (1, |button| matches!(button, Button::CopyCode { .. })),
    ] {
        let surplus = buttons.iter().enumerate().filter(|(_, button)| is_one(button)).skip(most);
        for (place, _) in surplus {
            found.add(format!("{field}[{place}]"), Wrong::TooMany { most });
        }
    }
    interleaved(found, field, buttons);
    for (place, button) in buttons.iter().enumerate() {
        one(found, &format!("{field}[{place}]"), button, shape);
    }
}

fn is_url(button: &Button) -> bool {
    matches!(button, Button::Url { .. })
}

/// Quick replies stand together.
fn interleaved(found: &mut Found, field: &str, buttons: &[Button]) {
    let is_reply = |button: &Button| matches!(button, Button::QuickReply { .. });
    let runs = buttons.chunk_by(|a, b| is_reply(a) == is_reply(b)).filter(|run| is_reply(&run[0])).count();
    if runs > 1 {
        found.add(field, Wrong::Interleaved);
    }
}

fn one(found: &mut Found, field: &str, button: &Button, shape: &Shape) {
    if shape.is_authentication() != matches!(button, Button::Otp(_)) {
        found.add(field, Wrong::NotHere);
        return;
    }
    if let Some(label) = label(button) {
        found.text(format!("{field}.text"), label, limits::LABEL);
    }
    match button {
        Button::Url { url, example, .. } => link(found, field, url, example.as_ref()),
        Button::PhoneNumber { phone_number, .. } => {
            let at = format!("{field}.phone_number");
            found.text(&at, phone_number, limits::PHONE);
            let digits = phone_number.chars().filter(char::is_ascii_digit).count();
            let signs = phone_number.chars().all(|c| c.is_ascii_digit() || "+ -().".contains(c));
            if !phone_number.is_empty() && (digits < 5 || !signs) {
                found.add(at, Wrong::Phone);
            }
        }
        Button::CopyCode { example } => {
            let at = format!("{field}.example");
            let code = example.as_ref().map_or("", Examples::first);
            // Fifteen on one of Meta's pages, twenty on another: the longer is let through.
            found.text(&at, code, limits::COUPON_CODE);
            if !code.chars().all(|c| c.is_ascii_alphanumeric()) {
                found.add(at, Wrong::Code);
            }
        }
        Button::Flow(flow) if flow.flow_id.is_none() && flow.flow_name.is_none() => {
            found.add(format!("{field}.flow_id"), Wrong::Missing);
        }
        _ => {}
    }
}

/// What stands on a button, where that is not Meta's to say.
fn label(button: &Button) -> Option<&str> {
    match button {
        Button::QuickReply { text } | Button::Url { text, .. } | Button::PhoneNumber { text, .. } => {
            Some(text)
        }
        Button::Flow(action)
        | Button::Catalog(action)
        | Button::Mpm(action)
        | Button::Spm(action)
        | Button::VoiceCall(action)
        | Button::OrderDetails(action) => Some(&action.text),
        Button::Otp(otp) => otp.text.as_deref(),
        Button::CopyCode { .. } | Button::RequestContactInfo {} => None,
    }
}

fn link(found: &mut Found, field: &str, url: &str, example: Option<&Examples>) {
    let at = format!("{field}.url");
    found.text(&at, url, limits::URL);
    if url.trim().is_empty() {
        return;
    }
    let before = url.split("{{").next().unwrap_or_default();
    let is_page = |text: &str| {
        Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    };
    if !is_page(before) {
        found.add(&at, Wrong::Url);
    }
    if gaps(url).is_empty() && !url.contains("{{") {
        return;
    }
    let at_end = url.matches("{{").count() == 1 && url.trim_end().ends_with("}}");
    if !at_end {
        found.add(at, Wrong::GapInUrl);
        return;
    }
    let example = example.map_or("", Examples::first);
    let at = format!("{field}.example");
    if example.trim().is_empty() {
        found.add(at, Wrong::NoExample { gap: gaps(url).first().copied().unwrap_or("1").to_owned() });
    } else if !(is_suffix(example) || example.len() > before.len() && example.starts_with(before)) {
        found.add(at, Wrong::UrlExample);
    }
}

/// Meta's samples also have what fills the gap alone.
fn is_suffix(example: &str) -> bool {
    !example.contains("://") && !example.contains(char::is_whitespace)
}
