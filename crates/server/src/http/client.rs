//! Where a request comes from: the address of the peer, or what a trusted proxy says of it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use ipnet::IpNet;

use crate::ctx::Ctx;

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The nearest address that is not a trusted proxy's.
    pub address: IpAddr,
    /// What the browser or program calls itself, at most 200 characters of it.
    pub user_agent: String,
}

impl Client {
    /// The address as text, for the audit log.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The network of the address: one household has many IPv6 addresses and one network.
    pub fn network(&self) -> String {
        match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

impl FromRequestParts<Ctx> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        let user_agent =
            parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
        Ok(Self {
            address: origin(peer, &parts.headers, &ctx.settings.trusted_proxies),
            user_agent: user_agent.chars().filter(|c| !c.is_control()).take(200).collect(),
        })
    }
}

/// Walks `X-Forwarded-For` from the end, where our own proxy wrote, for as long as the hop is one that we trust. What
/// stands further left was written by whoever pleased.
fn origin(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut address = peer.to_canonical();
    let said = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = said.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(&address) {
            break;
        }
        match hop.parse::<IpAddr>() {
            Ok(next) => address = next.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn said(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), HeaderValue::from_static(text))])
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_household_is_one_network() {
        let network = |address| Client { address: ip(address), user_agent: String::new() }.network();
        assert_eq!(network("2001:db8:1:2:3::4"), network("2001:db8:1:2:9::9"));
        assert_ne!(network("2001:db8:1:2::"), network("2001:db8:1:3::"));
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(origin(ip("203.0.113.9"), &said("198.51.100.1"), &trusted), ip("203.0.113.9"));
        assert_eq!(origin(ip("203.0.113.9"), &said("198.51.100.1"), &[]), ip("203.0.113.9"));
    }

    #[test]
    fn behind_proxies_the_nearest_stranger_counts_and_not_what_he_claims() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(
            origin(ip("10.0.0.1"), &said("6.6.6.6, 198.51.100.1, 10.0.0.2"), &trusted),
            ip("198.51.100.1")
        );
        assert_eq!(origin(ip("::ffff:10.0.0.1"), &said("198.51.100.1"), &trusted), ip("198.51.100.1"));
        assert_eq!(origin(ip("10.0.0.1"), &said("rubbish"), &trusted), ip("10.0.0.1"));
    }
}
