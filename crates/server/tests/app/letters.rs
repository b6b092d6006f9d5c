//! Letters through a real SMTP server, in English and Indonesian.

use std::sync::Arc;

use rules::locale::Locale;
use serde_json::json;
use server::identity::setup::{self, SetupPerson};
use server::mail::{Mail, Mailer as _, NoMail, NotSent, Smtp, SmtpOptions};
use testkit::Database;
use testkit::app::{MailServer, TestApp};

async fn person(app: &TestApp, email: &str, locale: Locale) {
    let person = SetupPerson {
        email: email.into(),
        name: "Rina".into(),
        password: "a few words in a row".into(),
        locale,
        is_operator: false,
    };
    setup::person(&app.ctx, person).await.unwrap();
}

#[tokio::test]
async fn reset_and_invite_letters_leave_through_smtp_and_their_links_work() {
    for database in [Database::sqlite().await.unwrap(), Database::postgres().await.unwrap()] {
        let mut server = MailServer::start().await;
        let mailer = server.mailer();
        let app = TestApp::start_with(database, |parts| parts.mailer = Arc::new(mailer)).await;

        for (email, locale, subject) in [
            ("rina@example.com", Locale::En, "Choose a new password for Sapa"),
            ("dewi@example.com", Locale::Id, "Buat kata sandi baru untuk Sapa"),
        ] {
            person(&app, email, locale).await;
            app.anonymous.post("password-resets", json!({ "email": email })).await.expect(202);
            app.run_jobs().await;
            let letter = server.next().await;
            assert_eq!((&letter["subject"], &letter["to"]), (&json!(subject), &json!([email])));
            assert_eq!(letter["header_from"], "Sapa <sapa@example.com>");
            let text = letter["text"].as_str().unwrap();
            let (_, token) = text.split_once(&format!("{}/reset-password#", app.url)).expect("a link");
            let token = token.split_whitespace().next().unwrap();
            let new = json!({ "token": token, "password": "entirely new words" });
            app.anonymous.post("password-resets/use", new).await.expect(204);
            app.anonymous.sign_in(email, "entirely new words").await.expect("signs in");
            app.run_jobs().await;
            assert_ne!(server.next().await["subject"], subject, "and a word that it was changed");
        }

        let org = app.org("Kopi \u{2615} Senja").await;
        let invited =
            org.owner.post("invites", json!({ "email": "budi@example.com", "role": "agent" })).await;
        app.run_jobs().await;
        let letter = server.next().await;
        assert_eq!(letter["subject"], "Anda diundang ke Kopi \u{2615} Senja di Sapa");
        assert!(letter["text"].as_str().unwrap().contains(invited.str("/link")));

        org.owner
            .post("invites", json!({ "email": "refused@example.com", "role": "agent" }))
            .await
            .expect(201);
        app.run_jobs().await;
        let dead = app.operator.get("operator/dead-jobs").await;
        assert!(dead.items()[0]["last_error"].as_str().unwrap().contains("no such mailbox"), "{}", dead.text);
        app.leave_jobs();
        app.finish().await;
    }
}

#[tokio::test]
async fn without_a_mail_server_the_operator_is_told_and_hands_links_over() {
    for database in [Database::sqlite().await.unwrap(), Database::postgres().await.unwrap()] {
        let app = TestApp::start_with(database, |parts| parts.mailer = Arc::new(NoMail)).await;
        person(&app, "rina@example.com", Locale::En).await;
        // Whoever asks is told that no letter comes, whether or not there is such an account.
        let asked = |email: &'static str| app.anonymous.post("password-resets", json!({ "email": email }));
        let (known, unknown) = (asked("rina@example.com").await.expect(202), asked("x@example.com").await);
        assert_eq!((known.json["mailed"].as_bool(), &known.text), (Some(false), &unknown.text));
        let ready = app.operator.get("operator/readiness").await.expect(200);
        let mail = ready.items().iter().find(|item| item["code"] == "mail").unwrap();
        assert_eq!(mail["state"], "bad", "{mail}");
        app.run_jobs().await;
        let dead = app.operator.get("operator/dead-jobs").await;
        let why = dead.items()[0]["last_error"].as_str().unwrap();
        assert!(why.contains("SAPA_SMTP_URL"), "{why}");
        let id = dead.items()[0]["id"].to_string();
        app.operator.post(&format!("operator/dead-jobs/{id}/retry"), json!({})).await.expect(202);

        let unknown =
            app.operator.post("operator/password-resets", json!({ "email": "x@example.com" })).await;
        assert_eq!(unknown.problem(404), "not_found");
        let made =
            app.operator.post("operator/password-resets", json!({ "email": "rina@example.com" })).await;
        let token = made.expect(201).str("/link").split_once('#').unwrap().1.to_owned();
        let new = json!({ "token": token, "password": "entirely new words" });
        app.anonymous.post("password-resets/use", new).await.expect(204);

        let org = app.org("Kopi Senja").await;
        let invited =
            org.owner.post("invites", json!({ "email": "budi@example.com", "role": "agent" })).await;
        assert_eq!(invited.expect(201).json["mailed"], false);
        app.leave_jobs();
        app.finish().await;
    }
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_tried_again_and_its_password_is_not_told() {
    let secret = "smtp://sapa:hunter2@127.0.0.1:9";
    let options = SmtpOptions { url: secret.into(), from: "Sapa <sapa@example.com>".into() };
    let mailer = Smtp::new(&options).unwrap();
    assert!(!format!("{options:?} {mailer:?}").contains("hunter2"));
    let mail =
        Mail { to: "rina@example.com".into(), subject: "x".into(), text: "x".into(), ..Mail::default() };
    assert!(matches!(mailer.send(mail).await, Err(NotSent::Later(_))));
    let broken = SmtpOptions { url: "hunter2 is no URL".into(), from: "Sapa <sapa@example.com>".into() };
    assert!(!Smtp::new(&broken).unwrap_err().contains("hunter2"));
}
