//! Reading numbers, profiles and templates; asking a phone app for what it holds.

use meta::graph::{Access, Health, PhoneNumber, SyncType, Waba};
use rules::connection::{Step, TokenState, Trouble, account_line, number_line};
use rules::gate::LineState;
use rules::id::NumberId;
use rules::number::{ChangeSource, MessagingLimit};
use serde_json::json;
use store::accounts::{AccountFacts, AccountReading};
use store::numbers::NumberReading;

use super::super::advance::Proved;
use super::super::work::Work;
use super::super::{Stopped, tell_account};
use super::{Made, ask, bound};
use crate::ctx::Ctx;
use crate::dispatch;
use crate::{numbers, templates};

/// Account, numbers, profiles and templates are stored as Meta has them.
pub async fn sync(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    const STEP: Step = Step::Sync;
    let account = bound!(work);
    let began = ctx.now();
    let waba = ask!(STEP, ctx.graph.waba(access, work.waba()));
    let read = ask!(STEP, ctx.graph.phone_numbers(access, work.waba()));
    let templates = ask!(STEP, ctx.graph.templates(access, work.waba()));
    let mut looks = Vec::new();
    for number in &read {
        looks.push(numbers::look(ctx, access, &number.id).await);
    }
    let line = account_line(
        false,
        TokenState::Valid,
        waba.status.as_deref(),
        waba.review.as_deref(),
        account.facts.0.paused,
    );
    let facts = account_facts(&waba, Some(&account.facts.0));
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(work.org).await?;
    let reading = AccountReading {
        name: waba.name.as_deref().unwrap_or(work.waba()),
        currency: waba.currency.as_deref(),
        status: waba.status.as_deref(),
        review_status: waba.review.as_deref(),
        funding_id: waba.funding_id.as_deref(),
        subscribed: true,
        facts: &facts,
    };
    scope.record_account(account.id, &reading, began).await?;
    scope.set_account_line(account.id, line).await?;
    let before = scope.numbers(Some(account.id)).await?;
    scope.record_numbers(account.id, &number_readings(ctx, &read, line), began).await?;
    scope.remove_unseen_numbers(account.id, began, began).await?;
    for number in scope.numbers(Some(account.id)).await? {
        if let Some(look) = looks.iter().find(|look| look.is_of(&number)) {
            look.record(&mut scope, &number).await?;
        }
    }
    numbers::since(ctx, &mut scope, account.id, &before, ChangeSource::Check, began).await?;
    templates::store(ctx, &mut scope, account.id, &templates, began).await?;
    tell_account(&mut scope, account.id, "synced", began).await?;
    dispatch::resume(&mut scope, Some(account.id), ctx.now()).await?;
    tx.commit().await?;
    let declined = read.iter().any(|number| number.name_status.as_deref() == Some("DECLINED"));
    Ok(Ok(Proved {
        result: json!({"numbers": read.len(), "templates": templates.len(), "profiles": looks.iter().filter(|look| look.has_profile()).count()}),
        proof: json!({"read": ["phone_numbers", "message_templates", "whatsapp_business_profile"]}),
        note: declined.then(|| Trouble::NameDeclined.into()),
    }))
}

/// Contacts and history of the phone app are asked for, once each, in this order. That they were asked for before or too
/// late stops nothing else.
pub async fn business_app(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    const STEP: Step = Step::SyncBusinessApp;
    let mut asked = Vec::new();
    let mut note = None;
    for number in work.chosen_numbers() {
        for what in [SyncType::Contacts, SyncType::History] {
            match ctx.graph.sync_business_app(access, &number.phone_number_id, what).await {
                Ok(request) => asked.push(json!({"what": format!("{what:?}"), "request_id": request})),
                Err(error) => {
                    let stopped = Stopped::by(STEP, &error);
                    match stopped.trouble() {
                        Trouble::SyncUsed | Trouble::SyncTooLate => note = Some(stopped),
                        _ => return Ok(Err(stopped)),
                    }
                }
            }
        }
    }
    Ok(Ok(Proved { result: json!({"asked": asked}), proof: json!({"answer": "request_id"}), note }))
}

/// What Meta says of an account besides its columns; what only webhooks and health tell is kept.
pub fn account_facts(waba: &Waba, before: Option<&AccountFacts>) -> AccountFacts {
    AccountFacts {
        country: waba.country.clone(),
        verification: waba.verification.clone(),
        messaging_limit: waba.messaging_limit.clone(),
        ownership: waba.ownership.clone(),
        ..before.cloned().unwrap_or_default()
    }
}

/// Adds what Meta's own check says.
pub fn with_health(mut facts: AccountFacts, health: &Health) -> AccountFacts {
    facts.health = Some(health.worst().as_str().to_owned());
    let problems = health.problems().map(|problem| {
        let words = problem.description.as_deref().or(problem.solution.as_deref()).unwrap_or("");
        format!("{}: {words}", problem.code)
    });
    facts.health_notes =
        problems.chain(health.entities.iter().flat_map(|part| part.notes.iter().cloned())).collect();
    facts
}

/// Numbers as they are stored.
pub fn number_readings(ctx: &Ctx, numbers: &[PhoneNumber], account: LineState) -> Vec<NumberReading> {
    let now = ctx.now();
    numbers
        .iter()
        .map(|number| NumberReading {
            id: NumberId::fresh(now, ctx.chance()),
            phone_number_id: number.id.clone(),
            digits: number.digits(),
            display: number.display.clone().unwrap_or_default(),
            verified_name: number.verified_name.clone(),
            status: number.status.clone(),
            name_status: number.name_status.clone(),
            quality: number.quality.clone(),
            platform_type: number.platform.clone(),
            throughput: number.throughput.clone(),
            messaging_limit: number.messaging_limit.as_deref().map(MessagingLimit::canonical),
            code_verification: number.code_verification.clone(),
            on_business_app: number.is_on_business_app.unwrap_or(false),
            wanted_name: number.new_name.clone(),
            wanted_name_status: number.new_name_status.clone(),
            official: number.is_official.unwrap_or(false),
            has_pin: number.has_pin,
            line: number_line(account, false, number.platform.as_deref(), number.status.as_deref()),
        })
        .collect()
}
