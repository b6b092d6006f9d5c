//! Meta apps: the operator's and those that an organisation brings. A change has the keyring read anew: webhooks are told
//! apart by the apps' secrets.

use std::time::Duration;

use rules::id::{AppId, OrgId};
use rules::time::span;
use secrecy::SecretString;
use serde_json::{Value, json};
use store::apps::{App, AppSettings, SECRET, SYSTEM_TOKEN, VERIFY_TOKEN};
use store::sealed::OPERATOR;
use store::{Json, Tx};

use super::Failed;
use super::by::By;
use super::connect::is_id;
use crate::ctx::Ctx;
use crate::identity::Token;

/// How long Meta may still sign with a secret that was replaced.
pub const KEEP_FORMER_SECRET: Duration = span::days(2);

/// An app to register.
pub struct NewMetaApp {
    /// Meta's id.
    pub meta_app_id: String,
    /// Its name, for people.
    pub name: String,
    /// The configuration of its signup.
    pub config_id: Option<String>,
    /// The app secret.
    pub secret: SecretString,
    /// The token of the operator's system user.
    pub system_token: Option<SecretString>,
    /// What a partner needs.
    pub settings: AppSettings,
}

impl std::fmt::Debug for NewMetaApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMetaApp").field("meta_app_id", &self.meta_app_id).finish_non_exhaustive()
    }
}

/// Registers an app, in the caller's transaction, and makes its verify token, which is told once. Whoever commits has the
/// keyring read anew.
pub async fn create(ctx: &Ctx, tx: &mut Tx, by: By<'_>, new: NewMetaApp) -> Result<(App, Token), Failed> {
    let made = register(ctx, tx, by.org(), new).await?;
    by.audit(ctx, tx, None, "meta_app.create", made.0.id, facts(&made.0)).await?;
    Ok(made)
}

/// What the audit log tells of an app.
fn facts(app: &App) -> Value {
    json!({"meta_app_id": app.meta_app_id, "name": app.name})
}

/// [`create`] as part of something that is written down itself.
pub(super) async fn register(
    ctx: &Ctx,
    tx: &mut Tx,
    org: Option<OrgId>,
    new: NewMetaApp,
) -> Result<(App, Token), Failed> {
    if !is_id(&new.meta_app_id) {
        return Err(Failed::Invalid(
            "meta_app_id",
            "An app id of Meta has 5 to 20 digits and nothing else.".to_owned(),
        ));
    }
    let now = ctx.now();
    let owner = org.unwrap_or(OPERATOR);
    let id = AppId::fresh(now, ctx.chance());
    // Meta's page advises against + / = in verify tokens; ours are URL-safe.
    let verify_token = Token::fresh("", ctx.chance());
    let app = App {
        id,
        org_id: org,
        slug: slug(ctx, &new.meta_app_id),
        meta_app_id: new.meta_app_id,
        name: new.name,
        config_id: new.config_id,
        secret: ctx.vault.seal(tx, owner, SECRET, &new.secret, now).await?,
        previous_secret: None,
        previous_secret_until: None,
        verify_token: ctx
            .vault
            .seal(tx, owner, VERIFY_TOKEN, &SecretString::from(verify_token.reveal()), now)
            .await?,
        system_token: match &new.system_token {
            Some(token) => Some(ctx.vault.seal(tx, owner, SYSTEM_TOKEN, token, now).await?),
            None => None,
        },
        settings: Json(new.settings),
        created_at: now,
        retired_at: None,
    };
    tx.insert_app(&app).await?;
    Ok((app, verify_token))
}

/// The app's last part of the webhook address: its id, and enough chance that nobody finds another's.
fn slug(ctx: &Ctx, meta_app_id: &str) -> String {
    let mut tail = [0; 6];
    ctx.chance().fill(&mut tail);
    format!("{meta_app_id}-{}", hex::encode(tail))
}

/// Apps of the operator, or of an organisation.
pub async fn list(ctx: &Ctx, org: Option<OrgId>) -> Result<Vec<App>, Failed> {
    let apps = ctx.store.read().await?.apps().await?;
    Ok(apps.into_iter().filter(|app| app.org_id == org).collect())
}

/// Apps that an organisation may connect through.
pub async fn usable(ctx: &Ctx, org: OrgId) -> Result<Vec<App>, Failed> {
    let apps = ctx.store.read().await?.apps().await?;
    Ok(apps.into_iter().filter(|app| app.org_id.is_none_or(|owner| owner == org)).collect())
}

/// One app of the operator (`None`) or of an organisation.
async fn get(tx: &mut Tx, org: Option<OrgId>, id: AppId) -> Result<App, Failed> {
    let app = tx.app(id).await?.ok_or(Failed::Missing)?;
    if app.org_id == org { Ok(app) } else { Err(Failed::Missing) }
}

/// What is to be known of an app besides its secret; a system token given replaces the one stored.
pub struct Change {
    /// Its name, for people.
    pub name: String,
    /// The configuration of its signup.
    pub config_id: Option<String>,
    /// What a partner needs.
    pub settings: AppSettings,
    /// The token of the operator's system user.
    pub system_token: Option<SecretString>,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Changes what is known of an app besides its secret.
pub async fn update(ctx: &Ctx, by: By<'_>, id: AppId, change: &Change) -> Result<App, Failed> {
    let mut tx = ctx.store.begin().await?;
    let app = get(&mut tx, by.org(), id).await?;
    tx.update_app(id, &change.name, change.config_id.as_deref(), &change.settings).await?;
    if let Some(token) = &change.system_token {
        let sealed = ctx.vault.seal(&mut tx, app.owner(), SYSTEM_TOKEN, token, ctx.now()).await?;
        tx.set_system_token(id, &sealed).await?;
    }
    let app = get(&mut tx, by.org(), id).await?;
    let details = json!({"meta_app_id": app.meta_app_id, "name": app.name, "config_id": app.config_id,
        "partner": app.settings.0, "system_token": if change.system_token.is_some() { "replaced" } else { "kept" }});
    by.audit(ctx, &mut tx, None, "meta_app.update", id, details).await?;
    commit(ctx, tx).await?;
    Ok(app)
}

/// Replaces an app's secret. The former one stays valid for webhooks for [`KEEP_FORMER_SECRET`].
pub async fn rotate(ctx: &Ctx, by: By<'_>, id: AppId, secret: &SecretString) -> Result<App, Failed> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let app = get(&mut tx, by.org(), id).await?;
    let sealed = ctx.vault.seal(&mut tx, app.owner(), SECRET, secret, now).await?;
    tx.rotate_app_secret(id, &sealed, now + KEEP_FORMER_SECRET).await?;
    let app = get(&mut tx, by.org(), id).await?;
    by.audit(ctx, &mut tx, None, "meta_app.rotate", id, facts(&app)).await?;
    commit(ctx, tx).await?;
    Ok(app)
}

/// Takes an app out of use. Refused while accounts are connected through it: they would fall silent.
pub async fn retire(ctx: &Ctx, by: By<'_>, id: AppId) -> Result<(), Failed> {
    let mut tx = ctx.store.begin().await?;
    let app = get(&mut tx, by.org(), id).await?;
    let connected = tx.accounts_of_app(id).await?.len();
    if connected > 0 {
        return Err(Failed::Conflict(
            "app_in_use",
            format!(
                "{connected} messaging accounts are connected through this app. Move or disconnect them first."
            ),
        ));
    }
    tx.retire_app(id, ctx.now()).await?;
    by.audit(ctx, &mut tx, None, "meta_app.retire", id, facts(&app)).await?;
    commit(ctx, tx).await
}

async fn commit(ctx: &Ctx, tx: Tx) -> Result<(), Failed> {
    tx.commit().await?;
    ctx.keyring.forget();
    Ok(())
}
