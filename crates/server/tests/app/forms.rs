//! Forms, their public pages, and experiments with what they say.

use reqwest::{Method, header};
use rules::role::Role;
use rules::time::span;
use serde_json::{Value, json};
use testkit::app::{self, Actor, Answer, TestApp, TestOrg};

use crate::chat::number;

fn wording(title: &str) -> Value {
    json!({
        "business": "Kopi Senja", "privacy_url": "https://kopisenja.example/privacy",
        "purposes": ["utility", "marketing"],
        "en": {
            "title": title, "intro": "Be the first to know.",
            "utility": "Kopi Senja may write to me about my orders.",
            "marketing": "Kopi Senja may send me offers <b>now</b> & then.",
            "footer": "Reply STOP at any time.", "button": "Sign up", "thanks": "See you soon!",
        },
    })
}

/// A form that counts at once: its id and the path of its page.
async fn form(app: &TestApp, org: &TestOrg) -> (String, String) {
    let form =
        org.owner.post("forms", json!({ "name": "Website", "double_opt_in": "none" })).await.expect(201);
    let id = form.str("/id").to_owned();
    org.owner.post(&format!("forms/{id}/versions"), json!({ "wording": wording("News") })).await.expect(201);
    (id, form.str("/url").replace(&app.url, ""))
}

async fn send(actor: &Actor, page: &str, fields: &[(&str, &str)]) -> Answer {
    actor.send(actor.request(Method::POST, page).form(fields)).await
}

/// Sends as a script of another site does, from a browser of this name.
async fn send_from(app: &TestApp, page: &str, origin: &str, fields: &[(&str, &str)]) -> Answer {
    let request = app.anonymous.request(Method::POST, page).form(fields);
    let request = request.header(header::ORIGIN, origin).header(header::ACCEPT, "application/json");
    app.anonymous.send(request).await
}

async fn contacts(org: &TestOrg) -> Vec<Value> {
    org.owner.get("contacts").await.expect(200).items().to_vec()
}

#[tokio::test]
async fn a_form_is_made_worded_and_used_and_its_words_are_never_changed() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let bare = json!({ "name": "Kasir", "double_opt_in": "whatsapp" });
        let wrong = org.owner.post("forms", &bare).await;
        assert_eq!((wrong.problem(422), wrong.str("/errors/0/field")), ("invalid", "number_id"));
        let (id, page) = form(app, &org).await;
        let path = format!("forms/{id}");

        let nameless = json!({ "wording": { "business": "", "privacy_url": "x", "purposes": [] } });
        let wrong = org.owner.post(&format!("{path}/versions"), nameless).await;
        assert_eq!(wrong.problem(422), "invalid");
        assert_eq!(wrong.json["errors"].as_array().unwrap().len(), 4);

        let second = org.owner.post(&format!("{path}/versions"), json!({ "wording": wording("More news") })).await;
        assert_eq!(second.expect(201).json["ordinal"], 2);
        let versions = org.owner.get(&format!("{path}/versions")).await.expect(200);
        let first = versions.items()[1].clone();
        assert_eq!(first["wording"]["en"]["title"], "News");
        assert_eq!(org.owner.get(&path).await.str("/version/wording/en/title"), "More news");
        let back = format!("{path}/versions/{}/use", first["id"].as_str().unwrap());
        assert_eq!(org.owner.post(&back, json!({})).await.expect(200).json["version"]["ordinal"], 1);

        let html = app.anonymous.get(&page).await.expect(200);
        let policy = html.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        // A browser that may not say where it comes from sends the form with the origin `null`, which is refused.
        assert_eq!(html.headers[header::REFERRER_POLICY], "same-origin");
        assert!(html.headers.get(header::SET_COOKIE).is_none());
        assert!(html.text.contains("offers &lt;b&gt;now&lt;&#x2f;b&gt; &amp; then"), "{}", html.text);
        assert!(!html.text.contains("checked"), "nothing is ticked for anybody");

        let number = number(app, org.id).await;
        let change = json!({ "name": "Kasir", "number_id": number, "double_opt_in": "whatsapp",
            "settings": { "color": "#f5c518", "ask_email": "required", "redirect": "", "origins": ["https://kopi.example"] } });
        let changed = org.owner.call(Method::PUT, &path, Some(change.clone())).await.expect(200);
        assert_eq!(changed.str("/settings/color"), "#f5c518");
        let wrong = json!({ "name": "x", "double_opt_in": "none",
            "settings": { "color": "red", "redirect": "javascript:1", "origins": ["https://kopi.example/"] } });
        let wrong = org.owner.call(Method::PUT, &path, Some(wrong)).await;
        assert_eq!((wrong.problem(422), wrong.json["errors"].as_array().unwrap().len()), ("invalid", 3));

        let pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
        org.owner.call(Method::PUT, &format!("{path}/logo"), Some(json!({ "image": pixel }))).await.expect(204);
        let logo = app.anonymous.get(&format!("{page}/logo")).await.expect(200);
        assert_eq!(logo.headers[header::CONTENT_TYPE], "image/png");
        assert!(org.owner.get(&format!("{path}/qr")).await.expect(200).text.contains("<svg"));
        let png = org.owner.get(&format!("{path}/qr?format=png")).await.expect(200);
        assert_eq!(png.headers[header::CONTENT_TYPE], "image/png");

        let archived = json!({ "name": "Kasir", "number_id": number, "double_opt_in": "whatsapp", "status": "archived" });
        org.owner.call(Method::PUT, &path, Some(archived)).await.expect(200);
        assert!(app.anonymous.get(&page).await.expect(404).text.contains("closed"));
        let late = json!({ "phone": "+6281234567890", "purposes": ["utility"] });
        assert_eq!(org.key.post(&format!("{path}/submissions"), late).await.problem(409), "form_archived");
        assert_eq!(other.owner.get(&path).await.problem(404), "not_found");
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(viewer.call(Method::PUT, &path, Some(change)).await.problem(403), "right_missing");
    })
    .await;
}

#[tokio::test]
async fn a_page_takes_what_is_whole_and_says_what_is_wrong_beside_it() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let (id, page) = form(app, &org).await;
        let wrong = send(&app.anonymous, &page, &[("phone", "call me"), ("name", "Sari")]).await.expect(422);
        assert!(wrong.text.contains("role=\"alert\"") && wrong.text.contains("value=\"Sari\""), "{}", wrong.text);
        assert_eq!(wrong.text.matches("aria-invalid").count(), 3, "the number and both ticks: {}", wrong.text);
        assert!(contacts(&org).await.is_empty());

        let good = [("phone", "0812-3456-7890"), ("name", "Sari"), ("utility", "on"), ("lang", "id")];
        let thanks = send(&app.anonymous, &page, &good).await.expect(200);
        assert!(thanks.text.contains("See you soon!"), "{}", thanks.text);
        let found = contacts(&org).await;
        assert_eq!((&found[0]["phone"], &found[0]["name"]), (&json!("6281234567890"), &json!("Sari")));
        let consent = org.owner.get(&format!("contacts/{}/consent", found[0]["id"].as_str().unwrap())).await;
        assert_eq!(consent.str("/state/utility/standing"), "opted_in");
        assert_eq!(consent.str("/state/marketing/standing"), "unknown", "it was not ticked");
        assert_eq!(consent.str("/events/0/evidence/page"), format!("{}{page}", app.url));

        // Known or not: nobody can tell.
        let again = [("phone", "0812-3456-7890"), ("marketing", "on")];
        let stranger = [("phone", "0812-3456-7899"), ("marketing", "on")];
        let [known, unknown] = [send(&app.anonymous, &page, &again).await, send(&app.anonymous, &page, &stranger).await];
        let plain = |answer: &Answer| {
            let nonce = answer.text.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            (answer.status, answer.text.replace(nonce, ""))
        };
        assert_eq!(plain(&known), plain(&unknown));
        assert_eq!(contacts(&org).await.iter().find(|one| one["name"] == "Sari").unwrap()["phone"], "6281234567890");

        // A program that fills in everything is thanked, and nothing is kept.
        let robot = [("phone", "0812-3456-7000"), ("marketing", "on"), ("website", "http://spam.example")];
        assert_eq!(plain(&send(&app.anonymous, &page, &robot).await), plain(&known));
        assert_eq!(contacts(&org).await.len(), 2);

        // What a form does not offer cannot be agreed to.
        let narrow = json!({ "wording": { "business": "Kopi Senja", "privacy_url": "https://k.example/p",
            "purposes": ["utility"], "en": { "title": "News", "utility": "Kopi Senja may write.", "button": "Go", "thanks": "Ok" } } });
        org.owner.post(&format!("forms/{id}/versions"), narrow).await.expect(201);
        send(&app.anonymous, &page, &again).await.expect(422);
        app.anonymous.get("/f/unknown").await.expect(404);
        let long = "x".repeat(20_000);
        assert_eq!(send(&app.anonymous, &page, &[("name", &long)]).await.status, 400);
    })
    .await;
}

#[tokio::test]
async fn another_site_s_page_reads_and_sends_only_where_the_form_names_it() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let (id, page) = form(app, &org).await;
        let (shop, stranger) = ("https://kopi.example", "https://stranger.example");
        let named = json!({ "name": "Website", "double_opt_in": "none", "settings": { "origins": [shop] } });
        org.owner.call(Method::PUT, &format!("forms/{id}"), Some(named)).await.expect(200);
        let reads = async |origin: &str| {
            let request = app
                .anonymous
                .request(Method::GET, &format!("{page}/widget.json"))
                .header(header::ORIGIN, origin);
            app.anonymous.send(request).await
        };
        let shown = reads(shop).await.expect(200);
        assert_eq!(shown.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], shop);
        assert_eq!(shown.headers["cross-origin-resource-policy"], "cross-origin");
        assert_eq!(shown.str("/purposes/1/name"), "marketing");
        let refused = reads(stranger).await;
        assert_eq!(refused.problem(403), "origin_not_allowed");
        assert!(refused.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none());
        assert_eq!(reads("null").await.problem(403), "origin_not_allowed");

        let fields =
            [("phone", "0812-3456-7890"), ("marketing", "on"), ("page", "https://kopi.example/menu")];
        assert_eq!(send_from(app, &page, stranger, &fields).await.problem(403), "origin_not_allowed");
        let taken = send_from(app, &page, shop, &fields).await.expect(200);
        assert_eq!((taken.str("/state"), taken.str("/thanks")), ("confirmed", "See you soon!"));
        assert_eq!(taken.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], shop);
        let wrong = send_from(app, &page, shop, &[("phone", "x"), ("lang", "id")]).await;
        assert_eq!((wrong.problem(422), wrong.json["errors"].as_array().unwrap().len()), ("invalid", 2));
        let sent = org.owner.get(&format!("forms/{id}/submissions")).await.expect(200);
        assert_eq!(
            (sent.str("/items/0/way"), sent.str("/items/0/page")),
            ("widget", "https://kopi.example/menu")
        );
        let script = app.anonymous.get(&format!("{page}/widget.js")).await.expect(200);
        assert_eq!(script.headers["cross-origin-resource-policy"], "cross-origin");
    })
    .await;
}

#[tokio::test]
async fn too_many_forms_from_one_network_have_to_wait() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let (_, page) = form(app, &org).await;
        let fields = [("phone", "0812-3456-7890"), ("marketing", "on")];
        for _ in 0..60 {
            send_from(app, &page, &app.url, &fields).await.expect(200);
        }
        send_from(app, &page, &app.url, &fields).await;
        assert_eq!(send_from(app, &page, &app.url, &fields).await.problem(429), "too_many_attempts");
        assert!(send(&app.anonymous, &page, &fields).await.expect(429).text.contains("Wait a little"));
        app.clock.advance(span::hours(2));
        send(&app.anonymous, &page, &fields).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_form_of_one_s_own_making_is_recorded_through_the_api() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let (id, _) = form(app, &org).await;
        let path = format!("forms/{id}/submissions");
        let wrong = json!({ "phone": "x", "purposes": [] });
        assert_eq!(org.key.post(&path, wrong).await.problem(422), "invalid");
        let sent = json!({ "phone": "0812 3456 7890", "purposes": ["utility", "marketing"], "name": "Sari",
            "ip": "203.0.113.9", "user_agent": "Toko", "page": "https://kopi.example/checkout" });
        let recorded = org.key.post(&path, sent).await.expect(201);
        assert_eq!((recorded.str("/state"), &recorded.json["confirm_url"]), ("confirmed", &Value::Null));
        let list = org.owner.get(&path).await.expect(200);
        let contact = list.str("/items/0/contact_id");
        let consent = org.owner.get(&format!("contacts/{contact}/consent")).await.expect(200);
        assert_eq!(consent.str("/events/0/evidence/ip"), "203.0.113.9");
        assert_eq!(consent.str("/state/marketing/standing"), "opted_in");
        let audited = org.owner.get("audit").await;
        assert_eq!(audited.items()[0]["action"], "submission.record");
    })
    .await;
}

/// Somebody with a browser of this name opens the page, and agrees if it says what they like. Returns what it said.
async fn visits(app: &TestApp, page: &str, browser: &str, likes: &str) -> String {
    let asks = |method, path: &str| app.anonymous.request(method, path).header(header::USER_AGENT, browser);
    let shown = app.anonymous.send(asks(Method::GET, page)).await.expect(200);
    let hidden = |name: &str| {
        let field = shown.text.split(&format!("name=\"{name}\" value=\"")).nth(1);
        field.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    };
    let (version, visit) = (hidden("version"), hidden("visit"));
    let seen = [("version", version.as_str()), ("visit", visit.as_str())];
    app.anonymous.send(asks(Method::POST, &format!("{page}/seen")).form(&seen)).await.expect(204);
    if version == likes {
        let fields = [
            ("version", version.as_str()),
            ("visit", &visit),
            ("phone", "0812-3456-7890"),
            ("marketing", "on"),
        ];
        app.anonymous.send(asks(Method::POST, page).form(&fields)).await.expect(200);
    }
    version
}

#[tokio::test]
async fn an_experiment_says_nothing_before_as_many_have_taken_part_as_were_planned() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let (id, page) = form(app, &org).await;
        let path = format!("forms/{id}");
        let other = json!({ "wording": wording("Free coffee"), "in_use": false });
        let other =
            org.owner.post(&format!("{path}/versions"), other).await.expect(201).str("/id").to_owned();
        let first = org.owner.get(&path).await.str("/version/id").to_owned();
        assert_ne!(first, other, "it is only kept");
        let plan = org.owner.get("experiment-plan?arms=2&base=0.3&effect=0.1").await.expect(200);
        assert_eq!(plan.json["per_arm"], 356);
        let too_small = org.owner.get("experiment-plan?arms=2&base=0.3&effect=0.0001").await;
        assert_eq!(too_small.problem(422), "invalid");
        let same = json!({ "name": "x", "arms": [first, first], "base": 0.3, "effect": 0.1 });
        assert_eq!(org.owner.post(&format!("{path}/experiments"), same).await.problem(422), "invalid");

        // As large a difference as can be, so that few are needed.
        let new = json!({ "name": "Free coffee?", "arms": [first, other], "base": 0.05, "effect": 0.94 });
        let begun = org.owner.post(&format!("{path}/experiments"), &new).await.expect(201);
        let (per_arm, trial) =
            (begun.json["per_arm"].as_u64().unwrap(), format!("{path}/experiments/{}", begun.str("/id")));
        assert_eq!(
            org.owner.post(&format!("{path}/experiments"), &new).await.problem(409),
            "experiment_running"
        );
        let publish = json!({ "wording": wording("Third") });
        assert_eq!(
            org.owner.post(&format!("{path}/versions"), publish).await.problem(409),
            "experiment_running"
        );

        let (mut seen, mut people) = ([0_u64; 2], 0);
        while seen.iter().any(|count| *count < per_arm) {
            people += 1;
            let browser = format!("browser {people}");
            let said = visits(app, &page, &browser, &other).await;
            let likes_coffee = said == other;
            seen[usize::from(likes_coffee)] += 1;
            let now = org.owner.get(&trial).await.expect(200);
            assert_eq!(now.json["seen"], people, "each person once");
            assert_eq!(now.json["agreed"], seen[1]);
            assert!(now.json["results"].is_null(), "nobody looks early");
            if now.str("/state") == "running" {
                assert_eq!(visits(app, &page, &browser, "").await, said, "the same again");
            }
        }
        let full = org.owner.get(&trial).await.expect(200);
        assert_eq!((full.str("/state"), &full.json["results"]), ("settling", &Value::Null));
        visits(app, &page, "somebody late", &other).await;
        assert_eq!(org.owner.get(&trial).await.json["seen"], people, "they take part no more");
        let adopt = json!({ "version_id": other });
        assert_eq!(
            org.owner.post(&format!("{trial}/adopt"), &adopt).await.problem(409),
            "experiment_running"
        );

        app.clock.advance(span::hours(49));
        server::maintenance::step(&app.ctx, app.now(), &mut None).await.unwrap();
        let ended = org.owner.get(&trial).await.expect(200);
        assert_eq!(ended.str("/state"), "ended");
        let results = ended.json["results"].as_array().unwrap();
        assert_eq!((&results[0]["agreed"], &results[0]["beside_first"]), (&json!(0), &Value::Null));
        assert_eq!(results[1]["agreed"], json!(seen[1]));
        assert_eq!(results[1]["beside_first"]["differs"], true, "{results:?}");
        assert_eq!(org.owner.get(&path).await.str("/version/id"), first, "nothing changes by itself");
        org.owner.post(&format!("{trial}/adopt"), &adopt).await.expect(200);
        assert_eq!(org.owner.get(&path).await.str("/version/id"), other);

        let again = org.owner.post(&format!("{path}/experiments"), &new).await.expect(201);
        let again = format!("{path}/experiments/{}", again.str("/id"));
        let stopped = org.owner.post(&format!("{again}/stop"), json!({})).await.expect(200);
        assert_eq!((stopped.str("/state"), &stopped.json["results"]), ("stopped", &Value::Null));
        assert_eq!(org.owner.post(&format!("{again}/stop"), json!({})).await.problem(409), "experiment_over");
        // Days have passed: files are due to be looked over, which is not this story's.
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn links_are_kept_changed_and_drawn() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let plain = json!({ "name": "Poster", "number_id": number, "text": "Halo" });
        let link = org.owner.post("chat-links", &plain).await.expect(201);
        assert_eq!(link.str("/fills_in"), format!("Halo (#{})", link.str("/code")));
        let half = json!({ "name": "Poster", "number_id": number, "text": "Halo", "purposes": ["utility"] });
        let path = format!("chat-links/{}", link.str("/id"));
        assert_eq!(org.owner.call(Method::PUT, &path, Some(half)).await.problem(422), "invalid");
        let archived = json!({ "name": "Pintu", "number_id": number, "text": "Hai", "status": "archived" });
        let changed = org.owner.call(Method::PUT, &path, Some(archived)).await.expect(200);
        assert_eq!((changed.str("/name"), changed.str("/url")), ("Pintu", link.str("/url")));
        app.anonymous.get(&link.str("/url").replace(&app.url, "")).await.expect(404);
        let png = org.owner.get(&format!("{path}/qr?format=png")).await.expect(200);
        assert_eq!(png.headers[header::CONTENT_TYPE], "image/png");
        assert_eq!(org.owner.get("chat-links").await.items().len(), 1);
    })
    .await;
}

/// Whoever sends a form without having been counted as seeing it has agreed for sure: they would make any wording look well.
#[tokio::test]
async fn who_was_not_counted_as_seeing_a_form_takes_no_part_by_sending_it() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let (id, page) = form(app, &org).await;
        let path = format!("forms/{id}");
        let first = org.owner.get(&path).await.str("/version/id").to_owned();
        let other = json!({ "wording": wording("Free coffee"), "in_use": false });
        let other =
            org.owner.post(&format!("{path}/versions"), other).await.expect(201).str("/id").to_owned();
        let new = json!({ "name": "Free coffee?", "arms": [first, other], "base": 0.3, "effect": 0.1 });
        let begun = org.owner.post(&format!("{path}/experiments"), &new).await.expect(201);
        let trial = format!("{path}/experiments/{}", begun.str("/id"));
        let taking_part = async || {
            let now = org.owner.get(&trial).await.expect(200);
            [now.json["seen"].as_u64().unwrap(), now.json["agreed"].as_u64().unwrap()]
        };
        // A browser that runs no script.
        let shown = app.anonymous.get(&page).await.expect(200);
        let hidden = |name: &str| {
            let field = shown.text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            field.split('"').next().unwrap().to_owned()
        };
        let (version, visit) = (hidden("version"), hidden("visit"));
        let fields = [
            ("version", version.as_str()),
            ("visit", &visit),
            ("phone", "0812-3456-7890"),
            ("marketing", "on"),
        ];
        send(&app.anonymous, &page, &fields).await.expect(200);
        assert_eq!(taking_part().await, [0, 0]);
        assert_eq!(contacts(&org).await.len(), 1, "what they agreed to counts all the same");

        // Many phones behind one address are all counted as seeing it.
        for person in 0..70 {
            let browser = format!("browser {person}");
            visits(app, &page, &browser, "").await;
        }
        assert_eq!(taking_part().await, [70, 0]);
    })
    .await;
}
