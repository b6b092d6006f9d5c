//! Two nodes on one database: what is changed at one is known at the other.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use server::Ctx;
use server::ingest::IntakeWriter;
use store::Store;
use testkit::TestClock;
use testkit::app::{self, Ground, TestApp};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// A second node on the database of the first.
struct Neighbour {
    ctx: Ctx,
    writer: IntakeWriter,
    listener: TcpListener,
    url: String,
    clock: Arc<TestClock>,
}

impl Neighbour {
    async fn of(app: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (intake, writer) = server::ingest::intake(10);
        let clock = Arc::new(TestClock::default());
        let store = Store::connect(&app.database.options).await.unwrap();
        let ground = Ground::beside(&app.ctx, store, url.clone(), clock.clone());
        let mut parts = ground.parts(intake);
        parts.settings.stop_within = Duration::from_secs(5);
        Self { ctx: Ctx::new(parts), writer, listener, url, clock }
    }
}

/// Waits for something that comes by itself.
async fn until(what: &str, is_there: impl AsyncFn() -> bool) {
    for _ in 0..1_000 {
        if is_there().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("within twenty seconds it does not come that {what}");
}

#[tokio::test]
async fn an_app_that_was_added_at_one_node_is_known_at_the_others_when_meta_asks() {
    app::both(async |app| {
        let stop = CancellationToken::new();
        let Neighbour { ctx, listener, url, clock, .. } = Neighbour::of(app).await;
        let stopped = stop.clone();
        tokio::spawn(async move { server::http::serve(&ctx, listener, &stopped, Duration::ZERO).await });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let ask = async |token: &str| {
            let url = format!("{url}/webhooks/meta?hub.mode=subscribe&hub.challenge=11&hub.verify_token={token}");
            http.get(url).send().await.unwrap().status().as_u16()
        };
        assert_eq!(ask("nobody-knows").await, 403);
        let body = json!({"meta_app_id": "333444555666777", "name": "Second", "secret": "00112233445566778899aabbccddeeff"});
        let made = app.operator.post("operator/meta-apps", body).await.expect(201);
        clock.advance(Duration::from_secs(1));
        assert_eq!(ask(made.str("/verify_token")).await, 200);
        stop.cancel();
    })
    .await;
}

/// As it wakes up after it stood still while others were upgraded.
#[tokio::test]
async fn a_node_ends_when_a_newer_version_has_taken_from_the_database_what_it_needs() {
    app::both(async |app| {
        let Neighbour { ctx, writer, listener, url, .. } = Neighbour::of(app).await;
        let serving = tokio::spawn(async move {
            server::serve(ctx, writer, listener, &Handle::current(), CancellationToken::new()).await
        });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        until("it is ready", async || {
            http.get(format!("{url}/readyz")).send().await.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        app.database.contract().await.unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(20), serving).await.unwrap().unwrap();
        let why = ended.unwrap_err().to_string();
        assert!(why.contains("contract messages") && why.contains("Start the newer version"), "{why}");
        assert!(http.get(format!("{url}/readyz")).send().await.is_err(), "it takes no requests");
        assert!(app.ctx.store.read().await.unwrap().nodes().await.unwrap().is_empty());
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn two_nodes_of_one_name_are_both_shown() {
    app::both(async |app| {
        let second = Neighbour::of(app).await;
        let stop = CancellationToken::new();
        let both = [app.ctx.clone(), second.ctx.clone()]
            .map(|ctx| tokio::spawn(server::health::run_node(ctx, stop.clone())));
        let names = async || {
            let nodes = app.ctx.store.read().await.unwrap().nodes().await.unwrap();
            nodes.into_iter().map(|node| node.name).collect::<Vec<_>>()
        };
        until("one is there", async || !names().await.is_empty()).await;
        app.clock.advance(Duration::from_secs(6));
        second.clock.advance(Duration::from_secs(6));
        until("both are there", async || names().await.len() == 2).await;
        let shown = names().await;
        assert!(shown[0] == "test" && shown[1].starts_with("test ("), "{shown:?}");
        let health = app.operator.get("operator/health").await.expect(200);
        let answered =
            health.json["nodes"].as_array().unwrap().iter().filter(|node| node["answered"] == true);
        assert_eq!(answered.count(), 1, "{}", health.text);
        stop.cancel();
        for node in both {
            node.await.unwrap().unwrap();
        }
        assert!(names().await.is_empty());
    })
    .await;
}
