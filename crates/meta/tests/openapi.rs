//! Meta's published OpenAPI file as an oracle: what our client sends and the emulator answers is held against
//! it, apart from a short list of differences with their reasons. (Its version, 23, is older and narrower than
//! what is spoken today.)
//!
//! Runs where `SAPA_META_OPENAPI` names the file, and says so where it does not.

#[path = "../../emulator/tests/support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use meta::graph::{Access, Graph, GraphConfig};
use meta::send::{
    Button, Buttons, Captioned, Contact, ContactName, Content, Framed, Interactive, Language, Location,
    MarkRead, Message, Reaction, Recipient, Reply, Source, Template,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use support::{ACCOUNT, NUMBER, Stage, TOKEN};
use url::Url;

/// What differs from the file, and why that is right. Each is a piece of a finding; one that no longer occurs
/// fails the test.
const DIFFERENCES: &[(&str, &str)] = &[
    ("/business_verification_status: \"verified\"", "Meta answers in small letters; the file has capitals"),
    (
        "/data/0/status: \"CONNECTED\"",
        "the file's list of states lacks the one of every number that can send",
    ),
    ("/template/language: \"policy\"", "optional, and always deterministic; the file demands it"),
    ("\"status\":\"read\"", "marking read uses the same path; the file knows only messages there"),
];

/// In parts of an `allOf` the file forbids every member but the part's own, so that nothing satisfies the whole.
/// What is meant is that the whole has no other members.
fn mend(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let parts = members.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten();
            let opened: Vec<Value> =
                parts.filter_map(|part| part.as_object_mut()?.remove("additionalProperties")).collect();
            if opened.contains(&Value::Bool(false)) {
                members.insert("unevaluatedProperties".into(), false.into());
            }
            members.values_mut().for_each(mend);
        }
        Value::Array(items) => items.iter_mut().for_each(mend),
        _ => {}
    }
}

/// The file, ready to be asked.
struct Oracle {
    document: Value,
    validators: BTreeMap<String, Validator>,
}

impl Oracle {
    fn load() -> Option<Self> {
        let path = std::env::var_os("SAPA_META_OPENAPI")?;
        let text = std::fs::read_to_string(&path).expect("SAPA_META_OPENAPI names a file that can be read");
        let mut document = serde_saphyr::from_str(&text).expect("SAPA_META_OPENAPI names a YAML file");
        mend(&mut document);
        Some(Self { document, validators: BTreeMap::new() })
    }

    /// The template of a path: by its edge, and for a bare node by what the id is.
    fn template(&self, method: &str, path: &str) -> Option<String> {
        let segments: Vec<&str> = path.split('?').next()?.trim_start_matches('/').split('/').collect();
        let (id, edge) = (segments.get(1)?, segments.get(2));
        let names: &[&str] = match *id {
            ACCOUNT => &["{WABA-ID}", "{WhatsApp-Business-Account-ID}"],
            NUMBER => &["{Phone-Number-ID}", "{WhatsApp-Account-Number-ID}"],
            _ => &["{Media-ID}"],
        };
        names.iter().find_map(|name| {
            let template = match edge {
                Some(edge) => format!("/{{Version}}/{name}/{edge}"),
                None => format!("/{{Version}}/{name}"),
            };
            self.document["paths"][&template].get(method.to_ascii_lowercase())?;
            Some(template)
        })
    }

    /// What the file says of a body under this schema.
    fn judge(&mut self, name: String, schema: &Value, body: &Value) -> Vec<String> {
        let components = &self.document["components"];
        let validator = self.validators.entry(name.clone()).or_insert_with(|| {
            // A schema that stands alone finds what it refers to beside itself.
            let whole = json!({"allOf": [schema], "components": components});
            jsonschema::validator_for(&whole).unwrap_or_else(|error| panic!("{name}: {error}"))
        });
        validator
            .iter_errors(body)
            .map(|error| format!("{name} {}: {error}", error.instance_path()))
            .collect()
    }

    fn resolve<'d>(&'d self, value: &'d Value) -> &'d Value {
        match value["$ref"].as_str() {
            Some(pointer) => self.document.pointer(pointer.trim_start_matches('#')).unwrap_or(value),
            None => value,
        }
    }

    /// Holds one call of the emulator's log against the file. `None` when the file does not have the call.
    fn hold(&mut self, call: &Value) -> Option<Vec<String>> {
        let (method, path) = (call["method"].as_str()?, call["path"].as_str()?);
        let template = self.template(method, path)?;
        let operation = self.document["paths"][&template][method.to_ascii_lowercase()].clone();
        let mut findings = Vec::new();
        let body = &call["body"];
        let mut name = format!("{method} {template} request");
        let mut request =
            self.resolve(&operation["requestBody"])["content"]["application/json"]["schema"].clone();
        // The kinds of message are told apart by their type.
        let mapping = &self.resolve(&request)["discriminator"]["mapping"];
        if let Some(kind) = mapping[body["type"].as_str().unwrap_or_default()].as_str() {
            name = format!("{name} {}", body["type"]);
            request = json!({"$ref": kind});
        }
        if request.is_object() && body.is_object() {
            findings.extend(self.judge(name, &request, body));
        }
        let status = call["status"].to_string();
        let answer =
            self.resolve(&operation["responses"][&status])["content"]["application/json"]["schema"].clone();
        if answer.is_object() && call["answer"].is_object() {
            findings.extend(self.judge(
                format!("{method} {template} answer {status}"),
                &answer,
                &call["answer"],
            ));
        }
        Some(findings)
    }
}

/// Makes the calls that the file knows.
async fn calls(stage: &Stage) {
    let graph = Graph::new(GraphConfig::new(Url::parse(stage.running.url()).unwrap(), "v23.0")).unwrap();
    let token = SecretString::from(TOKEN);
    let access = &Access::token(&token);
    stage.hello("u1").await;
    let inbound = stage.endpoint.next().await.body.pointer("/entry/0/changes/0/value/messages/0/id").cloned();
    let inbound = inbound.unwrap().as_str().unwrap().to_owned();
    let media = json!({"id": "910000000000001", "number_id": NUMBER, "mime_type": "image/jpeg", "base64": "/9j/4AAQ"});
    stage.control("POST", "/seed", json!({"media": [media]})).await;

    let buttons = Buttons { buttons: vec![Button::Reply(Reply { id: "yes".into(), title: "Yes".into() })] };
    let name = ContactName {
        formatted_name: "Eva Muster".into(),
        first_name: Some("Eva".into()),
        ..Default::default()
    };
    let language = Language { code: "en_US".into() };
    for content in [
        Content::text("Hello"),
        Content::Image(Captioned { source: Source::Id("910000000000001".into()), caption: None }),
        Content::Location(Location {
            latitude: "-6.2".into(),
            longitude: "106.8".into(),
            name: Some("Monas".into()),
            address: None,
        }),
        Content::Contacts(vec![Contact { name, ..Contact::default() }]),
        Content::Template(Template { name: "winter_sale".into(), language, components: vec![] }),
        Content::Reaction(Reaction { message_id: inbound.clone(), emoji: "👍".into() }),
        Content::Interactive(Interactive::Button(Framed::new("Well?", buttons))),
    ] {
        let message = Message::new(Recipient::Phone("+491700000001".into()), content);
        graph.send(access, NUMBER, &message).await.unwrap();
    }
    graph.mark_read(access, NUMBER, &MarkRead { message_id: inbound, typing: true }).await.unwrap();
    graph.media(access, "910000000000001", Some(NUMBER)).await.unwrap();
    graph.waba(access, ACCOUNT).await.unwrap();
    graph.phone_numbers(access, ACCOUNT).await.unwrap();
    graph.phone_number(access, NUMBER).await.unwrap();
    graph.subscribe(access, ACCOUNT).await.unwrap();
    graph.subscribed_apps(access, ACCOUNT).await.unwrap();
    graph.templates(access, ACCOUNT).await.unwrap();
    graph.profile(access, NUMBER).await.unwrap();
    graph.delete_media(access, "910000000000001").await.unwrap();
}

#[tokio::test]
async fn calls_and_answers_agree_with_metas_file() {
    let Some(mut oracle) = Oracle::load() else {
        eprintln!("SAPA_META_OPENAPI is not set: Meta's OpenAPI file is not asked");
        return;
    };
    let stage = Stage::new().await;
    calls(&stage).await;
    let log = stage.control("GET", "/calls", Value::Null).await;
    let mut findings = BTreeSet::new();
    let mut held = BTreeSet::new();
    for call in log.as_array().unwrap() {
        if let Some(found) = oracle.hold(call) {
            held.insert(format!("{} {}", call["method"], call["path"]));
            findings.extend(found);
        }
    }
    assert!(held.len() >= 10, "too few calls are in the file: {held:?}");
    let unexplained: Vec<_> = findings
        .iter()
        .filter(|finding| !DIFFERENCES.iter().any(|(piece, _)| finding.contains(piece)))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    for (piece, reason) in DIFFERENCES {
        assert!(findings.iter().any(|finding| finding.contains(piece)), "gone: {piece} ({reason})");
    }
}
