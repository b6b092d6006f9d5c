//! What the review decides. Of Meta's only the rules are known, not the reading: words stand for it here.

use serde_json::Value;

use crate::world::{Template, World};

/// Words that sell, in the languages of the seeds.
const SELLING: &[&str] = &[
    "% off",
    "discount",
    "promo",
    "sale ",
    "special offer",
    "buy now",
    "shop now",
    "coupon",
    "voucher",
    "cashback",
    "diskon",
    "gratis ongkir",
    "beli sekarang",
    "penawaran",
    "obral",
    "potongan harga",
];
/// Words that ask for what nobody should be asked for.
const FISHING: &[&str] = &["password", "card number", "cvv", "kata sandi", "nomor kartu"];
/// Words that hurt.
const HURTING: &[&str] = &["stupid", "idiot", "bodoh", "goblok"];

/// What the review came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may be sent.
    Approved,
    /// It may not.
    Rejected {
        /// Meta's word for why.
        reason: &'static str,
        /// In a sentence; only with `INVALID_FORMAT`.
        told: Option<(&'static str, &'static str)>,
    },
}

/// The category that a template gets: one that sells is marketing, whatever was asked for.
pub fn category(asked: &str, components: &[Value]) -> String {
    let words = words(components);
    let sells = SELLING.iter().any(|word| words.contains(word));
    if asked == "UTILITY" && sells { "MARKETING".into() } else { asked.into() }
}

/// The review of a template.
pub fn verdict(world: &World, template: &Template) -> Verdict {
    let words = words(&template.components);
    let has = |list: &[&str]| list.iter().any(|word| words.contains(word));
    let rejected = |reason| Verdict::Rejected { reason, told: None };
    if has(HURTING) {
        return rejected("ABUSIVE_CONTENT");
    }
    if has(FISHING) {
        return rejected("SCAM");
    }
    if template.category == "AUTHENTICATION" {
        return Verdict::Approved;
    }
    if words.contains("verification code") || words.contains("kode verifikasi") {
        return rejected("INCORRECT_CATEGORY");
    }
    if is_double(world, template) {
        return Verdict::Rejected {
            reason: "INVALID_FORMAT",
            told: Some((
                "Another template of this account has the same text and footer.",
                "Use the other template, or change the text.",
            )),
        };
    }
    Verdict::Approved
}

/// Whether another template of the account says the same.
fn is_double(world: &World, template: &Template) -> bool {
    let said = |template: &Template| {
        (text(&template.components, "BODY").to_owned(), text(&template.components, "FOOTER").to_owned())
    };
    let own = said(template);
    world.templates.values().any(|other| {
        other.id != template.id
            && other.account_id == template.account_id
            && other.created_at <= template.created_at
            && said(other) == own
    })
}

fn text<'a>(components: &'a [Value], kind: &str) -> &'a str {
    let part = components.iter().find(|part| part.get("type").and_then(Value::as_str) == Some(kind));
    part.and_then(|part| part.get("text")?.as_str()).unwrap_or_default()
}

/// Every text of the parts, at every depth, in small letters.
fn words(components: &[Value]) -> String {
    fn gather(value: &Value, into: &mut String) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    match value {
                        Value::String(text) if key == "text" => {
                            into.push_str(&text.to_lowercase());
                            into.push(' ');
                        }
                        _ if key == "example" => {}
                        other => gather(other, into),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|value| gather(value, into)),
            _ => {}
        }
    }
    let mut words = String::new();
    components.iter().for_each(|component| gather(component, &mut words));
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(category: &str, text: &str) -> Template {
        Template {
            id: "1".into(),
            account_id: "7".into(),
            category: category.into(),
            components: vec![json!({"type": "BODY", "text": text})],
            ..Template::default()
        }
    }

    #[test]
    fn what_sells_is_marketing_whatever_was_asked_for() {
        let of = |asked, text| category(asked, &template(asked, text).components);
        assert_eq!(of("UTILITY", "Your order is ready."), "UTILITY");
        assert_eq!(of("UTILITY", "Your order is ready. 20% off your next one!"), "MARKETING");
        assert_eq!(of("UTILITY", "Pesanan siap. Dapatkan DISKON berikutnya."), "MARKETING");
    }

    #[test]
    fn texts_are_refused_for_what_they_ask_and_say() {
        let world = World::default();
        let reason = |category, text: &str| match verdict(&world, &template(category, text)) {
            Verdict::Approved => "",
            Verdict::Rejected { reason, .. } => reason,
        };
        assert_eq!(reason("UTILITY", "Your order is ready."), "");
        assert_eq!(reason("UTILITY", "Answer with your card number."), "SCAM");
        assert_eq!(reason("MARKETING", "Only an idiot stays away."), "ABUSIVE_CONTENT");
        assert_eq!(reason("UTILITY", "Your verification code is ready."), "INCORRECT_CATEGORY");
    }

    #[test]
    fn the_same_text_twice_is_refused() {
        let mut world = World::default();
        world.save_template(template("UTILITY", "Your order is ready."));
        let second =
            Template { id: "2".into(), created_at: 1, ..template("UTILITY", "Your order is ready.") };
        assert!(matches!(
            verdict(&world, &second),
            Verdict::Rejected { reason: "INVALID_FORMAT", told: Some(_) }
        ));
    }
}
