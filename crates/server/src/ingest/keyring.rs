//! The secrets that webhooks are signed with, opened once and kept in memory for a short while.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rules::id::AppId;
use rules::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use store::apps::{SECRET, VERIFY_TOKEN};
use store::sealed::OPERATOR;

use crate::ctx::Ctx;

/// An app as far as receiving its webhooks goes.
struct OpenApp {
    id: AppId,
    slug: String,
    shared: bool,
    /// The current secret and, after a rotation, the one before.
    secrets: Vec<SecretString>,
    verify_token: SecretString,
}

/// Every app's secrets.
#[derive(Default)]
pub struct Keyring {
    loaded: RwLock<Option<(Timestamp, Arc<Vec<OpenApp>>)>>,
    /// Held while they are loaded: however many ask at once, they are loaded once.
    loading: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

/// What another node retired is known here after this long.
const FRESH: Duration = Duration::from_secs(30);
/// Where nothing fits, another node may have added an app or rotated a secret: then it is looked again, but no more often,
/// however many strangers knock.
const JUST_LOADED: Duration = Duration::from_secs(1);

/// Which apps an address serves.
#[derive(Clone, Copy, Debug)]
pub enum Door<'a> {
    /// `/webhooks/meta`: every app of the operator.
    Shared,
    /// `/webhooks/meta/{slug}`: this app.
    App(&'a str),
}

impl Door<'_> {
    fn admits(self, app: &OpenApp) -> bool {
        match self {
            Door::Shared => app.shared,
            Door::App(slug) => app.slug == slug,
        }
    }
}

impl Keyring {
    /// The app that signed a body, if one that this door serves did.
    pub async fn signer(
        &self,
        ctx: &Ctx,
        door: Door<'_>,
        signature: Option<&[u8]>,
        body: &[u8],
    ) -> store::Result<Option<AppId>> {
        self.find(ctx, |apps| {
            apps.iter().filter(|app| door.admits(app)).find_map(|app| {
                let secrets = app.secrets.iter().map(|secret| secret.expose_secret().as_bytes());
                meta::signature::verify(secrets, signature, body).is_ok().then_some(app.id)
            })
        })
        .await
    }

    /// Whether a verify token is that of an app that this door serves. Takes the same time for every token.
    pub async fn knows_token(&self, ctx: &Ctx, door: Door<'_>, token: &str) -> store::Result<bool> {
        let known = self.find(ctx, |apps| {
            let known = apps.iter().filter(|app| door.admits(app)).fold(false, |known, app| {
                let own = app.verify_token.expose_secret().as_bytes();
                known | aws_lc_rs::constant_time::verify_slices_are_equal(own, token.as_bytes()).is_ok()
            });
            known.then_some(())
        });
        Ok(known.await?.is_some())
    }

    /// Forgets everything: an app was added, rotated or retired on this node.
    pub fn forget(&self) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Looks among the apps that are known, and once more where others are known by now.
    async fn find<T>(&self, ctx: &Ctx, fits: impl Fn(&[OpenApp]) -> Option<T>) -> store::Result<Option<T>> {
        let known = self.apps(ctx, FRESH).await?;
        if let Some(found) = fits(&known) {
            return Ok(Some(found));
        }
        let now = self.apps(ctx, JUST_LOADED).await?;
        Ok(if Arc::ptr_eq(&known, &now) { None } else { fits(&now) })
    }

    async fn apps(&self, ctx: &Ctx, fresh: Duration) -> store::Result<Arc<Vec<OpenApp>>> {
        if let Some(apps) = self.known(ctx, fresh) {
            return Ok(apps);
        }
        let _alone = self.loading.lock().await;
        if let Some(apps) = self.known(ctx, fresh) {
            return Ok(apps);
        }
        let now = ctx.now();
        let apps = Arc::new(load(ctx).await?);
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some((now, apps.clone()));
        Ok(apps)
    }

    fn known(&self, ctx: &Ctx, fresh: Duration) -> Option<Arc<Vec<OpenApp>>> {
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        loaded.as_ref().filter(|(at, _)| ctx.now().since(*at) < fresh).map(|(_, apps)| apps.clone())
    }
}

async fn load(ctx: &Ctx) -> store::Result<Vec<OpenApp>> {
    let mut tx = ctx.store.read().await?;
    let mut open = Vec::new();
    for app in tx.apps().await? {
        let owner = app.org_id.unwrap_or(OPERATOR);
        let mut secrets = vec![ctx.vault.open(&mut tx, owner, SECRET, &app.secret).await?];
        let in_force = app.previous_secret_until.is_none_or(|until| until > ctx.now());
        if let Some(previous) = app.previous_secret.as_ref().filter(|_| in_force) {
            secrets.push(ctx.vault.open(&mut tx, owner, SECRET, previous).await?);
        }
        let verify_token = ctx.vault.open(&mut tx, owner, VERIFY_TOKEN, &app.verify_token).await?;
        open.push(OpenApp {
            id: app.id,
            slug: app.slug,
            shared: app.org_id.is_none(),
            secrets,
            verify_token,
        });
    }
    Ok(open)
}
