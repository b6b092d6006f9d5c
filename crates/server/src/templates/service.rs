//! Templates as use cases.

use std::time::Duration;

use ::meta::graph::{LibrarySearch, LibraryTemplate};
use ::meta::limits::template as limits;
use rules::id::{AccountId, TemplateDraftId, TemplateId};
use rules::prices::{Rates, rates_of};
use rules::role::Right;
use rules::template::{DraftState, TemplateEventKind};
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::templates::{Template, TemplateDraft, TemplateEvent, TemplateFilter, WaitingMessage};
use store::{Json, OrgScope};

use super::content::{Content, TemplateFault};
use super::history::{Happened, details, record};
use super::{check, jobs, submit};
use crate::ctx::Ctx;
use crate::http::problem::FieldError;
use crate::http::{OrgActor, Problem};
use crate::onboarding::{self, Line};

/// More drafts nobody finishes.
const MOST_DRAFTS: usize = 200;
/// So much of a template's history is shown.
const HISTORY: i64 = 100;
/// So many of the messages that wait are shown.
const MOST_WAITING: i64 = 100;

/// The templates that are like this.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    filter: &TemplateFilter<'_>,
    after: Option<(&str, &str, TemplateId)>,
    limit: i64,
) -> Result<Vec<Template>, Problem> {
    actor.require(Right::ReadConnections)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.templates_like(filter, after, limit).await?)
}

/// An account's templates by name.
pub(super) async fn of_account(
    ctx: &Ctx,
    actor: &OrgActor,
    account: AccountId,
    after: Option<(&str, &str)>,
    limit: i64,
) -> Result<Vec<Template>, Problem> {
    actor.require(Right::ReadConnections)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.account(account).await?.ok_or_else(Problem::not_found)?;
    Ok(scope.templates(account, after, limit).await?)
}

/// A template with what is known beside it.
pub(super) struct Detail {
    pub template: Template,
    pub history: Vec<TemplateEvent>,
    /// How many messages wait for it.
    pub waiting: i64,
    /// When it may be changed again, where that is not now.
    pub next_edit: Option<Timestamp>,
    /// Prices in the markets of the account's numbers; a market whose prices are not known is missing.
    pub rates: Vec<Rates>,
    /// Whether there is a number whose market's prices are not known.
    pub unknown_market: bool,
}

/// One template.
pub(super) async fn get(ctx: &Ctx, actor: &OrgActor, id: TemplateId) -> Result<Detail, Problem> {
    actor.require(Right::ReadConnections)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let template = own(&mut scope, id).await?;
    let account = template.account_id;
    let history = scope.template_events(account, &template.name, &template.language, HISTORY).await?;
    let waiting = scope.count_waiting_for_template(account, &template.name, &template.language).await?;
    let next_edit = match template.status.as_str() {
        "APPROVED" => check::next_edit(&mut scope, &template, ctx.now()).await?,
        _ => None,
    };
    let (mut rates, mut unknown_market) = (Vec::new(), false);
    for number in scope.numbers(Some(account)).await? {
        match rates_of(&number.digits) {
            Some(found) if !rates.contains(&found) => rates.push(found),
            Some(_) => {}
            None => unknown_market = true,
        }
    }
    Ok(Detail { template, history, waiting, next_edit, rates, unknown_market })
}

/// Messages that wait for a template, the longest first.
pub(super) async fn waiting(
    ctx: &Ctx,
    actor: &OrgActor,
    id: TemplateId,
) -> Result<Vec<WaitingMessage>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let template = own(&mut scope, id).await?;
    let account = template.account_id;
    Ok(scope.waiting_for_template(account, &template.name, &template.language, MOST_WAITING).await?)
}

async fn own(scope: &mut OrgScope<'_>, id: TemplateId) -> Result<Template, Problem> {
    let template = scope.template(id).await?;
    template.filter(|template| template.removed_at.is_none()).ok_or_else(Problem::not_found)
}

/// The drafts, the latest first.
pub(super) async fn drafts(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<TemplateDraft>, Problem> {
    actor.require(Right::ReadConnections)?;
    let mut tx = ctx.store.read().await?;
    let most = i64::try_from(MOST_DRAFTS).unwrap_or(i64::MAX);
    Ok(tx.org(actor.org).await?.template_drafts(most).await?)
}

/// One draft, with what Meta would refuse of it.
pub(super) async fn draft(
    ctx: &Ctx,
    actor: &OrgActor,
    id: TemplateDraftId,
) -> Result<(TemplateDraft, Vec<TemplateFault>), Problem> {
    actor.require(Right::ReadConnections)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let draft = scope.template_draft(id).await?.ok_or_else(Problem::not_found)?;
    let faults = faults(&mut scope, &draft, ctx.now()).await?;
    Ok((draft, faults))
}

async fn faults(
    scope: &mut OrgScope<'_>,
    draft: &TemplateDraft,
    now: Timestamp,
) -> Result<Vec<TemplateFault>, Problem> {
    let content = Content::of(draft).map_err(|error| Problem::internal(&error))?;
    Ok(check::faults(scope, draft.account_id, draft.template_id, &content, now).await?)
}

/// What Meta would refuse of something that is not kept yet.
pub(super) async fn look_over(
    ctx: &Ctx,
    actor: &OrgActor,
    account: AccountId,
    changes: Option<TemplateId>,
    content: &Content,
) -> Result<Vec<TemplateFault>, Problem> {
    actor.require(Right::WriteTemplates)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.account(account).await?.ok_or_else(Problem::not_found)?;
    if let Some(template) = changes {
        own(&mut scope, template).await?;
    }
    Ok(check::faults(&mut scope, account, changes, content, ctx.now()).await?)
}

/// Begins a draft.
pub(super) async fn begin(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    account: AccountId,
    changes: Option<TemplateId>,
    content: &Content,
) -> Result<TemplateDraft, Problem> {
    let now = ctx.now();
    scope.account(account).await?.ok_or_else(Problem::not_found)?;
    if scope.template_drafts(i64::try_from(MOST_DRAFTS).unwrap_or(i64::MAX)).await?.len() >= MOST_DRAFTS {
        return Err(Problem::unprocessable(
            "too_many_template_drafts",
            format!("There are {MOST_DRAFTS} drafts already. Submit or remove some."),
        ));
    }
    let draft = TemplateDraft {
        id: TemplateDraftId::fresh(now, ctx.chance()),
        account_id: account,
        template_id: changes,
        name: content.name.clone(),
        language: content.language.clone(),
        definition: Json(stored(content)?),
        state: DraftState::Draft,
        problem: None,
        attempted_at: None,
        author: actor.name(),
        created_at: now,
        updated_at: now,
    };
    scope.put_template_draft(&draft).await?;
    tell(ctx, actor, scope, "template_draft.begin", &draft).await?;
    Ok(draft)
}

fn stored(content: &Content) -> Result<Value, Problem> {
    serde_json::to_value(content).map_err(|error| Problem::internal(&error))
}

async fn tell(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    what: &str,
    draft: &TemplateDraft,
) -> Result<(), Problem> {
    let about = json!({"name": draft.name, "language": draft.language});
    actor.audit(ctx, scope, what, draft.id, about).await?;
    Ok(submit::tell(scope, draft, ctx.now()).await?)
}

/// A draft that may be changed.
async fn changeable(scope: &mut OrgScope<'_>, id: TemplateDraftId) -> Result<TemplateDraft, Problem> {
    let draft = scope.template_draft(id).await?.ok_or_else(Problem::not_found)?;
    if draft.state == DraftState::Submitting {
        return Err(Problem::conflict(
            "template_submitting",
            "This template is on its way to Meta. Wait a moment; it becomes a template or says what is wrong.",
        ));
    }
    Ok(draft)
}

/// Keeps another content in a draft. A change to a template keeps its account, name and language.
pub(super) async fn rewrite(
    ctx: &Ctx,
    actor: &OrgActor,
    id: TemplateDraftId,
    account: AccountId,
    content: Content,
) -> Result<(TemplateDraft, Vec<TemplateFault>), Problem> {
    actor.require(Right::WriteTemplates)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let before = changeable(&mut scope, id).await?;
    scope.account(account).await?.ok_or_else(Problem::not_found)?;
    let is_change = before.template_id.is_some();
    let content = if is_change {
        Content { name: before.name.clone(), language: before.language.clone(), ..content }
    } else {
        content
    };
    let draft = TemplateDraft {
        account_id: if is_change { before.account_id } else { account },
        name: content.name.clone(),
        language: content.language.clone(),
        definition: Json(stored(&content)?),
        state: DraftState::Draft,
        problem: None,
        updated_at: now,
        ..before
    };
    scope.put_template_draft(&draft).await?;
    tell(ctx, actor, &mut scope, "template_draft.change", &draft).await?;
    let faults = faults(&mut scope, &draft, now).await?;
    tx.commit().await?;
    Ok((draft, faults))
}

/// Removes a draft.
pub(super) async fn discard(ctx: &Ctx, actor: &OrgActor, id: TemplateDraftId) -> Result<(), Problem> {
    actor.require(Right::WriteTemplates)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let draft = changeable(&mut scope, id).await?;
    scope.remove_template_draft(id).await?;
    tell(ctx, actor, &mut scope, "template_draft.remove", &draft).await?;
    tx.commit().await?;
    Ok(())
}

/// Hands a draft to Meta, if Meta would take it. Who asks twice is answered twice, and it is handed over once.
pub(super) async fn hand_over(
    ctx: &Ctx,
    actor: &OrgActor,
    id: TemplateDraftId,
) -> Result<TemplateDraft, Problem> {
    actor.require(Right::WriteTemplates)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let draft = scope.template_draft(id).await?.ok_or_else(Problem::not_found)?;
    if draft.state == DraftState::Submitting {
        return Ok(draft);
    }
    let faults = faults(&mut scope, &draft, now).await?;
    if !faults.is_empty() {
        return Err(refused_for(&faults));
    }
    connected(ctx, &mut scope, draft.account_id).await?;
    let draft = TemplateDraft {
        state: DraftState::Submitting,
        problem: None,
        author: actor.name(),
        updated_at: now,
        ..draft
    };
    scope.put_template_draft(&draft).await?;
    jobs::submit_later(&mut scope, id, now).await?;
    tell(ctx, actor, &mut scope, "template_draft.submit", &draft).await?;
    tx.commit().await?;
    Ok(draft)
}

fn refused_for(faults: &[TemplateFault]) -> Problem {
    let errors = faults.iter().map(|fault| {
        let field = if fault.field.is_empty() { "template" } else { &fault.field };
        FieldError::new(field, &fault.message.en).indonesian(&fault.message.id)
    });
    Problem::invalid(errors.collect()).with("faults", json!(faults))
}

async fn connected(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: AccountId,
) -> Result<std::sync::Arc<Line>, Problem> {
    onboarding::line(ctx, scope, account).await?.ok_or_else(|| {
        Problem::conflict(
            "account_disconnected",
            "The account is no longer connected. Connect it again first.",
        )
    })
}

/// Begins a change to a template.
pub(super) async fn edit(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    id: TemplateId,
) -> Result<TemplateDraft, Problem> {
    let template = own(scope, id).await?;
    begin(ctx, actor, scope, template.account_id, Some(id), &Content::from_template(&template)).await
}

/// Begins a template like another: in another language, for another account, under another name.
pub(super) async fn duplicate(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    id: TemplateId,
    account: Option<AccountId>,
    (name, language): (Option<String>, Option<String>),
) -> Result<TemplateDraft, Problem> {
    let template = own(scope, id).await?;
    let like = Content::from_template(&template);
    let content = Content {
        name: name.unwrap_or_else(|| like.name.clone()),
        language: language.unwrap_or_else(|| like.language.clone()),
        ..like
    };
    begin(ctx, actor, scope, account.unwrap_or(template.account_id), None, &content).await
}

/// What calling Meta about a template takes. No transaction is open afterwards.
async fn reach(
    ctx: &Ctx,
    actor: &OrgActor,
    id: TemplateId,
) -> Result<(Template, std::sync::Arc<Line>, String), Problem> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let template = own(&mut scope, id).await?;
    let line = connected(ctx, &mut scope, template.account_id).await?;
    let waba_id =
        scope.account(template.account_id).await?.map(|account| account.waba_id).unwrap_or_default();
    Ok((template, line, waba_id))
}

/// Deletes a template in its language, or in all of them. To repeat it does no harm.
pub(super) async fn delete(
    ctx: &Ctx,
    actor: &OrgActor,
    id: TemplateId,
    all_languages: bool,
) -> Result<(), Problem> {
    actor.require(Right::WriteTemplates)?;
    let (template, line, waba_id) = reach(ctx, actor, id).await?;
    if template.status == "DISABLED" {
        return Err(Problem::conflict(
            "template_disabled",
            "WhatsApp does not let a disabled template be deleted. Leave it, and write a new one.",
        ));
    }
    let one = (!all_languages).then_some(template.meta_template_id.as_str());
    let deleted = ctx.graph.delete_template(&line.access(), &waba_id, &template.name, one).await;
    deleted.map_err(|error| Problem::by_meta(&error))?;
    let now = ctx.now();
    let author = actor.name();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    for gone in scope.templates(template.account_id, Some((&template.name, "")), i64::from(u16::MAX)).await? {
        let is_meant = gone.name == template.name && (all_languages || gone.id == id);
        if !is_meant {
            continue;
        }
        scope.remove_template(gone.id, now).await?;
        let happened = Happened {
            account: gone.account_id,
            template: Some(gone.id),
            name: &gone.name,
            language: &gone.language,
            kind: TemplateEventKind::Deleted,
            before: Some(&gone.status),
            after: None,
            details: json!({}),
            author: Some(&author),
        };
        record(ctx, &mut scope, &happened, now).await?;
    }
    let about = json!({"name": template.name, "language": template.language, "all_languages": all_languages});
    actor.audit(ctx, &mut scope, "template.delete", id, about).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a template's pause, where Meta lets people do so.
pub(super) async fn unpause(ctx: &Ctx, actor: &OrgActor, id: TemplateId) -> Result<(), Problem> {
    actor.require(Right::WriteTemplates)?;
    let (template, line, _) = reach(ctx, actor, id).await?;
    let answer = ctx.graph.unpause_template(&line.access(), &template.meta_template_id).await;
    let answer = answer.map_err(|error| Problem::by_meta(&error))?;
    if !answer.success {
        let why = answer.reason.unwrap_or_else(|| "Meta names no reason.".to_owned());
        return Err(Problem::unprocessable(
            "template_stays_paused",
            format!("WhatsApp keeps the template paused: {why} It ends the pause by itself."),
        ));
    }
    let now = ctx.now();
    let author = actor.name();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    // The webhook tells that it is approved again, and lets go what waits.
    let happened = Happened {
        account: template.account_id,
        template: Some(id),
        name: &template.name,
        language: &template.language,
        kind: TemplateEventKind::Unpaused,
        before: Some(&template.status),
        after: None,
        details: details([]),
        author: Some(&author),
    };
    record(ctx, &mut scope, &happened, now).await?;
    actor.audit(ctx, &mut scope, "template.unpause", id, json!({"name": template.name})).await?;
    tx.commit().await?;
    Ok(())
}

/// Looks through Meta's library with an account's rights.
pub(super) async fn library(
    ctx: &Ctx,
    actor: &OrgActor,
    account: AccountId,
    wanted: &LibrarySearch,
) -> Result<Vec<LibraryTemplate>, Problem> {
    actor.require(Right::ReadConnections)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.account(account).await?.ok_or_else(Problem::not_found)?;
    let line = connected(ctx, &mut scope, account).await?;
    drop(tx);
    let found = ctx.graph.template_library(&line.access(), wanted).await;
    found.map_err(|error| Problem::by_meta(&error))
}

/// How long the name of an approved template that is deleted cannot be used.
pub(super) const NAME_BLOCKED: Duration = Duration::from_secs(limits::NAME_BLOCKED_SECONDS.unsigned_abs());
