//! Any provider that takes an HTTP request. What is asked and how its answer reads is the organisation's to say.

use std::str::FromStr as _;

use futures::future::BoxFuture;
use minijinja::{AutoEscape, Environment, context};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::twilio::lost;
use super::{Ear, Handed, Letter, Sender, said_at};
use crate::ctx::Ctx;
use crate::fallback::way::{BodyKind, HttpMethod, HttpWay};
use crate::outbound::{self, Redirects};

/// Its answers are short.
const MOST: usize = 64 << 10;
/// How many steps a template may take: plenty for a request, nothing for a loop.
const FUEL: u64 = 5_000;

/// A provider that takes HTTP requests.
pub(super) struct Http {
    pub ctx: Ctx,
    pub way: HttpWay,
    pub secret: Option<SecretString>,
}

impl Http {
    async fn hand_over(&self, letter: &Letter) -> Handed {
        let request = match self.request(letter) {
            Ok(request) => request,
            Err(why) => return Handed::Later(why),
        };
        match request.send().await {
            Err(error) => lost(&error),
            Ok(response) => {
                let status = response.status();
                let Ok(answer) = outbound::read(response, MOST).await else {
                    return Handed::Unknown("its answer broke off, or is too long".to_owned());
                };
                read(&self.way, status, &serde_json::from_slice(&answer).unwrap_or_default())
            }
        }
    }

    fn request(&self, letter: &Letter) -> Result<reqwest::RequestBuilder, String> {
        let written = write(&self.way, letter, self.secret.as_ref())?;
        let client = self
            .ctx
            .outbound
            .client_for(&written.url, Redirects::Stay)
            .map_err(|refused| refused.to_string())?;
        let method = match self.way.method {
            HttpMethod::Get => Method::GET,
            HttpMethod::Post => Method::POST,
            HttpMethod::Put => Method::PUT,
        };
        let request = client.request(method, written.url).headers(written.headers);
        Ok(match written.body {
            Some(body) => request.body(body),
            None => request,
        })
    }
}

impl Sender for Http {
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

/// A request as it goes out.
struct Written {
    url: Url,
    headers: HeaderMap,
    body: Option<String>,
}

/// Whether the templates of a request read. The error names the field and what is wrong with it.
pub(in crate::fallback) fn check(way: &HttpWay) -> Result<(), String> {
    let letter = Letter {
        id: rules::id::ReachId(uuid::Uuid::nil()),
        to: "6281234567890".to_owned(),
        subject: String::new(),
        text: "Halo \"apa kabar\"?\nSemoga baik.".to_owned(),
        unsubscribe: None,
        report: "https://sapa.example/webhooks/sms/x".to_owned(),
    };
    let written = write(way, &letter, Some(&"secret".into()))?;
    match (way.body_kind, &written.body) {
        (BodyKind::Json, Some(body)) if serde_json::from_str::<Value>(body).is_err() => {
            Err("the body is not JSON once it is filled in; write gaps without quotes: {\"to\": {{ to }}}"
                .to_owned())
        }
        _ => Ok(()),
    }
}

fn write(way: &HttpWay, letter: &Letter, secret: Option<&SecretString>) -> Result<Written, String> {
    let fill = |template: &str, escape: AutoEscape| {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(move |_| escape.clone());
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        let gaps = context! {
            to => &letter.to,
            from => &way.from,
            text => &letter.text,
            reference => letter.id.to_string(),
            callback => &letter.report,
            secret => secret.map(ExposeSecret::expose_secret).unwrap_or_default(),
        };
        environment.render_str(template, gaps).map_err(|error| error.to_string())
    };
    let url = fill(&way.url, AutoEscape::None).map_err(|error| format!("the address: {error}"))?;
    let url = Url::parse(&url).map_err(|error| format!("the address: {error}"))?;
    let mut headers = HeaderMap::new();
    for header in &way.headers {
        let value =
            fill(&header.value, AutoEscape::None).map_err(|error| format!("{}: {error}", header.name))?;
        let name = HeaderName::from_str(&header.name).map_err(|_| format!("{} is no header", header.name))?;
        let mut value =
            HeaderValue::from_str(&value).map_err(|_| format!("{name} cannot have this value"))?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let (kind, escape) = match way.body_kind {
        BodyKind::Json => ("application/json", AutoEscape::Json),
        BodyKind::Form => ("application/x-www-form-urlencoded", AutoEscape::None),
        BodyKind::Text => ("text/plain; charset=utf-8", AutoEscape::None),
    };
    let body = match way.method {
        HttpMethod::Get => None,
        HttpMethod::Post | HttpMethod::Put => {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(kind));
            Some(fill(&way.body, escape).map_err(|error| format!("the body: {error}"))?)
        }
    };
    Ok(Written { url, headers, body })
}

/// What the provider's answer says.
fn read(way: &HttpWay, status: StatusCode, answer: &Value) -> Handed {
    let reason = way.reason_at.as_deref().and_then(|at| said_at(answer, at));
    let words = reason
        .map_or_else(|| format!("the provider answered {status}"), |reason| format!("{status}: {reason}"));
    if status.is_success() {
        let taken = way.success_at.as_deref().is_none_or(|at| {
            said_at(answer, at)
                .is_some_and(|said| way.success_is.as_deref().is_none_or(|wanted| said == wanted))
        });
        let reference = way.reference_at.as_deref().and_then(|at| said_at(answer, at));
        return if taken { Handed::Taken(reference) } else { Handed::Refused(words) };
    }
    match status {
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::SERVICE_UNAVAILABLE => Handed::Later(words),
        status if status.is_client_error() || status.is_redirection() => Handed::Refused(words),
        _ => Handed::Unknown(words),
    }
}

#[cfg(test)]
mod tests {
    use rules::id::ReachId;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::fallback::way::Header;

    fn way(body_kind: BodyKind, body: &str) -> HttpWay {
        HttpWay {
            method: HttpMethod::Post,
            url: "https://sms.example/send?key={{ secret|urlencode }}".into(),
            headers: vec![Header { name: "Authorization".into(), value: "Bearer {{ secret }}".into() }],
            body_kind,
            body: body.into(),
            from: "Kopi".into(),
            success_at: Some("/ok".into()),
            success_is: Some("true".into()),
            reference_at: Some("/data/id".into()),
            reason_at: Some("/reason".into()),
            status_at: None,
            delivered_is: Vec::new(),
            failed_is: Vec::new(),
            inbound_from_at: None,
            inbound_text_at: None,
        }
    }

    fn letter(text: &str) -> Letter {
        Letter {
            id: ReachId(Uuid::from_u128(5)),
            to: "628".into(),
            subject: String::new(),
            text: text.into(),
            unsubscribe: None,
            report: "https://sapa.example/r".into(),
        }
    }

    #[test]
    fn what_people_write_cannot_break_out_of_its_gap() {
        let body = r#"{"to": {{ to }}, "text": {{ text }}, "callback": {{ callback }}}"#;
        let written =
            write(&way(BodyKind::Json, body), &letter("\", \"to\": \"9"), Some(&"k&y".into())).unwrap();
        let body: Value = serde_json::from_str(&written.body.unwrap()).unwrap();
        assert_eq!(
            body,
            json!({ "to": "628", "text": "\", \"to\": \"9", "callback": "https://sapa.example/r" })
        );
        assert_eq!(written.url.as_str(), "https://sms.example/send?key=k%26y");
        assert_eq!(written.headers["authorization"], "Bearer k&y");
        let form = way(BodyKind::Form, "to={{ to }}&text={{ text|urlencode }}");
        let written = write(&form, &letter("a&to=9"), None).unwrap();
        assert_eq!(written.body.unwrap(), "to=628&text=a%26to%3D9");
    }

    #[test]
    fn templates_that_do_not_read_or_run_on_are_told_before_anything_is_sent() {
        assert_eq!(check(&way(BodyKind::Json, r#"{"to": {{ to }}}"#)), Ok(()));
        for (body, why) in [
            (r#"{"to": {{ to }"#, "the body"),
            (r#"{"to": "{{ to }}"}"#, "without quotes"),
            (r#"{"to": {{ whom }}}"#, "the body"),
            ("{% for i in range(9999) %}x{% endfor %}", "the body"),
        ] {
            let told = check(&way(BodyKind::Json, body)).unwrap_err();
            assert!(told.contains(why), "{body}: {told}");
        }
    }

    #[test]
    fn answers_are_told_apart() {
        let way = way(BodyKind::Json, "{}");
        let said = |status: u16, answer| read(&way, StatusCode::from_u16(status).unwrap(), &answer);
        assert_eq!(said(200, json!({ "ok": true, "data": { "id": 7 } })), Handed::Taken(Some("7".into())));
        let refused = json!({ "ok": false, "reason": "number not in service" });
        assert_eq!(said(200, refused), Handed::Refused("200 OK: number not in service".into()));
        assert!(matches!(said(503, Value::Null), Handed::Later(_)));
        assert!(matches!(said(422, Value::Null), Handed::Refused(_)));
        assert!(matches!(said(500, Value::Null), Handed::Unknown(_)));
    }
}
