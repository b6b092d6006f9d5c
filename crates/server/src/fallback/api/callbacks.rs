//! `/webhooks/sms/{token}`: where providers tell what became of a text, and what people write.
//!
//! The token names the text or the channel, under our own key; Twilio also signs what it says. What is told to an address
//! that we did not write is 404, and nothing is looked at.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use rules::consent::Channel;
use rules::id::{OrgId, ReachId};
use serde_json::Value;

use crate::ctx::Ctx;
use crate::fallback::links::Door;
use crate::fallback::sender::{Told, is_signed_by_twilio, says_ended};
use crate::fallback::told::Receipt;
use crate::fallback::way::{HttpWay, Way};
use crate::fallback::{service, told};
use crate::http::Problem;

/// Callbacks are short.
const MOST: usize = 64 << 10;

pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/webhooks/sms/{token}", post(hear)).layer(DefaultBodyLimit::max(MOST))
}

async fn hear(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (org, reach) = match ctx.links.read(&token) {
        Some((org, Door::Receipt(reach))) => (org, Some(reach)),
        Some((org, Door::Inbound(Channel::Sms))) => (org, None),
        _ => return Err(Problem::not_found()),
    };
    let Some((way, secret)) = service::way_of(&ctx, org, Channel::Sms).await? else {
        return Err(Problem::not_found());
    };
    match way {
        Way::Twilio(_) => {
            let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
            let base = ctx.settings.public_url.as_str().trim_end_matches('/');
            let url = format!("{base}/webhooks/sms/{token}");
            let signature = headers.get("x-twilio-signature").and_then(|value| value.to_str().ok());
            let signed = secret
                .zip(signature)
                .is_some_and(|(secret, signature)| is_signed_by_twilio(&secret, &url, &fields, signature));
            if !signed {
                return Err(Problem::forbidden(
                    "not_signed",
                    "The signature does not belong to this address and content. Send what Twilio signed, as it is.",
                ));
            }
            twilio(&ctx, org, reach, &fields).await?;
            // An empty answer in Twilio's language: nothing is said back.
            Ok(([(header::CONTENT_TYPE, "text/xml")], "<Response/>").into_response())
        }
        Way::Http(way) => {
            plain(&ctx, org, reach, &way, &content(&headers, &body)).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Err(Problem::not_found()),
    }
}

async fn twilio(
    ctx: &Ctx,
    org: OrgId,
    reach: Option<ReachId>,
    fields: &[(String, String)],
) -> store::Result<()> {
    let field = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let Some(reach) = reach else {
        let (from, text) = (field("From").unwrap_or_default(), field("Body").unwrap_or_default());
        return words(ctx, org, from, text).await;
    };
    let (delivered, status) = match field("MessageStatus").or(field("SmsStatus")) {
        Some(status @ ("delivered" | "read")) => (true, status),
        Some(status @ ("undelivered" | "failed" | "canceled")) => (false, status),
        _ => return Ok(()),
    };
    let said =
        field("ErrorCode").map_or_else(|| status.to_owned(), |code| format!("Twilio {code}: {status}"));
    let ended = !delivered && field("ErrorCode").is_some_and(says_ended);
    told::receipt(ctx, org, reach, Receipt { delivered, ended, words: &said }).await
}

async fn plain(
    ctx: &Ctx,
    org: OrgId,
    reach: Option<ReachId>,
    way: &HttpWay,
    content: &Value,
) -> store::Result<()> {
    let at = |pointer: &str| match content.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        plain => Some(plain.to_string()),
    };
    let Some(reach) = reach else {
        let from = at(way.inbound_from_at.as_deref().unwrap_or("/from"));
        let text = match &way.inbound_text_at {
            Some(place) => at(place),
            None => at("/text").or(at("/message")),
        };
        return words(ctx, org, &from.unwrap_or_default(), &text.unwrap_or_default()).await;
    };
    let Some(said) = at(way.status_at.as_deref().unwrap_or("/status")) else { return Ok(()) };
    match way.verdict(&said) {
        Some(delivered) => {
            told::receipt(ctx, org, reach, Receipt { delivered, ended: false, words: &said }).await
        }
        None => Ok(()),
    }
}

async fn words(ctx: &Ctx, org: OrgId, from: &str, text: &str) -> store::Result<()> {
    let told = Told::Words { from: from.to_owned(), text: text.to_owned() };
    told::keep(ctx, org, Channel::Sms, told).await.map(drop)
}

/// JSON, or a form as an object.
fn content(headers: &HeaderMap, body: &Bytes) -> Value {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let fields = url::form_urlencoded::parse(body).into_owned();
        Value::Object(fields.map(|(name, value)| (name, Value::String(value))).collect())
    } else {
        serde_json::from_slice(body).unwrap_or_default()
    }
}
