//! Graph errors: Meta's envelope, texts and headers.
//!
//! Texts: meta-messaging 7.10, meta-onboarding 11.2. Clients match on `code`; texts are as close as is known.

use std::ops::{Deref, DerefMut};

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::journal::JournalError;
use crate::world::trace_id;

/// An error of the Graph API. Boxed, so that results that carry none stay small.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphError(Box<Parts>);

/// What an error says.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// HTTP status.
    pub status: StatusCode,
    /// `error.code`.
    pub code: i64,
    /// `error.error_subcode`.
    pub subcode: Option<i64>,
    /// `error.message`.
    pub message: String,
    /// `error.type`.
    pub kind: &'static str,
    /// `error.error_data.details`, with `messaging_product` beside it.
    pub details: Option<String>,
    /// `error.error_user_title` and `error.error_user_msg`.
    pub user: Option<(String, String)>,
    /// Keys beside `error` in the body, as the block API gives.
    pub beside: Map<String, Value>,
}

impl Deref for GraphError {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for GraphError {
    fn deref_mut(&mut self) -> &mut Parts {
        &mut self.0
    }
}

/// What a Graph handler returns.
pub type Answer<T = Json<Value>> = Result<T, GraphError>;

impl GraphError {
    /// A Graph-core error: the message stands as it is.
    pub fn core(status: u16, code: i64, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            code,
            subcode: None,
            message: message.into(),
            kind: "OAuthException",
            details: None,
            user: None,
            beside: Map::new(),
        }))
    }

    /// A Cloud API error: `(#code) title`, with details.
    pub fn cloud(code: i64, title: &str, details: impl Into<String>) -> Self {
        let mut error = Self::core(http_status(code), code, format!("(#{code}) {title}"));
        error.details = Some(details.into());
        error
    }

    /// Adds a subcode.
    pub fn with_subcode(mut self, subcode: i64) -> Self {
        self.subcode = Some(subcode);
        self
    }

    /// No token was sent.
    pub fn no_token() -> Self {
        Self::core(400, 104, "An access token is required to request this resource.")
    }

    /// The token is not one.
    pub fn bad_token() -> Self {
        Self::core(401, 190, "Invalid OAuth access token - Cannot parse access token")
    }

    /// The object does not exist or the token does not reach it; `method` as in HTTP.
    pub fn unknown_object(method: &axum::http::Method, id: &str) -> Self {
        let verb = method.as_str().to_ascii_lowercase();
        let mut error = Self::core(
            400,
            100,
            format!(
                "Unsupported {verb} request. Object with ID '{id}' does not exist, cannot be loaded due to \
                 missing permissions, or does not support this operation. Please read the Graph API \
                 documentation at https://developers.facebook.com/docs/graph-api"
            ),
        )
        .with_subcode(33);
        error.kind = "GraphMethodException";
        error
    }

    /// A path that names no version or edge.
    pub fn unknown_path(path: &str) -> Self {
        Self::core(400, 2500, format!("Unknown path components: /{}", path.trim_start_matches('/')))
    }

    /// A parameter is wrong (code 100); the text gets the `(#100)` prefix.
    pub fn parameter(text: impl std::fmt::Display) -> Self {
        Self::core(400, 100, format!("(#100) {text}"))
    }

    /// A required parameter is absent.
    pub fn missing(name: &str) -> Self {
        Self::parameter(format!("The parameter {name} is required."))
    }

    /// A value inside a message is wrong.
    pub fn value(details: impl Into<String>) -> Self {
        Self::cloud(131009, "Parameter value is not valid", details)
    }

    /// A required part of a message is absent.
    pub fn required(details: impl Into<String>) -> Self {
        Self::cloud(131008, "Required parameter is missing", details)
    }

    /// The permission is missing.
    pub fn permission() -> Self {
        Self::core(403, 200, "(#200) Permissions error")
    }

    /// The body.
    pub fn body(&self) -> Value {
        let mut error = Map::new();
        error.insert("message".into(), self.message.clone().into());
        error.insert("type".into(), self.kind.into());
        error.insert("code".into(), self.code.into());
        if let Some(subcode) = self.subcode {
            error.insert("error_subcode".into(), subcode.into());
        }
        if self.user.is_some() || self.transient() {
            error.insert("is_transient".into(), self.transient().into());
        }
        if let Some((title, text)) = &self.user {
            error.insert("error_user_title".into(), title.clone().into());
            error.insert("error_user_msg".into(), text.clone().into());
        }
        if let Some(details) = &self.details {
            error.insert("error_data".into(), json!({"messaging_product": "whatsapp", "details": details}));
        }
        error.insert("fbtrace_id".into(), trace_id().into());
        let mut body = self.beside.clone();
        body.insert("error".into(), error.into());
        body.into()
    }

    /// Whether Meta says that the same call may work later. Written only where it is true, and on errors for people.
    fn transient(&self) -> bool {
        self.code == 2
    }

    /// The `www-authenticate` reason (meta-onboarding 0.1).
    fn reason(&self) -> &'static str {
        match (self.code, self.subcode) {
            (190, _) => "invalid_token",
            (100, Some(36007..=36009)) => "invalid_code",
            _ => "invalid_request",
        }
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let quoted = self.message.replace(['"', '\\'], "'");
        let challenge = format!(r#"OAuth "Facebook Platform" "{}" "{quoted}""#, self.reason());
        let mut response = (self.status, Json(self.body())).into_response();
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

impl From<JournalError> for GraphError {
    fn from(_: JournalError) -> Self {
        Self::core(503, 2, "Service temporarily unavailable")
    }
}

/// The documented HTTP status of a code on node and edge calls (meta-onboarding 6.3).
pub fn http_status(code: i64) -> u16 {
    match code {
        0 | 190 => 401,
        2 | 133004 => 503,
        3 | 131000 | 131016 | 131045 | 131057 | 133000 | 134102 => 500,
        10 | 200..=299 | 368 | 130497 | 131005 | 131031 => 403,
        132001 => 404,
        _ => 400,
    }
}
