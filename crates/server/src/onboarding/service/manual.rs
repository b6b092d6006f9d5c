//! Connecting by hand: ids and a permanent token are pasted, each is tried on Meta before anything is stored.

use meta::graph::{Access, AppLogin, TokenFacts};
use rules::connection::{Entry, Mode, Standing, Step, Trouble, Variant};
use rules::id::{AppId, ConnectionId, OrgId};
use rules::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use store::Tx;
use store::apps::{App, AppSettings, SECRET};
use store::connections::{ConnectionSettings, NewConnection, TOKEN};

use super::apps::{self, NewMetaApp};
use super::connect::{self, is_id};
use super::steps::may_send;
use super::{Failed, Stopped, enqueue_advance, tell_connection};
use crate::ctx::Ctx;
use crate::http::OrgActor;
use crate::identity::Token;

/// What was pasted.
pub struct Pasted {
    /// The messaging account.
    pub waba_id: String,
    /// The number.
    pub phone_number_id: String,
    /// A permanent token of a system user.
    pub token: SecretString,
    /// The client's own app, where the token is that app's. Either part may be empty, which [`check`] tells.
    pub own_app: Option<AppLogin>,
}

impl std::fmt::Debug for Pasted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pasted").field("waba_id", &self.waba_id).finish_non_exhaustive()
    }
}

/// What was found of one pasted value.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Which: `token`, `app`, `waba_id`, `phone_number_id`, `webhook`.
    pub field: &'static str,
    /// Why it cannot be used; without it, it can.
    pub stopped: Option<Stopped>,
    /// What is odd about it, in stable words.
    pub warnings: Vec<&'static str>,
    /// What it turned out to be, for a person to recognise.
    pub found: Option<String>,
}

impl Pasted {
    /// What has not been entered, by the name of its field.
    fn missing(&self) -> impl Iterator<Item = &'static str> {
        let own = self.own_app.as_ref();
        let half = own.is_some_and(|own| own.app_id.is_empty() || own.app_secret.expose_secret().is_empty());
        [
            ("token", self.token.expose_secret().is_empty()),
            ("app", half),
            ("waba_id", self.waba_id.is_empty()),
            ("phone_number_id", self.phone_number_id.is_empty()),
        ]
        .into_iter()
        .filter_map(|(field, missing)| missing.then_some(field))
    }
}

/// What was found of everything pasted.
#[derive(Clone, Debug)]
pub struct Report {
    /// Value by value, as far as the checks came.
    pub fields: Vec<Checked>,
    /// The app of ours that the token belongs to.
    app: Option<AppId>,
}

impl Report {
    /// Whether everything can be used.
    pub fn is_good(&self) -> bool {
        self.fields.iter().all(|field| field.stopped.is_none())
            && self.fields.iter().any(|field| field.field == "webhook")
    }

    fn good(&mut self, field: &'static str, found: Option<String>, warnings: Vec<&'static str>) {
        self.fields.push(Checked { field, stopped: None, warnings, found });
    }

    /// Whether something is known of a field already.
    fn knows(&self, field: &str) -> bool {
        self.fields.iter().any(|known| known.field == field)
    }

    fn bad(&mut self, field: &'static str, stopped: impl Into<Stopped>) {
        // What a later call shows of a value counts more than what an earlier one made it look like.
        self.fields.retain(|known| known.field != field);
        self.fields.push(Checked { field, stopped: Some(stopped.into()), warnings: Vec::new(), found: None });
    }
}

/// Tries every pasted value on Meta, in the order in which each rests on the one before, and stores nothing. An address of
/// another system is reported and stops nothing here: the step that would replace it asks.
pub async fn check(ctx: &Ctx, org: OrgId, pasted: &Pasted) -> Result<Report, Failed> {
    const STEP: Step = Step::ProveAccess;
    let mut report = Report { fields: Vec::new(), app: None };
    for field in pasted.missing() {
        report.bad(field, Trouble::ValueMissing);
    }
    if report.knows("token") {
        return Ok(report);
    }
    let token = pasted.token.expose_secret();
    if token.len() < 8 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        report.bad("token", Trouble::TokenMalformed);
        return Ok(report);
    }
    let access = Access::token(&pasted.token);
    let me = match ctx.graph.me(&access).await {
        Ok(me) => me,
        Err(error) => {
            report.bad("token", Stopped::by(STEP, &error));
            return Ok(report);
        }
    };
    // A token may inspect itself, whichever app it is of.
    let facts = match ctx.graph.inspect_token(&access, &pasted.token).await {
        Ok(facts) => facts,
        Err(error) => {
            report.bad("token", Stopped::by(STEP, &error));
            return Ok(report);
        }
    };
    let now = ctx.now().seconds();
    if !facts.is_valid || (facts.expires_at != 0 && facts.expires_at <= now) {
        report.bad("token", Trouble::TokenDead);
        return Ok(report);
    }
    report.good("token", me.name, warnings(&facts));
    if !report.knows("app") {
        match of_app(ctx, org, pasted, &facts).await? {
            Ok((app, name)) => {
                report.app = app;
                report.good("app", name, Vec::new());
            }
            Err(stopped) => report.bad("app", stopped),
        }
    }
    account(ctx, org, pasted, &access, &facts, &mut report).await?;
    Ok(report)
}

async fn account(
    ctx: &Ctx,
    org: OrgId,
    pasted: &Pasted,
    access: &Access<'_>,
    facts: &TokenFacts,
    report: &mut Report,
) -> Result<(), Failed> {
    const STEP: Step = Step::ProveAccess;
    if report.knows("waba_id") {
        return Ok(());
    }
    if !is_id(&pasted.waba_id) {
        report.bad("waba_id", Stopped::from(Trouble::WrongKindOfId).saying("An id has 5 to 20 digits."));
        return Ok(());
    }
    let waba = match ctx.graph.waba(access, &pasted.waba_id).await {
        Ok(waba) => waba,
        Err(error) => {
            report.bad("waba_id", Stopped::by(STEP, &error));
            return Ok(());
        }
    };
    let bound = ctx.store.read().await?.orgs_of_waba(&pasted.waba_id).await?;
    if bound.iter().any(|other| *other != org) {
        report.bad("waba_id", Trouble::BoundElsewhere);
        return Ok(());
    }
    // Reading the number itself would prove nothing: a token with broad access reaches numbers of other accounts.
    let numbers = match ctx.graph.phone_numbers(access, &pasted.waba_id).await {
        Ok(numbers) => numbers,
        Err(error) => {
            report.bad("waba_id", Stopped::by(STEP, &error));
            return Ok(());
        }
    };
    report.good("waba_id", waba.name, Vec::new());
    match numbers.iter().find(|number| number.id == pasted.phone_number_id) {
        None if report.knows("phone_number_id") => {}
        None if numbers.is_empty() => report.bad("phone_number_id", Trouble::NoNumber),
        None => report.bad("phone_number_id", Trouble::NumberNotInAccount),
        Some(number) => {
            let warnings = if number.is_connected() { vec![] } else { vec!["will_be_registered"] };
            report.good("phone_number_id", number.display.clone(), warnings);
        }
    }
    if let Err(stopped) = may_send(ctx, access, &numbers, Some(&pasted.phone_number_id)).await {
        report.bad("token", stopped);
    }
    match ctx.graph.subscribed_apps(access, &pasted.waba_id).await {
        Ok(apps) => {
            let own = facts.app_id.as_deref();
            let mut odd = Vec::new();
            if apps.iter().any(|app| Some(app.app_id.as_str()) == own && app.override_callback_uri.is_some())
            {
                odd.push("messages_go_to_another_address");
            }
            if apps.iter().any(|app| Some(app.app_id.as_str()) != own) {
                odd.push("another_app_receives_too");
            }
            report.good("webhook", None, odd);
        }
        Err(error) => report.bad("webhook", Stopped::by(Step::SubscribeApp, &error)),
    }
    Ok(())
}

fn warnings(facts: &TokenFacts) -> Vec<&'static str> {
    let mut odd = Vec::new();
    if facts.kind.as_deref() == Some("USER") {
        odd.push("token_of_a_person");
    }
    if facts.expires_at != 0 {
        odd.push("token_ends");
    }
    if !facts.has_scope("whatsapp_business_management") || !facts.has_scope("whatsapp_business_messaging") {
        odd.push("permission_not_listed");
    }
    odd
}

/// The app that the token belongs to: one in reach here, or the client's own. Where an id and a secret are given they must
/// be that app's, known here or not; the secret proves itself.
async fn of_app(
    ctx: &Ctx,
    org: OrgId,
    pasted: &Pasted,
    facts: &TokenFacts,
) -> Result<Result<(Option<AppId>, Option<String>), Stopped>, Failed> {
    let token_app = facts.app_id.clone().unwrap_or_default();
    let in_reach = apps::usable(ctx, org).await?;
    let known = in_reach.iter().find(|app| app.meta_app_id == token_app);
    let (id, name) = match known {
        Some(app) => (Some(app.id), Some(app.name.clone())),
        None => (None, facts.application.clone()),
    };
    let own = match (&pasted.own_app, known) {
        (None, Some(_)) => return Ok(Ok((id, name))),
        (Some(own), _) if own.app_id == token_app => own,
        _ => {
            let words = format!("The token is of the app {token_app}");
            return Ok(Err(Stopped::from(Trouble::TokenOfAnotherApp).saying(words)));
        }
    };
    let app_token = own.token();
    Ok(match ctx.graph.inspect_token(&Access::token(&app_token), &pasted.token).await {
        Ok(_) => Ok((id, name)),
        // "Invalid OAuth access token signature": the secret is not this app's.
        Err(error) if matches!(error.code(), Some(1 | 190)) => Err(Trouble::AppSecretWrong.into()),
        Err(error) => Err(Stopped::by(Step::ProveAccess, &error)),
    })
}

/// A connection begun by hand.
pub struct Begun {
    /// The connection.
    pub connection: ConnectionId,
    /// The client's own app, newly registered, with its verify token, which is told once.
    pub own_app: Option<(App, Token)>,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begun").field("connection", &self.connection).finish_non_exhaustive()
    }
}

/// Begins the connection of values that a [`check`] has found good, in the caller's transaction.
pub async fn begin(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: &OrgActor,
    (mode, override_webhook): (Mode, bool),
    pasted: Pasted,
    report: &Report,
) -> Result<Begun, Failed> {
    let org = actor.org;
    let (app, own_app) = match (report.app, &pasted.own_app) {
        (Some(app), _) => {
            let app = tx.app(app).await?.ok_or(Failed::Missing)?;
            connect::may_connect(tx, org, &app, mode).await?;
            (app.id, None)
        }
        (None, Some(own)) => {
            let new = NewMetaApp {
                meta_app_id: own.app_id.clone(),
                name: report
                    .fields
                    .iter()
                    .find(|field| field.field == "app")
                    .and_then(|field| field.found.clone())
                    .unwrap_or_else(|| own.app_id.clone()),
                config_id: None,
                secret: own.app_secret.clone(),
                system_token: None,
                settings: AppSettings::default(),
            };
            let (app, verify_token) = apps::register(ctx, tx, Some(org), new).await?;
            (app.id, Some((app, verify_token)))
        }
        (None, None) => {
            return Err(Failed::Invalid("app_id", "Say through which Meta app to connect.".to_owned()));
        }
    };
    let now = ctx.now();
    let connection = ConnectionId::fresh(now, ctx.chance());
    let sealed = ctx.vault.seal(tx, org, TOKEN, &pasted.token, now).await?;
    let mut scope = tx.org(org).await?;
    let new = NewConnection {
        id: connection,
        app,
        mode,
        entry: Entry::Manual,
        variant: Variant::Standard,
        started_by: &actor.name(),
        invite: None,
        settings: ConnectionSettings {
            chosen_waba_id: Some(pasted.waba_id),
            chosen_phone_number_id: Some(pasted.phone_number_id),
            override_webhook,
            ..ConnectionSettings::default()
        },
    };
    scope.insert_connection(&new, now).await?;
    scope.set_connection_token(connection, Some(&sealed), None::<Timestamp>, now).await?;
    tell_connection(&mut scope, connection, Standing::Working, now).await?;
    actor.audit(ctx, &mut scope, "connection.manual", connection, json!({"mode": mode})).await?;
    enqueue_advance(tx, org, connection, now, now).await?;
    Ok(Begun { connection, own_app })
}

/// The app's secret opened, for calls with the app's own rights.
pub async fn login(ctx: &Ctx, app: &App) -> store::Result<AppLogin> {
    let mut tx = ctx.store.read().await?;
    let app_secret = ctx.vault.open(&mut tx, app.owner(), SECRET, &app.secret).await?;
    Ok(AppLogin { app_id: app.meta_app_id.clone(), app_secret })
}
