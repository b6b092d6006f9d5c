//! How much of its limits a caller has used: the management limit per app and messaging account, and the headers
//! that tell of it (meta-onboarding 6.1).

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::caller::presented;
use super::error::Answer;
use super::refusals;
use crate::platform::Platform;
use crate::world::World;

/// Edges that the management limit covers, besides the nodes themselves. Templates count their own.
const EDGES: &[&str] = &["assigned_users", "phone_numbers", "subscribed_apps"];

/// The messaging account that a path is about, if the management limit covers the call.
fn covered(world: &World, path: &str) -> Option<String> {
    let mut parts = path.trim_matches('/').split('/');
    let (id, edge) = (parts.next()?, parts.next());
    if edge.is_some_and(|edge| !EDGES.contains(&edge)) {
        return None;
    }
    account_of(world, id)
}

fn account_of(world: &World, id: &str) -> Option<String> {
    let of_number = world.numbers.get(id).map(|number| number.account_id.clone());
    of_number.or_else(|| world.accounts.get(id).map(|account| account.id.clone()))
}

/// Counts a call (80007). Calls without a working token fail on their own.
pub fn count(platform: &Platform, parts: &Parts) -> Answer<()> {
    let Some(value) = presented(parts) else { return Ok(()) };
    platform.read(|world| {
        let (Some(token), Some(account)) = (world.tokens.get(&value), covered(world, parts.uri.path()))
        else {
            return Ok(());
        };
        let within =
            platform.buckets().management(&world.rules().limits, &token.app_id, &account, world.now());
        if within { Ok(()) } else { Err(refusals::too_many_calls()) }
    })
}

/// Puts the usage headers on an answer, when a percentage is set.
pub fn stamp(platform: &Platform, path: &str, headers: &mut HeaderMap) {
    let told = platform.read(|world| {
        let percent = world.rules().onboarding.usage_percent?;
        let id = path.trim_matches('/').split('/').next().unwrap_or_default();
        Some((percent, account_of(world, id)))
    });
    let Some((percent, account)) = told else { return };
    let app = json!({ "call_count": percent, "total_time": percent, "total_cputime": percent });
    let mut put = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    put("x-app-usage", app.to_string());
    if let Some(account) = account {
        // The wait is given in minutes.
        let wait = if percent >= 100 { 60 } else { 0 };
        let usage = json!({
            "type": "whatsapp", "call_count": percent, "total_cputime": percent, "total_time": percent,
            "estimated_time_to_regain_access": wait
        });
        put("x-business-use-case-usage", json!({ account: [usage] }).to_string());
    }
}
