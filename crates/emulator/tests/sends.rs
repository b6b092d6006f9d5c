//! Sends: every type, the limits of each, and what is refused (meta-messaging 1, 5, 6, 7).

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::{ACCOUNT, NUMBER, Stage, TOKEN};

const ANNA: &str = "+491700000001";

async fn with_window() -> Stage {
    let stage = Stage::new().await;
    stage.hello(ANNA).await;
    stage
}

fn message(kind: &str, content: Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": ANNA, "type": kind, kind: content})
}

fn interactive(content: Value) -> Value {
    message("interactive", content)
}

/// A message of every type, as small as it may be.
fn every_type(inbound: &str) -> Vec<Value> {
    let body = json!({"text": "Hi"});
    let row = json!({"id": "a", "title": "A"});
    let card = |index: u64| {
        json!({"card_index": index, "type": "cta_url", "header": {"type": "image", "image": {"link": "https://x.example/a.png"}},
            "action": {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://x.example"}}})
    };
    let link = json!({"link": "https://x.example/file"});
    vec![
        message("text", json!({"body": "Hi", "preview_url": true})),
        message("image", json!({"link": "https://x.example/a.png", "caption": "A"})),
        message("video", link.clone()),
        message("audio", json!({"link": "https://x.example/a.ogg", "voice": true})),
        message("document", json!({"link": "https://x.example/a.pdf", "filename": "a.pdf", "caption": "A"})),
        message("sticker", link),
        message("location", json!({"latitude": "52.5", "longitude": 13.4, "name": "Berlin"})),
        message("contacts", json!([{"name": {"formatted_name": "Eva P", "first_name": "Eva"}}])),
        message("reaction", json!({"message_id": inbound, "emoji": "👍"})),
        interactive(
            json!({"type": "button", "body": body, "action": {"buttons": [{"type": "reply", "reply": row}]}}),
        ),
        interactive(
            json!({"type": "list", "body": body, "action": {"button": "Pick", "sections": [{"rows": [row]}]}}),
        ),
        interactive(json!({"type": "cta_url", "body": body,
            "action": {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://x.example"}}})),
        interactive(
            json!({"type": "location_request_message", "body": body, "action": {"name": "send_location"}}),
        ),
        interactive(
            json!({"type": "request_contact_info", "body": body, "action": {"name": "request_contact_info"}}),
        ),
        interactive(json!({"type": "address_message", "body": body,
            "action": {"name": "address_message", "parameters": {"country": "IN"}}})),
        interactive(json!({"type": "flow", "body": body, "action": {"name": "flow",
            "parameters": {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Go", "flow_token": "t"}}})),
        interactive(json!({"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "p"}})),
        interactive(json!({"type": "product_list", "header": {"type": "text", "text": "H"}, "body": body,
            "action": {"catalog_id": "1", "sections": [{"title": "S", "product_items": [{"product_retailer_id": "p"}]}]}})),
        interactive(json!({"type": "catalog_message", "body": body, "action": {"name": "catalog_message"}})),
        interactive(json!({"type": "carousel", "body": body, "action": {"cards": [card(0), card(1)]}})),
        interactive(
            json!({"type": "order_details", "body": body, "action": {"name": "review_and_pay", "parameters": {
            "reference_id": "r", "type": "digital-goods", "currency": "INR", "total_amount": {"value": 100, "offset": 100},
            "order": {"status": "pending", "items": [], "subtotal": {"value": 100, "offset": 100}}}}}),
        ),
        interactive(json!({"type": "order_status", "body": body, "action": {"name": "review_order",
            "parameters": {"reference_id": "r", "order": {"status": "shipped"}}}})),
        interactive(
            json!({"type": "call_permission_request", "body": body, "action": {"name": "call_permission_request"}}),
        ),
        message("template", json!({"name": "hello_world", "language": {"code": "en_US"}})),
    ]
}

#[tokio::test]
async fn every_type_is_accepted_and_climbs_the_ladder() {
    let stage = Stage::new().await;
    let inbound = stage.hello(ANNA).await;
    for body in every_type(&inbound) {
        let wamid = stage.accepted(body.clone()).await;
        stage.settled().await;
        let statuses: Vec<String> = stage
            .endpoint
            .statuses()
            .into_iter()
            .filter(|(id, _)| *id == wamid)
            .map(|(_, status)| status)
            .collect();
        let wanted: &[&str] =
            if body["type"] == "reaction" { &["sent"] } else { &["sent", "delivered", "read"] };
        assert_eq!(statuses, wanted, "{body}");
    }
}

/// A message, one thing changed by a JSON pointer, and the code it is refused with.
fn spoil(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let target = body.pointer_mut(parent).unwrap();
    match value {
        Value::Null => drop(target.as_object_mut().unwrap().remove(key)),
        value => target[key] = value,
    }
    body
}

#[tokio::test]
async fn limits_are_enforced_with_metas_codes() {
    let stage = with_window().await;
    let text = |n: usize| "x".repeat(n);
    let buttons = |n: usize| {
        let button =
            |i: usize| json!({"type": "reply", "reply": {"id": i.to_string(), "title": format!("B{i}")}});
        interactive(
            json!({"type": "button", "body": {"text": "Hi"}, "action": {"buttons": (0..n).map(button).collect::<Vec<_>>()}}),
        )
    };
    let list = |sections: usize, rows: usize| {
        let section = |s: usize| {
            let row = |r: usize| json!({"id": format!("{s}-{r}"), "title": "R"});
            json!({"title": "S", "rows": (0..rows).map(row).collect::<Vec<_>>()})
        };
        interactive(json!({"type": "list", "body": {"text": "Hi"},
            "action": {"button": "Pick", "sections": (0..sections).map(section).collect::<Vec<_>>()}}))
    };
    let image = |content: Value| message("image", content);
    let ok = |body: Value| (body, 0);
    let cases = vec![
        ok(message("text", json!({"body": text(4096)}))),
        (message("text", json!({"body": text(4097)})), 100),
        (message("text", json!({"body": ""})), 100),
        (message("text", json!({})), 100),
        (message("fax", json!({})), 100),
        (image(json!({"id": "1", "link": "https://x.example/a"})), 100),
        (image(json!({})), 100),
        (image(json!({"link": "ftp://x.example/a"})), 100),
        (image(json!({"id": "404"})), 131009),
        (image(json!({"link": "https://x.example/a", "caption": text(1025)})), 100),
        (message("audio", json!({"link": "https://x.example/a", "caption": "no"})), 100),
        (message("location", json!({"latitude": 91, "longitude": 0})), 131009),
        (message("location", json!({"latitude": 1})), 100),
        (message("contacts", json!([])), 131009),
        (message("contacts", json!([{"name": {"formatted_name": "Eva"}}])), 131008),
        ok(buttons(3)),
        (buttons(0), 131009),
        (buttons(4), 131009),
        (spoil(buttons(2), "/interactive/action/buttons/1/reply/id", json!("0")), 131009),
        (spoil(buttons(2), "/interactive/action/buttons/1/reply/title", json!("B0")), 131009),
        (spoil(buttons(1), "/interactive/action/buttons/0/reply/title", json!(text(21))), 100),
        (spoil(buttons(1), "/interactive/action/buttons/0/reply/id", json!(text(257))), 100),
        (spoil(buttons(1), "/interactive/body/text", json!(text(1025))), 100),
        (spoil(buttons(1), "/interactive/footer", json!({"text": text(61)})), 100),
        (spoil(buttons(1), "/interactive/header", json!({"type": "text", "text": text(61)})), 100),
        ok(list(2, 5)),
        ok(spoil(list(1, 1), "/interactive/body/text", json!(text(4096)))),
        (list(2, 6), 131009),
        (list(11, 1), 131009),
        (spoil(list(2, 1), "/interactive/action/sections/0/title", Value::Null), 100),
        (
            spoil(
                list(1, 1),
                "/interactive/header",
                json!({"type": "image", "image": {"link": "https://x.example"}}),
            ),
            131009,
        ),
        (interactive(json!({"type": "poll", "body": {"text": "?"}, "action": {}})), 131009),
        (
            interactive(
                json!({"type": "voice_call", "body": {"text": "?"}, "action": {"name": "voice_call"}}),
            ),
            138000,
        ),
        (message("reaction", json!({"message_id": "wamid.x"})), 100),
        (spoil(message("text", json!({"body": "a"})), "/biz_opaque_callback_data", json!(text(513))), 100),
        ok(spoil(message("text", json!({"body": "a"})), "/biz_opaque_callback_data", json!(text(512)))),
        (spoil(message("text", json!({"body": "a"})), "/to", json!("49 30 1234567 x")), 131009),
        (spoil(message("text", json!({"body": "a"})), "/to", json!("+49301234567")), 131021),
        (spoil(message("text", json!({"body": "a"})), "/to", Value::Null), 100),
        (spoil(message("text", json!({"body": "a"})), "/messaging_product", Value::Null), 100),
        (spoil(message("text", json!({"body": "a"})), "/category", json!("utility")), 10),
    ];
    for (body, code) in cases {
        let (status, answer) = stage.send(body.clone()).await;
        let got = answer["error"]["code"].as_i64().unwrap_or(0);
        assert_eq!(got, code, "{status} {answer}\n{body}");
        assert_eq!(status == 200, code == 0, "{answer}");
    }
}

#[tokio::test]
async fn template_parameters_are_checked_against_the_definition() {
    let stage = Stage::new().await;
    let text = |text: &str| json!({"type": "text", "text": text});
    let body = |parameters: Value| json!({"type": "body", "parameters": parameters});
    let button = |index: u64, parameter: Value| json!({"type": "button", "sub_type": "url", "index": index.to_string(), "parameters": [parameter]});
    let full = vec![body(json!([text("Eva"), text("#1")])), button(0, text("1"))];
    let order = |components: Value| ("order_update", "en_US", components);
    let cases = vec![
        (order(json!(full)), 0),
        (order(json!([full[0]])), 131008),
        (order(json!([body(json!([text("Eva")])), full[1]])), 132000),
        (order(json!([full[1]])), 132000),
        (
            order(json!([body(json!([text("Eva"), {"type": "image", "image": {"id": "1"}}])), full[1]])),
            132012,
        ),
        (order(json!([body(json!([text("Eva"), text("a\nb")])), full[1]])), 132012),
        (
            order(json!([
                body(json!([text("Eva"), {"type": "text", "text": "a", "parameter_name": "x"}])),
                full[1]
            ])),
            132012,
        ),
        (order(json!([full[0], button(0, json!({"type": "payload", "payload": "x"}))])), 132012),
        (order(json!([full[0], full[1], button(1, text("2"))])), 131009),
        (order(json!([full[0], full[1], {"type": "header", "parameters": [text("x")]}])), 132000),
        (order(json!([body(json!([text(&"y".repeat(1100)), text("#1")])), full[1]])), 132005),
        (("order_update", "de", json!(full)), 132001),
        (("nothing", "en_US", json!([])), 132001),
        (("winter_sale", "en_US", json!([])), 0),
    ];
    for ((name, language, components), code) in cases {
        let template = json!({"name": name, "language": {"code": language}, "components": components});
        let (status, answer) = stage.send(message("template", template)).await;
        assert_eq!(answer["error"]["code"].as_i64().unwrap_or(0), code, "{answer}\n{components}");
        assert_eq!(
            status,
            if code == 0 {
                200
            } else if code == 132001 {
                404
            } else {
                400
            }
        );
    }
    // From v23 on Meta may give one code for both.
    stage.control("PATCH", "/settings", json!({"template_errors": "joint"})).await;
    let template = json!({"name": "order_update", "language": {"code": "en_US"}, "components": [full[1]]});
    assert_eq!(stage.send(message("template", template)).await.1["error"]["code"], 132018);
}

#[tokio::test]
async fn special_templates_named_media_and_carousel() {
    let stage = Stage::new().await;
    let template = |name: &str, format: &str, components: Value| {
        json!({"account_id": ACCOUNT, "name": name, "language": "en", "category": "MARKETING",
            "parameter_format": format, "components": components})
    };
    let quick = json!({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "More"}]});
    let card = json!({"components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Elf"}, quick]});
    let seeds = [
        template("named", "NAMED", json!([{"type": "BODY", "text": "Hi {{first}} and {{second}}."}])),
        template(
            "picture",
            "POSITIONAL",
            json!([{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Look."}]),
        ),
        template(
            "cards",
            "POSITIONAL",
            json!([{"type": "BODY", "text": "New."}, {"type": "CAROUSEL", "cards": [card, card]}]),
        ),
        template(
            "offer",
            "POSITIONAL",
            json!([{"type": "BODY", "text": "Now."},
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon", "has_expiration": true}},
            {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "X"}]}]),
        ),
    ];
    stage.control("POST", "/seed", json!({"templates": seeds})).await;
    let param = |name: &str, text: &str| json!({"type": "text", "parameter_name": name, "text": text});
    let picture = json!({"type": "header", "parameters": [{"type": "image", "image": {"link": "https://x.example/a.png"}}]});
    let shown = |index: u64| json!({"card_index": index, "components": [picture]});
    let expiry = json!({"type": "limited_time_offer", "parameters": [
        {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1_900_000_000_000_i64}}]});
    let coupon = json!({"type": "button", "sub_type": "copy_code", "index": 0,
        "parameters": [{"type": "coupon_code", "coupon_code": "X"}]});
    let cases = [
        ("named", json!([{"type": "body", "parameters": [param("second", "b"), param("first", "a")]}]), 0),
        (
            "named",
            json!([{"type": "body", "parameters": [param("second", "b"), param("second", "a")]}]),
            132012,
        ),
        (
            "named",
            json!([{"type": "body", "parameters": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]),
            132012,
        ),
        ("picture", json!([picture]), 0),
        ("picture", json!([]), 132012),
        ("picture", json!([{"type": "header", "parameters": [{"type": "text", "text": "x"}]}]), 132012),
        ("cards", json!([{"type": "carousel", "cards": [shown(0), shown(1)]}]), 0),
        ("cards", json!([{"type": "carousel", "cards": [shown(0)]}]), 132000),
        ("offer", json!([expiry, coupon]), 0),
        ("offer", json!([coupon]), 131008),
        ("offer", json!([expiry]), 131008),
    ];
    for (name, components, code) in cases {
        let body =
            message("template", json!({"name": name, "language": {"code": "en"}, "components": components}));
        let (_, answer) = stage.send(body).await;
        assert_eq!(answer["error"]["code"].as_i64().unwrap_or(0), code, "{name} {components} {answer}");
    }
    let query = format!("/phones/{ANNA}?number={NUMBER}");
    let chat = stage.control("GET", &query.replace('+', "%2B"), Value::Null).await;
    assert_eq!(chat["messages"][0]["text"], "Hi a and b.");
}

#[tokio::test]
async fn the_order_of_checks_is_stable() {
    let stage = Stage::new().await;
    let post = |path: String, token: Option<&str>| {
        let mut call = stage.client.post(stage.url(&path)).json(&json!({"type": "nonsense"}));
        if let Some(token) = token {
            call = call.bearer_auth(token);
        }
        async move {
            let answer = call.send().await.unwrap();
            let status = answer.status().as_u16();
            let challenge =
                answer.headers().get("www-authenticate").map(|it| it.to_str().unwrap().to_owned());
            let version =
                answer.headers().get("facebook-api-version").map(|it| it.to_str().unwrap().to_owned());
            let body: Value = answer.json().await.unwrap();
            (
                status,
                body["error"]["code"].as_i64().unwrap(),
                body["error"]["error_subcode"].as_i64(),
                challenge,
                version,
            )
        }
    };
    let path = format!("/v25.0/{NUMBER}/messages");
    let (status, code, ..) = post("/v99.0/me".into(), None).await;
    assert_eq!((status, code), (400, 2500));
    let (status, code, ..) = post(format!("/{NUMBER}/messages"), Some(TOKEN)).await;
    assert_eq!((status, code), (400, 2500), "no version is refused");
    let (status, code, ..) = post(path.clone(), None).await;
    assert_eq!((status, code), (400, 104));
    let (status, code, subcode, challenge, version) = post(path.clone(), Some("garbage")).await;
    assert_eq!((status, code, subcode), (401, 190, None));
    assert_eq!(version.as_deref(), Some("v25.0"));
    assert_eq!(
        challenge.as_deref(),
        Some(
            r#"OAuth "Facebook Platform" "invalid_token" "Invalid OAuth access token - Cannot parse access token""#
        )
    );
    let (status, code, subcode, ..) = post("/v25.0/123/messages".into(), Some(TOKEN)).await;
    assert_eq!((status, code, subcode), (400, 100, Some(33)));
    // A number of another client.
    let (status, code, subcode, ..) = post("/v25.0/600000000000011/messages".into(), Some(TOKEN)).await;
    assert_eq!((status, code, subcode), (400, 100, Some(33)));
    for version in ["v14.0", "v22.0", "v26.0"] {
        let (status, code, ..) = post(format!("/{version}/{NUMBER}/messages"), Some(TOKEN)).await;
        assert_eq!((status, code), (400, 100), "{version}");
    }
    stage.control("POST", "/tokens/end", json!({"token": TOKEN})).await;
    let (status, code, subcode, ..) = post(path.clone(), Some(TOKEN)).await;
    assert_eq!((status, code, subcode), (401, 190, Some(463)));
    stage.control("POST", "/tokens/end", json!({"token": TOKEN, "why": "app_removed"})).await;
    assert_eq!(post(path, Some(TOKEN)).await.2, Some(458));
}

#[tokio::test]
async fn state_of_account_number_and_funding_refuse_sends() {
    let stage = with_window().await;
    let text = message("text", json!({"body": "Hi"}));
    let template = message("template", json!({"name": "hello_world", "language": {"code": "en_US"}}));
    let mut seed = support::connected(&stage.endpoint.url());
    seed["accounts"][0]["funding_id"] = Value::Null;
    stage.control("POST", "/seed", json!({"accounts": seed["accounts"]})).await;
    assert_eq!(
        stage.send(text.clone()).await.0,
        200,
        "service messages within the quota need no payment method"
    );
    assert_eq!(stage.send(template.clone()).await.1["error"]["code"], 131042);
    stage.control("PATCH", "/settings", json!({"funding_error_sync": false})).await;
    let wamid = stage.accepted(template.clone()).await;
    stage.settled().await;
    assert!(stage.endpoint.statuses().contains(&(wamid, "failed".into())));
    seed["accounts"][0]["status"] = "DISABLED".into();
    stage.control("POST", "/seed", json!({"accounts": seed["accounts"]})).await;
    let (status, answer) = stage.send(text.clone()).await;
    assert_eq!((status, answer["error"]["code"].as_i64()), (403, Some(131031)));
    seed["accounts"][0]["status"] = "ACTIVE".into();
    seed["numbers"][0]["status"] = "PENDING".into();
    seed["numbers"][0]["platform_type"] = "NOT_APPLICABLE".into();
    stage.control("POST", "/seed", json!({"accounts": seed["accounts"], "numbers": seed["numbers"]})).await;
    assert_eq!(stage.send(text).await.1["error"]["code"], 133010);
}

#[tokio::test]
async fn the_window_opens_by_the_person_alone_and_ends_after_a_day() {
    let stage = Stage::new().await;
    let text = message("text", json!({"body": "Hi"}));
    let fails = async |code: Option<i64>| {
        let wamid = stage.accepted(text.clone()).await;
        stage.settled().await;
        let values = stage.endpoint.values();
        let statuses = values.iter().filter_map(|value| value.pointer("/statuses/0"));
        let failed = statuses
            .into_iter()
            .find(|status| status["id"] == wamid.as_str() && status["status"] == "failed");
        assert_eq!(failed.and_then(|status| status.pointer("/errors/0/code")?.as_i64()), code);
    };
    fails(Some(131047)).await;
    stage.accepted(message("template", json!({"name": "hello_world", "language": {"code": "en_US"}}))).await;
    fails(Some(131047)).await;
    let hello = stage.hello(ANNA).await;
    fails(None).await;
    stage.control("POST", "/clock", json!({"advance_ms": 24 * 3_600_000})).await;
    fails(Some(131047)).await;
    stage
        .control(
            "POST",
            "/inbound",
            json!({"from": ANNA, "type": "reaction", "reaction": {"message_id": hello, "emoji": "👍"}}),
        )
        .await;
    fails(Some(131047)).await;
    stage.control("PATCH", "/settings", json!({"window_error": "sync"})).await;
    assert_eq!(stage.send(text.clone()).await.1["error"]["code"], 131047);
    stage.control("PATCH", "/settings", json!({"reactions_open_window": true})).await;
    stage
        .control(
            "POST",
            "/inbound",
            json!({"from": ANNA, "type": "reaction", "reaction": {"message_id": hello}}),
        )
        .await;
    assert_eq!(stage.send(text.clone()).await.0, 200);
}

#[tokio::test]
async fn rate_limits_are_400_with_codes() {
    let stage = with_window().await;
    let text =
        |to: &str| json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": "Hi"}});
    stage.control("PATCH", "/settings", json!({"limits": {"pair_burst": 45}})).await;
    for _ in 0..45 {
        assert_eq!(stage.send(text(ANNA)).await.0, 200);
    }
    let (status, answer) = stage.send(text(ANNA)).await;
    assert_eq!((status, answer["error"]["code"].as_i64()), (400, Some(131056)));
    assert_eq!(stage.send(text("+491700000003")).await.0, 200, "another person is another pair");
    stage.control("POST", "/clock", json!({"advance_ms": 6_100})).await;
    assert_eq!(stage.send(text(ANNA)).await.0, 200);
    assert_eq!(stage.send(text(ANNA)).await.1["error"]["code"], 131056);

    stage.control("PATCH", "/settings", json!({"limits": {"pair_burst": 0, "messages_per_second": 5}})).await;
    let mut codes = Vec::new();
    for _ in 0..30 {
        codes.push(stage.send(text(ANNA)).await.1["error"]["code"].as_i64().unwrap_or(0));
    }
    assert!(codes.contains(&130429) && codes.contains(&0), "{codes:?}");
}

#[tokio::test]
async fn people_may_be_unreachable_blocked_or_tired_of_marketing() {
    let stage = with_window().await;
    let text = message("text", json!({"body": "Hi"}));
    let failure = async |wamid: String| {
        stage.settled().await;
        let values = stage.endpoint.values();
        let statuses = values.iter().filter_map(|value| value.pointer("/statuses/0"));
        let failed = statuses
            .into_iter()
            .find(|status| status["id"] == wamid.as_str() && status["status"] == "failed");
        failed.and_then(|status| status.pointer("/errors/0/code")?.as_i64())
    };
    stage.control("PATCH", "/people/u1", json!({"on_whatsapp": false})).await;
    assert_eq!(failure(stage.accepted(text.clone()).await).await, Some(131026));
    stage.control("PATCH", "/people/u1", json!({"on_whatsapp": true, "blocked": [NUMBER]})).await;
    assert_eq!(failure(stage.accepted(text.clone()).await).await, Some(131026));
    stage.control("PATCH", "/people/u1", json!({"blocked": []})).await;
    assert_eq!(failure(stage.accepted(text.clone()).await).await, None);

    let block = |method: Method, user: Value| {
        let body = json!({"messaging_product": "whatsapp", "block_users": [user]});
        stage.graph(method, &format!("/{NUMBER}/block_users")).json(&body).send()
    };
    let answer: Value = block(Method::POST, json!({"user": ANNA})).await.unwrap().json().await.unwrap();
    assert_eq!(answer["block_users"]["added_users"], json!([{"input": ANNA, "wa_id": "491700000001"}]));
    assert_eq!(stage.send(text.clone()).await.1["error"]["code"], 130403);
    let listed = stage.graph(Method::GET, &format!("/{NUMBER}/block_users")).send().await.unwrap();
    assert_eq!(listed.json::<Value>().await.unwrap()["data"][0]["wa_id"], "491700000001");
    // Somebody who never wrote cannot be blocked: a partial failure holds both lists and an error.
    let refused = block(Method::POST, json!({"user": "+491700000003"})).await.unwrap();
    assert_eq!(refused.status(), 400);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["error"]["code"], 139100);
    assert_eq!(refused["block_users"]["failed_users"][0]["errors"][0]["code"], 131047);
    let answer: Value = block(Method::DELETE, json!({"user_id": "DE.10000000000000000001"}))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        answer["block_users"]["removed_users"],
        json!([{"input": "DE.10000000000000000001", "user_id": "DE.10000000000000000001"}])
    );
    assert_eq!(stage.send(text).await.0, 200);

    let sale = message("template", json!({"name": "winter_sale", "language": {"code": "en_US"}}));
    stage.control("POST", "/people/u1/marketing", json!({"value": "stop"})).await;
    assert_eq!(failure(stage.accepted(sale.clone()).await).await, Some(131050));
    stage.control("POST", "/people/u1/marketing", json!({"value": "resume"})).await;
    assert_eq!(failure(stage.accepted(sale).await).await, None);
}

#[tokio::test]
async fn bsuids_belong_to_one_portfolio_and_refuse_codes() {
    let stage = Stage::new().await;
    let to = |recipient: &str, kind: &str, content: Value| json!({"messaging_product": "whatsapp", "recipient": recipient, "type": kind, kind: content});
    let code = json!({"name": "verification_code", "language": {"code": "en_US"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "123456"}]}]});
    let max = "DE.10000000000000000002";
    assert_eq!(stage.send(to(max, "template", code.clone())).await.1["error"]["code"], 131062);
    assert_eq!(stage.send(message("template", code)).await.0, 200);
    assert_eq!(stage.send(to("DE.404", "text", json!({"body": "Hi"}))).await.1["error"]["code"], 131026);
    // `to` wins over `recipient`.
    let mut both = message("text", json!({"body": "Hi"}));
    both["recipient"] = max.into();
    let (_, answer) = stage.send(both).await;
    assert_eq!(answer["contacts"][0], json!({"input": ANNA, "wa_id": "491700000001", "user_id": max}));
}

#[tokio::test]
async fn read_receipts_mark_everything_before_and_show_typing() {
    let stage = Stage::new().await;
    let first = stage.hello(ANNA).await;
    let second = stage.hello(ANNA).await;
    let body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": second, "typing_indicator": {"type": "text"}});
    let (status, answer) = stage.send(body).await;
    assert_eq!((status, answer), (200, json!({"success": true})));
    let chat = stage.control("GET", "/phones/491700000001", Value::Null).await;
    assert_eq!(chat["typing"], true);
    for (at, id) in [first, second].iter().enumerate() {
        assert_eq!(
            (&chat["messages"][at]["id"], &chat["messages"][at]["status"]),
            (&json!(id), &json!("read"))
        );
    }
    stage.accepted(message("text", json!({"body": "Hi"}))).await;
    assert_eq!(stage.control("GET", "/phones/491700000001", Value::Null).await["typing"], false);
    let foreign = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.unknown"});
    assert_eq!(stage.send(foreign).await.1["error"]["code"], 131009);
}

#[tokio::test]
async fn prices_follow_the_date_and_the_quota() {
    let stage = Stage::new().await;
    let price = async |wamid: String| {
        stage.settled().await;
        let values = stage.endpoint.values();
        let statuses = values.iter().filter_map(|value| value.pointer("/statuses/0"));
        let priced = statuses
            .into_iter()
            .find(|status| status["id"] == wamid.as_str() && status.get("pricing").is_some());
        let pricing = priced.map(|status| status["pricing"].clone()).unwrap_or_default();
        (
            pricing["billable"].as_bool(),
            pricing["type"].as_str().unwrap_or_default().to_owned(),
            pricing["category"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let text = message("text", json!({"body": "Hi"}));
    let utility = message("template", json!({"name": "hello_world", "language": {"code": "en_US"}}));
    let of =
        |billable: bool, kind: &str, category: &str| (Some(billable), kind.to_owned(), category.to_owned());

    // 2026-09-15: service and in-window utility are free.
    stage.control("POST", "/clock", json!({"now": 1_789_430_400_000_i64})).await;
    stage.hello(ANNA).await;
    assert_eq!(
        price(stage.accepted(text.clone()).await).await,
        of(false, "free_customer_service", "service")
    );
    assert_eq!(
        price(stage.accepted(utility.clone()).await).await,
        of(false, "free_customer_service", "utility")
    );

    // 2026-11-20: utility is charged, service beyond a thousand is.
    stage.control("POST", "/clock", json!({"now": 1_795_165_200_000_i64})).await;
    stage.hello(ANNA).await;
    assert_eq!(price(stage.accepted(utility).await).await, of(true, "regular", "utility"));
    assert_eq!(
        price(stage.accepted(text.clone()).await).await,
        of(false, "free_customer_service", "service")
    );
    let mut numbers = support::connected("")["numbers"].clone();
    numbers[0]["service_deliveries"] = json!({"2026-11": 1_000});
    stage.control("POST", "/seed", json!({"numbers": numbers})).await;
    assert_eq!(price(stage.accepted(text.clone()).await).await, of(true, "regular", "service"));

    // Through an ad: everything is free, and the end of the free time is told.
    let referral = json!({"source_type": "ad", "source_id": "1", "source_url": "https://fb.example"});
    stage
        .control("POST", "/inbound", json!({"from": ANNA, "text": {"body": "Ad"}, "referral": referral}))
        .await;
    let wamid = stage.accepted(text).await;
    assert_eq!(price(wamid.clone()).await, of(false, "free_entry_point", "referral_conversion"));
    let values = stage.endpoint.values();
    let sent = values
        .iter()
        .filter_map(|value| value.pointer("/statuses/0"))
        .find(|it| it["id"] == wamid.as_str())
        .unwrap();
    assert_eq!(sent["conversation"]["origin"]["type"], "referral_conversion");
    assert!(sent["conversation"]["expiration_timestamp"].is_string());

    // Webhooks of v23 and before name a conversation on every status.
    stage.control("PATCH", "/settings", json!({"webhook_version": 23})).await;
    stage.endpoint.forget();
    stage.control("POST", "/inbound", json!({"from": "491700000003", "text": {"body": "Hi"}})).await;
    stage.accepted(json!({"to": "491700000003", "type": "text", "text": {"body": "Hi"}})).await;
    stage.settled().await;
    let values = stage.endpoint.values();
    let statuses: Vec<&Value> = values.iter().filter_map(|value| value.pointer("/statuses/0")).collect();
    assert!(statuses.iter().all(|it| it["conversation"]["origin"]["type"] == "service"), "{statuses:?}");
    assert_eq!(statuses.len(), 3);
}

#[tokio::test]
async fn media_links_on_this_machine_are_fetched_and_checked() {
    let stage = with_window().await;
    let missing = format!("{}/nothing-here", stage.running.url());
    let wamid = stage.accepted(message("image", json!({"link": missing}))).await;
    stage.settled().await;
    let values = stage.endpoint.values();
    let failed = values
        .iter()
        .filter_map(|value| value.pointer("/statuses/0"))
        .find(|it| it["id"] == wamid.as_str())
        .unwrap();
    assert_eq!(failed.pointer("/errors/0/code"), Some(&json!(131053)), "{failed}");
    let wamid = stage.accepted(message("image", json!({"link": format!("{}/", stage.running.url())}))).await;
    stage.settled().await;
    assert!(stage.endpoint.statuses().contains(&(wamid, "read".into())));
}

#[tokio::test]
async fn marketing_messages_take_marketing_templates_alone_and_groups_are_refused() {
    let stage = with_window().await;
    let post = async |body: Value| {
        let answer = stage
            .graph(Method::POST, &format!("/{NUMBER}/marketing_messages"))
            .json(&body)
            .send()
            .await
            .unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let template = |name: &str| message("template", json!({"name": name, "language": {"code": "en_US"}}));
    assert!(post(template("winter_sale")).await["messages"][0]["id"].is_string());
    assert_eq!(post(template("hello_world")).await["error"]["code"], 131055);
    let refused = post(message("text", json!({"body": "Hi"}))).await;
    assert_eq!(refused["error"]["error_data"]["details"], "Message must be a template message.");
    let mut group = message("text", json!({"body": "Hi"}));
    group["recipient_type"] = "group".into();
    assert_eq!(stage.send(group).await.1["error"]["code"], 131215);
    let mut token = support::connected("")["tokens"][0].clone();
    token["scopes"] = json!(["whatsapp_business_management"]);
    stage.control("POST", "/tokens", token).await;
    let (status, answer) = stage.send(message("text", json!({"body": "Hi"}))).await;
    assert_eq!((status, answer["error"]["code"].as_i64()), (403, Some(200)));
}
