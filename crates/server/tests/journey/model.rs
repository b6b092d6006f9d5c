//! A stand-in for a language model: speaks OpenAI's language over HTTP, notes what it is asked, does as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router, routing::post};
use serde_json::{Value, json};
use server::bot::{Endpoint, Model};
use tokio_util::sync::CancellationToken;
use url::Url;

/// What it does when it is asked.
pub enum Reply {
    /// Answers with this content.
    Says(String),
    /// Answers with this content, late.
    SaysAfter(Duration, String),
    /// Answers with this content, once it is told to.
    SaysOnce(CancellationToken, String),
    /// Fails with this status.
    Fails(u16),
    /// Answers with these bytes.
    Raw(String),
}

type Behaviour = Box<dyn FnMut(&Prompt) -> Reply + Send>;

/// What it was asked.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub system: String,
    pub user: String,
    pub authorization: Option<String>,
}

impl Prompt {
    /// The secret word of its fences.
    pub fn canary(&self) -> String {
        let fence = self.user.split("[[").nth(1).expect("a fence");
        fence.split(' ').next().expect("a word").to_owned()
    }
}

/// A running stand-in.
#[derive(Clone)]
pub struct Stub {
    pub url: Url,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    prompts: Vec<Prompt>,
    embedded: Vec<String>,
    behaviour: Behaviour,
}

/// A content of the shape that was asked for.
pub fn supported(answer: &str, sources: &[usize]) -> String {
    json!({ "supported": true, "answer": answer, "sources": sources }).to_string()
}

impl Stub {
    pub async fn start() -> Self {
        let inner =
            Inner { prompts: Vec::new(), embedded: Vec::new(), behaviour: Box::new(|_| Reply::Fails(500)) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let stub = Self { url: Url::parse(&url).expect("a URL"), inner: Arc::new(Mutex::new(inner)) };
        let router = Router::new()
            .route("/v1/chat/completions", post(chat))
            .route("/v1/embeddings", post(embeddings))
            .with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        stub
    }

    /// A client for it, as the operator would configure it.
    pub fn model(&self, timeout: Duration) -> Model {
        self.model_within(timeout, None)
    }

    /// The same, with a limit of the operator's to what an organisation may use in a day.
    pub fn model_within(&self, timeout: Duration, most_tokens: Option<i64>) -> Model {
        Model::new(Endpoint {
            url: self.url.clone(),
            key: None,
            chat_model: Some("stub".into()),
            embedding_model: None,
            timeout,
            most_tokens,
        })
        .expect("a client")
    }

    /// Does this from now on.
    pub fn then(&self, behaviour: impl FnMut(&Prompt) -> Reply + Send + 'static) {
        self.inner.lock().unwrap().behaviour = Box::new(behaviour);
    }

    /// What it was asked so far; forgets it.
    pub fn take_prompts(&self) -> Vec<Prompt> {
        std::mem::take(&mut self.inner.lock().unwrap().prompts)
    }

    /// What it embedded so far; forgets it.
    pub fn take_embedded(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.lock().unwrap().embedded)
    }
}

async fn chat(State(stub): State<Stub>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let content = |at: usize| body["messages"][at]["content"].as_str().unwrap_or_default().to_owned();
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let prompt = Prompt { system: content(0), user: content(1), authorization };
    let reply = {
        let mut inner = stub.inner.lock().unwrap();
        inner.prompts.push(prompt.clone());
        (inner.behaviour)(&prompt)
    };
    let said = |content: String| {
        let usage = json!({ "prompt_tokens": 100, "completion_tokens": 20 });
        Json(json!({ "choices": [{ "message": { "role": "assistant", "content": content } }], "usage": usage }))
            .into_response()
    };
    match reply {
        Reply::Says(content) => said(content),
        Reply::SaysAfter(wait, content) => {
            tokio::time::sleep(wait).await;
            said(content)
        }
        Reply::SaysOnce(told, content) => {
            told.cancelled().await;
            said(content)
        }
        Reply::Fails(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Reply::Raw(text) => text.into_response(),
    }
}

/// Two texts are near when they share letters: enough to tell that vectors are stored and used.
async fn embeddings(State(stub): State<Stub>, Json(body): Json<Value>) -> Json<Value> {
    let texts: Vec<String> = serde_json::from_value(body["input"].clone()).expect("texts");
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let count = |letter: char| text.to_lowercase().matches(letter).count() as f32;
            let vector: Vec<f32> = ('a'..='z').map(count).collect();
            json!({ "index": index, "embedding": vector })
        })
        .collect();
    stub.inner.lock().unwrap().embedded.extend(texts);
    Json(json!({ "data": data }))
}
