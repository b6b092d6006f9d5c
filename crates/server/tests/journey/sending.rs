//! Messages through the API: the gate, exactly once, order.

use std::time::Duration;

use serde_json::{Value, json};

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
