//! What calling Meta for a messaging account takes.

use std::collections::HashMap;
use std::sync::Arc;

use meta::graph::Access;
use rules::id::{AccountId, OrgId};
use rules::time::Timestamp;
use secrecy::SecretString;
use store::accounts::TOKEN;
use store::apps::SECRET;
use store::sealed::OPERATOR;
use store::{OrgScope, StoreError, Tx};

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
pub async fn line(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: AccountId,
) -> store::Result<Option<Arc<Line>>> {
    let key = (scope.id(), account);
    lines(ctx, scope.tx(), &[key]).await?.remove(&key).transpose().map_err(StoreError::Sealed)
}

/// What calling Meta for accounts takes; one whose secrets do not open says why, and makes others' none the worse.
pub type Lines = HashMap<(OrgId, AccountId), Result<Arc<Line>, &'static str>>;

/// Opens what calling Meta for several accounts takes; those without a token are missing.
pub async fn lines(ctx: &Ctx, tx: &mut Tx, keys: &[(OrgId, AccountId)]) -> store::Result<Lines> {
    let orgs: Vec<OrgId> = keys.iter().map(|(org, _)| *org).collect();
    let sealed = tx.batch(&orgs).await?.sealed_lines(keys).await?;
    let mut lines = HashMap::with_capacity(keys.len());
    for (key, sealed) in keys.iter().zip(sealed) {
        let Some((token, sealed)) = sealed.and_then(|mut sealed| Some((sealed.token.take()?, sealed))) else {
            continue;
        };
        let owner = sealed.app_org_id.unwrap_or(OPERATOR);
        let opened = async {
            let token = ctx.vault.open(tx, key.0, TOKEN, &token).await?;
            let app_secret = ctx.vault.open(tx, owner, SECRET, &sealed.app_secret).await?;
            Ok(Arc::new(Line { token, app_secret }))
        };
        let line = match opened.await {
            Ok(line) => Ok(line),
            Err(StoreError::Sealed(why)) => Err(why),
            Err(error) => return Err(error),
        };
        lines.insert(*key, line);
    }
    Ok(lines)
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
