//! An installation that moves: backed up while it is busy, restored, brought from SQLite to PostgreSQL and back. Each time
//! the gateway starts on what came out and is used, and what had been acknowledged before is looked for, piece by piece:
//! - every message that a customer wrote and every message that was accepted before the backup began is in the inbox;
//! - nothing arrives at a phone a second time because of the move;
//! - customers write and are heard, and what is sent arrives.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::facts::Facts;
use crate::http::{Caller, text, until};
use crate::kill::audit::{Inbox, read};
use crate::kill::fresh_folder;
use crate::kill::house::House;
use crate::kill::load::{Done, Load};

/// What moves, and where to.
#[derive(Args, Debug)]
pub struct Options {
    /// The program.
    #[arg(long)]
    sapa: PathBuf,
    /// Two empty databases of a PostgreSQL server.
    #[arg(long, num_args = 2, required = true)]
    postgres: Vec<String>,
    /// Keep the folder for a look.
    #[arg(long)]
    keep: bool,
}

/// Runs it; whether everything held.
pub async fn moving(options: &Options) -> Result<bool> {
    let folder = fresh_folder("move")?;
    let house = House::build(&options.sapa, &folder, None).await?;
    let facts = Facts::read(&house.facts())?;
    let mut run =
        Run { house, facts, folder: folder.clone(), before: Done::default(), used: 0, began: Instant::now() };
    let held = run.all(&options.postgres[0], &options.postgres[1]).await;
    if options.keep || held.is_err() {
        println!("the data are in {}", folder.display());
    } else {
        let _ = std::fs::remove_dir_all(&folder);
    }
    held?;
    run.house.close().await?;
    Ok(true)
}

struct Run {
    house: House,
    facts: Facts,
    folder: PathBuf,
    /// What was acknowledged before the last backup.
    before: Done,
    used: usize,
    began: Instant,
}

impl Run {
    async fn all(&mut self, first: &str, second: &str) -> Result<()> {
        let key = self.house.data().join("master.key");
        self.say("gateway and emulator are ready; under load");

        self.work(Duration::from_secs(3), 0).await?;
        let backup = self.back_up_under_load("sqlite", None, 10_000).await?;
        self.house.stop_gateway(false).await?;
        let restored = self.restore(&backup, "restored", &key, None).await?;
        self.house.start_gateway_on(&restored, None).await?;
        self.use_it("restored on SQLite").await?;

        self.refused_while_running(&restored, first).await?;
        self.house.stop_gateway(true).await?;
        let told = self.house.command(&["migrate-store", "--to", first], &restored, None).await?;
        ensure!(told.well && told.text.contains("agree on both sides"), "not moved: {}", told.text);
        let again = self.house.command(&["migrate-store", "--to", first], &restored, None).await?;
        ensure!(!again.well && again.text.contains("not empty"), "moved a second time: {}", again.text);
        self.house.start_gateway_on(&restored, Some(first)).await?;
        self.use_it("moved to PostgreSQL").await?;

        self.work(Duration::from_secs(2), 20_000).await?;
        let backup = self.back_up_under_load("postgres", Some(first), 30_000).await?;
        self.house.stop_gateway(false).await?;
        let elsewhere = self.restore(&backup, "elsewhere", &key, Some(second)).await?;
        self.house.start_gateway_on(&elsewhere, Some(second)).await?;
        self.use_it("restored on PostgreSQL").await?;

        self.house.stop_gateway(true).await?;
        let home = self.folder.join("home.db");
        let to = format!("sqlite://{}", home.display());
        let told = self.house.command(&["migrate-store", "--to", &to], &elsewhere, Some(second)).await?;
        ensure!(told.well, "not moved back: {}", told.text);
        self.house.start_gateway_on(&elsewhere, Some(&to)).await?;
        self.use_it("moved back to SQLite").await
    }

    /// Customers write and the business sends, for a while; all of it counts as acknowledged.
    async fn work(&mut self, length: Duration, first: usize) -> Result<()> {
        let load = Load::start_at(&self.facts, first)?;
        tokio::time::sleep(length).await;
        let done = load.stop().await?;
        // What customers wrote is acknowledged once the emulator has nothing left to deliver.
        let emulator = self.emulator()?;
        until(60, async || {
            let pending = emulator.get("webhooks").await?.expect(200)?;
            ensure!(pending["total"] == 0, "{} updates wait", pending["total"]);
            Ok(())
        })
        .await?;
        self.before.written.extend(done.written);
        self.before.accepted.extend(done.accepted);
        Ok(())
    }

    async fn back_up_under_load(&self, name: &str, database: Option<&str>, first: usize) -> Result<PathBuf> {
        let load = Load::start_at(&self.facts, first)?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let folder = self.folder.join(format!("backup-{name}"));
        let began = Instant::now();
        let told = self.house.command(&["backup", utf8(&folder)?], self.house.data(), database).await?;
        ensure!(told.well, "no backup was made: {}", told.text);
        let took = began.elapsed();
        let done = load.stop().await?;
        ensure!(!done.accepted.is_empty() && !done.written.is_empty(), "nothing went on beside the backup");
        ensure!(!folder.join("master.key").exists(), "the master key is in the backup");
        let manifest: Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json"))?)?;
        ensure!(manifest["missing_files"] == json!([]), "files are missing: {}", manifest["missing_files"]);
        ensure!(manifest["files"]["count"].as_u64() > Some(0), "there are no files in the backup");
        self.say(&format!(
            "backed up in {:.1} s, beside {} messages in and {} out",
            took.as_secs_f64(),
            done.written.len(),
            done.accepted.len()
        ));
        Ok(folder)
    }

    async fn restore(
        &self,
        backup: &Path,
        name: &str,
        key: &Path,
        database: Option<&str>,
    ) -> Result<PathBuf> {
        let data = self.folder.join(name);
        let used = self.house.command(&["restore", utf8(backup)?], self.house.data(), database).await?;
        ensure!(!used.well && used.text.contains("is not empty"), "restored over something: {}", used.text);
        let told = self.house.command(&["restore", utf8(backup)?], &data, database).await?;
        ensure!(told.well && told.text.contains("put the master key"), "not restored: {}", told.text);
        std::fs::copy(key, data.join("master.key"))?;
        let told = self.house.command(&["keys", "show"], &data, database).await?;
        ensure!(told.well, "the restored database does not open: {}", told.text);
        Ok(data)
    }

    async fn refused_while_running(&self, data: &Path, to: &str) -> Result<()> {
        let told = self.house.command(&["migrate-store", "--to", to], data, None).await?;
        ensure!(
            !told.well && told.text.contains("stop every"),
            "a database was moved while a server ran on it: {}",
            told.text
        );
        Ok(())
    }

    /// Reads what was acknowledged before, sends, and is written to.
    async fn use_it(&mut self, what: &str) -> Result<()> {
        let mut inboxes = Vec::new();
        for org in &self.facts.orgs {
            inboxes.push(read(&self.facts, org).await?);
        }
        let lost = |found: &[Inbox]| -> Vec<String> {
            let written =
                self.before.written.iter().filter(|one| found[one.org].wamids.get(&one.wamid) != Some(&1));
            let accepted =
                self.before.accepted.iter().filter(|one| !found[one.org].states.contains_key(&one.id));
            written.map(|one| one.wamid.clone()).chain(accepted.map(|one| one.words.clone())).collect()
        };
        let lost = lost(&inboxes);
        ensure!(
            lost.is_empty(),
            "{what}: {} messages are lost: {:?}",
            lost.len(),
            &lost[..lost.len().min(5)]
        );

        self.used += 1;
        let emulator = self.emulator()?;
        let gateway = Caller::new(&self.facts.gateway_url)?;
        for (at, org) in self.facts.orgs.iter().enumerate() {
            let api = gateway.at(&format!("api/v1/orgs/{}", org.org_id)).with_key(&org.api_key);
            let person = format!("6281399{:05}", 10 * self.used + at);
            let hello = json!({ "from": person, "to": org.phone_number_id, "text": { "body": "Halo, buka jam berapa?" } });
            let wamid = text(&emulator.post("inbound", &hello).await?.expect(200)?["id"])?;
            let heard = until(30, async || {
                let inbox = read(&self.facts, org).await?;
                ensure!(inbox.wamids.contains_key(&wamid), "{wamid} is not in the inbox");
                Ok(())
            });
            heard.await.with_context(|| format!("{what}: a customer is not heard"))?;
            let body = json!({ "to": { "phone": format!("+{person}") }, "content": { "type": "text", "body": format!("after: {what}") } });
            let id = text(&api.post("messages", &body).await?.expect(202)?["message_id"])?;
            let arrived = until(60, async || {
                let inbox = read(&self.facts, org).await?;
                let state = inbox.states.get(&id).map_or("missing", String::as_str);
                ensure!(["delivered", "read"].contains(&state), "{id} is {state}");
                Ok(())
            });
            arrived.await.with_context(|| format!("{what}: what is sent does not arrive"))?;
            self.before.written.push(crate::kill::load::Written { org: at, wamid });
        }
        let all = emulator.get("messages?limit=1").await?.expect(200)?;
        if all["repeated"] != json!({}) {
            bail!("{what}: arrived more than once: {}", all["repeated"]);
        }
        self.say(&format!(
            "{what}: {} messages are there, and it works",
            self.before.written.len() + self.before.accepted.len()
        ));
        Ok(())
    }

    fn emulator(&self) -> Result<Caller> {
        Ok(Caller::new(&self.facts.emulator_url)?.at("_emulator"))
    }

    fn say(&self, what: &str) {
        println!("{:5.1} s  {what}", self.began.elapsed().as_secs_f64());
    }
}

fn utf8(path: &Path) -> Result<&str> {
    path.to_str().context("a folder's name is not UTF-8")
}
