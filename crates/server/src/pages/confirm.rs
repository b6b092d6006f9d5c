//! `/c/{token}`: the page of a link at which somebody confirms what they sent with a form.
//!
//! To open it changes nothing: mail is looked through by machines that open every link. Its one button sends a form.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use rules::locale::Locale;
use serde::Serialize;

use super::forms::{Frame, Framed, Told, render};
use super::spoken;
use crate::ctx::Ctx;
use crate::forms::{self, AtLink, PublicWords, Stage};
use crate::http::{Client, Path, Problem};

/// The page.
pub(crate) fn routes() -> Router<Ctx> {
    Router::new().route("/c/{token}", get(open).post(press))
}

async fn open(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    show(&ctx, &token, forms::open_confirmation(&ctx, &token).await?, &headers)
}

async fn press(
    State(ctx): State<Ctx>,
    client: Client,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    show(&ctx, &token, forms::confirm_at_link(&ctx, &token, &client).await?, &headers)
}

/// What is asked there.
#[derive(Serialize)]
struct Asked<'a> {
    frame: Frame,
    token: &'a str,
    ui: PublicWords,
    agreed: Vec<&'a str>,
    footer: &'a str,
    privacy_url: &'a str,
}

impl Framed for Asked<'_> {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

fn show(ctx: &Ctx, token: &str, seen: Option<AtLink>, headers: &HeaderMap) -> Result<Response, Problem> {
    let mut response = match &seen {
        Some(seen) => page(ctx, token, seen)?,
        None => {
            let locale = spoken(headers).unwrap_or(Locale::En);
            let ui = forms::public(locale);
            let told = Told { title: ui.no_link, about: ui.no_link_about, ..Told::of(ctx, locale) };
            render("done", &told, StatusCode::NOT_FOUND, "")?
        }
    };
    // The link speaks for whoever has it: it is told to nobody.
    let kept = response.headers_mut();
    kept.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    kept.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    kept.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(response)
}

fn page(ctx: &Ctx, token: &str, seen: &AtLink) -> Result<Response, Problem> {
    let wording = &seen.open.version.wording.0;
    let (locale, words) = wording.words(seen.locale).ok_or_else(Problem::not_found)?;
    let (ui, frame) = (forms::public(locale), Frame::of(ctx, Some(&seen.open), locale));
    let (title, about) = match seen.stage {
        Stage::Ask => {
            let agreed = seen.purposes.iter().map(|purpose| words.agreement(*purpose)).collect();
            let asked =
                Asked { frame, token, ui, agreed, footer: &words.footer, privacy_url: &wording.privacy_url };
            return render("confirm", &asked, StatusCode::OK, "");
        }
        Stage::Confirmed => (ui.thanks, words.thanks.as_str()),
        Stage::Stopped => (ui.almost, forms::still_stopped(locale)),
        Stage::Over => (ui.over, ui.over_about),
    };
    render("done", &Told { frame, title, about, ..Told::of(ctx, locale) }, StatusCode::OK, "")
}
