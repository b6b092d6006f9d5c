//! `Idempotency-Key`: a request that creates or sends may be repeated without doing it twice.
//!
//! Take the body as [`Once`] and hand the effect to [`once`]: it runs in a transaction of its own, with the answer stored
//! beside it. An answer that tells a secret is stored sealed and is only its first caller's to read again: [`once_sealed`].
//!
//! A key is remembered for [`KEPT`]. A request that failed is not remembered: its transaction never committed.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use garde::Validate;
use rules::id::OrgId;
use rules::time::{Timestamp, span};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::idempotency::{Begun, RequestKey, StoredAnswer};
use store::sealed::Place;
use store::{OrgScope, Tx};
use utoipa::IntoParams;

use super::actor::{OperatorActor, OrgActor};
use super::json;
use super::problem::Problem;
use crate::ctx::Ctx;

/// A key is remembered for so long.
pub const KEPT: Duration = span::hours(24);

/// The header, for the API document: `params(IdempotencyKey)`.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKey {
    /// A name of your own for this request, at most 200 characters. Sent again within 24 hours with the same body, the
    /// request is not made again and gets the first answer.
    #[param(rename = "Idempotency-Key", value_type = Option<String>, max_length = 200)]
    #[allow(dead_code, reason = "the document reads it, the program reads the header")]
    key: (),
}

/// A validated JSON body, with the caller's name for the request if they gave one.
#[derive(Clone, Debug)]
pub struct Once<T> {
    /// The body.
    pub body: T,
    /// The name of the request.
    pub key: Option<RequestKey>,
}

impl<T, S> FromRequest<S> for Once<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let headers = request.headers().clone();
        let bytes = json::read(request, state).await?;
        json::is_json(&headers)?;
        Ok(Self { key: request_key(&headers, &method, &path, &bytes)?, body: json::parse(&bytes)? })
    }
}

/// The caller's name for a request with this body, if they gave one. For requests whose body is no JSON.
pub fn request_key(
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Result<Option<RequestKey>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key =
        value.to_str().ok().map(str::trim).filter(|key| !key.is_empty() && key.len() <= 200).ok_or_else(
            || {
                Problem::bad_request(
                    "bad_idempotency_key",
                    "`Idempotency-Key` must be 1 to 200 visible ASCII characters; a UUID is a good one.",
                )
            },
        )?;
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in [method.as_str().as_bytes(), b"\0", path.as_bytes(), b"\0", body] {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    Ok(Some(RequestKey { key: key.to_owned(), hash }))
}

/// Makes a request in a transaction of its own and stores the answer under the request's name: whoever repeats it gets that
/// answer, and nothing is made twice. What has to happen after the commit is the caller's.
pub async fn once<A: Serialize>(
    ctx: &Ctx,
    org: OrgId,
    key: Option<&RequestKey>,
    status: StatusCode,
    effect: impl AsyncFnOnce(&mut OrgScope<'_>) -> Result<A, Problem>,
) -> Result<Response, Problem> {
    once_or_refused(ctx, org, key, status, async |scope| effect(scope).await.map(Ok)).await
}

/// The same where a refusal leaves a record, `Ok(Err(_))`: what was written of it stays, and the request may be made again.
pub async fn once_or_refused<A: Serialize>(
    ctx: &Ctx,
    org: OrgId,
    key: Option<&RequestKey>,
    status: StatusCode,
    effect: impl AsyncFnOnce(&mut OrgScope<'_>) -> Result<Result<A, Problem>, Problem>,
) -> Result<Response, Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    if let Some(answer) = take(&mut scope, key, ctx.now()).await? {
        return Ok(replay(&answer));
    }
    let answer = match effect(&mut scope).await? {
        Ok(answer) => answer,
        Err(refusal) => {
            if let Some(key) = key {
                scope.abandon_request(&key.key).await?;
            }
            tx.commit().await?;
            return Err(refusal);
        }
    };
    let response = serde_json::to_string(&answer).map_err(|error| Problem::internal(&error))?;
    let answer = StoredAnswer { status: i64::from(status.as_u16()), response };
    if let Some(key) = key {
        scope.complete_request(&key.key, &answer).await?;
    }
    tx.commit().await?;
    Ok(respond(&answer))
}

/// The answer of the first time, if there was one; takes the name of the request, first thing in its transaction.
async fn take(
    scope: &mut OrgScope<'_>,
    key: Option<&RequestKey>,
    now: Timestamp,
) -> Result<Option<StoredAnswer>, Problem> {
    let Some(key) = key else { return Ok(None) };
    match scope.begin_request(key, now).await? {
        Begun::Fresh => Ok(None),
        Begun::Answered(answer) => Ok(Some(answer)),
        Begun::InFlight => Err(Problem::conflict(
            "idempotency_key_in_flight",
            "The first request of this `Idempotency-Key` is still being worked on. Ask again in a moment.",
        )
        .retry_after(Duration::from_secs(1))),
        Begun::Reused => Err(Problem::unprocessable(
            "idempotency_key_reused",
            "This `Idempotency-Key` was used for another request. Use a new key for a new request, and the same body \
             for a repetition.",
        )),
    }
}

/// Where a stored answer that tells a secret is sealed.
const RESPONSE: Place = Place("idempotency.response");

/// Who made a request whose answer tells a secret.
#[derive(Clone, Debug)]
pub struct Asker {
    /// In which organisation, or as operator.
    pub org: OrgId,
    /// Their name in the audit log.
    pub name: String,
}

impl From<&OrgActor> for Asker {
    fn from(actor: &OrgActor) -> Self {
        Self { org: actor.org, name: actor.name() }
    }
}

impl Asker {
    /// The operator, about an organisation or, with [`OPERATOR`](store::sealed::OPERATOR), the installation.
    pub fn operator(actor: &OperatorActor, org: OrgId) -> Self {
        Self { org, name: actor.name.clone() }
    }

    /// The request as this asker's own. Names of requests are shared by all of an organisation, secrets are not: under the
    /// same name another asker made another request.
    pub fn own(&self, key: &RequestKey) -> RequestKey {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        context.update(&key.hash);
        context.update(self.name.as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        RequestKey { key: key.key.clone(), hash }
    }
}

/// Makes a request whose answer tells a secret, in a transaction of its own, and stores the answer sealed: whoever repeats
/// the request is told it again, and nothing is made twice. What has to happen after the commit is the caller's.
pub async fn once_sealed<A: Serialize>(
    ctx: &Ctx,
    asker: impl Into<Asker>,
    key: Option<RequestKey>,
    status: StatusCode,
    effect: impl AsyncFnOnce(&mut Tx) -> Result<A, Problem>,
) -> Result<Response, Problem> {
    let asker = asker.into();
    let key = key.map(|key| asker.own(&key));
    let mut tx = ctx.store.begin().await?;
    if let Some(answer) = take_sealed(ctx, &mut tx.org(asker.org).await?, key.as_ref()).await? {
        return Ok(replay(&answer));
    }
    let answer = effect(&mut tx).await?;
    let response = serde_json::to_string(&answer).map_err(|error| Problem::internal(&error))?;
    let status = i64::from(status.as_u16());
    if let Some(key) = &key {
        let text = SecretString::from(response.as_str());
        let sealed = ctx.vault.seal(&mut tx, asker.org, RESPONSE, &text, ctx.now()).await?;
        let answer = StoredAnswer { status, response: hex::encode(sealed) };
        tx.org(asker.org).await?.complete_request(&key.key, &answer).await?;
    }
    tx.commit().await?;
    Ok(respond(&StoredAnswer { status, response }))
}

/// The answer of the first time, for effects that ask Meta before [`once_sealed`]. Takes no name.
pub async fn replay_sealed(
    ctx: &Ctx,
    asker: impl Into<Asker>,
    key: Option<&RequestKey>,
) -> Result<Option<Response>, Problem> {
    let asker = asker.into();
    let key = key.map(|key| asker.own(key));
    let mut tx = ctx.store.begin().await?;
    let found = take_sealed(ctx, &mut tx.org(asker.org).await?, key.as_ref()).await?;
    tx.rollback().await?;
    Ok(found.map(|answer| replay(&answer)))
}

async fn take_sealed(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    key: Option<&RequestKey>,
) -> Result<Option<StoredAnswer>, Problem> {
    let Some(sealed) = take(scope, key, ctx.now()).await? else { return Ok(None) };
    let bytes = hex::decode(&sealed.response).map_err(|error| Problem::internal(&error))?;
    let org = scope.id();
    let opened = ctx.vault.open(scope.tx(), org, RESPONSE, &bytes).await?;
    Ok(Some(StoredAnswer { response: opened.expose_secret().to_owned(), ..sealed }))
}

fn replay(answer: &StoredAnswer) -> Response {
    let mut response = respond(answer);
    response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
    response
}

fn respond(answer: &StoredAnswer) -> Response {
    let status = u16::try_from(answer.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    (status.unwrap_or(StatusCode::OK), [(header::CONTENT_TYPE, "application/json")], answer.response.clone())
        .into_response()
}
