//! A message on its way past WhatsApp: at once where WhatsApp fails, further where another channel fails late, and nowhere
//! once it must not or need not go.

use std::time::Duration;

use carrier::{Fault, State, Via};
use serde_json::{Value, json};
use testkit::app::MailServer;

use super::fallback::{
    HOUR, mail, moves_to, order, outcome, reaches, remind, says, smpp, twilio, with_carrier,
    with_carrier_that,
};
use super::stage::{ANNA, Stage};

/// So long a provider that was busy is left alone.
const A_MINUTE: Duration = Duration::from_secs(61);

/// Anna has agreed to what serves her, and has lost her WhatsApp since.
async fn agreed_and_gone(stage: &Stage) {
    says(stage, json!({ "action": "opt_in", "purpose": "utility" })).await;
    stage.control("PATCH", "people/anna", json!({ "on_whatsapp": false })).await;
}

/// WhatsApp gives up the last message that it took (131026).
async fn fails(stage: &Stage) {
    let taken = stage.phone(ANNA).await.pop().unwrap();
    let failed = json!({ "status": "failed" });
    stage.control("POST", &format!("messages/{}/status", taken["id"].as_str().unwrap()), failed).await;
    stage.settle().await;
}

/// Channels and states of what was sent in place of a message.
async fn states(stage: &Stage, message: &Value) -> Vec<(String, String)> {
    reaches(stage, message).await.into_iter().map(|(channel, state, _)| (channel, state)).collect()
}

fn stands(channel: &str, state: &str) -> (String, String) {
    (channel.to_owned(), state.to_owned())
}

#[tokio::test]
async fn what_whatsapp_fails_to_carry_goes_elsewhere_at_once_however_long_it_had_to_deliver() {
    with_carrier(async |stage, carrier| {
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        agreed_and_gone(stage).await;
        order(stage, &[("whatsapp", 120), ("sms", 60)]).await;
        let by_text = remind(stage).await;
        stage.settle().await;
        assert_eq!(stage.state(&by_text).await, "failed");
        assert_eq!(states(stage, &by_text).await, [stands("sms", "sent")]);
        assert!(carrier.arrived()[0].text.contains("pesanan Anda siap"));
        // What is known of Anna passes after a day, and WhatsApp is tried again: now it takes the message, and fails later.
        stage.app.clock.advance(25 * HOUR);
        stage.control("POST", "clock", json!({ "now": stage.app.now().0 / 1_000 })).await;
        stage.control("PATCH", "people/anna", json!({ "on_whatsapp": true, "online": false })).await;
        order(stage, &[("whatsapp", 120), ("email", 60)]).await;
        let by_mail = remind(stage).await;
        stage.settle().await;
        assert_eq!(stage.state(&by_mail).await, "sent");
        fails(stage).await;
        assert_eq!(stage.state(&by_mail).await, "failed");
        assert!(server.next().await["text"].as_str().unwrap().contains("pesanan Anda siap"));
        // Neither the time to deliver nor the time to answer brings anything more.
        stage.app.clock.advance(3 * HOUR);
        stage.settle().await;
        assert_eq!((states(stage, &by_mail).await.len(), carrier.arrived().len()), (1, 1));
        assert_eq!(outcome(stage, &by_mail).await, "fallback_sent");
    })
    .await;
}

#[tokio::test]
async fn a_text_that_fails_late_is_followed_by_a_mail_whether_its_time_is_over_or_not() {
    with_carrier(async |stage, carrier| {
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        order(stage, &[("sms", 60), ("email", 60)]).await;
        agreed_and_gone(stage).await;
        for over in [false, true] {
            let message = remind(stage).await;
            stage.settle().await;
            assert_eq!(states(stage, &message).await, [stands("sms", "sent")]);
            if over {
                stage.app.clock.advance(2 * HOUR);
                stage.app.run_jobs().await;
            }
            // Of two at one moment chance would say which came first.
            stage.app.clock.advance(Duration::from_millis(1));
            let text = carrier.arrived().pop().unwrap();
            // Of two at one moment chance would say which is the later.
            stage.app.clock.advance(Duration::from_secs(1));
            carrier.report(text.id, State::Failed).await;
            stage.app.run_jobs().await;
            assert!(server.next().await["text"].as_str().unwrap().contains("pesanan Anda siap"));
            assert_eq!(states(stage, &message).await, [stands("sms", "failed"), stands("email", "sent")]);
            assert_eq!(outcome(stage, &message).await, "fallback_sent");
        }
        stage.app.clock.advance(2 * HOUR);
        stage.app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn whatsapp_s_failure_does_not_end_what_went_elsewhere_before_it() {
    with_carrier(async |stage, carrier| {
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        order(stage, &[("whatsapp", 120), ("sms", 60), ("email", 60)]).await;
        says(stage, json!({ "action": "opt_in", "purpose": "utility" })).await;
        stage.control("PATCH", "people/anna", json!({ "online": false })).await;
        let message = remind(stage).await;
        stage.settle().await;
        carrier.fault(Via::Twilio, Fault::Later);
        stage.app.clock.advance(2 * HOUR + Duration::from_secs(120));
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &message).await, [stands("sms", "queued")]);
        fails(stage).await;
        assert_eq!(stage.state(&message).await, "failed");
        stage.app.clock.advance(A_MINUTE);
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &message).await, [stands("sms", "sent")]);
        carrier.report(carrier.arrived()[0].id, State::Failed).await;
        stage.app.run_jobs().await;
        server.next().await;
        assert_eq!(states(stage, &message).await, [stands("sms", "failed"), stands("email", "sent")]);
        stage.app.clock.advance(2 * HOUR);
        stage.app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn what_whatsapp_carries_after_all_does_not_go_elsewhere_too() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        order(stage, &[("sms", 600)]).await;
        agreed_and_gone(stage).await;
        remind(stage).await;
        stage.settle().await;
        carrier.fault(Via::Twilio, Fault::Later);
        let message = remind(stage).await;
        stage.settle().await;
        assert_eq!(states(stage, &message).await, [stands("sms", "queued")]);
        // Anna is back and writes; then her phone is off, so that nothing says that it has arrived.
        stage.control("PATCH", "people/anna", json!({ "on_whatsapp": true })).await;
        stage.writes(ANNA, "👍").await;
        stage.control("PATCH", "people/anna", json!({ "online": false })).await;
        stage.settle().await;
        assert_eq!(stage.state(&message).await, "sent");
        stage.app.clock.advance(A_MINUTE);
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &message).await, [stands("sms", "refused")]);
        assert_eq!(carrier.arrived().len(), 1, "the one before");
        stage.app.leave_jobs(); // Anna has time to answer
    })
    .await;
}

#[tokio::test]
async fn nothing_goes_to_an_address_that_was_put_on_the_list_while_it_waited() {
    with_carrier(async |stage, carrier| {
        let server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        let never = async |address: Value| {
            let mut entry = address;
            entry["reason"] = json!("Minta lewat telepon");
            stage.org.owner.post("suppressions", entry).await.expect(204);
        };
        // The address is nobody's any more: no ledger refuses it, the list alone does.
        order(stage, &[("email", 240)]).await;
        moves_to(stage, "later@example.com").await;
        let by_mail = remind(stage).await;
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &by_mail).await, [stands("email", "queued")]);
        moves_to(stage, "anna@example.com").await;
        never(json!({ "email": "Later@Example.com" })).await;
        stage.app.clock.advance(A_MINUTE);
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &by_mail).await, [stands("email", "refused")]);
        // Nor does a yes outweigh the list.
        order(stage, &[("sms", 240)]).await;
        agreed_and_gone(stage).await;
        carrier.fault(Via::Twilio, Fault::Later);
        let by_text = remind(stage).await;
        stage.settle().await;
        assert_eq!(states(stage, &by_text).await, [stands("sms", "queued")]);
        never(json!({ "phone": format!("+{ANNA}") })).await;
        says(stage, json!({ "action": "opt_in" })).await;
        stage.app.clock.advance(A_MINUTE);
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &by_text).await, [stands("sms", "refused")]);
        assert!(carrier.arrived().is_empty());
    })
    .await;
}

#[tokio::test]
async fn who_refuses_a_purpose_on_whatsapp_is_not_written_to_for_it_elsewhere() {
    with_carrier(async |stage, carrier| {
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        let refuses = async || says(stage, json!({ "action": "opt_out", "purpose": "utility" })).await;
        // What would go on to the next channel.
        order(stage, &[("email", 60), ("sms", 60)]).await;
        let going_on = remind(stage).await;
        stage.app.run_jobs().await;
        server.next().await;
        refuses().await;
        stage.app.clock.advance(2 * HOUR);
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &going_on).await, [stands("email", "sent")]);
        stage.app.clock.advance(72 * HOUR);
        stage.app.run_jobs().await;
        assert_eq!(stage.state(&going_on).await, "refused", "its link works no more");
        // What waits for its turn on a channel.
        order(stage, &[("sms", 60)]).await;
        agreed_and_gone(stage).await;
        carrier.fault(Via::Twilio, Fault::Later);
        let waiting = remind(stage).await;
        stage.settle().await;
        assert_eq!(states(stage, &waiting).await, [stands("sms", "queued")]);
        refuses().await;
        stage.app.clock.advance(A_MINUTE);
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &waiting).await, [stands("sms", "refused")]);
        assert!(carrier.arrived().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_receipt_that_comes_while_its_text_is_handed_over_is_told_again_and_counts_once() {
    with_carrier_that(true, async |stage, carrier| {
        smpp(stage, carrier).await;
        order(stage, &[("sms", 60)]).await;
        agreed_and_gone(stage).await;
        let message = remind(stage).await;
        stage.settle().await;
        assert_eq!(states(stage, &message).await, [stands("sms", "sent")], "nobody knows its name yet");
        let delivered = async || {
            let metrics =
                stage.app.anonymous.with_key("metrics-token").get("/metrics").await.expect(200).text;
            let counted = r#"sapa_reaches_total{channel="sms",outcome="delivered"} "#;
            metrics.lines().find_map(|line| line.strip_prefix(counted).map(str::to_owned))
        };
        assert_eq!(delivered().await, None);
        stage.app.clock.advance(A_MINUTE);
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &message).await, [stands("sms", "delivered")]);
        assert_eq!(outcome(stage, &message).await, "fallback_delivered");
        // A centre that did not hear our thanks tells it once more.
        carrier.report(carrier.arrived()[0].id, State::Delivered).await;
        carrier.report(carrier.arrived()[0].id, State::Failed).await;
        stage.app.clock.advance(A_MINUTE);
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &message).await, [stands("sms", "delivered")]);
        assert_eq!(delivered().await.as_deref(), Some("1"));
        assert_eq!(carrier.arrived().len(), 1);
        stage.app.leave_jobs(); // the centre is visited for a week
    })
    .await;
}

#[tokio::test]
async fn texts_of_a_suspended_organisation_wait_and_go_once_it_may_work_again() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        order(stage, &[("sms", 240)]).await;
        let path = format!("/api/v1/operator/orgs/{}", stage.org.id);
        let message = remind(stage).await;
        stage.app.operator.patch(&path, json!({ "status": "suspended" })).await.expect(200);
        stage.app.run_jobs().await;
        stage.app.clock.advance(HOUR);
        stage.app.run_jobs().await;
        assert!(carrier.arrived().is_empty());
        stage.app.operator.patch(&path, json!({ "status": "active" })).await.expect(200);
        stage.app.clock.advance(Duration::from_secs(15 * 60));
        stage.app.run_jobs().await;
        assert_eq!(states(stage, &message).await, [stands("sms", "sent")]);
        assert_eq!(carrier.arrived().len(), 1);
        stage.app.leave_jobs(); // the contact has time to answer
    })
    .await;
}
