//! Growth: the same work with few and with many organisations, with few and with many messages stored; and what reading
//! an inbox costs in a small and in a large one.
//!
//! Databases are filled once and measured in every round, small and large in turn.

use std::time::Instant;

use anyhow::Result;

use super::Kind;
use super::api::Api;
use super::figures::{
    COUNTERS, Figure, LIST, ORGS_ACKNOWLEDGED, ORGS_ANSWERED, SEARCH, STORED_ACKNOWLEDGED, STORED_ANSWERED,
    THREAD,
};
use super::sheet::{Sheet, counted};
use super::stage::{HALLO, Stage, Town};
use super::tenants::Size;
use crate::fill::{self, Amount, Filled, fill};
use crate::now;
use crate::table::median;

/// Numbers of all organisations together, few or many.
const LINES: usize = 10_000;
/// The few organisations.
const FEW: usize = 10;
/// The many.
const MANY: usize = 10_000;
/// Messages stored in the small database that work is measured on.
const LITTLE: usize = 10_000;
/// Messages stored in the small database that reading is measured on.
const SMALL: usize = 100_000;
/// Messages of a conversation.
const EACH: usize = 20;
/// Messages of the one thread that is read.
const READ: usize = 1_000;
/// How often each page is read in a round.
const READS: usize = 40;
/// What is searched for: a word of many messages.
const WORD: &str = "kopi";

/// All rounds.
pub async fn measure(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    organisations(stage, kind, sheet).await?;
    messages(stage, kind, sheet).await
}

async fn organisations(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    let of = |orgs| Size { orgs, numbers: LINES / orgs, ai: true };
    let (few, many) = (Town::settle(kind, of(FEW)).await?, Town::settle(kind, of(MANY)).await?);
    for town in [&few, &many] {
        town.database.learn().await?;
    }
    for round in 0..stage.options.rounds {
        let (small, large) = (work(stage, &few, round).await?, work(stage, &many, round).await?);
        let size = counted(MANY);
        sheet.note_of(&ORGS_ACKNOWLEDGED, &size, kind, small.acknowledged, large.acknowledged);
        sheet.note_of(&ORGS_ANSWERED, &size, kind, small.answered, large.answered);
    }
    Ok(())
}

async fn messages(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    let much = stage.options.stored;
    let mut towns = Vec::new();
    for stored in [LITTLE, SMALL, much] {
        towns.push(filled(stage, kind, stored).await?);
    }
    let size = counted(much);
    let [little, small, large] = towns.as_slice() else { return Ok(()) };
    for round in 0..stage.options.rounds {
        let (before, after) = (work(stage, &little.0, round).await?, work(stage, &large.0, round).await?);
        sheet.note_of(&STORED_ACKNOWLEDGED, &size, kind, before.acknowledged, after.acknowledged);
        sheet.note_of(&STORED_ANSWERED, &size, kind, before.answered, after.answered);
        let (before, after) = (read(stage, small).await?, read(stage, large).await?);
        for ((figure, before), (_, after)) in before.into_iter().zip(after) {
            sheet.note_of(figure, &size, kind, before, after);
        }
    }
    Ok(())
}

/// What a database does with its organisations and messages.
struct Work {
    acknowledged: f64,
    answered: f64,
}

async fn work(stage: &Stage, town: &Town, round: usize) -> Result<Work> {
    // Nobody writes twice under one id, and the same people write in both databases.
    let from = (round as u64 + 1) * 10_000_000;
    let host = stage.gateway(town)?;
    // Every number is opened before it counts.
    stage.answered(&host, town, from, town.size.lines() as u64, HALLO).await?;
    let answered = stage.answered(&host, town, from + 1_000_000, stage.options.messages, HALLO).await?;
    town.drained().await?;
    host.kill()?;
    let acknowledged = stage.acknowledged(town, from + 2_000_000).await?;
    // What is left to be done would be in the way of the next.
    let host = stage.gateway(town)?;
    town.drained().await?;
    host.kill()?;
    Ok(Work { acknowledged, answered })
}

/// The organisations of every measurement, with so many messages and keys of webhooks: half of the messages are the first
/// one's, the rest the others'.
async fn filled(stage: &Stage, kind: Kind, stored: usize) -> Result<(Town, Filled)> {
    let (town, began) = (Town::settle(kind, stage.size()).await?, Instant::now());
    let store = &town.database.store;
    let rest = stored / 2 / (town.tenants.len() - 1).max(1);
    let mut first = None;
    for tenant in &town.tenants {
        let share = if first.is_none() { stored / 2 } else { rest };
        let newest = READ.min(share / 2).max(1);
        let amount = Amount { conversations: ((share - newest) / EACH).max(1), messages: newest, each: EACH };
        let filled = fill(store, tenant.org, tenant.numbers[0], amount, now()).await?;
        first.get_or_insert(filled);
    }
    // They are kept for some days only; here all of it came in them.
    fill::remember(store, stored, now()).await?;
    let written = began.elapsed();
    fill::index(store).await?;
    town.database.learn().await?;
    let took = began.elapsed();
    eprintln!(
        "  {} messages written in {:.1} s, their words indexed in {:.1} s",
        counted(stored),
        written.as_secs_f64(),
        (took - written).as_secs_f64()
    );
    let first = first.ok_or_else(|| anyhow::anyhow!("there is no organisation to fill"))?;
    Ok((town, first))
}

/// What each page of the first organisation's inbox takes, in milliseconds: the median.
async fn read(stage: &Stage, (town, filled): &(Town, Filled)) -> Result<Vec<(&'static Figure, f64)>> {
    let host = stage.gateway(town)?;
    let api = Api::of(&town.tenants[0], host.address)?;
    let thread = format!("conversations/{}/messages?limit=50", filled.thread);
    let search = format!("messages/search?q={WORD}&limit=30");
    let pages = [
        (&LIST, "conversations?status=open&snoozed=false&limit=50"),
        (&THREAD, thread.as_str()),
        (&SEARCH, search.as_str()),
        (&COUNTERS, "conversations/counts"),
    ];
    let mut seen = Vec::with_capacity(pages.len());
    for (figure, page) in pages {
        // The first one opens what is opened once.
        api.get(page).await?;
        let mut taken = Vec::with_capacity(READS);
        for _ in 0..READS {
            taken.push(api.get(page).await?.1.as_secs_f64() * 1_000.0);
        }
        seen.push((figure, median(taken)));
    }
    Ok(seen)
}
