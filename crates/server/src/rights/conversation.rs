//! Forgetting a conversation with everything that was said in it, a little at a time.

use rules::id::{ConversationId, OrgId};
use store::erasures::Erasure;

use super::erase::count;
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

impl Gone {
    fn count(self, erasure: &mut Erasure) {
        for (what, more) in [
            ("files", self.files),
            ("messages", self.messages),
            ("notes", self.notes),
            ("conversations", self.conversations),
        ] {
            count(erasure, what, more);
        }
    }
}

/// Forgets some of it; an erasure counts it in the same transaction, so that whoever begins again counts nothing twice.
/// `None`: nothing is left.
pub(super) async fn forget_some(
    ctx: &Ctx,
    org: OrgId,
    conversation: ConversationId,
    erasure: Option<&mut Erasure>,
) -> Result<Option<Gone>, Box<dyn std::error::Error + Send + Sync>> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    if scope.conversation(conversation).await?.is_none() {
        return Ok(None);
    }
    // Files first, because messages say whose they are.
    let file = scope.file_in(conversation).await?;
    drop(tx);
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let (mut gone, mut hashes) = (Gone::default(), Vec::new());
    let carrying = match file {
        Some(_) => Vec::new(),
        None => scope.messages_carrying(conversation, TOGETHER).await?,
    };
    if let Some((id, _)) = file {
        hashes = media::forget_file(&mut scope, id, ctx.now()).await?;
        gone.files = 1;
    } else if !carrying.is_empty() {
        for message in carrying {
            gone.files += media::forget_message(&mut scope, message, ctx.now()).await? as u64;
        }
    } else {
        gone.messages = scope.forget_messages(conversation, TOGETHER).await?;
        if gone.messages == 0
            && let Some(notes) = scope.forget_conversation(conversation).await?
        {
            (gone.notes, gone.conversations) = (notes, 1);
            if erasure.is_some() {
                scope.forget_mentions(&conversation.to_string()).await?;
            }
        }
    }
    if let Some(erasure) = erasure {
        gone.count(erasure);
        scope.update_erasure(erasure).await?;
    }
    tx.commit().await?;
    // Bytes go at once, unless somebody else has them; should that break off, a job sees to it.
    media::let_go_now(ctx, &hashes).await?;
    Ok(Some(gone))
}

/// What the index of words still holds of words that are gone.
pub(super) async fn tidy_words(ctx: &Ctx) -> store::Result<()> {
    let mut first = true;
    loop {
        let mut tx = ctx.store.begin().await?;
        let more = tx.tidy_words(first).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
        first = false;
    }
}
