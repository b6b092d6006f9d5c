//! Reading an account's templates when somebody asks for it.

use rules::connection::Step;
use rules::id::{AccountId, OrgId};

use super::{Failed, Stopped, tell_account};
use crate::ctx::Ctx;
use crate::onboarding::line;
use crate::templates;

/// Reads an account's templates from Meta now. Returns how many there are, or what stopped it.
pub async fn sync(ctx: &Ctx, org: OrgId, account: AccountId) -> Result<Result<usize, Stopped>, Failed> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let waba_id = scope.account(account).await?.ok_or(Failed::Missing)?.waba_id;
    let line = line(ctx, &mut scope, account).await?.ok_or_else(|| {
        Failed::Conflict(
            "account_disconnected",
            "The account is no longer connected. Connect it again first.".to_owned(),
        )
    })?;
    drop(tx);
    let read = match ctx.graph.templates(&line.access(), &waba_id).await {
        Ok(read) => read,
        Err(error) => return Ok(Err(Stopped::by(Step::Sync, &error))),
    };
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    templates::store(ctx, &mut scope, account, &read, now).await?;
    tell_account(&mut scope, account, "templates", now).await?;
    tx.commit().await?;
    Ok(Ok(read.len()))
}
