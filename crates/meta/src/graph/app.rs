//! What an app itself is subscribed to.

use serde::Serialize;

use super::{Access, AppLogin, Graph, GraphError};
use crate::json::Members;

/// The webhook subscription of an app for one kind of object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppSubscription {
    /// `whatsapp_business_account`.
    pub object: String,
    /// Where webhooks go.
    pub callback_url: Option<String>,
    /// Whether it is in force.
    pub active: bool,
    /// The fields subscribed.
    pub fields: Vec<String>,
}

impl AppSubscription {
    fn read(row: &Members<'_>) -> Option<Self> {
        let named: Vec<String> =
            row.objects("fields").iter().filter_map(|field| field.string("name")).collect();
        Some(Self {
            object: row.string("object")?,
            callback_url: row.string("callback_url"),
            active: row.flag("active").unwrap_or(false),
            fields: if named.is_empty() { row.strings("fields") } else { named },
        })
    }
}

/// A subscription to make.
#[derive(Debug, Clone)]
pub struct SubscribeApp<'a> {
    /// Where webhooks shall go.
    pub callback_url: &'a str,
    /// What Meta shows at the handshake.
    pub verify_token: &'a str,
    /// The fields wanted.
    pub fields: &'a [&'a str],
}

impl Graph {
    /// What the app is subscribed to.
    pub async fn app_subscriptions(&self, app: &AppLogin) -> Result<Vec<AppSubscription>, GraphError> {
        let token = app.token();
        self.pages(&[&app.app_id, "subscriptions"], &Access::token(&token), &[], AppSubscription::read).await
    }

    /// Subscribes the app to fields of WhatsApp accounts. The address must answer Meta's handshake while this
    /// call runs.
    pub async fn subscribe_app(&self, app: &AppLogin, wanted: &SubscribeApp<'_>) -> Result<(), GraphError> {
        let token = app.token();
        let fields = wanted.fields.join(",");
        let form = [
            ("object", "whatsapp_business_account"),
            ("callback_url", wanted.callback_url),
            ("verify_token", wanted.verify_token),
            ("fields", &fields),
        ];
        self.post(&[&app.app_id, "subscriptions"], &Access::token(&token))?
            .hiding(&[wanted.verify_token])
            .form(&form)
            .succeed()
            .await
    }
}
