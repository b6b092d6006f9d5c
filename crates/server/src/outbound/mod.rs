//! Requests to addresses that a tenant set: language models, webhooks, links to media, pages to crawl.
//!
//! Invariant: such a request reaches the public internet or what the operator listed, never the machine's own network.
//! Names are resolved here; one private address refuses the whole name; the connection goes to the addresses that were
//! checked, so an answer that changes afterwards changes nothing. Redirects are checked like first requests. Proxies
//! of the environment are ignored: they would resolve names themselves.
//!
//! Every request starts with [`Outbound::client_for`], which checks the address before it hands out a client.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect;
use ssrf_guard::{Cidr, Policy};
use url::{Host, Url};

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 3;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a request may take, its answer included, unless it sets a time-out of its own.
const LONGEST: Duration = Duration::from_secs(120);
/// A cloud's metadata service that answers on a public address (Azure).
const PUBLIC_METADATA: &str = "168.63.129.16";

/// Why a request was not made, or its answer not taken. The sentences may be shown to whoever set the address: they
/// name no address that a name resolved to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Another scheme than http and https.
    #[error("the address must begin with http:// or https://")]
    Scheme,
    /// A user name or password in the address.
    #[error("the address contains a user name or password; put credentials into their own setting")]
    Credentials,
    /// No host.
    #[error("the address names no host")]
    NoHost,
    /// A port other than 80 and 443.
    #[error(
        "port {port} is not allowed; use 443 or 80, or have the operator add the host with this port to SAPA_ALLOW_PRIVATE_ADDRESSES"
    )]
    Port {
        /// The port.
        port: u16,
    },
    /// A port that this kind of server does not have.
    #[error(
        "port {port} is not allowed; use {usual}, or have the operator add the host with this port to SAPA_ALLOW_PRIVATE_ADDRESSES"
    )]
    OddPort {
        /// The port.
        port: u16,
        /// Those that it has.
        usual: &'static str,
    },
    /// A name that has no address.
    #[error("{host} has no address; is the name right?")]
    NoAddress {
        /// The name.
        host: String,
    },
    /// A private, local or otherwise special address.
    #[error(
        "{host} is not on the public internet; have the operator add it to SAPA_ALLOW_PRIVATE_ADDRESSES if it is meant to be reached"
    )]
    Private {
        /// The host as the address names it.
        host: String,
    },
    /// Too many redirects.
    #[error("the address redirects more than {MOST_REDIRECTS} times")]
    Redirects,
    /// An answer larger than asked for.
    #[error("the answer is larger than {most} bytes")]
    TooLarge {
        /// The most that was allowed.
        most: usize,
    },
}

/// What the operator lets through in addition to the public internet: a list, apart by commas, of hosts, addresses and
/// blocks, each with a port or without (`ollama.lan:11434, 10.0.0.0/8, 127.0.0.1:8080, [fd00::1]:443`). Without a port
/// an entry holds for every port. A listed host is allowed whatever it resolves to, but on its listed ports only. A
/// block holds for addresses written out, and without a port also for names, on 80 and 443.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    entries: Vec<(Place, Option<u16>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Host(String),
    Block(Cidr),
}

/// An entry that is no host, address or block.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` in SAPA_ALLOW_PRIVATE_ADDRESSES is not a host, an address or a block such as 10.0.0.0/8, with or without a port"
)]
pub struct NotAnEntry(String);

impl FromStr for Allowed {
    type Err = NotAnEntry;

    fn from_str(list: &str) -> Result<Self, NotAnEntry> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(entry);
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }
}

fn entry(entry: &str) -> Result<(Place, Option<u16>), NotAnEntry> {
    let wrong = || NotAnEntry(entry.to_string());
    // An IPv6 address has colons of its own; with a port it stands in brackets.
    if let Ok(block) = entry.parse::<Cidr>() {
        return Ok((Place::Block(block), None));
    }
    let (place, port) = match entry.rsplit_once(':') {
        Some((place, port)) => (place, Some(port.parse::<u16>().map_err(|_| wrong())?)),
        None => (entry, None),
    };
    let bare = place.strip_prefix('[').and_then(|p| p.strip_suffix(']')).unwrap_or(place);
    if let Ok(block) = bare.parse::<Cidr>() {
        return Ok((Place::Block(block), port));
    }
    match Host::parse(place) {
        Ok(Host::Domain(name)) => Ok((Place::Host(without_dot(&name).to_string()), port)),
        _ => Err(wrong()),
    }
}

impl Allowed {
    /// The ports a host is listed with, `None` for all of them; empty if it is not listed.
    fn ports(&self, name: &str) -> Vec<Option<u16>> {
        let host = without_dot(name);
        let is_it = |place: &Place| matches!(place, Place::Host(listed) if listed.eq_ignore_ascii_case(host));
        self.entries.iter().filter(|(place, _)| is_it(place)).map(|(_, port)| *port).collect()
    }

    /// Whether an address is listed for a port; where the port is not known, whether it is for all of them.
    fn address(&self, ip: IpAddr, port: Option<u16>) -> bool {
        self.entries.iter().any(|(place, only)| match place {
            Place::Block(block) => block.contains(ip) && (only.is_none() || *only == port),
            Place::Host(_) => false,
        })
    }
}

fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Turns names into addresses.
pub trait Names: Send + Sync + 'static {
    /// The addresses of `host`.
    fn addresses(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The system's resolver.
#[derive(Debug)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Whether redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// At most three, each checked: for reading pages and files.
    Follow,
    /// A redirect is the answer: for requests with secrets or content, which must not wander off.
    Stay,
}

/// A kind of server that speaks something else than HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Mail.
    Smtp,
    /// Text messages. Message centres listen wherever their operators like.
    Smpp,
}

impl Service {
    fn has(self, port: u16) -> bool {
        match self {
            Self::Smtp => matches!(port, 25 | 465 | 587 | 2525),
            Self::Smpp => port >= 1024,
        }
    }

    const fn usual(self) -> &'static str {
        match self {
            Self::Smtp => "587, 465, 25 or 2525",
            Self::Smpp => "2775 or another one from 1024",
        }
    }
}

/// Hands out clients for addresses that a tenant set.
#[derive(Clone)]
pub struct Outbound {
    guard: Guard,
    following: reqwest::Client,
    staying: reqwest::Client,
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("allowed", &self.guard.allowed).finish_non_exhaustive()
    }
}

impl Outbound {
    /// Clients that find names by `names` and reach what is public or `allowed`.
    ///
    /// # Errors
    /// If TLS cannot be set up on this machine.
    pub fn new(allowed: Allowed, names: impl Names) -> Result<Self, reqwest::Error> {
        let guard = Guard::new(allowed, names);
        let client = |redirects| {
            reqwest::Client::builder()
                .no_proxy()
                .dns_resolver(Arc::new(guard.clone()))
                .user_agent(concat!("sapa/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT)
                .timeout(LONGEST)
                .redirect(redirects)
                .build()
        };
        let checked = guard.clone();
        let follow = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > MOST_REDIRECTS {
                return attempt.error(Refused::Redirects);
            }
            match checked.check(attempt.url()) {
                Ok(()) => attempt.follow(),
                Err(refused) => attempt.error(refused),
            }
        });
        let (following, staying) = (client(follow)?, client(redirect::Policy::none())?);
        Ok(Self { guard, following, staying })
    }

    /// A client for requests to `url` and to other paths of the same host. Connections are shared. A
    /// request ends after two minutes; set a shorter time-out where the caller waits.
    ///
    /// # Errors
    /// [`Refused`], if the address itself tells that it may not be reached. What its name resolves to is found out by
    /// the request; [`reason`] gets the refusal out of its error.
    pub fn client_for(&self, url: &Url, redirects: Redirects) -> Result<reqwest::Client, Refused> {
        self.guard.check(url)?;
        Ok(match redirects {
            Redirects::Follow => self.following.clone(),
            Redirects::Stay => self.staying.clone(),
        })
    }
}

impl Outbound {
    /// The addresses at which a server may be reached, each checked: a connection goes to one of these and nowhere else.
    ///
    /// # Errors
    /// [`Refused`], if its name, its port or one of its addresses may not be reached, or there are none.
    pub async fn addresses(
        &self,
        service: Service,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, Refused> {
        let odd = || Refused::OddPort { port, usual: service.usual() };
        let ip = match Host::parse(host).map_err(|_| Refused::NoHost)? {
            Host::Ipv4(ip) => IpAddr::V4(ip),
            Host::Ipv6(ip) => IpAddr::V6(ip),
            Host::Domain(name) => {
                let listed = self.guard.allowed.ports(&name);
                let usual = if listed.is_empty() {
                    service.has(port)
                } else {
                    listed.iter().any(|only| only.is_none() || *only == Some(port))
                };
                if !usual {
                    return Err(odd());
                }
                let found = self.guard.clone().addresses(name.clone()).await.map_err(|error| match error
                    .downcast::<Refused>(
                ) {
                    Ok(refused) => *refused,
                    Err(_) => Refused::NoAddress { host: name.clone() },
                })?;
                if found.is_empty() {
                    return Err(Refused::NoAddress { host: name });
                }
                return Ok(found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect());
            }
        };
        let listed = self.guard.allowed.address(ip, Some(port));
        if !listed && !self.guard.policy.allows(ip) {
            return Err(Refused::Private { host: ip.to_string() });
        }
        if !listed && !service.has(port) {
            return Err(odd());
        }
        Ok(vec![SocketAddr::new(ip, port)])
    }
}

/// The refusal behind an error of a request, if there is one.
pub fn reason(error: &reqwest::Error) -> Option<&Refused> {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<Refused>() {
            return Some(refused);
        }
        cause = error.source();
    }
    None
}

/// Why an answer was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is larger than asked for.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It broke off.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

/// Reads an answer of at most `most` bytes.
///
/// # Errors
/// [`Refused::TooLarge`] once more arrives, whatever length was announced.
pub async fn read(mut response: reqwest::Response, most: usize) -> Result<Bytes, ReadError> {
    let mut all = BytesMut::new();
    while let Some(piece) = response.chunk().await? {
        if all.len() + piece.len() > most {
            return Err(Refused::TooLarge { most }.into());
        }
        all.extend_from_slice(&piece);
    }
    Ok(all.freeze())
}

#[derive(Clone)]
struct Guard {
    allowed: Arc<Allowed>,
    policy: Arc<Policy>,
    names: Arc<dyn Names>,
}

impl Guard {
    fn new(allowed: Allowed, names: impl Names) -> Self {
        let mut policy = Policy::builder();
        if let Ok(metadata) = PUBLIC_METADATA.parse() {
            policy = policy.deny(metadata);
        }
        Self { allowed: Arc::new(allowed), policy: Arc::new(policy.build()), names: Arc::new(names) }
    }

    /// What an address tells before it is resolved.
    fn check(&self, url: &Url) -> Result<(), Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        let port = url.port_or_known_default().ok_or(Refused::Scheme)?;
        let usual = matches!(port, 80 | 443);
        let ip: IpAddr = match url.host() {
            None => return Err(Refused::NoHost),
            Some(Host::Domain(name)) => {
                let ports = self.allowed.ports(name);
                let listed = ports.iter().any(|only| only.is_none() || *only == Some(port));
                let fine = if ports.is_empty() { usual } else { listed };
                return if fine { Ok(()) } else { Err(Refused::Port { port }) };
            }
            Some(Host::Ipv4(ip)) => ip.into(),
            Some(Host::Ipv6(ip)) => ip.into(),
        };
        if self.allowed.address(ip, Some(port)) {
            Ok(())
        } else if !self.policy.allows(ip) {
            Err(Refused::Private { host: ip.to_string() })
        } else if usual {
            Ok(())
        } else {
            Err(Refused::Port { port })
        }
    }

    async fn addresses(self, host: String) -> Result<Vec<IpAddr>, Box<dyn Error + Send + Sync>> {
        let found = self.names.addresses(host.clone()).await?;
        // The port is not known here; `check` has seen to it that a listed host is asked on its listed ports only.
        let listed = !self.allowed.ports(&host).is_empty();
        let fine = |ip: &IpAddr| listed || self.policy.allows(*ip) || self.allowed.address(*ip, None);
        if found.iter().all(fine) { Ok(found) } else { Err(Refused::Private { host }.into()) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.addresses(name.as_str().to_string()).await?;
            // Port 0 leaves the port to the address of the request.
            let addresses: Addrs = Box::new(found.into_iter().map(|ip| (ip, 0).into()));
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests;
