//! The nodes of onboarding: accounts, numbers, portfolios and what hangs on them, each with all its fields.
//!
//! [`find`] answers what an id means to a caller; a caller who does not reach the object gets code 100, subcode 33.

use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::error::{Answer, GraphError};
use super::{credit, fields, health, preverified, refusals, solutions};
use crate::world::{Account, Number, Portfolio, World};

/// A node with all its fields; `null` stands for a field without a value.
#[derive(Debug)]
pub struct Node {
    /// Meta's name of the node type.
    pub kind: &'static str,
    /// All fields.
    pub fields: Map<String, Value>,
    /// What is answered when `fields` is not given.
    pub default: &'static [&'static str],
}

impl Node {
    /// A node from a JSON object.
    pub fn new(kind: &'static str, fields: Value, default: &'static [&'static str]) -> Self {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Self { kind, fields, default }
    }

    /// The part that `fields` asks for.
    pub fn select(&self, wanted: Option<&str>) -> Answer<Value> {
        fields::select(&self.fields, self.kind, wanted, self.default)
    }
}

/// Meta's names of node types.
pub mod kind {
    /// A messaging account.
    pub const ACCOUNT: &str = "WhatsAppBusinessAccount";
    /// A number.
    pub const NUMBER: &str = "WhatsAppBusinessPhoneNumber";
    /// A portfolio.
    pub const PORTFOLIO: &str = "Business";
    /// An app.
    pub const APP: &str = "Application";
    /// A (system) user.
    pub const USER: &str = "User";
}

/// The node with this id, if it is one of onboarding's and the caller reaches it. `None` leaves the id to others.
pub fn find(world: &World, caller: &Caller, id: &str) -> Option<Answer<Node>> {
    if world.accounts.contains(id) {
        return Some(readable_account(world, caller, id).map(|account| account_node(world, caller, account)));
    }
    if world.numbers.contains(id) {
        let number = caller.number(world, id).and_then(|number| {
            caller.require("whatsapp_business_management")?;
            Ok(number_node(world, caller, number))
        });
        return Some(number);
    }
    if let Some(portfolio) = world.portfolios.get(id) {
        let seen = sees_portfolio(world, caller, id);
        return Some(if seen { Ok(portfolio_node(portfolio)) } else { Err(caller.unknown(id)) });
    }
    if let Some(app) = world.apps.get(id) {
        let node = json!({ "id": app.id, "name": app.name, "link": app_link(&app.id) });
        let own = caller.token.app_id == app.id;
        return Some(if own { Ok(Node::new(kind::APP, node, &["name"])) } else { Err(caller.unknown(id)) });
    }
    if let Some(user) = world.system_users.get(id) {
        let node = json!({ "id": user.id, "name": user.name });
        let own = user.portfolio_id == caller.token.portfolio_id || user.id == caller.token.user_id;
        return Some(if own { Ok(Node::new(kind::USER, node, &["name"])) } else { Err(caller.unknown(id)) });
    }
    if caller.token.user_id == id {
        return Some(Ok(Node::new(kind::USER, json!({ "id": id, "name": "System user" }), &["name"])));
    }
    credit::find(world, caller, id)
        .or_else(|| solutions::find(world, caller, id))
        .or_else(|| preverified::find(world, caller, id))
}

/// A messaging account that the caller reaches and may read.
pub fn readable_account<'w>(world: &'w World, caller: &Caller, id: &str) -> Answer<&'w Account> {
    let account = caller.account(world, id)?;
    caller.require("whatsapp_business_management")?;
    Ok(account)
}

/// The messaging account whose `edge` is read. Another kind of id fails as Meta has it: its node type has no such
/// field.
pub fn account_with_edge<'w>(world: &'w World, caller: &Caller, id: &str, edge: &str) -> Answer<&'w Account> {
    if world.accounts.contains(id) || caller.method != axum::http::Method::GET {
        return readable_account(world, caller, id);
    }
    match find(world, caller, id) {
        Some(Ok(node)) => Err(refusals::nonexisting_field(edge, node.kind)),
        Some(Err(error)) => Err(error),
        None => Err(caller.unknown(id)),
    }
}

/// Whether the caller sees a portfolio: its own, or one whose messaging account it reaches.
pub fn sees_portfolio(world: &World, caller: &Caller, id: &str) -> bool {
    caller.token.portfolio_id == id
        || world.accounts.values().any(|account| account.owner_id == id && caller.token.reaches(account))
}

/// A portfolio of the caller's own; edges about credit, users and lists belong to it alone.
pub fn own_portfolio<'w>(world: &'w World, caller: &Caller, id: &str) -> Answer<&'w Portfolio> {
    let portfolio = world.portfolios.get(id).filter(|_| caller.token.portfolio_id == id);
    portfolio.ok_or_else(|| caller.unknown(id))
}

fn portfolio_node(portfolio: &Portfolio) -> Node {
    let node = json!({
        "id": portfolio.id, "name": portfolio.name, "verification_status": portfolio.verification_status,
        "whatsapp_business_manager_messaging_limit": portfolio.messaging_limit,
        "primary_page": null, "link": null, "created_time": null, "timezone_id": null,
    });
    Node::new(kind::PORTFOLIO, node, &["name"])
}

/// `{"name","id"}` of a portfolio.
pub fn business_info(world: &World, id: &str) -> Value {
    let name = world.portfolios.get(id).map_or("", |portfolio| portfolio.name.as_str());
    json!({ "name": name, "id": id })
}

/// A messaging account.
pub fn account_node(world: &World, caller: &Caller, account: &Account) -> Node {
    let owner = world.portfolios.get(&account.owner_id);
    let app = world.apps.get(&caller.token.app_id);
    let own = app.is_some_and(|app| app.portfolio_id == account.owner_id);
    let numbers: Vec<Value> = numbers_of(world, &account.id)
        .into_iter()
        .map(|number| Value::Object(number_node(world, caller, number).fields))
        .collect();
    let node = json!({
        "id": account.id,
        "name": account.name,
        "status": account.status,
        "currency": filled(&account.currency),
        "country": filled(&account.country),
        "timezone_id": account.timezone_id,
        "message_template_namespace": account.namespace,
        "account_review_status": account.review_status,
        "business_verification_status": owner.map(|owner| owner.verification_status.as_str()),
        "ownership_type": if own { "SELF_OWNED" } else { "CLIENT_OWNED" },
        "owner_business_info": business_info(world, &account.owner_id),
        "on_behalf_of_business_info": null,
        "primary_funding_id": account.funding_id,
        "health_status": health::of_account(world, account, &caller.token.app_id),
        "is_enabled_for_insights": false,
        "marketing_messages_lite_api_status": "ELIGIBLE",
        "whatsapp_business_manager_messaging_limit": owner.map(|owner| owner.messaging_limit.as_str()),
        "creation_time": account.created_at / 1000,
        "phone_numbers": { "data": numbers },
    });
    let default = &["name", "timezone_id", "message_template_namespace", "currency"];
    Node::new(kind::ACCOUNT, node, default)
}

/// The numbers of a messaging account, newest onboarded first.
pub fn numbers_of<'w>(world: &'w World, account_id: &str) -> Vec<&'w Number> {
    let mut numbers: Vec<&Number> =
        world.numbers.values().filter(|number| number.account_id == account_id).collect();
    numbers.sort_by_key(|number| std::cmp::Reverse(number.onboarded_at));
    numbers
}

/// A number.
pub fn number_node(world: &World, caller: &Caller, number: &Number) -> Node {
    let file = world.number_files.get(&number.id);
    let account = world.accounts.get(&number.account_id);
    let owner = account.and_then(|account| world.portfolios.get(&account.owner_id));
    let throughput =
        if number.platform_type == "NOT_APPLICABLE" { "NOT_APPLICABLE" } else { &number.throughput };
    let onboarded = (number.onboarded_at > 0).then(|| written_time(number.onboarded_at));
    let node = json!({
        "id": number.id,
        "display_phone_number": number.display,
        "verified_name": filled(&number.verified_name),
        "status": number.status,
        "quality_rating": number.quality_rating,
        "quality_score": { "score": number.quality_rating },
        "name_status": number.name_status,
        "new_name_status": file.and_then(|file| file.new_name_status.as_deref()),
        "new_display_name": file.and_then(|file| file.new_display_name.as_deref()),
        "code_verification_status": number.code_verification_status,
        "platform_type": number.platform_type,
        "throughput": { "level": throughput },
        "account_mode": number.account_mode,
        "is_on_biz_app": number.on_business_app,
        "is_pin_enabled": number.pin.is_some(),
        "is_official_business_account": file.is_some_and(|file| file.official),
        "is_preverified_number": file.is_some_and(|file| file.preverified),
        "last_onboarded_time": onboarded,
        "webhook_configuration": webhook_configuration(world, caller, number),
        "country_code": account.and_then(|account| filled(&account.country)),
        "country_dial_code": filled(&number.country_dial_code),
        "whatsapp_business_manager_messaging_limit": owner.map(|owner| owner.messaging_limit.as_str()),
        "health_status": health::of_number(world, number, &caller.token.app_id),
        "certificate": null,
        "messaging_limit_tier": null,
        "search_visibility": null,
        "username": file.and_then(|file| file.username.as_deref()),
    });
    let default = &[
        "verified_name",
        "code_verification_status",
        "display_phone_number",
        "quality_rating",
        "platform_type",
        "throughput",
        "last_onboarded_time",
        "webhook_configuration",
    ];
    Node::new(kind::NUMBER, node, default)
}

/// Where webhooks of the caller's app for this number go; keys only where something is set.
fn webhook_configuration(world: &World, caller: &Caller, number: &Number) -> Value {
    let app_id = &caller.token.app_id;
    let mut set = Map::new();
    if let Some(own) = number.overrides.get(app_id) {
        set.insert("phone_number".into(), json!(own.url));
    }
    let account = world.accounts.get(&number.account_id);
    let subscription = account.and_then(|account| account.subscriptions.get(app_id));
    if let Some(over) = subscription.and_then(|subscription| subscription.callback.as_ref()) {
        set.insert("whatsapp_business_account".into(), json!(over.url));
    }
    if let Some(url) = world.apps.get(app_id).and_then(|app| app.callback_url.as_ref()) {
        set.insert("application".into(), json!(url));
    }
    Value::Object(set)
}

/// Where an app can be looked at, as subscriptions name it.
pub fn app_link(app_id: &str) -> String {
    format!("https://www.facebook.com/games/?app_id={app_id}")
}

fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// `2026-11-19T10:21:44+0000`.
fn written_time(at: crate::world::Millis) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(at).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    Some(time.strftime("%Y-%m-%dT%H:%M:%S%z").to_string())
}

/// A messaging account's state forbids writing to it.
pub fn not_locked(account: &Account) -> Answer<()> {
    if account.status == "DISABLED" { Err(refusals::locked()) } else { Ok(()) }
}

/// `messaging_product` must be `whatsapp`.
pub fn whatsapp_product(params: &super::Params) -> Answer<()> {
    match params.required("messaging_product")?.as_str() {
        "whatsapp" => Ok(()),
        _ => Err(GraphError::parameter("Param messaging_product must be one of {WHATSAPP}.")),
    }
}
