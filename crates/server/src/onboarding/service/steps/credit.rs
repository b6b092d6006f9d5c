//! Sharing the operator's credit line.

use meta::graph::Access;
use rules::connection::{Step, Trouble};
use serde_json::json;
use store::connections::ConnectionSettings;

use super::super::Stopped;
use super::super::advance::Proved;
use super::super::work::Work;
use super::{Made, Payer, ask, bound, payer};
use crate::ctx::Ctx;

const STEP: Step = Step::ShareCredit;

/// The account is paid by our line: its payment method and our share of credit are the same. Who pays is read first,
/// since what sharing twice does is not documented.
pub async fn share(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    let account = bound!(work);
    let partner = &work.app.settings.0;
    let (Some(system), Some(line)) = (work.system(), &partner.credit_line_id) else {
        return Ok(Err(Trouble::CreditNotConfigured.into()));
    };
    let waba = ask!(STEP, ctx.graph.waba(access, work.waba()));
    let owner = waba.owner_business_id.as_ref().or(account.owner_business_id.as_ref());

    if let Some(funding) = &waba.funding_id {
        let mut ours = account.allocation_id.iter().cloned().collect::<Vec<_>>();
        if let (true, Some(owner)) = (ours.is_empty(), owner) {
            // The process may have ended between the call and its record.
            let shares = ask!(STEP, ctx.graph.allocations_of(&system, line, owner));
            ours.extend(shares.into_iter().map(|share| share.id));
        }
        for allocation in ours {
            if ask!(STEP, payer(ctx, &system, &allocation, funding)) == Payer::Operator {
                return proved(ctx, work, &allocation, funding).await;
            }
        }
        return Ok(Err(Trouble::OtherPayer.into()));
    }
    let settings = &work.connection.settings.0;
    if let Some(allocation) = &account.allocation_id
        && !settings.share_once_more
        && !ask!(STEP, ctx.graph.allocation(&system, allocation)).is_revoked()
    {
        // Shared before and not taken back: Meta has not shown it yet, or a person says that it is to be done again.
        return Ok(Err(Stopped::from(Trouble::CreditUnproved).saying(format!("share {allocation}"))));
    }

    let currency = settings.currency.as_ref().or(waba.currency.as_ref());
    let (Some(user), Some(currency)) = (&partner.system_user_id, currency) else {
        return Ok(Err(Trouble::CreditNotConfigured.into()));
    };
    ask!(STEP, ctx.graph.assign_user(&system, work.waba(), user, &["MANAGE"]));
    if let Some(business) = &partner.business_id {
        let assigned = ask!(STEP, ctx.graph.assigned_users(&system, work.waba(), business));
        if !assigned.iter().any(|person| person.id == *user) {
            return Ok(Err(Trouble::CreditNotAllowed.into()));
        }
    }
    if settings.share_once_more {
        let settings = ConnectionSettings { share_once_more: false, ..settings.clone() };
        let mut tx = ctx.store.begin().await?;
        tx.org(work.org).await?.set_connection_settings(work.connection.id, &settings, ctx.now()).await?;
        tx.commit().await?;
    }
    let attached = ask!(STEP, ctx.graph.share_and_attach_credit(&system, line, work.waba(), currency));
    remember(ctx, work, None, &attached.allocation_id).await?;
    let waba = ask!(STEP, ctx.graph.waba(access, work.waba()));
    let Some(funding) = &waba.funding_id else { return Ok(Err(Trouble::CreditUnproved.into())) };
    if ask!(STEP, payer(ctx, &system, &attached.allocation_id, funding)) != Payer::Operator {
        return Ok(Err(Trouble::OtherPayer.into()));
    }
    proved(ctx, work, &attached.allocation_id, funding).await
}

async fn proved(ctx: &Ctx, work: &Work, allocation: &str, funding: &str) -> Made {
    remember(ctx, work, Some(funding), allocation).await?;
    Ok(Ok(Proved {
        result: json!({"allocation_id": allocation}),
        proof: json!({"receiving_credential": funding, "primary_funding_id": funding}),
        note: None,
    }))
}

async fn remember(ctx: &Ctx, work: &Work, funding: Option<&str>, allocation: &str) -> store::Result<()> {
    let Some(account) = &work.account else { return Ok(()) };
    let mut tx = ctx.store.begin().await?;
    tx.org(work.org).await?.set_funding(account.id, funding, Some(allocation)).await?;
    tx.commit().await
}
