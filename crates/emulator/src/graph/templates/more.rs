//! What else can be done with templates: unpause, preview and upsert codes, compare, migrate (meta-messaging 4.1).

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::super::Caller;
use super::super::error::{Answer, GraphError};
use super::super::params::Params;
use super::rules::{Checked, components, write_authentication};
use super::{account, own};
use crate::platform::Platform;
use crate::templates::{self, Act};
use crate::world::{Template, TemplateStatus, World, graph_id};

/// `POST /{template_id}/unpause`.
pub(super) async fn unpause(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let act = |world: &mut World| -> Answer<Value> {
        let template = own(world, &caller, &id)?;
        caller.require("whatsapp_business_management")?;
        if template.status != TemplateStatus::Paused {
            return Ok(json!({"success": false, "reason": "The template is not paused."}));
        }
        templates::act(world, &id, &Act::Unpause);
        Ok(json!({"success": true}))
    };
    Ok(Json(platform.write(act).await??))
}

fn listed(params: &Params, key: &str) -> Answer<Vec<String>> {
    let given = params.json(key).ok_or_else(|| GraphError::missing(key))?;
    Ok(match given {
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => text.split(',').map(|one| one.trim().to_owned()).collect(),
        _ => Vec::new(),
    })
}

/// `POST /{waba_id}/upsert_message_templates`: a code's template in many languages, made or replaced.
pub(super) async fn upsert(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    let act = |world: &mut World| -> Answer<Value> {
        account(&platform, world, &caller, &id)?;
        let name = params.required("name")?;
        if !params.required("category")?.eq_ignore_ascii_case("AUTHENTICATION") {
            return Err(GraphError::parameter("Param category must be AUTHENTICATION."));
        }
        let checked = Checked { world, category: "AUTHENTICATION", named: false };
        let components = components(&params, &checked)?;
        let mut made = Vec::new();
        for language in listed(&params, "languages")? {
            let known = world.template(&id, &name, &language).cloned();
            let template = Template {
                id: graph_id(),
                account_id: id.clone(),
                name: name.clone(),
                language: language.clone(),
                category: "AUTHENTICATION".into(),
                parameter_format: "POSITIONAL".into(),
                created_at: world.now(),
                ..known.unwrap_or_default()
            };
            let template = templates::submit(world, Template { components: components.clone(), ..template });
            made.push(json!({"id": template.id, "status": template.status, "language": language}));
        }
        Ok(json!({"data": made}))
    };
    Ok(Json(platform.write(act).await??))
}

/// `GET /{waba_id}/message_template_previews`: how a code's template will read.
pub(super) async fn previews(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    platform.read(|world| account(&platform, world, &caller, &id))?;
    let advice = params.text("add_security_recommendation").as_deref() == Some("true");
    let minutes = params.text("code_expiration_minutes").and_then(|minutes| minutes.parse::<u64>().ok());
    let mut parts = vec![json!({"type": "BODY", "add_security_recommendation": advice})];
    parts.extend(minutes.map(|minutes| json!({"type": "FOOTER", "code_expiration_minutes": minutes})));
    write_authentication(&mut parts);
    let text = |at: usize| parts.get(at).map_or(Value::Null, |part: &Value| part["text"].clone());
    let rows = listed(&params, "languages")?.into_iter().map(|language| {
        json!({"language": language, "body": text(0), "footer": text(1),
            "buttons": [{"type": "OTP", "text": "Copy code", "autofill_text": "Autofill"}]})
    });
    Ok(Json(json!({"data": rows.collect::<Vec<_>>()})))
}

/// `GET /{template_id}/compare`: both must have been sent a thousand times; here nothing is.
pub(super) async fn compare(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    let others = listed(&params, "template_ids")?;
    platform.read(|world| -> Answer<Json<Value>> {
        let first = own(world, &caller, &id)?;
        let mut sends = Vec::new();
        for template in others.iter().map(|other| own(world, &caller, other)).chain([Ok(first)]) {
            let template = template?;
            let named = format!("\"name\":{}", json!(template.name));
            let sent = world.messages.values().filter(|message| message.content.get().contains(&named));
            sends.push(json!({"key": template.id, "value": sent.count()}));
        }
        Ok(Json(json!({"data": [
            {"metric": "BLOCK_RATE", "type": "RELATIVE", "order_by_relative_metric": [id]},
            {"metric": "MESSAGE_SENDS", "type": "NUMBER_VALUES", "number_values": sends},
            {"metric": "TOP_BLOCK_REASON", "type": "STRING_VALUES", "string_values": [{"key": id, "value": "NO_REASON_GIVEN"}]},
        ]})))
    })
}

/// `POST /{dest_waba}/migrate_message_templates`: copies of another account's templates.
pub(super) async fn migrate(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    let act = |world: &mut World| -> Answer<Value> {
        account(&platform, world, &caller, &id)?;
        let from = params.required("source_waba_id")?;
        caller.account(world, &from)?;
        if from == id {
            return Err(GraphError::parameter("Param source_waba_id must be another account."));
        }
        let theirs: Vec<Template> =
            world.templates.values().filter(|template| template.account_id == from).cloned().collect();
        let (mut moved, mut failed) = (Vec::new(), serde_json::Map::new());
        for template in theirs {
            if world.template(&id, &template.name, &template.language).is_some() {
                failed.insert(template.id, "The name and language exist already.".into());
                continue;
            }
            let copy = Template { id: graph_id(), account_id: id.clone(), ..template };
            moved.push(copy.id.clone());
            world.save_template(copy);
        }
        Ok(json!({"migrated_templates": moved, "failed_templates": failed}))
    };
    Ok(Json(platform.write(act).await??))
}
