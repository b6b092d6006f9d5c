//! What an organisation's customers open: the page of a form, what a form within another page loads and sends, the link
//! that begins a conversation.
//!
//! Invariants:
//! - The pages work without a script, set no cookie and load nothing from elsewhere. The one script tells that the page was
//!   shown.
//! - Another site's page reads and sends only what its form allows it to, by the origin that browsers name.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form as Posted, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use garde::Validate;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use rules::consent::{Channel, Purpose};
use rules::form::{Asked, FormWords, SubmissionState, SubmissionWay};
use rules::id::FormVersionId;
use rules::locale::Locale;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::spoken;
use crate::ctx::Ctx;
use crate::forms::{self, Open, Outcome, PublicWords, Refused, Sent, Wrong};
use crate::http::problem::FieldError;
use crate::http::{Client, Path, Problem, Query};
use crate::identity::{self, Token};

const STYLE: &str = include_str!("form/form.css");
const SCRIPT: &str = include_str!("form/form.js");
const WIDGET: &str = include_str!("form/widget.js");

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, text) in [
        ("form", include_str!("form/form.html")),
        ("done", include_str!("form/done.html")),
        ("confirm", include_str!("form/confirm.html")),
        ("frame", include_str!("form/frame.html")),
    ] {
        // What does not read is told when the page is asked for, and by the tests.
        if let Err(error) = environment.add_template(name, text) {
            tracing::error!(error = &error as &dyn std::error::Error, name, "a page does not read");
        }
    }
    environment
});

/// The pages and what they load.
pub(crate) fn routes() -> Router<Ctx> {
    let file = |kind: &'static str, text: &'static str| {
        let headers: [(HeaderName, &str); 2] =
            [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")];
        get(move || async move { (headers, text) })
    };
    Router::new()
        .route("/f/{token}", get(show).post(send))
        .route("/f/{token}/seen", post(seen))
        .route("/f/{token}/logo", get(logo))
        .route("/f/{token}/widget.json", get(widget))
        .route("/f/{token}/widget.js", get(widget_script))
        .route("/l/{token}", get(link))
        .route("/pages/form.css", file("text/css; charset=utf-8", STYLE))
        .route("/pages/form.js", file("text/javascript; charset=utf-8", SCRIPT))
}

/// In which language somebody wants to read.
#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Wanted {
    lang: Option<String>,
}

/// What a page sends. Everything may be missing: it is looked at afterwards, and told in sentences.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    name: String,
    phone: String,
    email: String,
    utility: Option<String>,
    marketing: Option<String>,
    version: Option<String>,
    visit: Option<String>,
    lang: Option<String>,
    /// The page that a form within another stands on.
    page: String,
    /// Nobody sees this field; programs that fill in everything do.
    website: String,
}

impl Fields {
    fn purposes(&self) -> Vec<Purpose> {
        let ticked = [(Purpose::Utility, &self.utility), (Purpose::Marketing, &self.marketing)];
        ticked.into_iter().filter(|(_, tick)| tick.is_some()).map(|(purpose, _)| purpose).collect()
    }

    fn has_ticked(&self, purpose: Purpose) -> bool {
        self.purposes().contains(&purpose)
    }
}

/// PostgreSQL stores no U+0000.
fn clean(text: &str, most: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(most).collect()
}

/// The form's page.
async fn show(
    State(ctx): State<Ctx>,
    client: Client,
    headers: HeaderMap,
    Path(token): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let wanted = wanted.lang.as_deref().and_then(|lang| lang.parse().ok()).or_else(|| spoken(&headers));
    match forms::open(&ctx, &token, &client).await? {
        Some(open) => page(&ctx, &open, wanted, &Fields::default(), &[], StatusCode::OK),
        None => closed(&ctx, wanted.unwrap_or(Locale::En)),
    }
}

/// Takes what was sent with the form's page, or with a form within another page.
async fn send(
    State(ctx): State<Ctx>,
    client: Client,
    headers: HeaderMap,
    Path(token): Path<String>,
    posted: Result<Posted<Fields>, FormRejection>,
) -> Result<Response, Problem> {
    let wants_json = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json"));
    let Ok(Posted(fields)) = posted else {
        return Err(Problem::bad_request("unreadable_body", "The form did not arrive whole. Send it again."));
    };
    let wanted = fields.lang.as_deref().and_then(|lang| lang.parse().ok()).or_else(|| spoken(&headers));
    let Some(open) = forms::open(&ctx, &token, &client).await? else {
        return if wants_json {
            Err(Problem::not_found())
        } else {
            closed(&ctx, wanted.unwrap_or(Locale::En))
        };
    };
    let from = Foreign::of(&ctx, &open, &headers)?;
    let locale = words_of(&open, wanted).map_or(Locale::En, |(locale, _)| locale);
    // Whoever filled in what nobody sees is told the same as everybody, and nothing is kept.
    if !fields.website.is_empty() {
        let told = json!({ "state": SubmissionState::Pending });
        return if wants_json {
            Ok(from.answer(axum::Json(told).into_response()))
        } else {
            thanks(&ctx, &open, locale)
        };
    }
    let sent = Sent {
        version: fields.version.as_deref().and_then(|version| version.parse().ok()),
        visit: fields.visit.clone().filter(|visit| !visit.is_empty()),
        locale,
        purposes: fields.purposes(),
        name: clean(&fields.name, 200),
        phone: clean(&fields.phone, 60),
        email: clean(&fields.email, 300),
        ip: client.address(),
        user_agent: client.user_agent.clone(),
        page: match &from.origin {
            Some(_) => clean(&fields.page, 500),
            None => format!("{}/f/{token}", ctx.settings.public_url.as_str().trim_end_matches('/')),
        },
        way: if wants_json { SubmissionWay::Widget } else { SubmissionWay::Page },
    };
    match forms::submit_publicly(&ctx, &open, &client, sent).await {
        Ok(outcome) if wants_json => {
            Ok(from.answer(axum::Json(told(&open, &outcome, locale)).into_response()))
        }
        Ok(outcome) => done(&ctx, &open, &outcome, locale),
        Err(Refused::Wrong(wrong)) if wants_json => {
            let error = |one: &Wrong| FieldError::new(one.field(), one.sentence(locale));
            Ok(from.answer(Problem::invalid(wrong.iter().map(error).collect()).into_response()))
        }
        Err(Refused::Wrong(wrong)) => {
            page(&ctx, &open, Some(locale), &fields, &wrong, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Refused::NoVersion) => Err(Problem::not_found()),
        Err(Refused::Often(problem)) if wants_json => Ok(from.answer(problem.into_response())),
        Err(Refused::Often(problem)) => {
            let words = forms::public(locale);
            let told = Told { title: words.mend, about: words.again, ..Told::of(&ctx, locale) };
            let status =
                StatusCode::from_u16(problem.details().status).unwrap_or(StatusCode::TOO_MANY_REQUESTS);
            render("done", &told, status, "")
        }
        Err(Refused::Store(error)) => Err(error.into()),
    }
}

/// The page says that it is shown.
async fn seen(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    client: Client,
    posted: Result<Posted<Fields>, FormRejection>,
) -> Result<StatusCode, Problem> {
    identity::count_seen(&ctx, "form", &client).await?;
    let Ok(Posted(fields)) = posted else { return Ok(StatusCode::NO_CONTENT) };
    if let Some(version) = fields.version.as_deref().and_then(|version| version.parse::<FormVersionId>().ok())
    {
        forms::seen(&ctx, &token, version, fields.visit.as_deref()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The form's picture.
async fn logo(State(ctx): State<Ctx>, Path(token): Path<String>) -> Result<Response, Problem> {
    let mut tx = ctx.store.read().await?;
    let (org, form) = tx.form_place(&token).await?.ok_or_else(Problem::not_found)?;
    let logo = tx.org(org).await?.form_logo(form).await?.ok_or_else(Problem::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, logo.mime.as_str()),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    Ok((headers, logo.bytes).into_response())
}

/// The script that puts a form into another page.
async fn widget_script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, WIDGET).into_response()
}

/// What that script shows.
async fn widget(
    State(ctx): State<Ctx>,
    client: Client,
    headers: HeaderMap,
    Path(token): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let open = forms::open(&ctx, &token, &client).await?.ok_or_else(Problem::not_found)?;
    let from = Foreign::of(&ctx, &open, &headers)?;
    let wanted = wanted.lang.as_deref().and_then(|lang| lang.parse().ok()).or_else(|| spoken(&headers));
    let (locale, words) = words_of(&open, wanted).ok_or_else(Problem::not_found)?;
    let (wording, settings) = (&open.version.wording.0, &open.form.settings.0);
    let asked: Vec<Value> = wording
        .purposes
        .iter()
        .map(|purpose| json!({ "name": purpose, "text": words.agreement(*purpose) }))
        .collect();
    let shown = json!({
        "business": wording.business, "privacy_url": wording.privacy_url, "locale": locale, "words": words,
        "purposes": asked, "ask_name": settings.ask_name,
        "ask_email": settings.asks_email(open.form.double_opt_in, &wording.channels),
        "color": settings.color, "ink": ink(&settings.color), "ui": ui(&open, locale),
        "version": open.version.id, "visit": open.visit, "has_logo": open.has_logo,
    });
    Ok(from.answer(axum::Json(shown).into_response()))
}

/// A link that begins a conversation. Whoever only looks where it leads is not counted.
async fn link(
    State(ctx): State<Ctx>,
    method: Method,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    match forms::open_link(&ctx, &token, method == Method::GET).await? {
        Some(address) => Ok(Redirect::temporary(&address).into_response()),
        None => closed(&ctx, spoken(&headers).unwrap_or(Locale::En)),
    }
}

/// Where a request comes from, as far as the browser says.
struct Foreign {
    /// Another site, which may read the answer.
    origin: Option<String>,
}

impl Foreign {
    /// Refuses pages of sites that the form does not name.
    fn of(ctx: &Ctx, open: &Open, headers: &HeaderMap) -> Result<Self, Problem> {
        let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
        let Some(origin) = text(header::ORIGIN) else { return Ok(Self { origin: None }) };
        let own = ctx.settings.public_url.origin().ascii_serialization() == origin
            || text(header::HOST)
                .is_some_and(|host| origin.split_once("://").is_some_and(|(_, at)| at == host));
        if own {
            return Ok(Self { origin: None });
        }
        if open.form.settings.0.origins.iter().any(|allowed| allowed == origin) {
            return Ok(Self { origin: Some(origin.to_owned()) });
        }
        Err(Problem::forbidden(
            "origin_not_allowed",
            "This form may not stand on that site. Add the site's origin to the form in the dashboard.",
        ))
    }

    /// Lets that site read the answer.
    fn answer(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(header::VARY, header::HeaderValue::from_static("origin"));
        if let Some(origin) = &self.origin
            && let Ok(origin) = origin.parse()
        {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(
                HeaderName::from_static("cross-origin-resource-policy"),
                header::HeaderValue::from_static("cross-origin"),
            );
        }
        response
    }
}

fn words_of(open: &Open, wanted: Option<Locale>) -> Option<(Locale, &FormWords)> {
    open.version.wording.0.words(wanted.unwrap_or(open.locale))
}

/// The fixed words of a form: a number that is not for WhatsApp is not called so.
fn ui(open: &Open, locale: Locale) -> PublicWords {
    let words = forms::public(locale);
    if open.version.wording.0.channels.contains(&Channel::Whatsapp) {
        words
    } else {
        PublicWords { phone: words.plain_phone, ..words }
    }
}

/// What a form within another page is told.
fn told(open: &Open, outcome: &Outcome, locale: Locale) -> Value {
    let words = outcome.version.wording.0.words(locale);
    let is_pending = outcome.state == SubmissionState::Pending;
    json!({
        "state": outcome.state, "link": outcome.link, "confirm": outcome.double_opt_in,
        "next": is_pending.then(|| forms::public(locale).next_step(outcome.double_opt_in)), "thanks": words.map(|(_, words)| &words.thanks),
        "redirect": Some(&open.form.settings.0.redirect).filter(|to| !to.is_empty()),
    })
}

/// What stands around every page.
#[derive(Serialize)]
pub(super) struct Frame {
    locale: Locale,
    business: String,
    logo: Option<String>,
    color: String,
    ink: &'static str,
    nonce: String,
}

impl Frame {
    pub(super) fn of(ctx: &Ctx, open: Option<&Open>, locale: Locale) -> Self {
        let color = open.map_or_else(|| "#0b7a5c".to_owned(), |open| open.form.settings.0.color.clone());
        Self {
            locale,
            business: open.map(|open| open.version.wording.0.business.clone()).unwrap_or_default(),
            logo: open.filter(|open| open.has_logo).map(|open| format!("/f/{}/logo", open.form.token)),
            ink: ink(&color),
            color,
            nonce: Token::fresh("", ctx.chance()).reveal().to_owned(),
        }
    }
}

/// A tick that the page asks for.
#[derive(Serialize)]
struct Tick<'a> {
    name: Purpose,
    text: &'a str,
    ticked: bool,
}

/// What the form's page shows.
#[derive(Serialize)]
struct Shown<'a> {
    frame: Frame,
    token: &'a str,
    ui: PublicWords,
    words: &'a FormWords,
    privacy_url: &'a str,
    ticks: Vec<Tick<'a>>,
    ask_name: Asked,
    ask_email: Asked,
    version: FormVersionId,
    visit: Option<&'a str>,
    others: Vec<(Locale, &'static str)>,
    name: String,
    phone: String,
    email: String,
    wrong: Vec<(&'static str, &'static str)>,
}

fn page(
    ctx: &Ctx,
    open: &Open,
    wanted: Option<Locale>,
    fields: &Fields,
    wrong: &[Wrong],
    status: StatusCode,
) -> Result<Response, Problem> {
    let wording = &open.version.wording.0;
    let (locale, words) = words_of(open, wanted).ok_or_else(Problem::not_found)?;
    let tick = |purpose: &Purpose| Tick {
        name: *purpose,
        text: words.agreement(*purpose),
        ticked: fields.has_ticked(*purpose),
    };
    let others = wording.locales().into_iter().filter(|other| *other != locale);
    let shown = Shown {
        frame: Frame::of(ctx, Some(open), locale),
        token: &open.form.token,
        ui: ui(open, locale),
        words,
        privacy_url: &wording.privacy_url,
        ticks: wording.purposes.iter().map(tick).collect(),
        ask_name: open.form.settings.0.ask_name,
        ask_email: open.form.settings.0.asks_email(open.form.double_opt_in, &wording.channels),
        version: open.version.id,
        visit: open.visit.as_deref(),
        others: others.map(|other| (other, own_name(other))).collect(),
        name: clean(&fields.name, 200),
        phone: clean(&fields.phone, 60),
        email: clean(&fields.email, 300),
        wrong: wrong.iter().map(|one| (one.field(), one.sentence(locale))).collect(),
    };
    // A browser follows where a form leads only if the page allows the whole way.
    let redirect = url::Url::parse(&open.form.settings.0.redirect).ok();
    let onward = redirect.map(|to| to.origin().ascii_serialization()).unwrap_or_default();
    render("form", &shown, status, &onward)
}

/// What a language calls itself.
const fn own_name(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "English",
        Locale::Id => "Bahasa Indonesia",
    }
}

/// A page without fields.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    pub(super) frame: Frame,
    pub(super) ui: PublicWords,
    pub(super) title: &'a str,
    pub(super) about: &'a str,
    pub(super) link: Option<&'a str>,
    pub(super) qr: Option<String>,
}

impl Told<'_> {
    pub(super) fn of(ctx: &Ctx, locale: Locale) -> Self {
        let ui = forms::public(locale);
        Self {
            frame: Frame::of(ctx, None, locale),
            title: ui.closed,
            about: ui.closed_about,
            ui,
            link: None,
            qr: None,
        }
    }
}

fn closed(ctx: &Ctx, locale: Locale) -> Result<Response, Problem> {
    render("done", &Told::of(ctx, locale), StatusCode::NOT_FOUND, "")
}

fn done(ctx: &Ctx, open: &Open, outcome: &Outcome, locale: Locale) -> Result<Response, Problem> {
    let redirect = &open.form.settings.0.redirect;
    match &outcome.link {
        Some(link) => {
            let ui = forms::public(locale);
            let drawn = forms::svg(link).map_err(|error| Problem::internal(&error))?;
            let told = Told {
                frame: Frame::of(ctx, Some(open), locale),
                title: ui.almost,
                about: ui.confirm,
                link: Some(link),
                qr: drawn.find("<svg").map(|at| drawn[at..].to_owned()),
                ui,
            };
            render("done", &told, StatusCode::OK, "")
        }
        None if outcome.state == SubmissionState::Pending => {
            let ui = forms::public(locale);
            let frame = Frame::of(ctx, Some(open), locale);
            let about = ui.next_step(outcome.double_opt_in);
            render(
                "done",
                &Told { frame, title: ui.almost, about, ..Told::of(ctx, locale) },
                StatusCode::OK,
                "",
            )
        }
        None if !redirect.is_empty() => Ok(Redirect::to(redirect).into_response()),
        None => thanks(ctx, open, locale),
    }
}

fn thanks(ctx: &Ctx, open: &Open, locale: Locale) -> Result<Response, Problem> {
    let ui = forms::public(locale);
    let about = words_of(open, Some(locale)).map_or("", |(_, words)| &words.thanks);
    let told =
        Told { frame: Frame::of(ctx, Some(open), locale), title: ui.thanks, about, ui, link: None, qr: None };
    render("done", &told, StatusCode::OK, "")
}

pub(super) fn render(
    name: &str,
    shown: &impl Framed,
    status: StatusCode,
    onward: &str,
) -> Result<Response, Problem> {
    let page = TEMPLATES.get_template(name).and_then(|template| template.render(Serde(shown)));
    let page = page.map_err(|error| Problem::internal(&error))?;
    let policy = format!(
        "default-src 'none'; style-src 'self' 'nonce-{}'; img-src 'self'; script-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'self' {onward}; frame-ancestors 'none'",
        shown.frame().nonce
    );
    // Under `no-referrer` a browser names no origin when it sends the form, as a page that hides where it is would.
    let headers =
        [(header::CONTENT_SECURITY_POLICY, policy.as_str()), (header::REFERRER_POLICY, "same-origin")];
    Ok((status, headers, Html(page)).into_response())
}

/// A page with its frame.
pub(super) trait Framed: Serialize {
    fn frame(&self) -> &Frame;
}

impl Framed for Shown<'_> {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Framed for Told<'_> {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// Black or white, whichever is read better on a colour (WCAG 2, relative luminance).
fn ink(color: &str) -> &'static str {
    let part =
        |at: usize| color.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5));
    // Where both are read equally well: (L + 0.05)² = 1.05 · 0.05.
    if luminance > 0.179 { "#000" } else { "#fff" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_on_the_button_are_read() {
        assert_eq!((ink("#0b7a5c"), ink("#ffffff"), ink("#000000")), ("#fff", "#000", "#fff"));
        assert_eq!((ink("#f5c518"), ink("#7a1fa2")), ("#000", "#fff"));
    }

    #[test]
    fn the_script_for_other_pages_is_small_and_plain() {
        assert!(WIDGET.len() < 10_000, "{}", WIDGET.len());
        for word in ["eval(", "innerHTML", "document.write", "document.cookie", "localStorage", "import "] {
            assert!(!WIDGET.contains(word), "{word}");
        }
    }
}
