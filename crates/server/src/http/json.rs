//! JSON bodies, read and validated. What is wrong with one is told as a problem, field by field.

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use garde::Validate;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::problem::{FieldError, Problem};

/// A JSON body: validated when it comes in, written when it goes out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        is_json(request.headers())?;
        parse(&read(request, state).await?).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Reads the whole body.
pub(crate) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large()
        } else {
            Problem::bad_request("unreadable_body", "The body broke off. Send the request again.")
        }
    })
}

/// Reads and validates bytes that are to be JSON.
pub(crate) fn parse<T: DeserializeOwned + Validate<Context = ()>>(bytes: &[u8]) -> Result<T, Problem> {
    if has_nul(bytes) {
        return Err(Problem::unprocessable(
            "nul_in_text",
            "A text holds the character U+0000, which cannot be stored. Remove it.",
        ));
    }
    let axum::Json(value) =
        axum::Json::<T>::from_bytes(bytes).map_err(|rejection| refused(&rejection, bytes))?;
    validated(value)
}

/// Passes a value on if it keeps its own rules.
pub(crate) fn validated<T: Validate<Context = ()>>(value: T) -> Result<T, Problem> {
    match value.validate() {
        Ok(()) => Ok(value),
        Err(report) => Err(Problem::invalid(
            report.iter().map(|(path, error)| FieldError::new(path.to_string(), error.to_string())).collect(),
        )),
    }
}

/// Whether a JSON text escapes U+0000 anywhere; PostgreSQL stores none. Bare, it is no JSON at all.
fn has_nul(json: &[u8]) -> bool {
    let escaped =
        |at: usize| !json[..at].iter().rev().take_while(|byte| **byte == b'\\').count().is_multiple_of(2);
    json.windows(6).enumerate().any(|(at, six)| six == br"\u0000" && !escaped(at))
}

fn refused(rejection: &JsonRejection, bytes: &[u8]) -> Problem {
    // An empty object in place of a choice counts as bad syntax with the parser, though it is JSON.
    let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
    match rejection {
        JsonRejection::JsonSyntaxError(error) if is_json() => Problem::unprocessable(
            "unexpected_json",
            format!(
                "The JSON does not fit: {}.",
                innermost(error).replace("expected value", "exactly one choice is wanted")
            ),
        ),
        JsonRejection::JsonDataError(error) => {
            Problem::unprocessable("unexpected_json", format!("The JSON does not fit: {}.", innermost(error)))
        }
        JsonRejection::JsonSyntaxError(error) => Problem::bad_request(
            "malformed_json",
            format!("The body is not valid JSON: {}.", innermost(error)),
        ),
        other => Problem::bad_request(
            "unreadable_body",
            format!("The body cannot be read: {}.", other.body_text()),
        ),
    }
}

/// Refuses a body that does not say it is JSON: a form of another site cannot say that without being asked first.
pub(crate) fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    if kind.eq_ignore_ascii_case("application/json") { Ok(()) } else { Err(not_json()) }
}

fn not_json() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not_json",
        "Not JSON",
        "Send the body as JSON, with the header `Content-Type: application/json`.",
    )
}

/// The body is larger than this address takes.
pub(crate) fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "Too large",
        "The body is larger than this address takes. Send less at once.",
    )
}

/// The deepest cause, which names the field; the outer ones only say that there was one.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::has_nul;

    #[test]
    fn an_escaped_nul_is_seen_and_an_escaped_backslash_is_not_one() {
        assert!(has_nul(br#"{"text":"a\u0000b"}"#));
        assert!(has_nul(br#"{"text":"\\\u0000"}"#));
        assert!(!has_nul(br#"{"text":"\\u0000"}"#));
        assert!(!has_nul(br#"{"text":"u0000"}"#));
    }
}
