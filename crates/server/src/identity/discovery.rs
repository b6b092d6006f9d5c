//! What is known of OpenID Connect providers: their addresses and keys, for an hour.

use std::time::Duration;

use futures::future::BoxFuture;
use moka::future::Cache;
use oidc::{Failed, Fetch, NotFetched, Provider, Request, Response};
use rules::time::span;
use url::Url;

use crate::ctx::is_local;
use crate::outbound::{self, Outbound, Redirects};

/// A key that a provider has given up is trusted no longer than this.
const KEPT: Duration = span::hours(1);
/// How long a provider may take for one answer; a person waits.
const PATIENCE: Duration = Duration::from_secs(10);
/// A provider's answers are a few kilobytes.
const MOST: usize = 512 * 1024;

/// Providers by issuer. Cheap to clone; empty by default.
#[derive(Clone, Debug)]
pub struct Discovered(Cache<String, Provider>);

impl Default for Discovered {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(500).time_to_live(KEPT).build())
    }
}

impl Discovered {
    /// What is known of the provider with this name for itself, asking it where nothing is known yet.
    pub(super) async fn of(&self, issuer: &str, outbound: &Outbound) -> Result<Provider, Failed> {
        if let Some(known) = self.0.get(issuer).await {
            return Ok(known);
        }
        let found = Provider::discover(issuer, &Guarded(outbound)).await?;
        self.keep(issuer, found.clone()).await;
        Ok(found)
    }

    /// Replaces what is known.
    pub(super) async fn keep(&self, issuer: &str, provider: Provider) {
        self.0.insert(issuer.to_owned(), provider).await;
    }
}

/// Sends requests to providers as to every address that somebody configured, and in plain text to this machine alone.
pub(super) struct Guarded<'a>(pub(super) &'a Outbound);

impl Fetch for Guarded<'_> {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Result<Response, NotFetched>> {
        Box::pin(async move {
            let mut request = reqwest::Request::try_from(request)
                .map_err(|error| NotFetched(format!("the request cannot be made: {error}")))?;
            *request.timeout_mut() = Some(PATIENCE);
            let url = request.url().clone();
            over_tls(&url)?;
            let client = self
                .0
                .client_for(&url, Redirects::Stay)
                .map_err(|refused| NotFetched(format!("{url} is not asked: {refused}")))?;
            let answer = client.execute(request).await.map_err(|error| match outbound::reason(&error) {
                Some(refused) => NotFetched(format!("{url} is not asked: {refused}")),
                None if error.is_timeout() => NotFetched(format!("{url} takes too long to answer")),
                None => NotFetched(format!("{url} does not answer")),
            })?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = outbound::read(answer, MOST)
                .await
                .map_err(|error| NotFetched(format!("the answer of {url} cannot be read: {error}")))?;
            let mut response = Response::new(body.into());
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}

fn over_tls(url: &Url) -> Result<(), NotFetched> {
    if url.scheme() == "https" || url.host_str().is_some_and(is_local) {
        return Ok(());
    }
    Err(NotFetched(format!("{url} is not https, so whoever is on the way could sign in as anybody")))
}
