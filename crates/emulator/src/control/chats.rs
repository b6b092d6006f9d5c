//! A person's phone as a whole: whose it is, its list of chats, the businesses it can write to, and what was seen.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Outcome, find};
use crate::messaging::{identity, ladder};
use crate::platform::Platform;
use crate::world::{Direction, Message, Millis, Number, Person, Receipts, Status, World, thread_key};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new()
        .routes(routes!(phones))
        .routes(routes!(chats))
        .routes(routes!(see))
        .routes(routes!(businesses))
}

/// How far back a phone looks: beyond that it counts and receipts no more.
const HORIZON: usize = 1_000;

/// Whether a message is on the person's phone to be looked at: written there, or delivered to it.
fn on_phone(message: &Message) -> bool {
    let arrived = message.status >= Status::Delivered && message.status != Status::Failed;
    message.direction == Direction::Inbound || arrived
}

/// The messages of a chat that are on the phone, newest first.
fn newest<'w>(world: &'w World, number: &str, person: &str) -> impl Iterator<Item = &'w Message> {
    let ids = world.order.thread(number, person).rev().take(HORIZON);
    ids.filter_map(|id| world.messages.get(id)).filter(|message| on_phone(message))
}

/// Messages that are delivered, but neither read nor seen.
fn unread(world: &World, number: &str, person: &str) -> usize {
    let seen = world.threads.get(&thread_key(number, person)).map_or(0, |thread| thread.seen);
    newest(world, number, person)
        .take_while(|message| message.sequence > seen)
        .filter(|message| message.status == Status::Delivered && message.kind != "reaction")
        .count()
}

/// A person's phone among the others.
#[derive(Debug, Serialize, ToSchema)]
pub struct Phone {
    /// Whose it is.
    pub person: Person,
    /// Messages not seen yet, in all chats.
    pub unread: usize,
    /// When something last came or went.
    pub last_at: Option<Millis>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PhonesQuery {
    /// Only people whose name, phone number or username holds this.
    q: Option<String>,
    /// So many; 50 if absent.
    limit: Option<usize>,
}

/// The phones, those with the latest messages first.
#[utoipa::path(get, path = "/phones", tag = "customers", params(PhonesQuery),
    responses((status = 200, body = Vec<Phone>)))]
async fn phones(State(platform): State<Platform>, Query(query): Query<PhonesQuery>) -> Json<Vec<Phone>> {
    let part = query.q.unwrap_or_default().to_lowercase();
    let fits = |person: &&Person| {
        let username = person.username.as_deref().unwrap_or_default();
        [person.name.as_str(), person.phone.as_str(), username]
            .iter()
            .any(|text| text.to_lowercase().contains(&part))
    };
    Json(platform.read(|world| {
        let latest = |person: &Person| {
            let numbers = world.order.numbers_of(&person.id);
            let newest = numbers.filter_map(|number| newest(world, number, &person.id).next());
            newest.map(|message| (message.sequence, message.at)).max()
        };
        let mut people: Vec<_> =
            world.people.values().filter(fits).map(|person| (latest(person), person)).collect();
        people.sort_by_key(|(latest, _)| std::cmp::Reverse(latest.map(|(sequence, _)| sequence)));
        people.truncate(query.limit.unwrap_or(50));
        let phone = |(latest, person): (Option<(u64, Millis)>, &Person)| Phone {
            person: person.clone(),
            unread: world.order.numbers_of(&person.id).map(|number| unread(world, number, &person.id)).sum(),
            last_at: latest.map(|(_, at)| at),
        };
        people.into_iter().map(phone).collect()
    }))
}

/// A line in the list of chats.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatLine {
    /// Phone number id of the business.
    pub number: String,
    /// The newest message on the phone.
    pub last: Option<Message>,
    /// Messages not seen yet.
    pub unread: usize,
    /// Until when the business is shown as typing.
    pub typing_until: Option<Millis>,
    /// When the window opened or was last extended.
    pub window_from: Option<Millis>,
    /// Messages of the business that wait until the phone is connected.
    pub waiting: usize,
}

/// A person's chats, the latest first.
#[utoipa::path(get, path = "/phones/{person}/chats", tag = "customers", params(("person" = String, Path)),
    responses((status = 200, body = Vec<ChatLine>), (status = 404, body = ControlError)))]
async fn chats(State(platform): State<Platform>, Path(name): Path<String>) -> Outcome<Vec<ChatLine>> {
    platform.read(|world| {
        let person = find::person(world, &name)?;
        let mut lines: Vec<ChatLine> = world
            .order
            .numbers_of(&person)
            .map(|number| {
                let thread = world.threads.get(&thread_key(number, &person)).cloned().unwrap_or_default();
                let ids = world.order.thread(number, &person).rev().take(HORIZON);
                let sent = ids.filter_map(|id| world.messages.get(id)).filter(|message| {
                    message.direction == Direction::Outbound && message.status == Status::Sent
                });
                ChatLine {
                    number: number.clone(),
                    last: newest(world, number, &person).find(|it| it.kind != "reaction").cloned(),
                    unread: unread(world, number, &person),
                    typing_until: thread.typing_until,
                    window_from: thread.window_from,
                    waiting: sent.count(),
                }
            })
            .collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.last.as_ref().map(|message| message.sequence)));
        Ok(Json(lines))
    })
}

/// Which chat is looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The number: id or phone number; the only registered one if absent.
    #[serde(default)]
    number: Option<String>,
}

/// What a look at a chat did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seen {
    /// The sequence of the last message seen.
    pub seen: u64,
    /// Messages that became `read`.
    pub read: usize,
}

/// The person looks at a chat: what was delivered is seen, and read where the phone sends read receipts.
#[utoipa::path(post, path = "/phones/{person}/read", tag = "customers", params(("person" = String, Path)),
    request_body = Look, responses((status = 200, body = Seen), (status = 404, body = ControlError)))]
async fn see(
    State(platform): State<Platform>,
    Path(name): Path<String>,
    Json(look): Json<Look>,
) -> Outcome<Seen> {
    let act = |world: &mut World| -> Result<Seen, ControlError> {
        let person = find::person(world, &name)?;
        let number = find::number_or_only(world, look.number.as_deref())?;
        let receipts = world.people.get(&person).map_or(Receipts::Automatic, |person| person.receipts);
        let newest = newest(world, &number, &person).filter(|it| it.direction == Direction::Outbound);
        let last = newest.map(|message| message.sequence).max().unwrap_or(0);
        let receipted = matches!(receipts, Receipts::Automatic | Receipts::Delivered);
        let fresh: Vec<String> = self::newest(world, &number, &person)
            .filter(|it| receipted && it.status == Status::Delivered && it.kind != "reaction")
            .map(|message| message.id.clone())
            .collect();
        // The oldest first, as on a phone.
        fresh.iter().rev().for_each(|wamid| ladder::step(world, wamid, Status::Read, None));
        let key = thread_key(&number, &person);
        let seen = world.threads.get(&key).map_or(0, |thread| thread.seen).max(last);
        if world.threads.get(&key).is_some_and(|thread| thread.seen < seen)
            && let Some(thread) = world.threads.edit(&key)
        {
            thread.seen = seen;
        }
        Ok(Seen { seen, read: fresh.len() })
    };
    Ok(Json(platform.write(act).await??))
}

/// A business as people see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Business {
    /// Phone number id.
    pub id: String,
    /// Its messaging account.
    pub account_id: String,
    /// The portfolio that owns it.
    pub portfolio_id: String,
    /// Digits only.
    pub phone: String,
    /// As people write it.
    pub display: String,
    /// Display name.
    pub name: String,
    /// Whether the display name is approved.
    pub name_approved: bool,
    /// Whether it can be written to.
    pub registered: bool,
    /// Whether somebody pays for its templates.
    pub pays: bool,
    /// Where the profile picture is, if there is one.
    pub picture: Option<String>,
    /// The business profile: about, address, description, email, vertical, websites.
    #[schema(value_type = Object)]
    pub profile: Map<String, Value>,
}

/// The businesses that people can write to, those that are registered first.
#[utoipa::path(get, path = "/businesses", tag = "customers", responses((status = 200, body = Vec<Business>)))]
async fn businesses(State(platform): State<Platform>) -> Json<Vec<Business>> {
    Json(platform.read(|world| {
        let business = |number: &Number| {
            let file = world.number_files.get(&number.id);
            let picture = file.and_then(|file| file.picture.as_ref());
            Business {
                id: number.id.clone(),
                account_id: number.account_id.clone(),
                portfolio_id: identity::portfolio_of(world, &number.id).unwrap_or_default(),
                phone: number.phone.clone(),
                display: number.display.clone(),
                name: number.verified_name.clone(),
                name_approved: number.name_status == "APPROVED",
                registered: number.registered(),
                pays: world
                    .accounts
                    .get(&number.account_id)
                    .is_some_and(|account| account.funding_id.is_some()),
                picture: picture.map(|_| format!("/profile-pictures/{}", number.id)),
                profile: file.map(|file| file.profile.clone()).unwrap_or_default(),
            }
        };
        let mut all: Vec<Business> = world.numbers.values().map(business).collect();
        all.sort_by_key(|business| !business.registered);
        all
    }))
}
