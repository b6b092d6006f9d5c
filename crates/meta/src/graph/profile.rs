//! What people see about a business.

use serde::Serialize;

use super::{Access, Graph, GraphError};
use crate::json::Members;

/// What people see about a business.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// The about line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Web sites, at most two.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub websites: Vec<String>,
    /// The trade: `RETAIL`, `RESTAURANT` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vertical: Option<String>,
    /// The picture's address. It is another one at every reading.
    #[serde(skip_serializing)]
    pub picture_url: Option<String>,
}

impl Profile {
    fn read(answer: &Members<'_>) -> Option<Self> {
        let rows = answer.objects("data");
        let profile = rows.first()?;
        Some(Self {
            about: profile.string("about"),
            address: profile.string("address"),
            description: profile.string("description"),
            email: profile.string("email"),
            websites: profile.strings("websites"),
            vertical: profile.string("vertical"),
            picture_url: profile.string("profile_picture_url"),
        })
    }
}

/// A change of what people see. Members left out stay as they are; an empty text takes one away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProfileChange {
    /// The about line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Web sites, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub websites: Option<Vec<String>>,
    /// The trade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vertical: Option<String>,
    /// The handle of an uploaded picture.
    #[serde(rename = "profile_picture_handle", skip_serializing_if = "Option::is_none")]
    pub picture_handle: Option<String>,
}

impl Graph {
    /// What people see about the business.
    pub async fn profile(&self, access: &Access<'_>, number_id: &str) -> Result<Profile, GraphError> {
        self.get(&[number_id, "whatsapp_business_profile"], access)?
            .fields("about,address,description,email,profile_picture_url,websites,vertical")
            .node(Profile::read)
            .await
    }

    /// Changes what people see.
    pub async fn set_profile(
        &self,
        access: &Access<'_>,
        number_id: &str,
        change: &ProfileChange,
    ) -> Result<(), GraphError> {
        #[derive(Serialize)]
        struct Body<'a> {
            messaging_product: &'static str,
            #[serde(flatten)]
            change: &'a ProfileChange,
        }
        self.post(&[number_id, "whatsapp_business_profile"], access)?
            .json(&Body { messaging_product: "whatsapp", change })
            .succeed()
            .await
    }
}
