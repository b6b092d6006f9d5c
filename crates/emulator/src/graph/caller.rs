//! Who calls: the access token of a request, checked.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{Method, header};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::error::{Answer, GraphError};
use super::refusals;
use crate::platform::Platform;
use crate::webhooks::sign;
use crate::world::{Account, Death, Millis, Number, Token, World};

/// A caller with a working token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The token.
    pub token: Token,
    /// HTTP method, for texts that name it.
    pub method: Method,
}

#[derive(Deserialize)]
struct TokenQuery {
    access_token: Option<String>,
}

/// The token that a request carries in its header or query.
pub fn presented(parts: &Parts) -> Option<String> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        ["bearer", "oauth"].contains(&scheme.to_ascii_lowercase().as_str()).then(|| token.trim().to_owned())
    });
    bearer.or_else(|| Query::<TokenQuery>::try_from_uri(&parts.uri).ok()?.0.access_token)
}

impl Caller {
    /// The caller with this token, or the error that Meta gives for it.
    pub fn with_token(world: &World, value: &str, method: Method) -> Answer<Self> {
        let token = world.tokens.get(value).ok_or_else(GraphError::bad_token)?;
        if let Some(error) = flaw(token, world.now()) {
            return Err(error);
        }
        Ok(Self { token: token.clone(), method })
    }

    /// The messaging account with this id, if the token reaches it.
    pub fn account<'w>(&self, world: &'w World, id: &str) -> Answer<&'w Account> {
        let account = world.accounts.get(id).filter(|account| self.token.reaches(account));
        account.ok_or_else(|| self.unknown(id))
    }

    /// The number with this id, if the token reaches its messaging account.
    pub fn number<'w>(&self, world: &'w World, id: &str) -> Answer<&'w Number> {
        let number = world.numbers.get(id).ok_or_else(|| self.unknown(id))?;
        self.account(world, &number.account_id).map_err(|_| self.unknown(id))?;
        Ok(number)
    }

    /// The error for an object the token does not reach.
    pub fn unknown(&self, id: &str) -> GraphError {
        GraphError::unknown_object(&self.method, id)
    }

    /// Requires a permission (#200).
    pub fn require(&self, scope: &str) -> Answer<()> {
        if self.token.may(scope) { Ok(()) } else { Err(GraphError::permission()) }
    }
}

/// Why a token does not work now, if it does not.
pub fn flaw(token: &Token, now: Millis) -> Option<GraphError> {
    if let Some(death) = token.death {
        let (subcode, text) = match death {
            Death::AppRemoved => (458, format!("The user has not authorized application {}.", token.app_id)),
            Death::PasswordChanged => (
                460,
                "The session has been invalidated because the user changed their password or Facebook has \
                 changed the session for security reasons."
                    .to_owned(),
            ),
            Death::Invalidated => (467, "The session has been invalidated.".to_owned()),
        };
        return Some(
            GraphError::core(401, 190, format!("Error validating access token: {text}"))
                .with_subcode(subcode),
        );
    }
    let expired = token.expires_at.filter(|at| *at <= now)?;
    let text = format!(
        "Error validating access token: Session has expired on {}. The current time is {}.",
        pacific(expired),
        pacific(now)
    );
    Some(GraphError::core(401, 190, text).with_subcode(463))
}

/// A time as Meta writes it in token errors: `Thursday, 19-Nov-26 16:00:00 PST`.
fn pacific(at: Millis) -> String {
    let zone = TimeZone::get("America/Los_Angeles").unwrap_or(TimeZone::UTC);
    jiff::Timestamp::from_millisecond(at)
        .map(|time| time.to_zoned(zone).strftime("%A, %d-%b-%y %H:%M:%S %Z").to_string())
        .unwrap_or_default()
}

#[derive(Deserialize)]
struct ProofQuery {
    appsecret_proof: Option<String>,
}

/// Checks `appsecret_proof`: a wrong one never passes, and some apps require one.
fn proved(world: &World, token: &Token, parts: &Parts) -> Answer<()> {
    let given = Query::<ProofQuery>::try_from_uri(&parts.uri).ok().and_then(|query| query.0.appsecret_proof);
    let Some(app) = world.apps.get(&token.app_id) else { return Ok(()) };
    match given {
        Some(proof) if proof != sign::appsecret_proof(&app.secret, &token.value) => {
            Err(refusals::wrong_proof())
        }
        None if app.requires_proof => Err(refusals::no_proof()),
        _ => Ok(()),
    }
}

impl FromRequestParts<Platform> for Caller {
    type Rejection = GraphError;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, GraphError> {
        let value = presented(parts).ok_or_else(GraphError::no_token)?;
        platform.read(|world| {
            let caller = Self::with_token(world, &value, parts.method.clone())?;
            proved(world, &caller.token, parts)?;
            Ok(caller)
        })
    }
}
