//! What Meta says of templates by webhook. Each returns whether the account has to be looked at: because the template is
//! not known here, or because the news names a part of it only.

use meta::webhook::{
    TemplateCategory, TemplateComponents, TemplateEvent, TemplateQuality, TemplateRef, TemplateStatus,
};
use rules::id::AccountId;
use rules::template::TemplateEventKind;
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::OrgScope;
use store::templates::{Template, TemplateNews, TemplateNotice};

use super::history::{Happened, details, record};
use crate::ctx::Ctx;
use crate::dispatch;

/// Its state changed. What waits for one that may be sent again goes out.
pub async fn heard_status(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: AccountId,
    news: &TemplateStatus,
    now: Timestamp,
) -> store::Result<bool> {
    let status = match &news.event {
        TemplateEvent::Reinstated | TemplateEvent::Unarchived => "APPROVED",
        // A flag is a warning; the state stays.
        TemplateEvent::Flagged => return Ok(false),
        other => other.as_str(),
    };
    let Some(known) = meant(scope, account, &news.template).await? else { return Ok(true) };
    let told = TemplateNews {
        status: Some(status),
        category: news.category.as_deref(),
        reason: news.reason.as_deref(),
        ..TemplateNews::default()
    };
    scope.record_template_news(account, &known.meta_template_id, told).await?;
    let notice = TemplateNotice {
        title: news.title.clone(),
        description: news.description.clone(),
        recommendation: news.recommendation.clone(),
    };
    let notice = (status != "APPROVED" && notice != TemplateNotice::default()).then_some(notice);
    scope.set_template_notice(known.id, notice.as_ref()).await?;
    if known.status != status {
        let more = details([
            ("reason", news.reason.as_deref()),
            ("title", news.title.as_deref()),
            ("description", news.description.as_deref()),
            ("recommendation", news.recommendation.as_deref()),
        ]);
        happened(
            ctx,
            scope,
            &known,
            (TemplateEventKind::Status, Some(&known.status), Some(status)),
            more,
            now,
        )
        .await?;
    }
    if let Some(category) = news.category.as_deref().filter(|category| *category != known.category) {
        let what = (TemplateEventKind::Category, Some(known.category.as_str()), Some(category));
        happened(ctx, scope, &known, what, details([]), now).await?;
    }
    if status == "APPROVED" {
        dispatch::resume(scope, Some(account), now).await?;
    }
    // What was approved may be an edit: the look reads what the template says now.
    Ok(status == "APPROVED")
}

/// Its quality changed.
pub async fn heard_quality(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: AccountId,
    news: &TemplateQuality,
    now: Timestamp,
) -> store::Result<bool> {
    let Some(known) = meant(scope, account, &news.template).await? else { return Ok(true) };
    let told = TemplateNews { quality: news.now.as_deref(), ..TemplateNews::default() };
    scope.record_template_news(account, &known.meta_template_id, told).await?;
    let before = known.quality.as_deref().or(news.previous.as_deref());
    if before != news.now.as_deref() {
        let what = (TemplateEventKind::Quality, before, news.now.as_deref());
        happened(ctx, scope, &known, what, details([]), now).await?;
    }
    Ok(false)
}

/// Its category changed, or will.
pub async fn heard_category(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: AccountId,
    news: &TemplateCategory,
    now: Timestamp,
) -> store::Result<bool> {
    let Some(known) = meant(scope, account, &news.template).await? else { return Ok(true) };
    // A change that is still to come names the category in force.
    let told = TemplateNews { category: news.now.as_deref(), ..TemplateNews::default() };
    scope.record_template_news(account, &known.meta_template_id, told).await?;
    let at = news.at.map(Timestamp::from_seconds);
    scope.set_coming_category(known.id, news.coming.as_deref().map(|coming| (coming, at))).await?;
    let in_force = Some(news.now.as_deref().unwrap_or(&known.category));
    if let Some(coming) = news.coming.as_deref() {
        if known.coming_category.as_deref() != Some(coming) || known.category_changes_at != at {
            let what = (TemplateEventKind::CategoryComing, in_force, Some(coming));
            let more = at.map_or(json!({}), |at| json!({ "at": at }));
            happened(ctx, scope, &known, what, more, now).await?;
        }
    } else if in_force != Some(known.category.as_str()) {
        let what = (TemplateEventKind::Category, Some(known.category.as_str()), in_force);
        happened(ctx, scope, &known, what, details([]), now).await?;
    }
    Ok(false)
}

/// Its text changed. The webhook names some parts only; the look reads them all.
pub async fn heard_components(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: AccountId,
    news: &TemplateComponents,
    now: Timestamp,
) -> store::Result<bool> {
    if let Some(known) = meant(scope, account, &news.template).await? {
        let more = details([("body", news.body.as_deref()), ("footer", news.footer.as_deref())]);
        happened(ctx, scope, &known, (TemplateEventKind::Components, None, None), more, now).await?;
    }
    Ok(true)
}

/// The template that news are about, if it is known here.
async fn meant(
    scope: &mut OrgScope<'_>,
    account: AccountId,
    template: &TemplateRef,
) -> store::Result<Option<Template>> {
    match &template.id {
        Some(id) => scope.template_of_meta(account, id).await,
        None => Ok(None),
    }
}

async fn happened(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    template: &Template,
    (kind, before, after): (TemplateEventKind, Option<&str>, Option<&str>),
    details: Value,
    now: Timestamp,
) -> store::Result<()> {
    let happened = Happened {
        account: template.account_id,
        template: Some(template.id),
        name: &template.name,
        language: &template.language,
        kind,
        before,
        after,
        details,
        author: None,
    };
    record(ctx, scope, &happened, now).await
}
