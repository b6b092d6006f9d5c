//! A message goes one way: what another channel carries, or may have carried, does not follow on WhatsApp, and no channel is a
//! way around what holds on WhatsApp.

use std::time::Duration;

use carrier::{Fault, State, Via};
use serde_json::json;
use testkit::app::MailServer;

use super::fallback::{
    HOUR, ask_to_remind, contact, mail, order, outcome, reaches, remind, says, twilio, with_carrier,
};
use super::stage::{ANNA, Stage};

/// Anna is not on WhatsApp, as far as the gateway knows, and has agreed to be written to. A first message has come to that.
async fn away_from_whatsapp(stage: &Stage) {
    stage.control("PATCH", "people/anna", json!({ "on_whatsapp": false })).await;
    says(stage, json!({ "action": "opt_in", "purpose": "utility" })).await;
    remind(stage).await;
    stage.settle().await;
    stage.control("PATCH", "people/anna", json!({ "on_whatsapp": true })).await;
}

/// How many messages have left for Anna on WhatsApp, beside the first.
async fn on_whatsapp(stage: &Stage) -> usize {
    stage.received(ANNA).await.iter().filter(|text| text.contains("pesanan Anda siap")).count() - 1
}

#[tokio::test]
async fn what_a_provider_may_have_taken_does_not_follow_on_whatsapp() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        away_from_whatsapp(stage).await;
        order(stage, &[("sms", 60)]).await;
        carrier.fault(Via::Twilio, Fault::Drop);
        let message = remind(stage).await;
        stage.settle().await;
        assert_eq!(reaches(stage, &message).await[0].1, "unknown");
        assert_eq!(
            (stage.state(&message).await, outcome(stage, &message).await),
            ("refused".into(), "unresolved".into())
        );
        let again =
            stage.org.owner.post(&format!("messages/{}/retry", message.as_str().unwrap()), json!({})).await;
        assert_eq!(again.status, 409, "{}", again.text);
        // They come to WhatsApp and write: what waits would go out now.
        stage.app.clock.advance(Duration::from_secs(1));
        stage.writes(ANNA, "Halo").await;
        stage.settle().await;
        assert_eq!((stage.state(&message).await, on_whatsapp(stage).await), ("refused".into(), 0));
        carrier.report(carrier.arrived()[0].id, State::Delivered).await;
        assert_eq!(outcome(stage, &message).await, "fallback_delivered");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn what_did_not_arrive_elsewhere_waits_again_and_goes_out_once_it_may() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        away_from_whatsapp(stage).await;
        order(stage, &[("sms", 60)]).await;
        let message = remind(stage).await;
        stage.settle().await;
        assert_eq!(stage.state(&message).await, "refused");
        assert_eq!(outcome(stage, &message).await, "fallback_sent");
        carrier.report(carrier.arrived()[0].id, State::Failed).await;
        assert_eq!(stage.state(&message).await, "awaiting_opt_in", "it stands for itself again");
        stage.app.run_jobs().await;
        assert_eq!(stage.state(&message).await, "refused", "no channel is left");
        assert_eq!(outcome(stage, &message).await, "fallback_failed");
        // A provider that is busy has taken nothing: meanwhile WhatsApp may have it.
        carrier.fault(Via::Twilio, Fault::Later);
        let busy = remind(stage).await;
        stage.app.run_jobs().await;
        assert_eq!(stage.state(&busy).await, "awaiting_opt_in");
        stage.app.clock.advance(Duration::from_secs(1));
        stage.writes(ANNA, "Halo").await;
        stage.settle().await;
        assert_eq!((stage.state(&busy).await, on_whatsapp(stage).await), ("read".into(), 1));
        stage.app.clock.advance(HOUR);
        stage.settle().await;
        assert_eq!(carrier.arrived().len(), 1, "and not by SMS as well");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn nobody_is_woken_by_another_channel() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        away_from_whatsapp(stage).await;
        order(stage, &[("sms", 600)]).await;
        let hours = json!({ "from": "21:00", "to": "08:00", "clock": "contact", "purposes": ["utility"] });
        let settings = json!({ "settings": { "quiet_hours": hours } });
        stage.org.owner.patch("", settings).await.expect(200);
        // It is ten at night where Anna is.
        let away = json!({ "timezone": "Pacific/Auckland" });
        stage.org.owner.patch(&contact(stage).await, away).await.expect(200);
        let sent = ask_to_remind(stage).await.expect(202);
        assert_eq!(sent.str("/waits_for"), "quiet_hours");
        stage.app.clock.advance(9 * HOUR);
        stage.settle().await;
        assert!(carrier.arrived().is_empty());
        stage.app.clock.advance(HOUR);
        stage.settle().await;
        assert_eq!(carrier.arrived().len(), 1, "in the morning");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn what_is_not_delivered_at_night_goes_elsewhere_in_the_morning() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        says(stage, json!({ "action": "opt_in", "purpose": "utility" })).await;
        order(stage, &[("whatsapp", 60), ("sms", 600)]).await;
        let hours = json!({ "from": "21:00", "to": "08:00", "clock": "contact", "purposes": ["utility"] });
        let settings = json!({ "settings": { "quiet_hours": hours } });
        stage.org.owner.patch("", settings).await.expect(200);
        // Half an hour before they begin where Anna is.
        let soon = json!({ "timezone": "Asia/Vladivostok" });
        stage.org.owner.patch(&contact(stage).await, soon).await.expect(200);
        stage.app.clock.advance(HOUR + HOUR / 2);
        stage.control("PATCH", "people/anna", json!({ "online": false })).await;
        let message = remind(stage).await;
        stage.settle().await;
        assert_eq!(stage.state(&message).await, "sent");
        stage.app.clock.advance(2 * HOUR);
        stage.settle().await;
        assert!(carrier.arrived().is_empty());
        stage.app.clock.advance(10 * HOUR);
        stage.settle().await;
        assert_eq!(carrier.arrived().len(), 1, "in the morning");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn whatsapp_has_its_time_again_for_what_is_released() {
    with_carrier(async |stage, carrier| {
        let server = MailServer::start().await;
        mail(stage, server.port).await;
        twilio(stage, carrier).await;
        order(stage, &[("whatsapp", 60), ("email", 600), ("sms", 600)]).await;
        let message = remind(stage).await;
        stage.app.run_jobs().await;
        assert_eq!(stage.state(&message).await, "awaiting_opt_in", "a mail asks for a word");
        stage.control("PATCH", "people/anna", json!({ "online": false })).await;
        says(stage, json!({ "action": "opt_in", "purpose": "utility" })).await;
        stage.settle().await;
        assert_eq!((stage.state(&message).await, carrier.arrived().len()), ("sent".into(), 0));
        // From when Meta says that it left, whose clock runs ahead of ours.
        stage.app.clock.advance(2 * HOUR);
        stage.settle().await;
        let [text] = &carrier.arrived()[..] else { panic!("{:?}", reaches(stage, &message).await) };
        assert!(text.text.contains("pesanan Anda siap"), "{}", text.text);
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn an_order_of_channels_that_leads_nowhere_is_refused_wherever_it_is_said() {
    with_carrier(async |stage, _| {
        let server = MailServer::start().await;
        mail(stage, server.port).await;
        let step = |channel: &str, minutes: u32| json!({ "channel": channel, "minutes": minutes });
        for wrong in
            [json!([step("whatsapp", 0), step("email", 60)]), json!([step("email", 60), step("email", 60)])]
        {
            let content = json!({ "type": "template", "name": "order_ready", "language": "id" });
            let message =
                json!({ "to": { "phone": format!("+{ANNA}") }, "content": content, "fallback": wrong });
            let refused = stage.org.key.post("messages", message).await;
            assert_eq!((refused.problem(422), refused.str("/errors/0/field")), ("invalid", "fallback"));
            let usual = json!({ "order": wrong, "link_hours": 72, "texts": [] });
            let refused = stage.org.owner.put("fallback", usual).await;
            assert_eq!((refused.problem(422), refused.str("/errors/0/field")), ("invalid", "order"));
        }
    })
    .await;
}

#[tokio::test]
async fn who_wrote_while_a_text_was_under_way_has_it_on_whatsapp_where_the_text_did_not_arrive() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        away_from_whatsapp(stage).await;
        order(stage, &[("sms", 60)]).await;
        let message = remind(stage).await;
        stage.settle().await;
        assert_eq!(outcome(stage, &message).await, "fallback_sent");
        stage.app.clock.advance(Duration::from_secs(5));
        stage.writes(ANNA, "Halo").await;
        stage.settle().await;
        assert_eq!((stage.state(&message).await, on_whatsapp(stage).await), ("refused".into(), 0));
        carrier.report(carrier.arrived()[0].id, State::Failed).await;
        stage.settle().await;
        assert_eq!((stage.state(&message).await, on_whatsapp(stage).await), ("read".into(), 1));
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_text_that_a_provider_could_not_take_does_not_go_out_at_night() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        away_from_whatsapp(stage).await;
        order(stage, &[("sms", 1_200)]).await;
        let hours = json!({ "from": "21:00", "to": "08:00", "clock": "contact", "purposes": ["utility"] });
        stage.org.owner.patch("", json!({ "settings": { "quiet_hours": hours } })).await.expect(200);
        // Half an hour before they begin where Anna is, the provider is busy until they have begun.
        let soon = json!({ "timezone": "Asia/Vladivostok" });
        stage.org.owner.patch(&contact(stage).await, soon).await.expect(200);
        stage.app.clock.advance(HOUR + HOUR / 2);
        carrier.fault(Via::Twilio, Fault::Later);
        let message = remind(stage).await;
        stage.settle().await;
        assert_eq!(reaches(stage, &message).await[0].1, "queued");
        stage.app.clock.advance(HOUR);
        stage.settle().await;
        assert!(carrier.arrived().is_empty());
        stage.app.clock.advance(11 * HOUR);
        stage.settle().await;
        assert_eq!(carrier.arrived().len(), 1, "in the morning");
        stage.app.leave_jobs();
    })
    .await;
}
