//! What has arrived, what goes wrong on demand, and what is told back.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use crate::smpp::Deliver;
use crate::{http, twilio};

/// More is more than anybody reads; the oldest go.
const MOST: usize = 2_000;

/// The way by which something came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Mail.
    Smtp,
    /// Twilio's API.
    Twilio,
    /// The plain API.
    Http,
    /// SMPP.
    Smpp,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It is refused for good.
    Refuse,
    /// It is refused, because the person has answered STOP to the sender.
    Stopped,
    /// It is not taken now.
    Later,
    /// It is taken, and the connection ends before that is said.
    Drop,
}

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Taken.
    Sent,
    /// With the person.
    Delivered,
    /// Nowhere.
    Failed,
}

/// Something that would be delivered to somebody.
#[derive(Clone, Debug, Serialize)]
pub struct Arrived {
    /// Its number; later ones are higher.
    pub id: u64,
    /// The way it came.
    pub via: Via,
    /// Whom it comes from.
    pub from: String,
    /// Whom it is for.
    pub to: String,
    /// A mail's subject.
    pub subject: Option<String>,
    /// What it says.
    pub text: String,
    /// A mail's other headers, by their names in lower case.
    pub headers: HashMap<String, String>,
    /// In how many parts it came.
    pub parts: usize,
    /// What became of it.
    pub state: State,
    /// Where its sender wants to be told what becomes of it.
    #[serde(skip)]
    pub callback: Option<String>,
}

impl Arrived {
    /// What its sender knows it as.
    pub(crate) fn name(&self) -> String {
        match self.via {
            Via::Twilio => format!("SM{:032x}", self.id),
            _ => format!("{:08X}", self.id),
        }
    }
}

/// Everything that is kept.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) reports: bool,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    taken: u64,
    arrived: VecDeque<Arrived>,
    faults: HashMap<Via, VecDeque<Fault>>,
    inbound: HashMap<Via, String>,
    /// The sessions that are bound.
    sessions: Vec<UnboundedSender<Deliver>>,
    /// What waits for a session.
    undelivered: VecDeque<Deliver>,
}

impl Post {
    pub fn new(reports: bool) -> Self {
        Self { reports, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what arrived, under a number of its own.
    pub fn keep(&self, mut arrived: Arrived) -> Arrived {
        let mut kept = self.kept();
        kept.last += 1;
        arrived.id = kept.last;
        kept.arrived.push_back(arrived.clone());
        if kept.arrived.len() > MOST {
            kept.arrived.pop_front();
        }
        arrived
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.kept().arrived.iter().cloned().collect()
    }

    pub fn take(&self) -> Vec<Arrived> {
        let mut kept = self.kept();
        let fresh = kept.arrived.iter().filter(|one| one.id > kept.taken).cloned().collect();
        kept.taken = kept.last;
        fresh
    }

    pub fn one(&self, id: u64) -> Option<Arrived> {
        self.kept().arrived.iter().find(|one| one.id == id).cloned()
    }

    pub fn fault(&self, via: Via, fault: Fault) {
        self.kept().faults.entry(via).or_default().push_back(fault);
    }

    /// What goes wrong with the next one, if anything does.
    pub fn next_fault(&self, via: Via) -> Option<Fault> {
        self.kept().faults.get_mut(&via)?.pop_front()
    }

    pub fn inbound(&self, via: Via, url: &str) {
        self.kept().inbound.insert(via, url.to_owned());
    }

    pub fn inbound_of(&self, via: Via) -> Option<String> {
        self.kept().inbound.get(&via).cloned()
    }

    fn settle(&self, id: u64, state: State) -> Option<Arrived> {
        let mut kept = self.kept();
        let one = kept.arrived.iter_mut().find(|one| one.id == id)?;
        one.state = state;
        Some(one.clone())
    }

    /// A session was bound: what waits is delivered to it.
    pub fn bound(&self, session: UnboundedSender<Deliver>) {
        let mut kept = self.kept();
        for waiting in std::mem::take(&mut kept.undelivered) {
            let _ = session.send(waiting);
        }
        kept.sessions.push(session);
    }

    /// Has the next session that is bound be delivered what this one did not take.
    pub fn put_back(&self, deliver: Deliver) {
        self.kept().undelivered.push_back(deliver);
    }

    /// Delivers through a session that is bound, or the next one.
    pub fn deliver(&self, deliver: Deliver) {
        let mut kept = self.kept();
        kept.sessions.retain(|session| !session.is_closed());
        match kept.sessions.last() {
            Some(session) => {
                let _ = session.send(deliver);
            }
            None => kept.undelivered.push_back(deliver),
        }
    }
}

/// Reports what became of something.
pub(crate) async fn report(post: &Post, id: u64, state: State) {
    let Some(one) = post.settle(id, state) else { return };
    match one.via {
        Via::Smtp => {}
        Via::Twilio => twilio::report(&one).await,
        Via::Http => http::report(&one).await,
        Via::Smpp => post.deliver(Deliver::Receipt { name: one.name(), state }),
    }
}

/// Lets whoever got a text answer it.
pub(crate) async fn reply(post: &Post, id: u64, text: &str) {
    let Some(one) = post.one(id) else { return };
    match (one.via, post.inbound_of(one.via)) {
        (Via::Smpp, _) => {
            post.deliver(Deliver::Text { from: one.to, to: one.from, text: text.to_owned() });
        }
        (Via::Twilio, Some(url)) => twilio::inbound(&url, &one, text).await,
        (Via::Http, Some(url)) => http::inbound(&url, &one, text).await,
        _ => {}
    }
}
