//! Twilio's API for messages, as far as one sends and is told: Basic authentication, forms, JSON errors with codes, and
//! callbacks with `X-Twilio-Signature`.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::extract::{Form, Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use crate::post::{self as kept, Arrived, Fault, Post, State, Via};
use crate::{ACCOUNT, SECRET};

pub(crate) fn routes() -> Router<Arc<Post>> {
    Router::new().route("/2010-04-01/Accounts/{account}/Messages.json", post(create))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewMessage {
    to: String,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    body: String,
    status_callback: Option<String>,
}

async fn create(
    Shared(post): Shared<Arc<Post>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(new): Form<NewMessage>,
) -> Response {
    let known = format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{SECRET}")));
    if headers.get(header::AUTHORIZATION).is_none_or(|said| said != known.as_str()) || account != ACCOUNT {
        return error(StatusCode::UNAUTHORIZED, 20003, "Authenticate");
    }
    let Some(from) = new.from.or(new.messaging_service_sid) else {
        return error(StatusCode::BAD_REQUEST, 21603, "A 'From' phone number is required.");
    };
    if !new.to.starts_with('+') {
        return error(StatusCode::BAD_REQUEST, 21211, "The 'To' number is not a valid phone number.");
    }
    let fault = post.next_fault(Via::Twilio);
    match fault {
        Some(Fault::Refuse) => {
            let told = format!("The 'To' number {} is not a valid phone number.", new.to);
            return error(StatusCode::BAD_REQUEST, 21211, &told);
        }
        Some(Fault::Stopped) => {
            return error(StatusCode::BAD_REQUEST, 21610, "Attempt to send to unsubscribed recipient");
        }
        Some(Fault::Later) => return error(StatusCode::TOO_MANY_REQUESTS, 20429, "Too Many Requests"),
        Some(Fault::Drop) | None => {}
    }
    let arrived = post.keep(Arrived {
        id: 0,
        via: Via::Twilio,
        from,
        to: new.to,
        subject: None,
        text: new.body,
        headers: Default::default(),
        parts: 1,
        state: State::Sent,
        callback: new.status_callback,
    });
    if fault == Some(Fault::Drop) {
        // As when a proxy gives up: taken, and nobody says so.
        return (StatusCode::BAD_GATEWAY, "Bad Gateway").into_response();
    }
    if post.reports {
        let (post, id) = (post.clone(), arrived.id);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            kept::report(&post, id, State::Delivered).await;
        });
    }
    let body = json!({
        "sid": arrived.name(), "account_sid": ACCOUNT, "status": "queued", "to": arrived.to,
        "from": arrived.from, "body": arrived.text, "error_code": null, "error_message": null,
    });
    (StatusCode::CREATED, Json(body)).into_response()
}

fn error(status: StatusCode, code: u32, message: &str) -> Response {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({ "code": code, "message": message, "more_info": more, "status": status.as_u16() });
    (status, Json(body)).into_response()
}

/// Tells what became of a message.
pub(crate) async fn report(one: &Arrived) {
    let Some(url) = &one.callback else { return };
    let name = one.name();
    let mut fields =
        vec![("AccountSid", ACCOUNT), ("MessageSid", &name), ("To", &one.to), ("From", &one.from)];
    fields.push((
        "MessageStatus",
        match one.state {
            State::Sent => "sent",
            State::Delivered => "delivered",
            State::Failed => "undelivered",
        },
    ));
    if one.state == State::Failed {
        fields.push(("ErrorCode", "30003"));
    }
    call(url, &fields).await;
}

/// Tells what somebody answered.
pub(crate) async fn inbound(url: &str, one: &Arrived, text: &str) {
    let name = format!("SM{:031x}f", one.id);
    let fields = [
        ("AccountSid", ACCOUNT),
        ("MessageSid", &name),
        ("From", &one.to),
        ("To", &one.from),
        ("Body", text),
    ];
    call(url, &fields).await;
}

async fn call(url: &str, fields: &[(&str, &str)]) {
    let Ok(client) = reqwest::Client::builder().no_proxy().build() else { return };
    let request = client.post(url).header("X-Twilio-Signature", sign(url, fields)).form(fields);
    if let Err(error) = request.send().await {
        tracing::warn!(%error, "a callback failed");
    }
}

/// The address, then every field's name and value in the order of the names, under HMAC-SHA1.
fn sign(url: &str, fields: &[(&str, &str)]) -> String {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let signed = sorted.iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes());
    STANDARD.encode(hmac::sign(&key, signed.as_bytes()))
}
