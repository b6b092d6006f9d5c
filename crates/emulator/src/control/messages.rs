//! All messages: counted, listed, and moved along by hand.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Done, Outcome, find};
use crate::messaging::ladder;
use crate::platform::Platform;
use crate::world::{Direction, Failure, Message, Status, World};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(mark))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Selection {
    /// The number: id or phone number.
    number: Option<String>,
    /// The person: id, phone, username or BSUID.
    person: Option<String>,
    /// `outbound` (from the business) if absent.
    direction: Option<Direction>,
    /// `biz_opaque_callback_data`, whole.
    callback_data: Option<String>,
    /// `biz_opaque_callback_data` starts with this.
    callback_prefix: Option<String>,
    /// Only messages with a higher sequence.
    after: Option<u64>,
    /// Also count per `biz_opaque_callback_data`.
    #[serde(default)]
    counts: bool,
    /// So many messages in the answer, newest first; 50 if absent.
    limit: Option<usize>,
}

/// Counts over the messages selected, and the newest of them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Tally {
    /// Messages.
    pub total: usize,
    /// Different `biz_opaque_callback_data`.
    pub distinct_callback_data: usize,
    /// Messages without any.
    pub without_callback_data: usize,
    /// Those that occur more than once, with their counts: empty when everything was sent exactly once.
    pub repeated: BTreeMap<String, usize>,
    /// Messages by the status they have.
    pub by_status: BTreeMap<String, usize>,
    /// Messages per `biz_opaque_callback_data`, if asked for.
    pub counts: Option<BTreeMap<String, usize>>,
    /// The newest, newest first.
    pub messages: Vec<Message>,
}

/// Counts and lists messages, exactly: what was accepted once is here once.
#[utoipa::path(get, path = "/messages", tag = "messages", params(Selection),
    responses((status = 200, body = Tally), (status = 404, body = ControlError)))]
async fn list(State(platform): State<Platform>, Query(selection): Query<Selection>) -> Outcome<Tally> {
    platform.read(|world| {
        let number = selection.number.as_deref().map(|name| find::number(world, name)).transpose()?;
        let person = selection.person.as_deref().map(|name| find::person(world, name)).transpose()?;
        let direction = selection.direction.unwrap_or(Direction::Outbound);
        let data_fits = |message: &Message| {
            let data = message.callback_data.as_deref().unwrap_or_default();
            selection.callback_data.as_ref().is_none_or(|wanted| wanted == data)
                && selection.callback_prefix.as_ref().is_none_or(|prefix| data.starts_with(prefix.as_str()))
        };
        let mut chosen: Vec<&Message> = world
            .messages
            .values()
            .filter(|message| {
                message.direction == direction
                    && number.as_ref().is_none_or(|id| *id == message.number_id)
                    && person.as_ref().is_none_or(|id| *id == message.person_id)
                    && selection.after.is_none_or(|after| message.sequence > after)
                    && data_fits(message)
            })
            .collect();
        chosen.sort_unstable_by_key(|message| std::cmp::Reverse(message.sequence));
        let mut tally = Tally { total: chosen.len(), ..Tally::default() };
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for message in &chosen {
            *tally.by_status.entry(message.status.as_str().to_owned()).or_default() += 1;
            match &message.callback_data {
                Some(data) => *counts.entry(data.clone()).or_default() += 1,
                None => tally.without_callback_data += 1,
            }
        }
        tally.distinct_callback_data = counts.len();
        tally.repeated = counts
            .iter()
            .filter(|(_, count)| **count > 1)
            .map(|(data, count)| (data.clone(), *count))
            .collect();
        tally.counts = selection.counts.then_some(counts);
        tally.messages = chosen.into_iter().take(selection.limit.unwrap_or(50)).cloned().collect();
        Ok(Json(tally))
    })
}

/// A status to be reached.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The status.
    status: Status,
    /// Why, for `failed`; 131026 if absent.
    #[serde(default)]
    failure: Option<Failure>,
}

/// Moves a message of the business to a status, as the person's phone would. Refused when it would fall back.
#[utoipa::path(post, path = "/messages/{wamid}/status", tag = "messages", params(("wamid" = String, Path)),
    request_body = Mark, responses((status = 200, body = Done), (status = 400, body = ControlError)))]
async fn mark(
    State(platform): State<Platform>,
    Path(wamid): Path<String>,
    Json(mark): Json<Mark>,
) -> Outcome<Done> {
    let act = |world: &mut World| -> Result<(), ControlError> {
        let message = world.messages.get(&wamid).filter(|message| message.direction == Direction::Outbound);
        let message = message
            .ok_or_else(|| ControlError::missing(format!("There is no message {wamid} from a business.")))?;
        if !message.status.may_become(mark.status) {
            let (from, to) = (message.status.as_str(), mark.status.as_str());
            return Err(ControlError::wrong(format!("A message that is {from} cannot become {to}.")));
        }
        let failure = (mark.status == Status::Failed).then(|| {
            mark.failure.unwrap_or_else(|| Failure {
                code: 131026,
                title: "Message undeliverable".into(),
                details: "Message Undeliverable.".into(),
            })
        });
        ladder::step(world, &wamid, mark.status, failure);
        Ok(())
    };
    platform.write(act).await??;
    Ok(Json(Done::yes()))
}
