//! What happens to a template, with what everybody is told of it.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::review::{self, Verdict};
use crate::webhooks;
use crate::world::{Millis, Task, Template, TemplateStatus, TemplateTurn, World};

const HOUR: Millis = 3_600_000;
/// How long before a change of category it is announced.
const NOTICE: Millis = 24 * HOUR;

/// What can be done to a template from outside: by a reviewer, by its readers, by time.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// The review lets it through.
    Approve,
    /// The review refuses it.
    Reject {
        /// `INVALID_FORMAT`, `PROMOTIONAL`, `SCAM`, `ABUSIVE_CONTENT`, `INCORRECT_CATEGORY`, `TAG_CONTENT_MISMATCH`.
        reason: String,
        /// In a sentence; told with `INVALID_FORMAT` alone.
        #[serde(default)]
        explanation: Option<String>,
        /// What to do; told with `INVALID_FORMAT` alone.
        #[serde(default)]
        recommendation: Option<String>,
    },
    /// Readers block or report it: paused for 3 hours, then for 6, then disabled.
    Pause,
    /// The pause ends.
    Unpause,
    /// Disabled for good.
    Disable,
    /// Another category: with 24 hours' notice, or at once.
    Category {
        /// The category.
        category: String,
        /// At once.
        #[serde(default)]
        at_once: bool,
    },
    /// Another quality.
    Quality {
        /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
        score: String,
    },
    /// Put away after a year without use.
    Archive,
    /// Taken back from the archive.
    Unarchive,
    /// Its text is another: Meta has mended it.
    Rewrite {
        /// The text.
        body: String,
    },
}

/// Takes a template in for review. Where the review takes no time its answer stands in what comes back.
pub fn submit(world: &mut World, mut template: Template) -> Template {
    let rules = world.rules().templates.clone();
    template.status = TemplateStatus::Pending;
    template.rejected_reason = None;
    let id = template.id.clone();
    world.save_template(template);
    if !rules.by_hand && rules.review_ms <= 0 {
        turn(world, &id, TemplateTurn::Review);
    } else if !rules.by_hand {
        let due = world.now() + rules.review_ms;
        world.agenda.add(due, Task::Template { id: id.clone(), turn: TemplateTurn::Review });
    }
    world.templates.get(&id).cloned().unwrap_or_default()
}

/// Something fell due.
pub fn turn(world: &mut World, id: &str, turn: TemplateTurn) {
    let Some(template) = world.templates.get(id).cloned() else { return };
    match (turn, template.status) {
        (TemplateTurn::Review, TemplateStatus::Pending) => {
            let found = match review::verdict(world, &template) {
                Verdict::Approved => Act::Approve,
                Verdict::Rejected { reason, told } => Act::Reject {
                    reason: reason.into(),
                    explanation: told.map(|(why, _)| why.into()),
                    recommendation: told.map(|(_, what)| what.into()),
                },
            };
            act(world, id, &found);
        }
        (TemplateTurn::PauseEnds, TemplateStatus::Paused) => {
            act(world, id, &Act::Unpause);
        }
        (TemplateTurn::CategoryChanges, _) => {
            if let Some(category) = template.correct_category {
                act(world, id, &Act::Category { category, at_once: true });
            }
        }
        _ => {}
    }
}

/// Does something to a template and tells of it. `false`: there is no such template.
pub fn act(world: &mut World, id: &str, act: &Act) -> bool {
    let Some(mut template) = world.templates.get(id).cloned() else { return false };
    let now = world.now();
    match act {
        Act::Approve => {
            template.status = TemplateStatus::Approved;
            template.rejected_reason = None;
            tell_status(world, &template, "APPROVED", "NONE".into(), &json!({}));
        }
        Act::Reject { reason, explanation, recommendation } => {
            template.status = TemplateStatus::Rejected;
            template.rejected_reason = Some(reason.clone());
            let more = if reason == "INVALID_FORMAT" {
                json!({"rejection_info": {
                    "reason": explanation.as_deref().unwrap_or("The template is not formatted as it should be."),
                    "recommendation": recommendation.as_deref().unwrap_or("Check its variables and samples."),
                }})
            } else {
                json!({})
            };
            tell_status(world, &template, "REJECTED", reason.clone().into(), &more);
        }
        Act::Pause => pause(world, &mut template, now),
        Act::Unpause => {
            template.status = TemplateStatus::Approved;
            let more =
                json!({"other_info": {"title": "UNPAUSE", "description": "The template is sent again."}});
            tell_status(world, &template, "APPROVED", "NONE".into(), &more);
        }
        Act::Disable => disable(world, &mut template, now),
        Act::Category { category, at_once: true } => {
            let before = std::mem::replace(&mut template.category, category.clone());
            template.correct_category = None;
            let told = json!({"previous_category": before, "new_category": category});
            template.previous_category = Some(before);
            tell(world, &template, "template_category_update", told);
        }
        Act::Category { category, at_once: false } => {
            template.correct_category = Some(category.clone());
            let due = now + NOTICE;
            let turn = TemplateTurn::CategoryChanges;
            world.agenda.add(due, Task::Template { id: template.id.clone(), turn });
            // `new_category` is the one in force until then.
            let told = json!({
                "new_category": template.category, "correct_category": category,
                "category_update_timestamp": due / 1000,
            });
            tell(world, &template, "template_category_update", told);
        }
        Act::Quality { score } => {
            let before = template.quality.replace(score.clone()).unwrap_or_else(|| "UNKNOWN".into());
            let told = json!({"previous_quality_score": before, "new_quality_score": score});
            tell(world, &template, "message_template_quality_update", told);
        }
        Act::Archive => {
            template.status = TemplateStatus::Archived;
            tell_status(world, &template, "ARCHIVED", "NONE".into(), &json!({}));
        }
        Act::Unarchive => {
            template.status = TemplateStatus::Approved;
            tell_status(world, &template, "UNARCHIVED", "NONE".into(), &json!({}));
        }
        Act::Rewrite { body } => {
            let part = template.components.iter_mut().find(|part| part["type"] == "BODY");
            if let Some(part) = part {
                part["text"] = body.clone().into();
            }
            let told = json!({"message_template_element": body});
            tell(world, &template, "message_template_components_update", told);
        }
    }
    world.save_template(template);
    true
}

fn pause(world: &mut World, template: &mut Template, now: Millis) {
    template.pauses += 1;
    template.quality = Some("RED".into());
    let (title, hours) = match template.pauses {
        1 => ("FIRST_PAUSE", 3),
        2 => ("SECOND_PAUSE", 6),
        _ => return disable(world, template, now),
    };
    template.status = TemplateStatus::Paused;
    let due = now + hours * HOUR;
    world.agenda.add(due, Task::Template { id: template.id.clone(), turn: TemplateTurn::PauseEnds });
    let description =
        format!("Your WhatsApp message template has been paused for {hours} hours because of low quality.");
    let more = json!({"other_info": {"title": title, "description": description}});
    tell_status(world, template, "PAUSED", "NONE".into(), &more);
}

fn disable(world: &mut World, template: &mut Template, now: Millis) {
    template.status = TemplateStatus::Disabled;
    let more = json!({
        "disable_info": {"disable_date": (now / 1000).to_string()},
        "other_info": {"title": "DISABLED", "description": "The template has been disabled because of low quality."},
    });
    tell_status(world, template, "DISABLED", "NONE".into(), &more);
}

fn tell_status(world: &mut World, template: &Template, event: &str, reason: Value, more: &Value) {
    let mut told = json!({
        "event": event, "reason": reason, "message_template_category": template.category,
    });
    webhooks::account_events::overlay(&mut told, more);
    tell(world, template, "message_template_status_update", told);
}

/// Ids are numbers in webhooks, text everywhere else.
fn tell(world: &mut World, template: &Template, field: &str, mut told: Value) {
    told["message_template_id"] = template.id.parse::<u64>().ok().into();
    told["message_template_name"] = template.name.clone().into();
    told["message_template_language"] = template.language.clone().into();
    webhooks::publish(world, &template.account_id, None, field, &told);
}
