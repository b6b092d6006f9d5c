//! Twilio's API for messages (api.twilio.com/2010-04-01), and the signature of its callbacks.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::{Ear, Handed, Letter, Sender};
use crate::ctx::Ctx;
use crate::fallback::way::TwilioWay;
use crate::outbound::{self, Redirects};

/// Where Twilio is.
const TWILIO: &str = "https://api.twilio.com";
/// The person has answered STOP to the sender: Twilio carries nothing to them. (Twilio: "Error dictionary".)
const ENDED: i64 = 21_610;
/// Its answers are short.
const MOST: usize = 64 << 10;

/// Twilio.
pub(super) struct Twilio {
    pub ctx: Ctx,
    pub way: TwilioWay,
    pub secret: Option<SecretString>,
}

impl Twilio {
    async fn hand_over(&self, letter: &Letter) -> Handed {
        let Some(secret) = &self.secret else { return Handed::Later("the auth token is missing".to_owned()) };
        let base = self.way.base_url.as_deref().unwrap_or(TWILIO).trim_end_matches('/');
        let account = &self.way.account_sid;
        let Ok(url) = Url::parse(&format!("{base}/2010-04-01/Accounts/{account}/Messages.json")) else {
            return Handed::Later("the address of the API does not read".to_owned());
        };
        let client = match self.ctx.outbound.client_for(&url, Redirects::Stay) {
            Ok(client) => client,
            Err(refused) => return Handed::Later(refused.to_string()),
        };
        let sender = match (&self.way.messaging_service_sid, &self.way.from) {
            (Some(service), _) => ("MessagingServiceSid", service.as_str()),
            (None, from) => ("From", from.as_deref().unwrap_or_default()),
        };
        let to = format!("+{}", letter.to);
        let form = [sender, ("To", &to), ("Body", &letter.text), ("StatusCallback", &letter.report)];
        let request = client.post(url).basic_auth(account, Some(secret.expose_secret())).form(&form);
        match request.send().await {
            Err(error) => lost(&error),
            Ok(response) => {
                let status = response.status();
                let answer = outbound::read(response, MOST).await.unwrap_or_default();
                read(status, &serde_json::from_slice(&answer).unwrap_or_default())
            }
        }
    }
}

impl Sender for Twilio {
    fn send<'a>(&'a self, letters: &'a [Letter], _: &'a dyn Ear) -> BoxFuture<'a, Vec<Handed>> {
        Box::pin(async move {
            let mut handed = Vec::with_capacity(letters.len());
            for letter in letters {
                handed.push(self.hand_over(letter).await);
            }
            handed
        })
    }
}

/// What Twilio's answer says. (Twilio: "Create a Message resource" and "Error dictionary".)
fn read(status: StatusCode, answer: &Value) -> Handed {
    let words = match (answer["code"].as_i64(), answer["message"].as_str()) {
        (Some(code), Some(message)) => format!("Twilio {code}: {message}"),
        _ => format!("Twilio answered {status}"),
    };
    match status {
        StatusCode::CREATED | StatusCode::OK => Handed::Taken(answer["sid"].as_str().map(str::to_owned)),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => {
            Handed::Later(words)
        }
        status if status.is_client_error() && answer["code"].as_i64() == Some(ENDED) => Handed::Ended(words),
        status if status.is_client_error() => Handed::Refused(words),
        _ => Handed::Unknown(words),
    }
}

/// Whether the code of a callback says that the person has ended messages.
pub(in crate::fallback) fn says_ended(code: &str) -> bool {
    code.parse() == Ok(ENDED)
}

/// A request without an answer: where there was no connection, surely nothing was taken.
pub(super) fn lost(error: &reqwest::Error) -> Handed {
    if let Some(refused) = outbound::reason(error) {
        return Handed::Later(refused.to_string());
    }
    if error.is_connect() || error.is_builder() {
        Handed::Later("the provider cannot be reached".to_owned())
    } else {
        Handed::Unknown("the provider's answer was lost".to_owned())
    }
}

/// Whether Twilio signed a callback: the address as Twilio knows it, then each field's name and value in the order of the
/// names, under HMAC-SHA1 with the auth token. (Twilio: "Security", validating signatures.)
pub(in crate::fallback) fn is_signed(
    token: &SecretString,
    url: &str,
    fields: &[(String, String)],
    signature: &str,
) -> bool {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_unstable();
    let signed = sorted.iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.expose_secret().as_bytes());
    STANDARD.decode(signature).is_ok_and(|tag| hmac::verify(&key, signed.as_bytes(), &tag).is_ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_signature_of_twilios_own_example_holds() {
        // From Twilio's documentation on validating signatures.
        let fields = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let token = SecretString::from("12345");
        assert!(is_signed(&token, url, &fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        assert!(!is_signed(&token, url, &fields[1..], "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        assert!(!is_signed(&"54321".into(), url, &fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        assert!(!is_signed(&token, url, &fields, "no base64!"));
    }

    #[test]
    fn answers_are_told_apart() {
        let said = |status: u16, answer| read(StatusCode::from_u16(status).unwrap(), &answer);
        assert_eq!(said(201, json!({ "sid": "SM1" })), Handed::Taken(Some("SM1".into())));
        let refused = json!({ "code": 21211, "message": "The 'To' number is not valid." });
        assert_eq!(said(400, refused), Handed::Refused("Twilio 21211: The 'To' number is not valid.".into()));
        let ended = json!({ "code": 21610, "message": "Attempt to send to unsubscribed recipient" });
        assert!(matches!(said(400, ended), Handed::Ended(_)));
        assert!(says_ended("21610") && !says_ended("30003") && !says_ended(""));
        assert!(matches!(said(401, json!({})), Handed::Later(_)));
        assert!(matches!(said(429, json!({})), Handed::Later(_)));
        assert!(matches!(said(502, Value::Null), Handed::Unknown(_)));
    }
}
