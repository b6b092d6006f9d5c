//! The recent deliveries of webhooks.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::platform::Platform;
use crate::recent::Delivery;

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(deliveries))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    /// So many; 100 if absent, at most 500 are kept.
    limit: Option<usize>,
}

/// The recent deliveries of webhooks, newest first, with what was answered.
#[utoipa::path(get, path = "/deliveries", tag = "webhooks", params(DeliveriesQuery),
    responses((status = 200, body = Vec<Delivery>)))]
async fn deliveries(
    State(platform): State<Platform>,
    Query(query): Query<DeliveriesQuery>,
) -> Json<Vec<Delivery>> {
    let made = platform.deliveries().last(query.limit.unwrap_or(100));
    Json(made.iter().map(|(sequence, made)| made.told(*sequence)).collect())
}
