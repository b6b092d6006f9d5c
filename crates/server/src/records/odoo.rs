//! Odoo's external API, as far as reading needs it: JSON-RPC at `/jsonrpc`, the services `common` and `object`, which Odoo has
//! from 8 on and will take away with 20; and JSON-2 at `/json/2`, from 19 on, which signs in by the key alone.
//! (Odoo: developer/reference/external_rpc_api and external_api.)

use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;
use utoipa::ToSchema;

use crate::http::Sentence;
use crate::outbound::{self, Outbound, Redirects};

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of one answer.
const MOST_BYTES: usize = 8 << 20;

/// Why nothing was read. Kept with the connector, so without anything secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub(super) enum Trouble {
    /// The address may not be asked.
    AddressRefused { why: String },
    /// Nobody answers there.
    Unreachable,
    /// Something else than Odoo answers there.
    NotOdoo { status: u16 },
    /// Odoo does not know this database, login or key.
    WrongLogin,
    /// Odoo refuses, in its own words.
    Refused { why: String },
}

impl Trouble {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::AddressRefused { .. } => "address_refused",
            Self::Unreachable => "unreachable",
            Self::NotOdoo { .. } => "not_odoo",
            Self::WrongLogin => "wrong_login",
            Self::Refused { .. } => "refused",
        }
    }

    /// What is wrong and what to do.
    pub(super) fn sentence(&self) -> Sentence {
        match self {
            Self::AddressRefused { why } => Sentence {
                en: format!("The address cannot be asked: {why}."),
                id: format!("Alamat tidak dapat dihubungi: {why}."),
            },
            Self::Unreachable => Sentence {
                en: "Nobody answers at this address. Check it, and that Odoo is running; it is tried again by itself.".into(),
                id: "Tidak ada jawaban dari alamat ini. Periksa alamatnya dan pastikan Odoo berjalan; akan dicoba lagi otomatis.".into(),
            },
            Self::NotOdoo { status } => Sentence {
                en: format!("What answers at this address (HTTP {status}) is not Odoo. Give the address at which you open Odoo."),
                id: format!("Yang menjawab di alamat ini (HTTP {status}) bukan Odoo. Isi alamat yang Anda pakai untuk membuka Odoo."),
            },
            Self::WrongLogin => Sentence {
                en: "Odoo does not accept this database, login and key. Make a new API key in Odoo under Preferences, Account Security.".into(),
                id: "Odoo menolak database, login, dan kunci ini. Buat kunci API baru di Odoo pada Preferensi, Keamanan Akun.".into(),
            },
            Self::Refused { why } => Sentence {
                en: format!("Odoo refuses: {why}. Check model, filter and fields, and what this login may read."),
                id: format!("Odoo menolak: {why}. Periksa model, filter, dan kolom, serta hak baca login ini."),
            },
        }
    }
}

/// By which of its APIs an Odoo is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OdooApi {
    /// JSON-RPC, of Odoo 8 to 19.
    #[default]
    JsonRpc,
    /// JSON-2, from Odoo 19 on.
    #[serde(rename = "json_2")]
    JsonTwo,
}

/// Who asks which Odoo.
pub(super) struct Odoo<'a> {
    outbound: &'a Outbound,
    api: OdooApi,
    url: Url,
    database: &'a str,
    login: &'a str,
    key: &'a SecretString,
}

/// What is asked of a model.
pub(super) struct Search<'a> {
    pub model: &'a str,
    pub domain: Value,
    pub fields: Vec<&'a str>,
    pub order: &'a str,
    pub limit: i64,
}

/// An answer of JSON-RPC.
#[derive(Deserialize)]
struct Answer {
    jsonrpc: String,
    result: Option<Value>,
    error: Option<Failure>,
}

/// What JSON-2 says when it refuses.
#[derive(Deserialize)]
struct Refusal {
    name: String,
    message: String,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
    #[serde(default)]
    data: FailureData,
}

#[derive(Default, Deserialize)]
struct FailureData {
    #[serde(default)]
    name: String,
    #[serde(default)]
    message: String,
}

impl<'a> Odoo<'a> {
    pub(super) fn new(
        outbound: &'a Outbound,
        api: OdooApi,
        address: &str,
        database: &'a str,
        login: &'a str,
        key: &'a SecretString,
    ) -> Result<Self, Trouble> {
        let refused = |why: String| Trouble::AddressRefused { why };
        let mut url: Url = address.parse().map_err(|_| refused("it is no address".into()))?;
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&match api {
            OdooApi::JsonRpc => format!("{base}/jsonrpc"),
            OdooApi::JsonTwo => format!("{base}/json/2/"),
        });
        url.set_query(None);
        Ok(Self { outbound, api, url, database, login, key })
    }

    /// The number under which Odoo knows the login; `None`: the key is enough.
    pub(super) async fn sign_in(&self) -> Result<Option<i64>, Trouble> {
        if self.api == OdooApi::JsonTwo {
            return Ok(None);
        }
        let args = json!([self.database, self.login, self.key.expose_secret(), {}]);
        match self.call("common", "authenticate", args).await? {
            Value::Number(uid) => uid.as_i64().map(Some).ok_or(Trouble::WrongLogin),
            _ => Err(Trouble::WrongLogin),
        }
    }

    /// Records of a model.
    pub(super) async fn search(
        &self,
        uid: Option<i64>,
        search: &Search<'_>,
    ) -> Result<Vec<Map<String, Value>>, Trouble> {
        let mut wanted = json!({ "fields": search.fields, "order": search.order, "limit": search.limit });
        let rows = if let Some(uid) = uid {
            let key = self.key.expose_secret();
            let args = json!([self.database, uid, key, search.model, "search_read", [search.domain], wanted]);
            self.call("object", "execute_kw", args).await?
        } else {
            wanted["domain"] = search.domain.clone();
            self.ask(search.model, "search_read", &wanted).await?
        };
        serde_json::from_value(rows).map_err(|_| Trouble::NotOdoo { status: 200 })
    }

    /// Calls by JSON-2.
    async fn ask(&self, model: &str, method: &str, arguments: &Value) -> Result<Value, Trouble> {
        let url = self.url.join(&format!("{model}/{method}"));
        let url = url.map_err(|_| Trouble::Refused { why: format!("{model} is no model") })?;
        let request = self.client()?.post(url).bearer_auth(self.key.expose_secret());
        let request = request.header("X-Odoo-Database", self.database).json(arguments);
        let (status, bytes) = send(request).await?;
        if status == 200 {
            return serde_json::from_slice(&bytes).map_err(|_| Trouble::NotOdoo { status });
        }
        let refusal: Refusal = serde_json::from_slice(&bytes).map_err(|_| Trouble::NotOdoo { status })?;
        if status == 401 || refusal.name.ends_with("AccessDenied") {
            return Err(Trouble::WrongLogin);
        }
        Err(in_its_words(&refusal.message))
    }

    fn client(&self) -> Result<reqwest::Client, Trouble> {
        let client = self.outbound.client_for(&self.url, Redirects::Stay);
        client.map_err(|refused| Trouble::AddressRefused { why: refused.to_string() })
    }

    /// Calls by JSON-RPC.
    async fn call(&self, service: &str, method: &str, args: Value) -> Result<Value, Trouble> {
        let body = json!({
            "jsonrpc": "2.0", "method": "call", "id": 1,
            "params": { "service": service, "method": method, "args": args },
        });
        let (status, bytes) = send(self.client()?.post(self.url.clone()).json(&body)).await?;
        let answer: Answer = serde_json::from_slice(&bytes).map_err(|_| Trouble::NotOdoo { status })?;
        match answer {
            Answer { jsonrpc, .. } if jsonrpc != "2.0" => Err(Trouble::NotOdoo { status }),
            Answer { error: Some(failure), .. } => Err(failure.trouble()),
            Answer { result, .. } => Ok(result.unwrap_or(Value::Null)),
        }
    }
}

impl Failure {
    fn trouble(self) -> Trouble {
        let name = self.data.name.rsplit('.').next().unwrap_or_default();
        // A database that is not there fails within PostgreSQL's driver.
        if name == "AccessDenied" || self.data.name.starts_with("psycopg2.OperationalError") {
            return Trouble::WrongLogin;
        }
        in_its_words(if self.data.message.is_empty() { &self.message } else { &self.data.message })
    }
}

/// What Odoo says on refusing, on one line.
fn in_its_words(why: &str) -> Trouble {
    let why: String = why.split_whitespace().collect::<Vec<_>>().join(" ");
    Trouble::Refused { why: why.chars().take(300).collect::<String>().trim_end_matches('.').to_owned() }
}

async fn send(request: reqwest::RequestBuilder) -> Result<(u16, Bytes), Trouble> {
    let response =
        request.timeout(PATIENCE).send().await.map_err(|error| match outbound::reason(&error) {
            Some(refused) => Trouble::AddressRefused { why: refused.to_string() },
            None => Trouble::Unreachable,
        })?;
    let status = response.status().as_u16();
    let bytes = outbound::read(response, MOST_BYTES).await.map_err(|error| match error {
        outbound::ReadError::Refused(refused) => Trouble::Refused { why: refused.to_string() },
        outbound::ReadError::Http(_) => Trouble::Unreachable,
    })?;
    Ok((status, bytes))
}

/// A value of Odoo as text: `false` is none, a record of another model its name, a list how many.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => "true".to_owned(),
        Value::Array(pair) => match pair.as_slice() {
            [Value::Number(_), Value::String(name)] => name.clone(),
            others => others.len().to_string(),
        },
        Value::Null | Value::Bool(false) | Value::Object(_) => String::new(),
    }
}

/// The id of the record of another model that a value names.
pub(super) fn id_of(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.get(0)?.as_i64())
}
