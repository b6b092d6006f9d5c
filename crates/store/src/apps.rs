//! Meta apps: the operator's own, shared by all organisations, and those that an organisation brings.

use rules::id::{AppId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::json::Json;
use crate::sealed::{OPERATOR, Place};
use crate::seam::Tx;

/// Where an app's secret is sealed, current and previous alike.
pub const SECRET: Place = Place("meta_apps.secret");
/// Where an app's verify token is sealed.
pub const VERIFY_TOKEN: Place = Place("meta_apps.verify_token");
/// Where the token of the operator's own system user is sealed.
pub const SYSTEM_TOKEN: Place = Place("meta_apps.system_token");

/// A Meta app, its secrets sealed for its organisation, or for the operator when it has none.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct App {
    /// Our id.
    pub id: AppId,
    /// The organisation that brought it; `None` for the operator's.
    pub org_id: Option<OrgId>,
    /// Its place in our webhook address: `/webhooks/meta/{slug}`.
    pub slug: String,
    /// Meta's id of the app.
    pub meta_app_id: String,
    /// Its name, for people.
    pub name: String,
    /// The Facebook Login for Business configuration that opens Embedded Signup.
    pub config_id: Option<String>,
    /// The app secret, sealed.
    pub secret: Vec<u8>,
    /// The secret before the last rotation, sealed; still accepted on webhooks.
    pub previous_secret: Option<Vec<u8>>,
    /// How long it is.
    pub previous_secret_until: Option<Timestamp>,
    /// The webhook verify token, sealed.
    pub verify_token: Vec<u8>,
    /// The token of the operator's own system user, sealed: recovers clients' tokens, shares credit.
    pub system_token: Option<Vec<u8>>,
    /// What a partner's app needs besides.
    pub settings: Json<AppSettings>,
    /// When it was registered here.
    pub created_at: Timestamp,
    /// When it was retired.
    pub retired_at: Option<Timestamp>,
}

impl App {
    /// Under whose keys its secrets are sealed.
    pub fn owner(&self) -> OrgId {
        self.org_id.unwrap_or(OPERATOR)
    }
}

/// What a partner's app needs beyond its secret. All ids are Meta's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppSettings {
    /// The portfolio that owns the app.
    pub business_id: Option<String>,
    /// The system user that is put on clients' accounts.
    pub system_user_id: Option<String>,
    /// The credit line that pays.
    pub credit_line_id: Option<String>,
    /// The multi-partner solution.
    pub solution_id: Option<String>,
}

macro_rules! columns {
    () => {
        "id, org_id, slug, meta_app_id, name, config_id, secret, previous_secret, previous_secret_until, verify_token, \
         system_token, settings, created_at, retired_at"
    };
}

/// Apps belong to the installation: the operator's to nobody, and a webhook names its app before any organisation
/// is known.
impl Tx {
    /// Registers an app.
    pub async fn insert_app(&mut self, app: &App) -> Result<()> {
        on!(self, c => sqlx::query(concat!(
            "INSERT INTO meta_apps (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        ))
        .bind(app.id)
        .bind(app.org_id)
        .bind(&app.slug)
        .bind(&app.meta_app_id)
        .bind(&app.name)
        .bind(&app.config_id)
        .bind(&app.secret)
        .bind(&app.previous_secret)
        .bind(app.previous_secret_until)
        .bind(&app.verify_token)
        .bind(&app.system_token)
        .bind(&app.settings)
        .bind(app.created_at)
        .bind(app.retired_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Every app that is not retired.
    pub async fn apps(&mut self) -> Result<Vec<App>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM meta_apps WHERE retired_at IS NULL ORDER BY id"
        ))
        .fetch_all(c)
        .await)?)
    }

    /// One app, retired or not.
    pub async fn app(&mut self, id: AppId) -> Result<Option<App>> {
        Ok(on!(self, c => sqlx::query_as(concat!("SELECT ", columns!(), " FROM meta_apps WHERE id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// Changes what is known of an app besides its secrets. `false`: there is no such app.
    pub async fn update_app(
        &mut self,
        id: AppId,
        name: &str,
        config_id: Option<&str>,
        settings: &AppSettings,
    ) -> Result<bool> {
        let touched = on!(self, c => sqlx::query("UPDATE meta_apps SET name = $2, config_id = $3, settings = $4 WHERE id = $1")
            .bind(id)
            .bind(name)
            .bind(config_id)
            .bind(Json(settings))
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Stores the token of the operator's system user, sealed. `false`: there is no such app.
    pub async fn set_system_token(&mut self, id: AppId, sealed: &[u8]) -> Result<bool> {
        let touched = on!(self, c => sqlx::query("UPDATE meta_apps SET system_token = $2 WHERE id = $1")
            .bind(id)
            .bind(sealed)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Gives an app a new secret; the old one stays valid for webhooks until `keep_until`, or until the next rotation.
    pub async fn rotate_app_secret(
        &mut self,
        id: AppId,
        secret: &[u8],
        keep_until: Timestamp,
    ) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE meta_apps SET previous_secret = secret, previous_secret_until = $3, secret = $2 WHERE id = $1",
        )
        .bind(id)
        .bind(secret)
        .bind(keep_until)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Erases former secrets whose time is over. Returns how many.
    pub async fn forget_former_secrets(&mut self, now: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "UPDATE meta_apps SET previous_secret = NULL, previous_secret_until = NULL WHERE previous_secret_until <= $1",
        )
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }

    /// Retires an app: its webhooks are refused from now on.
    pub async fn retire_app(&mut self, id: AppId, now: Timestamp) -> Result<bool> {
        let touched = on!(self, c => sqlx::query("UPDATE meta_apps SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }
}
