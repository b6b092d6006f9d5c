//! Sharing the operator's credit line.

use meta::graph::{Access, GraphError};
use rules::connection::{Maker, Step, Trouble};
use serde_json::json;

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

    // On record, and at Meta: the process may have ended between the call and its record.
    let mut shares = account.allocation_id.iter().cloned().collect::<Vec<_>>();
    if let Some(owner) = owner {
        let at_meta = ask!(STEP, ctx.graph.allocations_of(&system, line, owner));
        shares.extend(
            at_meta.into_iter().map(|share| share.id).filter(|id| account.allocation_id.as_ref() != Some(id)),
        );
    }
    if let Some(funding) = &waba.funding_id {
        for allocation in shares {
            if ask!(STEP, payer(ctx, &system, &allocation, funding)) == Payer::Operator {
                return proved(ctx, work, &allocation, funding).await;
            }
        }
        return Ok(Err(Trouble::OtherPayer.into()));
    }
    let once_more = STEP.confirmable().iter().any(|seen| work.confirmed(*seen));
    if !once_more {
        let unproved = unproved(ctx, work, owner, shares).await?;
        if let Some(allocation) = ask!(STEP, first_live(ctx, &system, unproved)) {
            // Shared before and not taken back: Meta has not shown it yet, or a person says that it is to be done again.
            return Ok(Err(Stopped::from(Trouble::CreditUnproved).saying(format!("share {allocation}"))));
        }
    }

    let currency = work.connection.settings.0.currency.as_ref().or(waba.currency.as_ref());
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
    if !may_spend(ctx, work).await? {
        return Ok(Err(Trouble::OperatorDoesNotPay.into()));
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

/// Whether money may be spent on this account, asked where it is spent, however the connection came here: through an app of
/// the operator's it is the operator's, who says so for the organisation or by a link of its own. What a person said about
/// sharing once more is used up by it.
async fn may_spend(ctx: &Ctx, work: &Work) -> store::Result<bool> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(work.org).await?;
    let own_app = work.app.org_id == Some(work.org);
    let allowed = own_app
        || scope.org().await?.is_some_and(|org| org.operator_pays)
        || match work.connection.invite_id {
            Some(invite) => scope.maker_of_invite(invite).await? == Some(Maker::Operator),
            None => false,
        };
    if allowed {
        scope
            .change_settings(work.connection.id, ctx.now(), |settings| settings.forget_confirmed(STEP))
            .await?;
    }
    tx.commit().await?;
    Ok(allowed)
}

/// Of a client's shares those that may be meant for this account: the one on record for it, and those on record for none.
async fn unproved(
    ctx: &Ctx,
    work: &Work,
    owner: Option<&String>,
    mut shares: Vec<String>,
) -> store::Result<Vec<String>> {
    let on_record = match owner {
        Some(owner) => ctx.store.read().await?.allocations_on_record(owner).await?,
        None => Vec::new(),
    };
    let own = work.account.as_ref().and_then(|account| account.allocation_id.as_ref());
    shares.retain(|share| own == Some(share) || !on_record.contains(share));
    Ok(shares)
}

/// The first share that was not taken back.
async fn first_live(
    ctx: &Ctx,
    system: &Access<'_>,
    shares: Vec<String>,
) -> Result<Option<String>, GraphError> {
    for share in shares {
        if !ctx.graph.allocation(system, &share).await?.is_revoked() {
            return Ok(Some(share));
        }
    }
    Ok(None)
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
