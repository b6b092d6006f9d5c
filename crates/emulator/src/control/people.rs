//! People: made, changed, renamed; what they prefer.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Done, Outcome, find};
use crate::messaging::{identity, inbound, ladder};
use crate::platform::Platform;
use crate::world::{Person, Receipts, World, graph_id};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(show, change))
        .routes(routes!(change_number))
        .routes(routes!(prefer_marketing))
}

/// A person to be made. Whoever has the phone number already is changed instead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Phone number with the country calling code; blanks and `+` are taken out. Whoever has a username needs none
    /// here: a number of the country is made up.
    #[serde(default)]
    phone: Option<String>,
    /// Country, ISO 3166 alpha-2; the phone number's if absent.
    #[serde(default)]
    country: Option<String>,
    /// The emulator's own id, if it must be a certain one.
    #[serde(default)]
    id: Option<String>,
    /// BSUIDs by portfolio id, if they must be certain ones.
    #[serde(default)]
    bsuids: std::collections::BTreeMap<String, String>,
    #[serde(flatten)]
    change: PersonChange,
}

/// What may be changed of a person; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct PersonChange {
    /// Profile name.
    #[serde(default)]
    name: Option<String>,
    /// Adopts a username (without `@`); an empty one gives it up.
    #[serde(default)]
    username: Option<String>,
    /// Whether businesses see the phone number although there is a username.
    #[serde(default)]
    shares_phone: Option<bool>,
    /// Whether the phone is connected. Coming back delivers what waited.
    #[serde(default)]
    online: Option<bool>,
    /// Whether the number is on WhatsApp at all.
    #[serde(default)]
    on_whatsapp: Option<bool>,
    /// How the phone answers with receipts.
    #[serde(default)]
    receipts: Option<Receipts>,
    /// Numbers (ids or phones) that the person blocks; the whole list.
    #[serde(default)]
    blocked: Option<Vec<String>>,
}

fn apply(world: &mut World, mut person: Person, change: PersonChange) -> Result<Person, ControlError> {
    if let Some(name) = change.name.filter(|name| !name.trim().is_empty()) {
        person.name = name;
    }
    if let Some(username) = change.username {
        let username = username.trim_start_matches('@').to_owned();
        person.username = (!username.is_empty()).then_some(username);
    }
    person.shares_phone = change.shares_phone.unwrap_or(person.shares_phone);
    person.on_whatsapp = change.on_whatsapp.unwrap_or(person.on_whatsapp);
    person.receipts = change.receipts.unwrap_or(person.receipts);
    if let Some(blocked) = change.blocked {
        person.blocked = blocked.iter().map(|name| find::number(world, name)).collect::<Result<_, _>>()?;
    }
    let back = change.online == Some(true) && !person.online;
    person.online = change.online.unwrap_or(person.online);
    world.save_person(person.clone());
    if back {
        ladder::came_online(world, &person.id);
        inbound::came_online(world, &person.id);
    }
    Ok(person)
}

/// Everybody.
#[utoipa::path(get, path = "/people", tag = "people", responses((status = 200, body = Vec<Person>)))]
async fn list(State(platform): State<Platform>) -> Json<Vec<Person>> {
    Json(platform.read(|world| world.people.values().cloned().collect()))
}

/// Makes a person with a phone.
#[utoipa::path(post, path = "/people", tag = "people", request_body = NewPerson,
    responses((status = 200, body = Person), (status = 400, body = ControlError)))]
async fn make(State(platform): State<Platform>, Json(new): Json<NewPerson>) -> Outcome<Person> {
    let act = |world: &mut World| -> Result<Person, ControlError> {
        let phone = match (&new.phone, &new.change.username) {
            (Some(phone), _) => phone.chars().filter(char::is_ascii_digit).collect(),
            (None, Some(_)) => identity::fresh_phone(world, new.country.as_deref().unwrap_or("ID")),
            (None, None) => String::new(),
        };
        if phone.len() < 5 {
            return Err(ControlError::wrong(
                "Give `phone`, a phone number with its country calling code, or a `username`.",
            ));
        }
        let known = world.person_by_phone(&phone).cloned();
        let mut person = known.unwrap_or_else(|| Person {
            id: new.id.clone().unwrap_or_else(|| format!("person-{}", graph_id())),
            country: identity::country_of(&phone).to_owned(),
            name: format!("Guest {}", &phone[phone.len() - 4..]),
            phone: phone.clone(),
            ..Person::default()
        });
        if let Some(country) = new.country {
            person.country = country;
        }
        person.bsuids.extend(new.bsuids);
        apply(world, person, new.change)
    };
    Ok(Json(platform.write(act).await??))
}

/// One person, by id, phone number, username or BSUID.
#[utoipa::path(get, path = "/people/{person}", tag = "people", params(("person" = String, Path)),
    responses((status = 200, body = Person), (status = 404, body = ControlError)))]
async fn show(State(platform): State<Platform>, Path(name): Path<String>) -> Outcome<Person> {
    platform.read(|world| {
        let id = find::person(world, &name)?;
        world
            .people
            .get(&id)
            .cloned()
            .map(Json)
            .ok_or_else(|| ControlError::missing("There is no such person."))
    })
}

/// Changes a person: username, connection, receipts, blocks.
#[utoipa::path(patch, path = "/people/{person}", tag = "people", params(("person" = String, Path)),
    request_body = PersonChange, responses((status = 200, body = Person), (status = 404, body = ControlError)))]
async fn change(
    State(platform): State<Platform>,
    Path(name): Path<String>,
    Json(change): Json<PersonChange>,
) -> Outcome<Person> {
    let act = |world: &mut World| {
        let id = find::person(world, &name)?;
        let person = world.people.get(&id).cloned().unwrap_or_default();
        apply(world, person, change)
    };
    Ok(Json(platform.write(act).await??))
}

/// A new phone number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNumber {
    /// The new phone number with the country calling code.
    phone: String,
}

/// The person changes the phone number: new BSUIDs, and a `system` message to every number with a thread.
#[utoipa::path(post, path = "/people/{person}/number", tag = "people", params(("person" = String, Path)),
    request_body = NewNumber, responses((status = 200, body = Done), (status = 404, body = ControlError)))]
async fn change_number(
    State(platform): State<Platform>,
    Path(name): Path<String>,
    Json(new): Json<NewNumber>,
) -> Outcome<Done> {
    let act = |world: &mut World| {
        let id = find::person(world, &name)?;
        let phone: String = new.phone.chars().filter(char::is_ascii_digit).collect();
        inbound::change_number(world, &id, &phone).map_err(ControlError::wrong)
    };
    platform.write(act).await??;
    Ok(Json(Done::yes()))
}

/// What a person prefers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketingChoice {
    /// The number in whose chat the choice is made; the only registered one if absent.
    #[serde(default)]
    number: Option<String>,
    /// `stop` or `resume`.
    value: Choice,
}

/// Stop or resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// No more marketing messages.
    Stop,
    /// Marketing messages again.
    Resume,
}

/// The person stops or resumes marketing messages (`user_preferences`).
#[utoipa::path(post, path = "/people/{person}/marketing", tag = "people", params(("person" = String, Path)),
    request_body = MarketingChoice, responses((status = 200, body = Done), (status = 404, body = ControlError)))]
async fn prefer_marketing(
    State(platform): State<Platform>,
    Path(name): Path<String>,
    Json(choice): Json<MarketingChoice>,
) -> Outcome<Done> {
    let act = |world: &mut World| {
        let id = find::person(world, &name)?;
        let number = find::number_or_only(world, choice.number.as_deref())?;
        inbound::prefer_marketing(world, &number, &id, choice.value == Choice::Stop)
            .map_err(ControlError::wrong)
    };
    platform.write(act).await??;
    Ok(Json(Done::yes()))
}
