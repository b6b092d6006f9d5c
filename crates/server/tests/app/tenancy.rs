//! Isolation between organisations, proved on every operation that the API document names. A new endpoint joins by
//! itself; one whose path holds an id of a new kind fails until [`TestApp::furnish`] makes one.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use rules::role::Role;
use serde_json::{Map, Value, json};
use testkit::app::{self, Actor, Answer, Samples, TestApp};

/// An id that nothing has.
const NOBODY: &str = "018f0000-0000-7000-8000-000000000000";

/// Bodies that the document's schemas cannot tell: what is asked for depends on more than one field.
fn body_of(operation: &str) -> Option<Value> {
    Some(match operation {
        "update_organisation" => json!({ "name": "Taken over" }),
        "create_key" => json!({ "name": "mine", "rights": ["inbox.read"] }),
        "set_member_role" => json!({ "role": "viewer" }),
        "create_invite" => json!({ "email": "eve@example.com", "role": "viewer" }),
        "record_consent" => {
            json!({ "action": "opt_in", "purpose": "utility", "wording": "Ya, kabari saya." })
        }
        "create_connect_invite" => json!({ "mode": "tech_provider" }),
        "create_own_meta_app" => {
            json!({ "meta_app_id": "400000000000009", "name": "Ours", "secret": "0123456789abcdef" })
        }
        "rotate_own_meta_app_secret" => json!({ "secret": "0123456789abcdef" }),
        "put_form_logo" => json!({ "image": "iVBORw0KGgoAAAAN" }),
        "record_submission" => json!({ "phone": "+6281234567890", "purposes": ["utility"] }),
        "give_pin" => json!({ "pin": "581063" }),
        "begin_template_draft" | "change_template_draft" => {
            json!({ "account_id": NOBODY, "name": "mine", "language": "id", "category": "UTILITY" })
        }
        "check_template" => json!({ "content": { "account_id": NOBODY, "category": "UTILITY" } }),
        "set_channel" => json!({ "way": { "provider": "operator" } }),
        "try_channel" => json!({ "channel": "email", "to": "rina@example.com" }),
        "set_fallback" => json!({ "order": [], "link_hours": 72, "texts": [] }),
        "preview_fallback" => {
            json!({ "text": { "channel": "sms", "kind": "link", "locale": "en", "body": "{link}" } })
        }
        "open_conversation" => json!({ "contact_id": NOBODY, "number_id": NOBODY }),
        _ => return None,
    })
}

/// What a viewer may send although it is no GET: it changes nothing.
const OPEN_TO_VIEWERS: &[&str] = &["decide_outreach", "preview_fallback", "try_question"];

/// What an address cannot do without besides its path.
fn query_of(operation: &str) -> &'static str {
    if operation == "forget_channel" { "?channel=email" } else { "" }
}

/// Ids that Meta keeps and not we: it is asked with the organisation's own token, which opens nobody else's.
const OF_META: &[&str] = &["code"];

struct Operation {
    id: String,
    method: Method,
    path: String,
    body: Option<Value>,
    public: bool,
}

impl Operation {
    /// The names in braces, but for the organisation's.
    fn ids(&self) -> Vec<&str> {
        let names = self.path.split('{').skip(1).filter_map(|part| part.split('}').next());
        names.filter(|name| *name != "org").collect()
    }

    fn is_of_an_organisation(&self) -> bool {
        self.path.starts_with("/api/v1/orgs/{org}")
    }

    /// The path with the organisation and ids put in.
    fn at(&self, org: &str, samples: &Samples) -> String {
        let mut path = self.path.replace("{org}", org);
        for name in self.ids() {
            let sample = samples.get(name).unwrap_or_else(|| {
                panic!("`{}` has {{{name}}} in its path: make one in testkit's `furnish`", self.id)
            });
            path = path.replace(&format!("{{{name}}}"), sample);
        }
        path
    }

    async fn call(&self, actor: &Actor, path: &str) -> Answer {
        actor.call(self.method.clone(), path, self.body.clone()).await
    }
}

async fn operations(app: &TestApp) -> Vec<Operation> {
    let document = app.anonymous.get("/api/openapi.json").await.expect(200).json;
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let body = body_of(&id).or_else(|| (!schema.is_null()).then(|| made_up(schema, &document, 0)));
            let security = operation["security"].as_array().cloned().unwrap_or_default();
            let public = security.iter().any(|way| way.as_object().is_some_and(Map::is_empty));
            operations.push(Operation {
                id,
                method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                path: path.clone(),
                body,
                public,
            });
        }
    }
    assert!(operations.len() > 20, "the document is read");
    operations
}

/// A value that fits a schema: what is required, and nothing else.
fn made_up(schema: &Value, document: &Value, depth: usize) -> Value {
    if depth > 12 {
        return Value::Null;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return made_up(document.pointer(&reference[1..]).unwrap_or(&Value::Null), document, depth + 1);
    }
    for one in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[one].as_array() {
            let choice = choices.iter().find(|choice| choice["type"] != "null").unwrap_or(&choices[0]);
            return made_up(choice, document, depth + 1);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(fields) = made_up(part, document, depth + 1) {
                whole.extend(fields);
            }
        }
        return Value::Object(whole);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|words| words.first()) {
        return first.clone();
    }
    if !schema["example"].is_null() && schema["properties"].is_null() {
        return schema["example"].clone();
    }
    if !schema["const"].is_null() {
        return schema["const"].clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find_map(|kind| kind.as_str().filter(|kind| *kind != "null")),
        kind => kind.as_str(),
    };
    match kind {
        Some("string") => match schema["format"].as_str() {
            Some("uuid") => json!(NOBODY),
            Some("uri") => json!("https://example.com/"),
            _ if schema["minLength"].as_u64().unwrap_or(0) > 4 => json!("a made-up value of some length"),
            _ => json!("made"),
        },
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        Some("array") => json!([made_up(&schema["items"], document, depth + 1)]),
        _ => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = required
                .iter()
                .filter_map(Value::as_str)
                .map(|name| (name.to_owned(), made_up(&schema["properties"][name], document, depth + 1)));
            Value::Object(fields.collect())
        }
    }
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own() {
    app::both(async |app| {
        let mut seen = BTreeSet::new();
        for operation in operations(app).await {
            assert!(seen.insert(operation.id.clone()), "two operations are called {}", operation.id);
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_anything_unasked() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let mut samples = app.furnish(&org).await;
        samples.insert("job", "1".to_owned());
        for operation in operations(app).await.iter().filter(|operation| !operation.public) {
            let path = operation.at(&samples["org"], &samples);
            let answer = operation.call(&app.anonymous, &path).await;
            assert_eq!(answer.status, 401, "{} {path}: {}", operation.id, answer.text);
            let answer = operation.call(&app.anonymous.with_key("sapa_live_made-up"), &path).await;
            assert_eq!(answer.status, 401, "{} with a made-up key: {}", operation.id, answer.text);
        }
    })
    .await;
}

#[tokio::test]
async fn another_organisation_does_not_exist() {
    app::both(async |app| {
        let (ours, theirs) = (app.org("Kopi Senja").await, app.org("Klinik Sehat").await);
        let foreign = app.furnish(&theirs).await;
        for operation in operations(app).await.iter().filter(|operation| operation.is_of_an_organisation()) {
            let path = operation.at(&foreign["org"], &foreign);
            for (who, actor) in [("owner", &ours.owner), ("key", &ours.key), ("operator key", &app.operator)]
            {
                let answer = operation.call(actor, &path).await;
                assert_eq!(answer.status, 404, "{} as {who} of another: {}", operation.id, answer.text);
                assert!(!answer.text.contains("Klinik"), "{}: {}", operation.id, answer.text);
            }
        }
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_foreign_id_does_not_exist_in_one_s_own_organisation() {
    app::both(async |app| {
        let (ours, theirs) = (app.org("Kopi Senja").await, app.org("Klinik Sehat").await);
        let own = app.furnish(&ours).await;
        let foreign = app.furnish(&theirs).await;
        let mut wrong = BTreeMap::new();
        for operation in &operations(app).await {
            let operator = operation.path.starts_with("/api/v1/operator");
            if operation.ids().is_empty() || operator {
                continue;
            }
            // One foreign id at a time, the others our own.
            for name in operation.ids().into_iter().filter(|name| !OF_META.contains(name)) {
                let mut samples = own.clone();
                let sample = foreign.get(name).cloned().unwrap_or_default();
                samples.insert(name_of(name, &own), sample);
                let path = operation.at(&own["org"], &samples);
                for (who, actor) in [("owner", &ours.owner), ("key", &ours.key)] {
                    if !operation.is_of_an_organisation() && who == "key" {
                        continue;
                    }
                    let answer = operation.call(actor, &path).await;
                    if answer.status != 404 {
                        wrong.insert(format!("{} as {who}, foreign {name}", operation.id), answer.text);
                    }
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "not 404 (a body that is refused before the id is looked up wants a sample in `body_of`): {wrong:#?}"
        );
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_foreign_id_in_a_body_does_not_exist_either() {
    app::both(async |app| {
        let (ours, theirs) = (app.org("Kopi Senja").await, app.org("Klinik Sehat").await);
        let own = app.furnish(&ours).await;
        let foreign = app.furnish(&theirs).await;
        let mut wrong = BTreeMap::new();
        for operation in &operations(app).await {
            let Some(Value::Object(body)) = &operation.body else { continue };
            if !operation.is_of_an_organisation() {
                continue;
            }
            let kind_of = |field: &str| own.keys().copied().find(|kind| field == format!("{kind}_id"));
            let fields: Vec<(&String, &str)> =
                body.keys().filter_map(|field| kind_of(field).map(|kind| (field, kind))).collect();
            for (field, kind) in &fields {
                let mut body = body.clone();
                for (other, kind) in &fields {
                    body.insert((*other).clone(), json!(own[kind]));
                }
                body.insert((*field).clone(), json!(foreign[kind]));
                let path = operation.at(&own["org"], &own);
                let answer = ours.owner.call(operation.method.clone(), &path, Some(body.into())).await;
                if answer.status != 404 {
                    wrong.insert(format!("{}, foreign {field}", operation.id), answer.text);
                }
            }
        }
        assert!(wrong.is_empty(), "not 404: {wrong:#?}");
        app.leave_jobs();
    })
    .await;
}

/// A misspelt filter that is ignored answers with everything. The address to which others send browsers is no filter.
#[tokio::test]
async fn no_operation_ignores_what_it_does_not_know() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let mut samples = app.furnish(&org).await;
        samples.insert("job", "1".to_owned());
        for operation in operations(app).await.iter().filter(|one| one.id != "finish_openid_sign_in") {
            let path = operation.at(&samples["org"], &samples);
            for actor in [&org.owner, &app.anonymous] {
                let answer = operation.call(actor, &format!("{path}?made_up=1")).await;
                assert_eq!(answer.problem(400), "unknown_parameter", "{}: {}", operation.id, answer.text);
                assert_eq!(answer.str("/parameter"), "made_up");
                assert!(answer.json["known"].is_array(), "{}", operation.id);
            }
        }
        let answer = org.owner.get("conversations?state=open").await;
        assert_eq!(answer.problem(400), "unknown_parameter");
        assert!(answer.str("/detail").contains("`status`, `assignee`"), "{}", answer.text);
        app.leave_jobs();
    })
    .await;
}

/// The key under which a sample is kept.
fn name_of(name: &str, samples: &Samples) -> &'static str {
    samples
        .keys()
        .copied()
        .find(|known| *known == name)
        .unwrap_or_else(|| panic!("an id {{{name}}} in a path: make one in testkit's `furnish`"))
}

#[tokio::test]
async fn a_list_holds_nothing_of_another_organisation() {
    app::both(async |app| {
        let (ours, theirs) = (app.org("Kopi Senja").await, app.org("Klinik Sehat").await);
        app.furnish(&ours).await;
        let foreign = app.furnish(&theirs).await;
        for operation in &operations(app).await {
            let plain = operation.is_of_an_organisation() && operation.ids().is_empty();
            if !plain || operation.method != Method::GET || operation.path.ends_with("/live") {
                continue;
            }
            let path = operation.at(&ours.id.to_string(), &Samples::new());
            let answer = operation.call(&ours.owner, &path).await;
            // The step of a connection is a word, and everybody's.
            let ids = foreign.iter().filter(|(kind, _)| !matches!(**kind, "update" | "step"));
            for (kind, id) in ids {
                assert!(
                    !answer.text.contains(id),
                    "{} tells a foreign {kind}: {}",
                    operation.id,
                    answer.text
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_viewer_changes_nothing() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let samples = app.furnish(&org).await;
        let viewer = app.member(org.id, Role::Viewer).await;
        let mut wrong = BTreeMap::new();
        for operation in &operations(app).await {
            let changes = operation.is_of_an_organisation() && operation.method != Method::GET;
            if !changes || OPEN_TO_VIEWERS.contains(&operation.id.as_str()) {
                continue;
            }
            let path = operation.at(&samples["org"], &samples) + query_of(&operation.id);
            let answer = operation.call(&viewer, &path).await;
            if answer.status != 403 {
                wrong.insert(operation.id.clone(), answer.text);
            }
        }
        assert!(wrong.is_empty(), "not 403 for a viewer: {wrong:#?}");
    })
    .await;
}

#[tokio::test]
async fn members_and_their_keys_do_not_run_the_installation() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let mut samples = app.furnish(&org).await;
        samples.insert("job", "1".to_owned());
        for operation in &operations(app).await {
            if !operation.path.starts_with("/api/v1/operator") {
                continue;
            }
            let path = operation.at(&samples["org"], &samples);
            for actor in [&org.owner, &org.key] {
                let answer = operation.call(actor, &path).await;
                assert_eq!(answer.problem(403), "operator_only", "{}", operation.id);
            }
        }
    })
    .await;
}
