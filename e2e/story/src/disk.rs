//! Disks and clocks that go wrong under a gateway: full, failing, read-only, torn and damaged; time that jumps.
//!
//! What holds each time: what was acknowledged is in the inbox once, what cannot be kept is not acknowledged, the reason
//! is said in a sentence, and work goes on by itself once the cause is gone.

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde_json::json;

use crate::facts::Facts;
use crate::http::{Caller, until};
use crate::kill::audit::read;
use crate::kill::fresh_folder;
use crate::kill::house::House;
use crate::kill::load::{Done, Load};

/// On which program.
#[derive(Args, Debug)]
pub struct Options {
    /// The program.
    #[arg(long)]
    sapa: PathBuf,
    /// Keep the folder for a look.
    #[arg(long)]
    keep: bool,
}

/// Runs it; whether everything held.
pub async fn disk(options: &Options) -> Result<bool> {
    let folder = fresh_folder("disk")?;
    let house = House::build(&options.sapa, &folder, None).await?;
    let facts = Facts::read(&house.facts())?;
    let mut run =
        Run { house, facts, folder: folder.clone(), done: Done::default(), loads: 0, began: Instant::now() };
    let held = run.all().await;
    if options.keep || held.is_err() {
        println!("the data are in {}", folder.display());
    } else {
        let _ = fs::remove_dir_all(&folder);
    }
    held?;
    Ok(true)
}

struct Run {
    house: House,
    facts: Facts,
    folder: PathBuf,
    /// Everything that was ever acknowledged.
    done: Done,
    loads: usize,
    began: Instant,
}

impl Run {
    async fn all(&mut self) -> Result<()> {
        self.say("gateway and emulator are ready");
        self.full_disk().await?;
        self.failing_disk().await?;
        self.torn_log().await?;
        self.read_only().await?;
        self.damaged().await?;
        self.jumping_clock().await
    }

    /// A small disk, though larger than the log of the database becomes, that fills up under load and has room again.
    async fn full_disk(&mut self) -> Result<()> {
        self.house.stop_gateway(true).await?;
        let Some(small) = Mounted::try_new(&self.folder.join("small"), "192m")? else {
            println!("         a full disk is left out: only root may mount one here; failing writes follow");
            return self.house.start_gateway().await;
        };
        let (home, data) = (self.house.data().to_owned(), small.0.join("data"));
        copy_folder(&home, &data)?;
        self.house.start_gateway_on(&data, None).await?;
        let load = self.load()?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let ballast = small.0.join("ballast");
        fill_up(&ballast)?;
        self.refuses("full").await?;
        // What is freed is eaten up again: room for a moment helps nobody, and hurts nobody.
        for _ in 0..5 {
            fs::remove_file(&ballast)?;
            tokio::time::sleep(Duration::from_millis(150)).await;
            fill_up(&ballast)?;
            tokio::time::sleep(Duration::from_millis(350)).await;
        }
        fs::remove_file(&ballast)?;
        self.goes_on(load).await?;
        self.house.stop_gateway(true).await?;
        self.everything_is_there("after a full disk", &data).await?;
        self.house.stop_gateway(true).await?;
        fs::remove_dir_all(&home)?;
        copy_folder(&data, &home)?;
        drop(small);
        self.house.start_gateway_on(&home, None).await
    }

    /// Writes that fail for another reason than room, through a limit on the size of files.
    async fn failing_disk(&mut self) -> Result<()> {
        let load = self.load()?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        // Not a byte behind the first page of any file; the server's own log included.
        self.limit_files("4096:")?;
        self.refuses("failing").await?;
        self.limit_files("unlimited:")?;
        self.goes_on(load).await?;
        let data = self.house.data().to_owned();
        self.house.stop_gateway(true).await?;
        self.everything_is_there("after failing writes", &data).await
    }

    /// A kill in the middle of writing: the end of the log is half a page and nonsense.
    async fn torn_log(&mut self) -> Result<()> {
        for (round, tail) in
            [vec![0xa5; 4_096 / 2], vec![0; 24 + 4_096], (0..9_000).map(|n| n as u8).collect()]
                .into_iter()
                .enumerate()
        {
            let load = self.load()?;
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            self.house.stop_gateway(false).await?;
            for log in ["sapa.db-wal", "sapa.db-webhooks-wal"] {
                OpenOptions::new().append(true).open(self.house.data().join(log))?.write_all(&tail)?;
            }
            self.house.start_gateway().await.with_context(|| format!("torn log {round}"))?;
            self.goes_on(load).await?;
        }
        let data = self.house.data().to_owned();
        self.house.stop_gateway(true).await?;
        self.everything_is_there("after kills that tore the log", &data).await
    }

    async fn read_only(&mut self) -> Result<()> {
        self.house.stop_gateway(true).await?;
        let data = self.house.data().to_owned();
        let frozen = Frozen::new(&data, &self.folder.join("frozen"))?;
        let (well, text) = self.try_to_serve(&frozen.folder).await?;
        ensure!(
            !well && (text.contains("read-only") || text.contains("Read-only") || text.contains("rights")),
            "a read-only folder is not told: {text}"
        );
        drop(frozen);
        self.say("a read-only disk is refused in a sentence");
        self.house.start_gateway().await
    }

    /// Pages that are missing or nonsense: told, never worked on.
    async fn damaged(&mut self) -> Result<()> {
        self.house.stop_gateway(true).await?;
        let home = self.house.data().to_owned();
        let broken = self.folder.join("broken");
        let database = broken.join("sapa.db");
        let pages = fs::metadata(home.join("sapa.db"))?.len() / 4_096;
        // The last page is gone; pages in the middle are nonsense; the first is.
        for (what, first, nonsense) in
            [("cut short", pages - 1, false), ("overwritten", pages / 2, true), ("beheaded", 0, true)]
        {
            let _ = fs::remove_dir_all(&broken);
            copy_folder(&home, &broken)?;
            let mut file = OpenOptions::new().write(true).open(&database)?;
            if nonsense {
                file.seek(SeekFrom::Start(first * 4_096))?;
                file.write_all(&vec![0xa5; if first == 0 { 4_096 } else { 8 * 4_096 }])?;
            } else {
                file.set_len(first * 4_096)?;
            }
            drop(file);
            let backup = self.folder.join(format!("of-{}", what.replace(' ', "-")));
            let told = self.house.command(&["backup", &backup.display().to_string()], &broken, None).await?;
            ensure!(
                !told.well && !backup.exists() && told.text.contains("damaged"),
                "{what}: a backup was made of it: {}",
                told.text
            );
            let told = self.house.command(&["doctor"], &broken, None).await?;
            ensure!(
                !told.well && told.text.contains("damaged"),
                "{what}: the doctor does not see it: {}",
                told.text
            );
            if !(nonsense && first > 0) {
                let (well, text) = self.try_to_serve(&broken).await?;
                ensure!(!well && text.contains("damaged"), "{what}: a server started on it: {text}");
            }
        }
        self.say("damaged databases are told by doctor, backup and start");
        let _ = fs::remove_dir_all(&broken);
        copy_folder(&home, &broken)?;
        let webhooks = broken.join("sapa.db-webhooks");
        OpenOptions::new().write(true).open(&webhooks)?.write_all(&[0xa5; 4_096])?;
        let told = self.house.command(&["doctor"], &broken, None).await?;
        ensure!(!told.well && told.text.contains("sapa.db-webhooks is damaged"), "the doctor: {}", told.text);
        let (well, text) = self.try_to_serve(&broken).await?;
        ensure!(!well && text.contains("sapa.db-webhooks is damaged"), "a server started on it: {text}");
        // As it says how to mend it.
        fs::remove_file(&webhooks)?;
        let told = self.house.command(&["doctor"], &broken, None).await?;
        ensure!(!told.text.contains("damaged"), "the doctor still sees it: {}", told.text);
        self.say("a damaged file of webhooks is told by its name, and can be done without");
        self.house.start_gateway_on(&home, None).await
    }

    /// The clock runs ahead by the better part of a day, under load; then a server is started whose clock is right and
    /// so behind all that was written. (Set back while it runs, the system's clock is smoothed: a test of its own.)
    async fn jumping_clock(&mut self) -> Result<()> {
        self.house.move_into_demo().await?;
        let emulator = self.emulator()?;
        let load = self.load()?;
        for hours in [1, 20] {
            tokio::time::sleep(Duration::from_secs(2)).await;
            emulator.post("clock", &json!({ "advance_ms": hours * 3_600_000 })).await?.ok()?;
        }
        self.goes_on(load).await?;
        // Messages that were under way for a day are late; what the emulator makes of them is its answer.
        self.check("after a clock that jumped", &["accepted", "sent", "failed"]).await?;
        self.house.stop_gateway(true).await?;
        let (well, text) = self.try_to_serve(self.house.data()).await?;
        ensure!(
            !well && text.contains("behind what the database has seen") && text.contains("--trust-clock"),
            "a clock that is far behind is not told: {text}"
        );
        self.say("a clock that is far behind is refused in a sentence");
        Ok(())
    }

    fn load(&mut self) -> Result<Load> {
        self.loads += 1;
        Load::start_at(&self.facts, self.loads * 10_000)
    }

    /// Waits until nothing is acknowledged any more, for a customer who has written: updates pile up at the emulator, and the API says 503.
    async fn refuses(&self, what: &str) -> Result<()> {
        let (emulator, org) = (self.emulator()?, &self.facts.orgs[0]);
        let api = Caller::new(&self.facts.gateway_url)?
            .at(&format!("api/v1/orgs/{}", org.org_id))
            .with_key(&org.api_key);
        let body =
            json!({ "to": { "phone": "+628130001000" }, "content": { "type": "text", "body": "not now" } });
        until(30, async || {
            let answer = api.post("messages", &body).await?;
            ensure!(
                answer.status == 503 && answer.json["code"] == "busy",
                "answered {} {}",
                answer.status,
                answer.text
            );
            let waiting = emulator.get("webhooks").await?.expect(200)?;
            ensure!(waiting["total"].as_u64() > Some(3), "{} updates wait", waiting["total"]);
            Ok(())
        })
        .await
        .with_context(|| format!("{what}: what cannot be kept is acknowledged all the same"))?;
        self.say(&format!("{what}: nothing is acknowledged, everything is answered 503"));
        Ok(())
    }

    /// Waits until everything flows again.
    async fn goes_on(&mut self, load: Load) -> Result<()> {
        let emulator = self.emulator()?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let done = load.stop().await?;
        let mut moved = Instant::now();
        until(120, async || {
            // Meta waits longer after each failure; nobody here wants to.
            if moved.elapsed() > Duration::from_secs(5) {
                emulator.post("webhooks/hurry", &json!({})).await?.ok()?;
                moved = Instant::now();
            }
            let waiting = emulator.get("webhooks").await?.expect(200)?;
            ensure!(waiting["total"] == 0, "{} updates wait", waiting["total"]);
            Ok(())
        })
        .await
        .context("updates are not taken again")?;
        self.done.written.extend(done.written);
        self.done.accepted.extend(done.accepted);
        Ok(())
    }

    async fn everything_is_there(&mut self, when: &str, data: &Path) -> Result<()> {
        self.house.start_gateway_on(data, None).await?;
        self.check(when, &[]).await
    }

    /// Looks for everything that was acknowledged; what was accepted has arrived, or is in one of these states.
    async fn check(&self, when: &str, also: &[&str]) -> Result<()> {
        until(90, async || {
            let mut faults = Vec::new();
            let mut inboxes = Vec::new();
            for org in &self.facts.orgs {
                inboxes.push(read(&self.facts, org).await?);
            }
            for one in &self.done.written {
                match inboxes[one.org].wamids.get(&one.wamid) {
                    Some(1) => {}
                    other => faults.push(format!("{} is there {} times", one.wamid, other.unwrap_or(&0))),
                }
            }
            for one in &self.done.accepted {
                match inboxes[one.org].states.get(&one.id).map_or("missing", String::as_str) {
                    "delivered" | "read" | "unknown" | "unresolved" => {}
                    state if also.contains(&state) => {}
                    other => faults.push(format!("{} is {other}", one.words)),
                }
            }
            ensure!(faults.is_empty(), "{} faults: {:?}", faults.len(), &faults[..faults.len().min(5)]);
            Ok(())
        })
        .await
        .with_context(|| when.to_owned())?;
        let all = self.emulator()?.get("messages?limit=1").await?.expect(200)?;
        if all["repeated"] != json!({}) {
            bail!("{when}: arrived more than once: {}", all["repeated"]);
        }
        self.say(&format!(
            "{when}: {} messages in and {} out are there, none twice",
            self.done.written.len(),
            self.done.accepted.len()
        ));
        Ok(())
    }

    /// Starts a server that is expected to give up, and what it said.
    async fn try_to_serve(&self, data: &Path) -> Result<(bool, String)> {
        let serving = self.house.command(&["serve", "--listen", "127.0.0.1:0"], data, None);
        match tokio::time::timeout(Duration::from_secs(20), serving).await {
            Ok(told) => told.map(|told| (told.well, told.text)),
            Err(_) => Ok((true, "it serves".to_owned())),
        }
    }

    /// How large a file of the gateway may become.
    fn limit_files(&self, soft: &str) -> Result<()> {
        let id = self.house.gateway_id()?;
        let set =
            Command::new("prlimit").args([format!("--pid={id}"), format!("--fsize={soft}")]).status()?;
        ensure!(set.success(), "the gateway's files cannot be limited");
        Ok(())
    }

    fn emulator(&self) -> Result<Caller> {
        Ok(Caller::new(&self.facts.emulator_url)?.at("_emulator"))
    }

    fn say(&self, what: &str) {
        println!("{:5.1} s  {what}", self.began.elapsed().as_secs_f64());
    }
}

/// A small disk in memory.
struct Mounted(PathBuf);

impl Mounted {
    /// `None`: nobody may mount here.
    fn try_new(at: &Path, size: &str) -> Result<Option<Self>> {
        fs::create_dir_all(at)?;
        let options = format!("size={size},mode=700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "none"]).arg(at).output();
        Ok(mounted.is_ok_and(|mounted| mounted.status.success()).then(|| Self(at.to_owned())))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// A copy of a folder that nobody may write to.
struct Frozen {
    folder: PathBuf,
    mounted: Option<Mounted>,
}

impl Frozen {
    fn new(data: &Path, at: &Path) -> Result<Self> {
        let mounted = Mounted::try_new(at, "256m")?;
        let folder = at.join("data");
        copy_folder(data, &folder)?;
        let mut command = match &mounted {
            Some(mounted) => {
                let mut command = Command::new("mount");
                command.args(["-o", "remount,ro"]).arg(&mounted.0);
                command
            }
            None => {
                let mut command = Command::new("chmod");
                command.args(["-R", "a-w"]).arg(&folder);
                command
            }
        };
        ensure!(command.status()?.success(), "the copy cannot be made read-only");
        Ok(Self { folder, mounted })
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        if self.mounted.is_none() {
            let _ = Command::new("chmod").args(["-R", "u+w"]).arg(&self.folder).status();
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(copied.success(), "{} cannot be copied", from.display());
    Ok(())
}

/// Takes all the room there is.
fn fill_up(ballast: &Path) -> Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(ballast)?;
    for size in [1 << 20, 1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    Ok(())
}
