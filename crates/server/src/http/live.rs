//! `GET /api/v1/orgs/{org}/live`: what happens in an organisation, as server-sent events.
//!
//! Each event carries its place as `id`, which a browser sends back as `Last-Event-ID` when it connects again, and
//! which is then replayed from. A place that is too old to be replayed from gets one `reset`: load everything anew.
//!
//! Nothing is kept in memory for a slow reader: events are read from the store a few at a time, when the connection
//! has room for them. Whether the caller may still watch is asked again before every batch.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event as Frame, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::{Stream, stream};
use rules::id::OrgId;
use rules::role::Right;
use rules::time::Timestamp;
use serde_json::json;
use store::events::{Event, EventId, RETENTION};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::admission::Watching;
use super::{OrgActor, Problem};
use crate::ctx::Ctx;

/// How many events are read at once, and so how many at most wait for a slow reader.
const BATCH: i64 = 100;
/// How soon it is looked again after something happened: what was committed may not be settled yet. Then ever more
/// seldom.
const SOON: Duration = Duration::from_millis(25);
/// What other nodes did is seen after this long.
const LOOK: Duration = Duration::from_secs(2);
/// A quiet connection shows this often that it lives, and whether the caller may still watch is asked.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A clock that went this much further than time did was set anew, which is told at once.
const LEAP: Duration = Duration::from_secs(1);

/// The route.
pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(watch_organisation))
}

/// Watch what happens, as server-sent events. Send the last `id` seen as `Last-Event-ID` to be told everything since.
///
/// Kinds: `hello` (watching begins here), `reset` (too much was missed: load everything anew), `time` (nothing happened
/// for a while), and those of the organisation, such as `message.created`, of which you see those that your rights let
/// you read. The first three carry the server's time, `now`, in microseconds since 1970.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/live", tag = "Live changes",
    params(("org" = OrgId, Path), ("Last-Event-ID" = Option<String>, Header, description = "The last `id` seen.")),
    responses((status = OK, content_type = "text/event-stream", body = String)))]
async fn watch_organisation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Before looking, so that nothing falls between.
    let signal = ctx.store.events();
    let now = ctx.now();
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let newest = ctx.store.read().await?.org(actor.org).await?.newest_event(now).await?;
    let (greeting, place) = match last {
        None => ("hello", newest),
        Some(text) => match EventId::parse(text).filter(|id| id.at + RETENTION > now) {
            Some(id) => ("hello", id),
            None => ("reset", newest),
        },
    };
    let first = Frame::default().event(greeting).id(place.to_string()).data(time(now));
    let watching = ctx.admission.watch(actor.org).map_err(|refused| refused.told(&ctx))?;
    let watch = Watch {
        _watching: watching,
        ctx,
        actor,
        signal,
        place,
        ready: VecDeque::from([first]),
        look: SOON,
        quiet: Duration::ZERO,
        told: (now, Instant::now()),
    };
    let mut response = Sse::new(watch.frames()).into_response();
    // A proxy that collects before it passes on would hold events back.
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

struct Watch {
    _watching: Watching,
    ctx: Ctx,
    actor: OrgActor,
    signal: Receiver<OrgId>,
    place: EventId,
    ready: VecDeque<Frame>,
    /// How long to wait for a signal before looking again.
    look: Duration,
    /// For how long nothing was sent.
    quiet: Duration,
    /// The time that the reader was told last, and when.
    told: (Timestamp, Instant),
}

impl Watch {
    fn frames(self) -> impl Stream<Item = Result<Frame, Infallible>> {
        stream::unfold(self, |mut watch| async move {
            loop {
                if let Some(frame) = watch.ready.pop_front() {
                    return Some((Ok(frame), watch));
                }
                // An error ends the stream; the browser connects again and is told by a status what is the matter. So does
                // the end of this process: another one takes the browser.
                let closing = watch.ctx.closing.clone();
                closing.run_until_cancelled(watch.look()).await?.ok()?;
            }
        })
    }

    /// Reads what has happened, or waits until something may have.
    async fn look(&mut self) -> Result<(), Problem> {
        let mut tx = self.ctx.store.read().await?;
        let events = tx.org(self.actor.org).await?.events_after(self.place, BATCH).await?;
        drop(tx);
        if events.is_empty() {
            return self.wait().await;
        }
        self.actor = self.actor.renewed(&self.ctx).await?;
        self.quiet = Duration::ZERO;
        for event in events {
            self.place = event.id;
            let passed = event.passes_at.is_some_and(|passes_at| passes_at <= self.ctx.now());
            if !passed && self.actor.may(right_to_see(&event)) {
                self.ready.push_back(frame(&event.kind, event.id, &event.payload));
            }
        }
        Ok(())
    }

    async fn wait(&mut self) -> Result<(), Problem> {
        if self.quiet >= HEARTBEAT {
            self.actor = self.actor.renewed(&self.ctx).await?;
            self.tell_time();
            return Ok(());
        }
        if self.clock_leapt() {
            self.tell_time();
            return Ok(());
        }
        let ours = async {
            loop {
                match self.signal.recv().await {
                    Ok(org) if org == self.actor.org => return,
                    // Some were missed, perhaps ours.
                    Err(RecvError::Lagged(_)) => return,
                    Ok(_) => {}
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        match tokio::time::timeout(self.look, ours).await {
            Ok(()) => self.look = SOON,
            Err(_) => {
                self.quiet += self.look;
                self.look = (self.look * 2).min(LOOK);
            }
        }
        Ok(())
    }

    /// Whether the clock was set anew since the reader was told the time: the demo's can travel.
    fn clock_leapt(&self) -> bool {
        let (told, at) = self.told;
        let reckoned = told + at.elapsed();
        self.ctx.now() > reckoned + LEAP || self.ctx.now() + LEAP < reckoned
    }

    fn tell_time(&mut self) {
        let now = self.ctx.now();
        self.told = (now, Instant::now());
        self.quiet = Duration::ZERO;
        self.ready.push_back(Frame::default().event("time").data(time(now)));
    }
}

fn time(now: Timestamp) -> String {
    json!({ "now": now }).to_string()
}

fn frame(kind: &str, id: EventId, payload: &str) -> Frame {
    Frame::default().event(kind).id(id.to_string()).data(payload)
}

/// The right that reading the things of an event needs. An event of a kind that is not named here is about the inbox.
fn right_to_see(event: &Event) -> Right {
    match event.kind.split('.').next().unwrap_or_default() {
        "connection" | "account" | "number" | "template" => Right::ReadConnections,
        "source" | "knowledge" | "answer" => Right::ReadKnowledge,
        "member" => Right::ReadMembers,
        "record" | "notification" => Right::ReadRecords,
        _ => Right::ReadInbox,
    }
}
