//! People on the list of those never to write to, who turn up: in whatever way one hears of them first.

use std::time::Duration;

use rules::consent::{Consent, Purpose, Standing};
use rules::id::NumberId;
use rules::identity::Phone;
use serde_json::{Value, json};
use testkit::app::line::PORTFOLIO;

use super::stage::{ANNA, APP_SECRET, NUMBER, Stage, WABA, both};

/// Meta's id of another number of the same account.
const SECOND: &str = "600000000000005";

/// Anna is put on the list, before she is anybody's contact.
async fn list(stage: &Stage) {
    let wish = json!({ "phone": format!("+{ANNA}"), "reason": "Minta lewat telepon" });
    stage.org.owner.post("suppressions", wish).await.expect(204);
}

/// What Anna allows.
async fn allows(stage: &Stage) -> Consent {
    let mut tx = stage.app.ctx.store.read().await.unwrap();
    let mut scope = tx.org(stage.org.id).await.unwrap();
    let found = scope.contacts_by_phone(&[Phone::from_wire(ANNA).unwrap()]).await.unwrap();
    scope.consent_of(found[0].1.id, false).await.unwrap()
}

/// Meta tells something of a number.
async fn told(stage: &Stage, number: &str, field: &str, mut value: Value) {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({ "display_phone_number": "62215550111", "phone_number_id": number });
    let body = json!({ "object": "whatsapp_business_account", "entry": [
        { "id": WABA, "changes": [{ "field": field, "value": value }] },
    ] });
    let bytes = body.to_string().into_bytes();
    let signature = meta::signature::sign(APP_SECRET.as_bytes(), &bytes);
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("{}/webhooks/meta", stage.app.url))
        .header("content-type", "application/json")
        .header("x-hub-signature-256", signature)
        .body(bytes)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    stage.settle().await;
}

fn seconds(stage: &Stage) -> String {
    stage.app.now().seconds().to_string()
}

/// A message of Anna's to a number.
fn message(stage: &Stage, wamid: &str, text: &str) -> Value {
    json!({
        "contacts": [{ "profile": { "name": "Anna" }, "wa_id": ANNA, "user_id": "DE.10000000000000000001" }],
        "messages": [{ "from": ANNA, "from_user_id": "DE.10000000000000000001", "id": wamid, "timestamp": seconds(stage),
            "type": "text", "text": { "body": text } }],
    })
}

#[tokio::test]
async fn whoever_begins_with_start_is_heard_and_told_so() {
    both(async |stage| {
        list(stage).await;
        assert_eq!(stage.asks("START").await.len(), 1, "the confirmation arrives");
        assert_eq!(allows(stage).await.stopped, None);
        // Another number of the same business begins a conversation, and nothing else.
        let mut tx = stage.app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let account = scope.numbers(None).await.unwrap()[0].account_id;
        let id = NumberId::fresh(stage.app.now(), stage.app.ctx.chance());
        let second = testkit::number::connected(id, SECOND, "62215550222");
        scope.record_numbers(account, &[second], stage.app.now()).await.unwrap();
        tx.commit().await.unwrap();
        stage.app.clock.advance(Duration::from_secs(2));
        stage.app.leave_jobs();
        told(stage, SECOND, "messages", message(stage, "wamid.SECOND", "Halo")).await;
        assert_eq!(stage.org.owner.get("conversations").await.items().len(), 2);
        assert_eq!(allows(stage).await.stopped, None, "they have said START since");
    })
    .await;
}

#[tokio::test]
async fn whoever_just_writes_is_not_written_to_unasked() {
    both(async |stage| {
        list(stage).await;
        // Beside somebody who is not on the list, in one batch.
        stage.control("POST", "people", json!({ "phone": "6281299990001", "name": "Budi" })).await;
        stage.writes("6281299990001", "Halo").await;
        stage.writes(ANNA, "Halo").await;
        stage.settle().await;
        assert!(allows(stage).await.stopped.is_some());
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let budi = scope.contacts_by_phone(&[Phone::from_wire("6281299990001").unwrap()]).await.unwrap();
        let budi = scope.consent_of(budi[0].1.id, false).await.unwrap();
        assert!(matches!(budi.standing(Purpose::Utility), Standing::OptedIn(_)));
    })
    .await;
}

#[tokio::test]
async fn an_echo_and_a_preference_make_nobody_who_may_be_written_to() {
    let echo = |stage: &Stage| {
        json!({ "message_echoes": [{ "from": "62215550111", "to": ANNA, "id": "wamid.ECHO", "timestamp": seconds(stage),
            "type": "text", "text": { "body": "Halo Bu Anna" } }] })
    };
    let preference = |stage: &Stage| {
        json!({
            "contacts": [{ "profile": { "name": "Anna" }, "wa_id": ANNA }],
            "user_preferences": [{ "wa_id": ANNA, "detail": "User requested to resume marketing messages",
                "category": "marketing_messages", "value": "resume", "timestamp": stage.app.now().seconds() }],
        })
    };
    both(async |stage| {
        list(stage).await;
        told(stage, NUMBER, "smb_message_echoes", echo(stage)).await;
        assert!(allows(stage).await.stopped.is_some());
        // They are somebody known when they write, and still on the list.
        stage.app.clock.advance(Duration::from_secs(2));
        told(stage, NUMBER, "messages", message(stage, "wamid.AFTER", "Halo")).await;
        assert!(matches!(allows(stage).await.standing(Purpose::Utility), Standing::OptedOut(_)));
        stage.app.leave_jobs();
    })
    .await;
    both(async |stage| {
        list(stage).await;
        told(stage, NUMBER, "user_preferences", preference(stage)).await;
        let consent = allows(stage).await;
        assert!(consent.stopped.is_some(), "a yes to offers is no START");
        assert!(matches!(consent.standing(Purpose::Utility), Standing::OptedOut(_)));
    })
    .await;
}

/// Known by Meta's id alone, as of somebody who hides their number.
#[tokio::test]
async fn a_person_erased_by_their_user_id_is_known_again_by_it() {
    both(async |stage| {
        stage.asks("Halo").await;
        let contact = stage.conversation().await["contact"]["id"].as_str().unwrap().to_owned();
        let erase = json!({ "reason": "Diminta orangnya", "suppress": true });
        stage.org.owner.post(&format!("contacts/{contact}/erase"), erase).await.expect(202);
        stage.settle().await;
        let mut hidden = message(stage, "wamid.HIDDEN", "Halo lagi");
        for place in ["/contacts/0/wa_id", "/messages/0/from"] {
            *hidden.pointer_mut(place).unwrap() = Value::Null;
        }
        stage.app.clock.advance(Duration::from_secs(2));
        told(stage, NUMBER, "messages", hidden).await;
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let again = scope.contact_of_bsuid("DE.10000000000000000001").await.unwrap().expect(PORTFOLIO);
        assert!(scope.consent_of(again, false).await.unwrap().stopped.is_some());
    })
    .await;
}
