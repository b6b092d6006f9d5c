//! Phone numbers: facts, health, registration, verification, profile.

use serde::Serialize;
use serde_json::json;

use super::{Access, Graph, GraphError};
use crate::json::Members;
use crate::webhook::open_enum;

pub(super) const NUMBER_FIELDS: &str = "id,display_phone_number,verified_name,status,quality_rating,name_status,\
    new_display_name,new_name_status,code_verification_status,platform_type,throughput,account_mode,is_on_biz_app,is_pin_enabled,\
    is_official_business_account,last_onboarded_time,webhook_configuration,\
    whatsapp_business_manager_messaging_limit";

/// A phone number of a business. Its states are open sets; Meta's lists differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PhoneNumber {
    /// Its id.
    pub id: String,
    /// As people write it, with spaces.
    pub display: Option<String>,
    /// The name people see.
    pub verified_name: Option<String>,
    /// `CONNECTED` can send; `PENDING` waits for registration.
    pub status: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN` or `NA`.
    pub quality: Option<String>,
    /// `APPROVED`, `AVAILABLE_WITHOUT_REVIEW`, `PENDING_REVIEW`, `DECLINED` …
    pub name_status: Option<String>,
    /// A name asked for.
    pub new_name: Option<String>,
    /// `PENDING_REVIEW` … of the name asked for.
    pub new_name_status: Option<String>,
    /// `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`; the last is normal on numbers registered long ago.
    pub code_verification: Option<String>,
    /// `CLOUD_API` when registered, `NOT_APPLICABLE` when not.
    pub platform: Option<String>,
    /// `STANDARD`, `HIGH` or `NOT_APPLICABLE`.
    pub throughput: Option<String>,
    /// `LIVE` or `SANDBOX`.
    pub account_mode: Option<String>,
    /// Also used in the WhatsApp Business app.
    pub is_on_business_app: Option<bool>,
    /// Has a two-step PIN.
    pub has_pin: Option<bool>,
    /// Carries the badge.
    pub is_official: Option<bool>,
    /// When it was last onboarded, as Meta writes it.
    pub last_onboarded: Option<String>,
    /// Where webhooks of this number go instead of anywhere else.
    pub callback_of_number: Option<String>,
    /// Where webhooks of its account go instead of the app's address.
    pub callback_of_account: Option<String>,
    /// `TIER_250` … `TIER_UNLIMITED`, for the whole portfolio.
    pub messaging_limit: Option<String>,
}

impl PhoneNumber {
    pub(super) fn read(node: &Members<'_>) -> Option<Self> {
        let callbacks = node.object("webhook_configuration").unwrap_or_default();
        Some(Self {
            id: node.string("id")?,
            display: node.string("display_phone_number"),
            verified_name: node.string("verified_name"),
            status: node.string("status"),
            quality: node.string("quality_rating"),
            name_status: node.string("name_status"),
            new_name: node.string("new_display_name"),
            new_name_status: node.string("new_name_status"),
            code_verification: node.string("code_verification_status"),
            platform: node.string("platform_type"),
            throughput: node.object("throughput").and_then(|throughput| throughput.string("level")),
            account_mode: node.string("account_mode"),
            is_on_business_app: node.flag("is_on_biz_app"),
            has_pin: node.flag("is_pin_enabled"),
            is_official: node.flag("is_official_business_account"),
            last_onboarded: node.string("last_onboarded_time"),
            callback_of_number: callbacks.string("phone_number"),
            callback_of_account: callbacks.string("whatsapp_business_account"),
            messaging_limit: node.string("whatsapp_business_manager_messaging_limit"),
        })
    }

    /// The digits of the number, as webhooks write it.
    pub fn digits(&self) -> String {
        self.display.iter().flat_map(|display| display.chars()).filter(char::is_ascii_digit).collect()
    }

    /// Registered on the Cloud API and able to send.
    pub fn is_connected(&self) -> bool {
        self.status.as_deref() == Some("CONNECTED") && self.platform.as_deref() == Some("CLOUD_API")
    }
}

open_enum! {
    /// Whether messages can be sent.
    pub enum Sendable {
        /// Yes.
        Available = "AVAILABLE",
        /// Yes, but less than one might want.
        Limited = "LIMITED",
        /// No.
        Blocked = "BLOCKED",
    }
}

/// Whether a number, account or template can send, and what stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// What Meta says of the whole. In one of Meta's samples it contradicts the parts: use [`Health::worst`].
    pub overall: Option<Sendable>,
    /// Number, account, portfolio and app.
    pub entities: Vec<HealthEntity>,
}

/// The health of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthEntity {
    /// `PHONE_NUMBER`, `WABA`, `BUSINESS`, `APP` or `MESSAGE_TEMPLATE`.
    pub kind: String,
    /// Its id.
    pub id: Option<String>,
    /// Whether it lets messages through.
    pub can_send: Sendable,
    /// What blocks or limits it.
    pub problems: Vec<HealthProblem>,
    /// What limits it, in Meta's words.
    pub notes: Vec<String>,
}

/// What blocks or limits a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthProblem {
    /// 141002 template, 141006 payment, 141010 verification, 141014 banned …
    pub code: i64,
    /// Meta's sentence.
    pub description: Option<String>,
    /// Meta's advice.
    pub solution: Option<String>,
}

impl Health {
    fn read(node: &Members<'_>) -> Option<Self> {
        let health = node.object("health_status")?;
        Some(Self {
            overall: health.string("can_send_message").map(Sendable::from),
            entities: health
                .objects("entities")
                .iter()
                .map(|entity| HealthEntity {
                    kind: entity.string("entity_type").unwrap_or_default(),
                    id: entity.string("id"),
                    can_send: entity.string("can_send_message").unwrap_or_default().into(),
                    problems: entity
                        .objects("errors")
                        .iter()
                        .map(|error| HealthProblem {
                            code: error.integer("error_code").unwrap_or_default(),
                            description: error.string("error_description"),
                            solution: error.string("possible_solution"),
                        })
                        .collect(),
                    notes: entity.strings("additional_info"),
                })
                .collect(),
        })
    }

    /// The worst of the parts, which is what counts for sending messages.
    pub fn worst(&self) -> Sendable {
        let has = |state: &Sendable| self.entities.iter().any(|entity| entity.can_send == *state);
        if has(&Sendable::Blocked) {
            Sendable::Blocked
        } else if has(&Sendable::Limited) {
            Sendable::Limited
        } else if self.entities.is_empty() {
            self.overall.clone().unwrap_or(Sendable::Other(String::new()))
        } else {
            Sendable::Available
        }
    }

    /// What blocks sending. Parts that only limit it have problems too, such as 141010 of an unverified business.
    pub fn blocking(&self) -> impl Iterator<Item = &HealthProblem> {
        let blocked = self.entities.iter().filter(|entity| entity.can_send == Sendable::Blocked);
        blocked.flat_map(|entity| &entity.problems)
    }

    /// Everything that Meta finds wrong, whether it blocks or limits.
    pub fn problems(&self) -> impl Iterator<Item = &HealthProblem> {
        self.entities.iter().flat_map(|entity| &entity.problems)
    }
}

/// What a coexistence number brings along when asked, once each, in this order, within 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncType {
    /// The contacts of the phone.
    Contacts,
    /// The conversations of the last 180 days.
    History,
}

impl Graph {
    /// The number's own facts.
    pub async fn phone_number(
        &self,
        access: &Access<'_>,
        number_id: &str,
    ) -> Result<PhoneNumber, GraphError> {
        self.get(&[number_id], access)?.fields(NUMBER_FIELDS).node(PhoneNumber::read).await
    }

    /// Whether a number, account or template can send. Says nothing about the right of this token to send.
    pub async fn health(&self, access: &Access<'_>, node_id: &str) -> Result<Health, GraphError> {
        self.get(&[node_id], access)?.fields("health_status").node(Health::read).await
    }

    /// Registers the number on the Cloud API. Where it has a PIN this must be it, else this sets one. Ten
    /// tries in 72 hours: never repeated by itself. `region` keeps data in a country (ISO 3166).
    pub async fn register(
        &self,
        access: &Access<'_>,
        number_id: &str,
        pin: &str,
        region: Option<&str>,
    ) -> Result<(), GraphError> {
        let mut body = json!({"messaging_product": "whatsapp", "pin": pin});
        if let Some(region) = region {
            body["data_localization_region"] = region.into();
        }
        self.post(&[number_id, "register"], access)?.hiding(&[pin]).json(&body).succeed().await
    }

    /// Takes the number off the Cloud API: for every partner on it. Not for coexistence numbers.
    pub async fn deregister(&self, access: &Access<'_>, number_id: &str) -> Result<(), GraphError> {
        self.post(&[number_id, "deregister"], access)?.succeed().await
    }

    /// Sets a new two-step PIN without knowing the old one.
    pub async fn set_pin(&self, access: &Access<'_>, number_id: &str, pin: &str) -> Result<(), GraphError> {
        self.post(&[number_id], access)?.hiding(&[pin]).json(&json!({"pin": pin})).succeed().await
    }

    /// Has Meta send a verification code to the number, by SMS or by a call.
    pub async fn request_code(
        &self,
        access: &Access<'_>,
        number_id: &str,
        by_voice: bool,
        language: &str,
    ) -> Result<(), GraphError> {
        let method = if by_voice { "VOICE" } else { "SMS" };
        self.post(&[number_id, "request_code"], access)?
            .json(&json!({"code_method": method, "language": language}))
            .succeed()
            .await
    }

    /// Tells Meta the verification code.
    pub async fn verify_code(
        &self,
        access: &Access<'_>,
        number_id: &str,
        code: &str,
    ) -> Result<(), GraphError> {
        self.post(&[number_id, "verify_code"], access)?
            .hiding(&[code])
            .json(&json!({"code": code}))
            .succeed()
            .await
    }

    /// Asks for a new display name, which Meta reviews. It shows once the number has been registered again after that.
    pub async fn request_name(
        &self,
        access: &Access<'_>,
        number_id: &str,
        name: &str,
    ) -> Result<(), GraphError> {
        self.post(&[number_id], access)?.query(&[("new_display_name", name)]).succeed().await
    }

    /// Asks a coexistence number for its contacts or history, which come as webhooks. Returns the id that
    /// Meta's support asks for.
    pub async fn sync_business_app(
        &self,
        access: &Access<'_>,
        number_id: &str,
        what: SyncType,
    ) -> Result<Option<String>, GraphError> {
        let sync_type = match what {
            SyncType::Contacts => "smb_app_state_sync",
            SyncType::History => "history",
        };
        self.post(&[number_id, "smb_app_data"], access)?
            .json(&json!({"messaging_product": "whatsapp", "sync_type": sync_type}))
            .node(|answer| Some(answer.string("request_id")))
            .await
    }
}
