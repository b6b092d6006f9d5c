//! Messages that come in, are stored and answered: (a) with a fixed reply, (b) from knowledge and with three statuses of
//! each reply.
//!
//! Replies go to a stand-in within the bench, which costs the machine little. The same is measured with the emulator in its
//! place: it checks and keeps everything as Meta does, on the same cores, and that is its own cost and not the gateway's.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::api::Api;
use super::courier::Courier;
use super::figures::{
    ANSWERED, ANSWERED_COST, ANSWERED_MEMORY, EMULATED, EMULATOR_COST, GROUNDED, GROUNDED_COST, TENTH,
    TENTH_TAIL,
};
use super::host::Host;
use super::saturation::MOST_MEMORY;
use super::sheet::Sheet;
use super::stage::{Base, HALLO, Stage, Town, until};
use super::tenants::Size;
use super::traffic::Until;
use super::webhook::STATUSES;
use super::{Kind, emulated};

/// What people ask.
const QUESTION: &str = "Berapa ongkir ke Bandung?";
/// What every answer from knowledge says.
const MARK: &str = "18.000";
/// What each organisation knows.
const KNOWLEDGE: &str = "# Ongkir\n\nOngkir ke Bandung Rp 18.000 untuk satu kilogram, sampai dalam 1–2 hari kerja.\n\n\
    # Jam buka\n\nKami buka setiap hari dari pukul 09.00 sampai 17.00, hari Minggu sampai pukul 15.00.\n\n\
    # Pembayaran\n\nBisa bayar dengan QRIS, transfer BCA, atau bayar di tempat.\n\n\
    # Penukaran\n\nBarang dapat ditukar dalam tujuh hari dengan menunjukkan struk. Ongkir penukaran ditanggung pembeli.\n";

/// One round.
pub async fn measure(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    let base = stage.base().await?;
    fixed(stage, kind, &base, sheet).await?;
    grounded(stage, kind, &base, sheet).await?;
    with_emulator(stage, kind, &base, sheet).await
}

async fn fixed(stage: &Stage, kind: Kind, base: &Base, sheet: &mut Sheet) -> Result<()> {
    let town = Town::settle(kind, stage.size()).await?;
    let host = stage.gateway(&town)?;
    stage.warm(&host, &town, 0).await?;
    let (count, before) = (stage.options.messages, town.processor(&host).await?);
    let rate = stage.answered(&host, &town, 1_000_000, count, HALLO).await?;
    let micros = (town.processor(&host).await? - before).as_secs_f64() * 1e6 / count as f64;
    sheet.note(&ANSWERED, kind, base.ceiling, rate);
    sheet.note(&ANSWERED_COST, kind, base.micros, micros);
    sheet.note(&ANSWERED_MEMORY, kind, MOST_MEMORY, host.memory()?);
    town.drained().await?;
    let tenth = stage.open(&host, town.size, 3_000_000, rate / 10.0).await?;
    sheet.note(&TENTH, kind, base.fdatasync, tenth.replied[0]);
    sheet.note(&TENTH_TAIL, kind, base.fdatasync, tenth.replied[1]);
    Ok(())
}

async fn grounded(stage: &Stage, kind: Kind, base: &Base, sheet: &mut Sheet) -> Result<()> {
    let town = Town::settle(kind, stage.size()).await?;
    let host = stage.gateway(&town)?;
    teach(&town, &host).await?;
    stage.warm(&host, &town, 0).await?;
    let count = stage.options.messages;
    let courier = Courier::to(host.address, town.size)?;
    stage.arrivals.employ(Some(courier.desk.clone()));
    stage.arrivals.mark(MARK);
    let before = town.processor(&host).await?;
    let began = Instant::now();
    stage.answered(&host, &town, 1_000_000, count, QUESTION).await?;
    let statuses = count * STATUSES.len() as u64;
    until(|| courier.told() >= statuses)
        .await
        .with_context(|| format!("{} of {statuses} statuses were taken", courier.told()))?;
    town.drained().await?;
    let rate = count as f64 / began.elapsed().as_secs_f64();
    let micros = (town.processor(&host).await? - before).as_secs_f64() * 1e6 / count as f64;
    stage.arrivals.employ(None);
    let marked = stage.arrivals.marked();
    ensure!(marked == count, "{marked} of {count} answers came from knowledge");
    sheet.note(&GROUNDED, kind, base.ceiling, rate);
    sheet.note(&GROUNDED_COST, kind, base.micros, micros);
    Ok(())
}

/// Gives every organisation something to answer from, and waits until it is read.
async fn teach(town: &Town, host: &Host) -> Result<()> {
    for tenant in &town.tenants {
        let api = Api::of(tenant, host.address)?;
        api.post("sources/text", &json!({ "title": "Toko", "text": KNOWLEDGE })).await?;
    }
    town.drained().await
}

async fn with_emulator(stage: &Stage, kind: Kind, base: &Base, sheet: &mut Sheet) -> Result<()> {
    // Fewer: it keeps every message.
    let count = stage.options.messages / 2;
    let size = Size { ai: true, ..stage.size() };
    let town = Town::settle(kind, size).await?;
    let emulator = Host::emulator(&stage.options.sapa, stage.folder())?;
    emulated::plant(emulator.address, size, count).await?;
    let host = stage.gateway_to(&town, emulator.address)?;
    let seen = stage.closed(&host, size, Until::Sent(WARM), 0, HALLO).await?;
    ensure!(seen.taken == WARM, "{} of {WARM} webhooks were taken", seen.taken);
    town.drained().await?;
    let (before, cost) = (town.processor(&host).await?, emulator.processor()?);
    let began = Instant::now();
    stage.closed(&host, size, Until::Sent(count), 1_000_000, HALLO).await?;
    town.drained().await?;
    let rate = count as f64 / began.elapsed().as_secs_f64();
    let of = |used: std::time::Duration| used.as_secs_f64() * 1e6 / count as f64;
    let (own, theirs) = (of(town.processor(&host).await? - before), of(emulator.processor()? - cost));
    let there = emulated::count(emulator.address).await?;
    ensure!(there == WARM + count, "{there} of {} messages are with the emulator", WARM + count);
    sheet.note(&EMULATED, kind, base.ceiling, rate);
    sheet.note(&EMULATOR_COST, kind, own, theirs);
    Ok(())
}

/// What is opened once belongs to no message: so many go before.
const WARM: u64 = 200;
