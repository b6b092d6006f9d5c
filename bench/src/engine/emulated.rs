//! The emulator in Meta's place: a world with the numbers and people of the load.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use super::tenants::{self, ACCOUNT_TOKEN, APP_SECRET, META_APP, Size};
use crate::now;

const PORTFOLIO: &str = "800000000000000";

/// Plants every number, and the people who write the first so many messages, their windows open.
pub async fn plant(emulator: SocketAddr, size: Size, people: u64) -> Result<()> {
    let wabas: Vec<String> = (0..size.orgs).map(|n| tenants::line(size, n * size.numbers).waba).collect();
    let accounts: Vec<Value> = wabas
        .iter()
        .map(|waba| {
            json!({ "id": waba, "name": "Toko", "owner_id": PORTFOLIO, "status": "ACTIVE",
                "review_status": "APPROVED", "currency": "IDR", "country": "ID", "timezone_id": "42",
                "funding_id": "510000000000001" })
        })
        .collect();
    let numbers: Vec<Value> = (0..size.lines())
        .map(|n| {
            let (line, digits) = (tenants::line(size, n), tenants::digits(n));
            json!({ "id": line.phone_number_id, "account_id": line.waba, "phone": digits, "display": digits,
                "verified_name": "Toko", "status": "CONNECTED", "platform_type": "CLOUD_API",
                "country_dial_code": "62", "throughput": "HIGH" })
        })
        .collect();
    let (mut persons, mut threads) = (Vec::new(), Map::new());
    let opened = now().seconds() * 1_000;
    for n in 0..people {
        let (id, line) = (format!("p{n}"), tenants::line(size, usize::try_from(n)? % size.lines()));
        let number = line.phone_number_id;
        threads.insert(
            format!("{number}/{id}"),
            json!({ "number_id": number, "person_id": id, "window_from": opened }),
        );
        persons
            .push(json!({ "id": id, "phone": super::stage::person(n), "name": "Bu Sari", "country": "ID" }));
    }
    let seed = json!({
        "empty": true,
        "apps": [{ "id": META_APP, "name": "Bench", "secret": APP_SECRET, "portfolio_id": PORTFOLIO }],
        "portfolios": [{ "id": PORTFOLIO, "name": "Bench", "country": "ID", "verification_status": "verified",
            "messaging_limit": "TIER_UNLIMITED" }],
        "tokens": [{ "value": ACCOUNT_TOKEN, "app_id": META_APP, "kind": "business",
            "user_id": "910000000000500", "portfolio_id": PORTFOLIO, "reach": { "listed": wabas },
            "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"] }],
        "accounts": accounts, "numbers": numbers, "people": persons,
        "tables": { "threads": threads },
    });
    ask(emulator, "seed", Some(&seed)).await.map(|_| ())
}

/// How many messages are there.
pub async fn count(emulator: SocketAddr) -> Result<u64> {
    let world = ask(emulator, "world", None).await?;
    world["messages"].as_u64().context("the emulator does not say how many messages it keeps")
}

async fn ask(emulator: SocketAddr, what: &str, body: Option<&Value>) -> Result<Value> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("http://{emulator}/_emulator/{what}");
    let request = match body {
        None => client.get(url),
        Some(body) => client.post(url).json(body),
    };
    let answer = request.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "the emulator answered {status}: {text}");
    Ok(serde_json::from_str(&text)?)
}
