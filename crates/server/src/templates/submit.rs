//! Handing a draft to Meta, so that it is made or changed exactly once.

use std::time::Duration;

use ::meta::graph::{GraphError, MessageTemplate};
use ::meta::template::Definition;
use jobs::Verdict;
use rules::id::{OrgId, TemplateDraftId};
use rules::template::{DraftState, TemplateEventKind};
use rules::time::span;
use serde_json::{Value, json};
use store::templates::{Template, TemplateDraft};
use store::{Json, OrgScope};

use super::content::{Content, sample_of};
use super::history::{Happened, details, record};
use super::{meta_says, sync};
use crate::ctx::Ctx;
use crate::media::{NotSendable, as_sample};
use crate::onboarding::{self, Line};

/// A draft with what it takes to hand it over.
struct Task {
    org: OrgId,
    draft: TemplateDraft,
    content: Content,
    /// The template that it changes.
    changes: Option<Template>,
    waba_id: String,
    meta_app_id: String,
    line: std::sync::Arc<Line>,
}

/// Hands a draft over.
pub(super) async fn submit(ctx: &Ctx, org: OrgId, id: TemplateDraftId) -> store::Result<Verdict> {
    let task = match open(ctx, org, id).await? {
        Ok(task) => task,
        Err(Some(problem)) => return refuse(ctx, org, id, problem).await,
        Err(None) => return Ok(Verdict::Done),
    };
    // Its answer was lost: what it made, if it made anything, is found.
    if task.draft.attempted_at.is_some() {
        match find(ctx, &task).await {
            Ok(Some(made)) => return settle(ctx, &task, made).await,
            Ok(None) => {}
            Err(error) => return Ok(Verdict::Retry(error.to_string())),
        }
    }
    let mut definition = match task.content.definition() {
        Ok(definition) => definition,
        Err(flaws) => {
            let said = flaws.first().map(|flaw| super::content::TemplateFault::from(flaw.clone()).message);
            return refuse(ctx, org, id, json!({"code": "unreadable", "title": said})).await;
        }
    };
    if let Err(verdict) = upload_samples(ctx, &task, &mut definition).await? {
        return verdict_of(ctx, &task, verdict).await;
    }
    note_attempt(ctx, &task).await?;
    match hand_over(ctx, &task, &definition).await {
        Ok(made) => settle(ctx, &task, made).await,
        Err(error) if meta_says::may_pass(&error) => {
            let again = ctx.now() + span::minutes(5);
            // Only what was refused in words is known to have had no effect; everything else is looked up first.
            if error.refusal().is_some() {
                return Ok(Verdict::Later(again, error.to_string()));
            }
            Ok(Verdict::Retry(error.to_string()))
        }
        Err(error) => refuse(ctx, org, id, meta_says::stored(&error)).await,
    }
}

/// Reads what it takes. `Err(None)`: there is nothing to do any more.
async fn open(ctx: &Ctx, org: OrgId, id: TemplateDraftId) -> store::Result<Result<Task, Option<Value>>> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let Some(draft) = scope.template_draft(id).await?.filter(|draft| draft.state == DraftState::Submitting)
    else {
        return Ok(Err(None));
    };
    let Ok(content) = Content::of(&draft) else {
        return Ok(Err(Some(json!({"code": "unreadable"}))));
    };
    let changes = match draft.template_id {
        Some(template) => scope.template(template).await?,
        None => None,
    };
    let account = scope.account(draft.account_id).await?;
    let line = onboarding::line(ctx, &mut scope, draft.account_id).await?;
    let (Some(account), Some(line)) = (account, line) else {
        return Ok(Err(Some(json!({
            "code": "account_disconnected",
            "title": {
                "en": "The messaging account is no longer connected. Connect it again, then submit the template.",
                "id": "Akun WhatsApp ini tidak lagi terhubung. Hubungkan kembali, lalu ajukan templatnya.",
            },
        }))));
    };
    let app = tx.app(account.app_id).await?;
    let meta_app_id = app.map(|app| app.meta_app_id).unwrap_or_default();
    Ok(Ok(Task { org, draft, content, changes, waba_id: account.waba_id, meta_app_id, line }))
}

/// What an earlier attempt made.
async fn find(ctx: &Ctx, task: &Task) -> Result<Option<MessageTemplate>, GraphError> {
    let access = task.line.access();
    match &task.changes {
        None => {
            let found = ctx.graph.templates_named(&access, &task.waba_id, &task.content.name).await?;
            Ok(found.into_iter().find(|template| template.language == task.content.language))
        }
        Some(template) => {
            let found = ctx.graph.template(&access, &template.meta_template_id).await?;
            Ok(says_the_same(&found.components, &task.content.components).then_some(found))
        }
    }
}

/// Whether parts say the same, whatever their samples and the size of Meta's letters.
fn says_the_same(theirs: &Value, ours: &[Value]) -> bool {
    fn bare(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let kept = members.iter().filter(|(key, _)| *key != "example");
                Value::Object(kept.map(|(key, value)| (key.clone(), bare_member(key, value))).collect())
            }
            Value::Array(list) => list.iter().map(bare).collect(),
            other => other.clone(),
        }
    }
    fn bare_member(key: &str, value: &Value) -> Value {
        match value {
            Value::String(word) if matches!(key, "type" | "format" | "otp_type") => {
                word.to_uppercase().into()
            }
            other => bare(other),
        }
    }
    bare(theirs) == bare(&Value::Array(ours.to_vec()))
}

/// Shows the reviewers the files that are samples.
async fn upload_samples(
    ctx: &Ctx,
    task: &Task,
    definition: &mut Definition,
) -> store::Result<Result<(), NotSendable>> {
    for handle in definition.handles() {
        let Some(media) = sample_of(handle) else { continue };
        match as_sample(ctx, task.org, media, &task.line, &task.meta_app_id).await? {
            Ok(uploaded) => *handle = uploaded,
            Err(not) => return Ok(Err(not)),
        }
    }
    Ok(Ok(()))
}

async fn verdict_of(ctx: &Ctx, task: &Task, not: NotSendable) -> store::Result<Verdict> {
    match not {
        NotSendable::Later(why) => Ok(Verdict::Retry(why)),
        NotSendable::Never(problem) => refuse(ctx, task.org, task.draft.id, problem).await,
    }
}

/// From here on nobody knows whether it was made, until Meta answers.
async fn note_attempt(ctx: &Ctx, task: &Task) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(task.org).await?;
    scope.put_template_draft(&TemplateDraft { attempted_at: Some(now), ..task.draft.clone() }).await?;
    tx.commit().await
}

async fn hand_over(ctx: &Ctx, task: &Task, definition: &Definition) -> Result<MessageTemplate, GraphError> {
    let access = task.line.access();
    let (components, ttl) = (&definition.components, definition.ttl_seconds);
    let id = match (&task.changes, &task.content.library) {
        (Some(template), _) => {
            let category = (template.status != "APPROVED").then_some(definition.category);
            ctx.graph.edit_template(&access, &template.meta_template_id, components, category, ttl).await?;
            template.meta_template_id.clone()
        }
        (None, Some(library)) => {
            let named = (definition.name.as_str(), definition.language.as_str(), definition.category);
            let buttons = Value::Array(library.buttons.clone());
            ctx.graph.create_from_library(&access, &task.waba_id, named, &library.name, &buttons).await?.id
        }
        (None, None) => ctx.graph.create_template(&access, &task.waba_id, definition).await?.id,
    };
    // How it is now: the review may have answered, and Meta may have given it another category.
    ctx.graph.template(&access, &id).await
}

/// It is at Meta: the draft is a template.
async fn settle(ctx: &Ctx, task: &Task, made: MessageTemplate) -> store::Result<Verdict> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(task.org).await?;
    if !scope.remove_template_draft(task.draft.id).await? {
        return Ok(Verdict::Done);
    }
    let account = task.draft.account_id;
    let reading = sync::reading(ctx, &made, now);
    scope.record_templates(account, std::slice::from_ref(&reading), now).await?;
    if let Some(stored) = scope.template_named(account, &made.name, &made.language).await? {
        scope.set_template_source(stored.id, &task.draft.definition.0).await?;
        let asked = serde_json::to_value(task.content.category).ok();
        let asked = asked.as_ref().and_then(Value::as_str);
        let other = asked.filter(|asked| Some(*asked) != made.category.as_deref());
        let is_edit = task.changes.is_some();
        let happened = Happened {
            account,
            template: Some(stored.id),
            name: &made.name,
            language: &made.language,
            kind: if is_edit { TemplateEventKind::Edited } else { TemplateEventKind::Submitted },
            before: task.changes.as_ref().map(|template| template.status.as_str()),
            after: made.status.as_deref(),
            details: details([("asked_category", other), ("category", other.and(made.category.as_deref()))]),
            author: Some(&task.draft.author),
        };
        record(ctx, &mut scope, &happened, now).await?;
        if made.status.as_deref() == Some("REJECTED") {
            let reason = details([("reason", made.rejected_reason.as_deref())]);
            let kind = TemplateEventKind::Status;
            let refused = Happened { kind, before: None, details: reason, author: None, ..happened };
            // After it, in the history as in life.
            record(ctx, &mut scope, &refused, now + Duration::from_micros(1)).await?;
        }
    }
    tx.commit().await?;
    Ok(Verdict::Done)
}

/// Meta does not take it; the draft says why.
async fn refuse(ctx: &Ctx, org: OrgId, id: TemplateDraftId, problem: Value) -> store::Result<Verdict> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    if let Some(draft) = scope.template_draft(id).await? {
        let refused = TemplateDraft {
            state: DraftState::Refused,
            problem: Some(Json(problem)),
            attempted_at: None,
            updated_at: now,
            ..draft
        };
        scope.put_template_draft(&refused).await?;
        tell(&mut scope, &refused, now).await?;
    }
    tx.commit().await?;
    Ok(Verdict::Done)
}

/// Says that something about a draft changed.
pub(super) async fn tell(
    scope: &mut OrgScope<'_>,
    draft: &TemplateDraft,
    now: rules::time::Timestamp,
) -> store::Result<()> {
    let told = json!({"draft_id": draft.id, "account_id": draft.account_id, "state": draft.state});
    scope.publish("template_draft.changed", &told, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_compared_without_samples() {
        let ours = [json!({"type": "body", "text": "Hi {{1}}", "example": {"body_text": [["a"]]}})];
        assert!(says_the_same(&json!([{"type": "BODY", "text": "Hi {{1}}"}]), &ours));
        assert!(!says_the_same(&json!([{"type": "BODY", "text": "Ho {{1}}"}]), &ours));
    }
}
