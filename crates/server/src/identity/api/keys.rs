//! Keys of an organisation.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{KeyId, OrgId};
use rules::role::Right;
use rules::time::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::views::{Key, NewKey, plain_name};
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, Path, Problem};
use crate::identity::service::keys as service;

/// Keys, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/keys", tag = "Members",
    params(("org" = OrgId, Path)), responses((status = OK, body = List<Key>)))]
pub(super) async fn list_keys(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<List<Key>>, Problem> {
    Ok(Json(List::whole(service::list(&ctx, &actor).await?)))
}

/// A key to make.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct KeyRequest {
    /// What people call it.
    #[garde(length(chars, max = 100), custom(plain_name))]
    name: String,
    /// What it may do; nothing that you may not.
    #[garde(length(min = 1, max = 50))]
    rights: Vec<Right>,
    /// It works until then; for ever if absent.
    expires_at: Option<Timestamp>,
}

/// Make a key. It is told in this answer and never again.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/keys", tag = "Members", params(("org" = OrgId, Path)),
    request_body = KeyRequest, responses((status = CREATED, body = NewKey)))]
pub(super) async fn create_key(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<KeyRequest>,
) -> Result<(StatusCode, Json<NewKey>), Problem> {
    let (key, token) = service::create(&ctx, &actor, &body.name, body.rights, body.expires_at).await?;
    Ok((StatusCode::CREATED, Json(NewKey { secret: token.reveal().to_owned(), key: key.into() })))
}

/// Revoke a key. Whoever uses it gets 401 from then on.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/keys/{key}", tag = "Members",
    params(("org" = OrgId, Path), ("key" = KeyId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn revoke_key(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, key)): Path<(OrgId, KeyId)>,
) -> Result<StatusCode, Problem> {
    service::revoke(&ctx, &actor, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
