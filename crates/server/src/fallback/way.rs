//! How an organisation's messages are carried on a channel: what it says of its provider, apart from secrets.

use garde::Validate;
use rules::consent::Channel;
use rules::fallback::Encryption;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A way to carry messages.
#[expect(clippy::large_enum_variant, reason = "one is read for a whole batch")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(tag = "provider", rename_all = "snake_case")]
#[schema(as = ChannelWay)]
pub enum Way {
    /// E-mail through one's own mail server. Its secret is the password.
    Smtp(#[garde(dive)] SmtpWay),
    /// E-mail through the installation's mail server, in the organisation's name.
    Operator(#[garde(dive)] OperatorWay),
    /// SMS through Twilio. Its secret is the auth token.
    Twilio(#[garde(dive)] TwilioWay),
    /// SMS through a provider that takes an HTTP request. Its secret is whatever `{{ secret }}` stands for.
    Http(#[garde(dive)] HttpWay),
    /// SMS through a message centre that speaks SMPP 3.4. Its secret is the password.
    Smpp(#[garde(dive)] SmppWay),
}

impl Way {
    /// Reads what was stored.
    pub(super) fn read(stored: &Value) -> Result<Self, String> {
        serde_json::from_value(stored.clone())
            .map_err(|_| "its settings do not read any more; save them again".to_owned())
    }

    /// The channel that it carries.
    pub(super) fn channel(&self) -> Channel {
        super::sender::provider(self).channel()
    }

    /// To whom the secret goes: a secret that is kept goes nowhere else.
    pub(super) fn confidant(&self) -> String {
        match self {
            Self::Smtp(way) => format!("{}:{}", way.host, way.port),
            Self::Operator(_) => String::new(),
            Self::Twilio(way) => {
                format!("{} {}", way.base_url.as_deref().unwrap_or_default(), way.account_sid)
            }
            Self::Http(way) => {
                let rest = way.url.split_once("://").map_or(way.url.as_str(), |(_, rest)| rest);
                rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
            }
            Self::Smpp(way) => format!("{}:{}", way.host, way.port),
        }
    }
}

/// One's own mail server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SmtpWay {
    /// Its name.
    #[garde(length(min = 1, max = 253))]
    #[schema(min_length = 1, max_length = 253, example = "mail.example.com")]
    pub host: String,
    /// Its port: 587, 465, 25 or 2525.
    #[schema(example = 587)]
    pub port: u16,
    /// How the connection is kept private.
    pub encryption: Encryption,
    /// Who signs in; absent where nobody has to.
    #[garde(length(max = 320))]
    #[schema(max_length = 320)]
    pub user: Option<String>,
    /// The address that mail comes from.
    #[garde(custom(address))]
    #[schema(max_length = 320, example = "halo@kopi.example")]
    pub from: String,
    /// Where answers go, if elsewhere.
    #[garde(inner(custom(address)))]
    #[schema(max_length = 320)]
    pub reply_to: Option<String>,
}

/// The installation's mail server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct OperatorWay {
    /// Where answers go.
    #[garde(inner(custom(address)))]
    #[schema(max_length = 320)]
    pub reply_to: Option<String>,
}

/// Twilio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct TwilioWay {
    /// The account.
    #[garde(length(min = 1, max = 64), alphanumeric)]
    #[schema(min_length = 1, max_length = 64, example = "AC00000000000000000000000000000001")]
    pub account_sid: String,
    /// The number or name that texts come from; this or a messaging service.
    #[garde(length(max = 20))]
    #[schema(max_length = 20, example = "+14155550100")]
    pub from: Option<String>,
    /// The messaging service that picks the sender.
    #[garde(length(max = 64))]
    #[schema(max_length = 64)]
    pub messaging_service_sid: Option<String>,
    /// Another address that speaks Twilio's language; Twilio's own where absent.
    #[garde(length(max = 500))]
    #[schema(max_length = 500)]
    pub base_url: Option<String>,
}

/// How a provider is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HttpMethod {
    /// All in the address.
    Get,
    /// With a body.
    Post,
    /// With a body.
    Put,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyKind {
    /// JSON: each gap is written as a JSON value, with its quotes.
    Json,
    /// A form: gaps are written with `|urlencode`.
    Form,
    /// Plain text.
    Text,
}

/// A header of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    #[garde(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "Authorization")]
    pub name: String,
    /// Its value, in which gaps are filled.
    #[garde(length(max = 1000))]
    #[schema(max_length = 1000, example = "Bearer {{ secret }}")]
    pub value: String,
}

/// A provider that takes an HTTP request. Gaps in address, headers and body are filled: `{{ to }}` (digits with the
/// country's code), `{{ from }}`, `{{ text }}`, `{{ reference }}`, `{{ callback }}` (where it may tell what became of the
/// text) and `{{ secret }}`. Places in its answers are JSON pointers such as `/data/id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(as = HttpSmsWay)]
pub struct HttpWay {
    /// How it is asked.
    pub method: HttpMethod,
    /// Its address.
    #[garde(length(min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000, example = "https://sms.example.com/send")]
    pub url: String,
    /// Headers.
    #[garde(length(max = 20), dive)]
    #[schema(max_items = 20)]
    #[serde(default)]
    pub headers: Vec<Header>,
    /// What the body is.
    pub body_kind: BodyKind,
    /// The body.
    #[garde(length(max = 4000))]
    #[schema(max_length = 4000)]
    #[serde(default)]
    pub body: String,
    /// Whom texts come from.
    #[garde(length(max = 20))]
    #[schema(max_length = 20, example = "KopiSenja")]
    pub from: String,
    /// Where a successful answer says that the text was taken. Without it every 2xx counts.
    #[garde(length(max = 200))]
    #[schema(max_length = 200)]
    pub success_at: Option<String>,
    /// What it has to say there; without it anything counts.
    #[garde(length(max = 200))]
    #[schema(max_length = 200)]
    pub success_is: Option<String>,
    /// Where the answer has the provider's name for the text.
    #[garde(length(max = 200))]
    #[schema(max_length = 200)]
    pub reference_at: Option<String>,
    /// Where the answer says why not.
    #[garde(length(max = 200))]
    #[schema(max_length = 200)]
    pub reason_at: Option<String>,
    /// Where a callback says what became of the text; `/status` where absent.
    #[garde(length(max = 200))]
    #[schema(max_length = 200)]
    pub status_at: Option<String>,
    /// What it says there of a text that arrived; words that begin with `deliv` where none are given.
    #[garde(length(max = 20), inner(length(max = 100)))]
    #[schema(max_items = 20)]
    #[serde(default)]
    pub delivered_is: Vec<String>,
    /// What it says there of a text that never will; the usual words where none are given.
    #[garde(length(max = 20), inner(length(max = 100)))]
    #[schema(max_items = 20)]
    #[serde(default)]
    pub failed_is: Vec<String>,
    /// Where a text that somebody wrote says who did; `/from` where absent.
    #[garde(length(max = 200))]
    #[schema(max_length = 200, example = "/sender/msisdn")]
    pub inbound_from_at: Option<String>,
    /// Where it says what; `/text` or `/message` where absent.
    #[garde(length(max = 200))]
    #[schema(max_length = 200, example = "/body")]
    pub inbound_text_at: Option<String>,
}

impl HttpWay {
    /// What a callback says became of a text: `true` that it arrived, `false` that it never will.
    pub(super) fn verdict(&self, said: &str) -> Option<bool> {
        let said = said.to_ascii_lowercase();
        let is_one = |own: &[String], usual: &[&str]| {
            if own.is_empty() {
                usual.iter().any(|word| said.starts_with(word))
            } else {
                own.iter().any(|word| word.eq_ignore_ascii_case(&said))
            }
        };
        if is_one(&self.delivered_is, &["deliv"]) {
            return Some(true);
        }
        is_one(&self.failed_is, &["fail", "undeliv", "reject", "expire", "error"]).then_some(false)
    }
}

/// A message centre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SmppWay {
    /// Its name.
    #[garde(length(min = 1, max = 253))]
    #[schema(min_length = 1, max_length = 253)]
    pub host: String,
    /// Its port, mostly 2775.
    #[schema(example = 2775)]
    pub port: u16,
    /// Whether the connection is within TLS.
    #[serde(default)]
    pub tls: bool,
    /// The account's name there.
    #[garde(length(min = 1, max = 15), ascii)]
    #[schema(min_length = 1, max_length = 15)]
    pub system_id: String,
    /// The kind of system, where the centre asks for one.
    #[garde(length(max = 12))]
    #[schema(max_length = 12)]
    pub system_type: Option<String>,
    /// Whom texts come from: a name, a number, or a short code.
    #[garde(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20)]
    pub from: String,
}

/// An address that mail may come from or go to.
fn address(address: &str, (): &()) -> garde::Result {
    match address.parse::<lettre::message::Mailbox>() {
        Ok(_) if address.len() <= 320 => Ok(()),
        _ => Err(garde::Error::new("must be an e-mail address such as halo@kopi.example")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_stays_with_whom_it_was_given_to() {
        let way = |host: &str| {
            Way::read(&json!({ "provider": "http", "method": "post", "url": format!("https://{host}/send"),
                "body_kind": "json", "from": "Kopi" }))
            .unwrap()
        };
        assert_eq!(way("a.example").confidant(), "a.example");
        assert_ne!(way("a.example").confidant(), way("b.example").confidant());
        assert_eq!(way("a.example").channel(), Channel::Sms);
    }

    #[test]
    fn words_of_providers_are_understood() {
        let Way::Http(mut way) = Way::read(&json!({ "provider": "http", "method": "post",
            "url": "https://a.example", "body_kind": "json", "from": "Kopi" }))
        .unwrap() else {
            unreachable!()
        };
        assert_eq!(way.verdict("DELIVERED"), Some(true));
        assert_eq!(way.verdict("undelivered"), Some(false));
        assert_eq!(way.verdict("queued"), None);
        way.delivered_is = vec!["2".into()];
        assert_eq!((way.verdict("2"), way.verdict("delivered")), (Some(true), None));
    }
}
