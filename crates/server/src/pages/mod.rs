//! Pages: the dashboard, the one that letters lead to for choosing a new password, and those at which somebody stops who
//! comes back from elsewhere: from a provider (a second factor that is owed, a refusal), from Meta's full-page dialog. And
//! those for an organisation's own customers: forms, and links that begin conversations.
//!
//! Invariant: a page holds nothing secret. The token stands behind `#` in the address, where only the page's own
//! script reads it, to send it to the public API.

mod confirm;
mod dashboard;
mod forms;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use rules::locale::Locale;
use serde::Serialize;

use crate::ctx::Ctx;
use crate::http::Problem;

pub(crate) use confirm::routes as confirm_routes;
pub(crate) use dashboard::{fallback, wants_page};
pub(crate) use forms::routes as form_routes;

/// Where somebody is asked for the second factor who has come back from an OpenID Connect provider.
pub(crate) const SECOND_FACTOR: &str = "/second-factor";

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The pages and what they load.
pub fn routes() -> Router<Ctx> {
    let file = |kind: &'static str, text: &'static str| {
        let headers: [(HeaderName, &str); 2] =
            [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")];
        get(move || async move { (headers, text) })
    };
    Router::new()
        .route("/reset-password", get(|headers: HeaderMap| async move { page("reset", &headers) }))
        .route(SECOND_FACTOR, get(|headers: HeaderMap| async move { page("second-factor", &headers) }))
        .route("/pages/page.css", file("text/css; charset=utf-8", STYLE))
        .route("/pages/page.js", file("text/javascript; charset=utf-8", SCRIPT))
}

/// What a page says.
#[derive(Serialize)]
struct Words {
    locale: Locale,
    purpose: &'static str,
    title: &'static str,
    about: &'static str,
    email: &'static str,
    password: &'static str,
    hint: &'static str,
    code: &'static str,
    send: &'static str,
    done: &'static str,
    ask: &'static str,
    sent: &'static str,
    no_mail: &'static str,
    failed: &'static str,
    /// Where the link of a page without a form leads; empty: there is none.
    way: String,
}

/// A page without a form: what happened, in a sentence, and the way on.
pub(crate) struct Told {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    /// What the link says and where it leads.
    pub(crate) way: Option<(&'static str, String)>,
}

fn words(purpose: &'static str, locale: Locale) -> Words {
    match (purpose, locale) {
        ("reset", Locale::En) => Words {
            title: "Choose a new password",
            about: "Every browser is signed out when you do.",
            email: "E-mail address",
            send: "Save the password",
            done: "Your password was changed. You can sign in with it now.",
            ..common(purpose, locale)
        },
        ("reset", Locale::Id) => Words {
            title: "Buat kata sandi baru",
            about: "Semua peramban akan dikeluarkan setelahnya.",
            email: "Alamat email",
            send: "Simpan kata sandi",
            done: "Kata sandi Anda telah diubah. Sekarang Anda dapat masuk.",
            ..common(purpose, locale)
        },
        ("second-factor", Locale::En) => Words {
            title: "Your second factor",
            about: "The provider has signed you in. Your account here asks for a code too.",
            send: "Sign in",
            ..common(purpose, locale)
        },
        ("second-factor", Locale::Id) => Words {
            title: "Faktor kedua Anda",
            about: "Penyedia telah mengenali Anda. Akun Anda di sini juga meminta sebuah kode.",
            send: "Masuk",
            ..common(purpose, locale)
        },
        (_, _) => common(purpose, locale),
    }
}

fn common(purpose: &'static str, locale: Locale) -> Words {
    match locale {
        Locale::En => Words {
            locale,
            purpose,
            title: "",
            about: "",
            email: "",
            password: "Password",
            hint: "At least ten characters; a few words in a row make a good one.",
            code: "Six digits of the authenticator app, or a recovery code",
            send: "",
            done: "",
            ask: "Send me a link",
            sent: "If there is an account with this address, a letter with a link is on its way.",
            no_mail: "This installation sends no mail. Ask whoever runs it, or the owner of your organisation, for a link to choose a new password.",
            failed: "The server cannot be reached. Try again.",
            way: String::new(),
        },
        Locale::Id => Words {
            locale,
            purpose,
            title: "",
            about: "",
            email: "",
            password: "Kata sandi",
            hint: "Paling sedikit sepuluh karakter; beberapa kata berurutan adalah pilihan yang baik.",
            code: "Enam digit dari aplikasi autentikator, atau kode pemulihan",
            send: "",
            done: "",
            ask: "Kirimi saya tautan",
            sent: "Jika ada akun dengan alamat ini, surat berisi tautan sedang dikirim.",
            no_mail: "Pemasangan ini tidak mengirim email. Mintalah tautan kata sandi baru kepada pengelolanya, atau kepada pemilik organisasi Anda.",
            failed: "Server tidak dapat dihubungi. Coba lagi.",
            way: String::new(),
        },
    }
}

fn page(purpose: &'static str, headers: &HeaderMap) -> Response {
    show(&words(purpose, preferred(headers)))
}

/// Tells a browser that came back from a provider why nobody is signed in.
pub(crate) fn not_signed_in(headers: &HeaderMap, sentence: &'static str) -> Response {
    let (title, to) = match preferred(headers) {
        Locale::En => ("You are not signed in", "To the sign-in page"),
        Locale::Id => ("Anda belum masuk", "Ke halaman masuk"),
    };
    let told = Told { title, about: sentence, way: Some((to, "/sign-in".to_owned())) };
    tell(headers, StatusCode::FORBIDDEN, told)
}

/// Tells a browser what happened.
pub(crate) fn tell(headers: &HeaderMap, status: StatusCode, told: Told) -> Response {
    let (send, way) = told.way.unwrap_or_default();
    let words =
        Words { title: told.title, about: told.about, send, way, ..common("told", preferred(headers)) };
    (status, show(&words)).into_response()
}

fn show(words: &Words) -> Response {
    match render(words) {
        Ok(html) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

fn render(words: &Words) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", include_str!("page.html"))?;
    environment.get_template("page")?.render(Serde(words))
}

/// The first language of the browser that we speak, or English.
pub(crate) fn preferred(headers: &HeaderMap) -> Locale {
    spoken(headers).unwrap_or(Locale::En)
}

/// The first language of the browser that we speak.
fn spoken(headers: &HeaderMap) -> Option<Locale> {
    let said = headers.get(header::ACCEPT_LANGUAGE).map(HeaderValue::to_str);
    let said = said.and_then(Result::ok).unwrap_or_default();
    said.split(',')
        .filter_map(|part| part.trim().split(['-', ';']).next())
        .find_map(|language| language.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_rendered_in_every_language() {
        for purpose in ["reset", "second-factor"] {
            for locale in Locale::ALL {
                let html = render(&words(purpose, *locale)).unwrap();
                assert!(html.contains(&format!("<html lang=\"{locale}\">")), "{html}");
                assert_eq!(html.contains("name=\"code\""), purpose == "second-factor");
                assert!(!html.contains("http"), "nothing from elsewhere");
            }
        }
    }

    #[test]
    fn the_browser_s_first_language_that_we_speak_is_taken() {
        let ask = |value: &'static str| {
            preferred(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value))]))
        };
        assert_eq!(ask("de-DE, id;q=0.8, en;q=0.5"), Locale::Id);
        assert_eq!(ask("en-GB"), Locale::En);
        assert_eq!(ask("fr"), Locale::En);
    }
}
