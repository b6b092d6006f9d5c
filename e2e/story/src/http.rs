//! Speaking HTTP with gateway and emulator, and saying what was expected and what came.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which call it answers, for messages.
    pub call: String,
    /// HTTP status.
    pub status: u16,
    /// The cookie that was set: `name=value`.
    pub cookie: Option<String>,
    /// The body.
    pub text: String,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

impl Answer {
    /// Fails unless it has this status; gives the body.
    pub fn expect(self, status: u16) -> Result<Value> {
        if self.status != status {
            bail!("{}: expected {status}, got {} {}", self.call, self.status, self.text);
        }
        Ok(self.json)
    }

    /// Fails unless it succeeded; gives the body.
    pub fn ok(self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!("{}: expected success, got {} {}", self.call, self.status, self.text);
        }
        Ok(self.json)
    }
}

/// Somebody who calls addresses below a base.
#[derive(Clone, Debug)]
pub struct Caller {
    http: Client,
    base: String,
    bearer: Option<String>,
    cookie: Option<String>,
}

impl Caller {
    /// Nobody in particular.
    pub fn new(base: impl Into<String>) -> Result<Self> {
        let http = Client::builder().no_proxy().connect_timeout(Duration::from_secs(5)).build()?;
        Ok(Self { http, base: base.into(), bearer: None, cookie: None })
    }

    /// The same with a key.
    pub fn with_key(&self, key: &str) -> Self {
        Self { bearer: Some(key.to_owned()), cookie: None, ..self.clone() }
    }

    /// The same with a session.
    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self { bearer: None, cookie: Some(cookie.to_owned()), ..self.clone() }
    }

    /// The same below another folder.
    pub fn at(&self, folder: &str) -> Self {
        Self { base: format!("{}/{folder}", self.base), ..self.clone() }
    }

    /// A request to be sent by hand.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}/{path}", self.base));
        if let Some(key) = &self.bearer {
            request = request.bearer_auth(key);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", cookie);
        }
        request
    }

    /// Sends a request and reads the answer whole.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer> {
        let request = request.timeout(Duration::from_secs(130)).build()?;
        let call = format!("{} {}", request.method(), request.url());
        let response = self.http.execute(request).await.with_context(|| call.clone())?;
        let status = response.status().as_u16();
        let cookie = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|value| value.split(';').next()).map(str::to_owned);
        let text = response.text().await.with_context(|| call.clone())?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { call, status, cookie, text, json })
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// Every item of a paged list.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let (mut items, mut next) = (Vec::new(), None::<String>);
        let joint = if path.contains('?') { '&' } else { '?' };
        loop {
            let after = next.map(|after| format!("&after={after}")).unwrap_or_default();
            let page = self.get(&format!("{path}{joint}limit=200{after}")).await?.expect(200)?;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["next"].as_str() {
                Some(after) => next = Some(after.to_owned()),
                None => return Ok(items),
            }
        }
    }
}

/// The text of a value; fails where it is none.
pub fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("expected a text, got {value}"))
}

/// Asks again and again until there is an answer; after `seconds` fails with the last reason.
pub async fn until<T>(seconds: u64, mut ask: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let end = tokio::time::Instant::now() + Duration::from_secs(seconds);
    loop {
        match ask().await {
            Ok(found) => return Ok(found),
            Err(error) if tokio::time::Instant::now() > end => {
                return Err(error.context(format!("not within {seconds} s")));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
