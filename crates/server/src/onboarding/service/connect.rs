//! Going through the signup dialog: beginning, the code, the browser's event, and what a person does in between.

use meta::graph::{AppLogin, GraphError, NewToken};
use rules::connection::{Entry, Mode, Standing, Step, StepStatus, Trouble, Variant};
use rules::id::{AccountId, AppId, ConnectInviteId, ConnectionId, OrgId};
use rules::time::{Timestamp, span};
use secrecy::SecretString;
use serde_json::{Value, json};
use store::apps::{App, SECRET};
use store::connections::{Connection, ConnectionSettings, Hints, NewConnection, StepEnd, StepRow, TOKEN};
use store::{Cursor, Page, Tx};
use url::Url;

use super::advance::{Ended, Proved, record, settle};
use super::{Failed, Stopped, enqueue_advance, state, tell_connection};
use crate::ctx::Ctx;
use crate::http::OrgActor;

/// What a person chooses at the beginning.
#[derive(Clone, Debug)]
pub struct Begin {
    /// Through which app; the only one in reach if there is just one.
    pub app: Option<AppId>,
    /// Who pays, whose app.
    pub mode: Mode,
    /// How they come in.
    pub entry: Entry,
    /// What kind of signup.
    pub variant: Variant,
    /// The currency of the credit, where the operator pays.
    pub currency: Option<String>,
    /// Whether the account's messages get an address of their own.
    pub override_webhook: bool,
    /// The account that is being connected again.
    pub reconnects: Option<AccountId>,
    /// Through which invite link.
    pub invite: Option<ConnectInviteId>,
}

/// What a page needs to open the dialog.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// The connection.
    pub connection: ConnectionId,
    /// Meta's id of the app.
    pub app_id: String,
    /// The configuration.
    pub config_id: Option<String>,
    /// The JavaScript SDK.
    pub sdk_url: String,
    /// Windows whose messages may be believed to be the dialog's.
    pub message_origins: Vec<String>,
    /// The Graph version for `FB.init`.
    pub graph_version: String,
    /// `extras` of `FB.login`.
    pub extras: Value,
    /// The state of this attempt.
    pub state: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The full-page dialog, for browsers in which the popup does not work.
    pub dialog_url: String,
}

/// [`begin`] for somebody of the organisation, written down.
pub async fn start(ctx: &Ctx, tx: &mut Tx, actor: &OrgActor, new: Begin) -> Result<Dialog, Failed> {
    let details = json!({"mode": new.mode});
    let dialog = begin(ctx, tx, actor.org, &actor.name(), new).await?;
    let mut scope = tx.org(actor.org).await?;
    actor.audit(ctx, &mut scope, "connection.start", dialog.connection, details).await?;
    Ok(dialog)
}

/// Begins a connection and opens its first attempt, in the caller's transaction.
pub async fn begin(ctx: &Ctx, tx: &mut Tx, org: OrgId, actor: &str, begin: Begin) -> Result<Dialog, Failed> {
    let now = ctx.now();
    let id = ConnectionId::fresh(now, ctx.chance());
    let app = usable_app(tx, org, begin.app).await?;
    let paid_for = match begin.reconnects {
        Some(account) => {
            let account = tx.org(org).await?.account(account).await?.ok_or(Failed::Missing)?;
            account.app_id == app.id && account.allocation_id.is_some() && account.disconnected_at.is_none()
        }
        None => false,
    };
    // What an invite allows was decided when it was made, and an account that is paid for may be connected again.
    if begin.invite.is_none() && !paid_for {
        may_connect(tx, org, &app, begin.mode).await?;
    }
    let mut scope = tx.org(org).await?;
    let new = NewConnection {
        id,
        app: app.id,
        mode: begin.mode,
        entry: begin.entry,
        variant: begin.variant,
        started_by: actor,
        invite: begin.invite,
        settings: ConnectionSettings {
            currency: begin.currency,
            override_webhook: begin.override_webhook,
            reconnects: begin.reconnects,
            ..ConnectionSettings::default()
        },
    };
    scope.insert_connection(&new, now).await?;
    let dialog = dialog(ctx, tx, org, actor, id, &app, begin.variant).await?;
    tell_connection(&mut tx.org(org).await?, id, Standing::Started, now).await?;
    Ok(dialog)
}

/// Whether an organisation may connect in this mode. Through an app of the operator's a Solution Partner spends the
/// operator's credit, so the operator decides. Said early, so that nobody goes through the dialog in vain; what counts is
/// asked again where credit is shared.
pub async fn may_connect(tx: &mut Tx, org: OrgId, app: &App, mode: Mode) -> Result<(), Failed> {
    if mode != Mode::SolutionPartner || app.org_id.is_some() {
        return Ok(());
    }
    match tx.org(org).await?.org().await? {
        Some(org) if org.operator_pays => Ok(()),
        _ => Err(Failed::NotAllowed(
            "operator_does_not_pay",
            "Whether the operator pays Meta for this organisation is the operator's decision. Ask the operator to allow \
             it or for an invite link, or connect as `tech_provider` with a payment method of your own.",
        )),
    }
}

/// Opens another attempt for a connection that waits for the dialog, in the caller's transaction.
pub async fn reopen(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    actor: &str,
    id: ConnectionId,
) -> Result<Dialog, Failed> {
    let connection = tx.org(org).await?.connection(id).await?.ok_or(Failed::Missing)?;
    if connection.state == Standing::Abandoned || connection.entry == Entry::Manual {
        return Err(conflict(
            "connection_closed",
            "This connection does not go through the dialog. Start a new one.",
        ));
    }
    let app = tx.app(connection.app_id).await?.ok_or(Failed::Missing)?;
    dialog(ctx, tx, org, actor, id, &app, connection.variant).await
}

/// The app that an organisation may connect through: its own, or one of the operator's.
pub async fn usable_app(tx: &mut Tx, org: OrgId, wanted: Option<AppId>) -> Result<App, Failed> {
    let in_reach = tx
        .apps()
        .await?
        .into_iter()
        .filter(|app| app.org_id.is_none_or(|owner| owner == org))
        .collect::<Vec<_>>();
    match wanted {
        Some(id) => in_reach.into_iter().find(|app| app.id == id).ok_or(Failed::Missing),
        None => match <[App; 1]>::try_from(in_reach) {
            Ok([app]) => Ok(app),
            Err(several) if several.is_empty() => Err(conflict(
                "no_meta_app",
                "No Meta app is set up yet. The operator adds one first (see docs/operator-setup.md).",
            )),
            Err(_) => {
                Err(Failed::Invalid("app_id", "Say through which of the Meta apps to connect.".to_owned()))
            }
        },
    }
}

async fn dialog(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    actor: &str,
    connection: ConnectionId,
    app: &App,
    variant: Variant,
) -> Result<Dialog, Failed> {
    let redirect_uri = redirect_uri(ctx);
    let state = state::issue(ctx, tx, org, connection, actor, Some(&redirect_uri)).await?;
    let graph = ctx.graph.config();
    let extras = extras(variant, app.settings.0.solution_id.as_deref());
    let (sdk_url, dialog_base, message_origins) = addresses(&graph.base_url, &graph.version);
    let mut dialog_url = dialog_base;
    dialog_url.query_pairs_mut().extend_pairs([
        ("client_id", app.meta_app_id.as_str()),
        ("config_id", app.config_id.as_deref().unwrap_or("")),
        ("response_type", "code"),
        ("override_default_response_type", "true"),
        ("redirect_uri", redirect_uri.as_str()),
        ("state", state.as_str()),
        ("extras", extras.to_string().as_str()),
    ]);
    Ok(Dialog {
        connection,
        app_id: app.meta_app_id.clone(),
        config_id: app.config_id.clone(),
        sdk_url,
        message_origins,
        graph_version: graph.version.clone(),
        extras,
        state,
        expires_at: ctx.now() + rules::connection::STATE_LIFETIME,
        dialog_url: dialog_url.into(),
    })
}

/// Where the full-page dialog returns to. Repeated at the exchange, letter by letter.
fn redirect_uri(ctx: &Ctx) -> String {
    format!("{}/connect/callback", ctx.settings.public_url.as_str().trim_end_matches('/'))
}

/// `extras` of the dialog. Version 4 takes none but these; products live in the app's configuration.
fn extras(variant: Variant, solution: Option<&str>) -> Value {
    let setup = solution.map_or(json!({}), |solution| json!({"solutionID": solution}));
    match variant {
        Variant::Standard => json!({"setup": setup}),
        Variant::Coexistence => json!({
            "setup": setup, "featureType": "whatsapp_business_app_onboarding", "sessionInfoVersion": "3",
        }),
        Variant::AppOnly => json!({"setup": setup, "features": [{"name": "app_only_install"}]}),
    }
}

/// SDK, full-page dialog and origins: Meta's own, or an emulator's, which serves all of them where it serves Graph.
fn addresses(graph: &Url, version: &str) -> (String, Url, Vec<String>) {
    let at = |base: &str, path: &str| Url::parse(&format!("{base}/{path}")).unwrap_or_else(|_| graph.clone());
    let dialog = format!("{version}/dialog/oauth");
    if is_meta(graph) {
        let origins = vec!["https://*.facebook.com".to_owned()];
        (
            "https://connect.facebook.net/en_US/sdk.js".to_owned(),
            at("https://www.facebook.com", &dialog),
            origins,
        )
    } else {
        let base = graph.as_str().trim_end_matches('/');
        let origins = vec![graph.origin().ascii_serialization()];
        (format!("{base}/en_US/sdk.js"), at(base, &dialog), origins)
    }
}

/// What a page must allow so that the dialog works in it, and nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSources {
    /// Where the JavaScript SDK comes from. Not the Graph API: it can be made to answer with a script of anybody's.
    pub script: String,
    /// What the SDK talks to.
    pub connect: String,
    /// What it shows within the page.
    pub frame: String,
}

/// Where the dialog and its SDK come from.
pub fn page_sources(graph: &Url) -> PageSources {
    if is_meta(graph) {
        return PageSources {
            script: "https://connect.facebook.net".to_owned(),
            connect: "https://graph.facebook.com https://www.facebook.com".to_owned(),
            frame: "https://www.facebook.com".to_owned(),
        };
    }
    let origin = graph.origin().ascii_serialization();
    PageSources { script: origin.clone(), connect: origin.clone(), frame: origin }
}

/// Where a person writes to a number. A number of an emulator is not on WhatsApp, but its phone page reaches it.
pub fn chat_url(graph: &Url, phone_number_id: &str, display: &str) -> String {
    if is_meta(graph) {
        format!("https://wa.me/{}", display.chars().filter(char::is_ascii_digit).collect::<String>())
    } else {
        format!("{}/phone?to={phone_number_id}", graph.as_str().trim_end_matches('/'))
    }
}

/// Where a person writes to a number with a text filled in.
pub fn chat_link(ctx: &Ctx, number: &store::numbers::Number, text: &str) -> String {
    let address = chat_url(&ctx.graph.config().base_url, &number.phone_number_id, &number.display);
    match Url::parse(&address) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair("text", text);
            // A form writes blanks as `+`, which the app would show.
            url.as_str().replace('+', "%20")
        }
        Err(_) => address,
    }
}

fn is_meta(graph: &Url) -> bool {
    graph.host_str() == Some("graph.facebook.com")
}

/// How a code came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// From the JavaScript SDK: exchanged without a return address.
    BySdk,
    /// From the full-page dialog: exchanged with the same return address.
    ByRedirect,
}

/// Takes the code of an attempt, which lives 30 seconds, and exchanges it at once. The exchange goes on when the browser
/// goes away; it is made once, whatever happens.
pub async fn take_code(
    ctx: &Ctx,
    actor: Option<&str>,
    connection: Option<ConnectionId>,
    state: &str,
    code: SecretString,
    returned: Returned,
) -> Result<(OrgId, ConnectionId), Failed> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let attempt = state::check(ctx, &mut tx, state, actor, connection).await?;
    state::spend(ctx, &mut tx, state).await?;
    let (org, id) = (attempt.org_id, attempt.connection_id);
    let mut scope = tx.org(org).await?;
    let found = scope.connection_for_change(id).await?.ok_or(Failed::Missing)?;
    if found.state == Standing::Abandoned {
        return Err(conflict("connection_closed", "This attempt was given up. Start a new one."));
    }
    scope.change_hints(id, now, |hints| hints.code_at = Some(now)).await?;
    scope.begin_step(id, Step::ExchangeCode, now).await?;
    let app = tx.app(found.app_id).await?.ok_or(Failed::Missing)?;
    let secret = ctx.vault.open(&mut tx, app.owner(), SECRET, &app.secret).await?;
    // Should the process end now, the sweeper finds the code without a token.
    enqueue_advance(&mut tx, org, id, now + rules::connection::EXCHANGE_PATIENCE, now).await?;
    settle(ctx, &mut tx, org, id).await?;
    tx.commit().await?;

    let login = AppLogin { app_id: app.meta_app_id, app_secret: secret };
    let redirect_uri = attempt.redirect_uri.filter(|_| returned == Returned::ByRedirect);
    let work = ctx.clone();
    let exchange = tokio::spawn(async move {
        let exchanged = exchange(&work, &login, &code, redirect_uri.as_deref()).await;
        if let Err(error) = keep(&work, org, id, exchanged).await {
            tracing::error!(
                org.id = %org, connection.id = %id, error = &error as &dyn std::error::Error,
                "a token could not be stored"
            );
        }
    });
    // The page waits for the outcome if it comes soon; it is on its way in any case.
    let _ = tokio::time::timeout(std::time::Duration::from_secs(10), exchange).await;
    Ok((org, id))
}

/// Presents the code. Only where nothing was sent is it presented again.
async fn exchange(
    ctx: &Ctx,
    login: &AppLogin,
    code: &SecretString,
    redirect_uri: Option<&str>,
) -> Result<NewToken, GraphError> {
    let mut left = 3;
    loop {
        left -= 1;
        match ctx.graph.exchange_code(login, code, redirect_uri).await {
            Err(GraphError::Unreachable { .. }) if left > 0 => {
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            }
            ended => return ended,
        }
    }
}

/// Stores the token, or what the exchange ended with.
async fn keep(
    ctx: &Ctx,
    org: OrgId,
    id: ConnectionId,
    exchanged: Result<NewToken, GraphError>,
) -> store::Result<()> {
    let now = ctx.now();
    match exchanged {
        Ok(token) => {
            let expires_at = token
                .expires_in
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map(|seconds| now + std::time::Duration::from_secs(seconds));
            let mut tx = ctx.store.begin().await?;
            let sealed = ctx.vault.seal(&mut tx, org, TOKEN, &token.token, now).await?;
            let mut scope = tx.org(org).await?;
            scope.change_hints(id, now, |hints| hints.code_at = None).await?;
            if !scope.set_connection_token(id, Some(&sealed), expires_at, now).await? {
                // Given up meanwhile: nothing of it is kept.
                return tx.commit().await;
            }
            // A new token: everything that rests on one is proved again.
            scope.forget_steps(id, &[Step::ProveAccess, Step::BindAccount, Step::SubscribeApp]).await?;
            tx.commit().await?;
            let proved = Proved {
                result: json!({"expires_at": expires_at}),
                proof: json!({"answer": "access_token"}),
                note: None,
            };
            record(ctx, org, id, Step::ExchangeCode, 1, Ended::Done(proved)).await
        }
        // Perhaps used up, perhaps not: it is not presented again. The job looks for the token by other means.
        Err(GraphError::Unknown { .. }) => Ok(()),
        Err(error) => {
            let stopped = match Stopped::by(Step::ExchangeCode, &error) {
                // A code does not outlive the wait: whatever Meta's trouble is, the client clicks again.
                passing if passing.trouble().wait(1).is_some() => {
                    Stopped { trouble: Trouble::CodeLost, ..passing }
                }
                lasting => lasting,
            };
            let mut tx = ctx.store.begin().await?;
            tx.org(org).await?.change_hints(id, now, |hints| hints.code_at = None).await?;
            tx.commit().await?;
            record(ctx, org, id, Step::ExchangeCode, 1, Ended::Stopped(stopped)).await
        }
    }
}

/// Takes what the dialog's window said. Nothing in it is trusted and nothing uses the attempt up; it may come before the
/// code, after it, twice or never.
pub async fn take_event(
    ctx: &Ctx,
    actor: &str,
    connection: ConnectionId,
    state: &str,
    event: &Value,
) -> Result<(), Failed> {
    let now = ctx.now();
    let Some(said) = read_event(event) else { return Ok(()) };
    let mut tx = ctx.store.begin().await?;
    let attempt = state::check(ctx, &mut tx, state, Some(actor), Some(connection)).await?;
    let org = attempt.org_id;
    let mut scope = tx.org(org).await?;
    let found = scope.connection_for_change(connection).await?.ok_or(Failed::Missing)?;
    let failed = matches!(said.event.as_deref(), Some("CANCEL" | "ERROR"));
    let before = found.hints.0;
    let hints = if failed {
        // What was said of accounts before stays: a dialog may be cancelled after another was finished.
        Hints {
            waba_ids: before.waba_ids,
            phone_number_id: before.phone_number_id,
            business_id: before.business_id,
            code_at: before.code_at,
            ..said
        }
    } else {
        Hints { code_at: before.code_at, ..said }
    };
    scope.change_hints(connection, now, |known| known.clone_from(&hints)).await?;
    let waits_for_code = found.token.is_none() && found.account_id.is_none() && hints.code_at.is_none();
    if waits_for_code {
        let trouble = match (failed, &hints.error_message, &hints.error_code) {
            (true, None, None) => Trouble::SignupCancelled,
            (true, ..) => Trouble::SignupFailed,
            (false, ..) => Trouble::CodeMissing,
        };
        let mut stopped: Stopped = trouble.into();
        stopped.details = hints.error_message.clone().or_else(|| hints.current_step.clone());
        stopped.code = hints.error_code.as_deref().and_then(|code| code.parse().ok());
        let end = StepEnd {
            status: StepStatus::NeedsPerson,
            result: None,
            proof: None,
            problem: Some(stopped.problem()),
            retry_at: None,
        };
        scope.end_step(connection, Step::ExchangeCode, &end, now).await?;
        settle(ctx, &mut tx, org, connection).await?;
    } else if !failed {
        // The account was not known when the steps first looked; they look again.
        let stuck = scope.steps(connection).await?.iter().any(|row| {
            row.step == Step::ProveAccess
                && row.problem.as_ref().is_some_and(|problem| problem.0.trouble == Trouble::NoAccountFound)
        });
        if stuck {
            scope.forget_steps(connection, &[Step::ProveAccess]).await?;
            enqueue_advance(&mut tx, org, connection, now, now).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Reads a window's message leniently: an object or a string that holds one; ids as text or number; unknown keys, names
/// and shapes ignored. `None`: it is not the dialog's, or says nothing that concerns us.
pub fn read_event(event: &Value) -> Option<Hints> {
    let parsed;
    let event = match event {
        Value::String(text) => {
            parsed = serde_json::from_str::<Value>(text).ok()?;
            &parsed
        }
        other => other,
    };
    if event.get("type")?.as_str()? != "WA_EMBEDDED_SIGNUP" {
        return None;
    }
    let name = event.get("event")?.as_str()?.to_ascii_uppercase();
    let known = name.starts_with("FINISH") || matches!(name.as_str(), "CANCEL" | "ERROR");
    if !known {
        return None;
    }
    let data = event.get("data").unwrap_or(&Value::Null);
    let id = |name: &str| data.get(name).and_then(text).filter(|id| is_id(id));
    let words =
        |name: &str| data.get(name).and_then(text).map(|words| words.chars().take(300).collect::<String>());
    let mut waba_ids: Vec<String> = id("waba_id").into_iter().collect();
    for more in data.get("waba_ids").and_then(Value::as_array).into_iter().flatten().take(50) {
        if let Some(more) = text(more).filter(|more| is_id(more) && !waba_ids.contains(more)) {
            waba_ids.push(more);
        }
    }
    Some(Hints {
        event: Some(name),
        waba_ids,
        phone_number_id: id("phone_number_id"),
        business_id: id("business_id"),
        current_step: words("current_step"),
        error_code: words("error_code").or_else(|| words("error_id")),
        error_message: words("error_message"),
        session_id: words("session_id"),
        code_at: None,
    })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a text can be one of Meta's ids.
pub fn is_id(text: &str) -> bool {
    (5..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A connection with its steps.
pub async fn get(ctx: &Ctx, org: OrgId, id: ConnectionId) -> Result<(Connection, Vec<StepRow>), Failed> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let connection = scope.connection(id).await?.ok_or(Failed::Missing)?;
    let steps = scope.steps(id).await?;
    Ok((connection, steps))
}

/// Connections, newest first.
pub async fn list(ctx: &Ctx, org: OrgId, after: Cursor, limit: usize) -> Result<Page<Connection>, Failed> {
    Ok(ctx.store.read().await?.org(org).await?.connections(after, limit).await?)
}

/// Makes a step again, because somebody has acted or says that it may be.
pub async fn retry(ctx: &Ctx, actor: &OrgActor, id: ConnectionId, step: Step) -> Result<(), Failed> {
    let (org, now) = (actor.org, ctx.now());
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let connection = scope.connection_for_change(id).await?.ok_or(Failed::Missing)?;
    if connection.state == Standing::Abandoned {
        return Err(conflict("connection_closed", "This attempt was given up. Start a new one."));
    }
    if step == Step::ExchangeCode {
        return Err(conflict(
            "code_needed",
            "A code works once, so this step cannot be repeated. Open the Meta window again.",
        ));
    }
    let rows = scope.steps(id).await?;
    let row = rows.iter().find(|row| row.step == step).ok_or(Failed::Missing)?;
    let trouble = row.problem.as_ref().map(|problem| problem.0.trouble);
    // Meta has said until when it refuses: trying before would only lengthen the lock.
    let locked = matches!(trouble, Some(Trouble::RegisterLimit | Trouble::PinGuesses));
    if locked && let Some(until) = row.retry_at.filter(|until| *until > now) {
        let left = until.since(now).as_secs() / 3600;
        return Err(conflict(
            "step_locked",
            &format!("Meta has locked this for about {left} more hours; it is tried by itself then."),
        ));
    }
    // Whoever makes a step again has seen what stands on the page, and says that it is meant where that is the question.
    let seen = rows.iter().filter_map(|row| row.problem.as_ref()).map(|problem| problem.0.trouble);
    let meant: Vec<_> = seen.filter(|trouble| step.confirmable().contains(trouble)).collect();
    scope.change_settings(id, now, |settings| settings.confirmed.extend(meant)).await?;
    actor.audit(ctx, &mut scope, "connection.retry", id, json!({"step": step})).await?;
    scope.forget_steps(id, &[step]).await?;
    enqueue_advance(&mut tx, org, id, now, now).await?;
    settle(ctx, &mut tx, org, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Chooses among several accounts or numbers. What is chosen is proved like everything else.
pub async fn choose(
    ctx: &Ctx,
    org: OrgId,
    id: ConnectionId,
    waba_id: Option<String>,
    phone_number_id: Option<String>,
    currency: Option<String>,
) -> Result<(), Failed> {
    for (field, value) in [("waba_id", &waba_id), ("phone_number_id", &phone_number_id)] {
        if value.as_deref().is_some_and(|value| !is_id(value)) {
            return Err(Failed::Invalid(
                field,
                "An id of Meta has 5 to 20 digits and nothing else.".to_owned(),
            ));
        }
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let connection = scope.connection_for_change(id).await?.ok_or(Failed::Missing)?;
    if connection.account_id.is_some() && waba_id.is_some() {
        return Err(conflict(
            "account_bound",
            "The account is connected already. Start a new connection for another.",
        ));
    }
    scope
        .change_settings(id, now, |settings| {
            settings.chosen_waba_id = waba_id.or(settings.chosen_waba_id.take());
            settings.chosen_phone_number_id = phone_number_id.or(settings.chosen_phone_number_id.take());
            settings.currency = currency.or(settings.currency.take());
        })
        .await?;
    let open: Vec<Step> = scope
        .steps(id)
        .await?
        .iter()
        .filter(|row| row.status == StepStatus::NeedsPerson && row.step != Step::ExchangeCode)
        .map(|row| row.step)
        .collect();
    scope.forget_steps(id, &open).await?;
    enqueue_advance(&mut tx, org, id, now, now).await?;
    settle(ctx, &mut tx, org, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a connection up: no further step is made, its token is erased. An account that it has connected stays
/// connected and is ended by disconnecting it.
pub async fn abandon(ctx: &Ctx, actor: &OrgActor, id: ConnectionId) -> Result<(), Failed> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let connection = scope.connection_for_change(id).await?.ok_or(Failed::Missing)?;
    if connection.account_id.is_some() {
        return Err(conflict(
            "account_bound",
            "This connection has connected its account. Disconnect the account instead.",
        ));
    }
    scope.set_connection_token(id, None, None, now).await?;
    scope.set_standing(id, Standing::Abandoned, true, now).await?;
    tell_connection(&mut scope, id, Standing::Abandoned, now).await?;
    actor.audit(ctx, &mut scope, "connection.abandon", id, json!({})).await?;
    tx.commit().await?;
    Ok(())
}

fn conflict(code: &'static str, sentence: &str) -> Failed {
    Failed::Conflict(code, sentence.to_owned())
}

/// How long an unfinished attempt is kept before it counts as given up.
pub const FORGOTTEN_AFTER: std::time::Duration = span::days(14);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_in_every_form_and_nothing_else_is() {
        let finish = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH",
            "data": {"waba_id": 700_000_000_000_003_u64, "waba_ids": ["700000000000003", "700000000000099"], "new": []}});
        let hints = read_event(&finish).unwrap();
        assert_eq!(hints.waba_ids, ["700000000000003", "700000000000099"]);
        assert_eq!(read_event(&Value::String(finish.to_string())).unwrap(), hints);
        let error = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "error",
            "data": {"error_message": "Your verified name violates …", "error_id": 524_126}});
        assert_eq!(read_event(&error).unwrap().error_code.as_deref(), Some("524126"));
        assert!(read_event(&json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH"})).is_some());
        for noise in [
            json!("cb=f1a2b3&relation=opener&code=AQBFAKE"),
            json!({"type": "other", "event": "FINISH"}),
            json!({"type": "WA_EMBEDDED_SIGNUP", "event": "OPENED"}),
            json!(7),
        ] {
            assert!(read_event(&noise).is_none(), "{noise}");
        }
        let forged = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": {"waba_id": "../7"}});
        assert!(read_event(&forged).unwrap().waba_ids.is_empty());
    }

    #[test]
    fn the_dialog_is_metas_or_the_emulators() {
        let (sdk, dialog, origins) = addresses(&Url::parse("https://graph.facebook.com").unwrap(), "v25.0");
        assert_eq!(sdk, "https://connect.facebook.net/en_US/sdk.js");
        assert_eq!(dialog.as_str(), "https://www.facebook.com/v25.0/dialog/oauth");
        assert_eq!(origins, ["https://*.facebook.com"]);
        let (sdk, dialog, origins) = addresses(&Url::parse("http://127.0.0.1:8090/").unwrap(), "v25.0");
        assert_eq!(sdk, "http://127.0.0.1:8090/en_US/sdk.js");
        assert_eq!(dialog.as_str(), "http://127.0.0.1:8090/v25.0/dialog/oauth");
        assert_eq!(origins, ["http://127.0.0.1:8090"]);
    }

    #[test]
    fn a_number_is_written_to_where_it_is() {
        let chat = |graph| chat_url(&Url::parse(graph).unwrap(), "600000000000011", "+62 21-5550 0111");
        assert_eq!(chat("https://graph.facebook.com"), "https://wa.me/622155500111");
        assert_eq!(chat("http://127.0.0.1:8090/"), "http://127.0.0.1:8090/phone?to=600000000000011");
    }
}
