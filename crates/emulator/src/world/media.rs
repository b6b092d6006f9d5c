//! Media and resumable uploads; the bytes themselves are in [`crate::blobs`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Millis;

/// A piece of media.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Media {
    /// Media id.
    pub id: String,
    /// The number it was uploaded to or came in on.
    pub number_id: String,
    /// MIME type.
    pub mime_type: String,
    /// SHA-256 of the bytes, hexadecimal; also the name of the blob.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// File name, if one was given.
    pub file_name: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// When the id ends: 30 days after an upload, 7 days after an inbound message.
    pub expires_at: Millis,
}

/// Where a piece of media came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Uploaded through the Graph API.
    Upload,
    /// Sent by a person.
    Inbound,
}

/// A resumable upload session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// Session id, with the `upload:` prefix.
    pub id: String,
    /// The app it was opened for.
    pub app_id: String,
    /// MIME type.
    pub file_type: String,
    /// Announced length in bytes.
    pub file_length: u64,
    /// Bytes received so far.
    pub offset: u64,
    /// The blob with the bytes received so far.
    pub blob: Option<String>,
    /// The handle, once complete.
    pub handle: Option<String>,
}
