//! Message links with their QR codes: `/{number}/message_qrdls` (Meta: WhatsApp Business QR code management, v25).

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use super::error::{Answer, GraphError};
use super::gate::Version;
use super::{Caller, Params, fields, paging};
use crate::platform::Platform;
use crate::world::{MessageLink, World, graph_id};

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/{id}/message_qrdls", get(list).post(put))
        .route("/{id}/message_qrdls/{code}", get(read).post(change).delete(remove))
}

/// Links of one number at most.
const MOST: usize = 2_000;
/// The longest text, in characters.
const LONGEST: usize = 140;
const DEFAULT: &[&str] = &["code", "prefilled_message", "deep_link_url"];

/// `GET /{number}/message_qrdls`, newest first.
async fn list(
    State(platform): State<Platform>,
    Extension(Version(version)): Extension<Version>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        allowed(world, &caller, &id)?;
        let mut links: Vec<MessageLink> = world
            .number_files
            .get(&id)
            .map(|file| file.links.values().cloned().collect())
            .unwrap_or_default();
        links.sort_by_key(|link| std::cmp::Reverse((link.made_at, link.code.clone())));
        links.iter().map(|link| shown(&platform, &id, link, &params)).collect::<Answer<Vec<Value>>>()
    })?;
    paging::page(&platform, version, &format!("/{id}/message_qrdls"), &params, rows).map(Json)
}

/// `GET /{number}/message_qrdls/{code}`: a list of one.
async fn read(
    State(platform): State<Platform>,
    caller: Caller,
    Path((id, code)): Path<(String, String)>,
    params: Params,
) -> Answer {
    platform.read(|world| {
        allowed(world, &caller, &id)?;
        let link = world.number_files.get(&id).and_then(|file| file.links.get(&code));
        let link = link.ok_or_else(|| caller.unknown(&code))?;
        Ok(Json(json!({ "data": [shown(&platform, &id, link, &params)?] })))
    })
}

/// `POST /{number}/message_qrdls`: makes a link, or changes the one whose `code` is given.
async fn put(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    let code = params.text("code");
    write(&platform, &caller, &id, code, &params).await
}

/// `POST /{number}/message_qrdls/{code}`: changes a link. Meta takes both forms.
async fn change(
    State(platform): State<Platform>,
    caller: Caller,
    Path((id, code)): Path<(String, String)>,
    params: Params,
) -> Answer {
    write(&platform, &caller, &id, Some(code), &params).await
}

async fn write(
    platform: &Platform,
    caller: &Caller,
    id: &str,
    code: Option<String>,
    params: &Params,
) -> Answer {
    let image = params.text("generate_qr_image").map(|wanted| match wanted.as_str() {
        "SVG" | "PNG" => Ok(wanted),
        _ => Err(GraphError::parameter("Param generate_qr_image must be one of {SVG, PNG}.")),
    });
    let image = image.transpose()?;
    let link = platform.write(|world| written(world, caller, id, code, params)).await??;
    let mut answer = node(platform, id, &link, image.as_deref().unwrap_or("PNG"));
    answer.remove("creation_time");
    answer.remove("id");
    if image.is_none() {
        answer.remove("qr_image_url");
    }
    Ok(Json(Value::Object(answer)))
}

fn written(
    world: &mut World,
    caller: &Caller,
    id: &str,
    code: Option<String>,
    params: &Params,
) -> Answer<MessageLink> {
    allowed(world, caller, id)?;
    let text = params.required("prefilled_message")?;
    if text.chars().count() > LONGEST {
        return Err(GraphError::parameter(format!(
            "Param prefilled_message must be at most {LONGEST} characters long."
        )));
    }
    let now = world.now();
    let file = world.number_files.get(id);
    let link = match &code {
        Some(code) => {
            let known = file.and_then(|file| file.links.get(code)).ok_or_else(|| caller.unknown(code))?;
            MessageLink { text, ..known.clone() }
        }
        None if file.is_some_and(|file| file.links.len() >= MOST) => {
            return Err(GraphError::parameter(format!("A phone number has at most {MOST} message links.")));
        }
        None => MessageLink { code: fresh_code(), text, made_at: now },
    };
    world.edit_number_file(id, |file| {
        file.links.insert(link.code.clone(), link.clone());
    });
    Ok(link)
}

/// `DELETE /{number}/message_qrdls/{code}`.
async fn remove(
    State(platform): State<Platform>,
    caller: Caller,
    Path((id, code)): Path<(String, String)>,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            allowed(world, &caller, &id)?;
            let mut removed = None;
            world.edit_number_file(&id, |file| removed = file.links.remove(&code));
            removed.map(|_| ()).ok_or_else(|| caller.unknown(&code))
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

fn allowed(world: &World, caller: &Caller, id: &str) -> Answer<()> {
    caller.number(world, id)?;
    caller.require("whatsapp_business_management")
}

fn shown(platform: &Platform, id: &str, link: &MessageLink, params: &Params) -> Answer<Value> {
    let wanted = params.text("fields");
    let svg = wanted.as_deref().is_some_and(|wanted| wanted.contains("format(SVG)"));
    let node = node(platform, id, link, if svg { "SVG" } else { "PNG" });
    fields::select(&node, "WhatsAppBusinessMessageQRDL", wanted.as_deref(), DEFAULT)
}

fn node(platform: &Platform, id: &str, link: &MessageLink, image: &str) -> Map<String, Value> {
    let MessageLink { code, text, made_at } = link;
    let picture = format!("{}/qr-codes/{id}/{code}.{}", platform.public_url(), image.to_lowercase());
    let node = json!({
        "id": null, "code": code, "prefilled_message": text, "deep_link_url": address(code),
        "qr_image_url": picture, "creation_time": made_at / 1000,
    });
    node.as_object().cloned().unwrap_or_default()
}

/// Where a link leads.
pub fn address(code: &str) -> String {
    format!("https://wa.me/message/{code}")
}

/// Fourteen characters, as Meta's have them.
fn fresh_code() -> String {
    const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut left = graph_id().parse::<u128>().unwrap_or_default().wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c);
    let mut code = String::with_capacity(14);
    while code.len() < 13 {
        code.push(char::from(LETTERS[usize::try_from(left % 36).unwrap_or(0)]));
        left /= 36;
    }
    code.push('1');
    code
}
