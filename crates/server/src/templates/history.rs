//! Writing down what happens to templates, and telling whoever should know.

use rules::id::{AccountId, TemplateEventId, TemplateId};
use rules::template::TemplateEventKind;
use rules::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::templates::TemplateEvent;
use store::{Json, OrgScope};

use super::jobs;
use crate::ctx::Ctx;

/// Something that happened to a template.
pub struct Happened<'a> {
    /// The template's account.
    pub account: AccountId,
    /// The template, where it is known.
    pub template: Option<TemplateId>,
    /// Its name.
    pub name: &'a str,
    /// Its language; empty for all of them.
    pub language: &'a str,
    /// What.
    pub kind: TemplateEventKind,
    /// What was.
    pub before: Option<&'a str>,
    /// What is.
    pub after: Option<&'a str>,
    /// What belongs to it.
    pub details: Value,
    /// Who did it; nobody here where Meta did.
    pub author: Option<&'a str>,
}

impl Happened<'_> {
    /// Whether somebody has to act, or pays more: then those who may change templates are written to.
    fn is_alarming(&self) -> bool {
        match self.kind {
            TemplateEventKind::Status => matches!(self.after, Some("REJECTED" | "PAUSED" | "DISABLED")),
            TemplateEventKind::Category | TemplateEventKind::CategoryComing => self.author.is_none(),
            TemplateEventKind::Quality => self.after == Some("RED"),
            _ => false,
        }
    }
}

/// What the live event says.
#[derive(Serialize)]
struct Changed {
    account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<TemplateId>,
    what: TemplateEventKind,
}

/// Writes it down, publishes it, and has a letter written where that is called for.
pub async fn record(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    happened: &Happened<'_>,
    now: Timestamp,
) -> store::Result<()> {
    let event = TemplateEvent {
        id: TemplateEventId::fresh(now, ctx.chance()),
        account_id: happened.account,
        name: happened.name.to_owned(),
        language: happened.language.to_owned(),
        kind: happened.kind,
        before: happened.before.map(str::to_owned),
        after: happened.after.map(str::to_owned),
        details: Json(happened.details.clone()),
        author: happened.author.map(str::to_owned),
        at: now,
    };
    scope.add_template_event(&event).await?;
    if happened.is_alarming() {
        jobs::write_letters(scope, event.id, now).await?;
    }
    let told = Changed { account_id: happened.account, template_id: happened.template, what: happened.kind };
    scope.publish("template.changed", &told, now)
}

/// Details that are only there where they say something.
pub fn details<const N: usize>(pairs: [(&str, Option<&str>); N]) -> Value {
    let said = pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
    Value::Object(said.collect())
}
