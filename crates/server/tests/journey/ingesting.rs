//! Webhooks as they come: signed, forged, repeated, disordered, in bulk, and in every shape there is.

use std::path::Path;
use std::time::Duration;

use rules::time::Timestamp;
use serde_json::{Value, json};

use super::stage::{ANNA, APP_SECRET, NUMBER, Stage, WABA, both};

async fn deliver(stage: &Stage, address: &str, body: &[u8], signature: Option<String>) -> (u16, String) {
    let mut request = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("{}{address}", stage.app.url))
        .header("content-type", "application/json")
        .body(body.to_vec());
    if let Some(signature) = signature {
        request = request.header("x-hub-signature-256", signature);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn signed(stage: &Stage, body: &Value) -> u16 {
    let bytes = body.to_string().into_bytes();
    let signature = meta::signature::sign(APP_SECRET.as_bytes(), &bytes);
    deliver(stage, "/webhooks/meta", &bytes, Some(signature)).await.0
}

fn message(wamid: &str, text: &str) -> Value {
    json!({ "from": ANNA, "from_user_id": "DE.10000000000000000001", "id": wamid, "timestamp": "1795165200", "type": "text", "text": { "body": text } })
}

fn envelope(waba: &str, messages: &[Value]) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": waba, "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "62215550111", "phone_number_id": NUMBER },
        "contacts": [{ "profile": { "name": "Anna" }, "wa_id": ANNA, "user_id": "DE.10000000000000000001" }],
        "messages": messages,
    } }] }] })
}

/// How many messages the organisation has from contacts.
async fn inbound(stage: &Stage) -> usize {
    let mut tx = stage.app.ctx.store.read().await.unwrap();
    let mut scope = tx.org(stage.org.id).await.unwrap();
    let page = scope.conversations(&Default::default(), store::Cursor::NEWEST, 50).await.unwrap();
    let mut count = 0;
    for row in page.items {
        let thread = scope
            .thread(row.conversation.id, store::messages::Towards::Older(store::Cursor::NEWEST), 2_000)
            .await
            .unwrap();
        count += thread
            .items
            .iter()
            .filter(|message| message.direction == rules::message::Direction::Inbound)
            .count();
    }
    count
}

async fn kept(stage: &Stage) -> Vec<store::ingest::KeptUpdate> {
    stage.app.ctx.store.read().await.unwrap().kept_updates(None, i64::MAX, 1_000).await.unwrap()
}

#[tokio::test]
async fn what_nobody_signed_is_refused_and_leaves_nothing() {
    both(async |stage| {
        let body = envelope(WABA, &[message("wamid.X1", "hello")]).to_string().into_bytes();
        let right = meta::signature::sign(APP_SECRET.as_bytes(), &body);
        let wrong = meta::signature::sign(b"another secret", &body);
        let mut flipped = body.clone();
        flipped[20] ^= 1;
        for (bytes, signature) in [
            (&body, None),
            (&body, Some(wrong)),
            (&body, Some("sha256=".to_owned())),
            (&flipped, Some(right.clone())),
            (&b"not json".to_vec(), Some(right.clone())),
        ] {
            assert_eq!(deliver(stage, "/webhooks/meta", bytes, signature).await, (401, String::new()));
        }
        let unsplit = stage.app.ctx.store.read().await.unwrap().unsplit_bodies(10, i64::MAX).await.unwrap();
        assert!(unsplit.is_empty(), "{unsplit:?}");
        assert_eq!(deliver(stage, "/webhooks/meta", &body, Some(right)).await.0, 200);
        stage.settle().await;
        assert_eq!(inbound(stage).await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_handshake_echoes_to_whoever_knows_the_token() {
    both(async |stage| {
        let ask = async |token: &str| {
            let url = format!(
                "{}/webhooks/meta?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}",
                stage.app.url
            );
            let answer =
                reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        assert_eq!(ask("vt-app").await, (200, "1158201444".to_owned()));
        assert_eq!(ask("vt-other").await, (403, String::new()));
        // An address may have been given parameters of its own.
        assert_eq!(ask("vt-app&through=proxy").await, (200, "1158201444".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn repetition_and_disorder_change_nothing() {
    both(async |stage| {
        let (first, second) = (message("wamid.R1", "one"), message("wamid.R2", "two"));
        for bodies in [
            vec![second.clone()],
            vec![first.clone(), second.clone()],
            vec![first.clone()],
            vec![second, first],
        ] {
            assert_eq!(signed(stage, &envelope(WABA, &bodies)).await, 200);
            stage.settle().await;
        }
        assert_eq!(inbound(stage).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_thousand_updates_in_one_body_are_each_taken_on_its_own() {
    both(async |stage| {
        let mut messages: Vec<Value> =
            (0..998).map(|n| message(&format!("wamid.B{n}"), &format!("number {n}"))).collect();
        messages.push(json!({ "type": "text" }));
        messages.push(json!("no message at all"));
        assert_eq!(signed(stage, &envelope(WABA, &messages)).await, 200);
        assert_eq!(
            signed(stage, &envelope("799999999999999", &[message("wamid.N1", "for nobody")])).await,
            200
        );
        stage.app.leave_jobs(); // a thousand messages are one turn of the AI; how it goes is not asked here
        while server::ingest::work(&stage.app.ctx).await.unwrap() {}
        assert_eq!(inbound(stage).await, 998);
        assert_eq!(kept(stage).await.len(), 3);
    })
    .await;
}

/// Whoever knows an app's secret can sign anything; what no database stores must not hold up everybody's webhooks.
#[tokio::test]
async fn a_hostile_id_spoils_only_itself() {
    both(async |stage| {
        let mut hostile = envelope("7000\0", &[message("wamid.H1", "nobody's")]);
        hostile["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] =
            json!("6\0".repeat(5_000));
        assert_eq!(signed(stage, &hostile).await, 200);
        assert_eq!(signed(stage, &envelope(WABA, &[message("wamid.H2", "hello")])).await, 200);
        stage.app.leave_jobs();
        while server::ingest::work(&stage.app.ctx).await.unwrap() {}
        assert_eq!((inbound(stage).await, kept(stage).await.len()), (1, 1));
    })
    .await;
}

/// A time that has not come, or is none, neither keeps the window open nor makes a STOP irrevocable.
#[tokio::test]
async fn no_time_lies_ahead_of_when_it_was_heard() {
    both(async |stage| {
        let mut stop = message("wamid.T1", "STOP");
        stop["timestamp"] = json!(i64::MAX.to_string());
        let mut start = message("wamid.T2", "START");
        start["timestamp"] = json!("99999999999");
        assert_eq!(signed(stage, &envelope(WABA, &[stop, start])).await, 200);
        stage.app.leave_jobs();
        while server::ingest::work(&stage.app.ctx).await.unwrap() {}
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let row =
            &scope.conversations(&Default::default(), store::Cursor::NEWEST, 50).await.unwrap().items[0];
        assert_eq!(row.conversation.last_inbound_at, Some(stage.app.ctx.now()));
        assert_eq!(scope.consent_of(row.contact.id, false).await.unwrap().stopped, None);
    })
    .await;
}

/// Meta tells whole seconds: what comes together keeps the order in which it stands in the body.
#[tokio::test]
async fn what_was_written_within_one_second_keeps_its_order() {
    both(async |stage| {
        let words: Vec<String> =
            (0..12).map(|n| if n % 2 == 0 { "STOP" } else { "START" }.to_owned()).collect();
        let messages: Vec<Value> =
            words.iter().enumerate().map(|(n, text)| message(&format!("wamid.O{n}"), text)).collect();
        assert_eq!(signed(stage, &envelope(WABA, &messages)).await, 200);
        stage.app.leave_jobs();
        while server::ingest::work(&stage.app.ctx).await.unwrap() {}
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let row =
            &scope.conversations(&Default::default(), store::Cursor::NEWEST, 50).await.unwrap().items[0];
        let all = store::messages::Towards::Older(store::Cursor::NEWEST);
        let thread = scope.thread(row.conversation.id, all, 50).await.unwrap().items;
        let inbound = thread.iter().rev().filter(|one| one.direction == rules::message::Direction::Inbound);
        assert_eq!(inbound.map(|one| one.body.clone()).collect::<Vec<_>>(), words);
        assert_eq!(scope.consent_of(row.contact.id, false).await.unwrap().stopped, None);
    })
    .await;
}

/// A no of Anna's, said at this second.
type No = fn(i64) -> Value;

/// Anna writes at this second.
fn written(text: &str, second: i64) -> Value {
    let mut message = message(&format!("wamid.S{second}"), text);
    message["timestamp"] = json!(second.to_string());
    envelope(WABA, &[message])
}

/// Anna tells Meta at this second that she wants no offers.
fn preferred(second: i64) -> Value {
    let mut told = envelope(WABA, &[]);
    let change = &mut told["entry"][0]["changes"][0];
    change["field"] = json!("user_preferences");
    change["value"]["user_preferences"] = json!([{ "wa_id": ANNA, "user_id": "DE.10000000000000000001",
        "category": "marketing_messages", "value": "stop", "timestamp": second }]);
    told
}

/// Meta tells whole seconds: a no must not slip before the yes of the same second that it takes back.
#[tokio::test]
async fn a_no_counts_after_a_yes_of_the_same_second() {
    both(async |stage| {
        let contact = stage.org.key.post("contacts", json!({ "phone": format!("+{ANNA}") })).await;
        let path = format!("contacts/{}/consent", contact.str("/id"));
        let standing = async |purpose: &str| {
            let ledger = stage.org.owner.get(&path).await.expect(200);
            ledger.str(&format!("/state/{purpose}/standing")).to_owned()
        };
        let offers = json!({ "action": "opt_in", "purpose": "marketing", "wording": "Ya" });
        let everything = json!({ "action": "opt_in", "wording": "Ya" });
        let no: [(&Value, No, &str); 3] = [
            (&offers, |second| written("STOP PROMO", second), "marketing"),
            (&offers, preferred, "marketing"),
            (&everything, |second| written("STOP", second), "utility"),
        ];
        for (yes, no, purpose) in no {
            // A little after a second has begun.
            let begun = stage.app.now().0.rem_euclid(1_000_000).unsigned_abs();
            stage.app.clock.advance(Duration::from_micros(1_300_000 - begun));
            stage.org.key.post(&path, yes).await.expect(201);
            assert_eq!(standing(purpose).await, "opted_in");
            stage.app.clock.advance(Duration::from_millis(300));
            assert_eq!(signed(stage, &no(stage.app.now().0 / 1_000_000)).await, 200);
            while server::ingest::work(&stage.app.ctx).await.unwrap() {}
            assert_eq!(standing(purpose).await, "opted_out");
        }
        stage.app.leave_jobs();
    })
    .await;
}

/// A tenant that knows the secret of its own app speaks for the accounts connected through that app, and for no others.
#[tokio::test]
async fn an_organisations_own_app_cannot_speak_for_another() {
    both(async |stage| {
        let body = json!({ "meta_app_id": "222333444555666", "name": "Their own", "secret": "fedcba9876543210fedcba9876543210" });
        let theirs = stage.app.org("Pesaing").await;
        let made = theirs.owner.post("meta-apps", body).await;
        assert_eq!(made.status, 201, "{made:?}");
        let address = made.json["app"]["webhook_url"].as_str().expect("an address").to_owned();
        let path = &address[address.find("/webhooks").expect("a webhook address")..];
        let forged = envelope(WABA, &[message("wamid.F1", "transfer all money")]).to_string().into_bytes();
        let signature = meta::signature::sign(b"fedcba9876543210fedcba9876543210", &forged);
        assert_eq!(deliver(stage, path, &forged, Some(signature.clone())).await.0, 200);
        assert_eq!(deliver(stage, "/webhooks/meta", &forged, Some(signature)).await.0, 401);
        stage.settle().await;
        assert_eq!(inbound(stage).await, 0);
        assert_eq!(kept(stage).await.len(), 1);
    })
    .await;
}

/// Every shape of the fixtures is accepted; each update is applied, parked or kept, and none is too much for a database.
#[tokio::test]
async fn every_documented_shape_is_taken() {
    both(async |stage| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../meta/fixtures/webhooks");
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(files.len() > 100, "the fixtures are gone");
        for file in files {
            let text = std::fs::read_to_string(&file)
                .unwrap()
                .replace("700000000000003", WABA)
                .replace("600000000000004", NUMBER);
            let bytes = text.trim_end().as_bytes();
            let signature = meta::signature::sign(APP_SECRET.as_bytes(), bytes);
            let status = deliver(stage, "/webhooks/meta", bytes, Some(signature)).await.0;
            assert_eq!(status, 200, "{}", file.display());
            while server::ingest::work(&stage.app.ctx).await.unwrap() {}
        }
        stage.app.leave_jobs();
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        assert!(tx.pending_updates(10).await.unwrap().is_empty());
        assert!(tx.unsplit_bodies(10, i64::MAX).await.unwrap().is_empty());
        for update in tx.kept_updates(None, i64::MAX, 1_000).await.unwrap() {
            let reason = update.reason.unwrap_or_default();
            assert!(
                !reason.is_empty() && !reason.contains("could not be stored"),
                "{}: {reason}",
                update.kind
            );
        }
        assert!(update_is_retryable(stage).await);
    })
    .await;
}

/// What is kept can be tried again, by a person.
async fn update_is_retryable(stage: &Stage) -> bool {
    let Some(first) = kept(stage).await.into_iter().next() else { return false };
    let mut tx = stage.app.ctx.store.begin().await.unwrap();
    let again = tx.retry_update(None, first.seq, Timestamp(0)).await.unwrap();
    tx.commit().await.unwrap();
    while server::ingest::work(&stage.app.ctx).await.unwrap() {}
    again && kept(stage).await.iter().any(|update| update.seq == first.seq)
}
