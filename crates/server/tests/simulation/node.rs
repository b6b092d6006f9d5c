//! A node: the real rooms and runner, from a start to a crash.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::MockConnectInfo;
use axum::http::{Request, header};
use serde_json::{Value, json};
use server::Ctx;
use server::ingest::intake;
use testkit::app::line::APP_SECRET;
use testkit::app::{Ground, Mailbox};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::meta::Wire;
use super::turns::{Life, Paced};
use super::world::{PEOPLE, World};

/// What a node does when it is told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Cuts and applies webhooks.
    Ingest,
    /// Runs what is due.
    Jobs,
    /// Brings what is unknown to a person.
    Sweep,
}

/// A node, from its start to its crash.
pub struct Node {
    pub life: Life,
    pub ctx: Ctx,
    world: Arc<World>,
    router: Router,
    running: Arc<Mutex<BTreeSet<Work>>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.world.kit.ahead.fetch_add(self.ctx.ahead.taken(), Ordering::Relaxed);
    }
}

impl Node {
    pub fn start(world: &Arc<World>, life: Life) -> Self {
        let store = world.store.clone().paced(Arc::new(Paced { turns: world.turns.clone(), life }));
        let (intake, writer) = intake(100);
        let ground = Ground {
            store: store.clone(),
            url: "http://sapa.test".to_owned(),
            clock: world.clock.clone(),
            chance: world.chance.clone(),
            graph: world.kit.graph.clone().through(Arc::new(Wire { world: world.clone(), life })),
            outbound: world.kit.outbound.clone(),
            blobs: world.kit.blobs.clone(),
            mailer: Arc::new(Mailbox::default()),
        };
        let ctx = Ctx::new(ground.parts(intake));
        tokio::spawn(writer.run(store, CancellationToken::new(), |_| ()));
        let (api, _) = server::dispatch::api::routes().split_for_parts();
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let router =
            server::ingest::api::routes().merge(api).layer(MockConnectInfo(peer)).with_state(ctx.clone());
        Self { life, ctx, world: world.clone(), router, running: Arc::default() }
    }

    fn running(&self) -> MutexGuard<'_, BTreeSet<Work>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_busy(&self) -> bool {
        !self.running().is_empty()
    }

    /// Begins work, unless the same is under way.
    pub fn begin(&self, work: Work) {
        if !self.running().insert(work) {
            return;
        }
        let (ctx, world, running) = (self.ctx.clone(), self.world.clone(), self.running.clone());
        tokio::spawn(async move {
            let done = match work {
                Work::Ingest => server::ingest::work(&ctx).await.map(drop),
                Work::Jobs => server::runner(&ctx).run_due().await.map(drop),
                Work::Sweep => server::dispatch::sweep(&ctx).await.map(drop),
            };
            if let Err(error) = done {
                world.troubles().push(format!("{work:?}: {error:?}"));
            }
            running.lock().unwrap_or_else(PoisonError::into_inner).remove(&work);
        });
    }

    /// Asks for a wish to be fulfilled, under the wish's own idempotency key.
    pub fn ask(&self, n: usize) {
        let (world, life) = (self.world.clone(), self.life);
        let wish = {
            let mut wishes = world.wishes();
            wishes[n].asked = Some(life);
            wishes[n].clone()
        };
        let body = json!({
            "to": { "phone": format!("+{}", PEOPLE[wish.person]) },
            "content": { "type": "text", "body": wish.text },
        });
        let request = self.request("messages").header("idempotency-key", format!("wish-{n}"));
        let answer = self.call(request, body.to_string());
        tokio::spawn(async move {
            let (status, body) = answer.await;
            let mut wishes = world.wishes();
            wishes[n].asked = None;
            match status {
                202 => wishes[n].acknowledged = body["message_id"].as_str().and_then(|id| id.parse().ok()),
                422 => wishes[n].refused = true,
                409 => {}
                _ => world.troubles().push(format!("a wish was answered {status}: {body}")),
            }
        });
    }

    /// Asks for a message to be sent again.
    pub fn ask_again(&self, n: usize) {
        let world = self.world.clone();
        let id = {
            let mut wishes = world.wishes();
            wishes[n].again += 1;
            wishes[n].acknowledged.expect("a message")
        };
        let request = self.request(&format!("messages/{id}/retry"));
        let answer = self.call(request, String::new());
        tokio::spawn(async move {
            let (status, body) = answer.await;
            if ![202, 409, 422].contains(&status) {
                world.troubles().push(format!("sending again was answered {status}: {body}"));
            }
        });
    }

    /// Meta posts a webhook. `repeats`: it will post it once more even if this is acknowledged.
    pub fn post(&self, n: usize, repeats: bool) {
        let (world, life) = (self.world.clone(), self.life);
        let body = {
            let mut records = world.meta.records();
            records.news[n].posted = Some(life);
            records.news[n].body.to_string()
        };
        let signature = meta::signature::sign(APP_SECRET.as_bytes(), body.as_bytes());
        let request = Request::post("/webhooks/meta").header("x-hub-signature-256", signature);
        let answer = self.call(request, body);
        tokio::spawn(async move {
            let (status, body) = answer.await;
            let mut records = world.meta.records();
            let news = &mut records.news[n];
            news.posted = None;
            match status {
                200 => (news.acknowledged, news.over) = (true, news.over || !repeats),
                _ => world.troubles().push(format!("a webhook was answered {status}: {body}")),
            }
        });
    }

    fn request(&self, path: &str) -> axum::http::request::Builder {
        Request::post(format!("/api/v1/orgs/{}/{path}", self.world.org()))
            .header(header::AUTHORIZATION, &self.world.kit.authorization)
            .header(header::CONTENT_TYPE, "application/json")
    }

    fn call(
        &self,
        request: axum::http::request::Builder,
        body: String,
    ) -> impl Future<Output = (u16, Value)> + Send + use<> {
        let router = self.router.clone();
        let request = request.body(Body::from(body)).expect("a request");
        async move {
            let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            let status = response.status().as_u16();
            let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap_or_default();
            (status, serde_json::from_slice(&bytes).unwrap_or_default())
        }
    }
}
