//! The gateway's API, as a program of an organisation asks it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, Method};
use serde_json::Value;

use super::tenants::Tenant;

/// A caller with the key of one organisation.
#[derive(Debug)]
pub struct Api {
    client: Client,
    base: String,
    key: String,
}

impl Api {
    /// An organisation's caller at this gateway.
    pub fn of(tenant: &Tenant, gateway: SocketAddr) -> Result<Self> {
        let client = Client::builder().no_proxy().tcp_nodelay(true).build()?;
        let base = format!("http://{gateway}/api/v1/orgs/{}", tenant.org);
        Ok(Self { client, base, key: tenant.key.clone() })
    }

    /// Reads; says how long it took, too.
    pub async fn get(&self, path: &str) -> Result<(Value, Duration)> {
        let began = Instant::now();
        let answer = self.ask(Method::GET, path, None).await?;
        Ok((answer, began.elapsed()))
    }

    /// Writes.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut request = self.client.request(method, format!("{}/{path}", self.base));
        // The gateway answers to its public name alone.
        request = request.header("host", "bench").bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{path} was answered {status}: {text}");
        serde_json::from_str(&text).with_context(|| format!("the answer of {path} does not read"))
    }
}
