//! Takes a stored file to Meta as a sample for the review of a template.

use meta::graph::Upload;
use rules::id::{MediaId, OrgId};

use super::blob::BlobHash;
use super::file_name;
use super::sending::{NotSendable, kept_back};
use crate::ctx::Ctx;
use crate::dispatch::problem;
use crate::onboarding::Line;

/// The handle under which the reviewers see a file, uploaded now. No transaction may be open.
pub async fn as_sample(
    ctx: &Ctx,
    org: OrgId,
    id: MediaId,
    line: &Line,
    meta_app_id: &str,
) -> store::Result<Result<String, NotSendable>> {
    let mut tx = ctx.store.read().await?;
    let media = tx.org(org).await?.media(id).await?;
    drop(tx);
    if let Some(trouble) = media.as_ref().and_then(kept_back) {
        return Ok(Err(trouble));
    }
    let stored = media.and_then(|media| {
        let hash = BlobHash::from_bytes(media.sha256.as_deref()?.try_into().ok()?);
        let size = u64::try_from(media.size?).ok()?;
        Some((media, hash, size))
    });
    let gone = "The sample is not stored any more. Choose the file again.";
    let Some((media, hash, size)) = stored else {
        return Ok(Err(NotSendable::Never(problem::unsendable(gone))));
    };
    let bytes = match ctx.blobs.open(hash, None).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(Err(NotSendable::Never(problem::unsendable(gone)))),
        Err(error) => return Ok(Err(NotSendable::Later(error.to_string()))),
    };
    let upload = Upload {
        filename: file_name::sanitise(media.file_name.as_deref().unwrap_or("sample"), &media.mime),
        mime: media.mime.clone(),
        body: reqwest::Body::wrap_stream(bytes),
        size: Some(size),
    };
    let handle = ctx.graph.upload_sample(&line.access(), meta_app_id, upload).await;
    Ok(handle.map_err(|error| super::sending::of_graph(&error)))
}
