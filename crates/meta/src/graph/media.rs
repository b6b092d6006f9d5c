//! Files: uploading, looking up, downloading with a limit, deleting.

use bytes::Bytes;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use serde::Serialize;
use url::Url;

use super::{Access, Answer, Call, Graph, GraphError, transport};
use crate::json::Members;

/// What is known of a file.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct MediaInfo {
    /// Where it is for the next five minutes; needs the token.
    pub url: Url,
    /// Its type.
    pub mime: Option<String>,
    /// SHA-256 of its bytes; hexadecimal here, base64 in webhooks, and either may change.
    pub sha256: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
}

impl MediaInfo {
    fn read(node: &Members<'_>) -> Option<Self> {
        Some(Self {
            url: Url::parse(&node.text("url")?).ok()?,
            mime: node.string("mime_type"),
            sha256: node.string("sha256"),
            size: node.integer("file_size").and_then(|size| u64::try_from(size).ok()),
        })
    }
}

/// A file to upload.
pub struct Upload {
    /// Its name.
    pub filename: String,
    /// Its type: one of [`crate::limits::media_types`].
    pub mime: String,
    /// Its bytes: whole, or as a stream.
    pub body: reqwest::Body,
    /// How many; needed for a stream.
    pub size: Option<u64>,
}

/// A file on its way to us, piece by piece.
pub struct Download {
    response: Response,
    mime: Option<String>,
    left: u64,
    limit: u64,
}

impl Download {
    /// The type the server names.
    pub fn mime(&self) -> Option<&str> {
        self.mime.as_deref()
    }

    /// The next piece; `None` at the end. [`GraphError::TooLarge`] as soon as the limit is passed.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, GraphError> {
        let Some(chunk) = self.response.chunk().await.map_err(|error| GraphError::of_transport(&error))?
        else {
            return Ok(None);
        };
        self.left =
            self.left.checked_sub(chunk.len() as u64).ok_or(GraphError::TooLarge { limit: self.limit })?;
        Ok(Some(chunk))
    }
}

impl Graph {
    /// Uploads a file for sending; the id lives 30 days and belongs to the number.
    pub async fn upload_media(
        &self,
        access: &Access<'_>,
        number_id: &str,
        upload: Upload,
    ) -> Result<String, GraphError> {
        let part = match upload.size {
            Some(size) => Part::stream_with_length(upload.body, size),
            None => Part::stream(upload.body),
        };
        let part = part
            .file_name(upload.filename)
            .mime_str(&upload.mime)
            .map_err(|_| GraphError::Unreachable { reason: "the file's type is not a MIME type" })?;
        let form =
            Form::new().text("messaging_product", "whatsapp").text("type", upload.mime).part("file", part);
        let mut call = self.post(&[number_id, "media"], access)?;
        call.request = call.request.multipart(form).timeout(self.config.media_timeout);
        call.node(|answer| answer.string("id")).await
    }

    /// Where a file is and what it is. Naming the number has Meta check that the file belongs to it.
    pub async fn media(
        &self,
        access: &Access<'_>,
        media_id: &str,
        number_id: Option<&str>,
    ) -> Result<MediaInfo, GraphError> {
        let mut call = self.get(&[media_id], access)?;
        if let Some(number_id) = number_id {
            call = call.query(&[("phone_number_id", number_id)]);
        }
        call.node(MediaInfo::read).await
    }

    /// Fetches a file of at most `limit` bytes. The token goes along, so only to Graph's own host and the
    /// configured media hosts. A 404 means that the address has run out: look the id up again.
    pub async fn download(&self, access: &Access<'_>, url: &Url, limit: u64) -> Result<Download, GraphError> {
        if !self.may_see_token(url) {
            return Err(GraphError::ForeignHost);
        }
        let request = self.http.request(Method::GET, url.clone()).timeout(self.config.media_timeout);
        // No proof here: the address is signed, and not Graph's.
        let call = Call {
            request,
            transport: self.transport.clone(),
            secrets: Vec::new(),
            name: "media",
            observer: None,
        };
        let call = call.authorised(&Access::token(access.token))?;
        let response = transport::carry(call.transport.as_deref(), call.request).await?;
        if !response.status().is_success() {
            let (answer, refusal) = Answer::read(response, &call.secrets).await?;
            return Err(refusal.map_or_else(
                || answer.malformed("an error without Meta's error object"),
                GraphError::Refused,
            ));
        }
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(GraphError::TooLarge { limit });
        }
        let mime = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(Download { response, mime, left: limit, limit })
    }

    /// Deletes a file.
    pub async fn delete_media(&self, access: &Access<'_>, media_id: &str) -> Result<(), GraphError> {
        self.delete(&[media_id], access)?.succeed().await
    }

    /// Whether an address is on Graph's own host or on a configured media host: scheme, host and port equal.
    fn may_see_token(&self, url: &Url) -> bool {
        let allowed = |of: &Url| of.origin() == url.origin() && of.origin().is_tuple();
        allowed(&self.config.base_url) || self.config.media_hosts.iter().any(allowed)
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upload({}, {:?} bytes)", self.mime, self.size)
    }
}

crate::webhook::quiet_debug!(MediaInfo, Download);
