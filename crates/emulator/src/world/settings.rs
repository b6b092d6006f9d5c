//! Switches of the emulator, for where Meta's behaviour varies, is uncertain, or is to be provoked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Millis, OnboardingRules};

/// All switches. Changed by `PATCH /_emulator/settings`, which merges.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Added to the machine's clock, in milliseconds.
    pub clock_offset_ms: Millis,
    /// When sends move on by themselves.
    pub ladder: Ladder,
    /// How webhooks are delivered.
    pub webhooks: WebhookRules,
    /// Which rate limits are enforced.
    pub limits: Limits,
    /// Which statuses carry the pricing object.
    pub pricing_on: PricingOn,
    /// How a free-form send outside the window fails.
    pub window_error: WindowError,
    /// The codes of template parameter problems.
    pub template_errors: TemplateErrors,
    /// How templates are reviewed, and how many there may be.
    pub templates: TemplateRules,
    /// Answer `message_status` on every send, not on template sends alone.
    pub message_status_always: bool,
    /// The form of `sha256` when media is looked up.
    pub media_sha256: Sha256Form,
    /// Whether a reaction opens or extends the window.
    pub reactions_open_window: bool,
    /// Whether failed statuses carry `contacts` (some clients demand it; Meta documents that they do not).
    pub failed_contacts: bool,
    /// Whether usernames in webhooks start with `@` (samples of February 2026 did).
    pub username_at: bool,
    /// Whether inbound media carries the direct `url`.
    pub media_url_in_webhooks: bool,
    /// Probability (0 to 1) that the response to an accepted send is lost after the send took effect.
    pub drop_responses: f64,
    /// Seed of every random decision of the faults, so that runs repeat.
    pub seed: u64,
    /// What `debug_token` answers.
    pub token_shape: TokenShape,
    /// Graph version of the webhooks; before v24 every status names a conversation.
    pub webhook_version: u32,
    /// How onboarding behaves.
    pub onboarding: OnboardingRules,
    /// Which linked media is fetched when it is sent.
    pub fetch_links: FetchLinks,
    /// The most messages kept; older ones are forgotten.
    pub keep_messages: usize,
    /// Answer whether a send needs a payment method at once, instead of by a failed status.
    pub funding_error_sync: bool,
}

impl Settings {
    /// Key of the only row.
    pub const ROW: &'static str = "settings";
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock_offset_ms: 0,
            ladder: Ladder::default(),
            webhooks: WebhookRules::default(),
            limits: Limits::default(),
            pricing_on: PricingOn::default(),
            window_error: WindowError::default(),
            template_errors: TemplateErrors::default(),
            templates: TemplateRules::default(),
            message_status_always: false,
            media_sha256: Sha256Form::default(),
            reactions_open_window: false,
            failed_contacts: false,
            username_at: false,
            media_url_in_webhooks: false,
            drop_responses: 0.0,
            seed: 0,
            token_shape: TokenShape::default(),
            webhook_version: 25,
            onboarding: OnboardingRules::default(),
            fetch_links: FetchLinks::default(),
            keep_messages: 200_000,
            funding_error_sync: true,
        }
    }
}

/// When sends move on by themselves. Delays count from the step before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ladder {
    /// From acceptance to `sent` (or `failed`).
    pub sent_ms: Millis,
    /// From `sent` to `delivered`.
    pub delivered_ms: Millis,
    /// From `delivered` to `read`.
    pub read_ms: Millis,
    /// Leave `delivered` out, as happens when both coincide.
    pub skip_delivered: bool,
}

impl Default for Ladder {
    fn default() -> Self {
        Self { sent_ms: 20, delivered_ms: 80, read_ms: 300, skip_delivered: false }
    }
}

/// How webhooks are delivered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookRules {
    /// Hold every delivery back by this much.
    pub delay_ms: Millis,
    /// Probability (0 to 1) that an update is delivered a second time.
    pub duplicate: f64,
    /// Shuffle the updates that wait together.
    pub reorder: bool,
    /// The most updates in one POST (Meta: 1,000). A POST carries several only under a backlog.
    pub batch_max: usize,
    /// Put everything that waits into one POST, even without a backlog.
    pub batch_eagerly: bool,
    /// Write non-ASCII as `\uXXXX` and `/` as `\/`, as Meta does.
    pub escape: bool,
    /// Sign with a wrong secret, to test that receivers refuse.
    pub forge_signature: bool,
}

impl Default for WebhookRules {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            duplicate: 0.0,
            reorder: false,
            batch_max: 200,
            batch_eagerly: false,
            escape: true,
            forge_signature: false,
        }
    }
}

/// Which rate limits are enforced.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Messages per second and number, in and out together; 0 switches the limit off.
    pub messages_per_second: u32,
    /// Burst to one person before one message per six seconds (131056); 0 switches the limit off.
    pub pair_burst: u32,
    /// Management calls per app, messaging account and hour (80007); 0 switches the limit off.
    pub calls_per_hour: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { messages_per_second: 80, pair_burst: 45, calls_per_hour: 5_000 }
    }
}

/// Which statuses carry the pricing object. Both patterns are documented.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PricingOn {
    /// The first of `delivered` and `read`.
    #[default]
    Receipt,
    /// `sent`, and the first of `delivered` and `read`.
    SentAndReceipt,
    /// Nowhere (older payloads).
    Never,
}

/// How a free-form send outside the window fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowError {
    /// Accepted, then a failed status with 131047.
    #[default]
    Async,
    /// Refused at once with 131047.
    Sync,
}

/// How templates are reviewed, and how many there may be (meta-messaging 4.3).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateRules {
    /// From submission to the review's answer; with 0 the create call answers it.
    pub review_ms: Millis,
    /// Nothing is reviewed by itself: somebody does it with `POST /_emulator/templates/{id}/review`.
    pub by_hand: bool,
    /// Made in an hour for one account.
    pub per_hour: usize,
    /// Templates that an account may have.
    pub most: usize,
}

impl Default for TemplateRules {
    fn default() -> Self {
        Self { review_ms: 1_500, by_hand: false, per_hour: 100, most: 6_000 }
    }
}

/// The codes of template parameter problems (uncertain which of them v25 sends).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TemplateErrors {
    /// 132000 for a wrong count, 132012 for a wrong kind.
    #[default]
    Separate,
    /// 132018 for both.
    Joint,
}

/// Which linked media is fetched when it is sent. What cannot be fetched fails with 131053.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FetchLinks {
    /// Links to this machine; others are taken on trust, so that nothing leaves the machine.
    #[default]
    Local,
    /// Every link.
    All,
    /// None.
    Never,
}

/// The form of a SHA-256.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sha256Form {
    /// 64 hexadecimal digits.
    #[default]
    Hex,
    /// Base64.
    Base64,
}

/// What `debug_token` answers (meta-onboarding 3.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum TokenShape {
    /// Scopes and granular scopes with target ids: normal until June 2026.
    A,
    /// Scopes, but no target ids: seen since June 2026.
    #[default]
    B,
    /// Only granular scopes name the WhatsApp permissions.
    C,
}

/// A failure to give on coming calls.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// Id, given by the emulator.
    #[serde(default)]
    pub id: String,
    /// HTTP method, e.g. `POST`; absent: any.
    #[serde(default)]
    pub method: Option<String>,
    /// The path after the version: the last part (`messages`, `register`, `debug_token`, `oauth/access_token`),
    /// a whole path (`600000000000004/messages`), or `*`.
    pub edge: String,
    /// How many calls it still strikes.
    #[serde(default = "one")]
    pub times: u32,
    /// How many matching calls pass before it strikes.
    #[serde(default)]
    pub after: u32,
    /// What happens.
    pub effect: FaultEffect,
}

/// What a fault does to a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultEffect {
    /// The named failure of `GET /_emulator/failures`; nothing takes effect.
    Failure(String),
    /// A Graph error written out; nothing takes effect.
    Error {
        /// HTTP status.
        status: u16,
        /// `error.code`.
        code: i64,
        /// `error.error_subcode`.
        #[serde(default)]
        subcode: Option<i64>,
        /// `error.message`.
        message: String,
        /// `error.error_data.details`.
        #[serde(default)]
        details: Option<String>,
    },
    /// The send is accepted and then fails by webhook with this code (edge `messages`).
    FailedStatus {
        /// `errors[].code`.
        code: i64,
        /// `errors[].title`.
        title: String,
        /// `errors[].error_data.details`.
        #[serde(default)]
        details: Option<String>,
    },
    /// The call takes effect, but its response never arrives: the connection is cut.
    DropResponse,
    /// The connection is cut before the call takes effect.
    DropRequest,
    /// The call is answered this much later.
    DelayMs(u64),
}

fn one() -> u32 {
    1
}
