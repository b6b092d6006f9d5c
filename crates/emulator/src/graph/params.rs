//! Parameters of a call: query, JSON body and form body together, as Graph takes them.

use axum::body::Bytes;
use axum::extract::{FromRequest, Query, Request};
use axum::http::header;
use serde_json::{Map, Value};

use super::error::GraphError;
use crate::platform::Platform;

/// The parameters of a call. The body wins over the query; the access token is left out.
#[derive(Debug, Clone, Default)]
pub struct Params(pub Map<String, Value>);

impl Params {
    /// A parameter as text; numbers and booleans as they are written.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// A parameter that must be there.
    pub fn required(&self, name: &str) -> Result<String, GraphError> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| GraphError::missing(name))
    }

    /// A parameter that is JSON: as a value in a JSON body, as text in a form or query.
    pub fn json(&self, name: &str) -> Option<Value> {
        match self.0.get(name)? {
            Value::String(text) => serde_json::from_str(text).ok().or_else(|| Some(text.clone().into())),
            Value::Null => None,
            other => Some(other.clone()),
        }
    }
}

impl FromRequest<Platform> for Params {
    type Rejection = GraphError;

    async fn from_request(request: Request, platform: &Platform) -> Result<Self, GraphError> {
        let query: Query<Vec<(String, String)>> = Query::try_from_uri(request.uri())
            .map_err(|_| GraphError::parameter("The query string is not understood."))?;
        let mut params: Map<String, Value> =
            query.0.into_iter().map(|(name, value)| (name, value.into())).collect();
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        let body = Bytes::from_request(request, platform)
            .await
            .map_err(|_| GraphError::parameter("The request body could not be read."))?;
        if kind.starts_with("application/x-www-form-urlencoded") {
            params.extend(
                url::form_urlencoded::parse(&body)
                    .map(|(name, value)| (name.into_owned(), value.into_owned().into())),
            );
        } else if !body.is_empty() {
            match serde_json::from_slice(&body) {
                Ok(Value::Object(fields)) => params.extend(fields),
                _ => return Err(GraphError::parameter("The request body is not a JSON object.")),
            }
        }
        params.remove("access_token");
        Ok(Self(params))
    }
}
