//! Templates, and what a reviewer, their readers and time do to them.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Outcome};
use crate::platform::Platform;
use crate::templates::{Act, act};
use crate::world::{Template, World};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(templates)).routes(routes!(review))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TemplatesQuery {
    /// Only those of this messaging account.
    account: Option<String>,
}

/// The message templates.
#[utoipa::path(get, path = "/templates", tag = "world", params(TemplatesQuery),
    responses((status = 200, body = Vec<Template>)))]
async fn templates(
    State(platform): State<Platform>,
    Query(query): Query<TemplatesQuery>,
) -> Json<Vec<Template>> {
    let wanted = |template: &&Template| query.account.as_ref().is_none_or(|id| *id == template.account_id);
    Json(platform.read(|world| world.templates.values().filter(wanted).cloned().collect()))
}

/// Does to a template what a reviewer, its readers or time do, with the webhook that tells of it.
#[utoipa::path(post, path = "/templates/{id}/review", tag = "world", params(("id" = String, Path)), request_body = Act,
    responses((status = 200, description = "The template afterwards.", body = Template), (status = 404, body = ControlError)))]
async fn review(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    Json(wanted): Json<Act>,
) -> Outcome<Template> {
    let done =
        |world: &mut World| act(world, &id, &wanted).then(|| world.templates.get(&id).cloned()).flatten();
    let template = platform.write(done).await?;
    template.map(Json).ok_or_else(|| ControlError::missing(format!("There is no template {id:?}.")))
}
