//! Messages through the API: the gate, exactly once, order.

use std::time::Duration;

use rules::id::{AccountId, TemplateId};
use serde_json::{Value, json};
use store::templates::TemplateReading;

use super::stage::{ANNA, Stage, both};

async fn send(stage: &Stage, body: &str) -> Value {
    let answer = stage
        .org
        .key
        .post(
            "messages",
            &json!({ "to": { "phone": format!("+{ANNA}") }, "content": { "type": "text", "body": body } }),
        )
        .await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json["message_id"].clone()
}

#[tokio::test]
async fn a_template_without_consent_is_refused_with_the_reason() {
    both(async |stage| {
        let body = json!({ "to": { "phone": "+491700000009" }, "content": { "type": "template", "name": "hello_world", "language": "en_US" } });
        let answer = stage.org.key.post("messages", &body).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        assert_eq!(answer.json["code"], "template_unusable", "{answer:?}");
        let text = json!({ "to": { "phone": "+491700000009" }, "content": { "type": "text", "body": "Hi" } });
        let answer = stage.org.key.post("messages", &text).await;
        assert_eq!((answer.status, &answer.json["code"]), (422, &json!("window_closed")), "{answer:?}");
    })
    .await;
}

#[tokio::test]
async fn messages_of_a_conversation_arrive_in_the_order_they_were_accepted() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let said = stage.received(ANNA).await.len();
        for n in 0..10 {
            send(stage, &format!("number {n}")).await;
        }
        stage.settle().await;
        let received = stage.received(ANNA).await;
        let expected: Vec<String> = (0..10).map(|n| format!("number {n}")).collect();
        assert_eq!(received[said..], expected);
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_status_and_never_sent_twice() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        stage
            .control(
                "POST",
                "faults",
                json!({ "method": "POST", "edge": "messages", "effect": "drop_response" }),
            )
            .await;
        let lost = send(stage, "only once").await;
        let after = send(stage, "and then this").await;
        for _ in 0..4 {
            stage.settle().await;
            stage.app.clock.advance(Duration::from_secs(11));
        }
        stage.settle().await;
        let received = stage.received(ANNA).await;
        assert_eq!(received.iter().filter(|text| *text == "only once").count(), 1, "{received:?}");
        assert_eq!(received.last().unwrap(), "and then this");
        assert_eq!(stage.state(&lost).await, "read");
        assert_eq!(stage.state(&after).await, "read");
    })
    .await;
}

#[tokio::test]
async fn a_suspended_organisation_sends_and_answers_nothing_until_it_may_work_again() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let said = stage.received(ANNA).await.len();
        let held = send(stage, "held back").await;
        let path = format!("/api/v1/operator/orgs/{}", stage.org.id);
        stage.app.operator.patch(&path, json!({ "status": "suspended" })).await.expect(200);
        stage.writes(ANNA, "Do you repair old espresso machines?").await;
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await.len(), said);
        assert_eq!(stage.state(&held).await, "queued");
        stage.app.operator.patch(&path, json!({ "status": "active" })).await.expect(200);
        stage.app.clock.advance(Duration::from_secs(600));
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await[said..], ["held back"]);
    })
    .await;
}

/// The account that the number belongs to.
async fn account(stage: &Stage) -> AccountId {
    let mut tx = stage.app.ctx.store.read().await.unwrap();
    let mut scope = tx.org(stage.org.id).await.unwrap();
    let row =
        scope.conversations(&Default::default(), store::Cursor::NEWEST, 1).await.unwrap().items.remove(0);
    scope.gate_facts(row.conversation.id, None).await.unwrap().unwrap().account_id
}

/// A template as the account has it now.
async fn synced(stage: &Stage, account: AccountId, status: &str, body: &str) {
    let now = stage.app.now();
    let reading = TemplateReading {
        id: TemplateId::fresh(now, stage.app.ctx.chance()),
        meta_template_id: "910000000000001".into(),
        name: "order_ready".into(),
        language: "id".into(),
        category: "UTILITY".into(),
        status: status.into(),
        quality: None,
        parameter_format: "POSITIONAL".into(),
        components: json!([{ "type": "BODY", "text": body }]),
        rejected_reason: None,
        ttl_seconds: None,
        coming_category: None,
    };
    let mut tx = stage.app.ctx.store.begin().await.unwrap();
    tx.org(stage.org.id).await.unwrap().record_templates(account, &[reading], now).await.unwrap();
    tx.commit().await.unwrap();
}

/// What Meta would refuse with 132000 minutes later is told at once, and again should the template change meanwhile.
#[tokio::test]
async fn a_template_goes_out_only_with_the_parameters_that_it_takes() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let account = account(stage).await;
        synced(stage, account, "APPROVED", "Halo {{1}}, pesanan {{2}} siap.").await;
        let with = |components: Value| {
            json!({ "to": { "phone": format!("+{ANNA}") }, "content":
                { "type": "template", "name": "order_ready", "language": "id", "components": components } })
        };
        let text = |text: &str| json!({ "type": "text", "text": text });
        let bare = stage.org.key.post("messages", with(json!([]))).await;
        assert_eq!((bare.problem(422), bare.str("/errors/0/field")), ("invalid", "content.components"));
        assert!(bare.str("/errors/0/message").contains("{{1}}, {{2}}"), "{}", bare.text);
        let one = json!([{ "type": "body", "parameters": [text("Anna")] }]);
        let one = stage.org.key.post("messages", with(one)).await;
        assert_eq!(one.problem(422), "invalid");
        assert_eq!(one.str("/errors/0/field"), "content.components[0].parameters");

        let both = json!([{ "type": "body", "parameters": [text("Anna"), text("17")] }]);
        let taken = stage.org.key.post("messages", with(both)).await.expect(202);
        synced(stage, account, "APPROVED", "Halo {{1}}, pesanan siap.").await;
        stage.settle().await;
        let message = stage.org.key.get(&format!("messages/{}", taken.str("/message_id"))).await.expect(200);
        assert_eq!((message.str("/state"), message.str("/problem/code")), ("refused", "template_parameters"));
        assert!(
            message.str("/problem/details").contains("content.components[0].parameters"),
            "{}",
            message.text
        );
        let again =
            stage.org.key.post(&format!("messages/{}/retry", taken.str("/message_id")), Value::Null).await;
        assert_eq!(again.problem(422), "invalid");
    })
    .await;
}

/// Whatever is wrong with a content is said of a field of the request, not of the message that Meta would get.
#[tokio::test]
async fn what_is_wrong_with_a_content_is_told_by_the_names_of_the_request() {
    both(async |stage| {
        let long = "x".repeat(5_000);
        let rows = json!([{ "id": "", "title": long, "description": long }]);
        for content in [
            json!({ "type": "text", "body": "" }),
            json!({ "type": "image", "file": { "link": "ftp://x" }, "caption": long }),
            json!({ "type": "video", "file": { "link": "ftp://x" }, "caption": long }),
            json!({ "type": "audio", "file": { "link": "ftp://x" } }),
            json!({ "type": "document", "file": { "link": "ftp://x" }, "caption": long, "filename": "" }),
            json!({ "type": "sticker", "file": { "link": "ftp://x" } }),
            json!({ "type": "location", "latitude": 91.0, "longitude": 181.0 }),
            json!({ "type": "contacts", "contacts": [{ "name": { "formatted_name": "" } }] }),
            json!({ "type": "buttons", "body": "", "header": long, "footer": long,
                "buttons": [{ "id": "", "title": long }] }),
            json!({ "type": "list", "body": "", "header": long, "footer": long, "button": long,
                "sections": [{ "title": long, "rows": rows }] }),
            json!({ "type": "call_to_action", "body": "", "header": long, "footer": long, "label": long, "url": "x" }),
            json!({ "type": "request_location", "body": "" }),
            json!({ "type": "request_contact", "body": "" }),
            json!({ "type": "template", "name": "Order Ready", "language": "",
                "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "" }] }] }),
        ] {
            let body = json!({ "to": { "phone": format!("+{ANNA}") }, "content": content });
            let answer = stage.org.key.post("messages", &body).await;
            assert_eq!(answer.problem(422), "invalid", "{content}");
            let errors = answer.json["errors"].as_array().unwrap();
            assert!(!errors.is_empty());
            for error in errors {
                let field = error["field"].as_str().unwrap();
                let pointer = format!("/{}", field.replace(['.', '['], "/").replace(']', ""));
                assert!(body.pointer(&pointer).is_some(), "{field} is no field of {content}");
            }
        }
    })
    .await;
}

/// No webhook names all parts of a template: they are read when the news comes.
#[tokio::test]
async fn a_template_made_at_meta_is_there_by_itself() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let path = format!("accounts/{}/templates", account(stage).await);
        assert!(!stage.org.owner.get(&path).await.expect(200).text.contains("Pesanan Anda siap."));
        let parts = json!([{ "type": "BODY", "text": "Pesanan Anda siap." }]);
        let template =
            json!({ "name": "order_ready", "language": "id", "category": "UTILITY", "components": parts });
        stage.template(template).await;
        stage.settle().await;
        let known = stage.org.owner.get(&path).await.expect(200);
        assert!(known.text.contains("Pesanan Anda siap."), "{}", known.text);
    })
    .await;
}

/// Meta may pause a template for hours; the window for an answer is not open that long.
#[tokio::test]
async fn a_paused_template_waits_without_holding_up_the_conversation() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let account = account(stage).await;
        let template = async |status: &str| synced(stage, account, status, "Pesanan Anda siap.").await;
        let body = json!({ "to": { "phone": format!("+{ANNA}") },
            "content": { "type": "template", "name": "order_ready", "language": "id" } });
        template("PAUSED").await;
        let held = stage.org.key.post("messages", &body).await.expect(202);
        assert_eq!(held.json["waits_for"], "template_paused", "{held:?}");
        template("APPROVED").await;
        let caught = stage.org.key.post("messages", &body).await.expect(202);
        template("PAUSED").await;
        let answer = send(stage, "Here is your answer").await;
        stage.settle().await;
        assert_eq!(stage.state(&answer).await, "read");
        for waiting in [held, caught] {
            assert_eq!(stage.state(&waiting.json["message_id"]).await, "queued");
        }
        stage.app.leave_jobs();
    })
    .await;
}

/// What goes wrong on our side with every try is told in the end, and is not shown as waiting for ever.
#[tokio::test]
async fn a_message_that_cannot_be_prepared_fails_in_the_end() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let account = account(stage).await;
        let mut tx = stage.app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        scope.set_account_token(account, b"not sealed by any key", None).await.unwrap();
        tx.commit().await.unwrap();
        let id = send(stage, "never prepared").await;
        for _ in 0..20 {
            assert_eq!(stage.state(&id).await, "queued");
            stage.app.run_jobs().await;
            stage.app.clock.advance(Duration::from_secs(300));
        }
        assert_eq!(stage.state(&id).await, "failed");
        stage.app.leave_jobs(); // the job itself is the operator's to look at
    })
    .await;
}
