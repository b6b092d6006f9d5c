//! `/w/{token}`: the page at which a contact agrees to get a message on WhatsApp, or ends messages on another channel.
//!
//! To open it changes nothing: mail is looked through by machines that open every link. Its one button sends a form.
//! (RFC 8058 asks for the same of the address in `List-Unsubscribe`, to which a mail program posts by itself.)

use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use rules::consent::Channel;
use rules::locale::Locale;
use serde::Serialize;

use crate::ctx::Ctx;
use crate::fallback::door::{self, Seen, View};
use crate::http::{Client, Problem};

/// Nothing from elsewhere; the form goes to this page alone. The link speaks for whoever has it: it is told to nobody.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/w/{token}", get(open).post(press))
}

async fn open(State(ctx): State<Ctx>, Path(token): Path<String>) -> Result<Response, Problem> {
    Ok(show(door::open(&ctx, &token).await?))
}

async fn press(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    client: Client,
) -> Result<Response, Problem> {
    Ok(show(door::press(&ctx, &token, &client).await?))
}

/// What a page says.
#[derive(Serialize)]
struct Words {
    locale: Locale,
    business: String,
    title: String,
    about: String,
    /// What is agreed to, word for word; empty where nothing is.
    wording: String,
    /// What the button says; empty where there is none.
    button: &'static str,
    /// What to know besides.
    note: &'static str,
}

fn words(seen: Seen) -> Words {
    let Seen { locale, business, view } = seen;
    let english = locale == Locale::En;
    let pick = |en: &'static str, id: &'static str| if english { en } else { id };
    let told = |title: &str, about: String| Words {
        locale,
        business: business.clone(),
        title: title.to_owned(),
        about,
        wording: String::new(),
        button: "",
        note: "",
    };
    let channel = |channel: Channel| if channel == Channel::Email { "e-mail" } else { "SMS" };
    match view {
        View::Ask { wording } => Words {
            wording,
            button: pick("Yes, send it on WhatsApp", "Ya, kirim lewat WhatsApp"),
            note: pick(
                "Nothing is sent unless you press the button.",
                "Tidak ada yang dikirim jika tombol ini tidak ditekan.",
            ),
            ..told(
                pick("Get it on WhatsApp?", "Terima lewat WhatsApp?"),
                if english {
                    format!("{business} has a message for you and may send it on WhatsApp once you agree.")
                } else {
                    format!(
                        "{business} punya pesan untuk Anda dan boleh mengirimkannya lewat WhatsApp setelah Anda setuju."
                    )
                },
            )
        },
        View::Agreed => told(
            pick("Thank you", "Terima kasih"),
            if english {
                format!(
                    "You agreed, and {business} sends you the message on WhatsApp. You can close this page."
                )
            } else {
                format!(
                    "Anda sudah setuju, dan {business} mengirim pesannya lewat WhatsApp. Halaman ini boleh ditutup."
                )
            },
        ),
        View::Stopped => told(
            pick("One more step", "Satu langkah lagi"),
            if english {
                format!(
                    "You once asked {business} to stop all messages. To get messages again, write START to them on WhatsApp."
                )
            } else {
                format!(
                    "Anda pernah meminta {business} menghentikan semua pesan. Untuk menerima pesan lagi, kirim MULAI kepada mereka di WhatsApp."
                )
            },
        ),
        View::Over => told(
            pick("This link is over", "Tautan ini sudah berakhir"),
            if english {
                format!(
                    "It was for a message that is settled by now. If you still need something, write to {business}."
                )
            } else {
                format!(
                    "Tautan ini untuk pesan yang sudah selesai. Jika masih ada yang Anda perlukan, hubungi {business}."
                )
            },
        ),
        View::AskToEnd { channel: ended } => Words {
            button: pick("Stop these messages", "Hentikan pesan ini"),
            ..told(
                &if english {
                    format!("No more {} from {business}?", channel(ended))
                } else {
                    format!("Tidak ingin {} dari {business} lagi?", channel(ended))
                },
                pick(
                    "Press the button, and they stop at once. WhatsApp messages are not affected.",
                    "Tekan tombolnya, dan pesan langsung berhenti. Pesan WhatsApp tidak terpengaruh.",
                )
                .to_owned(),
            )
        },
        View::Ended { channel: ended } => told(
            pick("It is done", "Sudah beres"),
            if english {
                format!("{business} sends you no more {}.", channel(ended))
            } else {
                format!("{business} tidak akan mengirim {} lagi kepada Anda.", channel(ended))
            },
        ),
    }
}

static PAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    if let Err(error) = environment.add_template("page", include_str!("page.html")) {
        tracing::error!(%error, "the page of links does not read");
    }
    environment
});

fn show(seen: Option<Seen>) -> Response {
    let (status, words) = match seen {
        Some(seen) => (StatusCode::OK, words(seen)),
        None => (
            StatusCode::NOT_FOUND,
            Words {
                locale: Locale::En,
                business: "Sapa".to_owned(),
                title: "There is no such link · Tautan tidak ditemukan".to_owned(),
                about: "Check that the whole link was copied. Pastikan seluruh tautan tersalin.".to_owned(),
                wording: String::new(),
                button: "",
                note: "",
            },
        ),
    };
    let page = PAGE.get_template("page").and_then(|page| page.render(Serde(&words)));
    let page = match page {
        Ok(page) => page,
        Err(error) => return Problem::internal(&error).into_response(),
    };
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    (status, headers, Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_reads_in_every_language_and_holds_nothing_from_elsewhere() {
        let business = "Kopi <Senja> & Co".to_owned();
        for locale in Locale::ALL {
            for view in [
                View::Ask { wording: "I agree".into() },
                View::Agreed,
                View::Stopped,
                View::Over,
                View::AskToEnd { channel: Channel::Email },
                View::Ended { channel: Channel::Sms },
            ] {
                let asks = matches!(view, View::Ask { .. } | View::AskToEnd { .. });
                let seen = Seen { locale: *locale, business: business.clone(), view };
                let page = PAGE.get_template("page").unwrap().render(Serde(&words(seen))).unwrap();
                assert!(page.contains(&format!("<html lang=\"{locale}\">")), "{page}");
                assert_eq!(page.contains("<form method=\"post\">"), asks);
                assert!(page.contains("Kopi &lt;Senja&gt; &amp; Co") && !page.contains("<Senja>"));
                assert!(!page.contains("http"), "nothing from elsewhere");
            }
        }
    }
}
