//! Webhooks durable, without repetitions, and acknowledged: how many, and how soon.

use anyhow::Result;

use super::Kind;
use super::figures::{ACKNOWLEDGED, PROMPT, PROMPT_TAIL};
use super::sheet::Sheet;
use super::stage::{Stage, Town};

/// The rate of the open loop, a second.
const RATE: f64 = 1_000.0;

/// One round.
pub async fn measure(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    let base = stage.base().await?;
    let town = Town::settle(kind, stage.size()).await?;
    sheet.note(&ACKNOWLEDGED, kind, base.ceiling, stage.acknowledged(&town, 0).await?);

    // What the load before left to be done would be in the way.
    let town = Town::settle(kind, stage.size()).await?;
    let host = stage.gateway(&town)?;
    stage.warm(&host, &town, 0).await?;
    let open = stage.open(&host, town.size, 1_000_000, RATE).await?;
    sheet.note(&PROMPT, kind, base.fdatasync, open.acknowledged[0]);
    sheet.note(&PROMPT_TAIL, kind, base.fdatasync, open.acknowledged[1]);
    Ok(())
}
