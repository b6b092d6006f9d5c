//! Where the full-page dialog returns to.

use axum::Router;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use secrecy::SecretString;

use crate::ctx::Ctx;
use crate::http::{PersonActor, Problem};
use crate::onboarding::service::Failed;
use crate::onboarding::service::connect::{Returned, take_code};
use crate::onboarding::service::state;

/// The return address. It is a page for people, not part of the API document.
pub fn routes() -> Router<Ctx> {
    Router::new().route("/connect/callback", get(callback))
}

const DONE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
    content=\"width=device-width\"><title>WhatsApp</title><main><p>The sign-up is finished. You may close this page; the \
    connection goes on by itself.</p><p lang=\"id\">Pendaftaran selesai. Halaman ini boleh ditutup; penghubungan berjalan \
    sendiri.</p></main></html>";
const CANCELLED: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
    content=\"width=device-width\"><title>WhatsApp</title><main><p>The sign-up was not finished. Go back and press Connect \
    WhatsApp again.</p><p lang=\"id\">Pendaftaran belum selesai. Kembali dan tekan Hubungkan WhatsApp lagi.</p></main></html>";

/// Takes the code, for the person for whom the attempt was made. A refusal in the dialog uses nothing up.
async fn callback(State(ctx): State<Ctx>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let query = parts.uri.query().unwrap_or("");
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (Some(state), Some(code)) = (value("state"), value("code").filter(|code| !code.is_empty())) else {
        return Ok(page(StatusCode::OK, CANCELLED));
    };
    let mut tx = ctx.store.begin().await?;
    let attempt = state::check(&ctx, &mut tx, &state, None, None).await?;
    tx.rollback().await?;
    // A member's attempt ends in that member's browser; links and keys have no session to show.
    if attempt.actor.starts_with("member:") {
        let person = PersonActor::from_request_parts(&mut parts, &ctx).await?;
        let mut tx = ctx.store.read().await?;
        let member = tx.org(attempt.org_id).await?.member_of(person.person.id).await?;
        if member.is_none_or(|member| format!("member:{}", member.id) != attempt.actor) {
            return Err(Failed::BadState.into());
        }
    }
    let code = SecretString::from(code);
    take_code(&ctx, None, Some(attempt.connection_id), &state, code, Returned::ByRedirect).await?;
    Ok(page(StatusCode::OK, DONE))
}

fn page(status: StatusCode, html: &'static str) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::REFERRER_POLICY, "no-referrer")],
        html,
    )
        .into_response()
}
