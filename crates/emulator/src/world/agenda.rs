//! What is to happen later: status steps and webhook deliveries, by their due time.
//!
//! Invariant: a job stays in its table until it is done, so a crash repeats it rather than losing it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::webhooks::account_events::EnvelopeForm;

use super::{Failure, Millis, Status, Table};

/// A thing to do at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// When, on the emulator's clock.
    pub due: Millis,
    /// What.
    pub task: Task,
}

/// What a job does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Task {
    /// An outgoing message reaches a status.
    Step {
        /// The message.
        wamid: String,
        /// The status it reaches.
        status: Status,
        /// Why, for `failed`.
        failure: Option<Failure>,
    },
    /// The linked media of an outgoing message is fetched; then it is sent, or fails.
    Fetch {
        /// The message.
        wamid: String,
        /// The link.
        link: String,
    },
    /// An update is delivered to an app.
    Deliver(Update),
    /// Something falls due for a template.
    Template {
        /// The template.
        id: String,
        /// What.
        turn: TemplateTurn,
    },
}

/// What falls due for a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TemplateTurn {
    /// The review has made up its mind.
    Review,
    /// A pause ends.
    PauseEnds,
    /// The category that was announced comes into force.
    CategoryChanges,
}

/// One webhook update on its way to one app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Update {
    /// The app it goes to.
    pub app_id: String,
    /// `entry.id`: a messaging account, or a portfolio for some account updates.
    pub entry_id: String,
    /// The messaging account whose override applies, if any.
    pub account_id: Option<String>,
    /// The number whose override applies, if any.
    pub number_id: Option<String>,
    /// `entry.time` in seconds; only on management fields.
    pub time: Option<i64>,
    /// Webhook field.
    pub field: String,
    /// `change.value`.
    pub value: Box<RawValue>,
    /// How the envelope is written.
    #[serde(default)]
    pub form: EnvelopeForm,
    /// Deliveries tried so far.
    #[serde(default)]
    pub attempts: u32,
    /// When it was first due.
    pub since: Millis,
}

/// All jobs, and their order.
#[derive(Debug, Default)]
pub struct Agenda {
    jobs: Table<Job>,
    order: BTreeSet<(Millis, u64)>,
    last: u64,
}

fn key(id: u64) -> String {
    format!("{id:016x}")
}

impl Agenda {
    /// Adds a job.
    pub fn add(&mut self, due: Millis, task: Task) -> u64 {
        self.last += 1;
        self.jobs.put(key(self.last), Job { due, task });
        self.order.insert((due, self.last));
        self.last
    }

    /// When the next job is due.
    pub fn next_due(&self) -> Option<Millis> {
        self.order.first().map(|(due, _)| *due)
    }

    /// Takes up to `limit` due jobs out of the order. They stay in the table until [`Agenda::done`] or
    /// [`Agenda::postpone`].
    pub fn start_due(&mut self, now: Millis, limit: usize) -> Vec<(u64, Job)> {
        let mut started = Vec::new();
        while started.len() < limit {
            match self.order.first() {
                Some((due, _)) if *due <= now => {
                    let (_, id) = self.order.pop_first().expect("the order is not empty");
                    if let Some(job) = self.jobs.get(&key(id)) {
                        started.push((id, job.clone()));
                    }
                }
                _ => break,
            }
        }
        started
    }

    /// Ends a job.
    pub fn done(&mut self, id: u64) {
        if let Some(job) = self.jobs.remove(&key(id)) {
            self.order.remove(&(job.due, id));
        }
    }

    /// Puts a started job back for another try; the delivery count of an update goes up.
    pub fn postpone(&mut self, id: u64, due: Millis) {
        if let Some(job) = self.jobs.edit(&key(id)) {
            self.order.remove(&(job.due, id));
            job.due = due;
            if let Task::Deliver(update) = &mut job.task {
                update.attempts += 1;
            }
            self.order.insert((due, id));
        }
    }

    /// Makes everything that waits due now; what is under way is left alone.
    pub fn hurry(&mut self, now: Millis) {
        for (due, id) in std::mem::take(&mut self.order) {
            let due = due.min(now);
            if let Some(job) = self.jobs.edit(&key(id)) {
                job.due = due;
            }
            self.order.insert((due, id));
        }
    }

    /// The job with this id, if it is not done.
    pub fn get(&self, id: u64) -> Option<&Job> {
        self.jobs.get(&key(id))
    }

    /// The jobs that are not done, in the order they were added.
    pub fn jobs(&self) -> &Table<Job> {
        &self.jobs
    }

    pub(super) fn jobs_mut(&mut self) -> &mut Table<Job> {
        &mut self.jobs
    }

    pub(super) fn clear(&mut self) {
        self.jobs.clear();
        self.order.clear();
    }

    pub(super) fn restore(&mut self) {
        self.order = self
            .jobs
            .iter()
            .filter_map(|(id, job)| Some((job.due, u64::from_str_radix(id, 16).ok()?)))
            .collect();
        self.last = self.order.iter().map(|(_, id)| *id).max().unwrap_or(0);
    }
}
