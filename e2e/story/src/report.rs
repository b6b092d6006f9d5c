//! Steps with their times, told to people as they happen or to tools at the end.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

/// A scene ends early: a step failed, and has been told.
#[derive(Debug)]
pub struct Stop;

/// What has happened so far.
pub struct Report {
    json: bool,
    started: Instant,
    ok: bool,
    steps: Vec<Value>,
}

/// Longer than this, a step counts as failed.
const LONGEST: Duration = Duration::from_secs(45);

impl Report {
    /// Begins. With `json`, nothing is told before the end.
    pub fn new(json: bool) -> Self {
        Self { json, started: Instant::now(), ok: true, steps: Vec::new() }
    }

    /// Makes a step: what it gives, and a detail for the reader.
    pub async fn step<T>(
        &mut self,
        name: &str,
        step: impl Future<Output = Result<(T, String)>>,
    ) -> Result<T, Stop> {
        let began = Instant::now();
        let result = match tokio::time::timeout(LONGEST, step).await {
            Ok(result) => result,
            Err(_) => Err(anyhow::anyhow!("took longer than {} s", LONGEST.as_secs())),
        };
        let ms = began.elapsed().as_millis();
        let (ok, detail) = match &result {
            Ok((_, detail)) => (true, detail.clone()),
            Err(error) => (false, format!("{error:#}")),
        };
        if !self.json {
            println!("{} {name:<58} {ms:>6} ms   {detail}", if ok { "ok  " } else { "FAIL" });
        }
        self.ok &= ok;
        self.steps.push(json!({ "name": name, "ok": ok, "ms": ms, "detail": detail }));
        result.map(|(value, _)| value).map_err(|_| Stop)
    }

    /// Ends; whether everything held.
    pub fn end(self) -> bool {
        let seconds = self.started.elapsed().as_secs_f64();
        if self.json {
            println!("{}", json!({ "ok": self.ok, "seconds": seconds, "steps": self.steps }));
        } else {
            let failed = self.steps.iter().filter(|step| step["ok"] == false).count();
            println!("\n{} steps in {seconds:.1} s, {failed} failed", self.steps.len());
        }
        self.ok
    }
}
