//! Several nodes on one PostgreSQL database, behind a load balancer, under load: nodes are added, stopped, paused for longer
//! than a lease and killed; an upgrade changes the schema under them; the database's primary is lost and its replica takes
//! its place. Then everything settles, and the emulator's own records say whether all of it holds, as in `kill`. Besides:
//! - each customer's question is answered once;
//! - members who watch at any node are told of every message, once;
//! - rounds that go on by themselves go on once, not once on every node;
//! - after the primary is lost, webhooks are acknowledged and messages sent again within fifteen seconds;
//! - a node goes on with a schema that a newer version extended, and refuses one that it does not work with.

mod asking;
mod balancer;
mod fleet;
mod servers;
mod watch;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts::Facts;
use crate::http::{Caller, text, until};
use crate::kill::audit::{audit, read};
use crate::kill::house::House;
use crate::kill::load::Load;
use crate::kill::{fresh_folder, random, trouble};
use asking::{Asking, answered};
use balancer::Balancer;
use fleet::Node;
use servers::{Fate, Servers};
use watch::Watch;

/// How many nodes there are at first.
const NODES: usize = 3;
/// After the primary is lost, service is back within so long.
const BACK_WITHIN: Duration = Duration::from_secs(15);
/// What a newer version does to the schema while older nodes run, and what it does when none does any more. The number lies
/// beyond all that this version knows.
const EXPAND: &str = "BEGIN; ALTER TABLE messages ADD COLUMN newer TEXT NOT NULL DEFAULT ''; \
    INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
    VALUES (9001, 'expand messages', true, '', 0); COMMIT";
const CONTRACT: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
    VALUES (9002, 'contract messages', true, '', 0)";
const NO_CONTRACT: &str = "DELETE FROM _sqlx_migrations WHERE version = 9002";

/// What to try.
#[derive(Args, Debug)]
pub struct Options {
    /// The program.
    #[arg(long)]
    sapa: PathBuf,
    /// The folder with the programs of PostgreSQL.
    #[arg(long)]
    postgres_tools: PathBuf,
    /// How often a node is added, stopped or killed.
    #[arg(long, default_value_t = 6)]
    rounds: u32,
    /// For how many seconds a node is paused; a lease lasts 60.
    #[arg(long, default_value_t = 65)]
    pause: u64,
    /// How often the primary is lost; every second time nothing is heard of it any more.
    #[arg(long, default_value_t = 2)]
    failovers: u32,
    /// Keep the folder for a look.
    #[arg(long)]
    keep: bool,
}

/// Runs it; whether everything held.
pub async fn nodes(options: &Options) -> Result<bool> {
    let folder = fresh_folder("nodes")?;
    let held = run(options, &folder).await;
    if options.keep || held.is_err() {
        println!("the data are in {}", folder.display());
    } else {
        let _ = std::fs::remove_dir_all(&folder);
    }
    held.map(|()| true)
}

async fn run(options: &Options, folder: &Path) -> Result<()> {
    let began = Instant::now();
    let say = |what: &str| println!("{:5.1} s  {what}", began.elapsed().as_secs_f64());
    let mut servers = Servers::start(&options.postgres_tools, folder).await?;
    let mut house = House::build(&options.sapa, folder, Some(&servers.url())).await?;
    let facts = Facts::read(&house.facts())?;
    house.stop_gateway(true).await?;
    let balancer = Balancer::open(facts.gateway_url.trim_start_matches("http://").parse()?).await?;
    let mut town = Town { house, facts, balancer, nodes: Vec::new(), watches: Vec::new() };
    for n in 1..=NODES {
        town.add(n)?;
    }
    for node in &mut town.nodes {
        node.ready().await?;
    }
    say("PostgreSQL with a replica, the emulator and three nodes are ready");
    let before = town.message_ids().await?;
    town.watch(0).await?;
    say(&format!(
        "members at every node hear of a message within {:.1} s",
        town.heard_within().await?.as_secs_f64()
    ));

    trouble(&town.facts).await?;
    let (load, asking) = (Load::start(&town.facts)?, Asking::start(&town.facts)?);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let paused = Instant::now();
    town.nodes[0].stand_still(true).await?;
    say(&format!("{} stands still", town.nodes[0].name));
    for round in 0..options.rounds {
        tokio::time::sleep(Duration::from_millis(500 + random() % 1_500)).await;
        say(&town.disturb(round).await?);
    }
    servers.sql("sapa_nodes", EXPAND).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    town.nodes[1].stop().await?;
    town.nodes[1].start_again(&town.house)?;
    town.nodes[1].ready().await?;
    say("a newer version has extended the schema; nodes go on, and start");
    for failover in 0..options.failovers {
        if failover > 0 {
            servers.add_replica().await?;
        }
        tokio::time::sleep(Duration::from_millis(500 + random() % 1_000)).await;
        let fate = if failover % 2 == 0 { Fate::Killed } else { Fate::Silent };
        say(&town.lose_primary(&mut servers, fate).await?);
    }
    tokio::time::sleep(
        (paused + Duration::from_secs(options.pause)).saturating_duration_since(Instant::now()),
    )
    .await;
    town.nodes[0].stand_still(false).await?;
    say(&format!("{} goes on after {} s", town.nodes[0].name, paused.elapsed().as_secs()));
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (done, came) = (load.stop().await?, asking.stop().await?);
    say(&format!(
        "{} messages in, {} out, {} questions; settling",
        done.written.len(),
        done.accepted.len(),
        came.len()
    ));

    say(&town.rounds_go_on_once().await?);
    say(&town.everybody_heard(&before).await?);
    servers.sql("sapa_nodes", CONTRACT).await?;
    say(&town.refuses_what_it_cannot_work_with().await?);
    servers.sql("sapa_nodes", NO_CONTRACT).await?;
    let Town { mut house, facts, balancer, nodes, watches } = town;
    drop(watches);
    for mut node in nodes {
        node.stop().await?;
    }
    drop(balancer);
    house.move_into_demo().await?;
    let found = audit(&facts, &done).await;
    // What a node had begun to send, or had not seen committed, when it or the primary was lost. Questions come one by one.
    let lost = 2 * (options.rounds + options.failovers + 1);
    let answered = answered(&facts, &came, lost as usize).await;
    house.close().await?;
    say(&found?.to_string());
    let (arrived, unresolved) = answered?;
    say(&format!(
        "{arrived} questions were answered once, {unresolved} answers never left and are shown as unresolved"
    ));
    Ok(())
}

/// Everything that runs.
struct Town {
    house: House,
    facts: Facts,
    balancer: Balancer,
    nodes: Vec<Node>,
    watches: Vec<Watch>,
}

impl Town {
    fn add(&mut self, n: usize) -> Result<()> {
        let node = Node::start(&self.house, &format!("node-{n}"))?;
        self.balancer.add(node.at);
        self.nodes.push(node);
        Ok(())
    }

    /// A member of each organisation begins to watch at every node from this one on.
    async fn watch(&mut self, from: usize) -> Result<()> {
        for node in &self.nodes[from..] {
            for org in &self.facts.orgs {
                self.watches.push(Watch::open(&node.name, node.at, org).await?);
            }
        }
        Ok(())
    }

    fn api(&self, org: usize) -> Result<Caller> {
        let org = &self.facts.orgs[org];
        Ok(Caller::new(&self.facts.gateway_url)?
            .at(&format!("api/v1/orgs/{}", org.org_id))
            .with_key(&org.api_key))
    }

    fn emulator(&self) -> Result<Caller> {
        Ok(Caller::new(&self.facts.emulator_url)?.at("_emulator"))
    }

    async fn message_ids(&self) -> Result<[Vec<String>; 2]> {
        let [first, second] = &self.facts.orgs;
        Ok([read(&self.facts, first).await?.ids, read(&self.facts, second).await?.ids])
    }

    /// Sends to a customer who has just written, and gives how long it took until members heard of it at every node.
    async fn heard_within(&self) -> Result<Duration> {
        let org = &self.facts.orgs[0];
        let person = "6281377700001";
        let hello = json!({ "from": person, "to": org.phone_number_id, "text": { "body": "Halo" } });
        self.emulator()?.post("inbound", &hello).await?.expect(200)?;
        let (sent, id) = self.send(person, "heard everywhere").await?;
        until(10, async || {
            let told: Vec<Instant> = self
                .watches
                .iter()
                .step_by(self.facts.orgs.len())
                .filter_map(|watch| watch.told(&id))
                .collect();
            ensure!(told.len() == self.nodes.len(), "{} of {} nodes have told", told.len(), self.nodes.len());
            Ok(told.into_iter().max().unwrap_or(sent).saturating_duration_since(sent))
        })
        .await
    }

    /// Sends a message of the first organisation, as often as it takes; when it was accepted, and its id.
    async fn send(&self, person: &str, words: &str) -> Result<(Instant, String)> {
        let api = self.api(0)?;
        let body =
            json!({ "to": { "phone": format!("+{person}") }, "content": { "type": "text", "body": words } });
        until(60, async || {
            let request = api.request(Method::POST, "messages").header("Idempotency-Key", words).json(&body);
            let answer = api.send(request).await?.expect(202)?;
            Ok((Instant::now(), text(&answer["message_id"])?))
        })
        .await
    }

    /// Adds, stops or kills a node, one after the other. The first stands still meanwhile.
    async fn disturb(&mut self, round: u32) -> Result<String> {
        let told = match round % 3 {
            0 if self.nodes.len() == NODES => {
                self.add(NODES + 1)?;
                self.nodes[NODES].ready().await?;
                self.watch(NODES).await?;
                format!("{} was added", self.nodes[NODES].name)
            }
            1 => {
                let node = &mut self.nodes[1];
                let asked = Instant::now();
                node.stop().await?;
                let took = asked.elapsed();
                node.start_again(&self.house)?;
                node.ready().await?;
                format!("{} was stopped, which took {:.1} s, and started", node.name, took.as_secs_f64())
            }
            _ => {
                let node = &mut self.nodes[2];
                node.kill().await?;
                tokio::time::sleep(Duration::from_millis(random() % 1_000)).await;
                node.start_again(&self.house)?;
                node.ready().await?;
                format!("{} was killed and started", node.name)
            }
        };
        Ok(told)
    }

    /// The primary is lost; measures until webhooks are acknowledged and messages sent again.
    async fn lose_primary(&self, servers: &mut Servers, fate: Fate) -> Result<String> {
        let person = "6281377700001";
        let words = format!("after the primary was {fate:?} at {:?}", Instant::now());
        let lost = Instant::now();
        servers.fail_over(fate).await?;
        let promoted = lost.elapsed();
        let acknowledged = until(60, async || {
            // One that was acknowledged while the primary was about to die says nothing.
            self.balancer.acknowledged_since(lost + promoted).context("no webhook is acknowledged")
        });
        let sent = async {
            let (accepted, _) = self.send(person, &words).await?;
            let path = format!("phones/{person}?number={}", self.facts.orgs[0].phone_number_id);
            let arrived = until(60, async || {
                let chat = self.emulator()?.get(&path).await?.expect(200)?;
                let lines = chat["messages"].as_array().cloned().unwrap_or_default();
                ensure!(lines.iter().any(|line| line["text"] == words.as_str()), "it does not arrive");
                Ok(Instant::now())
            });
            anyhow::Ok((accepted - lost, arrived.await? - lost))
        };
        let (acknowledged, sent) = tokio::join!(acknowledged, sent);
        let (acknowledged, (accepted, arrived)) = (acknowledged? - lost, sent?);
        let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
        ensure!(
            acknowledged.max(arrived) < BACK_WITHIN,
            "service was back too late: acknowledged after {}, sent after {}",
            seconds(acknowledged),
            seconds(arrived)
        );
        Ok(format!(
            "the primary was lost ({fate:?}), its replica promoted after {}; a webhook was acknowledged after {}, a message \
             accepted after {} and sent after {}",
            seconds(promoted),
            seconds(acknowledged),
            seconds(accepted),
            seconds(arrived)
        ))
    }

    /// Rounds that every node starts at its start are there once; and the nodes are there, each once.
    async fn rounds_go_on_once(&self) -> Result<String> {
        let operator = Caller::new(&self.facts.gateway_url)?.with_key(&self.facts.operator.key);
        until(20, async || {
            let health = operator.get("api/v1/operator/health").await?.expect(200)?;
            let list = |name: &str| health[name].as_array().cloned().unwrap_or_default();
            let rounds = list("queues").into_iter().find(|queue| queue["queue"] == "connection.sweep");
            let count = |name: &str| rounds.as_ref().and_then(|queue| queue[name].as_i64()).unwrap_or(0);
            let all = count("due") + count("waiting") + count("running");
            ensure!(all == 1, "the rounds of connections go on {all} times");
            let serving: Vec<Value> =
                list("nodes").into_iter().filter(|node| node["state"] == "serving").collect();
            let names: Vec<&str> = serving.iter().filter_map(|node| node["name"].as_str()).collect();
            ensure!(names == self.names(), "the operator sees {names:?}");
            Ok(format!("rounds go on once on {} nodes, all of which the operator sees", names.len()))
        })
        .await
    }

    fn names(&self) -> Vec<&str> {
        self.nodes.iter().map(|node| node.name.as_str()).collect()
    }

    /// Whether members at the nodes that were there from the beginning heard of every message, and at the others of none twice.
    async fn everybody_heard(&self, before: &[Vec<String>; 2]) -> Result<String> {
        until(40, async || {
            let all = self.message_ids().await?;
            let (mut faults, mut heard) = (Vec::new(), 0);
            for (at, watch) in self.watches.iter().enumerate() {
                let (node, org) = (at / 2, at % 2);
                let new = all[org].iter().filter(|id| node < NODES && !before[org].contains(id)).cloned();
                let new: Vec<String> = new.collect();
                heard += new.len();
                faults.extend(watch.faults(&new));
            }
            ensure!(faults.is_empty(), "{}", faults.join("; "));
            let opened: usize = self.watches.iter().map(Watch::opened).sum();
            Ok(format!(
                "members at every node heard of every message once: {heard} events, {opened} connections"
            ))
        })
        .await
    }

    /// A node does not start on a schema that a newer version has changed beyond it.
    async fn refuses_what_it_cannot_work_with(&mut self) -> Result<String> {
        let mut late = Node::start(&self.house, "node-late")?;
        let refused = late.ready().await;
        ensure!(refused.is_err(), "a node started on a schema that it does not work with");
        let log = std::fs::read_to_string(self.house.folder().join("node-late.log"))?;
        ensure!(
            log.contains("contract messages") && log.contains("Start the newer version"),
            "it said: {log}"
        );
        for node in &mut self.nodes {
            node.ends_by_itself().await?;
            let log = std::fs::read_to_string(self.house.folder().join(format!("{}.log", node.name)))?;
            ensure!(log.contains("Start the newer version"), "{} ended without saying why", node.name);
        }
        Ok("nodes end, and do not start, on a schema that a newer version has taken something from, and say so"
            .to_owned())
    }
}
