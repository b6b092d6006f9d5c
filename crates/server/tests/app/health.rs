//! What the operator sees: metrics for a monitoring system, and sentences for people.

use std::time::Duration;

use reqwest::Method;
use store::nodes::Node;
use store::queue::NewJob;
use testkit::Database;
use testkit::app::{self, TestApp};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn metrics_are_for_whoever_knows_the_token_and_name_nobody() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        org.owner.get("contacts").await.expect(200);
        app.anonymous.get("/api/v1/no/such/place?phone=6281234567890").await.expect(404);
        app.anonymous.get("/metrics").await.expect(401);
        app.anonymous.with_key("wrong").get("/metrics").await.expect(401);
        org.key.get("/metrics").await.expect(401);
        let metrics = app.anonymous.with_key("metrics-token").get("/metrics").await.expect(200);
        assert!(
            metrics.headers["content-type"].to_str().unwrap().starts_with("application/openmetrics-text")
        );
        let text = &metrics.text;
        for line in [
            "sapa_ready 1",
            "sapa_http_requests_total{method=\"GET\",route=\"/api/v1/orgs/{org}/contacts\",status=\"200\"} 1",
            "sapa_http_request_seconds_count{method=\"GET\",route=\"/api/v1/orgs/{org}/contacts\"} 1",
            "sapa_intake_capacity 1000",
            "sapa_updates{state=\"pending\"} 0",
            "sapa_database_wait_seconds_bucket{le=\"+Inf\",kind=\"commit\"}",
            "sapa_disk_free_bytes ",
            "sapa_memory_bytes ",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        for private in [&*org.id.to_string(), "Kopi Senja", "6281234567890", "no/such"] {
            assert!(!text.contains(private), "{private} is in\n{text}");
        }
        let twice: Vec<&str> = text.lines().filter(|line| line.starts_with("# TYPE")).collect();
        let mut once = twice.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), twice.len(), "every metric is described once");
    })
    .await;
}

#[tokio::test]
async fn without_a_token_there_are_no_metrics() {
    let database = Database::sqlite().await.expect("a database");
    let app = TestApp::start_with(database, |parts| parts.settings.metrics_token = None).await;
    assert_eq!(app.anonymous.get("/metrics").await.problem(404), "not_found");
    assert_eq!(app.anonymous.with_key("").get("/metrics").await.problem(404), "not_found");
    app.finish().await;
}

#[tokio::test]
async fn what_runs_is_counted_by_what_came_of_it() {
    app::both(async |app| {
        let mut tx = app.ctx.store.begin().await.unwrap();
        tx.enqueue(&NewJob::new("deliver", "nobody", &"no payload", app.now()).unwrap(), app.now());
        tx.commit().await.unwrap();
        app.run_jobs().await;
        let text = app.anonymous.with_key("metrics-token").get("/metrics").await.expect(200).text;
        assert!(text.contains("sapa_jobs_run_total{queue=\"deliver\",verdict=\"dead\"} 1"), "{text}");
        assert!(text.contains("sapa_queue_jobs{queue=\"deliver\",state=\"dead\"} 1"), "{text}");
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn the_operator_reads_what_is_slow_and_whose_it_is_and_nobody_else_does() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        assert_eq!(org.owner.get("/api/v1/operator/health").await.problem(403), "operator_only");
        assert_eq!(app.anonymous.get("/api/v1/operator/health").await.problem(401), "unauthenticated");

        let mut tx = app.ctx.store.begin().await.unwrap();
        let job = NewJob::new("media", org.id, &"x", app.now()).unwrap();
        tx.enqueue(&NewJob { org: Some(org.id), ..job }, app.now());
        tx.commit().await.unwrap();
        app.clock.advance(Duration::from_secs(120));
        let health = app.operator.get("operator/health").await.expect(200);
        let findings = health.json["findings"].as_array().unwrap();
        let behind = findings.iter().find(|finding| finding["code"] == "queue_behind").expect("a finding");
        assert_eq!(
            behind["sentence"]["en"],
            "Fetching files falls behind: 1 due, the oldest for 2 minutes. Kopi Senja has waited longest, with 1 of them."
        );
        assert_eq!(behind["level"], "warn");
        assert_eq!(behind["org_id"], org.id.to_string());
        assert_eq!(health.json["queues"][0]["queue"], "media");
        assert_eq!(health.json["queues"][0]["oldest_due_seconds"], 120);
        assert_eq!(health.json["process"]["ready"], true);
        assert_eq!(health.json["database"]["wal_bytes"].is_null(), app.ctx.store.kind() != "SQLite");
        // Seconds old, and the same for whoever asks.
        let again = app.operator.send(app.operator.request(Method::GET, "operator/health")).await.expect(200);
        assert_eq!(again.json["at"], health.json["at"]);
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_node_tells_that_it_is_there_and_that_it_has_ended() {
    app::both(async |app| {
        let stop = CancellationToken::new();
        let node = tokio::spawn(server::health::run_node(app.ctx.clone(), stop.clone()));
        let nodes = async || app.ctx.store.read().await.unwrap().nodes().await.unwrap();
        let until = async |there: &dyn Fn(&[Node]) -> bool| {
            for _ in 0..500 {
                if there(&nodes().await) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("it is not so: {:?}", nodes().await);
        };
        until(&|nodes| nodes.len() == 1 && !nodes[0].leaving).await;
        let health = app.operator.get("operator/health").await.expect(200);
        let shown = &health.json["nodes"][0];
        assert_eq!(
            (&shown["name"], &shown["state"], &shown["answered"]),
            (&"test".into(), &"serving".into(), &true.into())
        );
        app.ctx.leaving.cancel();
        until(&|nodes| nodes[0].leaving).await;
        stop.cancel();
        node.await.unwrap().unwrap();
        assert_eq!(nodes().await, []);
    })
    .await;
}
