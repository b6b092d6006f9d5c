//! What every request meets.

use reqwest::Method;
use serde_json::json;
use testkit::app;

#[tokio::test]
async fn health_and_readiness_answer() {
    app::both(async |app| {
        assert_eq!(app.anonymous.get("/healthz").await.status, 200);
        assert_eq!(app.anonymous.get("/readyz").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem_with_safe_headers() {
    app::both(async |app| {
        let answer = app.anonymous.get("/api/v1/nowhere").await;
        assert_eq!(answer.problem(404), "not_found");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(
            answer.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'")
        );
        assert!(answer.headers["x-request-id"].len() == 36);
        assert_eq!(app.anonymous.delete("/healthz").await.problem(405), "method_not_allowed");
    })
    .await;
}

#[tokio::test]
async fn bodies_are_refused_with_a_reason() {
    app::both(async |app| {
        let post = |body: &'static str, kind: &'static str| {
            let request =
                app.anonymous.request(Method::POST, "session").header("content-type", kind).body(body);
            app.anonymous.send(request)
        };
        assert_eq!(post("{}", "text/plain").await.problem(415), "not_json");
        assert_eq!(post("{", "application/json").await.problem(400), "malformed_json");
        assert_eq!(post("{\"email\":1}", "application/json").await.problem(422), "unexpected_json");
        let empty = post("{\"email\":\"\",\"password\":\"x\"}", "application/json").await;
        assert_eq!(empty.problem(422), "invalid");
        assert_eq!(empty.str("/errors/0/field"), "email");
        let nul = post(r#"{"email":"a\u0000@b.id","password":"x"}"#, "application/json").await;
        assert_eq!(nul.problem(422), "nul_in_text");
        let huge = app.anonymous.post("session", "x".repeat(2_000_000)).await;
        assert_eq!(huge.problem(413), "too_large");
    })
    .await;
}

#[tokio::test]
async fn an_address_with_u0000_is_refused_on_every_store() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        assert_eq!(org.owner.get("contacts?q=a%00b").await.problem(400), "malformed_query");
        assert_eq!(org.owner.get("contacts/a%00b").await.problem(404), "not_found");
        let named = org.key.post("contacts", json!({ "phone": "081234567890", "name": "a\0b" })).await;
        assert_eq!(named.problem(422), "nul_in_text");
    })
    .await;
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let patch = |header: &'static str, value: String| {
            let request = org.owner.request(Method::PATCH, "").header(header, value);
            org.owner.send(request.json(&json!({ "name": "Taken over" })))
        };
        assert_eq!(patch("origin", "https://evil.example".into()).await.problem(403), "foreign_page");
        assert_eq!(patch("sec-fetch-site", "cross-site".into()).await.problem(403), "foreign_page");
        assert_eq!(patch("origin", app.url.clone()).await.status, 200);
        assert_eq!(patch("sec-fetch-site", "same-origin".into()).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn an_installation_of_this_machine_answers_to_no_other_name() {
    app::both(async |app| {
        let ask = |host: &'static str| {
            app.anonymous.send(app.anonymous.request(Method::GET, "/healthz").header("host", host))
        };
        for host in ["rebound.example", "rebound.example:8080", "127.0.0.1.nip.io", "10.0.0.1", ""] {
            assert_eq!(ask(host).await.problem(421), "wrong_host", "{host}");
        }
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080"] {
            assert_eq!(ask(host).await.status, 200, "{host}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_with_a_name_is_made_once() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik Sehat").await);
        let body = json!({ "title": "Jam buka", "text": "Kami buka setiap hari pukul 07.00 sampai 21.00." });
        let first = org.key.post_once("sources/text", "hours-1", &body).await.expect(201);
        let again = org.key.post_once("sources/text", "hours-1", &body).await.expect(201);
        assert_eq!(first.text, again.text);
        assert!(!first.headers.contains_key("idempotent-replay"));
        assert_eq!(again.headers["idempotent-replay"], "true");
        let changed = json!({ "title": "Jam buka", "text": "Kami tutup." });
        let reused = org.key.post_once("sources/text", "hours-1", &changed).await;
        assert_eq!(reused.problem(422), "idempotency_key_reused");
        let elsewhere =
            org.key.post_once("sources/pairs", "hours-1", json!({ "title": "x", "pairs": [] })).await;
        assert_eq!(elsewhere.status, 422, "another address is another request");
        let theirs = other.key.post_once("sources/text", "hours-1", &changed).await;
        assert_eq!(theirs.status, 201, "names are each organisation's own");
        let bad = org.key.post_once("sources/text", &"x".repeat(201), &body).await;
        assert_eq!(bad.problem(400), "bad_idempotency_key");
        assert_eq!(org.key.get("sources").await.items().len(), 1);

        let at_once = (0..6).map(|_| org.key.post_once("sources/text", "hours-2", &changed));
        for answer in futures::future::join_all(at_once).await {
            assert!(
                answer.status == 201 || answer.problem(409) == "idempotency_key_in_flight",
                "{}",
                answer.text
            );
        }
        assert_eq!(org.key.get("sources").await.items().len(), 2);
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn the_pages_of_the_api_and_of_letters_work_without_anything_from_elsewhere() {
    app::both(async |app| {
        for path in ["/api/docs", "/reset-password"] {
            let page = app.anonymous.get(path).await.expect(200);
            assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
            let policy = page.headers["content-security-policy"].to_str().unwrap();
            assert!(
                policy.contains("frame-ancestors 'none'") && policy.contains("script-src 'self'"),
                "{policy}"
            );
            for part in page
                .text
                .split(['"', ' ', '>'])
                .filter(|part| part.ends_with(".css") || part.ends_with(".js"))
            {
                assert_eq!(app.anonymous.get(part).await.status, 200, "{path} loads {part}");
            }
        }
        let mut indonesian = app.anonymous.request(Method::GET, "/reset-password");
        indonesian = indonesian.header("accept-language", "id-ID,id;q=0.9");
        assert!(app.anonymous.send(indonesian).await.text.contains("Buat kata sandi baru"));
    })
    .await;
}

#[tokio::test]
async fn json_that_does_not_fit_is_not_called_broken() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let empty = json!({ "to": {}, "content": { "type": "text", "body": "Halo" } });
        assert_eq!(org.owner.post("messages", empty).await.problem(422), "unexpected_json");
        let request = org.owner.request(Method::POST, "messages").header("content-type", "application/json");
        let broken = org.owner.send(request.body("{\"to\": ")).await;
        assert_eq!(broken.problem(400), "malformed_json");
    })
    .await;
}
