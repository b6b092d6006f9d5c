//! A day that stands in a record leads to a message on the phone, once.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use reqwest::Method;
use serde_json::{Value, json};

use super::stage::{Shop, Stage};
use crate::http::{text, until};
use crate::report::{Report, Stop};

/// How long before the day the customer is told.
const DAYS: i64 = 30;
/// A little more than the time until the next minute begins.
const A_MINUTE: i64 = 61_000;

/// A permit expires in thirty days; its owner hears of it at the time that was set, and not a second time.
pub async fn in_time_and_once(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let (shop, person) = (stage.shop(0), stage.indonesian(7));
    let notification =
        report.step("a record and a notification are made", made(stage, &shop, &person)).await?;
    report.step("thirty days before, the owner is told", told(stage, &shop, &person)).await?;
    report.step("a second tick tells nobody", once(stage, &shop, &person, &notification)).await
}

/// The kind, the record of somebody who has written and so agreed, and the notification, due with the next minute.
async fn made(stage: &Stage, shop: &Shop<'_>, person: &str) -> Result<(Value, String)> {
    shop.asked(person, "Apakah kopinya halal?").await?;
    shop.conversation(person).await?;
    let kind = format!("permit_{}", stage.unique(7, 8));
    let fields = json!([{ "key": "expires_on", "label": "Berlaku sampai", "kind": "date" }]);
    let kind = shop
        .api
        .post("record-kinds", &json!({ "name": kind, "title": "Izin", "fields": fields }))
        .await?
        .expect(201)?;
    let clock = stage.emulator.get("clock").await?.expect(200)?;
    let now = clock["now"].as_i64().context("the emulator tells no time")?;
    let due = Timestamp::from_millisecond(now - now % 60_000 + 60_000)?.to_zoned(TimeZone::UTC);
    let expires = due.date().checked_add(DAYS.days())?;
    let record = json!({ "kind": kind["name"], "external_id": "SIUP-118",
        "contact": { "phone": format!("+{person}"), "name": "Sari Wulandari" }, "data": { "expires_on": expires.to_string() } });
    shop.api.post("records", &record).await?.expect(201)?;
    let numbers = shop.api.get("numbers").await?.expect(200)?;
    let definition = json!({
        "number_id": numbers["items"][0]["id"], "template": "pengingat_janji", "language": "id",
        "variables": {
            "body.1": { "from": { "kind": "contact_name" }, "default": "Pelanggan" },
            "body.2": { "from": { "kind": "field", "field": "expires_on" } },
        },
        "audience": { "kind": "records", "record_kind_id": kind["id"] },
        "trigger": { "kind": "date", "field": "expires_on", "days": -DAYS, "at": due.strftime("%H:%M").to_string() },
        "time_zone": "UTC",
    });
    let preview =
        shop.api.post("notifications/preview", &json!({ "definition": definition })).await?.expect(200)?;
    ensure!(preview["items"][0]["verdict"] == "send", "expected the preview to say send, got {preview}");
    let name = format!("Izin hampir habis {}", stage.unique(7, 6));
    let new = json!({ "name": name, "state": "enabled", "definition": definition });
    let made = shop.api.post("notifications", &new).await?.expect(201)?;
    Ok((made, text(&preview["items"][0]["text"]["body"])?))
}

async fn told(stage: &Stage, shop: &Shop<'_>, person: &str) -> Result<((), String)> {
    tick(stage).await?;
    let message = shop.phone_gets(person, "kami ingatkan", "delivered", 0).await?;
    Ok(((), text(&message["text"])?))
}

async fn once(stage: &Stage, shop: &Shop<'_>, person: &str, notification: &Value) -> Result<((), String)> {
    tick(stage).await?;
    let path = format!("notifications/{}", text(&notification["id"])?);
    let again = shop.api.post(&format!("{path}/runs"), &json!({})).await?.expect(200)?;
    let run = format!("notification-runs/{}", text(&again["id"])?);
    let stands = until(15, async || {
        let stands = shop.api.get(&run).await?.expect(200)?;
        ensure!(stands["state"] == "done", "expected the run to be done, got {stands}");
        Ok(stands)
    })
    .await?;
    ensure!(stands["decided"] == 1, "expected one person in the run, got {stands}");
    // Whatever would be sent is sent by then.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sent = shop.sent_to(person).await?;
    let reminders =
        sent.iter().filter(|line| line["text"].as_str().is_some_and(|text| text.contains("kami ingatkan")));
    ensure!(reminders.count() == 1, "expected one reminder, got {sent:?}");
    let paused = shop.api.request(Method::PUT, &format!("{path}/state")).json(&json!({ "state": "paused" }));
    shop.api.send(paused).await?.expect(200)?;
    Ok(((), String::new()))
}

/// The next minute begins, for the emulator and for the demo, which follows its clock.
async fn tick(stage: &Stage) -> Result<()> {
    stage.emulator.post("clock", &json!({ "advance_ms": A_MINUTE })).await?.expect(200)?;
    Ok(())
}
