//! The bytes of a source and what they hold.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, stream};
use garde::Validate;
use rules::time::span;
use serde::{Deserialize, Serialize};
use store::knowledge::Source;
use utoipa::ToSchema;

use crate::ctx::Ctx;
use crate::media::{BlobError, BlobHash, Stored};

/// The largest file, as `documents` reads it.
pub(super) const MOST_BYTES: u64 = 20 << 20;
/// The longest text typed in, in characters.
pub(super) const MOST_TEXT: usize = 400_000;
/// The most pairs in one source.
pub(super) const MOST_PAIRS: usize = 2_000;

/// The type of text typed in: its headings are lines that begin with `#`.
pub(super) const TEXT: &str = "text/markdown";
/// The type of pairs typed in.
pub(super) const PAIRS: &str = "application/json";

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Pair {
    /// What a customer may ask.
    #[garde(custom(filled), length(chars, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub question: String,
    /// What is answered, word for word.
    #[garde(custom(filled), length(chars, max = 3500))]
    #[schema(min_length = 1, max_length = 3500)]
    pub answer: String,
}

/// Refuses what is empty or white space.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that garde asks for")]
pub(super) fn filled(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("must not be empty")) } else { Ok(()) }
}

/// Stores bytes that are in memory.
pub(super) async fn put(ctx: &Ctx, bytes: Bytes) -> Result<Stored, BlobError> {
    ctx.blobs.put(stream::once(async { Ok(bytes) }).boxed(), MOST_BYTES).await
}

/// The bytes of a source. `None`: they are gone from the blob store.
pub(super) async fn load(ctx: &Ctx, source: &Source) -> Result<Option<Bytes>, BlobError> {
    let Some(hash) = hash_of(source) else { return Ok(None) };
    let Some(mut pieces) = ctx.blobs.open(hash, None).await? else { return Ok(None) };
    let mut all = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        all.extend_from_slice(&piece?);
    }
    Ok(Some(all.freeze()))
}

/// Where the bytes of a source lie.
pub(super) fn hash_of(source: &Source) -> Option<BlobHash> {
    source.sha256.as_slice().try_into().ok().map(BlobHash::from_bytes)
}

/// Bytes that arrived so lately may belong to a row that is about to be written.
const ARRIVING: Duration = span::minutes(10);

/// Lets bytes go that no row names any more. What fails here costs room on the disk and nothing else.
pub(super) async fn let_go(ctx: &Ctx, source: &Source) -> store::Result<()> {
    let Some(hash) = hash_of(source) else { return Ok(()) };
    let mut tx = ctx.store.read().await?;
    let in_use = tx.bytes_in_use(std::slice::from_ref(&source.sha256)).await?;
    drop(tx);
    if in_use.is_empty()
        && let Err(error) = ctx.blobs.remove_older(hash, ARRIVING).await
    {
        tracing::warn!(%error, "a file that nobody has any more stays on the disk");
    }
    Ok(())
}
