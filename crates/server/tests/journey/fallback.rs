//! Reaching people when WhatsApp may not, or does not: through a real mail server, and an SMS provider that speaks real
//! HTTP and SMPP.

use std::time::Duration;

use carrier::{ACCOUNT, Carrier, Fault, Options, SECRET, State, Via};
use rules::consent::Channel;
use serde_json::{Value, json};
use server::outbound::{Outbound, SystemNames};
use testkit::app::{Answer, MailServer};

use super::stage::{ANNA, Stage, both_with};

const TEMPLATE: &str = "order_ready";

/// A stage beside an SMS provider, with an approved template, and Anna as a contact who never said yes.
pub(super) async fn with_carrier(journey: impl AsyncFn(&Stage, &Carrier)) {
    with_carrier_that(false, journey).await;
}

/// The same. The provider may report at once that what it took has arrived.
pub(super) async fn with_carrier_that(reports: bool, journey: impl AsyncFn(&Stage, &Carrier)) {
    let here = |parts: &mut server::Parts| {
        parts.outbound = Outbound::new("127.0.0.1".parse().unwrap(), SystemNames).unwrap();
    };
    both_with(here, async |stage| {
        let options = Options { listen: "127.0.0.1:0".parse().unwrap(), reports };
        let carrier = Carrier::start(options).await.unwrap();
        let parts = json!([{ "type": "BODY", "text": "Halo {{1}}, pesanan Anda siap.",
            "example": { "body_text": [["Anna"]] } }]);
        let template =
            json!({ "name": TEMPLATE, "language": "id", "category": "UTILITY", "components": parts });
        stage.template(template).await;
        stage.settle().await;
        let anna = json!({ "phone": format!("+{ANNA}"), "name": "Anna", "email": "anna@example.com" });
        stage.org.key.post("contacts", anna).await.expect(201);
        journey(stage, &carrier).await;
    })
    .await;
}

async fn channel(stage: &Stage, way: Value, secret: &str) {
    stage.org.owner.put("channels", json!({ "way": way, "secret": secret })).await.expect(200);
    stage.app.run_jobs().await;
}

pub(super) async fn mail(stage: &Stage, port: u16) {
    let way = json!({ "provider": "smtp", "host": "127.0.0.1", "port": port, "encryption": "none",
        "from": "halo@kopi.example", "reply_to": "toko@kopi.example" });
    channel(stage, way, "").await;
}

pub(super) async fn twilio(stage: &Stage, carrier: &Carrier) {
    let way = json!({ "provider": "twilio", "account_sid": ACCOUNT, "from": "+14155550100",
        "base_url": carrier.url });
    channel(stage, way, SECRET).await;
}

pub(super) async fn smpp(stage: &Stage, carrier: &Carrier) {
    let way = json!({ "provider": "smpp", "host": "127.0.0.1", "port": carrier.smpp.port(),
        "system_id": "kopi", "from": "KopiSenja" });
    channel(stage, way, SECRET).await;
}

pub(super) async fn http(stage: &Stage, carrier: &Carrier) {
    let way = json!({ "provider": "http", "method": "post", "url": format!("{}/send", carrier.url),
        "headers": [{ "name": "Authorization", "value": "Bearer {{ secret }}" }], "body_kind": "json",
        "body": r#"{"to": {{ to }}, "from": {{ from }}, "text": {{ text }}, "callback": {{ callback }}}"#,
        "from": "Kopi", "success_at": "/ok", "success_is": "true", "reference_at": "/data/id",
        "reason_at": "/reason" });
    channel(stage, way, SECRET).await;
}

/// Decides which channels are tried, each with its minutes.
pub(super) async fn order(stage: &Stage, order: &[(&str, u32)]) {
    let order: Vec<Value> =
        order.iter().map(|(channel, minutes)| json!({ "channel": channel, "minutes": minutes })).collect();
    let body = json!({ "order": order, "link_hours": 72, "texts": [] });
    stage.org.owner.put("fallback", body).await.expect(200);
}

/// Sends Anna the template.
pub(super) async fn remind(stage: &Stage) -> Value {
    ask_to_remind(stage).await.expect(202).json["message_id"].clone()
}

/// Asks for the template to be sent to Anna.
pub(super) async fn ask_to_remind(stage: &Stage) -> Answer {
    let parameters = json!([{ "type": "body", "parameters": [{ "type": "text", "text": "Anna" }] }]);
    let body = json!({ "to": { "phone": format!("+{ANNA}") }, "content":
        { "type": "template", "name": TEMPLATE, "language": "id", "components": parameters } });
    stage.org.key.post("messages", body).await
}

/// What was sent in place of a message, oldest first: channel, state, problem.
pub(super) async fn reaches(stage: &Stage, message: &Value) -> Vec<(String, String, String)> {
    let list = stage.org.owner.get(&format!("reaches?message={}", message.as_str().unwrap())).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = |one: &Value| (text(&one["channel"]), text(&one["state"]), text(&one["problem"]));
    list.expect(200).items().iter().rev().map(told).collect()
}

pub(super) async fn outcome(stage: &Stage, message: &Value) -> String {
    let id = message.as_str().unwrap().parse().unwrap();
    let mut tx = stage.app.ctx.store.read().await.unwrap();
    let mut batch = tx.batch(&[stage.org.id]).await.unwrap();
    let found = batch.outreach_of(&[(stage.org.id, id)]).await.unwrap().pop().unwrap();
    found.unwrap().outcome.to_string()
}

/// The first link of a text to this installation.
fn link(stage: &Stage, text: &str) -> String {
    let (_, rest) = text.split_once(&format!("{}/w/", stage.app.url)).expect("a link");
    format!("{}/w/{}", stage.app.url, rest.split_whitespace().next().unwrap())
}

pub(super) async fn browse(method: reqwest::Method, link: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.request(method, link).header("user-agent", "Telepon Anna").send().await.unwrap();
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The only contact's path.
pub(super) async fn contact(stage: &Stage) -> String {
    format!("contacts/{}", stage.org.owner.get("contacts").await.expect(200).str("/items/0/id"))
}

/// The only contact says yes or no.
pub(super) async fn says(stage: &Stage, mut word: Value) {
    word["wording"] = json!("Ya");
    // Of two words at one moment chance would say which is the newer.
    stage.app.clock.advance(Duration::from_millis(1));
    stage.org.key.post(&format!("{}/consent", contact(stage).await), word).await.expect(201);
}

/// The only contact's address changes.
pub(super) async fn moves_to(stage: &Stage, email: &str) {
    stage.org.owner.patch(&contact(stage).await, json!({ "email": email })).await.expect(200);
}

/// The ledger of the only contact, newest entry first.
pub(super) async fn ledger(stage: &Stage) -> Vec<Value> {
    let told = stage.org.owner.get(&format!("{}/consent", contact(stage).await)).await.expect(200);
    told.json["ledger"].as_array().or(told.json["events"].as_array()).cloned().unwrap_or_else(|| {
        panic!("no ledger in {}", told.text);
    })
}

pub(super) const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn whoever_never_agreed_is_asked_by_mail_and_gets_the_message_once_they_say_yes() {
    with_carrier(async |stage, carrier| {
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        order(stage, &[("email", 240), ("sms", 1440)]).await;
        let message = remind(stage).await;
        assert_eq!(stage.state(&message).await, "awaiting_opt_in");
        stage.app.run_jobs().await;
        let letter = server.next().await;
        assert_eq!(
            (&letter["to"], &letter["from"]),
            (&json!(["anna@example.com"]), &json!("halo@kopi.example"))
        );
        assert_eq!(letter["subject"], "Ada pesan dari Kopi Senja untuk Anda");
        assert_eq!(letter["headers"]["reply-to"], "toko@kopi.example");
        assert_eq!(letter["headers"]["list-unsubscribe-post"], "List-Unsubscribe=One-Click");
        assert!(letter["header_from"].as_str().unwrap().contains("Kopi Senja"), "{letter}");
        let text = letter["text"].as_str().unwrap();
        assert!(!text.contains("pesanan Anda siap"), "nothing is told before there is a yes: {text}");
        assert_eq!(outcome(stage, &message).await, "awaiting_opt_in");

        // Whoever looks through mail for bad links agrees to nothing.
        let link = link(stage, text);
        for _ in 0..3 {
            let (status, page) = browse(reqwest::Method::GET, &link).await;
            assert!(status == 200 && page.contains("Ya, kirim lewat WhatsApp"), "{page}");
        }
        stage.settle().await;
        assert!(ledger(stage).await.is_empty());
        assert!(stage.received(ANNA).await.is_empty());

        let (status, page) = browse(reqwest::Method::POST, &link).await;
        assert!(status == 200 && page.contains("Terima kasih"), "{page}");
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await.len(), 1);
        assert_eq!(stage.state(&message).await, "read");
        assert_eq!(outcome(stage, &message).await, "read");
        let [entry] = &ledger(stage).await[..] else { panic!("one entry") };
        assert_eq!((&entry["source"], &entry["action"]), (&json!("link"), &json!("opt_in")));
        assert_eq!((&entry["purpose"], &entry["channel"]), (&json!("utility"), &json!("whatsapp")));
        let evidence = &entry["evidence"];
        assert!(evidence["wording"].as_str().unwrap().contains("membalas STOP"), "{evidence}");
        assert_eq!(
            (&evidence["sent_to"], &evidence["sent_on"]),
            (&json!("anna@example.com"), &json!("email"))
        );
        assert_eq!((&evidence["ip"], &evidence["user_agent"]), (&json!("127.0.0.1"), &json!("Telepon Anna")));
        assert_eq!(evidence["message"], message);

        // Opened or pressed again it says what is, and does nothing.
        for method in [reqwest::Method::GET, reqwest::Method::POST] {
            let (status, page) = browse(method, &link).await;
            assert!(status == 200 && page.contains("Terima kasih"), "{page}");
        }
        stage.app.clock.advance(5 * HOUR);
        stage.settle().await;
        assert_eq!((ledger(stage).await.len(), stage.received(ANNA).await.len()), (1, 1));
        assert!(carrier.arrived().is_empty(), "no other channel is needed");
    })
    .await;
}

#[tokio::test]
async fn who_does_not_answer_is_asked_on_the_next_channel_and_then_no_more() {
    with_carrier(async |stage, carrier| {
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        order(stage, &[("email", 240), ("sms", 1440)]).await;
        let message = remind(stage).await;
        stage.app.run_jobs().await;
        let by_mail = link(stage, server.next().await["text"].as_str().unwrap());
        stage.app.clock.advance(4 * HOUR - Duration::from_secs(1));
        stage.app.run_jobs().await;
        assert!(carrier.arrived().is_empty(), "not before the time is over");
        stage.app.clock.advance(Duration::from_secs(2));
        stage.app.run_jobs().await;
        let [text] = &carrier.arrived()[..] else { panic!("one text") };
        assert_eq!((text.to.as_str(), text.from.as_str()), (&*format!("+{ANNA}"), "+14155550100"));
        let by_text = link(stage, &text.text);
        assert_ne!(by_mail, by_text);
        carrier.report(text.id, State::Delivered).await;
        assert_eq!(reaches(stage, &message).await[1], ("sms".into(), "delivered".into(), String::new()));
        assert_eq!(stage.state(&message).await, "awaiting_opt_in");
        stage.app.clock.advance(24 * HOUR);
        stage.app.run_jobs().await;
        assert_eq!(
            stage.state(&message).await,
            "awaiting_opt_in",
            "nobody else is asked; the links still work"
        );
        stage.app.clock.advance(48 * HOUR);
        stage.app.run_jobs().await;
        assert_eq!(
            (stage.state(&message).await, outcome(stage, &message).await),
            ("refused".into(), "expired".into())
        );
        for link in [by_mail, by_text] {
            let (status, page) = browse(reqwest::Method::POST, &link).await;
            assert!(status == 200 && page.contains("sudah berakhir"), "{page}");
        }
        stage.app.clock.advance(100 * HOUR);
        stage.app.run_jobs().await;
        assert!(ledger(stage).await.is_empty() && carrier.arrived().len() == 1);
    })
    .await;
}

#[tokio::test]
async fn who_is_not_on_whatsapp_gets_the_message_itself_and_may_stop_it() {
    with_carrier(async |stage, carrier| {
        smpp(stage, carrier).await;
        order(stage, &[("sms", 60)]).await;
        stage.control("PATCH", "people/anna", json!({ "on_whatsapp": false })).await;
        says(stage, json!({ "action": "opt_in", "purpose": "utility" })).await;
        let message = remind(stage).await;
        stage.settle().await;
        assert_eq!(stage.state(&message).await, "failed");
        let [text] = &carrier.arrived()[..] else { panic!("one text") };
        assert_eq!((text.via, text.to.as_str(), text.from.as_str()), (Via::Smpp, ANNA, "KopiSenja"));
        assert!(text.text.contains("Halo Anna, pesanan Anda siap."), "{}", text.text);
        assert_eq!(outcome(stage, &message).await, "fallback_sent");
        // The centre keeps what it has to tell until it is asked.
        carrier.report(text.id, State::Delivered).await;
        carrier.reply(text.id, "STOP").await;
        stage.app.clock.advance(Duration::from_secs(61));
        stage.app.run_jobs().await;
        assert_eq!(outcome(stage, &message).await, "fallback_delivered");
        let newest = ledger(stage).await[0].clone();
        assert_eq!((&newest["channel"], &newest["action"]), (&json!("sms"), &json!("opt_out")), "{newest}");
        assert_eq!(newest["evidence"]["wording"], "STOP");
        stage.app.clock.advance(48 * HOUR);
        remind(stage).await;
        stage.settle().await;
        assert_eq!(carrier.arrived().len(), 1, "nothing more by SMS");
        stage.app.leave_jobs(); // the centre is visited for a week
    })
    .await;
}

#[tokio::test]
async fn what_whatsapp_does_not_deliver_in_time_goes_by_sms() {
    with_carrier(async |stage, carrier| {
        http(stage, carrier).await;
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        order(stage, &[("whatsapp", 120), ("sms", 60)]).await;
        let quick = remind(stage).await;
        stage.settle().await;
        stage.control("PATCH", "people/anna", json!({ "online": false })).await;
        let slow = remind(stage).await;
        stage.settle().await;
        assert_eq!((stage.state(&quick).await, stage.state(&slow).await), ("read".into(), "sent".into()));
        // From when Meta says that it left, whose clock runs ahead of ours.
        stage.app.clock.advance(Duration::from_secs(7_320));
        stage.settle().await;
        let [text] = &carrier.arrived()[..] else { panic!("one text") };
        assert!(text.via == Via::Http && text.text.contains("pesanan Anda siap"), "{}", text.text);
        assert!(reaches(stage, &quick).await.is_empty());
        carrier.report(text.id, State::Failed).await;
        stage.app.run_jobs().await;
        assert_eq!(reaches(stage, &slow).await, [("sms".into(), "failed".into(), "failed".into())]);
        assert_eq!(outcome(stage, &slow).await, "fallback_failed");
    })
    .await;
}

#[tokio::test]
async fn what_a_provider_refuses_goes_on_at_once_and_what_it_cannot_take_waits() {
    with_carrier(async |stage, carrier| {
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        order(stage, &[("sms", 240), ("email", 240)]).await;
        // Refused: the next channel need not wait.
        carrier.fault(Via::Twilio, Fault::Refuse);
        let refused = remind(stage).await;
        stage.app.run_jobs().await;
        server.next().await;
        let told = reaches(stage, &refused).await;
        assert!(told[0].1 == "failed" && told[0].2.contains("21211"), "{told:?}");
        assert_eq!(told[1].1, "sent");
        // Busy: again a minute later.
        carrier.fault(Via::Twilio, Fault::Later);
        let busy = remind(stage).await;
        stage.app.run_jobs().await;
        assert_eq!(reaches(stage, &busy).await[0].1, "queued");
        assert!(carrier.arrived().is_empty());
        stage.app.clock.advance(Duration::from_secs(61));
        stage.app.run_jobs().await;
        assert_eq!((reaches(stage, &busy).await[0].1.as_str(), carrier.arrived().len()), ("sent", 1));
        // Taken, and the answer lost: not known, and not sent again until a callback settles it.
        carrier.fault(Via::Twilio, Fault::Drop);
        let lost = remind(stage).await;
        stage.app.run_jobs().await;
        stage.app.clock.advance(Duration::from_secs(600));
        stage.app.run_jobs().await;
        assert_eq!((reaches(stage, &lost).await[0].1.as_str(), carrier.arrived().len()), ("unknown", 2));
        carrier.report(carrier.arrived()[1].id, State::Delivered).await;
        assert_eq!(reaches(stage, &lost).await[0].1, "delivered");
        stage.app.leave_jobs(); // they wait for answers
    })
    .await;
}

#[tokio::test]
async fn mail_that_is_put_off_is_tried_again_and_mail_that_is_refused_is_not() {
    with_carrier(async |stage, _| {
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        order(stage, &[("email", 240)]).await;
        moves_to(stage, "later@example.com").await;
        let put_off = remind(stage).await;
        stage.app.run_jobs().await;
        let told = reaches(stage, &put_off).await;
        assert!(told[0].1 == "queued" && told[0].2.contains("451"), "{told:?}");
        stage.app.clock.advance(Duration::from_secs(61));
        stage.app.run_jobs().await;
        assert_eq!(server.next().await["to"], json!(["later@example.com"]));
        assert_eq!(reaches(stage, &put_off).await[0].1, "sent");
        moves_to(stage, "refused@example.com").await;
        let refused = remind(stage).await;
        stage.app.run_jobs().await;
        let told = reaches(stage, &refused).await;
        assert!(told[0].1 == "failed" && told[0].2.contains("no such mailbox"), "{told:?}");
        assert!(!told[0].2.contains("refused@example.com"), "whom it was for stays untold");
        assert_eq!(outcome(stage, &refused).await, "expired", "no channel is left");
        // A server that is gone: it waits, and the page says why.
        moves_to(stage, "anna@example.com").await;
        drop(server);
        let waiting = remind(stage).await;
        stage.app.run_jobs().await;
        assert_eq!(reaches(stage, &waiting).await[0].1, "queued");
        let channels = stage.org.owner.get("channels").await;
        assert!(!channels.str("/items/0/problem").is_empty(), "{}", channels.text);
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn what_was_being_handed_over_when_the_server_ended_is_not_handed_over_again() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        order(stage, &[("sms", 240)]).await;
        let message = remind(stage).await;
        let (org, now) = (stage.org.id, stage.app.now());
        // As far as it came: taken to be handed over, and nobody heard what became of it.
        carrier.fault(Via::Twilio, Fault::Later);
        stage.app.run_jobs().await;
        let mut tx = stage.app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let later = now + Duration::from_secs(61);
        assert_eq!(scope.take_reaches(Channel::Sms, later, 9).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        stage.app.clock.advance(Duration::from_secs(62));
        stage.app.run_jobs().await;
        let told = reaches(stage, &message).await;
        assert!(told[0].1 == "unknown" && told[0].2.contains("interrupted"), "{told:?}");
        assert!(carrier.arrived().is_empty());
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_mail_program_ends_mail_with_one_request() {
    with_carrier(async |stage, carrier| {
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        order(stage, &[("email", 240), ("sms", 240)]).await;
        let message = remind(stage).await;
        stage.app.run_jobs().await;
        let letter = server.next().await;
        let address = letter["headers"]["list-unsubscribe"].as_str().unwrap();
        let address = address.trim_matches(['<', '>']).to_owned();
        let (_, page) = browse(reqwest::Method::GET, &address).await;
        assert!(page.contains("Hentikan pesan ini"), "{page}");
        assert!(ledger(stage).await.is_empty());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let one_click = client.post(&address).form(&[("List-Unsubscribe", "One-Click")]);
        assert_eq!(one_click.send().await.unwrap().status(), 200);
        let entry = ledger(stage).await[0].clone();
        assert_eq!((&entry["channel"], &entry["action"]), (&json!("email"), &json!("opt_out")));
        // WhatsApp is not meant, nor SMS: that is where the next question goes.
        remind(stage).await;
        stage.app.run_jobs().await;
        assert_eq!(carrier.arrived().len(), 1);
        assert_eq!(stage.state(&message).await, "awaiting_opt_in");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn only_the_provider_tells_what_became_of_a_text() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        order(stage, &[("sms", 240)]).await;
        let message = remind(stage).await;
        stage.app.run_jobs().await;
        let text = carrier.arrived()[0].clone();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let channels = stage.org.owner.get("channels").await;
        let inbound = channels.str("/items/0/inbound_url").to_owned();
        let forged = [("From", text.to.as_str()), ("Body", "STOP")];
        for signature in ["", "c2lnbmVk"] {
            let call = client.post(&inbound).header("x-twilio-signature", signature).form(&forged);
            assert_eq!(call.send().await.unwrap().status(), 403);
        }
        let made_up = format!("{}/webhooks/sms/{}", stage.app.url, "A".repeat(64));
        assert_eq!(client.post(made_up).form(&forged).send().await.unwrap().status(), 404);
        assert!(ledger(stage).await.is_empty());
        carrier.inbound(Via::Twilio, &inbound);
        carrier.reply(text.id, "stop").await;
        assert_eq!(ledger(stage).await[0]["channel"], "sms");
        // The link in a text that was stopped since offers what it offered: their own word counts.
        assert_eq!(reaches(stage, &message).await[0].1, "sent");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn who_has_stopped_texts_with_the_provider_gets_none_any_more() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        order(stage, &[("sms", 240)]).await;
        carrier.fault(Via::Twilio, Fault::Stopped);
        let message = remind(stage).await;
        stage.app.run_jobs().await;
        let told = reaches(stage, &message).await;
        assert!(told[0].1 == "failed" && told[0].2.contains("21610"), "{told:?}");
        let [entry] = &ledger(stage).await[..] else { panic!("one entry") };
        assert_eq!((&entry["channel"], &entry["action"]), (&json!("sms"), &json!("opt_out")));
        assert_eq!(
            (&entry["evidence"]["place"], &entry["evidence"]["address"]),
            (&json!("provider"), &json!(ANNA))
        );
        assert_eq!(ask_to_remind(stage).await.problem(422), "no_opt_in", "no channel is left");
        assert!(carrier.arrived().is_empty());
        let counted = stage.app.anonymous.with_key("metrics-token").get("/metrics").await.expect(200).text;
        assert!(counted.contains(r#"sapa_reaches_total{channel="sms",outcome="ended"} 1"#), "{counted}");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn any_provider_may_tell_in_its_own_fields_what_people_write() {
    with_carrier(async |stage, carrier| {
        let way = json!({ "provider": "http", "method": "post", "url": format!("{}/send", carrier.url),
            "headers": [{ "name": "Authorization", "value": "Bearer {{ secret }}" }], "body_kind": "json",
            "body": r#"{"to": {{ to }}, "from": {{ from }}, "text": {{ text }}}"#, "from": "Kopi",
            "inbound_from_at": "/sms/sender", "inbound_text_at": "/sms/body" });
        channel(stage, way, SECRET).await;
        order(stage, &[("sms", 240)]).await;
        remind(stage).await;
        stage.app.run_jobs().await;
        let inbound = stage.org.owner.get("channels").await.str("/items/0/inbound_url").to_owned();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let says = async |body: Value| {
            assert_eq!(client.post(&inbound).json(&body).send().await.unwrap().status(), 204);
        };
        says(json!({ "from": ANNA, "text": "STOP" })).await;
        says(json!({ "sms": { "sender": format!("+{ANNA}"), "body": "Terima kasih, tidak perlu stop" } }))
            .await;
        assert!(ledger(stage).await.is_empty(), "not in these fields, and no command");
        says(json!({ "sms": { "sender": format!("+{ANNA}"), "body": "STOP" } })).await;
        let entry = ledger(stage).await[0].clone();
        assert_eq!((&entry["channel"], &entry["action"]), (&json!("sms"), &json!("opt_out")));
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn whether_a_message_lifts_stop_elsewhere_is_the_organisation_s_to_say() {
    with_carrier(async |stage, carrier| {
        smpp(stage, carrier).await;
        order(stage, &[("sms", 60)]).await;
        stage.writes(ANNA, "BERHENTI").await;
        stage.settle().await;
        stage.writes(ANNA, "Halo, apakah buka?").await;
        stage.settle().await;
        stage.control("PATCH", "people/anna", json!({ "on_whatsapp": false })).await;
        assert_eq!(ask_to_remind(stage).await.problem(422), "opted_out");
        let settings = json!({ "settings": { "inbound_lifts_opt_out": true } });
        stage.org.owner.patch("", settings).await.expect(200);
        let sent = remind(stage).await;
        stage.settle().await;
        assert_eq!((stage.state(&sent).await.as_str(), carrier.arrived().len()), ("failed", 1));
        stage.app.leave_jobs();
    })
    .await;
}
