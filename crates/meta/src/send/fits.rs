//! Whether what fills a template's gaps is what the template takes: number, names and kinds of parameters, as approved.
//! Meta refuses the rest only when it is sent (131008, 132000, 132012, 132018).

use std::collections::HashSet;

use serde_json::Value;

use super::{ButtonKind, Card, Component, Invalid, Parameter, Template};

impl Template {
    /// Checks against the approved parts, as Meta lists them (`components`), and whether their gaps have names. Returns
    /// everything that would be refused. Where the parts are not known nothing is said.
    /// (Meta: messages/template-messages, 2026-09.)
    pub fn fits(&self, approved: &Value, named: bool) -> Result<(), Vec<Invalid>> {
        let parts = approved.as_array().map(Vec::as_slice).unwrap_or_default();
        if parts.is_empty() {
            return Ok(());
        }
        let mut fit = Fit { named, wrong: Vec::new() };
        fit.components("template.components", parts, &self.components);
        if fit.wrong.is_empty() { Ok(()) } else { Err(fit.wrong) }
    }
}

struct Fit {
    named: bool,
    wrong: Vec<Invalid>,
}

/// A component that was given, and where it stands.
type Given<'a, T> = Option<(String, &'a T)>;

impl Fit {
    fn fail(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.wrong.push(Invalid { field: field.into(), problem: problem.into() });
    }

    fn components(&mut self, field: &str, parts: &[Value], given: &[Component]) {
        let part = |kind: &str| parts.iter().find(|part| is(part, "type", kind));
        let at = |i: usize| format!("{field}[{i}]");
        let header = given.iter().enumerate().find_map(|(i, one)| match one {
            Component::Header { parameters } => Some((at(i), parameters)),
            _ => None,
        });
        let body = given.iter().enumerate().find_map(|(i, one)| match one {
            Component::Body { parameters } => Some((at(i), parameters)),
            _ => None,
        });
        self.header(field, part("HEADER"), header);
        self.text(field, "body", part("BODY"), body);
        self.buttons(field, part("BUTTONS"), given);
        if part("LIMITED_TIME_OFFER")
            .is_some_and(|part| part.pointer("/limited_time_offer/has_expiration") == Some(&true.into()))
            && !given.iter().any(|one| matches!(one, Component::LimitedTimeOffer { .. }))
        {
            self.fail(field, "lack the `limited_time_offer` component with the end of the offer");
        }
        let cards = given.iter().enumerate().find_map(|(i, one)| match one {
            Component::Carousel { cards } => Some((at(i), cards)),
            _ => None,
        });
        if let Some(carousel) = part("CAROUSEL") {
            self.carousel(field, carousel, cards);
        }
    }

    fn header(&mut self, field: &str, part: Option<&Value>, given: Given<'_, Vec<Parameter>>) {
        const SHOWN: &[&str] = &["image", "video", "document", "gif", "location", "product"];
        let format = part.and_then(|part| part["format"].as_str()).unwrap_or("TEXT").to_ascii_lowercase();
        if format == "text" {
            return self.text(field, "header", part, given);
        }
        // A format of later than this program: Meta judges.
        let Some(kind) = SHOWN.iter().find(|kind| **kind == format) else { return };
        match given {
            None => {
                self.fail(
                    field,
                    format!("lack the `header` component with one parameter of the type `{kind}`"),
                );
            }
            Some((_, given)) if matches!(given.as_slice(), [only] if only.kind() == *kind) => {}
            Some((at, _)) => {
                self.fail(format!("{at}.parameters"), format!("must be one parameter of the type `{kind}`"));
            }
        }
    }

    /// A text with gaps. A part whose text Meta does not list says nothing of its gaps.
    fn text(&mut self, field: &str, name: &str, part: Option<&Value>, given: Given<'_, Vec<Parameter>>) {
        let gaps = match part {
            None => Vec::new(),
            Some(part) => match part["text"].as_str() {
                Some(text) => gaps(text),
                None => return,
            },
        };
        let (at, given) = match given {
            Some((at, given)) => (format!("{at}.parameters"), given.as_slice()),
            None if gaps.is_empty() => return,
            None => {
                let wanted = listed(&gaps);
                self.fail(field, format!("lack the `{name}` component with the parameters {wanted}"));
                return;
            }
        };
        if given.len() != gaps.len() {
            let wanted = if gaps.is_empty() { "none".to_owned() } else { listed(&gaps) };
            let (count, takes) = (given.len(), gaps.len());
            self.fail(&at, format!("are {count}; the template's {name} takes {takes}: {wanted}"));
            return;
        }
        let mut seen = HashSet::new();
        for (i, parameter) in given.iter().enumerate() {
            let at = format!("{at}[{i}]");
            let parameter_name = match parameter {
                Parameter::Text { parameter_name, .. } => parameter_name.as_deref(),
                Parameter::Currency { .. } | Parameter::DateTime { .. } => None,
                other => {
                    self.fail(at, format!("is of the type `{}`; the {name} takes `text`", other.kind()));
                    continue;
                }
            };
            match parameter_name {
                Some(given) if !self.named => {
                    let problem = format!("is `{given}`, but this template's parameters have no names");
                    self.fail(format!("{at}.parameter_name"), problem);
                }
                Some(given) if !gaps.contains(&given) || !seen.insert(given) => {
                    let problem =
                        format!("is `{given}`; the {name} takes each of these once: {}", listed(&gaps));
                    self.fail(format!("{at}.parameter_name"), problem);
                }
                // Money and moments have no name to give.
                None if self.named && matches!(parameter, Parameter::Text { .. }) => {
                    let problem =
                        format!("is missing; this template's parameters have names: {}", listed(&gaps));
                    self.fail(format!("{at}.parameter_name"), problem);
                }
                _ => {}
            }
        }
    }

    fn buttons(&mut self, field: &str, part: Option<&Value>, given: &[Component]) {
        let approved =
            part.and_then(|part| part["buttons"].as_array()).map(Vec::as_slice).unwrap_or_default();
        let given: Vec<(String, ButtonKind, usize)> = given
            .iter()
            .enumerate()
            .filter_map(|(i, one)| match one {
                Component::Button { sub_type, index, .. } => {
                    Some((format!("{field}[{i}]"), *sub_type, usize::from(*index)))
                }
                _ => None,
            })
            .collect();
        for (at, _, index) in given.iter().filter(|(_, _, index)| *index >= approved.len()) {
            self.fail(
                format!("{at}.index"),
                format!("is {index}; the template has {} buttons", approved.len()),
            );
        }
        for (index, button) in approved.iter().enumerate() {
            let found = given.iter().find(|(_, _, at)| *at == index);
            match (taken(button), found) {
                (Takes::Must(kind), None) => {
                    let kind = word(kind);
                    self.fail(
                        field,
                        format!("lack the `button` component of the sub_type `{kind}` and the index {index}"),
                    );
                }
                (Takes::Must(kind), Some((at, sub_type, _))) if *sub_type != kind => {
                    self.fail(format!("{at}.sub_type"), format!("must be `{}`", word(kind)));
                }
                (Takes::Nothing, Some((at, ..))) => {
                    self.fail(at, "fills a button that takes no parameter; leave this component out");
                }
                _ => {}
            }
        }
    }

    fn carousel(&mut self, field: &str, part: &Value, given: Given<'_, Vec<Card>>) {
        let approved = part["cards"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some((at, given)) = given else {
            self.fail(field, format!("lack the `carousel` component with {} cards", approved.len()));
            return;
        };
        // Cards of products are as many as products are shown; their template holds one like all.
        let shows_products = approved.iter().any(|card| {
            let parts = card["components"].as_array().map(Vec::as_slice).unwrap_or_default();
            parts
                .iter()
                .any(|part| part["format"].as_str().is_some_and(|is| is.eq_ignore_ascii_case("product")))
        });
        if given.len() != approved.len() && !shows_products {
            let (count, takes) = (given.len(), approved.len());
            self.fail(format!("{at}.cards"), format!("are {count}; the template has {takes}"));
            return;
        }
        for (i, (card, part)) in given.iter().zip(approved).enumerate() {
            let parts = part["components"].as_array().map(Vec::as_slice).unwrap_or_default();
            self.components(&format!("{at}.cards[{i}].components"), parts, &card.components);
        }
    }
}

/// What a button takes.
enum Takes {
    /// A component of this kind.
    Must(ButtonKind),
    /// None.
    Nothing,
    /// One or none, or that is not known.
    Either,
}

fn taken(button: &Value) -> Takes {
    match button["type"].as_str().unwrap_or_default().to_ascii_uppercase().as_str() {
        "URL" if !gaps(button["url"].as_str().unwrap_or_default()).is_empty() => Takes::Must(ButtonKind::Url),
        "URL" | "PHONE_NUMBER" => Takes::Nothing,
        // Every button of an authentication template is filled as a `url`.
        "OTP" => Takes::Must(ButtonKind::Url),
        "COPY_CODE" => Takes::Must(ButtonKind::CopyCode),
        "MPM" => Takes::Must(ButtonKind::Mpm),
        _ => Takes::Either,
    }
}

fn word(kind: ButtonKind) -> String {
    serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn is(value: &Value, key: &str, word: &str) -> bool {
    value[key].as_str().is_some_and(|found| found.eq_ignore_ascii_case(word))
}

/// The gaps of a text, `{{1}}` or `{{name}}`, in their order, each once.
fn gaps(text: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else { break };
        if !found.contains(&name.trim()) {
            found.push(name.trim());
        }
        rest = tail;
    }
    found
}

fn listed(gaps: &[&str]) -> String {
    gaps.iter().map(|gap| format!("{{{{{gap}}}}}")).collect::<Vec<_>>().join(", ")
}

impl Parameter {
    /// Meta's name of the type.
    fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Currency { .. } => "currency",
            Self::DateTime { .. } => "date_time",
            Self::Image { .. } => "image",
            Self::Video { .. } => "video",
            Self::Document { .. } => "document",
            Self::Gif { .. } => "gif",
            Self::Location { .. } => "location",
            Self::Product { .. } => "product",
            Self::Payload { .. } => "payload",
            Self::CouponCode { .. } => "coupon_code",
            Self::Action { .. } => "action",
            Self::LimitedTimeOffer { .. } => "limited_time_offer",
            Self::TtlMinutes { .. } => "ttl_minutes",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Template;

    fn wrong(parts: &Value, named: bool, given: Value) -> Vec<String> {
        let template = json!({"name": "t", "language": {"code": "id"}, "components": given});
        let template: Template = serde_json::from_value(template).unwrap();
        match template.fits(parts, named) {
            Ok(()) => Vec::new(),
            Err(wrong) => wrong.into_iter().map(|one| format!("{} {}", one.field, one.problem)).collect(),
        }
    }

    fn text(text: &str) -> Value {
        json!({"type": "text", "text": text})
    }

    fn named(name: &str) -> Value {
        json!({"type": "text", "text": "x", "parameter_name": name})
    }

    #[test]
    fn a_body_takes_as_many_as_it_has_gaps() {
        let parts = json!([{"type": "BODY", "text": "Halo {{1}}, pesanan {{2}} siap, {{1}}."}, {"type": "FOOTER", "text": "x"}]);
        assert_eq!(
            wrong(&parts, false, json!([])),
            ["template.components lack the `body` component with the parameters {{1}}, {{2}}"]
        );
        let one = json!([{"type": "body", "parameters": [text("a")]}]);
        assert_eq!(
            wrong(&parts, false, one),
            ["template.components[0].parameters are 1; the template's body takes 2: {{1}}, {{2}}"]
        );
        let both = json!([{"type": "body", "parameters": [text("a"), text("b")]}]);
        assert!(wrong(&parts, false, both).is_empty());
        let named = json!([{"type": "body", "parameters": [named("a"), named("b")]}]);
        assert_eq!(wrong(&parts, false, named).len(), 2);
        let plain = json!([{"type": "BODY", "text": "Halo"}]);
        assert_eq!(wrong(&plain, false, json!([{"type": "body", "parameters": [text("a")]}])).len(), 1);
        assert!(wrong(&plain, false, json!([])).is_empty());
        // What Meta does not list is Meta's to judge.
        assert!(wrong(&json!([]), false, json!([{"type": "body", "parameters": [text("a")]}])).is_empty());
        assert!(wrong(&json!([{"type": "BODY"}]), false, json!([])).is_empty());
    }

    #[test]
    fn names_are_those_of_the_template_each_once() {
        let parts = json!([{"type": "BODY", "text": "Halo {{name}}, {{order}}"}]);
        let with = |first: Value, second: Value| {
            wrong(&parts, true, json!([{"type": "body", "parameters": [first, second]}]))
        };
        assert!(with(named("order"), named("name")).is_empty());
        let field = "template.components[0].parameters[1].parameter_name";
        for wrong in [
            with(named("name"), named("name")),
            with(named("name"), text("x")),
            with(named("name"), named("y")),
        ] {
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert!(wrong[0].starts_with(field), "{wrong:?}");
        }
    }

    #[test]
    fn money_and_moments_fill_a_named_gap_without_a_name() {
        let parts = json!([{"type": "BODY", "text": "Total {{total}}, {{name}}"}]);
        let money = json!({"type": "currency", "currency": {"fallback_value": "Rp 10.000", "code": "IDR", "amount_1000": 10_000_000}});
        let body = |last: Value| json!([{"type": "body", "parameters": [money, last]}]);
        assert!(wrong(&parts, true, body(named("name"))).is_empty());
        assert_eq!(wrong(&parts, true, body(text("x"))).len(), 1);
    }

    #[test]
    fn a_header_takes_what_it_shows() {
        let parts = json!([{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Promo"}]);
        let picture = json!({"type": "image", "image": {"link": "https://kopi.example/a.png"}});
        assert!(wrong(&parts, false, json!([{"type": "header", "parameters": [picture]}])).is_empty());
        assert_eq!(
            wrong(&parts, false, json!([])),
            ["template.components lack the `header` component with one parameter of the type `image`"]
        );
        let mistaken = json!([{"type": "header", "parameters": [text("a")]}]);
        assert_eq!(
            wrong(&parts, false, mistaken),
            ["template.components[0].parameters must be one parameter of the type `image`"]
        );
        let body = json!([{"type": "BODY", "text": "{{1}}"}]);
        let mistaken = json!([{"type": "body", "parameters": [picture]}]);
        assert_eq!(wrong(&body, false, mistaken).len(), 1);
    }

    #[test]
    fn buttons_are_filled_where_they_have_a_gap() {
        let parts = json!([{"type": "BODY", "text": "Promo"}, {"type": "BUTTONS", "buttons": [
            {"type": "QUICK_REPLY", "text": "Ya"}, {"type": "URL", "text": "Lihat", "url": "https://kopi.example/{{1}}"},
            {"type": "URL", "text": "Toko", "url": "https://kopi.example"}, {"type": "COPY_CODE", "example": "X"}]}]);
        let button = |kind: &str, index: u8, parameter: Value| json!({"type": "button", "sub_type": kind, "index": index, "parameters": [parameter]});
        let (url, code) = (
            button("url", 1, text("menu")),
            button("copy_code", 3, json!({"type": "coupon_code", "coupon_code": "X"})),
        );
        assert!(wrong(&parts, false, json!([url, code])).is_empty());
        assert_eq!(
            wrong(&parts, false, json!([code])),
            ["template.components lack the `button` component of the sub_type `url` and the index 1"]
        );
        assert_eq!(
            wrong(&parts, false, json!([url, code, button("url", 2, text("x"))])),
            ["template.components[2] fills a button that takes no parameter; leave this component out"]
        );
        assert_eq!(
            wrong(&parts, false, json!([url, code, button("url", 7, text("x"))])),
            ["template.components[2].index is 7; the template has 4 buttons"]
        );
        let mistaken = button("quick_reply", 1, json!({"type": "payload", "payload": "x"}));
        assert_eq!(
            wrong(&parts, false, json!([mistaken, code])),
            ["template.components[0].sub_type must be `url`"]
        );
    }

    #[test]
    fn products_are_shown_on_as_many_cards_as_are_given() {
        let card = json!({"components": [{"type": "HEADER", "format": "PRODUCT"}]});
        let parts = json!([{"type": "CAROUSEL", "cards": [card]}]);
        let shown = |index: u8| {
            let product = json!({"product_retailer_id": "kopi-250", "catalog_id": "1"});
            json!({"card_index": index, "components": [
                {"type": "header", "parameters": [{"type": "product", "product": product}]}]})
        };
        let carousel = |cards: Vec<Value>| json!([{"type": "carousel", "cards": cards}]);
        assert!(wrong(&parts, false, carousel(vec![shown(0), shown(1), shown(2)])).is_empty());
        let bare = json!({"card_index": 0, "components": []});
        assert_eq!(wrong(&parts, false, carousel(vec![bare])).len(), 1);
    }

    #[test]
    fn every_card_of_a_carousel_is_filled_like_a_template() {
        let card =
            json!({"components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "{{1}}"}]});
        let parts = json!([{"type": "BODY", "text": "Menu"}, {"type": "CAROUSEL", "cards": [card, card]}]);
        assert_eq!(
            wrong(&parts, false, json!([])),
            ["template.components lack the `carousel` component with 2 cards"]
        );
        let filled = |index: u8| {
            json!({"card_index": index, "components": [
                {"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]},
                {"type": "body", "parameters": [text("a")]}]})
        };
        let carousel = |cards: Vec<Value>| json!([{"type": "carousel", "cards": cards}]);
        assert!(wrong(&parts, false, carousel(vec![filled(0), filled(1)])).is_empty());
        assert_eq!(wrong(&parts, false, carousel(vec![filled(0)])).len(), 1);
        let bare = json!({"card_index": 1, "components": []});
        let wrong = wrong(&parts, false, carousel(vec![filled(0), bare]));
        assert_eq!(wrong.len(), 2);
        assert!(
            wrong[0].starts_with("template.components[0].cards[1].components lack the `header`"),
            "{wrong:?}"
        );
    }
}
