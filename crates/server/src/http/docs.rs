//! `/api/docs`: the API document as a page for people. Made here once from the document, without anything from other
//! sites, so that it works offline; searchable where scripts run, readable where they do not.

use axum::Router;
use axum::http::{HeaderName, header};
use axum::response::{Html, IntoResponse as _};
use axum::routing::get;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};
use pulldown_cmark::{Event, Parser};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

use super::problem::Problem;
use crate::ctx::Ctx;

const STYLE: &str = include_str!("docs/style.css");
const SEARCH: &str = include_str!("docs/search.js");
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Serves the page.
pub(super) fn routes(document: &OpenApi) -> Router<Ctx> {
    let page = render(document).map_err(|error| Problem::internal(&error));
    let page = || async move {
        page.map(|page| ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response())
    };
    let file = |kind: &'static str, text: &'static str| {
        let headers: [(HeaderName, &str); 2] =
            [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")];
        get(move || async move { (headers, text) })
    };
    Router::new()
        .route("/api/docs", get(page))
        .route("/api/docs/style.css", file("text/css; charset=utf-8", STYLE))
        .route("/api/docs/search.js", file("text/javascript; charset=utf-8", SEARCH))
}

fn render(document: &OpenApi) -> Result<String, minijinja::Error> {
    let document = serde_json::to_value(document).unwrap_or_default();
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("prose", |text: String| prose(&text));
    environment.add_template("page", include_str!("docs/page.html"))?;
    environment.get_template("page")?.render(context! {
        title => document["info"]["title"].as_str().unwrap_or_default(),
        about => text(&document["info"]["description"]),
        groups => Serde(groups(&document)),
        schemas => Serde(schemas(&document)),
    })
}

/// Operations that belong together.
#[derive(Serialize)]
struct Group {
    name: String,
    operations: Vec<Operation>,
}

#[derive(Serialize)]
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    more: String,
    callers: Vec<String>,
    parameters: Vec<Field>,
    body: Option<Type>,
    answers: Vec<Answer>,
}

#[derive(Serialize)]
struct Answer {
    status: String,
    about: String,
    body: Option<Type>,
}

#[derive(Serialize)]
struct Schema {
    name: String,
    about: String,
    fields: Vec<Field>,
    words: Vec<String>,
    variants: Vec<Schema>,
    plain: Option<Type>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    place: String,
    kind: Type,
    required: bool,
    about: String,
}

/// What a value is, in words, and the schema to read on at.
#[derive(Serialize)]
struct Type {
    text: String,
    target: Option<String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Markdown of our own doc comments as HTML. Markup within it is shown, not obeyed; a single paragraph stands without
/// its tags, so that it fits into a line.
fn prose(text: &str) -> minijinja::Value {
    let events = Parser::new(text).map(|event| match event {
        Event::Html(markup) | Event::InlineHtml(markup) => Event::Text(markup),
        other => other,
    });
    let mut page = String::new();
    pulldown_cmark::html::push_html(&mut page, events);
    let line = page.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    minijinja::Value::from_safe_string(line.filter(|line| !line.contains("<p>")).unwrap_or(&page).to_owned())
}

fn objects(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn groups(document: &Value) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (path, item) in objects(&document["paths"]) {
        for (method, operation) in objects(item) {
            let name = operation["tags"][0].as_str().unwrap_or("Other").to_owned();
            let operation = describe(path, method, operation);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.operations.push(operation),
                None => groups.push(Group { name, operations: vec![operation] }),
            }
        }
    }
    groups
}

fn describe(path: &str, method: &str, operation: &Value) -> Operation {
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        more: text(&operation["description"]),
        callers: list(&operation["security"])
            .map(|way| {
                objects(way)
                    .map(|(name, _)| name.replace('_', " "))
                    .next()
                    .unwrap_or_else(|| "anybody".into())
            })
            .collect(),
        parameters: list(&operation["parameters"])
            .map(|parameter| Field {
                name: text(&parameter["name"]),
                place: text(&parameter["in"]),
                kind: type_of(&parameter["schema"]),
                required: parameter["required"] == true,
                about: text(&parameter["description"]),
            })
            .collect(),
        body: content(&operation["requestBody"]),
        answers: objects(&operation["responses"])
            .map(|(status, answer)| Answer {
                status: status.replace("default", "otherwise"),
                about: text(&answer["description"]),
                body: content(answer),
            })
            .collect(),
    }
}

fn content(value: &Value) -> Option<Type> {
    objects(&value["content"]).next().map(|(kind, content)| match kind.as_str() {
        "application/json" | "application/problem+json" => type_of(&content["schema"]),
        other => Type { text: other.to_owned(), target: None },
    })
}

fn schemas(document: &Value) -> Vec<Schema> {
    objects(&document["components"]["schemas"]).map(|(name, schema)| schema_of(name, schema)).collect()
}

fn schema_of(name: &str, schema: &Value) -> Schema {
    let required: Vec<&str> = list(&schema["required"]).filter_map(Value::as_str).collect();
    let fields: Vec<Field> = objects(&schema["properties"])
        .map(|(name, field)| Field {
            name: name.clone(),
            place: String::new(),
            kind: type_of(field),
            required: required.contains(&name.as_str()),
            about: text(&field["description"]),
        })
        .collect();
    let variants: Vec<Schema> = ["oneOf", "anyOf", "allOf"]
        .into_iter()
        .flat_map(|key| list(&schema[key]))
        .map(|variant| schema_of(variant["title"].as_str().unwrap_or_default(), variant))
        .collect();
    let words: Vec<String> = list(&schema["enum"]).filter_map(Value::as_str).map(str::to_owned).collect();
    let plain = fields.is_empty() && variants.is_empty() && words.is_empty();
    Schema {
        name: name.to_owned(),
        about: text(&schema["description"]),
        plain: plain.then(|| type_of(schema)),
        fields,
        words,
        variants,
    }
}

fn type_of(schema: &Value) -> Type {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
        return Type { text: name.clone(), target: Some(name) };
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        let choices: Vec<Type> =
            list(&schema[key]).filter(|choice| choice["type"] != "null").map(type_of).collect();
        if !choices.is_empty() {
            let text = choices.iter().map(|choice| choice.text.as_str()).collect::<Vec<_>>().join(" or ");
            return Type { text, target: choices.into_iter().find_map(|choice| choice.target) };
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
        }
        kind => kind.as_str().into_iter().collect(),
    };
    let words: Vec<&str> = list(&schema["enum"]).filter_map(Value::as_str).collect();
    if !words.is_empty() {
        return Type { text: words.join(" · "), target: None };
    }
    if kinds == ["array"] {
        let of = type_of(&schema["items"]);
        return Type { text: format!("list of {}", of.text), target: of.target };
    }
    let mut text = if kinds.is_empty() { "anything".to_owned() } else { kinds.join(" or ") };
    if let Some(format) = schema["format"].as_str() {
        text = format!("{text} ({format})");
    }
    for (key, word) in [
        ("minLength", "at least"),
        ("maxLength", "at most"),
        ("minimum", "from"),
        ("maximum", "to"),
        ("default", "else"),
    ] {
        if !schema[key].is_null() {
            text = format!("{text}, {word} {}", schema[key]);
        }
    }
    Type { text, target: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_schema_is_on_the_page_and_nothing_from_elsewhere() {
        let document = super::super::router::document();
        let page = render(&document).unwrap();
        for path in document.paths.paths.keys() {
            assert!(page.contains(&path.replace('/', "&#x2f;")) || page.contains(path), "{path}");
        }
        for name in document.components.as_ref().unwrap().schemas.keys() {
            assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
        }
        for elsewhere in ["src=\"http", "href=\"http", "@import", "url(http"] {
            assert!(!page.contains(elsewhere) && !STYLE.contains(elsewhere), "{elsewhere}");
        }
    }
}
