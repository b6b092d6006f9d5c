//! What happens, as server-sent events.

use std::time::Duration;

use reqwest::Method;
use rules::role::{Right, Role};
use rules::time::span;
use serde_json::json;
use testkit::app::{self, Actor, TestApp};

/// An open stream and what has been read of it.
struct Stream {
    response: reqwest::Response,
    read: String,
}

/// One event: its kind, id and data.
#[derive(Debug, PartialEq)]
struct Event {
    kind: String,
    id: String,
    data: String,
}

impl Stream {
    async fn open(actor: &Actor, last: Option<&str>) -> Self {
        let mut request = actor.request(Method::GET, "live");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, read: String::new() }
    }

    /// The next event of the organisation; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let event = self.any().await?;
            if event.kind != "time" {
                return Some(event);
            }
        }
    }

    /// The next event of any kind.
    async fn any(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.read = rest;
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|value| value.trim().to_owned()).unwrap_or_default()
                };
                return Some(Event { kind: field("event:"), id: field("id:"), data: field("data:") });
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.response.chunk());
            let bytes = chunk.await.expect("something within half a minute").unwrap_or_default()?;
            self.read.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    async fn kind(&mut self) -> String {
        self.next().await.expect("the stream goes on").kind
    }
}

/// Publishes an event and waits until readers see it: on PostgreSQL not before every older transaction has ended.
async fn publish(app: &TestApp, org: rules::id::OrgId, kind: &str, n: i64) {
    app.make_up_events();
    let before = newest(app, org).await;
    let mut tx = app.ctx.store.begin().await.unwrap();
    tx.org(org).await.unwrap().publish(kind, &json!({ "n": n }), app.now()).unwrap();
    tx.commit().await.unwrap();
    while newest(app, org).await == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn newest(app: &TestApp, org: rules::id::OrgId) -> (i64, i64) {
    let mut tx = app.ctx.store.read().await.unwrap();
    let id = tx.org(org).await.unwrap().newest_event(app.now()).await.unwrap();
    (id.txid, id.seq)
}

#[tokio::test]
async fn events_arrive_in_order_and_are_replayed_from_the_last_one_seen() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik Sehat").await);
        publish(app, org.id, "message.created", 0).await;
        let mut stream = Stream::open(&org.owner, None).await;
        assert_eq!(stream.kind().await, "hello", "the past is not told to who does not ask");
        publish(app, other.id, "message.created", 99).await;
        for n in 1..=3 {
            publish(app, org.id, "message.created", n).await;
        }
        let first = stream.next().await.unwrap();
        assert_eq!((first.kind.as_str(), first.data.as_str()), ("message.created", "{\"n\":1}"));
        assert_eq!(stream.next().await.unwrap().data, "{\"n\":2}");
        drop(stream);

        let mut again = Stream::open(&org.key, Some(&first.id)).await;
        assert_eq!(again.kind().await, "hello");
        assert_eq!(again.next().await.unwrap().data, "{\"n\":2}");
        assert_eq!(again.next().await.unwrap().data, "{\"n\":3}");
    })
    .await;
}

#[tokio::test]
async fn a_place_that_cannot_be_replayed_from_is_reset() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        publish(app, org.id, "message.created", 1).await;
        let mut stream = Stream::open(&org.owner, None).await;
        let hello = stream.next().await.unwrap();
        assert_eq!(Stream::open(&org.owner, Some("rubbish")).await.kind().await, "reset");
        app.clock.advance(span::hours(24));
        let mut late = Stream::open(&org.owner, Some(&hello.id)).await;
        assert_eq!(late.kind().await, "reset");
        publish(app, org.id, "message.created", 2).await;
        assert_eq!(late.next().await.unwrap().data, "{\"n\":2}");
    })
    .await;
}

#[tokio::test]
async fn the_server_s_time_is_told_at_first_and_when_its_clock_is_set() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let mut stream = Stream::open(&org.owner, None).await;
        let told = |event: Event| {
            serde_json::from_str::<serde_json::Value>(&event.data).unwrap()["now"].as_i64().unwrap()
        };
        let hello = stream.any().await.unwrap();
        assert_eq!(told(hello), app.now().0);
        app.clock.advance(span::hours(25));
        let time = stream.any().await.unwrap();
        assert_eq!((time.kind.as_str(), time.id.as_str()), ("time", ""), "a place to go on from is none");
        assert_eq!(told(time), app.now().0);
    })
    .await;
}

#[tokio::test]
async fn one_sees_what_one_s_rights_let_one_read() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let key = app.key(org.id, &[Right::ReadConnections]).await;
        let mut stream = Stream::open(&key, None).await;
        stream.next().await;
        publish(app, org.id, "message.created", 1).await;
        publish(app, org.id, "connection.updated", 2).await;
        assert_eq!(stream.kind().await, "connection.updated");
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_the_session_and_with_the_membership() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let agent = app.member(org.id, Role::Agent).await;
        let leaver = app.member(org.id, Role::Agent).await;
        let (mut one, mut two) = (Stream::open(&agent, None).await, Stream::open(&leaver, None).await);
        one.next().await;
        two.next().await;
        assert_eq!(agent.delete("/api/v1/sessions").await.status, 204);
        let id = leaver.get("/api/v1/me").await.str("/organisations/0/member_id").to_owned();
        assert_eq!(leaver.delete(&format!("members/{id}")).await.status, 204);
        publish(app, org.id, "message.created", 1).await;
        assert_eq!(one.next().await, None);
        assert_eq!(two.next().await, None);
        assert_eq!(agent.get("live").await.problem(401), "unauthenticated");
        assert_eq!(leaver.get("live").await.problem(404), "not_found");
    })
    .await;
}
