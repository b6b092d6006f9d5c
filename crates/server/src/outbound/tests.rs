//! The guard against a table of names and a server on this machine; no network.

use std::collections::HashMap;
use std::net::SocketAddr;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use proptest::prelude::*;

use super::*;

/// Names from a table, without any network.
struct Table(HashMap<&'static str, Vec<IpAddr>>);

impl Names for Table {
    fn addresses(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let found = self.0.get(host.as_str()).cloned();
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }
}

fn outbound(allowed: &str, names: &[(&'static str, &[&str])]) -> Outbound {
    let table = names.iter().map(|(name, ips)| (*name, ips.iter().map(|ip| ip.parse().unwrap()).collect()));
    Outbound::new(allowed.parse().unwrap(), Table(table.collect())).unwrap()
}

fn checked(allowed: &str, url: &str) -> Result<(), Refused> {
    Guard::new(allowed.parse().unwrap(), SystemNames).check(&url.parse().unwrap())
}

/// A server on this machine: `/` says hello, `/to?…` redirects there, `/loop` to itself.
async fn server() -> SocketAddr {
    let to =
        |query: axum::extract::RawQuery| async move { Redirect::temporary(&query.0.unwrap_or_default()) };
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/to", get(to))
        .route("/loop", get(|| async { Redirect::temporary("/loop") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn fetch(outbound: &Outbound, url: &str, redirects: Redirects) -> Result<String, Refused> {
    let url: Url = url.parse().unwrap();
    match outbound.client_for(&url, redirects)?.get(url).send().await {
        Ok(response) => Ok(format!("{}", response.status().as_u16())),
        Err(error) => Err(reason(&error).unwrap_or_else(|| panic!("{error:?}")).clone()),
    }
}

#[test]
fn addresses_tell_what_they_may_not_be() {
    let private = |host: &str| Err(Refused::Private { host: host.into() });
    assert_eq!(checked("", "https://example.com/v1"), Ok(()));
    assert_eq!(checked("", "http://93.184.215.14/"), Ok(()));
    assert_eq!(checked("", "ftp://example.com/"), Err(Refused::Scheme));
    assert_eq!(checked("", "file:///etc/passwd"), Err(Refused::Scheme));
    assert_eq!(checked("", "https://user@example.com/"), Err(Refused::Credentials));
    assert_eq!(checked("", "https://:word@example.com/"), Err(Refused::Credentials));
    assert_eq!(checked("", "https://example.com:8443/"), Err(Refused::Port { port: 8443 }));
    assert_eq!(checked("", "https://93.184.215.14:22/"), Err(Refused::Port { port: 22 }));
    for spelling in ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1"] {
        assert_eq!(checked("", &format!("http://{spelling}/")), private("127.0.0.1"), "{spelling}");
    }
    for ip in [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "0.0.0.0",
        "168.63.129.16",
        "224.0.0.1",
    ] {
        assert_eq!(checked("", &format!("http://{ip}/")), private(ip));
    }
    for ip in ["::1", "::ffff:10.1.2.3", "fe80::1", "fd00:ec2::254", "64:ff9b::7f00:1", "2002:7f00:1::"] {
        assert!(matches!(checked("", &format!("http://[{ip}]/")), Err(Refused::Private { .. })), "{ip}");
    }
}

#[test]
fn the_operators_list_opens_what_it_names_and_no_more() {
    let list = "ollama.lan:11434, 10.0.0.0/8, 127.0.0.1:8080, [fd00::1]:443, fd01::/16, Models.Example.";
    assert_eq!(checked(list, "http://ollama.lan:11434/v1"), Ok(()));
    assert_eq!(checked(list, "http://ollama.lan./"), Err(Refused::Port { port: 80 }));
    assert_eq!(checked(list, "http://10.9.9.9:9000/"), Ok(()));
    assert_eq!(checked(list, "http://127.0.0.1:8080/"), Ok(()));
    assert_eq!(checked(list, "https://[fd00::1]/"), Ok(()));
    assert_eq!(checked(list, "https://[fd01::7]:5000/"), Ok(()));
    assert_eq!(checked(list, "https://models.example:5000/"), Ok(()));
    assert!(checked(list, "http://127.0.0.1/").is_err());
    assert!(checked(list, "http://[fd00::1]/").is_err());
    assert!(checked(list, "http://other.lan:11434/").is_err());
    for wrong in ["10.0.0.0/33", "a b", "host:port", "host:99999", "http://x", "x/y"] {
        assert!(wrong.parse::<Allowed>().is_err(), "{wrong}");
    }
    assert_eq!(" , ".parse::<Allowed>().unwrap(), Allowed::default());
}

#[tokio::test]
async fn names_are_judged_by_every_address_they_have() {
    let port = server().await.port();
    let names: &[(&str, &[&str])] = &[
        ("inside.test", &["127.0.0.1"]),
        ("mixed.test", &["93.184.215.14", "10.0.0.1"]),
        ("mapped.test", &["::ffff:127.0.0.1"]),
        ("listed.test", &["127.0.0.1"]),
    ];
    let guarded = outbound(&format!("listed.test:{port}"), names);
    for host in ["inside.test", "mixed.test", "mapped.test"] {
        let refused = fetch(&guarded, &format!("http://{host}/"), Redirects::Follow).await;
        assert_eq!(refused, Err(Refused::Private { host: host.into() }));
        assert!(!refused.unwrap_err().to_string().contains("10.0.0.1"), "the address stays untold");
    }
    let listed = fetch(&guarded, &format!("http://listed.test:{port}/"), Redirects::Follow).await;
    assert_eq!(listed, Ok("200".into()));
}

#[tokio::test]
async fn servers_that_speak_something_else_are_judged_alike() {
    let names: &[(&str, &[&str])] = &[
        ("mail.test", &["93.184.215.14"]),
        ("mixed.test", &["93.184.215.14", "10.0.0.1"]),
        ("inside.test", &["127.0.0.1"]),
        ("listed.test", &["127.0.0.1"]),
    ];
    let guarded = outbound("listed.test:1025, 10.0.0.5:2775", names);
    let reach = async |service, host: &str, port| guarded.addresses(service, host, port).await;
    let at = |address: &str| Ok(vec![address.parse::<SocketAddr>().unwrap()]);
    let private = |host: &str| Err(Refused::Private { host: host.into() });
    assert_eq!(reach(Service::Smtp, "mail.test", 587).await, at("93.184.215.14:587"));
    assert_eq!(reach(Service::Smtp, "listed.test", 1025).await, at("127.0.0.1:1025"));
    assert_eq!(reach(Service::Smpp, "10.0.0.5", 2775).await, at("10.0.0.5:2775"));
    assert_eq!(reach(Service::Smpp, "mixed.test", 2775).await, private("mixed.test"));
    assert_eq!(reach(Service::Smtp, "inside.test", 25).await, private("inside.test"));
    assert_eq!(reach(Service::Smtp, "127.0.0.1", 25).await, private("127.0.0.1"));
    assert_eq!(
        reach(Service::Smtp, "nowhere.test", 25).await,
        Err(Refused::NoAddress { host: "nowhere.test".into() })
    );
    for (service, host, port) in [
        (Service::Smtp, "mail.test", 22),
        (Service::Smpp, "mail.test", 80),
        (Service::Smtp, "listed.test", 25),
    ] {
        assert!(matches!(reach(service, host, port).await, Err(Refused::OddPort { .. })), "{host}:{port}");
    }
}

#[tokio::test]
async fn redirects_are_checked_and_counted() {
    let port = server().await.port();
    let guarded = outbound(
        &format!("listed.test:{port}"),
        &[("listed.test", &["127.0.0.1"]), ("inside.test", &["10.0.0.1"])],
    );
    let home = format!("http://listed.test:{port}");
    for (target, refused) in [
        ("http://169.254.169.254/latest", Refused::Private { host: "169.254.169.254".into() }),
        ("http://inside.test/", Refused::Private { host: "inside.test".into() }),
        ("http://listed.test:1/", Refused::Port { port: 1 }),
        ("http://user:word@listed.test/", Refused::Credentials),
    ] {
        let url = format!("{home}/to?{target}");
        assert_eq!(fetch(&guarded, &url, Redirects::Follow).await, Err(refused), "{target}");
        assert_eq!(fetch(&guarded, &url, Redirects::Stay).await, Ok("307".into()));
    }
    assert_eq!(fetch(&guarded, &format!("{home}/to?/"), Redirects::Follow).await, Ok("200".into()));
    assert_eq!(fetch(&guarded, &format!("{home}/loop"), Redirects::Follow).await, Err(Refused::Redirects));
}

#[tokio::test]
async fn answers_are_bounded() {
    let address = server().await;
    let guarded = outbound("127.0.0.1", &[]);
    let url: Url = format!("http://{address}/").parse().unwrap();
    let get = || guarded.client_for(&url, Redirects::Follow).unwrap().get(url.clone()).send();
    assert_eq!(&read(get().await.unwrap(), 5).await.unwrap()[..], b"hello");
    let refused = read(get().await.unwrap(), 4).await.unwrap_err();
    assert!(matches!(refused, ReadError::Refused(Refused::TooLarge { most: 4 })));
}

proptest! {
    #[test]
    fn nothing_private_passes(a in any::<u8>(), b in any::<u8>(), c in any::<u8>(), path in "[a-z/?#@:]{0,20}") {
        for net in [[127, a, b, c], [10, a, b, c], [192, 168, a, b], [169, 254, a, b], [172, 16 + (a & 15), b, c], [100, 64 + (a & 63), b, c]] {
            let [w, x, y, z] = net;
            for url in [format!("http://{w}.{x}.{y}.{z}/{path}"), format!("https://[::ffff:{w}.{x}.{y}.{z}]/{path}"), format!("http://{}/{path}", u32::from_be_bytes(net))] {
                prop_assert!(checked("", &url).is_err(), "{}", url);
            }
        }
    }
}
