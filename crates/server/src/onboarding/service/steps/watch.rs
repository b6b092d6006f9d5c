//! What is watched rather than done: whether somebody pays, and whether a message has come in.

use meta::graph::{Access, AppSubscription};
use rules::connection::{Mode, Step, Trouble};
use serde_json::json;

use super::super::Stopped;
use super::super::advance::Proved;
use super::super::work::Work;
use super::sync::with_health;
use super::{Made, Payer, ask, bound, payer};
use crate::ctx::Ctx;
use crate::dispatch;

/// Somebody pays: the account has a payment method. As long as our credit is shared with it, it must be that.
pub async fn funding(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    const STEP: Step = Step::CheckFunding;
    let account = bound!(work);
    let waba = ask!(STEP, ctx.graph.waba(access, work.waba()));
    let mut tx = ctx.store.begin().await?;
    tx.org(work.org).await?.set_funding(account.id, waba.funding_id.as_deref(), None).await?;
    tx.commit().await?;
    let ours =
        (work.connection.mode == Mode::SolutionPartner).then_some(account.allocation_id.as_ref()).flatten();
    let Some(funding) = &waba.funding_id else {
        return Ok(Err(if ours.is_some() { Trouble::CreditGone } else { Trouble::Unfunded }.into()));
    };
    let mut who = Payer::Client;
    if let (Some(allocation), Some(system)) = (ours, work.system()) {
        who = ask!(STEP, payer(ctx, &system, allocation, funding));
    }
    if who == Payer::SomebodyElse {
        return Ok(Err(Trouble::CreditGone.into()));
    }
    // What Meta refused for want of payment is tried again now.
    let mut tx = ctx.store.begin().await?;
    dispatch::resume(&mut tx.org(work.org).await?, Some(account.id), ctx.now()).await?;
    tx.commit().await?;
    Ok(Ok(Proved {
        result: json!({"funding_id": funding}),
        proof: json!({"primary_funding_id": funding, "our_credit": who == Payer::Operator}),
        note: None,
    }))
}

/// Meta's own check lets every number send, and a message has come in.
pub async fn first_message(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    const STEP: Step = Step::FirstMessage;
    // An account that lacks only a payment method can answer; that is the other step's concern.
    const NO_PAYMENT: i64 = 141_006;
    let account = bound!(work);
    let mut heard = Vec::new();
    let mut blocked = Vec::new();
    let mut facts = account.facts.0.clone();
    for number in work.chosen_numbers() {
        let health = ask!(STEP, ctx.graph.health(access, &number.phone_number_id));
        blocked.extend(health.blocking().filter(|problem| problem.code != NO_PAYMENT).map(|problem| {
            format!("{}: {}", problem.code, problem.description.as_deref().unwrap_or("no words"))
        }));
        facts = with_health(facts, &health);
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(work.org).await?;
    scope.record_account_news(account.id, None, None, &facts).await?;
    for number in work.chosen_numbers() {
        if number.heard_at.is_some() || scope.has_heard(number.id).await? {
            scope.set_heard(number.id, now).await?;
            heard.push(number.phone_number_id.clone());
        }
    }
    tx.commit().await?;
    if !blocked.is_empty() {
        return Ok(Err(Stopped::from(Trouble::SendBlocked).saying(blocked.join("; "))));
    }
    if heard.is_empty() {
        return Ok(Err(silence(ctx, work).await.into()));
    }
    Ok(Ok(Proved {
        result: json!({"heard": heard}),
        proof: json!({"message_received": true, "health": facts.health}),
        note: None,
    }))
}

/// Why nothing was heard: the app may receive no messages at all, which no client can mend.
async fn silence(ctx: &Ctx, work: &Work) -> Trouble {
    let receives = |rows: &[AppSubscription]| {
        rows.iter().any(|row| {
            row.object == "whatsapp_business_account"
                && row.active
                && row.fields.iter().any(|field| field == "messages")
        })
    };
    match ctx.graph.app_subscriptions(&work.login).await {
        Ok(rows) if !receives(&rows) => Trouble::AppNotReady,
        // What could not be read accuses nobody.
        _ => Trouble::NothingHeard,
    }
}
