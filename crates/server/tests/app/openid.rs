//! Signing in through an OpenID Connect provider, with one on this machine that can misbehave.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use rules::time::span;
use serde_json::{Value, json};
use server::outbound::{Outbound, SystemNames};
use testkit::Database;
use testkit::app::{self, Actor, Answer, CLIENT_ID, CLIENT_SECRET, Idp, Misdeed, TestApp};

use super::accounts::{EMAIL, PASSWORD, code_of, rina, signed_in};

/// Runs a test once on each kind of database, with a provider that the server may reach.
async fn both_with_provider(test: impl AsyncFn(&TestApp, &Idp)) {
    for database in [Database::sqlite().await.unwrap(), Database::postgres().await.unwrap()] {
        let app = TestApp::start_with(database, |parts| {
            parts.outbound = Outbound::new("127.0.0.1".parse().unwrap(), SystemNames).unwrap();
        })
        .await;
        let idp = Idp::start(app.clock.clone()).await;
        idp.signs_in(claims("rina-1", EMAIL));
        test(&app, &idp).await;
        app.finish().await;
    }
}

fn claims(subject: &str, email: &str) -> Value {
    json!({ "sub": subject, "email": email, "email_verified": true, "name": "Rina W." })
}

fn wanted(idp: &Idp) -> Value {
    json!({
        "issuer": idp.issuer, "name": "Work", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "domains": ["example.com"],
    })
}

/// Configures the provider, with some of its settings changed. Returns its id.
async fn configured(app: &TestApp, idp: &Idp, change: Value) -> String {
    let mut body = wanted(idp);
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = app.operator.post("operator/openid-providers", body).await.expect(201);
    assert!(!made.text.contains(CLIENT_SECRET));
    assert_eq!(made.str("/redirect_uri"), format!("{}/api/v1/openid/callback", app.url));
    made.str("/id").to_owned()
}

/// A browser that has been at the provider: the cookie that it keeps, and where the provider sends it.
struct Trip {
    cookie: String,
    back: String,
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    cookies.filter(|cookie| cookie.starts_with(&format!("{name}="))).map(str::to_owned).next()
}

/// The part that browsers send back.
fn pair(cookie: &str) -> String {
    cookie.split(';').next().unwrap().to_owned()
}

async fn go(app: &TestApp, provider: &str) -> Trip {
    let started = app
        .anonymous
        .get(&format!("openid/providers/{provider}/start?return_to=/inbox%3Ftab=mine"))
        .await
        .expect(303);
    let kept = cookie(&started.headers, "sapa_openid").expect("a cookie");
    assert!(kept.contains("HttpOnly; SameSite=Lax; Max-Age=600"), "{kept}");
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let there = started.headers[LOCATION].to_str().unwrap();
    let sent_back = browser.get(there).send().await.unwrap();
    let back = sent_back.headers().get(LOCATION).expect("the provider sends it back").to_str().unwrap();
    let back = back.strip_prefix(&app.url).expect("back to us").to_owned();
    Trip { cookie: pair(&kept), back }
}

async fn arrive(app: &TestApp, trip: &Trip) -> Answer {
    let request = app.anonymous.request(Method::GET, &trip.back).header(COOKIE, &trip.cookie);
    app.anonymous.send(request).await
}

async fn sign_in(app: &TestApp, provider: &str) -> Answer {
    let trip = go(app, provider).await;
    arrive(app, &trip).await
}

/// Whoever an answer signed in.
fn somebody(app: &TestApp, answer: &Answer) -> Actor {
    let session = cookie(&answer.headers, "sapa_session").expect("a session");
    app.anonymous.with_session(pair(&session).split_once('=').unwrap().1)
}

fn nobody(answer: &Answer, code: &str) {
    assert_eq!(answer.problem(403), code);
    assert_eq!(cookie(&answer.headers, "sapa_session"), None);
}

#[tokio::test]
async fn whoever_is_invited_comes_in_and_is_known_by_subject_from_then_on() {
    both_with_provider(async |app, idp| {
        let provider = configured(app, idp, json!({})).await;
        let listed = app.anonymous.get("openid/providers").await.expect(200);
        assert_eq!(listed.json["items"], json!([{ "id": provider, "name": "Work" }]));
        nobody(&sign_in(app, &provider).await, "not_invited");

        let org = app.org("Kopi Senja").await;
        org.owner.post("invites", json!({ "email": EMAIL, "role": "agent" })).await.expect(201);
        let answer = sign_in(app, &provider).await.expect(303);
        assert_eq!(answer.headers[LOCATION], "/inbox?tab=mine");
        let gone = cookie(&answer.headers, "sapa_openid").unwrap();
        assert!(gone.contains("Max-Age=0"), "{gone}");
        let rina = somebody(app, &answer);
        let me = rina.get("me").await.expect(200);
        assert_eq!((me.str("/person/name"), me.str("/person/email")), ("Rina W.", EMAIL));
        assert_eq!(me.str("/organisations/0/role"), "agent");
        assert!(org.owner.get("invites").await.items().is_empty(), "it is used up");

        // The address is another one now, and nobody has verified it: the subject says who it is.
        app.clock.advance(span::hours(2));
        let mut changed = claims("rina-1", "rina@elsewhere.example");
        changed["email_verified"] = false.into();
        idp.signs_in(changed);
        let again = somebody(app, &sign_in(app, &provider).await.expect(303));
        assert_eq!(again.get("me").await.str("/person/id"), me.str("/person/id"));
        let identities = again.get("me/identities").await.expect(200);
        assert_eq!(identities.json["items"][0]["last_used_at"], json!(app.now()));
        assert_eq!(identities.str("/items/0/provider"), "Work");
        assert_eq!(identities.str("/items/0/email"), EMAIL);
        let log = app.operator.get("operator/audit").await;
        let by = json!({ "by": format!("openid {}", idp.issuer) });
        assert_eq!(log.json["items"][0]["details"], by);
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn an_account_is_linked_by_a_verified_address_and_unlinked_while_a_way_in_is_left() {
    both_with_provider(async |app, idp| {
        rina(app).await;
        let provider = configured(app, idp, json!({})).await;
        let mut loud = claims("rina-1", "Rina@Example.COM");
        loud["email_verified"] = "true".into();
        idp.signs_in(loud);
        let linked = somebody(app, &sign_in(app, &provider).await.expect(303));
        assert_eq!(linked.get("me").await.str("/person/name"), "Rina", "the account stays as it is");
        app.run_jobs().await;
        let letter = app.mailbox.take().remove(0);
        assert_eq!(letter.subject, "Akun Sapa Anda memiliki cara masuk yang baru");
        assert!(letter.text.contains("\"Work\""), "{}", letter.text);

        let id = linked.get("me/identities").await.str("/items/0/id").to_owned();
        let path = format!("me/identities/{id}/remove");
        assert_eq!(linked.post(&path, json!({})).await.problem(422), "invalid");
        linked.post(&path, json!({ "password": PASSWORD })).await.expect(204);
        assert_eq!(linked.post(&path, json!({ "password": PASSWORD })).await.problem(404), "not_found");

        // Somebody whose only way in it is keeps it.
        let org = app.org("Kopi Senja").await;
        org.owner.post("invites", json!({ "email": "budi@example.com", "role": "agent" })).await.expect(201);
        idp.signs_in(claims("budi-1", "budi@example.com"));
        let budi = somebody(app, &sign_in(app, &provider).await.expect(303));
        let id = budi.get("me/identities").await.str("/items/0/id").to_owned();
        let only = budi.post(&format!("me/identities/{id}/remove"), json!({})).await;
        assert_eq!(only.problem(409), "last_way_in");
        assert_eq!(budi.get("me/identities").await.items().len(), 1);
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_not_verified_or_not_the_provider_s_to_vouch_for_links_nobody() {
    both_with_provider(async |app, idp| {
        rina(app).await;
        let provider = configured(app, idp, json!({ "domains": ["example.org"] })).await;
        nobody(&sign_in(app, &provider).await, "email_domain_not_allowed");
        for odd in ["rina@sub.example.org", "rina@evil.example@example.org", "example.org", "@example.org"] {
            idp.signs_in(claims("rina-1", odd));
            let answer = sign_in(app, &provider).await;
            assert_eq!(answer.status, 403, "{odd}");
            assert_eq!(cookie(&answer.headers, "sapa_session"), None);
        }
        let provider = configured(app, idp, json!({})).await;
        for verified in [json!(false), json!(null)] {
            let mut unverified = claims("rina-1", EMAIL);
            unverified["email_verified"] = verified;
            idp.signs_in(unverified);
            nobody(&sign_in(app, &provider).await, "email_not_verified");
        }
        idp.signs_in(json!({ "sub": "rina-1" }));
        nobody(&sign_in(app, &provider).await, "email_not_verified");
        assert!(signed_in(app).await.get("me/identities").await.items().is_empty());

        // A browser is told on a page, in its language.
        let trip = go(app, &provider).await;
        let request = app.anonymous.request(Method::GET, &trip.back).header(COOKIE, &trip.cookie);
        let page =
            app.anonymous.send(request.header(ACCEPT, "text/html").header(ACCEPT_LANGUAGE, "id")).await;
        let page = page.expect(403);
        assert!(page.text.contains("Penyedia belum memverifikasi alamat email Anda"), "{}", page.text);
        // The template writes every slash of a value as its entity.
        assert!(page.text.replace("&#x2f;", "/").contains("href=\"/sign-in\""), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn the_way_back_is_for_the_browser_that_went_once_and_in_time() {
    both_with_provider(async |app, idp| {
        rina(app).await;
        let provider = configured(app, idp, json!({})).await;
        let (mine, theirs) = (go(app, &provider).await, go(app, &provider).await);
        let crossed = Trip { cookie: theirs.cookie.clone(), back: mine.back.clone() };
        nobody(&arrive(app, &crossed).await, "sign_in_expired");
        let without = app.anonymous.get(&mine.back).await;
        nobody(&without, "sign_in_expired");
        assert_eq!(idp.requests("token"), 0, "no code is spent on it");
        arrive(app, &mine).await.expect(303);
        nobody(&arrive(app, &mine).await, "sign_in_expired");

        let late = go(app, &provider).await;
        app.clock.advance(span::minutes(10));
        nobody(&arrive(app, &late).await, "sign_in_expired");

        let declined = go(app, &provider).await;
        let state = declined.back.split("state=").nth(1).unwrap().split('&').next().unwrap();
        let back = format!("/api/v1/openid/callback?error=access_denied&state={state}");
        nobody(&arrive(app, &Trip { cookie: declined.cookie, back }).await, "provider_declined");
        let mixed = go(app, &provider).await;
        let back = format!("{}&", mixed.back.split("iss=").next().unwrap()) + "iss=https://id.example";
        nobody(&arrive(app, &Trip { cookie: mixed.cookie, back }).await, "provider_not_believed");
        let forged = go(app, &provider).await;
        let back = forged.back.replace("code=code-", "code=made-up-");
        nobody(&arrive(app, &Trip { cookie: forged.cookie, back }).await, "provider_declined");
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn a_proof_that_does_not_hold_signs_nobody_in() {
    both_with_provider(async |app, idp| {
        rina(app).await;
        let provider = configured(app, idp, json!({})).await;
        for misdeed in [
            Misdeed::OtherNonce,
            Misdeed::OtherAudience,
            Misdeed::OtherIssuer,
            Misdeed::Expired,
            Misdeed::Unsigned,
            Misdeed::SignedWithPublicKey,
            Misdeed::ForeignKey,
            Misdeed::NoToken,
        ] {
            idp.misbehaves(misdeed);
            let answer = sign_in(app, &provider).await;
            assert_eq!(answer.json["code"], "provider_not_believed", "{misdeed:?}: {}", answer.text);
            nobody(&answer, "provider_not_believed");
        }
        assert!(signed_in(app).await.get("me/identities").await.items().is_empty());
        idp.misbehaves(None);
        sign_in(app, &provider).await.expect(303);
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn keys_are_kept_and_fetched_anew_when_the_provider_has_others() {
    both_with_provider(async |app, idp| {
        rina(app).await;
        let provider = configured(app, idp, json!({})).await;
        for _ in 0..2 {
            sign_in(app, &provider).await.expect(303);
        }
        assert_eq!((idp.requests("discovery"), idp.requests("keys")), (1, 1));
        idp.rotates_keys();
        for _ in 0..2 {
            sign_in(app, &provider).await.expect(303);
        }
        assert_eq!((idp.requests("discovery"), idp.requests("keys")), (1, 2));
        assert_eq!(idp.requests("me"), 0, "the token told everything");
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn an_address_that_the_token_does_not_tell_is_asked_for() {
    both_with_provider(async |app, idp| {
        rina(app).await;
        let provider = configured(app, idp, json!({})).await;
        idp.misbehaves(Misdeed::ThinToken);
        let me = somebody(app, &sign_in(app, &provider).await.expect(303)).get("me").await;
        assert_eq!((me.str("/person/email"), idp.requests("me")), (EMAIL, 1));
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_afterwards() {
    both_with_provider(async |app, idp| {
        let provider = configured(app, idp, json!({})).await;
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/%5Cevil.example",
            "%5C/evil.example",
            "/.//evil.example",
            "/%09/evil.example",
            "javascript:alert(1)",
            "evil.example",
            "https:evil.example",
        ] {
            let refused =
                app.anonymous.get(&format!("openid/providers/{provider}/start?return_to={elsewhere}")).await;
            assert_eq!(refused.problem(422), "invalid", "{elsewhere}");
            assert!(refused.headers.get(LOCATION).is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_unless_the_provider_is_worth_both() {
    both_with_provider(async |app, idp| {
        rina(app).await;
        let actor = signed_in(app).await;
        let enrolled = actor.post("me/second-factor", json!({ "password": PASSWORD })).await.expect(200);
        let secret = enrolled.str("/secret").to_owned();
        let now = || code_of(&secret, app.now().seconds());
        actor.post("me/second-factor/confirm", json!({ "code": now() })).await.expect(200);
        app.clock.advance(Duration::from_secs(60));

        let provider = configured(app, idp, json!({})).await;
        let answer = sign_in(app, &provider).await.expect(303);
        assert_eq!(answer.headers[LOCATION], "/second-factor");
        assert_eq!(cookie(&answer.headers, "sapa_session"), None);
        assert!(app.anonymous.get("/second-factor").await.expect(200).text.contains("one-time-code"));
        let owing = pair(&cookie(&answer.headers, "sapa_openid").unwrap());
        let give = |kept: String, code: String| async move {
            let request = app.anonymous.request(Method::POST, "openid/second-factor");
            app.anonymous.send(request.header(COOKIE, kept).json(&json!({ "code": code }))).await
        };
        assert_eq!(give("sapa_openid=made-up".into(), now()).await.problem(403), "sign_in_expired");
        assert_eq!(give(owing.clone(), "000000".into()).await.problem(401), "second_factor_wrong");
        let right = give(owing.clone(), now()).await.expect(200);
        assert_eq!((right.str("/return_to"), right.str("/person/email")), ("/inbox?tab=mine", EMAIL));
        somebody(app, &right).get("me").await.expect(200);
        app.clock.advance(Duration::from_secs(60));
        assert_eq!(give(owing, now()).await.problem(403), "sign_in_expired", "it is paid");

        let path = format!("operator/openid-providers/{provider}");
        let both = json!({ "name": "Work", "client_id": CLIENT_ID, "domains": ["example.com"], "is_second_factor": true });
        app.operator.put(&path, both).await.expect(200);
        somebody(app, &sign_in(app, &provider).await.expect(303)).get("me").await.expect(200);
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn a_provider_may_bring_people_along() {
    both_with_provider(async |app, idp| {
        let org = app.org("Kopi Senja").await;
        let owner = json!({ "org_id": org.id, "role": "owner" });
        let mut body = wanted(idp);
        body["newcomers"] = owner;
        let refused = app.operator.post("operator/openid-providers", body.clone()).await;
        assert_eq!(refused.json["errors"][0]["field"], "newcomers.role", "{}", refused.text);
        body["newcomers"] = json!({ "org_id": uuid::Uuid::from_u128(9), "role": "agent" });
        let refused = app.operator.post("operator/openid-providers", body).await;
        assert_eq!(refused.json["errors"][0]["field"], "newcomers.org_id", "{}", refused.text);

        let agents = json!({ "newcomers": { "org_id": org.id, "role": "agent" } });
        let provider = configured(app, idp, agents).await;
        let path = format!("operator/orgs/{}", org.id);
        app.operator.patch(&path, json!({ "status": "suspended" })).await.expect(200);
        nobody(&sign_in(app, &provider).await, "not_invited");
        app.operator.patch(&path, json!({ "status": "active" })).await.expect(200);
        let me = somebody(app, &sign_in(app, &provider).await.expect(303)).get("me").await;
        assert_eq!((me.str("/person/locale"), me.str("/organisations/0/role")), ("id", "agent"));
        idp.signs_in(claims("stranger", "eve@evil.example"));
        nobody(&sign_in(app, &provider).await, "email_domain_not_allowed");
        app.run_jobs().await;
        assert!(app.mailbox.take().is_empty(), "nobody is warned of their own first sign-in");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_provider_is_refused_with_the_reason() {
    both_with_provider(async |app, idp| {
        let create = |body: Value| app.operator.post("operator/openid-providers", body);
        idp.misbehaves(Misdeed::OtherName);
        let refused = create(wanted(idp)).await;
        assert_eq!(refused.problem(422), "discovery_failed");
        assert!(refused.str("/detail").contains("https://id.example"), "{}", refused.text);
        idp.misbehaves(None);
        let mut body = wanted(idp);
        body["issuer"] = format!("{}/nothing", idp.issuer).into();
        assert!(create(body.clone()).await.str("/detail").contains("404"));
        body["issuer"] = "http://192.0.2.1".into();
        assert!(create(body.clone()).await.str("/detail").contains("is not https"));
        for (field, value) in [
            ("issuer", json!("id.example")),
            ("domains", json!([])),
            ("domains", json!(["Example.com"])),
            ("domains", json!(["com"])),
            ("client_secret", json!("")),
        ] {
            let mut body = wanted(idp);
            body[field] = value;
            let refused = create(body).await;
            assert_eq!(refused.problem(422), "invalid");
            assert_eq!(refused.json["errors"][0]["field"], field);
        }
        assert!(app.anonymous.get("openid/providers").await.items().is_empty());
    })
    .await;
    // A provider in the operator's own network is reached only where the operator lists it.
    app::both(async |app| {
        let idp = Idp::start(app.clock.clone()).await;
        let refused = app.operator.post("operator/openid-providers", wanted(&idp)).await;
        assert_eq!(refused.problem(422), "discovery_failed");
        assert!(refused.str("/detail").contains("SAPA_ALLOW_PRIVATE_ADDRESSES"), "{}", refused.text);
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_is_removed_ends_nothing_but_new_sign_ins() {
    both_with_provider(async |app, idp| {
        rina(app).await;
        let provider = configured(app, idp, json!({})).await;
        let rina = somebody(app, &sign_in(app, &provider).await.expect(303));
        let (one, two) = (go(app, &provider).await, go(app, &provider).await);
        arrive(app, &two).await.expect(303);
        let path = format!("operator/openid-providers/{provider}");
        assert_eq!(app.operator.delete(&path).await.status, 204);
        assert_eq!(app.operator.delete(&path).await.problem(404), "not_found");
        nobody(&arrive(app, &one).await, "provider_removed");
        let start = app.anonymous.get(&format!("openid/providers/{provider}/start")).await;
        assert_eq!(start.problem(404), "not_found");
        rina.get("me").await.expect(200);
        assert_eq!(rina.get("me/identities").await.json["items"][0]["provider"], Value::Null);
        let again = configured(app, idp, json!({ "name": "Work again" })).await;
        sign_in(app, &again).await.expect(303);
        let log = app.operator.get("operator/audit").await;
        let noted = |action: &str| log.items().iter().filter(|entry| entry["action"] == action).count();
        let all = ["create", "remove"].map(|what| noted(&format!("openid_provider.{what}")));
        assert_eq!((all, noted("identity.link")), ([2, 1], 1));
        assert!(!log.text.contains(CLIENT_SECRET));
        app.run_jobs().await;
    })
    .await;
}
