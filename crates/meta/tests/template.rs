//! What Meta's review would refuse of a template, found before: one line per rule of its components page.

use meta::errors::Language;
use meta::template::{Category, Definition, check};
use serde_json::{Value, json};

fn template(category: Category, components: Value) -> Definition {
    let components = components.as_array().expect("a list");
    Definition {
        name: "order_ready".into(),
        language: "en_US".into(),
        category,
        named: false,
        components: Definition::read_components(components).expect("parts of a template"),
        ttl_seconds: None,
    }
}

/// What is found, as `field: word`.
fn found(definition: &Definition) -> Vec<String> {
    check(definition).iter().map(|flaw| format!("{}: {}", flaw.field, flaw.wrong.code())).collect()
}

fn of(category: Category, components: Value) -> Vec<String> {
    found(&template(category, components))
}

fn utility(components: Value) -> Vec<String> {
    of(Category::Utility, components)
}

fn body() -> Value {
    json!({"type": "BODY", "text": "Hello {{1}}, your order is ready.", "example": {"body_text": [["Ani"]]}})
}

fn buttons(buttons: &Value) -> Value {
    json!([body(), {"type": "BUTTONS", "buttons": buttons}])
}

const NOTHING: Vec<String> = Vec::new();

#[test]
fn metas_own_samples_pass() {
    use Category::{Authentication, Marketing, Utility};
    for (category, named, sample) in [
        (
            Utility,
            true,
            json!([
            {"type": "header", "format": "image", "example": {"header_handle": ["4::aW"]}},
            {"type": "body", "text": "Thanks {{first_name}}, order {{order_number}} is on its way.",
             "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Pablo"},
                {"param_name": "order_number", "example": "860198"}]}},
            {"type": "footer", "text": "Reply STOP to opt out"},
            {"type": "buttons", "buttons": [
                {"type": "url", "text": "Track", "url": "https://x.co/t/{{1}}", "example": ["https://x.co/t/860198"]},
                {"type": "quick_reply", "text": "Stop promotions"}]}]),
        ),
        (
            Authentication,
            false,
            json!([{"type": "body", "add_security_recommendation": true},
            {"type": "footer", "code_expiration_minutes": 10},
            {"type": "buttons", "buttons": [{"type": "otp", "otp_type": "copy_code"}]}]),
        ),
        (
            Marketing,
            false,
            json!([
            {"type": "header", "format": "image", "example": {"header_handle": ["4::aW"]}},
            {"type": "limited_time_offer", "limited_time_offer": {"text": "Expiring offer!", "has_expiration": true}},
            {"type": "body", "text": "Good news, {{1}}! Use code {{2}} today.", "example": {"body_text": [["Pablo", "CARIBE25"]]}},
            {"type": "buttons", "buttons": [{"type": "copy_code", "example": "CARIBE25"},
                {"type": "url", "text": "Book now!", "url": "https://x.co/o?c={{1}}", "example": ["https://x.co/o?c=n3mtql"]}]}]),
        ),
        (
            Marketing,
            false,
            json!([
            {"type": "body", "text": "Rare succulents for you, {{1}}!", "example": {"body_text": [["Pablo"]]}},
            {"type": "carousel", "cards": [card("quick_reply"), card("quick_reply")]}]),
        ),
        (
            Utility,
            false,
            json!([{"type": "body", "text": "May we have your number?"},
            {"type": "buttons", "buttons": [{"type": "REQUEST_CONTACT_INFO"}]}]),
        ),
    ] {
        let definition = Definition { named, ..template(category, sample) };
        assert_eq!(found(&definition), NOTHING, "{:?}", definition.components);
    }
}

fn card(first: &str) -> Value {
    json!({"components": [
        {"type": "header", "format": "image", "example": {"header_handle": ["4::an"]}},
        {"type": "body", "text": "Blue elf"},
        {"type": "buttons", "buttons": [{"type": first, "text": "More like this", "url": "https://x.co/m"},
            {"type": "url", "text": "Shop", "url": "https://x.co/{{1}}", "example": ["blue-elf"]}]}]})
}

#[test]
fn name_language_and_validity() {
    let good = template(Category::Utility, json!([body()]));
    let named = |name: &str| found(&Definition { name: name.into(), ..good.clone() });
    assert_eq!(named(&"a".repeat(512)), NOTHING);
    assert_eq!(named(&"a".repeat(513)), ["name: too_long"]);
    assert_eq!(named("Order ready"), ["name: name"]);
    assert_eq!(named(""), ["name: missing"]);
    assert_eq!(found(&Definition { language: "tlh".into(), ..good.clone() }), ["language: language"]);
    let lasting = |category, seconds| {
        found(&Definition { ttl_seconds: Some(seconds), ..template(category, json!([body()])) })
    };
    assert_eq!(lasting(Category::Utility, 30), NOTHING);
    assert_eq!(lasting(Category::Utility, -1), NOTHING);
    assert_eq!(lasting(Category::Utility, 43_201), ["ttl_seconds: ttl"]);
    assert_eq!(lasting(Category::Marketing, -1), ["ttl_seconds: ttl"]);
}

#[test]
fn headers() {
    let with = |header: Value| utility(json!([header, body()]));
    assert_eq!(with(json!({"type": "HEADER", "format": "TEXT", "text": "Order ready"})), NOTHING);
    assert_eq!(with(json!({"type": "HEADER"})), ["components[0].format: missing"]);
    assert_eq!(with(json!({"type": "HEADER", "format": "LOCATION"})), NOTHING);
    let text = |text: &str| {
        with(
            json!({"type": "HEADER", "format": "TEXT", "text": text, "example": {"header_text": ["x", "y"]}}),
        )
    };
    assert_eq!(text(&"a".repeat(61)), ["components[0].text: too_long"]);
    assert_eq!(text("*Sale* of the week"), ["components[0].text: formatted"]);
    assert_eq!(text("{{1}} and {{2}}"), ["components[0].text: gaps"]);
    assert_eq!(
        with(json!({"type": "HEADER", "format": "TEXT", "text": "Hi {{1}}"})),
        ["components[0].example.1: no_example"]
    );
    let sample = ["components[0].example.header_handle: no_sample"];
    for format in ["IMAGE", "VIDEO", "DOCUMENT"] {
        assert_eq!(with(json!({"type": "HEADER", "format": format})), sample);
    }
    assert_eq!(with(json!({"type": "HEADER", "format": "GIF"})), ["components[0]: not_here"]);
    assert_eq!(with(json!({"type": "BODY", "text": "Twice"})), ["components[1]: twice"]);
}

#[test]
fn bodies_and_footers() {
    let with = |text: &str| {
        utility(json!([{"type": "BODY", "text": text, "example": {"body_text": [["a", "b", "c"]]}}]))
    };
    assert_eq!(with(&"a".repeat(1024)), NOTHING);
    assert_eq!(with(&"a".repeat(1025)), ["components[0].text: too_long"]);
    assert_eq!(with("{{1}} is ready for you."), ["components[0].text: gap_at_edge"]);
    assert_eq!(with("Hello {{1}} {{2}}, welcome back to us."), ["components[0].text: gaps_touch"]);
    assert_eq!(with("Hello {{1}}, welcome back {{3}} times."), ["components[0].text: gap_numbers"]);
    assert_eq!(with("Hi {{1}}!"), ["components[0].text: few_words"]);
    assert_eq!(
        utility(json!([{"type": "BODY", "text": "Hello {{1}}, welcome back."}])),
        ["components[0].example.1: no_example"]
    );
    assert_eq!(utility(json!([])), ["components: no_body"]);
    let footer = |text: &str| utility(json!([body(), {"type": "FOOTER", "text": text}]));
    assert_eq!(footer(&"a".repeat(60)), NOTHING);
    assert_eq!(footer(&"a".repeat(61)), ["components[1].text: too_long"]);
    assert_eq!(footer("Order {{1}} today"), ["components[1].text: gaps"]);
}

#[test]
fn buttons_by_kind_and_number() {
    let reply = |label: &str| json!({"type": "QUICK_REPLY", "text": label});
    let with = |list: Value| utility(buttons(&list));
    assert_eq!(with(json!(vec![reply("Yes"); 10])), NOTHING);
    assert_eq!(with(json!(vec![reply("Yes"); 11])), ["components[1].buttons: too_many"]);
    assert_eq!(with(json!([])), ["components[1].buttons: too_few"]);
    assert_eq!(with(json!([reply(&"a".repeat(26))])), ["components[1].buttons[0].text: too_long"]);
    assert_eq!(with(json!([reply("")])), ["components[1].buttons[0].text: missing"]);
    let url = |url: &str| json!({"type": "URL", "text": "Open", "url": url, "example": ["https://x.co/a"]});
    assert_eq!(with(json!([url("https://x.co/{{1}}")])), NOTHING);
    assert_eq!(with(json!([url("x.co")])), ["components[1].buttons[0].url: url"]);
    assert_eq!(with(json!([url("https://x.co/{{1}}/b")])), ["components[1].buttons[0].url: gap_in_url"]);
    assert_eq!(
        with(json!([{"type": "URL", "text": "Open", "url": "https://x.co/{{1}}"}])),
        ["components[1].buttons[0].example: no_example"]
    );
    assert_eq!(
        with(
            json!([{"type": "URL", "text": "Open", "url": "https://x.co/{{1}}", "example": ["https://y.co/a"]}])
        ),
        ["components[1].buttons[0].example: url_example"]
    );
    assert_eq!(with(json!(vec![url("https://x.co"); 3])), ["components[1].buttons[2]: too_many"]);
    assert_eq!(
        with(json!([reply("Yes"), url("https://x.co"), reply("No")])),
        ["components[1].buttons: interleaved"]
    );
    let phone = |number: &str| json!({"type": "PHONE_NUMBER", "text": "Call", "phone_number": number});
    assert_eq!(with(json!([phone("+62 812 3456 789")])), NOTHING);
    assert_eq!(with(json!([phone("ask Ani")])), ["components[1].buttons[0].phone_number: phone"]);
    assert_eq!(
        with(json!([phone("+628123456789"), phone("+628123456789")])),
        ["components[1].buttons[1]: too_many"]
    );
    let code = |code: &str| json!({"type": "COPY_CODE", "example": code});
    assert_eq!(with(json!([code("SALE25")])), NOTHING);
    assert_eq!(with(json!([code(&"A".repeat(21))])), ["components[1].buttons[0].example: too_long"]);
    assert_eq!(with(json!([code("25 %")])), ["components[1].buttons[0].example: code"]);
    assert_eq!(
        with(json!([{"type": "OTP", "otp_type": "COPY_CODE"}])),
        ["components[1].buttons[0]: not_here"]
    );
    assert_eq!(
        with(json!([{"type": "FLOW", "text": "Book"}])),
        ["components[1].buttons[0].flow_id: missing"]
    );
}

#[test]
fn codes() {
    let with = |otp: Value| {
        of(Category::Authentication, json!([{"type": "BODY"}, {"type": "BUTTONS", "buttons": [otp]}]))
    };
    let app = json!({"package_name": "com.example.app", "signature_hash": "K8a/AINcGX7"});
    assert_eq!(with(json!({"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": [app]})), NOTHING);
    assert_eq!(
        with(json!({"type": "OTP", "otp_type": "ONE_TAP"})),
        ["components[1].buttons[0].supported_apps: too_few"]
    );
    assert_eq!(
        with(json!({"type": "OTP", "otp_type": "ZERO_TAP", "supported_apps": vec![app; 6]})),
        [
            "components[1].buttons[0].zero_tap_terms_accepted: terms",
            "components[1].buttons[0].supported_apps: too_many"
        ]
    );
    let all = json!([{"type": "BODY", "text": "My own words"}, {"type": "FOOTER", "code_expiration_minutes": 91},
        {"type": "HEADER", "format": "TEXT", "text": "Code"}, {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Ok"}]}]);
    assert_eq!(
        of(Category::Authentication, all),
        [
            "components[0].text: not_here",
            "components[1].code_expiration_minutes: range",
            "components[2]: not_here",
            "components[3].buttons[0]: not_here",
            "components: one_otp"
        ]
    );
}

#[test]
fn offers() {
    let offer = |text: &str| json!({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": text, "has_expiration": true}});
    let picture = json!({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::a"]}});
    let code = json!({"type": "COPY_CODE", "example": "SALE"});
    let shop = json!({"type": "URL", "text": "Shop", "url": "https://x.co"});
    let with = |category, parts: Value| of(category, parts);
    let good = json!([picture, offer("Weekend only"), body(), {"type": "BUTTONS", "buttons": [code, shop]}]);
    assert_eq!(with(Category::Marketing, good.clone()), NOTHING);
    assert_eq!(with(Category::Utility, good), ["components[1]: not_here"]);
    let late = json!([picture, offer(&"a".repeat(17)), body(), {"type": "FOOTER", "text": "Bye"},
        {"type": "BUTTONS", "buttons": [shop, code, {"type": "QUICK_REPLY", "text": "Ok"}]}]);
    assert_eq!(
        with(Category::Marketing, late),
        [
            "components[1].limited_time_offer.text: too_long",
            "components[3]: not_here",
            "components[4].buttons[1]: code_first",
            "components[4].buttons[2]: not_here"
        ]
    );
    assert_eq!(
        with(Category::Marketing, json!([offer("Now"), {"type": "BODY", "text": "a".repeat(601)}])),
        ["components[1].text: too_long", "components: picture_or_film"]
    );
}

#[test]
fn carousels() {
    let with =
        |cards: Vec<Value>| of(Category::Marketing, json!([body(), {"type": "CAROUSEL", "cards": cards}]));
    assert_eq!(with(vec![card("url"); 10]), NOTHING);
    assert_eq!(with(vec![card("url")]), ["components[1].cards: too_few"]);
    assert_eq!(with(vec![card("url"); 11]), ["components[1].cards: too_many"]);
    assert_eq!(with(vec![card("url"), card("quick_reply")]), ["components[1].cards[1]: cards_differ"]);
    let bare = json!({"components": [{"type": "BODY", "text": "a".repeat(161)}]});
    assert_eq!(
        with(vec![bare.clone(), bare])[..3],
        [
            "components[1].cards[0].components[0].text: too_long",
            "components[1].cards[0].components: picture_or_film",
            "components[1].cards[0].components: too_few"
        ]
    );
}

#[test]
fn what_is_no_part_is_told_by_its_place() {
    let parts = [body(), json!({"type": "POEM"})];
    let flaws = Definition::read_components(&parts).expect_err("a poem is no part");
    assert_eq!(flaws[0].field, "components[1]");
    for language in [Language::English, Language::Indonesian] {
        assert!(flaws[0].wrong.sentence(language).contains("POEM"));
    }
}
