//! Forgetting a conversation with everything that was said in it, a little at a time.

use rules::id::{ConversationId, OrgId};

use crate::ctx::Ctx;
use crate::media;

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
    // Files first, because messages say whose they are. Their bytes go at once, unless somebody else has them; should that break
    // off, a job sees to it.
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    if scope.conversation(conversation).await?.is_none() {
        return Ok(None);
    }
    let file = scope.file_in(conversation).await?;
    drop(tx);
    if let Some((id, _)) = file {
        let mut tx = ctx.store.begin().await?;
        let hashes = media::forget_file(&mut tx.org(org).await?, id, ctx.now()).await?;
        tx.commit().await?;
        media::let_go_now(ctx, &hashes).await?;
        return Ok(Some(Gone { files: 1, ..Gone::default() }));
    }
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let carrying = scope.messages_carrying(conversation, TOGETHER).await?;
    if !carrying.is_empty() {
        let mut files = 0;
        for message in carrying {
            files += media::forget_message(&mut scope, message, ctx.now()).await? as u64;
        }
        tx.commit().await?;
        return Ok(Some(Gone { files, ..Gone::default() }));
    }
    let mut gone = Gone { messages: scope.forget_messages(conversation, TOGETHER).await?, ..Gone::default() };
    if gone.messages == 0
        && let Some(notes) = scope.forget_conversation(conversation).await?
    {
        (gone.notes, gone.conversations) = (notes, 1);
    }
    tx.commit().await?;
    Ok(Some(gone))
}
