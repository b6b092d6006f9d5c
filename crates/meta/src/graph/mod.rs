//! The client of Meta's Graph API.
//!
//! Invariants: a token travels in the `Authorization` header, only to the configured Graph and media hosts,
//! and never through a redirect; `paging.next`, which holds a token, is neither followed nor kept; an error
//! says whether the call may have taken effect. Nothing is repeated here: repeating is policy.

mod account;
mod app;
mod error;
mod link;
mod media;
mod message;
mod number;
mod partner;
mod profile;
mod sample;
mod template;
mod token;
mod transport;
mod username;

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, DATE, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use url::Url;

pub use account::{SubscribedApp, Waba};
pub use app::{AppSubscription, SubscribeApp};
pub use error::{GraphError, Refusal};
pub use link::{LinkImage, MessageLink};
pub use media::{Download, MediaInfo, Upload};
pub use message::{BlockOutcome, BlockedUser, Sent, Whom};
pub use number::{Health, HealthEntity, HealthProblem, PhoneNumber, Sendable, SyncType};
pub use partner::{Allocation, AssignedUser, Attached, CreditLine, SystemUser};
pub use profile::{Profile, ProfileChange};
pub use template::{LibrarySearch, LibraryTemplate, MadeTemplate, MessageTemplate, Unpaused};
pub use token::{
    AppLogin, Granted, GranularScope, Me, NewToken, TokenDeath, TokenFacts, TokenProblem, TokenWarning,
    judge_token,
};
pub use transport::{Carried, Transport};
pub use username::{Username, UsernameStatus};

use crate::json::Members;
use crate::signature::appsecret_proof;

/// Answers larger than this are not read to the end. The longest are pages of templates.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;
/// Pages read of one list; at 100 entries a page more than anything Meta allows to exist.
const MOST_PAGES: usize = 500;
/// Entries asked for in a page.
const PAGE: &str = "100";

/// Where Graph is and how long to wait for it.
#[derive(Debug, Clone)]
pub struct GraphConfig {
    /// `https://graph.facebook.com`, or an emulator's address.
    pub base_url: Url,
    /// The version in every path, such as `v25.0`.
    pub version: String,
    /// Addresses (scheme, host, port) besides `base_url` whose files may be fetched with the token.
    pub media_hosts: Vec<Url>,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long to wait for a whole answer.
    pub timeout: Duration,
    /// How long to wait for a whole file.
    pub media_timeout: Duration,
}

impl GraphConfig {
    /// Meta's own addresses and patient time-outs.
    pub fn new(base_url: Url, version: impl Into<String>) -> Self {
        let media_hosts = Url::parse("https://lookaside.fbsbx.com").into_iter().collect();
        Self {
            base_url,
            version: version.into(),
            media_hosts,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
            media_timeout: Duration::from_secs(120),
        }
    }
}

/// With which rights a call is made.
#[derive(Clone)]
pub struct Access<'a> {
    token: &'a SecretString,
    app_secret: Option<&'a SecretString>,
}

impl<'a> Access<'a> {
    /// A token of an app whose secret we do not hold.
    pub fn token(token: &'a SecretString) -> Self {
        Self { token, app_secret: None }
    }

    /// A token and the secret of the app it belongs to: every call carries the proof.
    pub fn proven(token: &'a SecretString, app_secret: &'a SecretString) -> Self {
        Self { token, app_secret: Some(app_secret) }
    }

    fn proof(&self) -> Option<String> {
        let secret = self.app_secret?.expose_secret();
        Some(appsecret_proof(secret.as_bytes(), self.token.expose_secret()))
    }
}

impl std::fmt::Debug for Access<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Access(.., proven: {})", self.app_secret.is_some())
    }
}

/// Is told of every call when it has been answered, or was not.
pub trait Observer: Send + Sync + std::fmt::Debug {
    /// A call (one of [`CALLS`], or `other`) took so long. Without a status nothing came back. `date` is what the other
    /// side's clock said.
    fn called(&self, call: &'static str, status: Option<u16>, took: Duration, date: Option<&str>);
}

/// The calls that are told apart to an [`Observer`], by what their paths end with; a receipt, which goes where messages go,
/// is called `receipt`.
pub const CALLS: &[&str] = &[
    "messages",
    "media",
    "phone_numbers",
    "message_templates",
    "message_template_library",
    "uploads",
    "unpause",
    "subscribed_apps",
    "subscriptions",
    "register",
    "deregister",
    "debug_token",
    "access_token",
    "whatsapp_business_profile",
    "smb_app_data",
];

/// The client. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Graph {
    http: reqwest::Client,
    config: Arc<GraphConfig>,
    /// Instead of HTTP.
    transport: Option<Arc<dyn Transport>>,
    observer: Option<Arc<dyn Observer>>,
}

impl Graph {
    /// A client for these addresses.
    pub fn new(config: GraphConfig) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(config.connect_timeout)
            // The token must not follow a redirect, and Graph does not redirect.
            .redirect(reqwest::redirect::Policy::none())
            // An answer lost on the way must stay unknown, not be asked for again behind our back.
            .retry(reqwest::retry::never())
            .user_agent(concat!("sapa/", env!("CARGO_PKG_VERSION")))
            .tcp_nodelay(true)
            .build()?;
        Ok(Self { http, config: Arc::new(config), transport: None, observer: None })
    }

    /// The same client, whose requests travel through something else than HTTP.
    pub fn through(self, transport: Arc<dyn Transport>) -> Self {
        Self { transport: Some(transport), ..self }
    }

    /// The same client, whose calls somebody is told of.
    pub fn observed_by(self, observer: Arc<dyn Observer>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// The configuration in use.
    pub fn config(&self) -> &GraphConfig {
        &self.config
    }

    /// `base/version/segments`; each segment is escaped, so that an id pasted by a person stays one segment.
    fn url(&self, segments: &[&str]) -> Result<Url, GraphError> {
        let broken = GraphError::Unreachable { reason: "the request could not be put together" };
        if segments.iter().any(|segment| segment.is_empty() || matches!(*segment, "." | "..")) {
            return Err(broken);
        }
        let mut url = self.config.base_url.clone();
        url.path_segments_mut()
            .map_err(|()| broken)?
            .pop_if_empty()
            .push(&self.config.version)
            .extend(segments);
        Ok(url)
    }

    fn call<'a>(
        &self,
        method: Method,
        segments: &[&str],
        access: Option<&Access<'a>>,
    ) -> Result<Call<'a>, GraphError> {
        let url = self.url(segments)?;
        let mut call = Call {
            request: self.http.request(method, url).timeout(self.config.timeout),
            transport: self.transport.clone(),
            secrets: Vec::new(),
            name: CALLS.iter().copied().find(|call| segments.last() == Some(call)).unwrap_or("other"),
            observer: self.observer.clone(),
        };
        if let Some(access) = access {
            call = call.authorised(access)?;
        }
        Ok(call)
    }

    fn get<'a>(&self, segments: &[&str], access: &Access<'a>) -> Result<Call<'a>, GraphError> {
        self.call(Method::GET, segments, Some(access))
    }

    fn post<'a>(&self, segments: &[&str], access: &Access<'a>) -> Result<Call<'a>, GraphError> {
        self.call(Method::POST, segments, Some(access))
    }

    fn delete<'a>(&self, segments: &[&str], access: &Access<'a>) -> Result<Call<'a>, GraphError> {
        self.call(Method::DELETE, segments, Some(access))
    }

    /// Reads a list to its end, page by page, by cursor. A page without `paging.next` is the last; a short or
    /// empty one need not be.
    async fn pages<T>(
        &self,
        segments: &[&str],
        access: &Access<'_>,
        query: &[(&str, &str)],
        read: impl Fn(&Members<'_>) -> Option<T>,
    ) -> Result<Vec<T>, GraphError> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut call = self.get(segments, access)?.query(query).query(&[("limit", PAGE)]);
            if let Some(after) = &after {
                call = call.query(&[("after", after)]);
            }
            let answer = call.send().await?;
            let page = answer.members()?;
            if page.raw("data").is_none() {
                return Err(answer.malformed("a list without data"));
            }
            all.extend(page.objects("data").iter().filter_map(&read));
            let paging = page.object("paging").unwrap_or_default();
            let cursor = paging.object("cursors").and_then(|cursors| cursors.string("after"));
            if paging.raw("next").is_none() || cursor.is_none() || cursor == after {
                break;
            }
            after = cursor;
        }
        Ok(all)
    }
}

/// A call being put together.
struct Call<'a> {
    request: RequestBuilder,
    transport: Option<Arc<dyn Transport>>,
    secrets: Vec<&'a str>,
    name: &'static str,
    observer: Option<Arc<dyn Observer>>,
}

impl<'a> Call<'a> {
    fn authorised(mut self, access: &Access<'a>) -> Result<Self, GraphError> {
        let token = access.token.expose_secret();
        let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| {
            GraphError::Unreachable { reason: "the access token holds characters that no token has" }
        })?;
        bearer.set_sensitive(true);
        self.request = self.request.header(AUTHORIZATION, bearer);
        self.secrets.push(token);
        if let Some(proof) = access.proof() {
            self.request = self.request.query(&[("appsecret_proof", proof)]);
        }
        Ok(self)
    }

    /// Another name for an [`Observer`] than what the path ends with.
    fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Texts that must not appear in an error, besides the token.
    fn hiding(mut self, secrets: &[&'a str]) -> Self {
        self.secrets.extend(secrets);
        self
    }

    fn query(mut self, query: &[(&str, &str)]) -> Self {
        self.request = self.request.query(query);
        self
    }

    fn fields(self, fields: &str) -> Self {
        self.query(&[("fields", fields)])
    }

    fn json(mut self, body: &impl serde::Serialize) -> Self {
        self.request = self.request.json(body);
        self
    }

    fn form(mut self, form: &[(&str, &str)]) -> Self {
        self.request = self.request.form(form);
        self
    }

    /// Sends the call and reads the answer; anything but success is an error.
    async fn send(self) -> Result<Answer, GraphError> {
        let (answer, refusal) = self.send_and_keep().await?;
        match refusal {
            Some(refusal) => Err(GraphError::Refused(refusal)),
            None => Ok(answer),
        }
    }

    /// The same, but a refusal does not hide the rest of the answer.
    async fn send_and_keep(self) -> Result<(Answer, Option<Box<Refusal>>), GraphError> {
        let began = Instant::now();
        let response = transport::carry(self.transport.as_deref(), self.request).await;
        if let Some(observer) = &self.observer {
            let answer = response.as_ref().ok();
            let date = answer.and_then(|answer| answer.headers().get(DATE)?.to_str().ok());
            observer.called(self.name, answer.map(|answer| answer.status().as_u16()), began.elapsed(), date);
        }
        Answer::read(response?, &self.secrets).await
    }

    /// Sends the call; the answer must be `{"success":true}`, as a boolean or a string.
    async fn succeed(self) -> Result<(), GraphError> {
        let answer = self.send().await?;
        match answer.members()?.flag("success") {
            Some(true) => Ok(()),
            _ => Err(answer.malformed("success was not reported")),
        }
    }

    /// Sends the call and reads the node it answers with.
    async fn node<T>(self, read: impl Fn(&Members<'_>) -> Option<T>) -> Result<T, GraphError> {
        let answer = self.send().await?;
        read(&answer.members()?).ok_or_else(|| answer.malformed("what was asked for is missing"))
    }
}

/// An answer of Graph's.
struct Answer {
    status: u16,
    body: Box<RawValue>,
}

impl Answer {
    /// Reads an answer, and the refusal in it.
    async fn read(
        mut response: Response,
        secrets: &[&str],
    ) -> Result<(Self, Option<Box<Refusal>>), GraphError> {
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > LARGEST_ANSWER => {
                    return Err(without_graph_body(status, "the answer is too long"));
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Err(GraphError::of_transport(&error)),
            }
        }
        let Ok(body) = serde_json::from_slice::<Box<RawValue>>(&bytes) else {
            return Err(without_graph_body(status, "it is not JSON"));
        };
        let refusal = Members::open(&body).and_then(|body| Refusal::read(status, &body, secrets));
        if refusal.is_none() && !(200..300).contains(&status) {
            return Err(without_graph_body(status, "an error without Meta's error object"));
        }
        Ok((Self { status, body }, refusal.map(Box::new)))
    }

    fn members(&self) -> Result<Members<'_>, GraphError> {
        Members::open(&self.body).ok_or_else(|| self.malformed("it is not an object"))
    }

    fn malformed(&self, reason: &'static str) -> GraphError {
        GraphError::Malformed { reason, status: self.status }
    }
}

/// An answer that Graph did not write: after 5xx nobody knows what happened.
fn without_graph_body(status: u16, reason: &'static str) -> GraphError {
    if status >= 500 {
        GraphError::Unknown { reason: "a server error without Meta's error object", status: Some(status) }
    } else {
        GraphError::Malformed { reason, status }
    }
}
