//! What happens in one seed: wishes, webhooks, faults and turns in an order that the seed gives; then everything comes to
//! rest, and the promises are checked.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use rules::time::span;

use super::check;
use super::meta::Faults;
use super::node::{Node, Work};
use super::turns::What;
use super::world::{Kit, PEOPLE, Wish, World};

/// How many nodes there are at a time.
const NODES: usize = 2;
/// More rounds than coming to rest takes.
const ROUNDS: usize = 60;

/// What was done, a line for each step.
pub type Log = Vec<String>;

/// What may be done next.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Turn(u64),
    Work(usize, Work),
    Post(usize),
    Write(usize),
    Stop(usize),
    Start(usize),
    Wish(usize),
    Ask(usize),
    Again(usize),
    Late(usize),
    Wait(Duration),
    Crash(usize),
}

struct Story {
    world: Arc<World>,
    nodes: Vec<Node>,
    lives: u32,
    dice: StdRng,
    faults: Faults,
    log: Log,
}

/// Lets the people write for the first time, where nothing goes wrong: every seed begins there.
pub async fn begin(kit: &Arc<Kit>) {
    let mut story = Story::new(kit, 0).await;
    for person in 0..PEOPLE.len() {
        story.world.meta.writes(person, "👍", &story.world.clock);
    }
    story.rest().await.expect("a beginning");
    story.world.store.close().await;
    kit.continues(&story.world);
}

/// Tells a seed to its end. The error says which promise was broken, and how it came to that.
pub async fn tell(kit: &Arc<Kit>, seed: u64) -> Result<Log, String> {
    let mut story = Story::new(kit, seed + 1).await;
    let told = story.all().await;
    story.world.store.close().await;
    let ends = told.map_err(|broken| format!("seed {seed}: {broken}\n  {}", story.log.join("\n  ")))?;
    story.log.extend(ends);
    Ok(story.log)
}

impl Story {
    async fn new(kit: &Arc<Kit>, seed: u64) -> Self {
        let world = World::new(kit.clone(), seed).await;
        let nodes = (1..=NODES as u32).map(|life| Node::start(&world, life)).collect();
        let dice = StdRng::seed_from_u64(seed);
        Self { lives: NODES as u32, dice, faults: Faults::NONE, log: Vec::new(), world, nodes }
    }

    async fn all(&mut self) -> Result<Vec<String>, String> {
        self.faults = Faults::of(&mut self.dice);
        self.log.push(format!("{:?}", self.faults));
        for _ in 0..self.dice.random_range(60..240) {
            self.world.clock.advance(Duration::from_millis(1));
            let deed = self.choose();
            self.log.push(format!("{deed:?}"));
            self.perform(deed);
            self.world.turns.settle().await;
        }
        self.faults = Faults::NONE;
        self.log.push("no more faults".to_owned());
        self.rest().await?;
        check::everything(&self.world).await
    }

    /// One of the deeds that are possible, each with its weight.
    fn choose(&mut self) -> Deed {
        let mut deeds: Vec<(u32, Deed)> = Vec::new();
        for (number, _, what) in self.world.turns.waiting() {
            deeds.push((if what == What::Write { 60 } else { 40 }, Deed::Turn(number)));
        }
        for node in 0..NODES {
            let works = [(30, Work::Ingest), (40, Work::Jobs), (3, Work::Sweep)];
            deeds.extend(works.map(|(weight, work)| (weight, Deed::Work(node, work))));
            deeds.push((4, Deed::Crash(node)));
        }
        let news: Vec<usize> = {
            let records = self.world.meta.records();
            let open = |n: &usize| !records.news[*n].over && records.news[*n].posted.is_none();
            (0..records.news.len()).filter(open).collect()
        };
        deeds.extend(news.into_iter().map(|n| (15, Deed::Post(n))));
        deeds.extend(self.world.meta.late().into_iter().map(|n| (5, Deed::Late(n))));
        let wishes = self.world.wishes().clone();
        for person in 0..PEOPLE.len() {
            deeds.extend([(8, Deed::Write(person)), (2, Deed::Stop(person)), (2, Deed::Start(person))]);
            // The order of wishes is the order in which they are answered.
            let open = |wish: &Wish| wish.person == person && wish.acknowledged.is_none() && !wish.refused;
            if wishes.len() < 10 && !wishes.iter().any(open) {
                deeds.push((25, Deed::Wish(person)));
            }
        }
        for (n, wish) in wishes.iter().enumerate() {
            match wish.acknowledged {
                Some(_) if wish.again == 0 => deeds.push((1, Deed::Again(n))),
                None if !wish.refused && wish.asked.is_none() => deeds.push((30, Deed::Ask(n))),
                _ => {}
            }
        }
        for (weight, wait) in [
            (15, Duration::from_secs(2)),
            (10, Duration::from_secs(11)),
            (5, Duration::from_secs(61)),
            (2, span::minutes(11)),
        ] {
            deeds.push((weight, Deed::Wait(wait)));
        }
        let mut at = self.dice.random_range(0..deeds.iter().map(|(weight, _)| weight).sum());
        for (weight, deed) in deeds {
            if at < weight {
                return deed;
            }
            at -= weight;
        }
        Deed::Wait(Duration::ZERO)
    }

    fn perform(&mut self, deed: Deed) {
        match deed {
            Deed::Turn(number) => self.turn(number),
            Deed::Work(node, work) => self.nodes[node].begin(work),
            Deed::Post(n) => {
                let repeats = self.dice.random_range(0..100) < self.faults.repeated;
                let node = self.dice.random_range(0..NODES);
                self.nodes[node].post(n, repeats);
            }
            Deed::Write(person) => self.write(person, "👍"),
            Deed::Stop(person) => self.write(person, "STOP"),
            Deed::Start(person) => self.write(person, "START"),
            Deed::Wish(person) => {
                let n = {
                    let mut wishes = self.world.wishes();
                    let text = format!("wish {}", wishes.len());
                    let (asked, acknowledged) = (None, None);
                    wishes.push(Wish { person, text, asked, acknowledged, refused: false, again: 0 });
                    wishes.len() - 1
                };
                self.ask(n);
            }
            Deed::Ask(n) => self.ask(n),
            Deed::Again(n) => {
                let node = self.dice.random_range(0..NODES);
                self.nodes[node].ask_again(n);
            }
            Deed::Late(n) => self.world.meta.take_late(n, &self.faults, &mut self.dice, &self.world.clock),
            Deed::Wait(wait) => self.world.clock.advance(wait),
            Deed::Crash(node) => self.crash(node),
        }
    }

    fn ask(&mut self, n: usize) {
        let node = self.dice.random_range(0..NODES);
        self.nodes[node].ask(n);
    }

    fn turn(&mut self, number: u64) {
        let waiting = self.world.turns.waiting();
        let Some((_, life, what)) = waiting.into_iter().find(|(one, ..)| *one == number) else { return };
        let goes_on = match what {
            What::Read | What::Write => true,
            What::Request(n) => self.world.meta.decide(n, &self.faults, &mut self.dice, &self.world.clock),
        };
        let told = match what {
            What::Read | What::Write => "writes".to_owned(),
            What::Request(n) => self.world.meta.tell(n),
        };
        self.log.push(format!("    life {life} {told}"));
        if goes_on {
            self.world.turns.release(number);
        }
    }

    fn write(&self, person: usize, text: &str) {
        self.world.meta.writes(person, text, &self.world.clock);
    }

    /// Everything that the node knew and did is gone; another starts in its place.
    fn crash(&mut self, node: usize) {
        let life = self.nodes[node].life;
        self.world.turns.end(life);
        for wish in self.world.wishes().iter_mut().filter(|wish| wish.asked == Some(life)) {
            wish.asked = None;
        }
        for news in self.world.meta.records().news.iter_mut().filter(|news| news.posted == Some(life)) {
            news.posted = None;
        }
        self.lives += 1;
        self.nodes[node] = Node::start(&self.world, self.lives);
    }

    /// Lets everything that is under way come to its end.
    async fn rest(&mut self) -> Result<(), String> {
        for round in 0..ROUNDS {
            for n in self.world.meta.late() {
                // What has not come by now may still come, or never.
                if self.dice.random_ratio(1, 2) {
                    self.perform(Deed::Late(n));
                } else {
                    self.world.meta.records().requests[n].seen = true;
                }
            }
            let open: Vec<usize> = {
                let records = self.world.meta.records();
                (0..records.news.len()).filter(|n| !records.news[*n].over).collect()
            };
            for n in open {
                self.nodes[n % NODES].post(n, false);
            }
            let unanswered: Vec<usize> = {
                let wishes = self.world.wishes();
                let open = |n: &usize| {
                    let wish = &wishes[*n];
                    wish.acknowledged.is_none() && !wish.refused && wish.asked.is_none()
                };
                (0..wishes.len()).filter(open).collect()
            };
            for n in unanswered {
                self.nodes[n % NODES].ask(n);
            }
            self.drain().await;
            for node in 0..NODES {
                for work in [Work::Ingest, Work::Jobs, Work::Sweep] {
                    self.nodes[node].begin(work);
                    self.drain().await;
                }
            }
            if let Some(trouble) = self.world.troubles().first() {
                return Err(trouble.clone());
            }
            let idle = self.nodes.iter().all(|node| !node.is_busy());
            if idle && check::is_at_rest(&self.world, &self.nodes[0].ctx).await {
                return Ok(());
            }
            let waits =
                [span::minutes(0), Duration::from_secs(15), Duration::from_secs(65), span::minutes(11)];
            self.world.clock.advance(waits[round % waits.len()]);
        }
        Err(format!(
            "it does not come to rest: {}",
            check::what_is_left(&self.world, &self.nodes[0].ctx).await
        ))
    }

    /// Gives everybody their turn until nobody waits.
    async fn drain(&mut self) {
        self.world.turns.settle().await;
        while let Some((number, ..)) = self.world.turns.waiting().first().copied() {
            self.turn(number);
            self.world.turns.settle().await;
        }
    }
}
