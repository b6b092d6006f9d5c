//! A payment method for the demo's messaging accounts: without one, Meta carries a thousand answers a month and no more.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::facts::Facts;
use crate::http::Caller;

/// Lets the clients pay.
pub async fn pay(facts: &Facts) -> Result<()> {
    let emulator = Caller::new(&facts.emulator_url)?.at("_emulator");
    let world = emulator.get("world").await?.expect(200)?;
    let mut accounts = Vec::new();
    for account in world["accounts"].as_array().into_iter().flatten() {
        if facts.orgs.iter().any(|org| account["id"] == org.waba_id) {
            let mut paid = account.clone();
            paid["funding_id"] = json!("510000000000001");
            accounts.push(paid);
        }
    }
    ensure!(
        accounts.len() == facts.orgs.len(),
        "expected the accounts of {} organisations, got {}",
        facts.orgs.len(),
        accounts.len()
    );
    emulator.post("seed", &json!({ "accounts": accounts })).await?.expect(200)?;
    Ok(())
}
