//! What waits for a contact's word goes out once they say it, by whatever way.

use std::time::Duration;

use serde_json::json;

use super::fallback::{HOUR, mail, order, outcome, reaches, remind, says, with_carrier};
use super::stage::{ANNA, Stage};

/// Whether Anna has the message on WhatsApp.
async fn has_it(stage: &Stage) -> bool {
    stage.received(ANNA).await.iter().any(|text| text.contains("pesanan Anda siap"))
}

#[tokio::test]
async fn what_waits_for_a_word_goes_out_when_the_contact_writes_and_when_they_write_start() {
    for word in ["Halo, pesanan saya bagaimana?", "MULAI"] {
        with_carrier(async |stage, _| {
            // Nobody takes mail there: nothing but the contact's own word lets it go.
            mail(stage, 9).await;
            order(stage, &[("email", 240)]).await;
            let message = remind(stage).await;
            stage.app.run_jobs().await;
            assert_eq!(stage.state(&message).await, "awaiting_opt_in");
            assert!(!has_it(stage).await);
            stage.app.clock.advance(Duration::from_secs(1));
            stage.writes(ANNA, word).await;
            stage.settle().await;
            assert!(has_it(stage).await, "{word}: {:?}", stage.received(ANNA).await);
            let stands = (stage.state(&message).await, outcome(stage, &message).await);
            assert_eq!(stands, ("read".into(), "read".into()), "{word}");
            stage.app.leave_jobs(); // the mail server is tried again
        })
        .await;
    }
}

#[tokio::test]
async fn offers_that_wait_go_out_when_the_contact_lets_meta_resume_them() {
    with_carrier(async |stage, _| {
        let parts = json!([{ "type": "BODY", "text": "Promo: pesanan Anda siap lebih murah." }]);
        let offer =
            json!({ "name": "offer", "language": "id", "category": "MARKETING", "components": parts });
        stage.template(offer).await;
        stage.settle().await;
        mail(stage, 9).await;
        order(stage, &[("email", 10_080)]).await;
        for channel in ["whatsapp", "email"] {
            let yes = json!({ "action": "opt_in", "purpose": "marketing", "channel": channel });
            says(stage, yes).await;
        }
        let send = async || {
            let content = json!({ "type": "template", "name": "offer", "language": "id" });
            let wish = json!({ "to": { "phone": format!("+{ANNA}") }, "content": content });
            stage.org.key.post("messages", wish).await.expect(202).json["message_id"].clone()
        };
        stage.control("PATCH", "people/anna", json!({ "on_whatsapp": false })).await;
        send().await;
        stage.settle().await;
        let message = send().await;
        stage.settle().await;
        assert_eq!(stage.state(&message).await, "awaiting_opt_in");
        // A day later WhatsApp is worth a try again, and nothing but the contact's word brings it about.
        stage.control("PATCH", "people/anna", json!({ "on_whatsapp": true })).await;
        stage.app.clock.advance(25 * HOUR);
        stage.control("POST", "clock", json!({ "now": stage.app.now().0 / 1_000 })).await;
        stage.settle().await;
        assert_eq!(stage.state(&message).await, "awaiting_opt_in");
        stage.control("POST", "people/anna/marketing", json!({ "value": "resume" })).await;
        stage.settle().await;
        assert_eq!(stage.state(&message).await, "read");
        assert!(has_it(stage).await);
        let [(_, state, _)] = &reaches(stage, &message).await[..] else { panic!("one mail") };
        assert_eq!(state, "queued", "it waits for a server that is not there");
        stage.app.clock.advance(24 * HOUR);
        stage.app.run_jobs().await;
        assert_eq!(reaches(stage, &message).await[0].1, "refused", "it has arrived on WhatsApp");
        stage.app.leave_jobs(); // the first still waits for a mail server
    })
    .await;
}
