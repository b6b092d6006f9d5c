//! What calling Meta for a messaging account takes.

use meta::graph::Access;
use rules::id::{AccountId, OrgId};
use rules::time::Timestamp;
use secrecy::SecretString;
use store::OrgScope;
use store::accounts::TOKEN;
use store::apps::SECRET;
use store::sealed::OPERATOR;

use super::service::{account, enqueue_another_look};
use crate::ctx::Ctx;

/// The opened secrets of a messaging account, for the length of a call.
pub struct Line {
    token: SecretString,
    app_secret: SecretString,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

impl Line {
    /// The right to call, proven with the app's secret.
    pub fn access(&self) -> Access<'_> {
        Access::proven(&self.token, &self.app_secret)
    }
}

/// Opens what calling Meta for an account takes. `None`: the account has no token (any more).
pub async fn line(ctx: &Ctx, scope: &mut OrgScope<'_>, account: AccountId) -> store::Result<Option<Line>> {
    let Some(sealed) = scope.sealed_line(account).await? else { return Ok(None) };
    let Some(token) = sealed.token else { return Ok(None) };
    let org = scope.id();
    let token = ctx.vault.open(scope.tx(), org, TOKEN, &token).await?;
    let owner = sealed.app_org_id.unwrap_or(OPERATOR);
    let app_secret = ctx.vault.open(scope.tx(), owner, SECRET, &sealed.app_secret).await?;
    Ok(Some(Line { token, app_secret }))
}

/// A send was refused for a reason that concerns the whole account: a dead token, a missing right, no payment method. The
/// account is held where the token is in doubt, and looked at in every case.
pub async fn account_suspect(ctx: &Ctx, org: OrgId, id: AccountId, code: i64) -> store::Result<()> {
    account::suspect(ctx, org, id, code).await
}

/// A message failed for a reason that concerns its whole account: the account is looked at, and what is wrong stands on its
/// connection. In the caller's transaction.
pub async fn look_again(scope: &mut OrgScope<'_>, account: AccountId, now: Timestamp) -> store::Result<()> {
    enqueue_another_look(scope, account, now).await
}
