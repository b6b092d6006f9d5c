//! The journal: what was answered survives kill -9 and a torn last record; the file stays small.

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use support::{Endpoint, NUMBER, TOKEN, connected};

/// The emulator as a process of its own.
struct Process {
    child: Child,
    url: String,
    client: reqwest::Client,
}

impl Process {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_emulator"))
            .args(["127.0.0.1:0", data.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("emulator on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { child, url, client }
    }

    /// kill -9.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_emulator{path}", self.url);
        let call = if body.is_null() { self.client.get(url) } else { self.client.post(url).json(&body) };
        let answer = call.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }
}

async fn send(client: &reqwest::Client, url: &str, data: &str) -> Option<String> {
    let body = json!({"messaging_product": "whatsapp", "to": "+491700000001", "type": "text",
        "text": {"body": data}, "biz_opaque_callback_data": data});
    let call = client.post(format!("{url}/v25.0/{NUMBER}/messages")).bearer_auth(TOKEN).json(&body);
    let answer: Value = call.send().await.ok()?.json().await.ok()?;
    Some(answer["messages"][0]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned())
}

async fn begin(process: &Process, callback: &str) {
    process.control("/seed", connected(callback)).await;
    let settings = json!({"limits": {"messages_per_second": 0, "pair_burst": 0}});
    let call = process.client.patch(format!("{}/_emulator/settings", process.url)).json(&settings);
    assert!(call.send().await.unwrap().status().is_success());
    process.control("/inbound", json!({"from": "491700000001", "text": {"body": "Hello"}})).await;
}

#[tokio::test]
async fn what_was_answered_survives_kill_9_and_every_status_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start().await;
    let mut process = Process::start(folder.path());
    begin(&process, &endpoint.url()).await;

    let mut answered = Vec::new();
    for round in 0..3 {
        // Many at once, and the kill in the middle of them.
        let seen = Arc::new(AtomicUsize::new(0));
        let sends: Vec<_> = (0..200)
            .map(|n| {
                let (client, url, data) =
                    (process.client.clone(), process.url.clone(), format!("{round}-{n}"));
                let seen = seen.clone();
                tokio::spawn(async move {
                    let wamid = send(&client, &url, &data).await?;
                    seen.fetch_add(1, Ordering::Relaxed);
                    Some((wamid, data))
                })
            })
            .collect();
        while seen.load(Ordering::Relaxed) < 30 * (round + 1) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        process.kill();
        for send in sends {
            answered.extend(send.await.unwrap());
        }
        process = Process::start(folder.path());
    }
    assert!(answered.len() >= 180, "{} answers", answered.len());
    for (wamid, data) in &answered {
        let found = process.control(&format!("/messages?callback_data={data}"), Value::Null).await;
        assert_eq!(found["total"], 1, "{data} was answered and is lost");
        assert_eq!(found["messages"][0]["id"], wamid.as_str());
    }
    let began = std::time::Instant::now();
    loop {
        let told = endpoint.statuses();
        let missing =
            answered.iter().filter(|(wamid, _)| !told.contains(&(wamid.clone(), "read".into()))).count();
        if missing == 0 {
            break;
        }
        assert!(began.elapsed().as_secs() < 60, "{missing} of {} were never told as read", answered.len());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    process.kill();
}

#[tokio::test]
async fn a_torn_last_record_is_left_out_and_damage_inside_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    begin(&process, "").await;
    let wamid = send(&process.client, &process.url, "kept").await.unwrap();
    process.kill();
    let journal = folder.path().join("journal");
    let whole = std::fs::read(&journal).unwrap();
    std::fs::OpenOptions::new()
        .append(true)
        .open(&journal)
        .unwrap()
        .write_all(br#"0123456789abcdef [["messages","#)
        .unwrap();

    let process = Process::start(folder.path());
    let found = process.control("/messages?callback_data=kept", Value::Null).await;
    assert_eq!(found["messages"][0]["id"], wamid.as_str());
    let second = Command::new(env!("CARGO_BIN_EXE_emulator"))
        .args(["127.0.0.1:0", folder.path().to_str().unwrap()])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&second.stderr).contains("another emulator uses the data folder"));
    process.kill();

    // Line 1 is the empty world of the first start, line 2 the seed.
    let mut damaged = whole;
    damaged[100] ^= 1;
    std::fs::write(&journal, damaged).unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_emulator"))
        .args(["127.0.0.1:0", folder.path().to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("is damaged at line 2") && said.contains("delete the folder"), "{said}");
}

#[tokio::test]
async fn the_journal_holds_the_world_not_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    begin(&process, "").await;
    for n in 0..300 {
        process.control("/clock", json!({"advance_ms": n})).await;
    }
    process.kill();
    let before = std::fs::metadata(folder.path().join("journal")).unwrap().len();
    let process = Process::start(folder.path());
    let after = std::fs::metadata(folder.path().join("journal")).unwrap().len();
    assert!(after < before / 2, "{before} bytes became {after}");
    assert_eq!(process.control("/clock", Value::Null).await["offset_ms"], (0..300).sum::<i64>());
    process.kill();
}

#[tokio::test]
async fn a_stopped_emulator_lets_its_folder_go_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let config = || emulator::EmulatorConfig { data: Some(folder.path().to_owned()), ..Default::default() };
    let stage = support::Stage::with(config()).await;
    stage.hello("491700000001").await;
    // Somebody waits for a message that will not come.
    let url = stage.url("/_emulator/phones/491700000001/wait?timeout_ms=60000");
    tokio::spawn(stage.client.get(url).send());
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let began = std::time::Instant::now();
    stage.running.shutdown().await;
    assert!(began.elapsed().as_secs() < 5);
    let mut elsewhere = config();
    elsewhere.app.callback_url = Some("http://127.0.0.1:9/moved".into());
    let again = emulator::Emulator::start(elsewhere).await.unwrap();
    assert_eq!(again.platform().read(|world| world.messages.len()), 1);
    let callback = again.platform().read(|world| world.apps.get(support::APP).unwrap().callback_url.clone());
    assert_eq!(callback.as_deref(), Some("http://127.0.0.1:9/moved"));
    again.shutdown().await;
}

#[tokio::test]
async fn media_that_has_ended_leaves_the_disk_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = || emulator::EmulatorConfig { data: Some(folder.path().to_owned()), ..Default::default() };
    let stored = || std::fs::read_dir(folder.path().join("media")).unwrap().count();
    let media = |id: &str, text: &str| {
        let media = json!({"id": id, "text": text, "mime_type": "text/plain"});
        json!({"from": "491700000001", "to": NUMBER, "type": "document", "media": media})
    };
    let stage = support::Stage::with(config()).await;
    stage.control("POST", "/inbound", media("1", "old")).await;
    stage.control("POST", "/clock", json!({"advance_ms": 5 * 86_400_000})).await;
    stage.control("POST", "/inbound", media("2", "new")).await;
    stage.control("POST", "/clock", json!({"advance_ms": 3 * 86_400_000})).await;
    stage.running.shutdown().await;
    assert_eq!(stored(), 2);
    let again = emulator::Emulator::start(config()).await.unwrap();
    assert_eq!(stored(), 1);
    assert!(again.platform().read(|world| world.media.contains("2") && !world.media.contains("1")));
    again.shutdown().await;
}
