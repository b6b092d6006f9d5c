//! Message templates: list, get, create, edit, delete (meta-messaging 4). The review approves at once.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use super::error::{Answer, GraphError};
use super::gate::Version;
use super::messages::variables;
use super::{Caller, Params, fields, paging, refusals};
use crate::platform::Platform;
use crate::webhooks;
use crate::world::{Template, TemplateStatus, World, graph_id};

const DEFAULT: &[&str] = &["name", "parameter_format", "components", "language", "status", "category", "id"];

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/{id}/message_templates", get(list).post(create).delete(remove))
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
        "quality_score": {"score": "UNKNOWN", "date": template.created_at / 1000},
        "rejected_reason": "NONE",
        "previous_category": null,
        "correct_category": null,
        "sub_category": null,
        "library_template_name": null,
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
            ("message_template_limit", json!(6_000)),
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
        let answer = json!({"id": template.id, "status": template.status, "category": template.category});
        let told = json!({
            "event": "APPROVED",
            // Numbers in webhooks, text everywhere else.
            "message_template_id": template.id.parse::<u64>().ok(),
            "message_template_name": template.name,
            "message_template_language": template.language,
            "reason": "NONE",
            "message_template_category": template.category,
        });
        world.save_template(template);
        webhooks::publish(world, &id, None, "message_template_status_update", &told);
        Ok(answer)
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
    let components = components(params, &category)?;
    let format = params.text("parameter_format").unwrap_or_else(|| "POSITIONAL".into()).to_ascii_uppercase();
    Ok(Template {
        id: graph_id(),
        account_id: account_id.to_owned(),
        name,
        language,
        category,
        status: TemplateStatus::Approved,
        parameter_format: format,
        components,
        created_at: world.now(),
        message_send_ttl_seconds: params.json("message_send_ttl_seconds").and_then(|ttl| ttl.as_i64()),
    })
}

/// The components of a call, checked and written as Meta lists them.
fn components(params: &Params, category: &str) -> Answer<Vec<Value>> {
    let given = params.json("components").and_then(|list| list.as_array().cloned());
    let mut components = given.ok_or_else(|| GraphError::missing("components"))?;
    for component in &mut components {
        upper(component);
    }
    let body = components.iter().find(|it| it.get("type").and_then(Value::as_str) == Some("BODY"));
    let Some(body) = body else {
        return Err(GraphError::parameter("A template needs a component of type BODY."));
    };
    let text = body.get("text").and_then(Value::as_str).unwrap_or_default();
    if category != "AUTHENTICATION" {
        if text.is_empty() || text.chars().count() > 1024 {
            return Err(invalid(2388072, "Invalid body", "The body takes 1 to 1024 characters."));
        }
        if text.trim_start().starts_with("{{") || text.trim_end().ends_with("}}") {
            return Err(invalid(
                2388299,
                "Leading or trailing parameters not allowed",
                "Variables can't be at the start or end of the template.",
            ));
        }
        let words = text.split_whitespace().count();
        if variables(text).len() * 2 > words {
            return Err(invalid(
                2388293,
                "Parameters words ratio exceeds limit",
                "This template has too many variables for its length.",
            ));
        }
    } else if text.is_empty() {
        write_authentication(&mut components);
    }
    let buttons = components.iter().find_map(|it| it.get("buttons")?.as_array()).map_or(0, Vec::len);
    if buttons > 10 {
        return Err(GraphError::parameter("A template takes at most 10 buttons."));
    }
    Ok(components)
}

/// Types and formats in upper case, at every depth of a component.
fn upper(component: &mut Value) {
    for key in ["type", "format", "otp_type"] {
        if let Some(Value::String(text)) = component.get_mut(key) {
            text.make_ascii_uppercase();
        }
    }
    for key in ["buttons", "cards", "components"] {
        for inner in component.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            upper(inner);
        }
    }
}

/// Authentication templates have Meta's text; their one-time-password button comes back as a URL button.
fn write_authentication(components: &mut [Value]) {
    for component in components {
        match component.get("type").and_then(Value::as_str) {
            Some("BODY") => {
                let advice =
                    component.get("add_security_recommendation").and_then(Value::as_bool) == Some(true);
                let tail = if advice { " For your security, do not share this code." } else { "" };
                component["text"] = format!("*{{{{1}}}}* is your verification code.{tail}").into();
                component["example"] = json!({"body_text": [["123456"]]});
            }
            Some("FOOTER") => {
                if let Some(minutes) = component.get("code_expiration_minutes").and_then(Value::as_u64) {
                    component["text"] = format!("This code expires in {minutes} minutes.").into();
                }
            }
            Some("BUTTONS") => {
                component["buttons"] = json!([{
                    "type": "URL",
                    "text": "Copy code",
                    "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                }]);
            }
            _ => {}
        }
    }
}

/// An error of the template review (meta-messaging 7.10, 17 and 18).
fn invalid(subcode: i64, title: &str, text: &str) -> GraphError {
    let mut error = GraphError::core(400, 100, "Invalid parameter").with_subcode(subcode);
    error.user = Some((title.to_owned(), text.to_owned()));
    error
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
        for template in doomed {
            world.remove_template(&template);
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

/// `POST /{template_id}`: replaces components or category.
pub(super) fn change(world: &mut World, caller: &Caller, id: &str, params: &Params) -> Option<Answer<Value>> {
    let mut template = world.templates.get(id)?.clone();
    caller.account(world, &template.account_id).ok()?;
    let edit = |template: &mut Template| -> Answer<()> {
        caller.require("whatsapp_business_management")?;
        if let Some(category) = params.text("category").map(|category| category.to_ascii_uppercase()) {
            if category != template.category && template.status == TemplateStatus::Approved {
                return Err(invalid(
                    2388039,
                    "Category cannot be changed",
                    "An approved template keeps its category.",
                ));
            }
            template.category = category;
        }
        if params.0.contains_key("components") {
            template.components = components(params, &template.category)?;
        }
        if let Some(ttl) = params.json("message_send_ttl_seconds") {
            template.message_send_ttl_seconds = ttl.as_i64();
        }
        Ok(())
    };
    Some(edit(&mut template).map(|()| {
        template.status = TemplateStatus::Approved;
        world.save_template(template);
        json!({"success": true})
    }))
}
