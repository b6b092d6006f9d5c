//! Signing in, passwords, second factor.

use std::time::Duration;

use rules::locale::Locale;
use rules::time::span;
use serde_json::{Value, json};
use server::identity::setup::{self, SetupPerson};
use testkit::app::{self, Actor, Answer, TestApp};

pub const EMAIL: &str = "rina@example.com";
pub const PASSWORD: &str = "a few words in a row";

pub async fn rina(app: &TestApp) {
    let person = SetupPerson {
        email: "Rina@Example.com".into(),
        name: "Rina".into(),
        password: PASSWORD.into(),
        locale: Locale::Id,
        is_operator: false,
    };
    setup::person(&app.ctx, person).await.unwrap();
}

async fn try_sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.anonymous.post("session", json!({ "email": email, "password": password })).await
}

pub async fn signed_in(app: &TestApp) -> Actor {
    app.anonymous.sign_in(EMAIL, PASSWORD).await.expect("signs in")
}

#[tokio::test]
async fn a_person_signs_in_and_out() {
    app::both(async |app| {
        rina(app).await;
        assert_eq!(app.anonymous.get("me").await.problem(401), "unauthenticated");
        let answer = try_sign_in(app, " RINA@example.com", PASSWORD).await.expect(200);
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("sapa_session=") && cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains("Secure"), "plain http would never get it back");

        let actor = signed_in(app).await;
        let me = actor.get("me").await.expect(200);
        assert_eq!(me.str("/person/email"), EMAIL);
        assert_eq!(me.str("/person/locale"), "id");
        assert_eq!(actor.delete("session").await.status, 204);
        assert_eq!(actor.get("me").await.problem(401), "unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_look_alike() {
    app::both(async |app| {
        rina(app).await;
        let wrong = try_sign_in(app, EMAIL, "something else").await;
        let unknown = try_sign_in(app, "nobody@example.com", "something else").await;
        assert_eq!(wrong.problem(401), "wrong_credentials");
        assert_eq!(wrong.text, unknown.text);
    })
    .await;
}

#[tokio::test]
async fn guessing_is_slowed_down_and_a_right_password_does_not_help_meanwhile() {
    app::both(async |app| {
        rina(app).await;
        for _ in 0..5 {
            assert_eq!(try_sign_in(app, EMAIL, "a wrong password").await.status, 401);
        }
        let refused = try_sign_in(app, EMAIL, PASSWORD).await;
        assert_eq!(refused.problem(429), "too_many_attempts");
        let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(wait >= 10, "{wait}");
        app.clock.advance(Duration::from_secs(wait));
        assert_eq!(try_sign_in(app, EMAIL, PASSWORD).await.status, 200);
        // Proved: counting starts anew.
        assert_eq!(try_sign_in(app, EMAIL, "a wrong password").await.status, 401);
        assert_eq!(try_sign_in(app, EMAIL, PASSWORD).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn guesses_sent_at_once_do_not_slip_through_together() {
    app::both(async |app| {
        rina(app).await;
        let guesses = (0..20).map(|_| try_sign_in(app, EMAIL, "a wrong password"));
        let answers = futures::future::join_all(guesses).await;
        assert!(answers.iter().filter(|answer| answer.status == 401).count() <= 6);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_revoked_and_expire() {
    app::both(async |app| {
        rina(app).await;
        let (first, second) = (signed_in(app).await, signed_in(app).await);
        let sessions = first.get("sessions").await;
        assert_eq!(sessions.items().len(), 2);
        let other = sessions.items().iter().find(|session| session["current"] == false).unwrap();
        let other = other["id"].as_str().unwrap();
        assert_eq!(first.delete(&format!("sessions/{other}")).await.status, 204);
        assert_eq!(second.get("me").await.status, 401);
        assert_eq!(first.delete(&format!("sessions/{other}")).await.problem(404), "not_found");

        app.clock.advance(span::days(13));
        assert_eq!(first.get("me").await.status, 200);
        app.clock.advance(span::days(13));
        assert_eq!(first.get("me").await.status, 200, "it was used meanwhile");
        app.clock.advance(span::days(15));
        assert_eq!(first.get("me").await.status, 401, "idle for too long");

        let (third, fourth) = (signed_in(app).await, signed_in(app).await);
        assert_eq!(third.delete("sessions").await.status, 204);
        assert_eq!(third.get("me").await.status, 401);
        assert_eq!(fourth.get("me").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_link_that_works_once() {
    app::both(async |app| {
        rina(app).await;
        let before = signed_in(app).await;
        let known = app.anonymous.post("password-resets", json!({ "email": EMAIL })).await;
        let unknown = app.anonymous.post("password-resets", json!({ "email": "nobody@example.com" })).await;
        assert_eq!((known.status, &known.text), (202, &unknown.text));
        app.run_jobs().await;
        let letters = app.mailbox.take();
        let [letter] = &letters[..] else { panic!("{} letters", letters.len()) };
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), (EMAIL, "Buat kata sandi baru untuk Sapa"));
        let token = letter.text.split_once("reset-password#").unwrap().1.split_whitespace().next().unwrap();

        let use_it = |token: &str| {
            app.anonymous
                .post("password-resets/use", json!({ "token": token, "password": "entirely new words" }))
        };
        assert_eq!(use_it("made-up").await.problem(422), "link_expired");
        assert_eq!(use_it(token).await.status, 204);
        assert_eq!(use_it(token).await.problem(422), "link_expired");
        assert_eq!(before.get("me").await.status, 401, "every session ends");
        assert_eq!(try_sign_in(app, EMAIL, PASSWORD).await.status, 401);
        assert_eq!(try_sign_in(app, EMAIL, "entirely new words").await.status, 200);
        app.run_jobs().await;
        assert_eq!(app.mailbox.take()[0].subject, "Kata sandi Sapa Anda telah diubah");
    })
    .await;
}

#[tokio::test]
async fn a_reset_link_ends_when_the_password_is_changed() {
    app::both(async |app| {
        rina(app).await;
        app.anonymous.post("password-resets", json!({ "email": EMAIL })).await.expect(202);
        app.run_jobs().await;
        let token = app.mailbox.token_for(EMAIL);
        let change = json!({ "current": PASSWORD, "new": "other words in a row" });
        signed_in(app).await.put("me/password", change).await.expect(204);
        let late = app
            .anonymous
            .post("password-resets/use", json!({ "token": token, "password": "entirely new words" }))
            .await;
        assert_eq!(late.problem(422), "link_expired");
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn a_reset_link_expires_after_an_hour() {
    app::both(async |app| {
        rina(app).await;
        app.anonymous.post("password-resets", json!({ "email": EMAIL })).await.expect(202);
        app.run_jobs().await;
        let token = app.mailbox.token_for(EMAIL);
        app.clock.advance(span::hours(1));
        let late = app
            .anonymous
            .post("password-resets/use", json!({ "token": token, "password": "entirely new words" }))
            .await;
        assert_eq!(late.problem(422), "link_expired");
    })
    .await;
}

#[tokio::test]
async fn changing_the_password_needs_the_present_one_and_ends_other_sessions() {
    app::both(async |app| {
        rina(app).await;
        let (here, elsewhere) = (signed_in(app).await, signed_in(app).await);
        let change =
            |current: &str, new: &str| here.put("me/password", json!({ "current": current, "new": new }));
        assert_eq!(change("not it at all", "entirely new words").await.problem(422), "wrong_password");
        assert_eq!(change(PASSWORD, "short").await.problem(422), "invalid");
        assert_eq!(change(PASSWORD, "entirely new words").await.status, 204);
        assert_eq!(here.get("me").await.status, 200);
        assert_eq!(elsewhere.get("me").await.status, 401);
        app.run_jobs().await;
    })
    .await;
}

/// The code that an authenticator app shows, computed by the standard and not by our own code.
pub fn code_of(secret: &str, seconds: i64) -> String {
    use aws_lc_rs::hmac;
    let bits = secret.bytes().fold(String::new(), |bits, byte| {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|b| *b == byte).unwrap();
        bits + &format!("{value:05b}")
    });
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|b| u8::from_str_radix(std::str::from_utf8(b).unwrap(), 2).unwrap())
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &(seconds / 30).to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let word = u32::from_be_bytes(tag[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_each_code_works_once() {
    app::both(async |app| {
        rina(app).await;
        let actor = signed_in(app).await;
        assert_eq!(
            actor.post("me/second-factor", json!({ "password": "not it at all" })).await.problem(422),
            "wrong_password"
        );
        let enrolled = actor.post("me/second-factor", json!({ "password": PASSWORD })).await.expect(200);
        let secret = enrolled.str("/secret").to_owned();
        assert!(enrolled.str("/uri").starts_with("otpauth://totp/Sapa:rina%40example.com?secret="));
        assert_eq!(try_sign_in(app, EMAIL, PASSWORD).await.status, 200, "not in use before it is confirmed");

        let now = || code_of(&secret, app.now().seconds());
        let wrong = actor.post("me/second-factor/confirm", json!({ "code": "000000" })).await;
        assert_eq!(wrong.problem(422), "second_factor_wrong");
        let confirmed = actor.post("me/second-factor/confirm", json!({ "code": now() })).await.expect(200);
        let recovery: Vec<String> = serde_json::from_value(confirmed.json["recovery_codes"].clone()).unwrap();
        assert_eq!(recovery.len(), 10);

        let sign_in = |code: Option<String>| {
            app.anonymous.post("session", json!({ "email": EMAIL, "password": PASSWORD, "code": code }))
        };
        assert_eq!(sign_in(None).await.problem(401), "second_factor_required");
        assert_eq!(sign_in(Some(now())).await.problem(401), "second_factor_wrong", "used to confirm");
        app.clock.advance(Duration::from_secs(60));
        let code = now();
        assert_eq!(sign_in(Some(code.clone())).await.status, 200);
        assert_eq!(sign_in(Some(code)).await.problem(401), "second_factor_wrong");
        let typed = recovery[0].to_uppercase().replace('-', " ");
        assert_eq!(sign_in(Some(typed.clone())).await.status, 200);
        assert_eq!(sign_in(Some(typed)).await.problem(401), "second_factor_wrong");
        assert_eq!(actor.get("me").await.json["recovery_codes_left"], 9);

        assert_eq!(actor.post("me/second-factor/remove", json!({ "password": PASSWORD })).await.status, 204);
        assert_eq!(sign_in(None).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn one_s_own_name_and_language_change() {
    app::both(async |app| {
        rina(app).await;
        let actor = signed_in(app).await;
        assert_eq!(actor.patch("me", json!({ "name": "two\nlines" })).await.problem(422), "invalid");
        assert_eq!(actor.patch("me", json!({ "name": "Rina W.", "locale": "en" })).await.status, 204);
        let me = actor.get("me").await;
        assert_eq!((me.str("/person/name"), me.str("/person/locale")), ("Rina W.", "en"));
    })
    .await;
}

#[tokio::test]
async fn what_people_do_with_their_accounts_is_noted_without_secrets() {
    app::both(async |app| {
        rina(app).await;
        app.clock.advance(Duration::from_secs(1));
        let actor = signed_in(app).await;
        app.clock.advance(Duration::from_secs(1));
        actor
            .put("me/password", json!({ "current": PASSWORD, "new": "entirely new words" }))
            .await
            .expect(204);
        app.run_jobs().await;
        let log = app.operator.get("operator/audit").await;
        let actions: Vec<&Value> = log.items().iter().map(|entry| &entry["action"]).collect();
        assert_eq!(actions, ["password.change", "session.start", "person.create"]);
        assert!(!log.text.contains(PASSWORD) && !log.text.contains("$argon2"));
    })
    .await;
}
