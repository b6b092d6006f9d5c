//! Access tokens: who they stand for and what they reach.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Account, Millis};

/// An access token. Its value is the key of the table and is never shown by `Debug`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// The token itself.
    pub value: String,
    /// The app that the token was made for.
    pub app_id: String,
    /// What sort of token it is.
    pub kind: TokenKind,
    /// The (system) user it acts as; one of its own unless told.
    #[serde(default = "super::graph_id")]
    pub user_id: String,
    /// The portfolio it belongs to: the client's for a business token, the owner's for a system user.
    #[serde(default)]
    pub portfolio_id: String,
    /// Permissions, e.g. `whatsapp_business_messaging`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The messaging accounts it reaches.
    #[serde(default)]
    pub reach: Reach,
    /// When it was made.
    #[serde(default)]
    pub issued_at: Millis,
    /// When it ends; `None` never.
    #[serde(default)]
    pub expires_at: Option<Millis>,
    /// Why it no longer works, if so.
    #[serde(default)]
    pub death: Option<Death>,
}

/// What sort of token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A client's business token (business integration system user).
    Business,
    /// A system user's token.
    SystemUser,
    /// A person's token.
    User,
}

/// The messaging accounts a token reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Only these, newest first.
    Listed(Vec<String>),
    /// All that the token's portfolio owns or that are shared with it.
    Portfolio,
}

impl Default for Reach {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

/// Why a token no longer works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Death {
    /// The client removed the app (190/458).
    AppRemoved,
    /// The password changed (190/460).
    PasswordChanged,
    /// It was made invalid (190/467).
    Invalidated,
}

impl Token {
    /// Whether this token reaches the messaging account.
    pub fn reaches(&self, account: &Account) -> bool {
        match &self.reach {
            Reach::Listed(ids) => ids.contains(&account.id),
            Reach::Portfolio => {
                account.owner_id == self.portfolio_id || account.partners.contains(&self.portfolio_id)
            }
        }
    }

    /// Whether the token carries this permission.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("app_id", &self.app_id)
            .field("kind", &self.kind)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}
