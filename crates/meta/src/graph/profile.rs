//! What people see about a business: its profile, and the resumable upload that its picture needs.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
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
    /// The picture's address; read only.
    #[serde(skip_serializing)]
    pub picture_url: Option<String>,
    /// A handle of an uploaded picture; write only.
    #[serde(rename = "profile_picture_handle", skip_serializing_if = "Option::is_none")]
    pub picture_handle: Option<String>,
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
            picture_handle: None,
        })
    }
}

impl Graph {
    /// What people see about the business.
    pub async fn profile(&self, access: &Access<'_>, number_id: &str) -> Result<Profile, GraphError> {
        self.get(&[number_id, "whatsapp_business_profile"], access)?
            .fields("about,address,description,email,profile_picture_url,websites,vertical")
            .node(Profile::read)
            .await
    }

    /// Changes what people see; members left empty stay as they are.
    pub async fn set_profile(
        &self,
        access: &Access<'_>,
        number_id: &str,
        profile: &Profile,
    ) -> Result<(), GraphError> {
        #[derive(Serialize)]
        struct Body<'a> {
            messaging_product: &'static str,
            #[serde(flatten)]
            profile: &'a Profile,
        }
        self.post(&[number_id, "whatsapp_business_profile"], access)?
            .json(&Body { messaging_product: "whatsapp", profile })
            .succeed()
            .await
    }

    /// Uploads a small file whole, in a resumable session of the app; the handle serves as profile picture or as the
    /// sample of a template.
    pub async fn upload_handle(
        &self,
        access: &Access<'_>,
        app_id: &str,
        mime: &str,
        bytes: Bytes,
    ) -> Result<String, GraphError> {
        let length = bytes.len().to_string();
        let session = self
            .post(&[app_id, "uploads"], access)?
            .query(&[("file_length", &length), ("file_type", mime)])
            .node(|answer| answer.string("id"))
            .await?;
        // Meta's documents write `OAuth` here, and no proof; the session belongs to the token that opened it.
        let (id, signature) = session.split_once('?').unwrap_or((&session, ""));
        let mut call = self.call(Method::POST, &[id], None)?;
        let signature: Vec<_> = url::form_urlencoded::parse(signature.as_bytes()).collect();
        call.request = call
            .request
            .query(&signature)
            .header(AUTHORIZATION, access.oauth()?)
            .header("file_offset", "0")
            .body(bytes)
            .timeout(self.config().media_timeout);
        call.hiding(&[access.secret()]).node(|answer| answer.string("h")).await
    }
}
