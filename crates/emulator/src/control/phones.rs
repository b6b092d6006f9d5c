//! A person's phone: the chat with a number, its ticks, and waiting for what is to come.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Outcome, find};
use crate::platform::Platform;
use crate::world::{Direction, Message, Millis, Status, World, thread_key};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(wait))
}

/// The longest a call waits.
const LONGEST_WAIT: u64 = 120_000;

/// A chat as the person sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Chat {
    /// Phone number id of the business.
    pub number: String,
    /// The emulator's id of the person.
    pub person: String,
    /// Whether the customer service window is open.
    pub window_open: bool,
    /// When it opened or was last extended.
    pub window_from: Option<Millis>,
    /// Whether the business is shown as typing.
    pub typing: bool,
    /// The sequence of the last message that the person has seen in the open chat.
    pub seen: u64,
    /// Messages, oldest first.
    pub messages: Vec<Message>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChatQuery {
    /// The number: id or phone number; the only registered one if absent.
    number: Option<String>,
    /// Only messages with a higher sequence.
    after: Option<u64>,
    /// Only messages with a lower sequence: the page before.
    before: Option<u64>,
    /// The newest so many; 100 if absent.
    limit: Option<usize>,
}

/// Reads the chat between a person and a number.
#[utoipa::path(get, path = "/phones/{person}", tag = "customers", params(("person" = String, Path), ChatQuery),
    responses((status = 200, body = Chat), (status = 404, body = ControlError)))]
async fn read(
    State(platform): State<Platform>,
    Path(name): Path<String>,
    Query(query): Query<ChatQuery>,
) -> Outcome<Chat> {
    platform.read(|world| {
        let person = find::person(world, &name)?;
        let number = find::number_or_only(world, query.number.as_deref())?;
        let now = world.now();
        let thread = world.threads.get(&thread_key(&number, &person)).cloned().unwrap_or_default();
        let mut messages: Vec<Message> = world
            .order
            .thread(&number, &person)
            .rev()
            .filter_map(|id| world.messages.get(id))
            .skip_while(|message| query.before.is_some_and(|before| message.sequence >= before))
            .take_while(|message| query.after.is_none_or(|after| message.sequence > after))
            .take(query.limit.unwrap_or(100))
            .cloned()
            .collect();
        messages.reverse();
        Ok(Json(Chat {
            number,
            person,
            window_open: thread.window_open(now),
            window_from: thread.window_from,
            typing: thread.typing_until.is_some_and(|until| until > now),
            seen: thread.seen,
            messages,
        }))
    })
}

/// What to wait for; everything given must match.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The number: id or phone number; any if absent.
    number: Option<String>,
    /// Only messages with a higher sequence.
    after: Option<u64>,
    /// Meta's `type`.
    r#type: Option<String>,
    /// The text holds this, whatever the case.
    text: Option<String>,
    /// wamid.
    id: Option<String>,
    /// Reached at least this status.
    status: Option<Status>,
    /// `outbound` (from the business) if absent.
    direction: Option<Direction>,
    /// How long to wait, in milliseconds; 10,000 if absent, at most 120,000.
    timeout_ms: Option<u64>,
}

impl Wanted {
    fn fits(&self, message: &Message) -> bool {
        let reached = |wanted: Status| {
            let failed = message.status == Status::Failed;
            if wanted == Status::Failed { failed } else { !failed && message.status >= wanted }
        };
        message.direction == self.direction.unwrap_or(Direction::Outbound)
            && self.after.is_none_or(|after| message.sequence > after)
            && self.r#type.as_ref().is_none_or(|kind| *kind == message.kind)
            && self.id.as_ref().is_none_or(|id| *id == message.id)
            && self
                .text
                .as_ref()
                .is_none_or(|text| message.text.to_lowercase().contains(&text.to_lowercase()))
            && self.status.is_none_or(reached)
    }

    /// The oldest message on the person's phone that fits.
    fn find(&self, world: &World, person: &str) -> Result<Option<Message>, ControlError> {
        let numbers = match &self.number {
            Some(name) => vec![find::number(world, name)?],
            None => world.order.numbers_of(person).cloned().collect(),
        };
        let ids = numbers.iter().flat_map(|number| world.order.thread(number, person));
        let fitting = ids.filter_map(|id| world.messages.get(id)).filter(|message| self.fits(message));
        Ok(fitting.min_by_key(|message| message.sequence).cloned())
    }
}

/// Waits until a fitting message is on the person's phone; 408 if none came in time.
#[utoipa::path(get, path = "/phones/{person}/wait", tag = "customers", params(("person" = String, Path), Wanted),
    responses((status = 200, body = Message), (status = 404, body = ControlError), (status = 408, body = ControlError)))]
async fn wait(
    State(platform): State<Platform>,
    Path(name): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Outcome<Message> {
    let limit = wanted.timeout_ms.unwrap_or(10_000).min(LONGEST_WAIT);
    let mut changes = platform.changes();
    let look = async {
        loop {
            changes.borrow_and_update();
            // Somebody may be written to before anything else is known of them.
            if let Ok(person) = platform.read(|world| find::person(world, &name))
                && let Some(message) = platform.read(|world| wanted.find(world, &person))?
            {
                return Ok(Json(message));
            }
            if changes.changed().await.is_err() {
                return Err(ControlError::wrong("The emulator is stopping."));
            }
            // Under load there are thousands of changes a second; one look serves many.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    match tokio::time::timeout(Duration::from_millis(limit), look).await {
        Ok(outcome) => outcome,
        Err(_) => {
            Err(ControlError::too_late(format!("No fitting message came to {name} within {limit} ms.")))
        }
    }
}
