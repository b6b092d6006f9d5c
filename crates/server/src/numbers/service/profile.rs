//! What people see about the business: read back from Meta after every change, because Meta shortens and tidies.

use std::time::Duration;

use bytes::Bytes;
use meta::graph::{ProfileChange, Upload};
use rules::id::{NumberId, OrgId};
use serde_json::json;
use store::numbers::Number;
use url::Url;

use super::{Failed, changed, reach};
use crate::ctx::Ctx;
use crate::http::OrgActor;
use crate::numbers::look;
use crate::outbound::{self, Redirects};

/// The largest picture, in bytes (Meta: profile pictures, 5 MB).
pub const PICTURE_BYTES: usize = 5 << 20;

/// How long Meta may take for a picture; a person waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// A picture as it came in.
#[derive(Debug)]
pub struct Picture {
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A picture as it is shown.
#[derive(Debug)]
pub struct Shown {
    /// Its type, by its content.
    pub mime: &'static str,
    /// Its bytes.
    pub bytes: Bytes,
}

/// The picture of the profile, fetched from the address that Meta last gave for it.
pub async fn picture(ctx: &Ctx, org: OrgId, id: NumberId) -> Result<Shown, Failed> {
    let mut tx = ctx.store.read().await?;
    let number = tx.org(org).await?.number(id).await?.ok_or(Failed::Missing)?;
    drop(tx);
    let url = number.profile.0["picture_url"].as_str().and_then(|url| Url::parse(url).ok());
    let bytes = fetched(ctx, url.ok_or(Failed::Missing)?).await.ok_or(Failed::Missing)?;
    let mime = pictured(&bytes).ok_or(Failed::Missing)?;
    Ok(Shown { mime, bytes })
}

async fn fetched(ctx: &Ctx, url: Url) -> Option<Bytes> {
    let client = ctx.outbound.client_for(&url, Redirects::Follow).ok()?;
    let answer = client.get(url).timeout(PATIENCE).send().await.ok()?.error_for_status().ok()?;
    outbound::read(answer, PICTURE_BYTES).await.ok()
}

/// What sort of picture this is, where a profile may have it.
fn pictured(bytes: &[u8]) -> Option<&'static str> {
    let mime = infer::get(bytes)?.mime_type();
    ["image/jpeg", "image/png"].into_iter().find(|known| *known == mime)
}

/// Changes the profile.
pub async fn change(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NumberId,
    change: &ProfileChange,
) -> Result<Number, Failed> {
    let reached = reach(ctx, actor.org, id).await?;
    ctx.graph.set_profile(&reached.access(), reached.id(), change).await?;
    let seen = look(ctx, &reached.access(), reached.id()).await;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let before = scope.number(id).await?.ok_or(Failed::Missing)?;
    seen.record(&mut scope, &before).await?;
    let number =
        changed(ctx, actor, &mut scope, &before, ("number.profile", json!({"changed": parts(change)})), now)
            .await?;
    tx.commit().await?;
    Ok(number)
}

/// Puts another picture into the profile: a JPEG or PNG, square looks best.
pub async fn set_picture(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NumberId,
    picture: Picture,
) -> Result<Number, Failed> {
    let (mime, filename) = match pictured(&picture.bytes) {
        Some("image/jpeg") => ("image/jpeg", "profile.jpg"),
        Some("image/png") => ("image/png", "profile.png"),
        _ => return Err(Failed::Invalid("file", "must be a JPEG or PNG picture")),
    };
    let reached = reach(ctx, actor.org, id).await?;
    let upload = Upload {
        filename: filename.to_owned(),
        mime: mime.to_owned(),
        size: Some(picture.bytes.len() as u64),
        body: picture.bytes.into(),
    };
    let handle = ctx.graph.upload_sample(&reached.access(), &reached.meta_app_id, upload).await?;
    let picture = ProfileChange { picture_handle: Some(handle), ..ProfileChange::default() };
    change(ctx, actor, id, &picture).await
}

/// Which parts a change names: for the audit log, which holds no contents.
fn parts(change: &ProfileChange) -> Vec<&'static str> {
    [
        ("about", change.about.is_some()),
        ("address", change.address.is_some()),
        ("description", change.description.is_some()),
        ("email", change.email.is_some()),
        ("websites", change.websites.is_some()),
        ("vertical", change.vertical.is_some()),
        ("picture", change.picture_handle.is_some()),
    ]
    .into_iter()
    .filter_map(|(part, named)| named.then_some(part))
    .collect()
}
