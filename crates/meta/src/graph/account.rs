//! Messaging accounts (Meta's page names change from "WhatsApp Business account" to this; ids stay) and the
//! subscription of an app to their webhooks.

use serde::Serialize;
use serde_json::json;

use super::{Access, Graph, GraphError, PhoneNumber};
use crate::json::Members;

const WABA_FIELDS: &str = "id,name,status,currency,country,timezone_id,message_template_namespace,\
    account_review_status,business_verification_status,ownership_type,owner_business_info,primary_funding_id,\
    whatsapp_business_manager_messaging_limit";

/// A messaging account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Waba {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// `ACTIVE`, `PENDING`, `RESTRICTED` or `DISABLED`.
    pub status: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// ISO 3166.
    pub country: Option<String>,
    /// Meta's number of the time zone.
    pub timezone_id: Option<String>,
    /// Namespace of its templates.
    pub template_namespace: Option<String>,
    /// `APPROVED`, `PENDING`, `REJECTED` …
    pub review: Option<String>,
    /// `verified`, `not_verified`, `pending` …
    pub verification: Option<String>,
    /// `CLIENT_OWNED`, `SELF_OWNED` or `AGENCY_OWNED`.
    pub ownership: Option<String>,
    /// The portfolio that owns it.
    pub owner_business_id: Option<String>,
    /// That portfolio's name.
    pub owner_business_name: Option<String>,
    /// The payment method; absent when there is none.
    pub funding_id: Option<String>,
    /// `TIER_250` … `TIER_UNLIMITED`, for the whole portfolio.
    pub messaging_limit: Option<String>,
}

impl Waba {
    fn read(node: &Members<'_>) -> Option<Self> {
        let owner = node.object("owner_business_info").unwrap_or_default();
        Some(Self {
            id: node.string("id")?,
            name: node.string("name"),
            status: node.string("status"),
            currency: node.string("currency"),
            country: node.string("country"),
            timezone_id: node.string("timezone_id"),
            template_namespace: node.string("message_template_namespace"),
            review: node.string("account_review_status"),
            verification: node.string("business_verification_status"),
            ownership: node.string("ownership_type"),
            owner_business_id: owner.string("id"),
            owner_business_name: owner.string("name"),
            funding_id: node.string("primary_funding_id"),
            messaging_limit: node.string("whatsapp_business_manager_messaging_limit"),
        })
    }
}

/// An app that gets an account's webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubscribedApp {
    /// The app.
    pub app_id: String,
    /// Its name.
    pub name: Option<String>,
    /// Where messages go instead of the app's own address.
    pub override_callback_uri: Option<String>,
}

impl SubscribedApp {
    fn read(row: &Members<'_>) -> Option<Self> {
        let app = row.object("whatsapp_business_api_data")?;
        Some(Self {
            app_id: app.string("id")?,
            name: app.string("name"),
            override_callback_uri: row.string("override_callback_uri"),
        })
    }
}

impl Graph {
    /// The account's own facts.
    pub async fn waba(&self, access: &Access<'_>, waba_id: &str) -> Result<Waba, GraphError> {
        self.get(&[waba_id], access)?.fields(WABA_FIELDS).node(Waba::read).await
    }

    /// The account's numbers, newest first. With a business token this is the proof that the token reaches
    /// the account: an id of another client fails.
    pub async fn phone_numbers(
        &self,
        access: &Access<'_>,
        waba_id: &str,
    ) -> Result<Vec<PhoneNumber>, GraphError> {
        let query = [("fields", super::number::NUMBER_FIELDS)];
        self.pages(&[waba_id, "phone_numbers"], access, &query, PhoneNumber::read).await
    }

    /// The apps that get the account's webhooks.
    pub async fn subscribed_apps(
        &self,
        access: &Access<'_>,
        waba_id: &str,
    ) -> Result<Vec<SubscribedApp>, GraphError> {
        self.pages(&[waba_id, "subscribed_apps"], access, &[], SubscribedApp::read).await
    }

    /// Subscribes the token's app. Harmless to repeat; also takes back an override.
    pub async fn subscribe(&self, access: &Access<'_>, waba_id: &str) -> Result<(), GraphError> {
        self.post(&[waba_id, "subscribed_apps"], access)?.succeed().await
    }

    /// Sends the account's messages to another address. The app must be subscribed before, and the address
    /// must answer Meta's handshake while this call runs.
    pub async fn override_callback(
        &self,
        access: &Access<'_>,
        waba_id: &str,
        callback: &str,
        verify_token: &str,
    ) -> Result<(), GraphError> {
        self.post(&[waba_id, "subscribed_apps"], access)?
            .hiding(&[verify_token])
            .json(&json!({"override_callback_uri": callback, "verify_token": verify_token}))
            .succeed()
            .await
    }

    /// Ends the subscription of the token's app.
    pub async fn unsubscribe(&self, access: &Access<'_>, waba_id: &str) -> Result<(), GraphError> {
        self.delete(&[waba_id, "subscribed_apps"], access)?.succeed().await
    }

    /// The accounts that clients share with our portfolio, newest first. Needs our system user's token; not
    /// for accounts whose client only installed the app.
    pub async fn client_wabas(
        &self,
        system: &Access<'_>,
        business_id: &str,
    ) -> Result<Vec<Waba>, GraphError> {
        let query = [("fields", WABA_FIELDS), ("sort", "creation_time_descending")];
        self.pages(&[business_id, "client_whatsapp_business_accounts"], system, &query, Waba::read).await
    }
}
