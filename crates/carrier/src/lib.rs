//! A local mail server and SMS provider, for the demo, for tests, and for whoever develops against the gateway: it takes
//! what would be delivered to people and shows it on a page.
//!
//! It speaks what real ones speak: SMTP; Twilio's API with signed callbacks; a plain HTTP API; SMPP 3.4.
//!
//! Invariant: it depends on nothing of ours and delivers nothing to anybody. It listens on loopback alone.

mod control;
mod gsm;
mod http;
mod post;
mod smpp;
mod smtp;
mod twilio;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use post::Post;
pub use post::{Arrived, Fault, State, Via};

/// What accounts of the provider are called, and their secret: everything here is for this machine alone.
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
/// The secret of the account: Twilio's auth token, the bearer of the plain API, the password of SMPP.
pub const SECRET: &str = "carrier1";

/// How it runs.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Where the page and the HTTP APIs are; loopback; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether what arrives is reported as delivered by itself.
    pub reports: bool,
}

/// A provider that runs, until this is dropped.
#[derive(Debug)]
pub struct Carrier {
    /// Its page and its HTTP APIs, without a trailing slash.
    pub url: String,
    /// Its SMTP server.
    pub smtp: SocketAddr,
    /// Its SMPP server.
    pub smpp: SocketAddr,
    post: Arc<Post>,
    servers: Vec<JoinHandle<()>>,
}

impl Carrier {
    /// Starts it.
    ///
    /// # Errors
    /// If the address is taken, or is not of this machine alone.
    pub async fn start(options: Options) -> io::Result<Self> {
        if !options.listen.ip().is_loopback() {
            return Err(io::Error::other("it shows what people are sent, and listens on this machine alone"));
        }
        let any = SocketAddr::new(options.listen.ip(), 0);
        let (web, mail, texts) = tokio::try_join!(
            TcpListener::bind(options.listen),
            TcpListener::bind(any),
            TcpListener::bind(any)
        )?;
        let (url, smtp, smpp) =
            (format!("http://{}", web.local_addr()?), mail.local_addr()?, texts.local_addr()?);
        let post = Arc::new(Post::new(options.reports));
        let router = control::routes().merge(twilio::routes()).merge(http::routes()).with_state(post.clone());
        let servers = vec![
            tokio::spawn(async move {
                if let Err(error) = axum::serve(web, router).await {
                    tracing::warn!(%error, "the page has ended");
                }
            }),
            tokio::spawn(smtp::serve(mail, post.clone())),
            tokio::spawn(smpp::serve(texts, post.clone())),
        ];
        Ok(Self { url, smtp, smpp, post, servers })
    }

    /// What has arrived, oldest first.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.post.arrived()
    }

    /// What has arrived since this was last asked for one address, or anybody.
    pub fn take(&self) -> Vec<Arrived> {
        self.post.take()
    }

    /// The next one that comes this way meets a fault.
    pub fn fault(&self, via: Via, fault: Fault) {
        self.post.fault(via, fault);
    }

    /// Reports what became of a text to whoever sent it.
    pub async fn report(&self, id: u64, state: State) {
        post::report(&self.post, id, state).await;
    }

    /// Lets somebody answer a text.
    pub async fn reply(&self, id: u64, text: &str) {
        post::reply(&self.post, id, text).await;
    }

    /// Where a text that people write to a number is sent to (Twilio and the plain API; SMPP has its session).
    pub fn inbound(&self, via: Via, url: &str) {
        self.post.inbound(via, url);
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}
