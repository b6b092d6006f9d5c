//! What happens, as it happens: server-sent events.

use std::convert::Infallible;

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt as _};
use serde::Deserialize;
use tokio_stream::wrappers::BroadcastStream;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, find};
use crate::news::News;
use crate::platform::Platform;

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(events))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Watched {
    /// Of the messages, chats and people, only this person's: id, phone number, username or BSUID.
    person: Option<String>,
}

/// What happens, as it happens.
///
/// Events by name: `ready` once at first; `message` (a Message that came or changed), `chat` (a Thread: typing, seen,
/// window) and `person` (a Person); `world` (`{"table": …}`: settings, faults, numbers or templates changed); `call` and
/// `delivery` (`{"sequence": …}`: the log of calls or deliveries has a new entry); `reset` (look at everything anew:
/// the world was emptied, or more happened than was heard). Nothing is repeated after a lost connection.
#[utoipa::path(get, path = "/events", tag = "world", params(Watched),
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = 404, body = ControlError)))]
async fn events(
    State(platform): State<Platform>,
    Query(watched): Query<Watched>,
) -> Result<impl IntoResponse, ControlError> {
    let heard = platform.news();
    let person = watched.person.map(|name| platform.read(|world| find::person(world, &name))).transpose()?;
    let events = stream(heard, person).take_until(platform.stopping().cancelled_owned());
    Ok(([("x-accel-buffering", "no")], Sse::new(events).keep_alive(KeepAlive::default())))
}

fn stream(
    heard: tokio::sync::broadcast::Receiver<News>,
    person: Option<String>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let ready = futures::stream::once(async { Event::default().event("ready").data("{}") });
    let news = BroadcastStream::new(heard).filter_map(move |heard| {
        // Who was too slow looks at everything anew.
        let news = heard.unwrap_or_else(|_| News::reset());
        let wanted = news.person.is_none() || person.is_none() || news.person == person;
        std::future::ready(wanted.then(|| Event::default().event(news.event).data(&*news.data)))
    });
    ready.chain(news).map(Ok)
}
