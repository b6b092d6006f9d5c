//! Two nodes on one database: what is changed at one is known at the other.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use server::Ctx;
use testkit::app::{self, Ground, TestApp};
use testkit::{Seeded, TestClock};
use tokio_util::sync::CancellationToken;

/// A second node on the database of the first. Gives its address and its clock.
async fn neighbour(app: &TestApp, stop: CancellationToken) -> (String, Arc<TestClock>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (intake, _writer) = server::ingest::intake(10);
    let clock = Arc::new(TestClock::default());
    let ground = Ground {
        store: app.ctx.store.clone(),
        url: url.clone(),
        clock: clock.clone(),
        chance: Arc::new(Seeded::default()),
        graph: app.ctx.graph.clone(),
        outbound: app.ctx.outbound.clone(),
        blobs: app.ctx.blobs.clone(),
        mailer: app.ctx.mailer.clone(),
    };
    let ctx = Ctx::new(ground.parts(intake));
    tokio::spawn(async move { server::http::serve(&ctx, listener, &stop, Duration::ZERO).await });
    (url, clock)
}

#[tokio::test]
async fn an_app_that_was_added_at_one_node_is_known_at_the_others_when_meta_asks() {
    app::both(async |app| {
        let stop = CancellationToken::new();
        let (url, clock) = neighbour(app, stop.clone()).await;
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
