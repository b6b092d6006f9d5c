//! What onboarding leaves behind: codes, signup runs, registration history, credit lines, solutions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Millis, World};

/// Switches of onboarding, where Meta's behaviour varies or is uncertain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OnboardingRules {
    /// Life of a signup code, in milliseconds.
    pub code_ttl_ms: Millis,
    /// An exchange refused for its `redirect_uri` uses the code up.
    pub redirect_mismatch_burns_code: bool,
    /// Phase 1 of the account model evolution: registering a registered number succeeds and leaves the PIN alone.
    pub account_model_evolution: bool,
    /// The dialog refuses `extras.version` v2 and v3; otherwise it upgrades them silently.
    pub refuse_old_dialogs: bool,
    /// A business token outlives the removal of the partner.
    pub token_survives_partner_removal: bool,
    /// `fb_exchange_token` works on business tokens.
    pub refresh_business_tokens: bool,
    /// A business token may list the messaging accounts of its client's portfolio.
    pub business_token_lists_accounts: bool,
    /// A new PIN may be set on a number that is not registered.
    pub pin_on_unregistered: bool,
    /// Currencies a credit line may be attached in.
    pub credit_currencies: BTreeSet<String>,
    /// Lists of messaging accounts give ids as JSON numbers, as Meta's samples do.
    pub numeric_account_ids: bool,
    /// Percentage in the usage headers; absent: no headers.
    pub usage_percent: Option<u8>,
}

impl Default for OnboardingRules {
    fn default() -> Self {
        Self {
            code_ttl_ms: 30_000,
            redirect_mismatch_burns_code: false,
            account_model_evolution: true,
            refuse_old_dialogs: false,
            token_survives_partner_removal: true,
            refresh_business_tokens: true,
            business_token_lists_accounts: false,
            pin_on_unregistered: true,
            credit_currencies: ["AUD", "EUR", "GBP", "IDR", "INR", "USD"].map(str::to_owned).into(),
            numeric_account_ids: false,
            usage_percent: None,
        }
    }
}

/// A code of the signup dialog, keyed by its value. It buys one business token, once.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignupCode {
    /// The app it was made for.
    pub app_id: String,
    /// The address it was sent to; `None` when the popup handed it over.
    pub redirect_uri: Option<String>,
    /// The business token it buys.
    pub token: String,
    /// When it was made.
    pub made_at: Millis,
    /// When it was used.
    pub used_at: Option<Millis>,
    /// Partner webhooks that wait for the exchange.
    pub announce: Option<Announcement>,
}

impl fmt::Debug for SignupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignupCode").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

/// The partner webhooks of one signup.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Announcement {
    /// The messaging account that was shared.
    pub account_id: String,
    /// The app it was granted to.
    pub app_id: String,
    /// Only the app was granted: no `PARTNER_ADDED`.
    pub app_only: bool,
    /// The multi-partner solution it came through.
    pub solution_id: Option<String>,
}

/// One opening of the signup dialog, kept so that tests can see what a page asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SignupVisit {
    /// Id of the visit.
    pub id: String,
    /// When the dialog was opened.
    pub at: Millis,
    /// App that opened it.
    pub app_id: String,
    /// Configuration it named.
    pub config_id: String,
    /// Origin of the page that opened the popup; empty for the full-page dialog.
    pub origin: String,
    /// Address of the full-page dialog.
    pub redirect_uri: Option<String>,
    /// `extras` as the page gave them.
    #[schema(value_type = Object)]
    pub extras: Value,
    /// How it ended: an outcome, `refused`, or empty while it is open.
    pub ended: String,
    /// Messaging account that was shared.
    pub waba_id: Option<String>,
    /// Number that was shared.
    pub phone_number_id: Option<String>,
    /// Client's portfolio.
    pub business_id: Option<String>,
}

/// What onboarding remembers of a number, keyed by its id.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct NumberFile {
    /// Times of the registrations and deregistrations of the last 72 hours.
    pub attempts: Vec<Millis>,
    /// Registration is locked until then.
    pub locked_until: Option<Millis>,
    /// A code was requested and may be given back to `verify_code`.
    pub code_requested: bool,
    /// Display name under review.
    pub new_display_name: Option<String>,
    /// Its review: `PENDING_REVIEW`, `APPROVED`, `DECLINED`.
    pub new_name_status: Option<String>,
    /// Business username, without the `@`.
    pub username: Option<String>,
    /// `approved` or `reserved`.
    pub username_status: Option<String>,
    /// Carries the badge of an official business account.
    pub official: bool,
    /// Message links by their codes.
    pub links: BTreeMap<String, MessageLink>,
    /// Business profile.
    #[schema(value_type = Object)]
    pub profile: Map<String, Value>,
    /// Handle of the upload that is the profile picture.
    pub picture: Option<String>,
    /// Coexistence syncs asked for, by kind.
    pub syncs: BTreeMap<String, Millis>,
    /// The owner declines to share the history.
    pub declines_history: bool,
    /// It came from a pool of numbers verified ahead.
    pub preverified: bool,
    /// Region of data storage chosen at registration.
    pub data_localization_region: Option<String>,
}

/// A short address that opens a chat with a text filled in.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MessageLink {
    /// The last part of the address.
    pub code: String,
    /// The text.
    pub text: String,
    /// When it was made.
    pub made_at: Millis,
}

/// A Solution Partner's line of credit.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreditLine {
    /// Id.
    pub id: String,
    /// Portfolio it belongs to.
    pub portfolio_id: String,
    /// Name of the company that pays.
    pub legal_entity_name: String,
}

/// A part of a credit line that pays for one client.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Allocation {
    /// Id (`allocation_config_id`).
    pub id: String,
    /// The line it is part of.
    pub credit_line_id: String,
    /// The client's portfolio.
    pub receiving_business_id: String,
    /// What messaging accounts show as `primary_funding_id`.
    pub credential_id: String,
    /// Messaging accounts it is attached to.
    pub account_ids: BTreeSet<String>,
    /// It was revoked.
    pub deleted: bool,
}

/// A number that a Solution Partner verified ahead of any client.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Preverified {
    /// Id.
    pub id: String,
    /// Portfolio that owns it.
    pub portfolio_id: String,
    /// Digits.
    pub phone: String,
    /// A code was requested.
    pub code_requested: bool,
    /// When it was verified.
    pub verified_at: Option<Millis>,
    /// Partners it is shared with.
    pub shared_with: BTreeSet<String>,
}

/// A multi-partner solution: one Tech Provider's app and one Solution Partner's.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Solution {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// App that owns it.
    pub app_id: String,
    /// App of the other partner.
    pub partner_app_id: String,
    /// What the owner may do.
    pub owner_permissions: Vec<String>,
    /// What the partner may do.
    pub partner_permissions: Vec<String>,
    /// `INITIATED`, `ACTIVE`, `REJECTED`, `PENDING_DEACTIVATION`, `DEACTIVATED`.
    pub status: String,
}

/// The code of every verification: no text message is sent, so it has to be known.
pub const VERIFICATION_CODE: &str = "123456";

impl World {
    /// Changes what onboarding remembers of a number.
    pub fn edit_number_file(&mut self, number_id: &str, change: impl FnOnce(&mut NumberFile)) {
        if !self.number_files.contains(number_id) {
            self.number_files.put(number_id, NumberFile::default());
        }
        if let Some(file) = self.number_files.edit(number_id) {
            change(file);
        }
    }
}
