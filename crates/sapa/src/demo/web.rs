//! Speaking HTTP with gateway and emulator, as anybody would.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::Method;
use serde_json::Value;
use url::Url;

/// Both ends of the demo.
#[derive(Clone, Debug)]
pub struct Web {
    http: reqwest::Client,
    /// The gateway, without a trailing slash.
    pub gateway: String,
    /// The emulator, without a trailing slash.
    pub emulator: String,
}

impl Web {
    /// For these addresses.
    pub fn new(gateway: &Url, emulator: &Url) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let plain = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { http, gateway: plain(gateway), emulator: plain(emulator) })
    }

    /// A control of the emulator.
    pub async fn control(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        self.call(method, &format!("{}/_emulator/{path}", self.emulator), None, body).await
    }

    /// A call of the gateway's API with a key.
    pub async fn api(&self, method: &str, path: &str, key: &str, body: &Value) -> Result<Value> {
        self.call(method, &format!("{}/api/v1/{path}", self.gateway), Some(key), body).await
    }

    /// A call of Meta's API, which the emulator answers.
    pub async fn graph(&self, method: &str, path: &str, token: &str, body: &Value) -> Result<Value> {
        self.call(method, &format!("{}/v25.0/{path}", self.emulator), Some(token), body).await
    }

    async fn call(&self, method: &str, url: &str, bearer: Option<&str>, body: &Value) -> Result<Value> {
        let mut request = self.http.request(Method::from_bytes(method.as_bytes())?, url);
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.with_context(|| format!("{method} {url}"))?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{method} {url}: {status} {text}");
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}
