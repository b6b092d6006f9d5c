//! News about accounts, numbers, partners and people's preferences.

use serde::Serialize;

use super::person::{Person, SUBJECT};
use super::{Update, open_enum, quiet_debug};
use crate::json::Members;

open_enum! {
    /// What happened to an account.
    pub enum AccountEvent {
        /// The account was shared with a partner. May come before the signup code is exchanged.
        PartnerAdded = "PARTNER_ADDED",
        /// The account is no longer shared; or, in coexistence, the owner disconnected.
        PartnerRemoved = "PARTNER_REMOVED",
        /// The client granted an app a permission.
        PartnerAppInstalled = "PARTNER_APP_INSTALLED",
        /// The client took the permissions back; confirm by inspecting the token.
        PartnerAppUninstalled = "PARTNER_APP_UNINSTALLED",
        /// The account is gone.
        Deleted = "ACCOUNT_DELETED",
        /// It broke a policy.
        Violation = "ACCOUNT_VIOLATION",
        /// It may not do certain things for a while.
        Restriction = "ACCOUNT_RESTRICTION",
        /// It is, will be or is no longer disabled.
        Disabled = "DISABLED_UPDATE",
        /// Coexistence: the phone changed; pause.
        Offboarded = "ACCOUNT_OFFBOARDED",
        /// Coexistence: the phone is back.
        Reconnected = "ACCOUNT_RECONNECTED",
        /// Prices of international authentication.
        AuthInternationalPrice = "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
        /// The business's country.
        PrimaryCountry = "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",
        /// A price tier was reached.
        VolumeTier = "VOLUME_BASED_PRICING_TIER_UPDATE",
        /// Terms of the Marketing Messages API were accepted.
        MarketingTermsSigned = "MM_LITE_TERMS_SIGNED",
        /// An advertising account was linked.
        AdAccountLinked = "AD_ACCOUNT_LINKED",
        /// A client's verification through us.
        ClientCertification = "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
        /// A client must be verified through us.
        ClientCertificationNeeded = "PARTNER_CLIENT_CERTIFICATION_NEEDED",
        /// Legacy.
        Verified = "VERIFIED_ACCOUNT",
    }
}

/// Something that happened to an account. Which account: [`Update::waba_id`], else [`Update::entry_id`] when
/// it is a known account, else the number's digits.
#[derive(Clone, PartialEq, Serialize)]
pub struct AccountUpdate {
    /// What happened.
    pub event: AccountEvent,
    /// The account concerned, where the value names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waba_id: Option<String>,
    /// The portfolio that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_business_id: Option<String>,
    /// The app installed or removed; absent in one of Meta's samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_app_id: Option<String>,
    /// The multi-partner solution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solution_id: Option<String>,
    /// The partners in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub solution_partner_business_ids: Vec<String>,
    /// The advertising account linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_account_id: Option<String>,
    /// Why a coexistence number was disconnected: `PRIMARY_INACTIVITY`, `CHANGE_NUMBER` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disconnection_reason: Option<String>,
    /// By whom: `USER` or `SYSTEM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disconnected_by: Option<String>,
    /// Which policy was broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation: Option<String>,
    /// What may not be done until when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub restrictions: Vec<Restriction>,
    /// `DISABLE`, `REINSTATE` or `SCHEDULE_FOR_DISABLE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ban_state: Option<String>,
    /// Meta's English date of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ban_date: Option<String>,
    /// ISO 3166 country of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The price tier reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_tier: Option<VolumeTier>,
    /// When international authentication prices begin, unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_international_from: Option<i64>,
    /// State of a client's verification through us.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certification: Option<Certification>,
}

/// A thing an account may not do for a while.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Restriction {
    /// `RESTRICTED_BIZ_INITIATED_MESSAGING` … An open set.
    pub kind: String,
    /// Until when, unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// What Meta advises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
}

/// A price tier.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct VolumeTier {
    /// The category priced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// From and to, as Meta writes it; the top tier may have no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The month, `2026-11`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// The market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// A client's verification through a partner.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Certification {
    /// The client's portfolio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_id: Option<String>,
    /// `APPROVED`, `PENDING`, `FAILED` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Meta's reasons.
    pub reasons: Vec<String>,
}

impl AccountUpdate {
    pub(super) fn read(value: &Members<'_>, update: &Update<'_>) -> Self {
        let info = value.object("waba_info").unwrap_or_default();
        let disconnection = value.object("disconnection_info").unwrap_or_default();
        let ban = value.object("ban_info").unwrap_or_default();
        // Some fixtures of others name the event in the field.
        let event = value.string("event").or_else(|| Some(update.field.as_deref()?.to_ascii_uppercase()));
        Self {
            event: event.unwrap_or_default().into(),
            waba_id: info.string("waba_id"),
            owner_business_id: info.string("owner_business_id"),
            partner_app_id: info.string("partner_app_id"),
            solution_id: info.string("solution_id"),
            solution_partner_business_ids: info.strings("solution_partner_business_ids"),
            ad_account_id: info.string("ad_account_linked"),
            disconnection_reason: disconnection.string("reason"),
            disconnected_by: disconnection.string("initiated_by"),
            violation: value.object("violation_info").and_then(|info| info.string("violation_type")),
            restrictions: value
                .objects("restriction_info")
                .iter()
                .map(|info| Restriction {
                    kind: info.string("restriction_type").unwrap_or_default(),
                    until: info.integer("expiration"),
                    remediation: info.string("remediation"),
                })
                .collect(),
            ban_state: ban.string("waba_ban_state"),
            ban_date: ban.string("waba_ban_date"),
            country: value.string("country"),
            volume_tier: value.object("volume_tier_info").map(|tier| VolumeTier {
                category: tier.string("pricing_category"),
                tier: tier.string("tier"),
                month: tier.string("effective_month"),
                region: tier.string("region"),
            }),
            auth_international_from: value
                .object("auth_international_rate_eligibility")
                .and_then(|eligibility| eligibility.integer("start_time")),
            certification: value.object("partner_client_certification_info").map(|info| Certification {
                business_id: info.string("client_business_id"),
                status: info.string("status"),
                reasons: info.strings("rejection_reasons"),
            }),
        }
    }
}

/// A warning, or the end of one.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct AccountAlert {
    /// `BUSINESS`, `PHONE_NUMBER` or `CURRENT_STATUS_ID` (the profile).
    pub entity_type: Option<String>,
    /// Which one.
    pub entity_id: Option<String>,
    /// `CRITICAL`, `WARNING` or `INFORMATIONAL`.
    pub severity: Option<String>,
    /// `ACTIVE` or `NONE`.
    pub status: Option<String>,
    /// What about.
    pub kind: Option<String>,
    /// Meta's sentence.
    pub description: Option<String>,
}

impl AccountAlert {
    pub(super) fn read(value: &Members<'_>) -> Self {
        let info = value.object("alert_info").unwrap_or_default();
        Self {
            entity_type: value.string("entity_type"),
            entity_id: value.string("entity_id"),
            severity: info.string("alert_severity"),
            status: info.string("alert_status"),
            kind: info.string("alert_type"),
            description: info.string("alert_description"),
        }
    }
}

/// New limits of the business.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Capability {
    /// People it may write to first in 24 hours, for the whole portfolio: a number, −1 for no limit, or
    /// `TIER_…`. Meta documents one form and shows another.
    pub messaging_limit: Option<String>,
    /// Numbers it may have, per account or, while unverified, in all.
    pub phone_numbers: Option<i64>,
}

impl Capability {
    pub(super) fn read(value: &Members<'_>) -> Self {
        Self {
            messaging_limit: value.string("max_daily_conversations_per_business"),
            phone_numbers: value
                .integer("max_phone_numbers_per_waba")
                .or_else(|| value.integer("max_phone_numbers_per_business")),
        }
    }
}

/// The decision about a display name. After approval the number must be registered again for it to show.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct NumberName {
    /// `APPROVED`, `DEFERRED`, `PENDING` or `REJECTED`.
    pub decision: Option<String>,
    /// The name asked for.
    pub name: Option<String>,
    /// Why not.
    pub rejection_reason: Option<String>,
}

impl NumberName {
    pub(super) fn read(value: &Members<'_>) -> Self {
        Self {
            decision: value.string("decision"),
            name: value.string("requested_verified_name"),
            rejection_reason: value.string("rejection_reason"),
        }
    }
}

/// A change of throughput or limit; despite Meta's name for it not of quality.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct NumberQuality {
    /// `ONBOARDING`, `THROUGHPUT_UPGRADE`, and legacy `FLAGGED` …
    pub event: Option<String>,
    /// The limit of the portfolio.
    pub messaging_limit: Option<String>,
}

impl NumberQuality {
    pub(super) fn read(value: &Members<'_>) -> Self {
        Self {
            event: value.string("event"),
            messaging_limit: value
                .string("max_daily_conversations_per_business")
                .or_else(|| value.string("current_limit")),
        }
    }
}

open_enum! {
    /// What happened to a number's two-step PIN.
    pub enum SecurityEvent {
        /// It was changed: a stored PIN is stale.
        PinChanged = "PIN_CHANGED",
        /// Somebody asked to reset it.
        PinResetRequest = "PIN_RESET_REQUEST",
        /// It was reset, as Meta's page spells it.
        PinRequestSuccess = "PIN_REQUEST_SUCCESS",
        /// It was reset, as one would expect it spelt.
        PinResetSuccess = "PIN_RESET_SUCCESS",
    }
}

/// News about a number's two-step PIN.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Security {
    /// What happened.
    pub event: SecurityEvent,
    /// Who asked for a reset.
    pub requester: Option<String>,
}

impl Security {
    pub(super) fn read(value: &Members<'_>) -> Self {
        Self { event: value.string("event").unwrap_or_default().into(), requester: value.string("requester") }
    }
}

/// News about a multi-partner solution.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PartnerSolution {
    /// `SOLUTION_CREATED` or `SOLUTION_UPDATED`.
    pub event: Option<String>,
    /// Which one.
    pub solution_id: Option<String>,
    /// Its state: `DRAFT`, `INITIATED`, `ACTIVE` …
    pub status: Option<String>,
}

impl PartnerSolution {
    pub(super) fn read(value: &Members<'_>) -> Self {
        Self {
            event: value.string("event"),
            solution_id: value.string("solution_id"),
            status: value.string("solution_status"),
        }
    }
}

/// A change of the business's username.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct BusinessUsername {
    /// The name; absent when deleted.
    pub username: Option<String>,
    /// `approved`, `reserved` or `deleted`.
    pub status: Option<String>,
}

impl BusinessUsername {
    pub(super) fn read(value: &Members<'_>) -> Self {
        Self {
            username: value.text("username").map(|name| name.trim_start_matches('@').to_owned()),
            status: value.string("status"),
        }
    }
}

open_enum! {
    /// What a person decided about marketing messages.
    pub enum PreferenceValue {
        /// No more of them. Sending one fails with 131050.
        Stop = "stop",
        /// They are welcome again.
        Resume = "resume",
        /// Signed up inside WhatsApp.
        SignUp = "signup",
    }
}

/// A person's decision about marketing messages, taken in WhatsApp itself.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Preference {
    /// Who decided.
    pub person: Person,
    /// What about: `marketing_messages`.
    pub category: Option<String>,
    /// What they decided.
    pub value: PreferenceValue,
    /// Meta's sentence.
    pub detail: Option<String>,
    /// The sign-up they used.
    pub signup_id: Option<String>,
    /// When, unix seconds.
    pub timestamp: Option<i64>,
}

impl Preference {
    pub(super) fn read(item: &Members<'_>, contact: Option<&Members<'_>>) -> Self {
        Self {
            person: Person::read(item, &SUBJECT, contact),
            category: item.string("category"),
            value: item.string("value").unwrap_or_default().into(),
            detail: item.string("detail"),
            signup_id: item.string("signup_id"),
            timestamp: item.integer("timestamp"),
        }
    }
}

/// A call, or a state of one. An inbound call, even a missed one, opens the service window.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Meta's id of the call.
    pub id: Option<String>,
    /// `connect` or `terminate`; for a status `RINGING`, `ACCEPTED` or `REJECTED`.
    pub event: Option<String>,
    /// `USER_INITIATED` or `BUSINESS_INITIATED`.
    pub direction: Option<String>,
    /// The other side.
    pub person: Person,
    /// When, unix seconds.
    pub timestamp: Option<i64>,
}

quiet_debug!(
    AccountUpdate,
    Restriction,
    VolumeTier,
    Certification,
    AccountAlert,
    Capability,
    NumberName,
    NumberQuality,
    Security,
    PartnerSolution,
    BusinessUsername,
    Preference,
    Call
);
