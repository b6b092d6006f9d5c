//! Passkeys, from a browser with a software authenticator to the session cookie.

use std::time::Duration;

use reqwest::header::SET_COOKIE;
use rules::role::Role;
use rules::time::span;
use serde_json::{Value, json};
use testkit::Database;
use testkit::app::{self, Actor, Answer, TestApp};

use super::accounts::{EMAIL, PASSWORD, code_of, rina, signed_in};
use super::authenticator::{AAGUID, Browser};

/// Runs a test once on each kind of database, at an address at which browsers know passkeys.
async fn both_at_localhost(test: impl AsyncFn(&TestApp, &str)) {
    for database in [Database::sqlite().await.unwrap(), Database::postgres().await.unwrap()] {
        let app = TestApp::start_with(database, |parts| {
            parts.settings.public_url.set_host(Some("localhost")).unwrap();
        })
        .await;
        let origin = app.ctx.settings.public_url.origin().ascii_serialization();
        test(&app, &origin).await;
        app.finish().await;
    }
}

/// Adds the passkey that a browser makes.
async fn add(actor: &Actor, browser: &mut Browser, name: &str, proof: Value) -> Answer {
    let begun = actor.post("/api/v1/me/passkeys", proof).await.expect(200);
    let made = browser.create(&begun.json["options"]).await.expect("a passkey");
    confirm(actor, begun.str("/ceremony"), name, &made).await
}

async fn confirm(actor: &Actor, ceremony: &str, name: &str, made: &Value) -> Answer {
    let body = json!({ "ceremony": ceremony, "name": name, "credential": made });
    actor.post("/api/v1/me/passkeys/confirm", body).await
}

/// Somebody with a password and a passkey.
async fn rina_with_passkey(app: &TestApp, origin: &str) -> (Actor, Browser) {
    rina(app).await;
    let (actor, mut browser) = (signed_in(app).await, Browser::at(origin));
    add(&actor, &mut browser, "Laptop", json!({ "password": PASSWORD })).await.expect(201);
    app.run_jobs().await;
    app.mailbox.take();
    (actor, browser)
}

async fn begin(app: &TestApp) -> Answer {
    app.anonymous.send(app.anonymous.request(reqwest::Method::POST, "session/passkey")).await.expect(200)
}

async fn finish(app: &TestApp, begun: &Answer, proof: &Value) -> Answer {
    let body = json!({ "ceremony": begun.str("/ceremony"), "credential": proof });
    app.anonymous.post("session/passkey/finish", body).await
}

async fn sign_in(app: &TestApp, browser: &mut Browser) -> Answer {
    let begun = begin(app).await;
    let proof = browser.get(&begun.json["options"]).await.expect("a proof");
    finish(app, &begun, &proof).await
}

/// A proof whose signature is somebody else's.
fn forged(mut proof: Value) -> Value {
    let signature = proof["response"]["signature"].as_str().unwrap().to_owned();
    let (first, rest) = signature.split_at(20);
    proof["response"]["signature"] = format!("{}{rest}", first.chars().rev().collect::<String>()).into();
    proof
}

#[tokio::test]
async fn a_passkey_signs_in_without_an_address_and_as_both_factors() {
    both_at_localhost(async |app, origin| {
        rina(app).await;
        let (actor, mut browser) = (signed_in(app).await, Browser::at(origin));
        let enrolled = actor.post("me/second-factor", json!({ "password": PASSWORD })).await.expect(200);
        let code = code_of(enrolled.str("/secret"), app.now().seconds());
        actor.post("me/second-factor/confirm", json!({ "code": code })).await.expect(200);

        let added = add(&actor, &mut browser, " Laptop ", json!({ "password": PASSWORD })).await.expect(201);
        assert_eq!((added.str("/name"), added.str("/aaguid")), ("Laptop", AAGUID));
        assert_eq!(added.json["backed_up"], true, "this authenticator says that it synchronises");
        app.run_jobs().await;
        let letters = app.mailbox.take();
        assert_eq!(letters[0].subject, "Akun Sapa Anda memiliki cara masuk yang baru");
        assert!(letters[0].text.contains("\"Laptop\""), "{}", letters[0].text);

        let plain = json!({ "email": EMAIL, "password": PASSWORD });
        assert_eq!(app.anonymous.post("session", plain).await.problem(401), "second_factor_required");
        app.clock.advance(span::days(1));
        let answer = sign_in(app, &mut browser).await.expect(200);
        assert_eq!(answer.str("/email"), EMAIL);
        let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let token = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
        let listed = app.anonymous.with_session(token).get("me/passkeys").await.expect(200);
        assert_eq!(listed.json["items"][0]["last_used_at"], json!(app.now()));
        assert_eq!(listed.items().len(), 1);

        let log = app.operator.get("operator/audit").await;
        assert_eq!(log.json["items"][0]["details"], json!({ "by": "passkey" }));
        let added = log.items().iter().find(|entry| entry["action"] == "passkey.add").unwrap();
        assert_eq!(added["details"]["name"], "Laptop");
    })
    .await;
}

#[tokio::test]
async fn adding_a_passkey_needs_proof_and_the_very_answer_that_was_asked_for() {
    both_at_localhost(async |app, origin| {
        rina(app).await;
        let actor = signed_in(app).await;
        let begin = |proof: Value| actor.post("me/passkeys", proof);
        assert_eq!(begin(json!({})).await.problem(422), "invalid");
        assert_eq!(begin(json!({ "password": "not it at all" })).await.problem(422), "wrong_password");

        let mut browser = Browser::at(origin);
        let begun = begin(json!({ "password": PASSWORD })).await.expect(200);
        let made = browser.create(&begun.json["options"]).await.unwrap();
        let ceremony = begun.str("/ceremony");
        let org = app.org("Kopi Senja").await;
        let theirs = org.owner.post("/api/v1/me/passkeys", json!({})).await.expect(200);
        let stolen = confirm(&actor, theirs.str("/ceremony"), "Mine", &made).await;
        assert_eq!(stolen.problem(422), "challenge_expired", "begun by somebody else");
        confirm(&actor, ceremony, "Laptop", &made).await.expect(201);
        assert_eq!(confirm(&actor, ceremony, "Again", &made).await.problem(422), "challenge_expired");

        let late = begin(json!({ "password": PASSWORD })).await.expect(200);
        let excluded = browser.create(&late.json["options"]).await;
        assert!(excluded.is_err(), "the authenticator holds one of this person already");
        let made = Browser::at(origin).create(&late.json["options"]).await.unwrap();
        let other = begin(json!({ "password": PASSWORD })).await.expect(200);
        let crossed = confirm(&actor, other.str("/ceremony"), "Crossed", &made).await;
        assert_eq!(crossed.problem(422), "passkey_not_accepted", "another challenge");
        app.clock.advance(span::minutes(5));
        let late = confirm(&actor, late.str("/ceremony"), "Late", &made).await;
        assert_eq!(late.problem(422), "challenge_expired");

        let begun = begin(json!({ "password": PASSWORD })).await.expect(200);
        let elsewhere = Browser::at("http://localhost:1").create(&begun.json["options"]).await.unwrap();
        let foreign = confirm(&actor, begun.str("/ceremony"), "Elsewhere", &elsewhere).await;
        assert_eq!(foreign.problem(422), "passkey_not_accepted", "made on a page of another address");

        let begun = begin(json!({ "password": PASSWORD })).await.expect(200);
        let mut options = begun.json["options"].clone();
        options["authenticatorSelection"]["userVerification"] = "discouraged".into();
        let unverified = Browser::at(origin).create(&options).await.unwrap();
        let unverified = confirm(&actor, begun.str("/ceremony"), "Unverified", &unverified).await;
        assert_eq!(unverified.problem(422), "passkey_not_verified");
        assert_eq!(actor.get("me/passkeys").await.items().len(), 1);
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn an_unknown_passkey_and_a_wrong_signature_look_alike_and_a_proof_works_once() {
    both_at_localhost(async |app, origin| {
        let (_, mut browser) = rina_with_passkey(app, origin).await;
        let begun = begin(app).await;
        let proof = browser.get(&begun.json["options"]).await.unwrap();
        let wrong = finish(app, &begun, &forged(proof.clone())).await;
        assert_eq!(wrong.problem(401), "wrong_passkey");
        assert_eq!(finish(app, &begun, &proof).await.problem(422), "challenge_expired", "one try");

        let mut unknown = browser.copy();
        unknown.credential_id = vec![9; 16].into();
        let unknown = sign_in(app, &mut Browser::with(origin, Some(unknown))).await;
        assert_eq!(unknown.text, wrong.text);
        let mut nobody = browser.copy();
        nobody.user_handle = Some(vec![9; 16].into());
        let nobody = sign_in(app, &mut Browser::with(origin, Some(nobody))).await;
        assert_eq!(nobody.text, wrong.text, "somebody else's name on it");

        let begun = begin(app).await;
        let mut options = begun.json["options"].clone();
        options["userVerification"] = "discouraged".into();
        let unverified = browser.get(&options).await.unwrap();
        assert_eq!(finish(app, &begun, &unverified).await.text, wrong.text);

        let begun = begin(app).await;
        let proof = browser.get(&begun.json["options"]).await.unwrap();
        finish(app, &begun, &proof).await.expect(200);
        assert_eq!(finish(app, &begun, &proof).await.problem(422), "challenge_expired", "replayed");
        let late = begin(app).await;
        let proof = browser.get(&late.json["options"]).await.unwrap();
        app.clock.advance(span::minutes(5));
        assert_eq!(finish(app, &late, &proof).await.problem(422), "challenge_expired");
    })
    .await;
}

#[tokio::test]
async fn a_password_chosen_by_a_link_leaves_no_passkey_behind() {
    both_at_localhost(async |app, origin| {
        let (_, mut browser) = rina_with_passkey(app, origin).await;
        sign_in(app, &mut browser).await.expect(200);
        let asked = json!({ "email": "rina@example.com" });
        let made = app.operator.post("operator/password-resets", asked).await.expect(201);
        let token = made.str("/link").split_once('#').unwrap().1.to_owned();
        let new = json!({ "token": token, "password": "entirely new words" });
        app.anonymous.post("password-resets/use", new).await.expect(204);
        assert_eq!(sign_in(app, &mut browser).await.problem(401), "wrong_passkey");
        app.run_jobs().await;
        let letters = app.mailbox.take();
        assert!(letters.iter().any(|letter| letter.text.contains("Laptop")), "it says which way in is gone");
    })
    .await;
}

#[tokio::test]
async fn nobody_is_kept_out_by_a_stranger_s_wrong_proofs() {
    both_at_localhost(async |app, origin| {
        let (_, mut browser) = rina_with_passkey(app, origin).await;
        for _ in 0..25 {
            let begun = begin(app).await;
            let proof = forged(browser.get(&begun.json["options"]).await.unwrap());
            assert_eq!(finish(app, &begun, &proof).await.status, 401);
        }
        sign_in(app, &mut browser).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn beginning_without_end_is_slowed_down_too() {
    both_at_localhost(async |app, _| {
        for _ in 0..300 {
            begin(app).await;
        }
        let refused = app.anonymous.request(reqwest::Method::POST, "session/passkey");
        assert_eq!(app.anonymous.send(refused).await.problem(429), "too_many_attempts");
    })
    .await;
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_noted() {
    both_at_localhost(async |app, origin| {
        let (_, mut browser) = rina_with_passkey(app, origin).await;
        let copy = browser.copy();
        sign_in(app, &mut browser).await.expect(200);
        sign_in(app, &mut browser).await.expect(200);
        app.clock.advance(Duration::from_secs(1));
        let copied = sign_in(app, &mut Browser::with(origin, Some(copy))).await;
        assert_eq!(copied.problem(401), "wrong_passkey");
        let log = app.operator.get("operator/audit").await;
        assert_eq!(log.json["items"][0]["action"], "passkey.counter_went_back");
        assert_eq!(log.json["items"][0]["details"], json!({ "name": "Laptop" }));
        sign_in(app, &mut browser).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn passkeys_are_renamed_and_removed_and_the_last_way_in_stays() {
    both_at_localhost(async |app, origin| {
        let (actor, mut browser) = rina_with_passkey(app, origin).await;
        let id = actor.get("me/passkeys").await.str("/items/0/id").to_owned();
        let renamed = actor.patch(&format!("me/passkeys/{id}"), json!({ "name": "Old laptop" })).await;
        assert_eq!(renamed.expect(200).str("/name"), "Old laptop");
        let path = format!("me/passkeys/{id}/remove");
        let remove = |proof: Value| actor.post(&path, proof);
        assert_eq!(remove(json!({})).await.problem(422), "invalid");
        remove(json!({ "password": PASSWORD })).await.expect(204);
        assert_eq!(remove(json!({ "password": PASSWORD })).await.problem(404), "not_found");
        assert_eq!(sign_in(app, &mut browser).await.problem(401), "wrong_passkey");
        app.run_jobs().await;
        assert_eq!(app.mailbox.take()[0].subject, "Sebuah cara masuk ke Sapa telah dihapus");

        // Somebody without a password proves themselves by having signed in a moment ago.
        let org = app.org("Kopi Senja").await;
        let agent = app.member(org.id, Role::Agent).await;
        let mut first = Browser::at(origin);
        let added = add(&agent, &mut first, "Phone", json!({})).await.expect(201);
        let phone = added.str("/id").to_owned();
        let remove = |actor: Actor, id: String| async move {
            actor.post(&format!("/api/v1/me/passkeys/{id}/remove"), json!({})).await
        };
        assert_eq!(remove(agent.clone(), phone.clone()).await.problem(409), "last_way_in");
        add(&agent, &mut Browser::at(origin), "Key", json!({})).await.expect(201);
        app.clock.advance(span::minutes(11));
        assert_eq!(remove(agent, phone.clone()).await.problem(403), "sign_in_again");
        let answer = sign_in(app, &mut first).await.expect(200);
        let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
        let token = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
        assert_eq!(remove(app.anonymous.with_session(token), phone).await.status, 204);
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn without_a_name_over_https_the_problem_says_so() {
    app::both(async |app| {
        rina(app).await;
        let actor = signed_in(app).await;
        let refused = actor.post("me/passkeys", json!({ "password": PASSWORD })).await;
        assert_eq!(refused.problem(409), "passkeys_unavailable");
        assert!(refused.str("/detail").contains("SAPA_PUBLIC_URL"));
        let request = app.anonymous.request(reqwest::Method::POST, "session/passkey");
        assert_eq!(app.anonymous.send(request).await.problem(409), "passkeys_unavailable");
    })
    .await;
}
