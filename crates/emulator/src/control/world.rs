//! The world as a whole: looked at, seeded, reset; and the recent calls.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Done, Outcome};
use crate::graph::media;
use crate::platform::Platform;
use crate::recent::Call;
use crate::world::{
    Account, App, Media, Number, Origin, Person, Portfolio, Settings, SystemUser, Template, Token, World,
    graph_id, seed,
};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(plant))
        .routes(routes!(reset))
        .routes(routes!(calls, forget_calls))
}

/// What is in the world, but for messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct Overview {
    /// Apps with their secrets.
    pub apps: Vec<App>,
    /// Business portfolios.
    pub portfolios: Vec<Portfolio>,
    /// System users.
    pub system_users: Vec<SystemUser>,
    /// Messaging accounts.
    pub accounts: Vec<Account>,
    /// Numbers.
    pub numbers: Vec<Number>,
    /// Tokens with their values: they open nothing but this emulator.
    pub tokens: Vec<Token>,
    /// People; the first thousand.
    pub people: Vec<Person>,
    /// Templates.
    pub templates: Vec<Template>,
    /// Messages kept.
    pub messages: usize,
}

/// What is in the world.
#[utoipa::path(get, path = "/world", tag = "world", responses((status = 200, body = Overview)))]
async fn show(State(platform): State<Platform>) -> Json<Overview> {
    Json(platform.read(|world| Overview {
        apps: world.apps.values().cloned().collect(),
        portfolios: world.portfolios.values().cloned().collect(),
        system_users: world.system_users.values().cloned().collect(),
        accounts: world.accounts.values().cloned().collect(),
        numbers: world.numbers.values().cloned().collect(),
        tokens: world.tokens.values().cloned().collect(),
        people: world.people.values().take(1_000).cloned().collect(),
        templates: world.templates.values().cloned().collect(),
        messages: world.messages.len(),
    }))
}

/// Rows to put into the world; ids are the caller's. Rows with a known id are replaced.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// Empty the world first; nothing of the standard world stays.
    empty: bool,
    /// Put the clock to this time first (Unix milliseconds).
    clock: Option<i64>,
    /// Switches, all of them.
    settings: Option<Settings>,
    /// Apps.
    apps: Vec<App>,
    /// Portfolios.
    portfolios: Vec<Portfolio>,
    /// System users.
    system_users: Vec<SystemUser>,
    /// Messaging accounts.
    accounts: Vec<Account>,
    /// Numbers.
    numbers: Vec<Number>,
    /// Tokens.
    tokens: Vec<Token>,
    /// People.
    people: Vec<Person>,
    /// Templates.
    templates: Vec<Template>,
    /// Media with their bytes.
    media: Vec<SeedMedia>,
    /// Rows of other tables: table name, then row id.
    #[schema(value_type = Object)]
    tables: BTreeMap<String, BTreeMap<String, Value>>,
}

/// Media with its bytes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedMedia {
    /// Media id.
    id: String,
    /// The number it was uploaded to.
    number_id: String,
    /// MIME type.
    mime_type: String,
    /// The bytes in base64.
    base64: String,
}

/// Seeds the world.
#[utoipa::path(post, path = "/seed", tag = "world", request_body = Seed,
    responses((status = 200, body = Done), (status = 400, body = ControlError)))]
async fn plant(State(platform): State<Platform>, Json(seed): Json<Seed>) -> Outcome<Done> {
    let mut stored = Vec::new();
    for media in &seed.media {
        let bytes = STANDARD.decode(media.base64.trim());
        let bytes = bytes
            .map_err(|_| ControlError::wrong(format!("The bytes of media {} are not base64.", media.id)))?;
        let size = bytes.len() as u64;
        stored.push(Media {
            id: media.id.clone(),
            number_id: media.number_id.clone(),
            mime_type: media.mime_type.clone(),
            sha256: media::store(&platform, bytes.into()).await?,
            size,
            file_name: None,
            origin: Origin::Upload,
            expires_at: 0,
        });
    }
    let act = |world: &mut World| -> Result<(), ControlError> {
        if seed.empty {
            world.clear();
        }
        if let Some(settings) = seed.settings {
            world.settings.put(Settings::ROW, settings);
        }
        if let Some(clock) = seed.clock {
            let shift = clock - world.now();
            world.rules_mut().clock_offset_ms += shift;
        }
        let now = world.now();
        seed.apps.into_iter().for_each(|row| world.apps.put(row.id.clone(), row));
        seed.portfolios.into_iter().for_each(|row| world.portfolios.put(row.id.clone(), row));
        seed.system_users.into_iter().for_each(|row| world.system_users.put(row.id.clone(), row));
        seed.accounts.into_iter().for_each(|row| world.accounts.put(row.id.clone(), row));
        seed.numbers.into_iter().for_each(|row| world.numbers.put(row.id.clone(), row));
        seed.tokens.into_iter().for_each(|row| world.tokens.put(row.value.clone(), row));
        seed.people.into_iter().for_each(|row| world.save_person(row));
        for mut row in seed.templates {
            if row.id.is_empty() {
                row.id = graph_id();
            }
            world.save_template(row);
        }
        for row in stored {
            world.media.put(row.id.clone(), Media { expires_at: now + 30 * 86_400_000, ..row });
        }
        for (table, rows) in seed.tables {
            for (id, row) in rows {
                world.plant(&table, &id, row).map_err(|error| {
                    ControlError::wrong(format!("Row {id:?} of table {table:?} is not understood: {error:#}"))
                })?;
            }
        }
        world.reindex();
        Ok(())
    };
    platform.write(act).await??;
    Ok(Json(Done::yes()))
}

/// Back to the standard world: everything else is forgotten.
#[utoipa::path(post, path = "/reset", tag = "world", responses((status = 200, body = Done)))]
async fn reset(State(platform): State<Platform>) -> Outcome<Done> {
    platform
        .write(|world| {
            world.clear();
            seed::plant(world, platform.app_seed());
        })
        .await?;
    platform.buckets().refill();
    platform.dice().reset();
    platform.calls().clear();
    platform.deliveries().clear();
    Ok(Json(Done::yes()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CallsQuery {
    /// So many; 100 if absent, at most 1,000 are kept.
    limit: Option<usize>,
    /// Only paths that hold this.
    path: Option<String>,
}

/// The recent calls of the Graph API, newest first; tokens and secrets are taken out.
#[utoipa::path(get, path = "/calls", tag = "world", params(CallsQuery), responses((status = 200, body = Vec<Call>)))]
async fn calls(State(platform): State<Platform>, Query(query): Query<CallsQuery>) -> Json<Vec<Call>> {
    let wanted = |call: &Call| query.path.as_ref().is_none_or(|part| call.path.contains(part.as_str()));
    Json(
        platform
            .calls()
            .last(usize::MAX)
            .iter()
            .map(|(sequence, heard)| heard.told(*sequence))
            .filter(wanted)
            .take(query.limit.unwrap_or(100))
            .collect(),
    )
}

/// Forgets the recent calls.
#[utoipa::path(delete, path = "/calls", tag = "world", responses((status = 200, body = Done)))]
async fn forget_calls(State(platform): State<Platform>) -> Json<Done> {
    platform.calls().clear();
    Json(Done::yes())
}
