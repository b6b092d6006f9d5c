//! Many sends on a running demo while one answer in twenty is lost: each arrives once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use tokio::task::JoinSet;

use crate::facts::Facts;
use crate::http::{Caller, text, until};

/// How many customers: few enough that Meta's limit of one person is not met, at ten messages each.
const EACH: usize = 10;
/// How many requests are made at once.
const AT_ONCE: usize = 16;
/// From the last acceptance until the last tick.
const SETTLES_WITHIN: u64 = 60;

/// Sends `count` messages and looks what became of them.
pub async fn sends(facts: &Facts, count: usize) -> Result<bool> {
    let started = Instant::now();
    let emulator = Caller::new(&facts.emulator_url)?.at("_emulator");
    let shop = &facts.orgs[0];
    let api =
        Caller::new(&facts.gateway_url)?.at(&format!("api/v1/orgs/{}", shop.org_id)).with_key(&shop.api_key);
    let clock = emulator.get("clock").await?.expect(200)?["now"].as_u64().context("no time")? / 1_000;
    let people: Vec<String> = (0..count.div_ceil(EACH))
        .map(|at| format!("62812{:07}", (clock * 1_000 + at as u64) % 10_000_000))
        .collect();
    for person in &people {
        let hello = json!({ "from": person, "to": shop.phone_number_id, "text": { "body": "Halo" } });
        emulator.post("inbound", &hello).await?.expect(200)?;
    }
    for person in &people {
        let path = format!("phones/{person}/wait?number={}&timeout_ms=30000", shop.phone_number_id);
        emulator.get(&path).await?.expect(200).context("the greeting")?;
    }
    println!("{} customers have written, {:.1} s", people.len(), started.elapsed().as_secs_f64());
    let settings = json!({ "drop_responses": 0.05, "seed": 42 });
    emulator.patch("settings", &settings).await?.expect(200)?;
    let sent = accept_all(&api, &people, count).await;
    let found = match sent {
        Ok(sent) => {
            println!("{count} messages accepted, {:.1} s", started.elapsed().as_secs_f64());
            settle(&emulator, &api, &shop.phone_number_id, &sent).await
        }
        Err(error) => Err(error),
    };
    emulator.patch("settings", &json!({ "drop_responses": 0.0 })).await?.expect(200)?;
    found?;
    println!(
        "{count} messages arrived once each, in order, and were read; {:.1} s",
        started.elapsed().as_secs_f64()
    );
    Ok(true)
}

/// A message that the gateway accepted.
#[derive(Clone, Debug)]
struct Sent {
    id: String,
    person: String,
    words: String,
}

/// Each customer's messages one after the other, several customers at once.
async fn accept_all(api: &Caller, people: &[String], count: usize) -> Result<Vec<Sent>> {
    let mut sent = Vec::with_capacity(count);
    let mut left: Vec<(usize, String)> = people.iter().cloned().enumerate().collect();
    let mut under_way = JoinSet::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some((at, person)) = left.pop()
        {
            let (api, most) = (api.clone(), EACH.min(count - at * EACH));
            under_way.spawn(async move { accept(&api, &person, at, most).await });
        }
        match under_way.join_next().await {
            Some(accepted) => sent.extend(accepted??),
            None => return Ok(sent),
        }
    }
}

async fn accept(api: &Caller, person: &str, at: usize, most: usize) -> Result<Vec<Sent>> {
    let mut sent = Vec::new();
    for n in 0..most {
        let words = format!("message {:05}", at * EACH + n);
        let body =
            json!({ "to": { "phone": format!("+{person}") }, "content": { "type": "text", "body": words } });
        let accepted = api.post("messages", &body).await?.expect(202)?;
        sent.push(Sent { id: text(&accepted["message_id"])?, person: person.to_owned(), words });
    }
    Ok(sent)
}

/// Waits until every message is on its phone and read, then counts.
async fn settle(emulator: &Caller, api: &Caller, number: &str, sent: &[Sent]) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(SETTLES_WITHIN);
    let wanted: BTreeSet<&str> = sent.iter().map(|sent| sent.words.as_str()).collect();
    let arrived = loop {
        let all = emulator.get(&format!("messages?number={number}&limit=100000")).await?.expect(200)?;
        let repeated = all["repeated"].clone();
        ensure!(repeated == json!({}), "expected no message twice, got {repeated}");
        // Oldest first.
        let arrived: Vec<(String, String)> = all["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .rev()
            .filter_map(|message| {
                Some((message["text"].as_str()?.to_owned(), message["person_id"].as_str()?.to_owned()))
            })
            .filter(|(words, _)| wanted.contains(words.as_str()))
            .collect();
        let pending = emulator.get("webhooks").await?.expect(200)?;
        if arrived.len() >= sent.len() && pending["total"] == 0 && pending["steps"] == 0 {
            break arrived;
        }
        if Instant::now() > end {
            bail!(
                "expected {} messages to arrive, got {}; {} updates wait",
                sent.len(),
                arrived.len(),
                pending["total"]
            );
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    ensure!(arrived.len() == sent.len(), "expected {} messages, got {}", sent.len(), arrived.len());
    let mut threads: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (words, person) in &arrived {
        threads.entry(person).or_default().push(words);
    }
    for (person, words) in &threads {
        ensure!(words.is_sorted(), "expected the order of acceptance at {person}, got {words:?}");
    }
    ensure!(
        threads.len() == sent.iter().map(|sent| sent.person.as_str()).collect::<BTreeSet<_>>().len(),
        "somebody got nothing"
    );
    for sent in sent {
        until(30, async || {
            let message = api.get(&format!("messages/{}", sent.id)).await?.expect(200)?;
            ensure!(
                message["state"] == "read",
                "expected {} to be read, got {}",
                sent.words,
                message["state"]
            );
            Ok(())
        })
        .await?;
    }
    Ok(())
}
