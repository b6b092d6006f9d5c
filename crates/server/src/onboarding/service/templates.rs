//! Templates as Meta holds them.

use meta::graph::MessageTemplate;
use rules::id::{AccountId, OrgId, TemplateId};
use rules::time::Timestamp;
use store::OrgScope;
use store::templates::{Template, TemplateReading};

use super::{Failed, Stopped, tell_account};
use crate::ctx::Ctx;
use crate::onboarding::line;
use rules::connection::Step;

/// Stores what Meta says of an account's templates; those it no longer has are gone.
pub async fn store(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: AccountId,
    templates: &[MessageTemplate],
    now: Timestamp,
) -> store::Result<()> {
    let readings: Vec<TemplateReading> = templates
        .iter()
        .map(|template| TemplateReading {
            id: TemplateId::fresh(now, ctx.chance()),
            meta_template_id: template.id.clone(),
            name: template.name.clone(),
            language: template.language.clone(),
            category: template.category.clone().unwrap_or_else(|| "UTILITY".to_owned()),
            status: template.status.clone().unwrap_or_else(|| "PENDING".to_owned()),
            quality: template.quality.clone(),
            parameter_format: if template.named_parameters { "NAMED" } else { "POSITIONAL" }.to_owned(),
            components: template.components.clone(),
            rejected_reason: template.rejected_reason.clone(),
            ttl_seconds: template.ttl_seconds,
            coming_category: template
                .correct_category
                .clone()
                .filter(|coming| Some(coming) != template.category.as_ref()),
        })
        .collect();
    scope.record_templates(account, &readings, now).await?;
    scope.remove_unseen_templates(account, now, now).await?;
    Ok(())
}

/// An account's templates by name.
pub async fn list(
    ctx: &Ctx,
    org: OrgId,
    account: AccountId,
    after: Option<(&str, &str)>,
    limit: i64,
) -> Result<Vec<Template>, Failed> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    scope.account(account).await?.ok_or(Failed::Missing)?;
    Ok(scope.templates(account, after, limit).await?)
}

/// Reads an account's templates from Meta now. Returns how many there are, or what stopped it.
pub async fn sync(ctx: &Ctx, org: OrgId, account: AccountId) -> Result<Result<usize, Stopped>, Failed> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let waba_id = scope.account(account).await?.ok_or(Failed::Missing)?.waba_id;
    let line = line(ctx, &mut scope, account).await?.ok_or_else(|| {
        Failed::Conflict(
            "account_disconnected",
            "The account is no longer connected. Connect it again first.".to_owned(),
        )
    })?;
    drop(tx);
    let templates = match ctx.graph.templates(&line.access(), &waba_id).await {
        Ok(templates) => templates,
        Err(error) => return Ok(Err(Stopped::by(Step::Sync, &error))),
    };
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    store(ctx, &mut scope, account, &templates, now).await?;
    tell_account(&mut scope, account, "templates", now).await?;
    tx.commit().await?;
    Ok(Ok(templates.len()))
}
