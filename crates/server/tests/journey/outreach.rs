//! What is begun by us: what the gate decides by besides consent, and the record of it.

use std::collections::BTreeSet;
use std::time::Duration;

use meta::graph::MessageTemplate;
use rules::consent::Channel;
use rules::gate::Reason;
use rules::id::ContactId;
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::begun::Begun;
use store::numbers::NumberNews;

use super::stage::{ANNA, PORTFOLIO, Stage, both};

/// Somebody whose number is not on WhatsApp.
const NOBODY: &str = "6281299990000";

/// A template that Meta has approved, and that the gateway knows.
async fn approved(stage: &Stage, name: &str, category: &str) {
    let parts = json!([{ "type": "BODY", "text": "Pesanan Anda siap." }]);
    stage
        .template(json!({ "name": name, "language": "id", "category": category, "components": parts }))
        .await;
    stage.settle().await;
}

fn template(to: &str, name: &str) -> Value {
    json!({ "to": { "phone": format!("+{to}") }, "content": { "type": "template", "name": name, "language": "id" } })
}

/// The contact agrees to a purpose.
async fn agrees(stage: &Stage, phone: &str, purpose: &str) -> String {
    let contact = stage.org.key.post("contacts", json!({ "phone": format!("+{phone}") })).await;
    let id = contact.str("/id").to_owned();
    let yes = json!({ "purpose": purpose, "action": "opt_in", "note": "said so in the shop" });
    stage.org.key.post(&format!("contacts/{id}/consent"), yes).await.expect(201);
    id
}

async fn record(stage: &Stage, query: &str) -> Vec<Value> {
    stage.org.owner.get(&format!("outreach{query}")).await.expect(200).items().to_vec()
}

#[tokio::test]
async fn what_was_begun_is_on_record_with_the_reason_whether_or_not_it_went_out() {
    both(async |stage| {
        approved(stage, "order_ready", "UTILITY").await;
        let refused = stage.org.key.post("messages", template(ANNA, "order_ready")).await;
        assert_eq!(refused.problem(422), "no_opt_in");
        // Of two at one moment chance would say which is the newer.
        stage.app.clock.advance(Duration::from_millis(1));
        let contact = agrees(stage, ANNA, "utility").await;
        let question = json!({ "contact_id": contact, "template": "order_ready", "language": "id" });
        let asked = stage.org.owner.post("outreach/decide", &question).await.expect(200);
        assert_eq!((asked.str("/verdict"), asked.str("/standing")), ("send", "opted_in"));
        stage.org.key.post("messages", template(ANNA, "order_ready")).await.expect(202);
        stage.settle().await;
        let rows = record(stage, "").await;
        assert_eq!(rows.len(), 2, "asking leaves no trace: {rows:?}");
        assert_eq!((&rows[0]["verdict"], &rows[0]["outcome"]), (&json!("send"), &json!("read")));
        assert_eq!((&rows[1]["reason"], &rows[1]["outcome"]), (&json!("no_opt_in"), &json!("refused")));
        assert_eq!(rows[1]["explanation"]["en"], Reason::NoOptIn.english());
        assert_eq!(record(stage, "?verdict=refuse").await.len(), 1);
        let table = stage.org.owner.get("outreach/export?verdict=refuse").await.expect(200).text;
        assert!(table.lines().count() == 2 && table.contains("no_opt_in"), "{table}");
    })
    .await;
}

#[tokio::test]
async fn who_is_not_on_whatsapp_is_told_apart_until_something_of_ours_or_theirs_arrives() {
    both(async |stage| {
        approved(stage, "order_ready", "UTILITY").await;
        stage.control("POST", "people", json!({ "id": "nobody", "phone": NOBODY, "name": "Nobody" })).await;
        stage.control("PATCH", "people/nobody", json!({ "on_whatsapp": false })).await;
        agrees(stage, NOBODY, "utility").await;
        let sent = stage.org.key.post("messages", template(NOBODY, "order_ready")).await.expect(202);
        stage.settle().await;
        assert_eq!(stage.state(&sent.json["message_id"]).await, "failed");
        let refused = stage.org.key.post("messages", template(NOBODY, "order_ready")).await;
        assert_eq!(refused.problem(422), "not_on_whatsapp");
        stage.app.clock.advance(Duration::from_secs(25 * 3_600));
        stage.org.key.post("messages", template(NOBODY, "order_ready")).await.expect(202);
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn quiet_hours_hold_a_template_and_a_cap_refuses_an_offer() {
    both(async |stage| {
        approved(stage, "order_ready", "UTILITY").await;
        agrees(stage, ANNA, "utility").await;
        let settings = json!({ "quiet_hours":
            { "from": "00:00", "to": "23:59", "clock": "organisation", "purposes": ["utility"] } });
        stage.org.owner.patch("", json!({ "settings": settings })).await.expect(200);
        let held = stage.org.key.post("messages", template(ANNA, "order_ready")).await.expect(202);
        assert_eq!(held.str("/waits_for"), "quiet_hours");
        let settings = json!({ "quiet_hours": null, "caps": { "utility": { "most": 1, "days": 7 } } });
        stage.org.owner.patch("", json!({ "settings": settings })).await.expect(200);
        let capped = stage.org.key.post("messages", template(ANNA, "order_ready")).await.expect(202);
        assert_eq!(capped.str("/waits_for"), "frequency_cap");
        let wrong = json!({ "settings": { "caps": { "marketing": { "most": 0, "days": 7 } } } });
        let wrong = stage.org.owner.patch("", wrong).await;
        assert_eq!(wrong.str("/errors/0/field"), "settings.caps.marketing");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_template_that_meta_files_under_nothing_counts_as_an_offer() {
    both(async |stage| {
        approved(stage, "order_ready", "UTILITY").await;
        agrees(stage, ANNA, "utility").await;
        let listed = MessageTemplate {
            id: "910000000000001".into(),
            name: "order_ready".into(),
            language: "id".into(),
            status: Some("APPROVED".into()),
            category: None,
            named_parameters: false,
            components: json!([{ "type": "BODY", "text": "Pesanan Anda siap." }]),
            quality: None,
            rejected_reason: None,
            correct_category: None,
            ttl_seconds: None,
        };
        let mut tx = stage.app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let account = scope.numbers(None).await.unwrap()[0].account_id;
        let now = stage.app.now();
        server::templates::store(&stage.app.ctx, &mut scope, account, &[listed], now).await.unwrap();
        tx.commit().await.unwrap();
        let refused = stage.org.key.post("messages", template(ANNA, "order_ready")).await;
        assert_eq!(refused.problem(422), "no_marketing_opt_in");
        agrees(stage, ANNA, "marketing").await;
        stage.org.key.post("messages", template(ANNA, "order_ready")).await.expect(202);
        stage.settle().await;
    })
    .await;
}

#[tokio::test]
async fn quiet_hours_go_by_the_contact_s_own_clock_before_that_of_their_number() {
    both(async |stage| {
        approved(stage, "order_ready", "UTILITY").await;
        let contact = agrees(stage, ANNA, "utility").await;
        let hours = json!({ "from": "21:00", "to": "08:00", "clock": "contact", "purposes": ["utility"] });
        stage.org.owner.patch("", json!({ "settings": { "quiet_hours": hours } })).await.expect(200);
        let waits_for = async || {
            let sent = stage.org.key.post("messages", template(ANNA, "order_ready")).await.expect(202);
            stage.settle().await;
            (sent.json["waits_for"].clone(), stage.state(&sent.json["message_id"]).await)
        };
        // It is ten in the morning where the number is from, and ten at night where Anna is.
        assert_eq!(waits_for().await, (Value::Null, "read".into()));
        let away = json!({ "timezone": "Pacific/Auckland" });
        stage.org.owner.patch(&format!("contacts/{contact}"), away).await.expect(200);
        assert_eq!(waits_for().await, (json!("quiet_hours"), "queued".into()));
        // Eight o'clock comes to her ten hours later.
        stage.app.clock.advance(Duration::from_secs(10 * 3_600 - 60));
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await.len(), 1);
        stage.app.clock.advance(Duration::from_secs(60));
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_organisations_own_word_ends_everything_with_its_own_answer() {
    both(async |stage| {
        let keywords =
            json!({ "stop": ["cukup sudah"], "confirmations": { "stop": "Baik, kami berhenti." } });
        stage.org.owner.patch("", json!({ "settings": { "keywords": keywords } })).await.expect(200);
        assert_eq!(stage.asks("Cukup sudah!").await, ["Baik, kami berhenti."]);
        approved(stage, "order_ready", "UTILITY").await;
        let refused = stage.org.key.post("messages", template(ANNA, "order_ready")).await;
        assert_eq!(refused.problem(422), "opted_out");
        assert_eq!(record(stage, "").await[0]["channel"], json!(Channel::Whatsapp));
    })
    .await;
}

#[tokio::test]
async fn nobody_new_is_written_to_beyond_meta_s_limit_and_everybody_once_there_is_room() {
    both(async |stage| {
        approved(stage, "order_ready", "UTILITY").await;
        let mut tx = stage.app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let number = scope.numbers(None).await.unwrap()[0].id;
        let news = NumberNews { messaging_limit: Some("TIER_2"), ..NumberNews::default() };
        scope.record_number_news(number, news).await.unwrap();
        tx.commit().await.unwrap();
        let allowance =
            async || stage.org.owner.get(&format!("numbers/{number}/allowance")).await.expect(200).json;
        assert_eq!(allowance().await, json!({ "limit": 2, "begun": 0, "frees_at": null }));

        let people = ["6281299990001", "6281299990002", "6281299990003"];
        let (mut sent, mut contacts) = (Vec::new(), Vec::new());
        for phone in people {
            stage.control("POST", "people", json!({ "phone": phone, "name": phone })).await;
            contacts.push(agrees(stage, phone, "utility").await);
            stage.app.clock.advance(Duration::from_secs(60));
            sent.push(stage.org.key.post("messages", template(phone, "order_ready")).await.expect(202));
            stage.settle().await;
        }
        let state = async |n: usize| stage.state(&sent[n].json["message_id"]).await;
        assert_eq!([state(0).await, state(1).await, state(2).await], ["read", "read", "queued"]);
        let waiting = record(stage, "?reason=number_at_limit").await;
        assert_eq!((waiting.len(), &waiting[0]["verdict"]), (1, &json!("wait")));
        let used = allowance().await;
        assert_eq!((&used["limit"], &used["begun"]), (&json!(2), &json!(2)));
        let frees_at = Timestamp(used["frees_at"].as_i64().unwrap());
        assert!(frees_at.since(stage.app.now()) > Duration::from_secs(23 * 3_600), "{used}");

        // Whoever asks before they send is told the same.
        let mut told = Vec::new();
        for contact in &contacts {
            let question = json!({ "contact_id": contact, "template": "order_ready", "language": "id" });
            let asked = stage.org.owner.post("outreach/decide", &question).await.expect(200);
            told.push((asked.str("/verdict").to_owned(), asked.json["reason"].clone()));
        }
        let free = ("send".to_owned(), Value::Null);
        assert_eq!(told, [free.clone(), free, ("wait".to_owned(), json!("number_at_limit"))]);
        let everybody = json!({ "number_id": number, "template": "order_ready", "language": "id",
            "audience": { "kind": "contacts", "opted_in": true }, "trigger": { "kind": "call" } });
        let preview = stage
            .org
            .owner
            .post("notifications/preview", json!({ "definition": everybody }))
            .await
            .expect(200);
        assert_eq!((&preview.json["begins"], &preview.json["room"]), (&json!(3), &json!(0)));

        // Who counts already may be written to again, and whoever writes is answered.
        let again = stage.org.key.post("messages", template(people[0], "order_ready")).await.expect(202);
        stage.settle().await;
        assert_eq!(stage.state(&again.json["message_id"]).await, "read");
        stage.app.clock.advance(Duration::from_secs(23 * 3_600));
        stage.app.run_jobs().await;
        assert_eq!(state(2).await, "queued");
        stage.app.clock.advance(Duration::from_secs(3_570));
        stage.settle().await;
        assert_eq!(state(2).await, "read", "the second person counts no more");
        assert_eq!(allowance().await["begun"], 2);
        stage.app.leave_jobs();
    })
    .await;
}

/// A large limit is not counted anew for every message; what others took of it is seen a few seconds later.
#[tokio::test]
async fn how_many_were_written_to_is_known_for_a_moment_where_there_is_ample_room() {
    both(async |stage| {
        approved(stage, "order_ready", "UTILITY").await;
        let mut tx = stage.app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let number = scope.numbers(None).await.unwrap()[0].id;
        let news = NumberNews { messaging_limit: Some("TIER_10K"), ..NumberNews::default() };
        scope.record_number_news(number, news).await.unwrap();
        tx.commit().await.unwrap();
        let people = ["6281299990001", "6281299990002", "6281299990003"];
        for phone in people {
            stage.control("POST", "people", json!({ "phone": phone, "name": phone })).await;
            agrees(stage, phone, "utility").await;
        }
        let sends = async |phone: &str| {
            let sent = stage.org.key.post("messages", template(phone, "order_ready")).await.expect(202);
            stage.settle().await;
            stage.state(&sent.json["message_id"]).await
        };
        assert_eq!(sends(people[0]).await, "read");
        // Another node takes all that is left.
        let begun: BTreeSet<_> = (0..10_000)
            .map(|_| {
                let contact = ContactId::fresh(stage.app.now(), stage.app.ctx.chance());
                (stage.org.id, Begun { portfolio: PORTFOLIO.to_owned(), contact })
            })
            .collect();
        let mut tx = stage.app.ctx.store.begin().await.unwrap();
        let mut batch = tx.batch(&[stage.org.id]).await.unwrap();
        batch.note_begun(&begun, stage.app.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sends(people[1]).await, "read", "as it was counted a moment ago");
        stage.app.clock.advance(Duration::from_secs(6));
        assert_eq!(sends(people[2]).await, "queued", "counted anew");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn under_strict_opt_in_writing_is_no_yes() {
    both(async |stage| {
        approved(stage, "order_ready", "UTILITY").await;
        stage.writes(ANNA, "Halo").await;
        stage.settle().await;
        let strict = json!({ "settings": { "policy": "strict_opt_in" } });
        stage.org.owner.patch("", strict).await.expect(200);
        let refused = stage.org.key.post("messages", template(ANNA, "order_ready")).await;
        assert_eq!(refused.problem(422), "no_opt_in");
        assert_eq!(record(stage, "").await[0]["standing"], "unknown");
        agrees(stage, ANNA, "utility").await;
        stage.app.clock.advance(Duration::from_secs(60));
        stage.writes(ANNA, "Halo lagi").await;
        stage.settle().await;
        stage.org.key.post("messages", template(ANNA, "order_ready")).await.expect(202);
        stage.settle().await;
        assert_eq!(record(stage, "").await[0]["standing"], "opted_in");
    })
    .await;
}
