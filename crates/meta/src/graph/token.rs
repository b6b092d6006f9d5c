//! Tokens: exchanging a signup code, inspecting, fetching again; and the judgement over an inspected token.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{Access, Graph, GraphError, Method};
use crate::json::Members;

/// An app's own credentials.
#[derive(Clone)]
pub struct AppLogin {
    /// The app's id.
    pub app_id: String,
    /// The app's secret.
    pub app_secret: SecretString,
}

impl AppLogin {
    /// The app token: id and secret, joined. Inspects tokens and reads the app's subscriptions.
    pub fn token(&self) -> SecretString {
        SecretString::from(format!("{}|{}", self.app_id, self.app_secret.expose_secret()))
    }
}

impl std::fmt::Debug for AppLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AppLogin({}, ..)", self.app_id)
    }
}

/// A token Meta has given out.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The token.
    pub token: SecretString,
    /// Its life in seconds; absent when it does not end.
    pub expires_in: Option<i64>,
}

impl NewToken {
    fn read(answer: &Members<'_>) -> Option<Self> {
        Some(Self {
            token: SecretString::from(answer.string("access_token")?),
            expires_in: answer.integer("expires_in"),
        })
    }
}

impl Graph {
    /// Exchanges the code of a signup for a business token. The code lives 30 seconds and works once: after
    /// an unknown result it may be used up (36009), so never repeat this blindly.
    ///
    /// `redirect_uri` belongs to codes of the full-page dialog only; codes of the JavaScript SDK go without.
    pub async fn exchange_code(
        &self,
        app: &AppLogin,
        code: &SecretString,
        redirect_uri: Option<&str>,
    ) -> Result<NewToken, GraphError> {
        let (secret, code) = (app.app_secret.expose_secret(), code.expose_secret());
        let mut call = self
            .call(Method::GET, &["oauth", "access_token"], None)?
            .hiding(&[secret, code])
            .query(&[("client_id", &app.app_id), ("client_secret", secret), ("code", code)]);
        if let Some(redirect_uri) = redirect_uri {
            call = call.query(&[("redirect_uri", redirect_uri)]);
        }
        call.node(NewToken::read).await
    }

    /// Inspects a token. `by` is the app token, or another token of the same app; a token may inspect itself.
    pub async fn inspect_token(
        &self,
        by: &Access<'_>,
        token: &SecretString,
    ) -> Result<TokenFacts, GraphError> {
        let token = token.expose_secret();
        self.get(&["debug_token"], by)?
            .hiding(&[token])
            .query(&[("input_token", token)])
            .node(|answer| TokenFacts::read(&answer.object("data")?))
            .await
    }

    /// Who the token belongs to and, for a business token, of which client. Other tokens have no client: the
    /// field fails for them, and is then left out.
    pub async fn me(&self, access: &Access<'_>) -> Result<Me, GraphError> {
        let business = self.get(&["me"], access)?.fields("id,client_business_id").node(Me::read).await;
        match business {
            Err(GraphError::Refused(refusal)) if refusal.code == 100 => {
                self.get(&["me"], access)?.fields("id,name").node(Me::read).await
            }
            other => other,
        }
    }

    /// Fetches the token we already have from a client (lost code, hosted signup, recovery). Made with our own
    /// system user's token and the proof for it, which this call always needs.
    pub async fn fetch_business_token(
        &self,
        system_token: &SecretString,
        app_secret: &SecretString,
        client_business_id: &str,
    ) -> Result<SecretString, GraphError> {
        let access = Access::token(system_token);
        let proof = Access::proven(system_token, app_secret).proof().unwrap_or_default();
        let form = [("appsecret_proof", proof.as_str()), ("fetch_only", "true")];
        let token = self
            .post(&[client_business_id, "system_user_access_tokens"], &access)?
            .hiding(&[app_secret.expose_secret()])
            .form(&form)
            .node(NewToken::read)
            .await?;
        Ok(token.token)
    }
}

/// Who a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Me {
    /// The (system) user.
    pub id: String,
    /// Their name.
    pub name: Option<String>,
    /// The client's portfolio; only for business tokens.
    pub client_business_id: Option<String>,
}

impl Me {
    fn read(node: &Members<'_>) -> Option<Self> {
        Some(Self {
            id: node.string("id")?,
            name: node.string("name"),
            client_business_id: node.string("client_business_id"),
        })
    }
}

/// What `debug_token` says. Three shapes of its scopes are in use (Meta's own, and two seen since June 2026);
/// [`judge_token`] makes one thing of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TokenFacts {
    /// The app it was made by.
    pub app_id: Option<String>,
    /// `SYSTEM_USER`, `USER` …
    pub kind: Option<String>,
    /// The app's name.
    pub application: Option<String>,
    /// Whether it works.
    pub is_valid: bool,
    /// Unix seconds; 0 when it does not end.
    pub expires_at: i64,
    /// The end of access to data, for tokens of people; 0 when there is none.
    pub data_access_expires_at: i64,
    /// Unix seconds.
    pub issued_at: Option<i64>,
    /// Permissions.
    pub scopes: Vec<String>,
    /// Permissions with what they are for.
    pub granular_scopes: Vec<GranularScope>,
    /// The (system) user.
    pub user_id: Option<String>,
    /// Why it does not work.
    pub death: Option<TokenDeath>,
}

/// A permission and what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GranularScope {
    /// The permission.
    pub scope: String,
    /// For what; empty means for all, or that Meta does not say.
    pub target_ids: Vec<String>,
}

/// Why a token does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TokenDeath {
    /// 190.
    pub code: Option<i64>,
    /// 458 taken back, 460 password changed, 463 run out, 467 invalidated …
    pub subcode: Option<i64>,
}

impl TokenFacts {
    fn read(data: &Members<'_>) -> Option<Self> {
        Some(Self {
            app_id: data.string("app_id"),
            kind: data.string("type"),
            application: data.string("application"),
            is_valid: data.flag("is_valid")?,
            expires_at: data.integer("expires_at").unwrap_or(0),
            data_access_expires_at: data.integer("data_access_expires_at").unwrap_or(0),
            issued_at: data.integer("issued_at"),
            scopes: data.strings("scopes"),
            granular_scopes: data
                .objects("granular_scopes")
                .iter()
                .filter_map(|entry| {
                    Some(GranularScope {
                        scope: entry.string("scope")?,
                        target_ids: entry.strings("target_ids"),
                    })
                })
                .collect(),
            user_id: data.string("user_id"),
            death: data.object("error").map(|error| TokenDeath {
                code: error.integer("code"),
                subcode: error.integer("subcode").or_else(|| error.integer("error_subcode")),
            }),
        })
    }

    /// Whether a permission is named in either of the two lists.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|named| named == scope)
            || self.granular_scopes.iter().any(|entry| entry.scope == scope)
    }
}

/// What a good token may be good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Granted {
    /// The accounts it is for, the claimed one or else the newest first. Empty when Meta names none: then only
    /// a read with this very token (`/{account}/phone_numbers`) proves an account, and where none was claimed
    /// it has to be found by other means first.
    pub accounts: Vec<String>,
    /// What is odd but no reason to refuse.
    pub warnings: Vec<TokenWarning>,
}

/// Odd, but no reason to refuse: the call that fails will tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenWarning {
    /// A person's token, not a system user's.
    UserToken,
    /// The permission is in neither list.
    MissingScope(String),
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum TokenProblem {
    /// Meta says that it does not work.
    #[error("the access token is no longer valid")]
    Dead(Option<TokenDeath>),
    /// It belongs to another app.
    #[error("the access token belongs to another app")]
    OtherApp,
    /// It has run out.
    #[error("the access token has run out")]
    Expired,
    /// It was given for other accounts than the one claimed.
    #[error("the access token was not given for this account")]
    OtherAccount,
}

/// The decision over an inspected token, the same for all shapes of `debug_token`.
///
/// `app_id` is the app it must belong to, `now` is in unix seconds, `claimed` is the account that the signup
/// event (which a browser could forge) or a person named. (Meta: manage-accounts, access-tokens, 2026-09, and
/// what others have met since June 2026.)
pub fn judge_token(
    facts: &TokenFacts,
    app_id: &str,
    now: i64,
    claimed: Option<&str>,
) -> Result<Granted, TokenProblem> {
    if !facts.is_valid {
        return Err(TokenProblem::Dead(facts.death));
    }
    if facts.app_id.as_deref() != Some(app_id) {
        return Err(TokenProblem::OtherApp);
    }
    if facts.expires_at != 0 && facts.expires_at <= now {
        return Err(TokenProblem::Expired);
    }
    let mut accounts = Vec::new();
    // The targets of business_management are portfolios, never accounts.
    for entry in facts.granular_scopes.iter().filter(|entry| entry.scope.starts_with("whatsapp_business_")) {
        for id in &entry.target_ids {
            if !accounts.contains(id) {
                accounts.push(id.clone());
            }
        }
    }
    if let Some(claimed) = claimed.filter(|_| !accounts.is_empty()) {
        let Some(at) = accounts.iter().position(|id| id == claimed) else {
            return Err(TokenProblem::OtherAccount);
        };
        let claimed = accounts.remove(at);
        accounts.insert(0, claimed);
    }
    let mut warnings = Vec::new();
    if facts.kind.as_deref() == Some("USER") {
        warnings.push(TokenWarning::UserToken);
    }
    for scope in ["whatsapp_business_management", "whatsapp_business_messaging"] {
        if !facts.has_scope(scope) {
            warnings.push(TokenWarning::MissingScope(scope.to_owned()));
        }
    }
    Ok(Granted { accounts, warnings })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::to_raw_value;

    use super::*;

    const APP: &str = "111222333444555";
    const WABA: &str = "700000000000003";
    const NOW: i64 = 1_795_136_000;

    fn facts(scopes: &[&str], granular: serde_json::Value) -> TokenFacts {
        let raw = to_raw_value(&json!({
            "app_id": APP, "type": "SYSTEM_USER", "application": "Acme Platform", "data_access_expires_at": 0,
            "expires_at": 0, "issued_at": NOW, "is_valid": true, "scopes": scopes, "granular_scopes": granular,
            "user_id": "122000000000001",
        }))
        .unwrap();
        TokenFacts::read(&Members::open(&raw).unwrap()).unwrap()
    }

    fn shape_a() -> TokenFacts {
        facts(
            &["business_management", "whatsapp_business_management", "whatsapp_business_messaging"],
            json!([{"scope": "whatsapp_business_management", "target_ids": ["700000000000099", WABA]},
                   {"scope": "whatsapp_business_messaging", "target_ids": ["700000000000099", WABA]}]),
        )
    }

    fn shape_b() -> TokenFacts {
        facts(
            &["whatsapp_business_management", "whatsapp_business_messaging", "business_management"],
            json!([{"scope": "business_management"}, {"scope": "whatsapp_business_manage_events"}]),
        )
    }

    fn shape_c() -> TokenFacts {
        facts(
            &["business_management", "public_profile"],
            json!([{"scope": "business_management", "target_ids": ["800000000000002"]},
                   {"scope": "whatsapp_business_management", "target_ids": [700_000_000_000_003_u64]},
                   {"scope": "whatsapp_business_messaging", "target_ids": [WABA]}]),
        )
    }

    #[test]
    fn every_shape_comes_to_the_same() {
        for (facts, listed) in [(shape_a(), true), (shape_b(), false), (shape_c(), true)] {
            let granted = judge_token(&facts, APP, NOW, Some(WABA)).unwrap();
            assert_eq!(granted.warnings, []);
            assert_eq!(granted.accounts.first().map(String::as_str), listed.then_some(WABA));
        }
    }

    #[test]
    fn without_a_claim_the_newest_comes_first() {
        assert_eq!(judge_token(&shape_a(), APP, NOW, None).unwrap().accounts, ["700000000000099", WABA]);
        assert!(judge_token(&shape_b(), APP, NOW, None).unwrap().accounts.is_empty());
    }

    #[test]
    fn a_forged_account_is_refused_where_accounts_are_named() {
        let forged = Some("700000000000777");
        assert_eq!(judge_token(&shape_a(), APP, NOW, forged), Err(TokenProblem::OtherAccount));
        // A portfolio is not an account.
        let portfolio = Some("800000000000002");
        assert_eq!(judge_token(&shape_c(), APP, NOW, portfolio), Err(TokenProblem::OtherAccount));
    }

    #[test]
    fn hard_conditions() {
        let other_app = judge_token(&shape_a(), "999", NOW, None);
        assert_eq!(other_app, Err(TokenProblem::OtherApp));
        let expired = TokenFacts { expires_at: NOW, ..shape_a() };
        assert_eq!(judge_token(&expired, APP, NOW, None), Err(TokenProblem::Expired));
        let lasting = TokenFacts { expires_at: NOW + 1, ..shape_a() };
        assert!(judge_token(&lasting, APP, NOW, None).is_ok());
        let death = Some(TokenDeath { code: Some(190), subcode: Some(458) });
        let dead = TokenFacts { is_valid: false, death, ..shape_a() };
        assert_eq!(judge_token(&dead, APP, NOW, None), Err(TokenProblem::Dead(death)));
    }

    #[test]
    fn oddities_are_warnings() {
        let facts =
            TokenFacts { kind: Some("USER".into()), scopes: vec![], granular_scopes: vec![], ..shape_a() };
        let granted = judge_token(&facts, APP, NOW, Some(WABA)).unwrap();
        assert_eq!(granted.warnings.len(), 3);
    }
}
