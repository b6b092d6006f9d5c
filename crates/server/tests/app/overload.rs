//! Whoever takes too much is bounded and answered, and meanwhile an innocent organisation works on as if nothing were.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use server::http::Bounds;
use testkit::Database;
use testkit::app::{Answer, TestApp, TestOrg};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const MOMENT: Duration = Duration::from_millis(300);
/// No innocent request may take longer, on a machine that has much else to do.
const LONGEST: Duration = Duration::from_secs(3);

/// The beginning of a request whose head never ends.
const HEAD: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: ";

/// A server whose limits are soon reached.
async fn server(change: impl FnOnce(&mut Bounds)) -> TestApp {
    let database = Database::sqlite().await.expect("a database");
    TestApp::start_with(database, |parts| {
        let bounds = &mut parts.settings.bounds;
        (bounds.head, bounds.body) = (MOMENT, MOMENT);
        change(bounds);
    })
    .await
}

fn few(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

/// Lets an attack run while another organisation asks again and again; every one of its answers is a good one.
async fn unharmed<T>(app: &TestApp, attack: impl Future<Output = T>) -> T {
    let innocent = app.org("Kopi Senja").await;
    let asked = AtomicUsize::new(0);
    let working = async {
        loop {
            let began = Instant::now();
            innocent.key.get("contacts").await.expect(200);
            assert!(began.elapsed() < LONGEST, "an innocent request took {:?}", began.elapsed());
            asked.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_millis(5)).await;
        }
    };
    let attack = async {
        sleep(MOMENT).await;
        attack.await
    };
    let done = tokio::select! {
        done = attack => done,
        () = working => unreachable!(),
    };
    assert!(asked.load(Ordering::Relaxed) > 0, "nobody was there to be harmed");
    done
}

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.url.trim_start_matches("http://")).await.expect("a connection")
}

/// Sends bytes on a connection of its own and reads until the server closes it.
async fn raw(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = connect(app).await;
    let _ = stream.write_all(bytes).await;
    told(&mut stream).await
}

/// What the server says until it closes the connection.
async fn told(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut heard)).await;
    assert!(read.is_ok(), "the connection is left open after {:?}", String::from_utf8_lossy(&heard));
    String::from_utf8_lossy(&heard).into_owned()
}

/// Sends a beginning and then a byte now and then, until the server has had enough.
async fn drip(app: &TestApp, beginning: String) -> String {
    let (mut from, mut to) = connect(app).await.into_split();
    to.write_all(beginning.as_bytes()).await.expect("sent");
    let dripping = async move {
        while to.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut heard = Vec::new();
    tokio::select! {
        read = timeout(Duration::from_secs(10), from.read_to_end(&mut heard)) => {
            assert!(read.is_ok(), "a drip is waited for without an end");
        }
        () = dripping => {}
    }
    String::from_utf8_lossy(&heard).into_owned()
}

fn begun(path: &str, headers: &str, length: usize) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n{headers}\r\n")
}

fn signature(secret: &[u8], body: &[u8]) -> String {
    meta::signature::sign(secret, body)
}

async fn webhook(app: &TestApp, slug: &str, body: Vec<u8>, secret: &[u8]) -> Answer {
    let signature = signature(secret, &body);
    let request = app.anonymous.request(Method::POST, &format!("/webhooks/meta/{slug}"));
    app.anonymous.send(request.header("x-hub-signature-256", signature).body(body)).await
}

async fn meta_app(app: &TestApp, org: &TestOrg) -> String {
    format!("app-{}", app.meta_app(org.id, app.now()).await)
}

#[tokio::test]
async fn heads_and_bodies_that_drip_in_are_not_waited_for() {
    let app = server(|_| {}).await;
    let signed = format!("x-hub-signature-256: {}\r\n", signature(b"x", b"x"));
    let json = "content-type: application/json\r\n";
    let (heads, api, webhooks) = unharmed(&app, async {
        tokio::join!(
            join_all((0..40).map(|_| drip(&app, HEAD.to_owned()))),
            join_all((0..20).map(|_| drip(&app, begun("/api/v1/session", json, 100_000)))),
            join_all((0..20).map(|_| drip(&app, begun("/webhooks/meta", &signed, 100_000)))),
        )
    })
    .await;
    assert!(heads.iter().all(String::is_empty), "{:?}", heads[0]);
    assert!(
        api.iter().all(|told| told.starts_with("HTTP/1.1 408 ") && told.contains("too_slow")),
        "{}",
        api[0]
    );
    assert!(webhooks.iter().all(|told| told.starts_with("HTTP/1.1 408 ")), "{}", webhooks[0]);
    app.finish().await;
}

#[tokio::test]
async fn a_line_that_lies_idle_or_is_not_read_is_closed() {
    let app = server(|bounds| bounds.idle = MOMENT).await;
    let mut quiet = connect(&app).await;
    assert_eq!(told(&mut quiet).await, "");
    // Asks for one page after the other and reads none.
    let mut deaf = connect(&app).await;
    let ask = b"GET /api/v1/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(2_000);
    let closed = timeout(Duration::from_secs(10), async { while deaf.write_all(&ask).await.is_ok() {} });
    assert!(closed.await.is_ok(), "nobody reads, and the server goes on writing");
    app.finish().await;
}

#[tokio::test]
async fn what_is_too_large_too_deep_or_no_http_is_refused_with_a_word() {
    let app = server(|_| {}).await;
    let org = app.org("Klinik Sehat").await;
    let slug = meta_app(&app, &org).await;
    unharmed(&app, async {
        for _ in 0..5 {
            let deep = "[".repeat(500_000);
            let request =
                org.key.request(Method::POST, "contacts").header("content-type", "application/json");
            assert_eq!(org.key.send(request.body(deep.clone())).await.problem(422), "unexpected_json");
            let nested = format!("{{\"phone\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
            let request =
                org.key.request(Method::POST, "contacts").header("content-type", "application/json");
            assert_eq!(org.key.send(request.body(nested)).await.problem(422), "unexpected_json");
            let large = "x".repeat(2_000_000);
            assert_eq!(org.key.post("contacts", &large).await.problem(413), "too_large");
            // Signed, so it is Meta's word: it is kept, however strange.
            webhook(&app, &slug, deep.into_bytes(), b"app-secret").await.expect(200);
            let told = raw(&app, begun("/webhooks/meta", "", 4 << 20).as_bytes()).await;
            assert!(told.starts_with("HTTP/1.1 401 "), "{told}");
            let signed = format!("x-hub-signature-256: {}\r\n", signature(b"x", b"x"));
            let told = raw(&app, begun("/webhooks/meta", &signed, 4 << 20).as_bytes()).await;
            assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
            for rubbish in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02\0\x01\0\x01\r\n\r\n"] {
                let told = raw(&app, rubbish.as_bytes()).await;
                assert!(told.starts_with("HTTP/1.1 400 "), "{told}");
            }
            let head = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(100_000));
            let told = raw(&app, head.as_bytes()).await;
            assert!(told.is_empty() || told.starts_with("HTTP/1.1 431 "), "{told}");
        }
    })
    .await;
    app.run_jobs().await;
    let kept = app.ctx.store.read().await.unwrap().kept_updates(None, i64::MAX, 10).await.unwrap();
    assert_eq!(kept.len(), 1, "the same body five times is one: {kept:?}");
    app.finish().await;
}

#[tokio::test]
async fn a_flood_of_forged_webhooks_stores_nothing_and_lets_true_ones_through() {
    let app = server(|_| {}).await;
    let org = app.org("Klinik Sehat").await;
    let slug = meta_app(&app, &org).await;
    unharmed(&app, async {
        let forged = join_all((0..20).map(|_| async {
            for _ in 0..25 {
                let answer = webhook(&app, &slug, vec![b'x'; 100_000], b"another").await;
                assert_eq!((answer.status, answer.text.as_str()), (401, ""));
            }
        }));
        let genuine = async {
            for n in 0..20 {
                let body = format!("{{\"object\":\"whatsapp_business_account\",\"entry\":[],\"n\":{n}}}");
                webhook(&app, &slug, body.into_bytes(), b"app-secret").await.expect(200);
            }
        };
        futures::future::join(forged, genuine).await
    })
    .await;
    let stored = app.ctx.store.read().await.unwrap().unsplit_bodies(100, i64::MAX).await.unwrap();
    assert_eq!(stored.len(), 20);
    app.finish().await;
}

#[tokio::test]
async fn webhooks_that_come_in_have_so_much_memory_together() {
    let app = server(|bounds| {
        bounds.webhook_bytes = 1 << 20;
        bounds.body = Duration::from_secs(20);
    })
    .await;
    let signed = format!("x-hub-signature-256: {}\r\n", signature(b"x", b"x"));
    let half = format!("{}{}", begun("/webhooks/meta", &signed, 2 << 20), "x".repeat(900_000));
    let mut held = connect(&app).await;
    held.write_all(half.as_bytes()).await.unwrap();
    let refused = async {
        loop {
            let told = raw(&app, half.as_bytes()).await;
            if told.starts_with("HTTP/1.1 503 ") {
                return told;
            }
        }
    };
    let told = unharmed(&app, refused).await;
    assert!(told.contains("retry-after: 2"), "{told}");
    drop(held);
    app.finish().await;
}

#[tokio::test]
async fn a_tenant_that_floods_its_api_is_told_to_slow_down_and_no_other_notices() {
    let app = server(|bounds| (bounds.rate, bounds.burst) = (few(50), few(200))).await;
    let org = app.org("Klinik Sehat").await;
    let answers = unharmed(&app, async {
        join_all((0..20).map(|_| async {
            let mut answers = Vec::new();
            for _ in 0..40 {
                answers.push(org.key.get("contacts").await);
            }
            answers
        }))
        .await
    })
    .await;
    let answers: Vec<Answer> = answers.into_iter().flatten().collect();
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(refused.len() > 100, "only {} of {} were refused", refused.len(), answers.len());
    assert!(refused.iter().all(|answer| answer.problem(429) == "rate_limited"));
    assert!(refused.iter().all(|answer| answer.headers["retry-after"] == "1"));
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 429)));
    app.finish().await;
}

#[tokio::test]
async fn one_organisation_has_so_many_requests_at_once_and_all_together_so_many() {
    let app = server(|bounds| {
        bounds.requests_per_org = 2;
        bounds.body = Duration::from_secs(2);
    })
    .await;
    let org = app.org("Klinik Sehat").await;
    let slow = async |path: &str| {
        let key = org.key.request(Method::POST, path).build().unwrap();
        let authorization = key.headers()["authorization"].to_str().unwrap().to_owned();
        let headers = format!("content-type: application/json\r\nauthorization: {authorization}\r\n");
        drip(&app, begun(key.url().path(), &headers, 100_000)).await
    };
    let told = unharmed(&app, join_all((0..8).map(|_| slow("contacts")))).await;
    let refused = told.iter().filter(|told| told.contains("too_many_at_once")).count();
    assert!(refused >= 4, "{refused} of 8 were refused: {told:?}");
    assert!(told.iter().filter(|told| told.contains("too_slow")).count() >= 2, "{told:?}");
    app.finish().await;

    let app = server(|bounds| {
        bounds.requests = 2;
        bounds.body = Duration::from_secs(2);
    })
    .await;
    let begun = begun("/api/v1/session", "content-type: application/json\r\n", 100_000);
    let holding = join_all((0..2).map(|_| drip(&app, begun.clone())));
    let asking = async {
        sleep(MOMENT).await;
        app.operator.get("operator/orgs").await
    };
    let (held, refused) = futures::future::join(holding, asking).await;
    assert!(held.iter().all(|told| told.contains("too_slow")), "{held:?}");
    assert_eq!(refused.problem(503), "overloaded");
    assert_eq!(refused.headers["retry-after"], "2");
    app.operator.get("operator/orgs").await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn strangers_are_counted_by_address_before_the_database_is_asked() {
    let app = server(|bounds| (bounds.stranger_rate, bounds.stranger_burst) = (few(1), few(40))).await;
    let guess = async |n: usize| app.anonymous.with_key(&format!("sapa_wrong_{n}")).get("me").await;
    // One and the same key is a stranger's but for the first time.
    unharmed(&app, async {
        let mut refused = 0;
        for n in 0..100 {
            let answer = guess(n).await;
            if answer.status == 429 {
                assert_eq!(answer.problem(429), "too_many_from_address");
                refused += 1;
            } else {
                assert_eq!(answer.problem(401), "unauthenticated");
            }
        }
        assert!(refused > 40, "{refused} of 100 were refused");
        let sign_in = serde_json::json!({ "email": "a@b.id", "password": "wrong wrong wrong" });
        assert_eq!(app.anonymous.post("session", sign_in).await.problem(429), "too_many_from_address");
    })
    .await;
    app.finish().await;
}

#[tokio::test]
async fn live_connections_and_connections_are_counted_and_given_back() {
    let app = server(|bounds| {
        bounds.live_per_org = 2;
        bounds.connections = 40;
    })
    .await;
    let org = app.org("Klinik Sehat").await;
    let watch = async || org.owner.request(Method::GET, "live").send().await.unwrap();
    let watching = (watch().await, watch().await);
    assert_eq!(watching.0.status(), 200);
    let third = org.owner.get("live").await;
    assert_eq!(third.problem(429), "too_many_live_connections");
    assert_eq!(third.headers["retry-after"], "30");
    let other = app.org("Kopi Senja").await;
    assert_eq!(other.owner.request(Method::GET, "live").send().await.unwrap().status(), 200);
    drop(watching);
    timeout(Duration::from_secs(10), async {
        while org.owner.request(Method::GET, "live").send().await.unwrap().status() != 200 {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("a place that was left is given to the next");

    // Whoever is connected works on while a stranger takes every place that is left.
    let told = unharmed(&app, async {
        let mut idle = Vec::new();
        let told = loop {
            let mut stream = connect(&app).await;
            let mut word = [0; 12];
            if timeout(MOMENT, stream.read_exact(&mut word)).await.is_ok_and(|read| read.is_ok()) {
                break String::from_utf8_lossy(&word).into_owned();
            }
            assert!(idle.len() < 40);
            idle.push(stream);
        };
        drop(idle);
        told
    })
    .await;
    assert_eq!(told, "HTTP/1.1 503");
    timeout(Duration::from_secs(10), async {
        while connect(&app)
            .await
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await
            .is_err()
        {}
    })
    .await
    .expect("places are given back");
    app.finish().await;
}

#[tokio::test]
async fn a_full_intake_says_when_to_come_back() {
    let (intake, _writer) = server::ingest::intake(1);
    let database = Database::sqlite().await.expect("a database");
    // Nobody writes: what was handed in waits for ever.
    let app = TestApp::start_with(database, |parts| parts.intake = intake).await;
    let org = app.org("Klinik Sehat").await;
    let slug = meta_app(&app, &org).await;
    let refused = async {
        loop {
            let answer = webhook(&app, &slug, b"{}".to_vec(), b"app-secret");
            match timeout(MOMENT, answer).await {
                Ok(answer) => return answer,
                Err(_waits) => {}
            }
        }
    };
    let refused = unharmed(&app, refused).await;
    assert_eq!((refused.status, refused.text.as_str()), (503, ""));
    assert_eq!(refused.headers["retry-after"], "2");
    app.finish().await;
}

#[tokio::test]
async fn told_to_stop_it_is_not_ready_first_and_ends_what_is_open_last() {
    let app = server(|_| {}).await;
    let org = app.org("Klinik Sehat").await;
    let mut live = org.owner.request(Method::GET, "live").send().await.unwrap();
    assert!(live.chunk().await.unwrap().is_some(), "it begins");
    app.ctx.leaving.cancel();
    assert_eq!(app.anonymous.get("/readyz").await.problem(503), "stopping");
    assert_eq!(app.anonymous.get("/healthz").await.status, 200);
    org.owner.get("contacts").await.expect(200);
    app.ctx.closing.cancel();
    let ended = timeout(Duration::from_secs(5), async { while let Ok(Some(_)) = live.chunk().await {} });
    assert!(ended.await.is_ok(), "a live connection ends with the process");
    app.finish().await;
}
