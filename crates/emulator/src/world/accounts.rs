//! Apps, portfolios, messaging accounts and numbers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Millis;

/// A Meta app.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct App {
    /// App id.
    pub id: String,
    /// Name shown in dialogs and subscriptions.
    pub name: String,
    /// App secret; signs webhooks.
    pub secret: String,
    /// The portfolio that owns the app.
    pub portfolio_id: String,
    /// Where webhooks go unless an override applies.
    pub callback_url: Option<String>,
    /// The token given back in the handshake of `callback_url`.
    pub verify_token: Option<String>,
    /// Subscribed webhook fields. Empty: every field.
    pub fields: BTreeSet<String>,
    /// Facebook Login for Business configurations, by id.
    pub configurations: BTreeMap<String, LoginConfiguration>,
    /// Origins (`https://app.example`) whose pages may open the signup popup. Empty: every origin.
    pub allowed_origins: BTreeSet<String>,
    /// The app is in Development mode: webhooks are withheld from it.
    pub in_development: bool,
    /// Calls with this app's tokens need `appsecret_proof` in their query.
    pub requires_proof: bool,
    /// Addresses the full-page dialog may return to. Empty: every address.
    pub redirect_uris: BTreeSet<String>,
}

/// A Facebook Login for Business configuration.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LoginConfiguration {
    /// Name.
    pub name: String,
    /// Business tokens made by it end after 60 days.
    pub expires: bool,
}

impl App {
    /// Whether the app wants this webhook field.
    pub fn wants(&self, field: &str) -> bool {
        self.fields.is_empty() || self.fields.contains(field)
    }
}

/// A business portfolio.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Portfolio {
    /// Portfolio id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Country, ISO 3166 alpha-2.
    pub country: String,
    /// `verified`, `not_verified`, ….
    pub verification_status: String,
    /// Messaging limit tier, e.g. `TIER_250`.
    pub messaging_limit: String,
}

/// A system user of a portfolio.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SystemUser {
    /// User id.
    pub id: String,
    /// Name.
    pub name: String,
    /// The portfolio it belongs to.
    pub portfolio_id: String,
    /// `ADMIN` or `EMPLOYEE`.
    pub role: String,
    /// Apps installed for it, by app id.
    pub apps: BTreeSet<String>,
}

/// A messaging account (what Meta's paths call WABA).
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Account {
    /// Messaging account id.
    pub id: String,
    /// Name.
    pub name: String,
    /// The portfolio that owns it.
    pub owner_id: String,
    /// Portfolios it is shared with (partners).
    pub partners: BTreeSet<String>,
    /// `ACTIVE`, `PENDING`, `RESTRICTED`, `DISABLED`.
    pub status: String,
    /// `APPROVED`, `PENDING`, `REJECTED`.
    pub review_status: String,
    /// ISO 4217; empty while unset.
    pub currency: String,
    /// Country, ISO 3166 alpha-2.
    pub country: String,
    /// Meta's time zone number.
    pub timezone_id: String,
    /// Template namespace.
    pub namespace: String,
    /// The payment method or allocation that pays; `None` is unfunded.
    pub funding_id: Option<String>,
    /// What Meta's own check holds against sending, as a code of `health_status` (141xxx).
    pub blocked_by: Option<u32>,
    /// Subscribed apps by app id.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Tasks by system user id.
    pub assigned_users: BTreeMap<String, Vec<String>>,
    /// When it was made.
    pub created_at: Millis,
}

/// An app's subscription to a messaging account.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Subscription {
    /// The override for this messaging account, if set.
    pub callback: Option<Override>,
}

/// A webhook address that overrides the app's.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Override {
    /// Address.
    pub url: String,
    /// The token given back in the handshake.
    pub verify_token: String,
}

/// A business phone number.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Number {
    /// Phone number id.
    pub id: String,
    /// The messaging account it belongs to.
    pub account_id: String,
    /// Digits only, with the country calling code.
    pub phone: String,
    /// As people write it, e.g. `+49 30 1234567`.
    pub display: String,
    /// Display name.
    pub verified_name: String,
    /// `CONNECTED`, `PENDING`, `DISCONNECTED`, ….
    pub status: String,
    /// `CLOUD_API`, `ON_PREMISE`, `NOT_APPLICABLE` (not registered).
    pub platform_type: String,
    /// `VERIFIED`, `NOT_VERIFIED`, `EXPIRED`.
    pub code_verification_status: String,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality_rating: String,
    /// `APPROVED`, `PENDING_REVIEW`, `DECLINED`, ….
    pub name_status: String,
    /// `LIVE` or `SANDBOX`.
    pub account_mode: String,
    /// `STANDARD` or `HIGH`.
    pub throughput: String,
    /// Two-step verification PIN, if set.
    pub pin: Option<String>,
    /// Whether it is also used in the WhatsApp Business app (coexistence).
    pub on_business_app: bool,
    /// Webhook overrides of this number, by app id.
    pub overrides: BTreeMap<String, Override>,
    /// Country calling code, digits.
    pub country_dial_code: String,
    /// When it was last onboarded.
    pub onboarded_at: Millis,
    /// Set when only these people may be written to (Meta's test numbers).
    pub allowed_recipients: Option<BTreeSet<String>>,
    /// Delivered service messages by month (`2026-11`), for the free quota.
    pub service_deliveries: BTreeMap<String, u32>,
}

impl Default for Number {
    fn default() -> Self {
        Self {
            id: String::new(),
            account_id: String::new(),
            phone: String::new(),
            display: String::new(),
            verified_name: String::new(),
            status: "PENDING".into(),
            platform_type: "NOT_APPLICABLE".into(),
            code_verification_status: "VERIFIED".into(),
            quality_rating: "GREEN".into(),
            name_status: "APPROVED".into(),
            account_mode: "LIVE".into(),
            throughput: "STANDARD".into(),
            pin: None,
            on_business_app: false,
            overrides: BTreeMap::new(),
            country_dial_code: String::new(),
            onboarded_at: 0,
            allowed_recipients: None,
            service_deliveries: BTreeMap::new(),
        }
    }
}

impl Number {
    /// Whether the number is registered for the Cloud API and may send.
    pub fn registered(&self) -> bool {
        self.status == "CONNECTED" && self.platform_type == "CLOUD_API"
    }
}
