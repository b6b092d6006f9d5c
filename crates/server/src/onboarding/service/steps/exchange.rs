//! Recovering a token whose exchange was lost: the code is never presented twice.

use meta::webhook::{AccountEvent, Event, Kind, one};
use rules::connection::{Step, Trouble};
use rules::time::span;
use serde_json::json;
use store::connections::TOKEN;

use super::super::Stopped;
use super::super::advance::Proved;
use super::super::work::Work;
use super::{Made, ask};
use crate::ctx::Ctx;

/// Fetches the client's token with our system user's, where Meta itself has told us which portfolio the client is:
/// what the browser said is a hint and would let one client reach for another's.
pub async fn recover(ctx: &Ctx, work: &Work) -> Made {
    let lost: Stopped = Trouble::CodeLost.into();
    let Some(system_token) = &work.system_token else { return Ok(Err(lost)) };
    let Some(hinted) = work.connection.hints.0.waba_ids.first() else { return Ok(Err(lost)) };
    let Some(owner) = owner_told_by_meta(ctx, work, hinted).await? else { return Ok(Err(lost)) };
    let token = ask!(
        Step::ExchangeCode,
        ctx.graph.fetch_business_token(system_token, &work.login.app_secret, &owner)
    );
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let sealed = ctx.vault.seal(&mut tx, work.org, TOKEN, &token, now).await?;
    let mut scope = tx.org(work.org).await?;
    scope.change_hints(work.connection.id, now, |hints| hints.code_at = None).await?;
    if !scope.set_connection_token(work.connection.id, Some(&sealed), None, now).await? {
        return Ok(Err(lost));
    }
    tx.commit().await?;
    Ok(Ok(Proved { result: json!({"recovered": true}), proof: json!({"fetched_for": owner}), note: None }))
}

/// The owner of an account by PARTNER_ADDED, if it came since this attempt began and no other attempt under way
/// names the same account.
async fn owner_told_by_meta(ctx: &Ctx, work: &Work, waba_id: &str) -> store::Result<Option<String>> {
    let mut tx = ctx.store.read().await?;
    let since = work.connection.created_at - span::minutes(1);
    let kept = tx.kept_of_kind(work.app.id, Kind::AccountUpdate.name(), since, 500).await?;
    let rivals = tx.connections_awaiting(work.app.id, since - span::days(1), 500).await?;
    let bound = tx.orgs_of_waba(waba_id).await?;
    if bound.iter().any(|org| *org != work.org) {
        return Ok(None);
    }
    for (org, id) in rivals {
        if id == work.connection.id {
            continue;
        }
        let rival = tx.org(org).await?.connection(id).await?;
        if rival.is_some_and(|rival| rival.hints.0.waba_ids.iter().any(|id| id == waba_id)) {
            return Ok(None);
        }
    }
    Ok(kept.iter().find_map(|update| match one(&update.raw)?.event() {
        Event::AccountUpdate(news)
            if news.event == AccountEvent::PartnerAdded && news.waba_id.as_deref() == Some(waba_id) =>
        {
            news.owner_business_id
        }
        _ => None,
    }))
}
