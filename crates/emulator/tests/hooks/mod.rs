//! An endpoint that takes webhooks on any path and answers handshakes.
#![allow(dead_code)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;

/// A webhook that arrived.
#[derive(Clone, Debug)]
pub struct Hook {
    pub path: String,
    pub raw: Vec<u8>,
    pub body: Value,
    pub signature: String,
}

#[derive(Default)]
struct Inner {
    hooks: Vec<Hook>,
    used: Vec<bool>,
    handshakes: Vec<String>,
    refuse_with: Option<u16>,
}

/// The endpoint.
#[derive(Clone)]
pub struct Hooks {
    addr: SocketAddr,
    inner: Arc<Mutex<Inner>>,
}

impl Hooks {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let inner = Arc::new(Mutex::new(Inner::default()));
        let router = Router::new().fallback(get(shake).post(take)).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { addr, inner }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// What handshakes answer from now on: 200 gives the challenge back.
    pub fn answer_handshakes(&self, status: u16) {
        self.inner.lock().unwrap().refuse_with = (status != 200).then_some(status);
    }

    /// Path and verify token of every handshake.
    pub fn handshakes(&self) -> Vec<String> {
        self.inner.lock().unwrap().handshakes.clone()
    }

    /// Everything that arrived.
    pub fn all(&self) -> Vec<Hook> {
        self.inner.lock().unwrap().hooks.clone()
    }

    /// Waits for a webhook like this that was not waited for before; the bodies seen if none comes.
    pub async fn wait_for(&self, mut like: impl FnMut(&Hook) -> bool) -> Result<Hook, Vec<Value>> {
        let began = Instant::now();
        loop {
            {
                let mut inner = self.inner.lock().unwrap();
                let found = (0..inner.hooks.len()).find(|at| !inner.used[*at] && like(&inner.hooks[*at]));
                if let Some(at) = found {
                    inner.used[at] = true;
                    return Ok(inner.hooks[at].clone());
                }
            }
            if began.elapsed() > Duration::from_secs(5) {
                return Err(self.all().into_iter().map(|hook| hook.body).collect());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn take(
    State(inner): State<Arc<Mutex<Inner>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let signature =
        headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let hook = Hook {
        path: uri.path().to_owned(),
        raw: body.to_vec(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        signature: signature.to_owned(),
    };
    let mut inner = inner.lock().unwrap();
    inner.hooks.push(hook);
    inner.used.push(false);
    StatusCode::OK
}

async fn shake(
    State(inner): State<Arc<Mutex<Inner>>>,
    uri: Uri,
    Query(query): Query<std::collections::HashMap<String, String>>,
) -> Response {
    let mut inner = inner.lock().unwrap();
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    inner.handshakes.push(format!("{} {}", uri.path(), text("hub.verify_token")));
    match inner.refuse_with {
        Some(status) => StatusCode::from_u16(status).unwrap().into_response(),
        None => text("hub.challenge").into_response(),
    }
}
