//! How connections, accounts, numbers, apps and links look from outside. No secret is among their fields.

use meta::limits::messages_per_second;
use rules::connection::{Entry, Mode, Standing, Step, StepStatus, TokenState, Trouble, Turn, Variant};
use rules::gate::LineState;
use rules::id::{AccountId, AppId, ConnectInviteId, ConnectionId, NumberId};
use rules::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::connections::StepProblem;
use utoipa::ToSchema;

use crate::ctx::Ctx;
use crate::identity::Token;
use crate::onboarding::service::Stopped;
use crate::onboarding::service::connect::{Dialog as ServiceDialog, chat_url};
use crate::onboarding::service::readiness::{Item, Light};

/// One text in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Words {
    /// English.
    pub(super) en: &'static str,
    /// Indonesian.
    pub(super) id: &'static str,
}

/// What a page needs to open the dialog.
#[derive(Serialize, ToSchema)]
pub struct Dialog {
    /// The connection.
    connection_id: ConnectionId,
    /// Meta's id of the app, for `FB.init`.
    app_id: String,
    /// For `FB.login`.
    config_id: Option<String>,
    /// The JavaScript SDK.
    sdk_url: String,
    /// Windows whose messages may be believed to be the dialog's: compare scheme and host, not the end of the text.
    message_origins: Vec<String>,
    /// For `FB.init`.
    graph_version: String,
    /// For `FB.login`.
    extras: Value,
    /// Send it with the code and with every event.
    state: String,
    /// When the attempt ends.
    expires_at: Timestamp,
    /// The full-page dialog, where the popup does not work.
    dialog_url: String,
}

impl From<ServiceDialog> for Dialog {
    fn from(dialog: ServiceDialog) -> Self {
        Self {
            connection_id: dialog.connection,
            app_id: dialog.app_id,
            config_id: dialog.config_id,
            sdk_url: dialog.sdk_url,
            message_origins: dialog.message_origins,
            graph_version: dialog.graph_version,
            extras: dialog.extras,
            state: dialog.state,
            expires_at: dialog.expires_at,
            dialog_url: dialog.dialog_url,
        }
    }
}

/// A connection.
#[derive(Serialize, ToSchema)]
pub struct Connection {
    /// Its id.
    id: ConnectionId,
    /// Through which app.
    app_id: AppId,
    /// Who pays, whose app.
    mode: Mode,
    /// How the client came in.
    entry: Entry,
    /// What kind of signup.
    variant: Variant,
    /// How it stands.
    state: Standing,
    /// The same in a sentence.
    sentence: Words,
    /// Who began it.
    started_by: String,
    /// Meta's id of the messaging account, once proved.
    waba_id: Option<String>,
    /// The messaging account, once connected.
    account_id: Option<AccountId>,
    /// Accounts to choose from.
    candidates: Vec<Candidate>,
    /// When it began.
    created_at: Timestamp,
    /// When it changed last.
    updated_at: Timestamp,
    /// When every step was done first.
    finished_at: Option<Timestamp>,
    /// Its steps, in their order, as far as they were begun; only for a single connection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepView>,
}

/// An account to choose.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionCandidate)]
pub struct Candidate {
    /// Meta's id.
    waba_id: String,
    /// Its name.
    name: Option<String>,
}

impl From<store::connections::Connection> for Connection {
    fn from(row: store::connections::Connection) -> Self {
        let candidates = row.settings.0.candidates.into_iter();
        Self {
            id: row.id,
            app_id: row.app_id,
            mode: row.mode,
            entry: row.entry,
            variant: row.variant,
            state: row.state,
            sentence: Words { en: row.state.english(), id: row.state.indonesian() },
            started_by: row.started_by,
            waba_id: row.waba_id,
            account_id: row.account_id,
            candidates: candidates.map(|one| Candidate { waba_id: one.waba_id, name: one.name }).collect(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
            steps: Vec::new(),
        }
    }
}

impl Connection {
    /// The messaging account, once connected.
    pub fn account(&self) -> Option<AccountId> {
        self.account_id
    }

    /// A connection with its steps.
    pub fn whole((row, steps): (store::connections::Connection, Vec<store::connections::StepRow>)) -> Self {
        Self { steps: steps.into_iter().map(StepView::from).collect(), ..row.into() }
    }
}

/// A step of a connection.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionStep)]
pub struct StepView {
    /// Which.
    step: Step,
    /// How far.
    status: StepStatus,
    /// How often it was made.
    attempts: i64,
    /// What it brought.
    result: Option<Value>,
    /// The read or effect that proved it.
    proof: Option<Value>,
    /// What stopped it.
    problem: Option<StepTrouble>,
    /// When it was begun first.
    started_at: Option<Timestamp>,
    /// When it was done.
    finished_at: Option<Timestamp>,
    /// When it is made again by itself.
    retry_at: Option<Timestamp>,
}

impl From<store::connections::StepRow> for StepView {
    fn from(row: store::connections::StepRow) -> Self {
        Self {
            step: row.step,
            status: row.status,
            attempts: row.attempts,
            result: row.result.map(|result| result.0),
            proof: row.proof.map(|proof| proof.0),
            problem: row.problem.map(|problem| problem.0.into()),
            started_at: row.started_at,
            finished_at: row.finished_at,
            retry_at: row.retry_at,
        }
    }
}

/// What stopped a step: what it means, whose turn it is and what to do.
#[derive(Clone, Serialize, ToSchema)]
pub struct StepTrouble {
    /// A stable word.
    trouble: Trouble,
    /// Whose turn it is.
    turn: Turn,
    /// What it means.
    sentence: Words,
    /// What to do.
    action: Words,
    /// Meta's code.
    meta_code: Option<i64>,
    /// Meta's finer code.
    meta_subcode: Option<i64>,
    /// Meta's words.
    details: Option<String>,
}

impl StepTrouble {
    /// The same for a form, which nothing tries again by itself.
    pub(super) fn for_a_form(mut self) -> Self {
        if self.turn == Turn::Meta {
            let [en, id] = ["Wait a moment, then check again.", "Tunggu sebentar, lalu periksa lagi."];
            self.action = Words { en, id };
        }
        self
    }
}

impl From<StepProblem> for StepTrouble {
    fn from(problem: StepProblem) -> Self {
        let trouble = problem.trouble;
        Self {
            trouble,
            turn: problem.turn,
            sentence: Words { en: trouble.english(), id: trouble.indonesian() },
            action: Words { en: trouble.action_english(), id: trouble.action_indonesian() },
            meta_code: problem.code,
            meta_subcode: problem.subcode,
            details: problem.details,
        }
    }
}

impl From<Stopped> for StepTrouble {
    fn from(stopped: Stopped) -> Self {
        stopped.problem().into()
    }
}

/// A messaging account.
#[derive(Serialize, ToSchema)]
pub struct Account {
    /// Its id.
    id: AccountId,
    /// Through which app it is connected.
    app_id: AppId,
    /// Meta's id.
    waba_id: String,
    /// Who pays, whose app.
    mode: Mode,
    /// Its name.
    name: String,
    /// ISO 4217.
    currency: Option<String>,
    /// Meta's status.
    status: Option<String>,
    /// Meta's review.
    review_status: Option<String>,
    /// Whether it can send.
    line: LineState,
    /// What is known of the token.
    token: TokenState,
    /// When the token ends.
    token_expires_at: Option<Timestamp>,
    /// Whether somebody pays Meta.
    funded: bool,
    /// Whether its webhooks come in here.
    subscribed: bool,
    /// Business, country, limits, restrictions, health: what else Meta said.
    facts: Value,
    /// When this was last read from Meta.
    checked_at: Option<Timestamp>,
    /// When it was connected first.
    created_at: Timestamp,
    /// When it was disconnected.
    disconnected_at: Option<Timestamp>,
    /// Why.
    disconnect_reason: Option<String>,
    /// Its numbers.
    numbers: Vec<Number>,
}

impl Account {
    /// An account with its numbers, among others'.
    pub fn with(ctx: &Ctx, row: store::accounts::Account, numbers: &[store::numbers::Number]) -> Self {
        let own = numbers.iter().filter(|number| number.account_id == row.id);
        Self {
            numbers: own.cloned().map(|number| Number::new(ctx, number)).collect(),
            id: row.id,
            app_id: row.app_id,
            waba_id: row.waba_id,
            mode: row.mode,
            name: row.name,
            currency: row.currency,
            status: row.status,
            review_status: row.review_status,
            line: row.line,
            token: row.token_state,
            token_expires_at: row.token_expires_at,
            funded: row.funding_id.is_some(),
            subscribed: row.subscribed_at.is_some(),
            facts: serde_json::to_value(row.facts.0).unwrap_or(Value::Null),
            checked_at: row.checked_at,
            created_at: row.created_at,
            disconnected_at: row.disconnected_at,
            disconnect_reason: row.disconnect_reason,
        }
    }
}

/// A number.
#[derive(Serialize, ToSchema)]
pub struct Number {
    /// Its id.
    id: NumberId,
    /// Its account.
    account_id: AccountId,
    /// Meta's id.
    phone_number_id: String,
    /// As people write it.
    display: String,
    /// Where a person writes to the number: WhatsApp itself, or the simulated phone of an emulator that stands in for Meta.
    chat_url: String,
    /// The name that people see.
    verified_name: Option<String>,
    /// Meta's status: `CONNECTED` …
    status: Option<String>,
    /// `APPROVED` …
    name_status: Option<String>,
    /// `GREEN` …
    quality: Option<String>,
    /// `CLOUD_API` when registered.
    platform_type: Option<String>,
    /// `STANDARD` or `HIGH`.
    throughput: Option<String>,
    /// `TIER_250` …
    messaging_limit: Option<String>,
    /// `VERIFIED` …
    code_verification: Option<String>,
    /// Stays in use in the WhatsApp Business app.
    on_business_app: bool,
    /// Whether its two-step PIN is known here.
    pin_known: bool,
    /// Whether it can send.
    line: LineState,
    /// When it was seen registered first.
    registered_at: Option<Timestamp>,
    /// When the first message came in.
    heard_at: Option<Timestamp>,
    /// What people see about the business.
    profile: Value,
    /// A name asked for, until it is the one that people see.
    wanted_name: Option<String>,
    /// How far its review is: `PENDING_REVIEW`, `APPROVED`, `DECLINED` …
    wanted_name_status: Option<String>,
    /// Why a name was declined: `NAME_NOT_CONSISTENT` …
    name_reason: Option<String>,
    /// The business username, without the `@`.
    username: Option<String>,
    /// `approved` or `reserved`.
    username_status: Option<String>,
    /// Carries the badge of an official business account.
    official: bool,
    /// Whether it has a two-step PIN at Meta.
    has_pin: Option<bool>,
    /// What Meta's own check said last: `can_send` (`AVAILABLE`, `LIMITED`, `BLOCKED`), and of each of the `entities` what
    /// blocks or limits it.
    health: Option<Value>,
    /// How many messages a second Meta takes of it, in and out together.
    messages_per_second: u32,
    /// When this was last read from Meta.
    updated_at: Timestamp,
}

impl Number {
    /// A number as the API shows it.
    pub fn new(ctx: &Ctx, row: store::numbers::Number) -> Self {
        Self {
            chat_url: chat_url(&ctx.graph.config().base_url, &row.phone_number_id, &row.display),
            id: row.id,
            account_id: row.account_id,
            phone_number_id: row.phone_number_id,
            display: row.display,
            verified_name: row.verified_name,
            status: row.status,
            name_status: row.name_status,
            quality: row.quality,
            platform_type: row.platform_type,
            throughput: row.throughput.clone(),
            messaging_limit: row.messaging_limit,
            code_verification: row.code_verification,
            on_business_app: row.on_business_app,
            pin_known: row.pin.is_some(),
            line: row.line,
            registered_at: row.registered_at,
            heard_at: row.heard_at,
            profile: row.profile.0,
            messages_per_second: messages_per_second(row.throughput.as_deref(), row.on_business_app),
            wanted_name: row.wanted_name,
            wanted_name_status: row.wanted_name_status,
            name_reason: row.name_reason,
            username: row.username,
            username_status: row.username_status,
            official: row.official,
            has_pin: row.has_pin,
            health: row.health.map(|health| health.0),
            updated_at: row.updated_at,
        }
    }
}

/// A Meta app.
#[derive(Serialize, ToSchema)]
pub struct MetaApp {
    /// Its id here.
    id: AppId,
    /// Whether it is the organisation's own; otherwise the operator's.
    own: bool,
    /// Meta's id.
    meta_app_id: String,
    /// Its name.
    name: String,
    /// The configuration of its signup.
    config_id: Option<String>,
    /// The address to enter at Meta.
    webhook_url: String,
    /// The portfolio that owns it.
    business_id: Option<String>,
    /// The system user that is put on clients' accounts.
    system_user_id: Option<String>,
    /// Whether its token is stored.
    has_system_token: bool,
    /// The credit line that pays.
    credit_line_id: Option<String>,
    /// The multi-partner solution.
    solution_id: Option<String>,
    /// How long the former secret is still accepted.
    former_secret_until: Option<Timestamp>,
    /// When it was registered here.
    created_at: Timestamp,
}

impl MetaApp {
    /// An app as the API shows it.
    pub fn new(ctx: &Ctx, app: store::apps::App) -> Self {
        let base = ctx.settings.public_url.as_str().trim_end_matches('/');
        Self {
            id: app.id,
            own: app.org_id.is_some(),
            webhook_url: format!("{base}/webhooks/meta/{}", app.slug),
            meta_app_id: app.meta_app_id,
            name: app.name,
            config_id: app.config_id,
            business_id: app.settings.0.business_id,
            system_user_id: app.settings.0.system_user_id,
            has_system_token: app.system_token.is_some(),
            credit_line_id: app.settings.0.credit_line_id,
            solution_id: app.settings.0.solution_id,
            former_secret_until: app.previous_secret_until,
            created_at: app.created_at,
        }
    }
}

/// A Meta app that was just registered, with what to enter at Meta.
#[derive(Serialize, ToSchema)]
pub struct NewMetaApp {
    /// The app.
    pub app: MetaApp,
    /// To enter at Meta beside the address; told this once.
    pub verify_token: String,
}

impl NewMetaApp {
    /// A new app, with its verify token revealed.
    pub fn told(ctx: &Ctx, (app, verify_token): (store::apps::App, Token)) -> Self {
        Self { app: MetaApp::new(ctx, app), verify_token: verify_token.reveal().to_owned() }
    }
}

/// An invite link.
#[derive(Serialize, ToSchema)]
pub struct ConnectInvite {
    /// Its id.
    id: ConnectInviteId,
    /// Through which app.
    app_id: AppId,
    /// Who pays, whose app.
    mode: Mode,
    /// What kind of signup.
    variant: Variant,
    /// What its maker wrote on it.
    note: String,
    /// Who made it.
    created_by: String,
    /// When.
    created_at: Timestamp,
    /// When it ends.
    expires_at: Timestamp,
    /// When it was opened first.
    opened_at: Option<Timestamp>,
    /// When its connection was begun.
    used_at: Option<Timestamp>,
    /// When it was taken back.
    revoked_at: Option<Timestamp>,
}

impl From<store::signup::ConnectInvite> for ConnectInvite {
    fn from(row: store::signup::ConnectInvite) -> Self {
        Self {
            id: row.id,
            app_id: row.app_id,
            mode: row.mode,
            variant: row.variant,
            note: row.note,
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            opened_at: row.opened_at,
            used_at: row.used_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// One item of a checklist.
#[derive(Serialize, ToSchema)]
pub struct ReadinessItem {
    /// A stable word.
    code: &'static str,
    /// What it is about.
    about: Option<String>,
    /// `good`, `bad`, or `ask`: only a person can tell.
    state: &'static str,
    /// What has to be the case.
    sentence: Words,
    /// How to mend it.
    fix: Words,
    /// What the look showed.
    found: Option<String>,
    /// Only a person can tell: ticked off by `settings.at_hand` of the organisation.
    by_hand: bool,
}

impl From<Item> for ReadinessItem {
    fn from(item: Item) -> Self {
        Self {
            code: item.code,
            about: item.about,
            state: match item.light {
                Light::Good => "good",
                Light::Bad => "bad",
                Light::Ask => "ask",
            },
            sentence: Words { en: item.sentence.0, id: item.sentence.1 },
            fix: Words { en: item.fix.0, id: item.fix.1 },
            found: item.found,
            by_hand: item.by_hand,
        }
    }
}
