//! Message templates: list, get, create, edit, delete (meta-messaging 4). What becomes of them then: [`crate::templates`].

mod library;
mod more;
mod rules;

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use super::error::{Answer, GraphError};
use super::gate::Version;
use super::{Caller, Params, fields, paging, refusals};
use crate::platform::Platform;
use crate::templates::{review, submit};
use crate::world::{BlockedName, Millis, Template, TemplateStatus, World, graph_id};
use rules::{Checked, components, invalid};

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;

const DEFAULT: &[&str] = &["name", "parameter_format", "components", "language", "status", "category", "id"];

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/{id}/message_templates", get(list).post(create).delete(remove))
        .route("/message_template_library", get(library::browse))
        .route("/{id}/unpause", post(more::unpause))
        .route("/{id}/upsert_message_templates", post(more::upsert))
        .route("/{id}/message_template_previews", get(more::previews))
        .route("/{id}/compare", get(more::compare))
        .route("/{id}/migrate_message_templates", post(more::migrate))
}

/// A template's node with every field.
fn node(template: &Template) -> Map<String, Value> {
    let node = json!({
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "message_send_ttl_seconds": template.message_send_ttl_seconds,
        "quality_score": {"score": template.quality.as_deref().unwrap_or("UNKNOWN"), "date": template.created_at / 1000},
        "rejected_reason": template.rejected_reason.as_deref().unwrap_or("NONE"),
        "previous_category": template.previous_category,
        "correct_category": template.correct_category,
        "sub_category": null,
        "library_template_name": template.library_template_name,
        "cta_url_link_tracking_opted_out": false,
        "degrees_of_freedom_spec": null,
        "health_status": null,
    });
    node.as_object().cloned().unwrap_or_default()
}

/// The account, if the caller may manage its templates, with the call counted.
fn account(platform: &Platform, world: &World, caller: &Caller, id: &str) -> Answer<()> {
    caller.account(world, id)?;
    caller.require("whatsapp_business_management")?;
    let within = platform.buckets().management(&world.rules().limits, &caller.token.app_id, id, world.now());
    if within { Ok(()) } else { Err(refusals::too_many_calls()) }
}

/// `GET /{waba_id}/message_templates`.
async fn list(
    State(platform): State<Platform>,
    Extension(Version(version)): Extension<Version>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    let rows = platform.read(|world| {
        account(&platform, world, &caller, &id)?;
        let wanted = |key: &str, value: &str| {
            params
                .text(key)
                .is_none_or(|asked| asked.split(',').any(|it| it.trim().eq_ignore_ascii_case(value)))
        };
        let word = params.text("name_or_content").map(|word| word.to_lowercase());
        let rows = world.templates.values().filter(|template| {
            template.account_id == id
                && wanted("name", &template.name)
                && wanted("language", &template.language)
                && wanted("category", &template.category)
                && wanted("status", json!(template.status).as_str().unwrap_or_default())
                && word.as_ref().is_none_or(|word| {
                    template.name.contains(word.as_str())
                        || json!(template.components).to_string().to_lowercase().contains(word.as_str())
                })
        });
        let asked = params.text("fields");
        rows.map(|template| fields::select(&node(template), "MessageTemplate", asked.as_deref(), DEFAULT))
            .collect::<Answer<Vec<Value>>>()
    })?;
    let total = rows.len();
    let mut page = paging::page(&platform, version, &format!("/{id}/message_templates"), &params, rows)?;
    if let Some(summary) = params.text("summary") {
        let known = [
            ("total_count", json!(total)),
            ("message_template_count", json!(total)),
            ("message_template_limit", json!(platform.read(|world| world.rules().templates.most))),
            ("are_translations_complete", json!(true)),
        ];
        let asked: Map<String, Value> = known
            .into_iter()
            .filter(|(name, _)| summary.contains(name))
            .map(|(n, v)| (n.to_owned(), v))
            .collect();
        page["summary"] = asked.into();
    }
    Ok(Json(page))
}

/// `POST /{waba_id}/message_templates`.
async fn create(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    let act = |world: &mut World| -> Answer<Value> {
        account(&platform, world, &caller, &id)?;
        let template = drafted(world, &id, &params)?;
        let is_ready = template.library_template_name.is_some();
        let template = submit(world, template);
        if is_ready {
            crate::templates::turn(world, &template.id, crate::world::TemplateTurn::Review);
        }
        let status = world.templates.get(&template.id).map(|template| template.status);
        Ok(json!({"id": template.id, "status": status, "category": template.category}))
    };
    Ok(Json(platform.write(act).await??))
}

/// The template that a create call describes, checked.
fn drafted(world: &World, account_id: &str, params: &Params) -> Answer<Template> {
    let name = params.required("name")?;
    let fits =
        name.len() <= 512 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !fits {
        return Err(invalid(
            2388040,
            "Invalid template name",
            "Template names take lower-case letters, digits and underscores, at most 512 characters.",
        ));
    }
    let language = params.required("language")?;
    let category = params.required("category")?.to_ascii_uppercase();
    if !["UTILITY", "MARKETING", "AUTHENTICATION"].contains(&category.as_str()) {
        return Err(GraphError::parameter(
            "Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}.",
        ));
    }
    if world.template(account_id, &name, &language).is_some() {
        return Err(invalid(
            2388024,
            "Content in This Language Already Exists",
            &format!(
                "There is already {language} content for this template. You can create a new template and try again."
            ),
        ));
    }
    room(world, account_id, &name)?;
    let format = params.text("parameter_format").unwrap_or_else(|| "POSITIONAL".into()).to_ascii_uppercase();
    let from_library = params.text("library_template_name");
    let components = match &from_library {
        Some(library) => library::components(params, library, &language)?,
        None => components(params, &Checked { world, category: &category, named: format == "NAMED" })?,
    };
    Ok(Template {
        id: graph_id(),
        account_id: account_id.to_owned(),
        name,
        language,
        category: review::category(&category, &components),
        parameter_format: format,
        components,
        created_at: world.now(),
        message_send_ttl_seconds: params.json("message_send_ttl_seconds").and_then(|ttl| ttl.as_i64()),
        library_template_name: from_library,
        ..Template::default()
    })
}

/// Whether the account may have one more template, now and of this name.
fn room(world: &World, account_id: &str, name: &str) -> Answer<()> {
    let (limits, now) = (&world.rules().templates, world.now());
    let blocked = world.blocked_names.get(&blocked(account_id, name));
    if blocked.is_some_and(|blocked| now < blocked.until) {
        return Err(invalid(
            2388023,
            "Message template is being deleted",
            "New content for this template can't be added while it is being deleted. Try again in 4 weeks or use another name.",
        ));
    }
    let ours = world.templates.values().filter(|template| template.account_id == account_id);
    let (all, of_the_hour) = ours
        .fold((0, 0), |(all, new), template| (all + 1, new + usize::from(template.created_at > now - HOUR)));
    if all >= limits.most {
        return Err(invalid(
            2388019,
            "Message template limit exceeded",
            "The messaging account has as many templates as it may have.",
        ));
    }
    if of_the_hour >= limits.per_hour { Err(refusals::too_many_calls()) } else { Ok(()) }
}

fn blocked(account_id: &str, name: &str) -> String {
    format!("{account_id} {name}")
}

/// A template that the caller reaches.
fn own<'w>(world: &'w World, caller: &Caller, id: &str) -> Answer<&'w Template> {
    let template = world.templates.get(id).ok_or_else(|| caller.unknown(id))?;
    caller.account(world, &template.account_id).map_err(|_| caller.unknown(id))?;
    Ok(template)
}

/// `DELETE /{waba_id}/message_templates` by `name`, `hsm_id` and `name`, or `hsm_ids`.
async fn remove(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    let act = |world: &mut World| -> Answer<()> {
        account(&platform, world, &caller, &id)?;
        let listed = params.json("hsm_ids").and_then(|ids| ids.as_array().cloned());
        let text = |id: &Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let doomed: Vec<String> = if let Some(listed) = listed {
            listed.iter().map(text).collect()
        } else {
            let name = params.required("name")?;
            let one = params.text("hsm_id");
            let own = world.templates.values().filter(|template| {
                template.account_id == id
                    && template.name == name
                    && one.as_ref().is_none_or(|one| *one == template.id)
            });
            own.map(|template| template.id.clone()).collect()
        };
        let all_here = doomed.iter().all(|it| world.templates.get(it).is_some_and(|it| it.account_id == id));
        if doomed.is_empty() || !all_here {
            return Err(invalid(
                2593002,
                "Message template not found",
                "The message template does not exist.",
            ));
        }
        for id in &doomed {
            if world.templates.get(id).is_some_and(|template| template.status == TemplateStatus::Disabled) {
                return Err(invalid(
                    2593003,
                    "Message template is disabled",
                    "A disabled template cannot be deleted.",
                ));
            }
        }
        let until = world.now() + 30 * DAY;
        for doomed in doomed {
            let gone = world.remove_template(&doomed);
            if let Some(gone) = gone.filter(|gone| gone.status == TemplateStatus::Approved) {
                let name = BlockedName { account_id: id.clone(), name: gone.name.clone(), until };
                world.blocked_names.put(blocked(&id, &gone.name), name);
            }
        }
        Ok(())
    };
    platform.write(act).await??;
    Ok(Json(json!({"success": true})))
}

/// `GET /{template_id}`, if the id is one of a template the caller reaches.
pub(super) fn read(world: &World, caller: &Caller, id: &str, params: &Params) -> Option<Answer<Value>> {
    let template = world.templates.get(id)?;
    caller.account(world, &template.account_id).ok()?;
    Some(fields::select(&node(template), "MessageTemplate", params.text("fields").as_deref(), DEFAULT))
}

/// `POST /{template_id}`: replaces components or category, and has the whole reviewed again.
pub(super) fn change(world: &mut World, caller: &Caller, id: &str, params: &Params) -> Option<Answer<Value>> {
    own(world, caller, id).ok()?;
    Some(edited(world, caller, id, params).map(|template| {
        submit(world, template);
        json!({"success": true})
    }))
}

fn edited(world: &World, caller: &Caller, id: &str, params: &Params) -> Answer<Template> {
    let mut template = own(world, caller, id)?.clone();
    caller.require("whatsapp_business_management")?;
    let refused = |text: &str| Err(invalid(2388039, "Message template can't be edited", text));
    let now = world.now();
    match template.status {
        TemplateStatus::Approved => {
            template.edits.retain(|at| *at > now - 30 * DAY);
            if template.edits.iter().any(|at| *at > now - DAY) || template.edits.len() >= 10 {
                return refused(
                    "An approved template can be edited once a day and ten times in thirty days.",
                );
            }
            template.edits.push(now);
        }
        TemplateStatus::Rejected | TemplateStatus::Paused => {}
        _ => return refused("Only approved, rejected and paused templates can be edited."),
    }
    if let Some(category) = params.text("category").map(|category| category.to_ascii_uppercase()) {
        if category != template.category && template.status == TemplateStatus::Approved {
            return refused("An approved template keeps its category.");
        }
        template.category = category;
    }
    if params.0.contains_key("components") {
        let named = template.parameter_format == "NAMED";
        template.components = components(params, &Checked { world, category: &template.category, named })?;
        template.category = review::category(&template.category, &template.components);
    }
    if let Some(ttl) = params.json("message_send_ttl_seconds") {
        template.message_send_ttl_seconds = ttl.as_i64();
    }
    Ok(template)
}
