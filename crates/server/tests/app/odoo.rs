//! A stand-in for Odoo: speaks its JSON-RPC and JSON-2 over HTTP, as `developer/reference` tells them, on a few rows.

use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router, routing::post};
use serde_json::{Map, Value, json};

/// What it knows.
#[derive(Default)]
struct World {
    /// Models and their rows.
    models: Map<String, Value>,
    /// What was asked of models.
    searches: Vec<Value>,
}

/// A running stand-in.
#[derive(Clone)]
pub struct Odoo {
    pub url: String,
    world: Arc<Mutex<World>>,
}

pub const DATABASE: &str = "toko";
pub const LOGIN: &str = "sapa@toko.example";
pub const KEY: &str = "0123456789abcdef";
const UID: i64 = 7;

impl Odoo {
    pub async fn start() -> Self {
        let world = Arc::new(Mutex::new(World::default()));
        let routes = Router::new()
            .route("/jsonrpc", post(answer))
            .route("/json/2/{model}/{method}", post(answer_two))
            .with_state(world.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, world }
    }

    /// Has a row stand like this.
    pub fn put(&self, model: &str, row: Value) {
        let mut world = self.world.lock().unwrap();
        let rows = world.models.entry(model).or_insert_with(|| json!([])).as_array_mut().unwrap();
        rows.retain(|other| other["id"] != row["id"]);
        rows.push(row);
    }

    /// How many searches there were since this was asked last, by model.
    pub fn asked(&self, model: &str) -> usize {
        let mut world = self.world.lock().unwrap();
        let asked = std::mem::take(&mut world.searches);
        asked.iter().filter(|search| search["model"] == model).count()
    }
}

fn failure(name: &str, message: &str) -> Value {
    json!({ "error": { "code": 200, "message": "Odoo Server Error",
        "data": { "name": name, "message": message, "arguments": [message], "debug": "Traceback …" } } })
}

async fn answer(State(world): State<Arc<Mutex<World>>>, Json(call): Json<Value>) -> Json<Value> {
    let params = &call["params"];
    let args = params["args"].as_array().cloned().unwrap_or_default();
    let answer = match (params["service"].as_str(), params["method"].as_str()) {
        (Some("common"), Some("authenticate")) => authenticate(&args),
        (Some("object"), Some("execute_kw")) => execute(&mut world.lock().unwrap(), &args),
        _ => failure("builtins.KeyError", "unknown service"),
    };
    let mut whole = json!({ "jsonrpc": "2.0", "id": call["id"] });
    whole.as_object_mut().unwrap().extend(answer.as_object().unwrap().clone());
    Json(whole)
}

/// JSON-2: the key is in the header, the database in another, arguments have names.
async fn answer_two(
    State(world): State<Arc<Mutex<World>>>,
    Path((model, method)): Path<(String, String)>,
    headers: HeaderMap,
    Json(wanted): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let refused = |status, name: &str, message: &str| {
        (
            status,
            Json(
                json!({ "name": name, "message": message, "arguments": [message], "context": {}, "debug": "…" }),
            ),
        )
    };
    if said("authorization") != format!("Bearer {KEY}") {
        return refused(StatusCode::UNAUTHORIZED, "werkzeug.exceptions.Unauthorized", "Invalid apikey");
    }
    assert_eq!((said("x-odoo-database"), method.as_str()), (DATABASE, "search_read"));
    let args = [
        json!(DATABASE),
        json!(UID),
        json!(KEY),
        json!(model),
        json!(method),
        json!([wanted["domain"]]),
        wanted,
    ];
    let answer = execute(&mut world.lock().unwrap(), &args);
    match answer.get("result") {
        Some(rows) => (StatusCode::OK, Json(rows.clone())),
        None => {
            let data = &answer["error"]["data"];
            let text = |field: &str| data[field].as_str().unwrap_or_default().to_owned();
            refused(StatusCode::NOT_FOUND, &text("name"), &text("message"))
        }
    }
}

fn authenticate(args: &[Value]) -> Value {
    if args[0] != DATABASE {
        return failure("psycopg2.OperationalError", "FATAL: database does not exist");
    }
    json!({ "result": if args[1] == LOGIN && args[2] == KEY { json!(UID) } else { json!(false) } })
}

fn execute(world: &mut World, args: &[Value]) -> Value {
    if args[0] != DATABASE || args[1] != UID || args[2] != KEY {
        return failure("odoo.exceptions.AccessDenied", "Access Denied");
    }
    let (model, options) = (args[3].as_str().unwrap(), &args[6]);
    assert_eq!(args[4], "search_read");
    let Some(rows) = world.models.get(model).and_then(Value::as_array).cloned() else {
        return failure("builtins.KeyError", &format!("Object {model} doesn't exist"));
    };
    let domain = args[5][0].as_array().unwrap();
    world.searches.push(json!({ "model": model, "domain": domain }));
    let fields: Vec<&str> =
        options["fields"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
    let unknown = |field: &&&str| rows.first().is_some_and(|row| row.get(**field).is_none());
    if let Some(field) = fields.iter().find(unknown) {
        return failure("builtins.ValueError", &format!("Invalid field '{field}' on model '{model}'"));
    }
    let mut found: Vec<Value> = rows.into_iter().filter(|row| fits(row, domain)).collect();
    let (by, way) = options["order"].as_str().unwrap().split_once(' ').unwrap();
    found.sort_by(|one, other| match (&one[by], &other[by]) {
        (Value::Number(one), Value::Number(other)) => one.as_i64().cmp(&other.as_i64()),
        (one, other) => one.as_str().cmp(&other.as_str()),
    });
    if way == "desc" {
        found.reverse();
    }
    found.truncate(usize::try_from(options["limit"].as_i64().unwrap()).unwrap());
    let told = |row: &Value| {
        let named = fields.iter().map(|field| ((*field).to_owned(), row[*field].clone()));
        Value::Object(named.chain([("id".to_owned(), row["id"].clone())]).collect())
    };
    json!({ "result": found.iter().map(told).collect::<Vec<_>>() })
}

/// Conditions one after the other, all of which hold; `|` before two of them: one of them does.
fn fits(row: &Value, domain: &[Value]) -> bool {
    let mut rest = domain;
    while !rest.is_empty() {
        let (holds, after) = term(row, rest);
        if !holds {
            return false;
        }
        rest = after;
    }
    true
}

fn term<'d>(row: &Value, domain: &'d [Value]) -> (bool, &'d [Value]) {
    match domain[0].as_str() {
        Some(sign) => {
            let (one, rest) = term(row, &domain[1..]);
            let (other, rest) = term(row, rest);
            (if sign == "|" { one || other } else { one && other }, rest)
        }
        None => (condition(row, &domain[0]), &domain[1..]),
    }
}

fn condition(row: &Value, condition: &Value) -> bool {
    let (value, wanted) = (&row[condition[0].as_str().unwrap()], &condition[2]);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match condition[1].as_str().unwrap() {
        "=" => value == wanted,
        ">" => value.as_i64() > wanted.as_i64(),
        ">=" => text(value) >= text(wanted),
        "in" => wanted.as_array().unwrap().contains(value),
        other => panic!("the stand-in does not know {other}"),
    }
}
