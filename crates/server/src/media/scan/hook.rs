//! Any scanner behind an address: the file is the body of a POST, and the answer says what was found.

use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::Client;
use serde::Deserialize;
use url::Url;

use super::{Finding, ScanError, Scanner, told};
use crate::media::blob::ByteStream;

#[derive(Debug)]
pub(super) struct Hook {
    address: Url,
    client: Client,
}

/// `{"infected": false}`, or `{"infected": true, "found": "Eicar-Test-Signature"}`.
#[derive(Deserialize)]
struct Answer {
    infected: bool,
    #[serde(default)]
    found: Option<String>,
}

impl Hook {
    /// The operator's own address, so it may lie within.
    pub fn at(address: Url, patience: Duration) -> Result<Self, String> {
        let client = Client::builder().timeout(patience).connect_timeout(Duration::from_secs(5)).build();
        Ok(Self { address, client: client.map_err(|error| error.to_string())? })
    }
}

impl Scanner for Hook {
    fn scan<'a>(&'a self, bytes: ByteStream<'static>) -> BoxFuture<'a, Result<Finding, ScanError>> {
        Box::pin(async move {
            let asked = self
                .client
                .post(self.address.clone())
                .header("content-type", "application/octet-stream")
                .body(reqwest::Body::wrap_stream(bytes));
            let away = |error: reqwest::Error| ScanError::Away(told(&error.without_url().to_string()));
            let answer = asked.send().await.map_err(away)?;
            match answer.status().as_u16() {
                200 => match answer.json::<Answer>().await.map_err(away)? {
                    Answer { infected: false, .. } => Ok(Finding::Clean),
                    Answer { found, .. } => Ok(Finding::Infected(told(&found.unwrap_or_default()))),
                },
                413 => Err(ScanError::Refused("the file is too large for it".to_owned())),
                status => Err(ScanError::Away(format!("it answered {status}"))),
            }
        })
    }
}
