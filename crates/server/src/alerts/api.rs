//! Alerts over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{OrgId, PushSubscriptionId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::push::Browser;
use super::service;
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, Path, Problem};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(get_push_key))
        .routes(routes!(list_push_subscriptions, create_push_subscription))
        .routes(routes!(remove_push_subscription))
        .routes(routes!(try_push_subscription))
}

/// What a browser subscribes with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PushKey {
    /// The installation's public key, base64url: the browser's `applicationServerKey`.
    public_key: String,
}

/// A browser in which a member is told of what waits for them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PushSubscription {
    /// Its id.
    id: PushSubscriptionId,
    /// SHA-256 of its address at the push service, in hexadecimal digits, so that a browser knows itself. The address
    /// and the keys are told to nobody.
    endpoint_sha256: String,
    /// What the browser calls itself.
    user_agent: String,
    /// When alerts were turned on there.
    created_at: Timestamp,
}

impl From<store::push::PushSubscription> for PushSubscription {
    fn from(stored: store::push::PushSubscription) -> Self {
        Self {
            id: stored.id,
            endpoint_sha256: hex::encode(stored.endpoint_hash),
            user_agent: stored.user_agent,
            created_at: stored.created_at,
        }
    }
}

/// What a browser tells of its subscription. Not `Debug`: whoever has this can write to the browser.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct NewPushSubscription {
    /// Its address at its push service.
    #[schema(value_type = String, example = "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV")]
    endpoint: Url,
    /// Its public key, base64url.
    #[schema(
        example = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    )]
    #[garde(length(bytes, max = 100))]
    p256dh: String,
    /// Its shared secret, base64url.
    #[schema(example = "BTBZMqHH6r4Tts7J_aSIgg")]
    #[garde(length(bytes, max = 100))]
    auth: String,
}

/// What browsers subscribe with.
///
/// Every organisation of an installation has the same.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/push-key", tag = "Alerts", params(("org" = OrgId, Path)),
    responses((status = OK, body = PushKey)))]
pub(super) async fn get_push_key(State(ctx): State<Ctx>, _: OrgActor) -> Result<Json<PushKey>, Problem> {
    Ok(Json(PushKey { public_key: ctx.installation_key.public().to_owned() }))
}

/// List the browsers in which one gets alerts, the oldest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/push-subscriptions", tag = "Alerts", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<PushSubscription>)))]
pub(super) async fn list_push_subscriptions(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<PushSubscription>>, Problem> {
    let items = service::list(&ctx, &actor).await?.into_iter().map(PushSubscription::from).collect();
    Ok(Json(List { items, next: None }))
}

/// Get alerts in a browser.
///
/// Repeating it changes nothing. A browser that was another member's becomes one's own. At most 20 browsers.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/push-subscriptions", tag = "Alerts", params(("org" = OrgId, Path)),
    request_body = NewPushSubscription, responses((status = CREATED, body = PushSubscription)))]
pub(super) async fn create_push_subscription(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewPushSubscription>,
) -> Result<(StatusCode, Json<PushSubscription>), Problem> {
    let NewPushSubscription { endpoint, p256dh, auth } = body;
    let browser = Browser { endpoint, p256dh, auth };
    Ok((StatusCode::CREATED, Json(service::keep(&ctx, &actor, browser).await?.into())))
}

/// Get no more alerts in a browser.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/push-subscriptions/{subscription}", tag = "Alerts",
    params(("org" = OrgId, Path), ("subscription" = PushSubscriptionId, Path)),
    responses((status = NO_CONTENT)))]
pub(super) async fn remove_push_subscription(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, PushSubscriptionId)>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a test alert to a browser.
///
/// Answers once the browser's push service has taken it, or tells why it has not.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/push-subscriptions/{subscription}/try", tag = "Alerts",
    params(("org" = OrgId, Path), ("subscription" = PushSubscriptionId, Path)),
    responses((status = NO_CONTENT)))]
pub(super) async fn try_push_subscription(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, PushSubscriptionId)>,
) -> Result<StatusCode, Problem> {
    service::attempt(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}
