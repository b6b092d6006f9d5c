//! A load balancer as small as one can be: takes requests at one address and hands them to nodes in turn. It asks each node
//! again and again whether it is ready, tries another one where nobody listens, and otherwise tells the caller what happened.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use reqwest::Client;
use tokio::task::JoinHandle;

/// How often a node is asked whether it is ready, and how long it may take to say so.
const LOOK: Duration = Duration::from_millis(250);
const READY_WITHIN: Duration = Duration::from_secs(1);
/// How long a node may take to answer a request.
const PATIENCE: Duration = Duration::from_secs(8);
/// The largest body that is passed on.
const LARGEST: usize = 16 << 20;
/// What belongs to one connection alone.
const OWN: &[HeaderName] =
    &[header::HOST, header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING];

/// The balancer; it ends when dropped.
pub struct Balancer {
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

struct Shared {
    http: Client,
    nodes: Mutex<Vec<Node>>,
    turn: AtomicUsize,
    /// When a webhook was acknowledged last.
    acknowledged: Mutex<Option<Instant>>,
}

struct Node {
    at: SocketAddr,
    ready: bool,
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Balancer {
    /// Listens there.
    pub async fn open(at: SocketAddr) -> Result<Self> {
        let listener =
            tokio::net::TcpListener::bind(at).await.with_context(|| format!("cannot listen on {at}"))?;
        let shared = Arc::new(Shared {
            http: Client::builder().no_proxy().connect_timeout(READY_WITHIN).build()?,
            nodes: Mutex::default(),
            turn: AtomicUsize::new(0),
            acknowledged: Mutex::default(),
        });
        let routes = Router::new().fallback(pass).with_state(shared.clone());
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        let looking = tokio::spawn(look(shared.clone()));
        Ok(Self { shared, tasks: [serving, looking] })
    }

    /// Hands requests to this node too, once it is ready.
    pub fn add(&self, at: SocketAddr) {
        self.shared.nodes().push(Node { at, ready: false });
    }

    /// When a webhook was acknowledged last, if that was after this moment.
    pub fn acknowledged_since(&self, moment: Instant) -> Option<Instant> {
        self.shared.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).filter(|at| *at > moment)
    }
}

impl Shared {
    fn nodes(&self) -> std::sync::MutexGuard<'_, Vec<Node>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The nodes that are ready, the one whose turn it is first.
    fn in_turn(&self) -> Vec<SocketAddr> {
        let mut ready: Vec<SocketAddr> =
            self.nodes().iter().filter(|node| node.ready).map(|node| node.at).collect();
        if !ready.is_empty() {
            let first = self.turn.fetch_add(1, Ordering::Relaxed) % ready.len();
            ready.rotate_left(first);
        }
        ready
    }
}

async fn look(shared: Arc<Shared>) {
    loop {
        let all: Vec<SocketAddr> = shared.nodes().iter().map(|node| node.at).collect();
        let asked = all.iter().map(|at| {
            let asked = shared.http.get(format!("http://{at}/readyz")).timeout(READY_WITHIN).send();
            async move { asked.await.is_ok_and(|answer| answer.status() == StatusCode::OK) }
        });
        let ready: Vec<bool> = futures::future::join_all(asked).await;
        for (node, ready) in shared.nodes().iter_mut().zip(ready) {
            node.ready = ready;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::BAD_REQUEST.into_response() };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    for at in shared.in_turn() {
        let mut request =
            shared.http.request(head.method.clone(), format!("http://{at}{path}")).timeout(PATIENCE);
        for (name, value) in head.headers.iter().filter(|(name, _)| !OWN.contains(name)) {
            request = request.header(name, value);
        }
        let answered = async {
            let answer = request.body(body.clone()).send().await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?))
        };
        match answered.await {
            Ok((status, headers, bytes)) => {
                if status == StatusCode::OK && path.starts_with("/webhooks/") {
                    *shared.acknowledged.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(Instant::now());
                }
                let mut response = (status, Body::from(bytes)).into_response();
                let passed = headers.iter().filter(|(name, _)| !OWN.contains(name));
                response.headers_mut().extend(passed.map(|(name, value)| (name.clone(), value.clone())));
                return response;
            }
            // Nobody listens: nothing was asked of anybody yet.
            Err(error) if error.is_connect() => {}
            Err(error) if error.is_timeout() => return StatusCode::GATEWAY_TIMEOUT.into_response(),
            Err(_) => return StatusCode::BAD_GATEWAY.into_response(),
        }
    }
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
