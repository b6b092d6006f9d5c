//! What every request meets.

use reqwest::Method;
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
        let huge = app.anonymous.post("session", "x".repeat(2_000_000)).await;
        assert_eq!(huge.problem(413), "too_large");
    })
    .await;
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let patch = |header: &'static str, value: String| {
            let request = org.owner.request(Method::PATCH, "").header(header, value);
            org.owner.send(request.json(&serde_json::json!({ "name": "Taken over" })))
        };
        assert_eq!(patch("origin", "https://evil.example".into()).await.problem(403), "foreign_page");
        assert_eq!(patch("sec-fetch-site", "cross-site".into()).await.problem(403), "foreign_page");
        assert_eq!(patch("origin", app.url.clone()).await.status, 200);
        assert_eq!(patch("sec-fetch-site", "same-origin".into()).await.status, 200);
    })
    .await;
}
