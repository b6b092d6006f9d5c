//! Failures as the API tells them: RFC 9457 problem details with a stable `code`.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use meta::errors::{Doing, Language, explain};
use meta::graph::GraphError;
use rules::role::Right;
use serde::Serialize;
use serde_json::{Map, Value};
use store::StoreError;
use utoipa::ToSchema;

/// A failed request. One pointer wide, so that it costs nothing where nothing fails.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<Details>);

/// A failed request, told in full (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Details {
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// Names the kind of failure; never changes, so programs may rely on it.
    #[schema(value_type = String, example = "not_found")]
    pub code: Cow<'static, str>,
    /// The kind of failure in a few words.
    #[schema(value_type = String, example = "Not found")]
    pub title: Cow<'static, str>,
    /// What is wrong with this request and how to mend it.
    pub detail: String,
    /// What is wrong with single fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Facts that belong to this code.
    #[serde(flatten)]
    #[schema(ignore)]
    pub facts: Map<String, Value>,
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<u64>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// The path of the field, such as `members[2].role`.
    #[schema(example = "name")]
    pub field: String,
    /// What is wrong with it.
    pub message: String,
    /// The same in Indonesian, where people read it beside the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

impl FieldError {
    /// This is wrong with this field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), message_id: None }
    }

    /// Says it in Indonesian, too.
    pub fn indonesian(self, message: impl Into<String>) -> Self {
        Self { message_id: Some(message.into()), ..self }
    }
}

impl Problem {
    /// A failure of this kind.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self(Box::new(Details {
            status: status.as_u16(),
            code: code.into(),
            title: title.into(),
            detail: detail.into(),
            errors: Vec::new(),
            facts: Map::new(),
            retry_after: None,
        }))
    }

    /// 400: the request itself is malformed.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "Bad request", detail)
    }

    /// 401: it is not known who asks.
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Not signed in",
            "Sign in, or send an API key as `Authorization: Bearer …`. A session ends when it is idle for long, \
             revoked, or the password changes.",
        )
    }

    /// 401: what was given as proof does not prove it.
    pub fn unproven(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, "Not proven", detail)
    }

    /// 403: who asks may not do this.
    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, "Not allowed", detail)
    }

    /// 403: the role or key lacks a right.
    pub fn lacks(right: Right) -> Self {
        Self::forbidden(
            "right_missing",
            format!(
                "This needs the right `{right}`. Ask an owner or admin of the organisation for a role, or a key, that has it."
            ),
        )
        .with("right", right.as_str())
    }

    /// 403: the operator has suspended the organisation.
    pub fn suspended() -> Self {
        Self::forbidden(
            "organisation_suspended",
            "The operator has suspended this organisation: it can be read, not changed. Ask the operator.",
        )
    }

    /// 404: there is nothing of this name, or it is another organisation's.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "Not found",
            "There is nothing here under this address or id, or it belongs to another organisation. Check the id.",
        )
    }

    /// 409: it does not fit with how things stand.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, "Conflict", detail)
    }

    /// 422: understood, and refused for what it says.
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, "Refused", detail)
    }

    /// 422: some fields are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let fields = errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>().join(", ");
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "Invalid fields",
            format!("Correct these fields and send the request again: {fields}."),
        );
        problem.0.errors = errors;
        problem
    }

    /// 422: one field is wrong.
    pub fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, message)])
    }

    /// 422, what was asked of Meta was refused; 503, Meta was not reached or answered half.
    pub fn by_meta(error: &GraphError) -> Self {
        let GraphError::Refused(refusal) = error else {
            tracing::warn!(error = error as &dyn std::error::Error, "Meta was asked in vain");
            return Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "meta_unreachable",
                "Meta not reached",
                "Meta could not be reached, or did not answer whole. Look whether it was done before you try again.",
            )
            .with("detail_id", "Meta tidak dapat dihubungi, atau jawabannya tidak lengkap. Periksa dulu apakah sudah \
                terjadi sebelum mencoba lagi.")
            .retry_after(Duration::from_secs(10));
        };
        let told = explain(Doing::Other, refusal.code, refusal.subcode);
        let whole = |language| format!("{} {}", told.sentence(language), told.action(language));
        Self::unprocessable("meta_refused", whole(Language::English))
            .with("detail_id", whole(Language::Indonesian))
            .with("meta_code", refusal.code)
            .with("meta_subcode", refusal.subcode)
            .with("meta_words", refusal.words())
    }

    /// 429: too often; it may work after `wait`.
    pub fn too_many(code: &'static str, wait: Duration, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, "Too many attempts", detail).retry_after(wait)
    }

    /// 429: more than may be taken at once; it works again after `wait`.
    pub fn slow_down(code: &'static str, wait: Duration, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, "Slow down", detail)
            .retry_after(wait.max(Duration::from_secs(1)))
    }

    /// 503: more is under way than this process takes at once.
    pub fn overloaded(wait: Duration) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "Overloaded",
            "The server has more requests under way than it takes at once. Nothing was changed; send the request again \
             in a few seconds.",
        )
        .retry_after(wait)
    }

    /// 503: not now; it may work after a moment.
    pub fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "Busy",
            "The server cannot do this at the moment. Nothing was changed; send the request again in a few seconds.",
        )
        .retry_after(Duration::from_secs(2))
    }

    /// 500: our own fault. The cause is logged here, once, and not told.
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = cause, "request failed");
        Self::unexplained()
    }

    /// 500 without a cause to log, because it is logged already.
    pub(crate) fn unexplained() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Internal error",
            "This is a defect of the server, not of the request. The operator finds the cause in the log under the \
             `x-request-id` of this answer.",
        )
    }

    /// All that is told.
    pub fn details(&self) -> &Details {
        &self.0
    }

    /// Adds a fact that belongs to the code.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.facts.insert(name.to_owned(), value.into());
        self
    }

    /// Says when to try again, in whole seconds rounded up.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"sapa\""));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            busy @ StoreError::Busy(_) => {
                tracing::warn!(error = &busy as &dyn std::error::Error, "the database cannot be used");
                Self::busy()
            }
            other => Self::internal(&other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_carries_code_facts_and_when_to_come_back() {
        let response = Problem::too_many("slow_down", Duration::from_millis(1_500), "Wait.")
            .with("limit", 5)
            .into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let told = serde_json::to_value(Problem::lacks(Right::ReadAudit)).unwrap();
        assert_eq!(told["right"], "audit.read");
        assert!(told.get("errors").is_none());
    }
}
