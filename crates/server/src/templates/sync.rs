//! Templates as Meta lists them. What changed without a webhook stands in the history all the same.

use meta::graph::MessageTemplate;
use rules::id::{AccountId, TemplateId};
use rules::template::TemplateEventKind;
use rules::time::Timestamp;
use serde_json::json;
use store::OrgScope;
use store::templates::{Template, TemplateReading};

use super::history::{Happened, details, record};
use crate::ctx::Ctx;

/// As many as an account may have, and a few.
const ALL: i64 = 10_000;

/// Stores what Meta says of an account's templates; those it no longer has are gone.
pub async fn store(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: AccountId,
    templates: &[MessageTemplate],
    now: Timestamp,
) -> store::Result<()> {
    let known = scope.templates(account, None, ALL).await?;
    let readings: Vec<TemplateReading> =
        templates.iter().map(|template| reading(ctx, template, now)).collect();
    scope.record_templates(account, &readings, now).await?;
    scope.remove_unseen_templates(account, now, now).await?;
    for read in &readings {
        let before = known.iter().find(|known| known.name == read.name && known.language == read.language);
        if let Some(before) = before {
            differences(ctx, scope, before, read, now).await?;
        }
    }
    Ok(())
}

/// What Meta says of a template, as it is stored.
pub fn reading(ctx: &Ctx, template: &MessageTemplate, now: Timestamp) -> TemplateReading {
    // Of what Meta files under nothing the strictest rules hold.
    let category = template.category.clone().unwrap_or_else(|| "MARKETING".to_owned());
    TemplateReading {
        id: TemplateId::fresh(now, ctx.chance()),
        meta_template_id: template.id.clone(),
        name: template.name.clone(),
        language: template.language.clone(),
        status: template.status.clone().unwrap_or_else(|| "PENDING".to_owned()),
        quality: template.quality.clone(),
        parameter_format: if template.named_parameters { "NAMED" } else { "POSITIONAL" }.to_owned(),
        components: template.components.clone(),
        rejected_reason: template.rejected_reason.clone(),
        ttl_seconds: template.ttl_seconds,
        coming_category: template.correct_category.clone().filter(|coming| *coming != category),
        category,
    }
}

async fn differences(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    before: &Template,
    now_is: &TemplateReading,
    now: Timestamp,
) -> store::Result<()> {
    let quality = |quality: Option<&str>| quality.unwrap_or("UNKNOWN").to_owned();
    let pairs = [
        (TemplateEventKind::Status, before.status.clone(), now_is.status.clone()),
        (TemplateEventKind::Category, before.category.clone(), now_is.category.clone()),
        (TemplateEventKind::Quality, quality(before.quality.as_deref()), quality(now_is.quality.as_deref())),
    ];
    for (kind, was, is) in pairs.into_iter().filter(|(_, was, is)| was != is) {
        let reason = now_is.rejected_reason.as_deref().filter(|_| kind == TemplateEventKind::Status);
        let happened = Happened {
            account: before.account_id,
            template: Some(before.id),
            name: &before.name,
            language: &before.language,
            kind,
            before: Some(&was),
            after: Some(&is),
            details: details([("reason", reason)]),
            author: None,
        };
        record(ctx, scope, &happened, now).await?;
    }
    if before.components.0 != now_is.components {
        let happened = Happened {
            account: before.account_id,
            template: Some(before.id),
            name: &before.name,
            language: &before.language,
            kind: TemplateEventKind::Components,
            before: None,
            after: None,
            details: json!({}),
            author: None,
        };
        record(ctx, scope, &happened, now).await?;
    }
    Ok(())
}
