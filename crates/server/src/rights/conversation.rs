//! Forgetting a conversation with everything that was said in it, a little at a time.

use std::time::Duration;

use rules::id::{ConversationId, OrgId};

use crate::ctx::Ctx;
use crate::media::BlobHash;

/// So many messages go in one transaction.
const TOGETHER: i64 = 200;

/// What went.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gone {
    pub files: u64,
    pub messages: u64,
    pub notes: u64,
    pub conversations: u64,
}

/// Forgets some of it. `None`: nothing is left.
pub(super) async fn forget_some(
    ctx: &Ctx,
    org: OrgId,
    conversation: ConversationId,
) -> Result<Option<Gone>, Box<dyn std::error::Error + Send + Sync>> {
    // Files first, because messages say whose they are; and bytes that nobody else has before what is known of them, so that
    // whoever has to begin again finds the rest.
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    if scope.conversation(conversation).await?.is_none() {
        return Ok(None);
    }
    let file = scope.file_in(conversation).await?;
    drop(tx);
    if let Some(file) = file {
        let mut tx = ctx.store.read().await?;
        let others = tx.org(org).await?.has_others(&file).await?;
        drop(tx);
        if let (false, Some(hash)) = (others, file.1.as_deref().and_then(|hash| hash.try_into().ok())) {
            ctx.blobs.remove_older(BlobHash::from_bytes(hash), Duration::ZERO).await?;
        }
        let mut tx = ctx.store.begin().await?;
        tx.org(org).await?.forget_file(file.0).await?;
        tx.commit().await?;
        return Ok(Some(Gone { files: 1, ..Gone::default() }));
    }
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let mut gone = Gone { messages: scope.forget_messages(conversation, TOGETHER).await?, ..Gone::default() };
    if gone.messages == 0
        && let Some(notes) = scope.forget_conversation(conversation).await?
    {
        (gone.notes, gone.conversations) = (notes, 1);
    }
    tx.commit().await?;
    Ok(Some(gone))
}
