//! One message on its way to one browser, and what its push service says.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{StatusCode, header};
use rules::id::ConversationId;
use rules::time::span;

use super::push::{Browser, NotMade};
use crate::ctx::Ctx;
use crate::outbound::{self, Redirects};

/// How long a push service keeps a message for a browser that is away: as long as a customer may be answered freely.
const KEPT_FOR: Duration = span::hours(24);
/// How long its answer may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// It may ask us to wait, not for ever.
const LONGEST_WAIT: Duration = span::minutes(30);

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivered {
    /// The push service has it.
    Yes,
    /// The browser does not want any more, or is no more.
    Gone,
    /// Another time, perhaps not before so long.
    Later(String, Option<Duration>),
    /// Never like this.
    Refused(String),
}

/// Sends a text to a browser. Of several about one conversation that wait for a browser, it gets the newest.
pub(super) async fn deliver(
    ctx: &Ctx,
    browser: &Browser,
    text: &[u8],
    about: Option<ConversationId>,
) -> Delivered {
    let client = match ctx.outbound.client_for(&browser.endpoint, Redirects::Stay) {
        Ok(client) => client,
        Err(refused) => return Delivered::Refused(refused.to_string()),
    };
    let (body, authorization) = match made(ctx, browser, text) {
        Ok(made) => made,
        Err(not_made) => return Delivered::Refused(not_made.to_string()),
    };
    let mut request = client
        .post(browser.endpoint.clone())
        .timeout(PATIENCE)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_ENCODING, "aes128gcm")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header("ttl", KEPT_FOR.as_secs())
        .header("urgency", "high")
        .body(body);
    if let Some(conversation) = about {
        request = request.header("topic", URL_SAFE_NO_PAD.encode(conversation.0.as_bytes()));
    }
    match request.send().await {
        Ok(response) => outcome(response.status(), response.headers()),
        Err(error) => match outbound::reason(&error) {
            Some(refused) => Delivered::Refused(refused.to_string()),
            // The error itself would tell the address, which is a secret of the browser.
            None => Delivered::Later("the browser's push service cannot be reached".to_owned(), None),
        },
    }
}

fn made(ctx: &Ctx, browser: &Browser, text: &[u8]) -> Result<(Vec<u8>, String), NotMade> {
    let authorization = ctx.installation_key.authorization(&browser.endpoint, &contact(ctx), ctx.now())?;
    Ok((browser.encrypt(text, ctx.chance())?, authorization))
}

/// Whom push services may turn to: RFC 8292 wants an https address, or one of e-mail.
fn contact(ctx: &Ctx) -> String {
    let own = &ctx.settings.public_url;
    if ctx.settings.is_secure() {
        return own.origin().ascii_serialization();
    }
    format!("mailto:sapa@{}", own.host_str().unwrap_or("localhost"))
}

fn outcome(status: StatusCode, headers: &header::HeaderMap) -> Delivered {
    let said = format!("the browser's push service answered {}", status.as_u16());
    match status {
        _ if status.is_success() => Delivered::Yes,
        StatusCode::NOT_FOUND | StatusCode::GONE => Delivered::Gone,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Delivered::Later(said, wait(headers)),
        _ if status.is_server_error() => Delivered::Later(said, wait(headers)),
        _ => Delivered::Refused(said),
    }
}

/// How long it asks us to wait. The form that names a date is used by none of them.
fn wait(headers: &header::HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let of = |status: u16, wait: Option<&'static str>| {
            let pairs = wait.map(|wait| (header::RETRY_AFTER, header::HeaderValue::from_static(wait)));
            outcome(StatusCode::from_u16(status).unwrap(), &pairs.into_iter().collect())
        };
        assert_eq!(of(201, None), Delivered::Yes);
        assert_eq!((of(404, None), of(410, None)), (Delivered::Gone, Delivered::Gone));
        assert!(matches!(of(429, Some("90")), Delivered::Later(_, Some(wait)) if wait.as_secs() == 90));
        assert!(matches!(of(429, Some("99999999")), Delivered::Later(_, Some(LONGEST_WAIT))));
        assert!(matches!(of(503, Some("soon")), Delivered::Later(_, None)));
        for refused in [301, 400, 401, 403, 413] {
            assert!(matches!(of(refused, None), Delivered::Refused(_)), "{refused}");
        }
    }
}
