//! Media: upload, look-up, download and deletion (meta-messaging 3).

use aws_lc_rs::hmac;
use axum::extract::{Multipart, OriginalUri, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::presented;
use super::error::{Answer, GraphError};
use super::{Caller, Params};
use crate::platform::Platform;
use crate::world::{Media, Millis, Origin, Sha256Form, World, graph_id};

/// Accepted MIME types and the most bytes of each.
const TYPES: &[(&str, u64)] = &[
    ("audio/aac", 16 << 20),
    ("audio/mp4", 16 << 20),
    ("audio/mpeg", 16 << 20),
    ("audio/amr", 16 << 20),
    ("audio/ogg", 16 << 20),
    ("audio/opus", 16 << 20),
    ("application/vnd.ms-powerpoint", 100 << 20),
    ("application/msword", 100 << 20),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", 100 << 20),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", 100 << 20),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 100 << 20),
    ("application/pdf", 100 << 20),
    ("text/plain", 100 << 20),
    ("application/vnd.ms-excel", 100 << 20),
    ("image/jpeg", 5 << 20),
    ("image/png", 5 << 20),
    ("image/webp", 500 << 10),
    ("video/mp4", 16 << 20),
    ("video/3gpp", 16 << 20),
];
const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;
/// The path of downloads, as on Meta's media host.
const DOWNLOADS: &str = "/whatsapp_business/attachments/";

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/{id}/media", post(upload))
}

/// Downloads; without a version, as on Meta's media host.
pub(crate) fn downloads() -> Router<Platform> {
    Router::new().route(DOWNLOADS, get(download))
}

/// `POST /{phone_number_id}/media`.
async fn upload(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    multipart: Multipart,
) -> Answer<Json<Value>> {
    platform.read(|world| caller.number(world, &id).map(|_| ()))?;
    caller.require("whatsapp_business_messaging")?;
    let form = Form::read(multipart).await?;
    if form.product.as_deref() != Some("whatsapp") {
        return Err(GraphError::missing("messaging_product"));
    }
    let bytes = form.bytes.ok_or_else(|| GraphError::missing("file"))?;
    let given = form.part_type.filter(|kind| kind != "application/octet-stream").or(form.kind);
    let mime_type = given.unwrap_or_else(|| "application/octet-stream".into());
    check(&mime_type, bytes.len() as u64)?;
    let size = bytes.len() as u64;
    let sha256 = store(&platform, bytes).await?;
    let media_id = graph_id();
    let put = |world: &mut World| {
        let media = Media {
            id: media_id.clone(),
            number_id: id,
            mime_type,
            sha256,
            size,
            file_name: form.file_name,
            origin: Origin::Upload,
            expires_at: world.now() + 30 * DAY,
        };
        world.media.put(media_id.clone(), media);
    };
    platform.write(put).await?;
    Ok(Json(json!({"id": media_id})))
}

/// Refuses what Meta refuses at the upload.
fn check(mime_type: &str, size: u64) -> Answer<()> {
    let base = mime_type.split(';').next().unwrap_or_default().trim();
    let Some((_, most)) = TYPES.iter().find(|(known, _)| *known == base) else {
        let types: Vec<&str> = TYPES.iter().map(|(known, _)| *known).collect();
        return Err(GraphError::parameter(format!(
            "Param file must be a file with one of the following types: {}. Received file of type '{base}'.",
            types.join(", ")
        )));
    };
    if size > *most {
        return Err(GraphError::parameter(format!(
            "Param file is too large: {size} bytes, at most {most} for '{base}'."
        )));
    }
    Ok(())
}

/// Stores bytes, or answers that the service is down.
pub(crate) async fn store(platform: &Platform, bytes: Bytes) -> Answer<String> {
    platform.blobs().put(bytes).await.map_err(|error| {
        tracing::error!(%error, "media could not be stored");
        GraphError::core(503, 2, "Service temporarily unavailable")
    })
}

/// The parts of an upload.
#[derive(Default)]
struct Form {
    product: Option<String>,
    kind: Option<String>,
    part_type: Option<String>,
    file_name: Option<String>,
    bytes: Option<Bytes>,
}

impl Form {
    async fn read(mut multipart: Multipart) -> Answer<Self> {
        let broken = |_| GraphError::parameter("The multipart body is not understood or too large.");
        let mut form = Self::default();
        while let Some(part) = multipart.next_field().await.map_err(broken)? {
            match part.name().unwrap_or_default() {
                "messaging_product" => form.product = Some(part.text().await.map_err(broken)?),
                "type" => form.kind = Some(part.text().await.map_err(broken)?),
                "file" => {
                    form.part_type = part.content_type().map(str::to_owned);
                    form.file_name = part.file_name().map(str::to_owned);
                    form.bytes = Some(part.bytes().await.map_err(broken)?);
                }
                _ => {}
            }
        }
        Ok(form)
    }
}

/// The media that a caller may see under this id.
fn visible<'w>(world: &'w World, caller: &Caller, id: &str, params: &Params) -> Option<&'w Media> {
    let media = world.media.get(id).filter(|media| media.expires_at > world.now())?;
    caller.number(world, &media.number_id).ok()?;
    let asked = params.text("phone_number_id");
    asked.is_none_or(|number| number == media.number_id).then_some(media)
}

/// `GET /{media_id}`, if the id is one of media.
pub(super) fn read(
    platform: &Platform,
    world: &World,
    caller: &Caller,
    id: &str,
    params: &Params,
) -> Option<Value> {
    let media = visible(world, caller, id, params)?;
    Some(json!({
        "messaging_product": "whatsapp",
        "url": address(platform, id, world.now()),
        "mime_type": media.mime_type,
        "sha256": match world.rules().media_sha256 {
            Sha256Form::Hex => media.sha256.clone(),
            Sha256Form::Base64 => base64_of(&media.sha256),
        },
        "file_size": media.size.to_string(),
        "id": id,
    }))
}

/// `DELETE /{media_id}`, if the id is one of media.
pub(super) fn remove(world: &mut World, caller: &Caller, id: &str, params: &Params) -> Option<Value> {
    visible(world, caller, id, params)?;
    world.media.remove(id);
    Some(json!({"success": true}))
}

/// A hexadecimal digest in base64, as webhooks carry it.
pub(crate) fn base64_of(hexadecimal: &str) -> String {
    STANDARD.encode(hex::decode(hexadecimal).unwrap_or_default())
}

/// The download address of media, good for 5 minutes.
pub(crate) fn address(platform: &Platform, id: &str, now: Millis) -> String {
    let ends = (now + 5 * MINUTE) / 1000;
    format!("{}{DOWNLOADS}?mid={id}&ext={ends}&hash={}", platform.public_url(), seal(id, ends))
}

/// Ties an address to its end, so that a client cannot prolong it.
fn seal(id: &str, ends: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"media addresses of the emulator");
    format!("AT{}", &hex::encode(hmac::sign(&key, format!("{id} {ends}").as_bytes()))[..40])
}

#[derive(Deserialize)]
struct Address {
    mid: String,
    ext: i64,
    hash: String,
}

/// `GET` of a download address: needs the bearer token; 404 once the address has ended.
async fn download(
    State(platform): State<Platform>,
    OriginalUri(_): OriginalUri,
    Query(address): Query<Address>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let Some(token) = presented(&parts) else { return StatusCode::UNAUTHORIZED.into_response() };
    let found = platform.read(|world| {
        let caller = Caller::with_token(world, &token, parts.method.clone())?;
        let fresh = address.ext > world.now() / 1000 && address.hash == seal(&address.mid, address.ext);
        Ok(visible(world, &caller, &address.mid, &Params::default()).filter(|_| fresh).cloned())
    });
    let media = match found {
        Err(error) => return GraphError::into_response(error),
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Ok(Some(media)) => media,
    };
    match platform.blobs().get(&media.sha256).await {
        Some(bytes) => ([(header::CONTENT_TYPE, media.mime_type)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
