//! Who speaks to the server in a test: nobody, a signed-in person, a key.

use reqwest::{Client, Method, RequestBuilder, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

/// Somebody who sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Actor {
    http: Client,
    /// The server, without a trailing slash.
    url: String,
    /// What a path without a leading slash is relative to.
    base: String,
    authorization: Option<String>,
    cookie: Option<String>,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: header::HeaderMap,
    /// Its body; `Null` where that is no JSON.
    pub json: Value,
    /// Its body as text.
    pub text: String,
}

impl Answer {
    /// The answer, after making sure of its status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The stable code, after making sure that it is a problem of this status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert!(self.json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", self.text);
        self.json["code"].as_str().unwrap_or_else(|| panic!("no code in {}", self.text))
    }

    /// A text field of the body, by JSON pointer.
    #[track_caller]
    pub fn str(&self, pointer: &str) -> &str {
        self.json
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {pointer} in {}", self.text))
    }

    /// `items` of a list.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.json["items"].as_array().unwrap_or_else(|| panic!("no list: {} {}", self.status, self.text))
    }
}

impl Actor {
    /// Nobody.
    pub fn anonymous(url: &str) -> Self {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { http, url: url.into(), base: "/api/v1/".into(), authorization: None, cookie: None }
    }

    /// The same with an API key.
    pub fn with_key(&self, key: &str) -> Self {
        Self { authorization: Some(format!("Bearer {key}")), cookie: None, ..self.clone() }
    }

    /// The same with a session.
    pub fn with_session(&self, token: &str) -> Self {
        Self { authorization: None, cookie: Some(format!("sapa_session={token}")), ..self.clone() }
    }

    /// The same, with paths relative to an organisation.
    pub fn in_org(&self, org: rules::id::OrgId) -> Self {
        Self { base: format!("/api/v1/orgs/{org}/"), ..self.clone() }
    }

    /// What the actor sends in the header `Authorization`.
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// Signs in, and is that person from then on.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Self, Answer> {
        let answer =
            self.post("/api/v1/session", serde_json::json!({ "email": email, "password": password })).await;
        if answer.status != 200 {
            return Err(answer);
        }
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("a cookie");
        let token = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie").1;
        Ok(self.with_session(token))
    }

    /// A request to build on. A path with a leading slash is taken as it is, one without is relative to the actor's
    /// organisation, or to `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = self.http.request(method, format!("{}{}", self.url, path.trim_end_matches('/')));
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        request
    }

    /// Sends a request that was built.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("the server answers");
        let (status, headers): (StatusCode, _) = (response.status(), response.headers().clone());
        let text = String::from_utf8_lossy(&response.bytes().await.expect("a body")).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: status.as_u16(), headers, json, text }
    }

    /// Sends a request.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
        self.send(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: impl Serialize) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// POST of JSON under an idempotency key.
    pub async fn post_once(&self, path: &str, key: &str, body: impl Serialize) -> Answer {
        self.send(self.request(Method::POST, path).header("idempotency-key", key).json(&body)).await
    }

    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: impl Serialize) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// PATCH with JSON.
    pub async fn patch(&self, path: &str, body: impl Serialize) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }
}
