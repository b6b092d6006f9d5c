//! The courier: does what is due on the agenda and carries updates to the apps.
//!
//! Updates to one address go one POST after the other, in order; a refused or unanswered update comes back
//! later by Meta's schedule. A POST carries several updates only when many wait.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::header;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{destination, next_try, payload, sign};
use crate::messaging::ladder;
use crate::news::News;
use crate::platform::Platform;
use crate::recent::Made;
use crate::templates;
use crate::world::{Failure, Status, Task, Update, WebhookRules, World};

/// Jobs taken in one go, so that the world's lock is not held long.
const GO: usize = 512;
/// Updates that must wait for one address before a POST carries several.
const BACKLOG: usize = 16;
/// Bodies up to this size are kept for inspection.
const BODY_KEPT: usize = 16 << 10;

/// An address and the secret its bodies are signed with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Address {
    url: String,
    secret: String,
}

struct Parcel {
    job: u64,
    update: Update,
}

/// Works until `stop`.
pub(crate) async fn run(platform: Platform, stop: CancellationToken) {
    let mut rounds: HashMap<Address, mpsc::UnboundedSender<Parcel>> = HashMap::new();
    loop {
        let (now, next) = platform.read(|world| (world.now(), world.agenda.next_due()));
        let wait = next.map_or(60_000, |due| due - now);
        if wait <= 0 {
            let (due, _) = platform.change(start_due);
            for (job, wamid, link) in due.fetches {
                tokio::spawn(fetch(platform.clone(), job, wamid, link));
            }
            for (address, parcel) in due.parcels {
                let round = rounds.entry(address.clone()).or_insert_with(|| {
                    let (round, parcels) = mpsc::unbounded_channel();
                    tokio::spawn(serve(platform.clone(), address, parcels, stop.clone()));
                    round
                });
                let _ = round.send(parcel);
            }
            if due.full {
                tokio::task::yield_now().await;
            }
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = platform.bell().notified() => {}
            // The clock may be moved, and the machine may sleep: look at least every minute.
            () = tokio::time::sleep(Duration::from_millis(wait.min(60_000) as u64)) => {}
        }
    }
}

/// What is due and needs more than the world.
#[derive(Default)]
struct Due {
    /// Updates and where they go.
    parcels: Vec<(Address, Parcel)>,
    /// Job, message and link of media to be fetched.
    fetches: Vec<(u64, String, String)>,
    /// Whether more may be due.
    full: bool,
}

/// Does the status steps that are due, and hands back the rest of what is due.
fn start_due(world: &mut World) -> Due {
    let now = world.now();
    let started = world.agenda.start_due(now, GO);
    let mut due = Due { full: started.len() == GO, ..Due::default() };
    for (id, job) in started {
        match job.task {
            Task::Step { wamid, status, failure } => {
                world.agenda.done(id);
                ladder::step(world, &wamid, status, failure);
            }
            Task::Template { id: template, turn } => {
                world.agenda.done(id);
                templates::turn(world, &template, turn);
            }
            Task::Fetch { wamid, link } => due.fetches.push((id, wamid, link)),
            Task::Deliver(update) => {
                let app = world.apps.get(&update.app_id);
                let address = app.and_then(|app| {
                    Some(Address { url: destination(world, app, &update)?, secret: app.secret.clone() })
                });
                match address {
                    Some(address) => due.parcels.push((address, Parcel { job: id, update })),
                    None => world.agenda.done(id),
                }
            }
        }
    }
    due
}

/// Fetches the linked media of a message, as Meta does before it sends, and sets the message on its way.
async fn fetch(platform: Platform, job: u64, wamid: String, link: String) {
    let flaw = match platform.http().get(&link).send().await {
        Ok(answer) if answer.status().is_success() => None,
        Ok(answer) => {
            let (code, reason) =
                (answer.status().as_u16(), answer.status().canonical_reason().unwrap_or_default());
            Some(format!(
                "Downloading media from weblink failed with http code {code}, status message {reason}"
            ))
        }
        Err(_) => Some("Downloading media from weblink failed: the host could not be reached".to_owned()),
    };
    platform.change(|world| {
        let now = world.now();
        world.agenda.done(job);
        let failure =
            flaw.map(|details| Failure { code: 131053, title: "Media upload error".into(), details });
        let status = if failure.is_some() { Status::Failed } else { Status::Sent };
        world.agenda.add(now, Task::Step { wamid, status, failure });
    });
}

/// Carries the updates of one address.
async fn serve(
    platform: Platform,
    address: Address,
    mut parcels: mpsc::UnboundedReceiver<Parcel>,
    stop: CancellationToken,
) {
    loop {
        let first = tokio::select! {
            () = stop.cancelled() => return,
            parcel = parcels.recv() => match parcel {
                Some(parcel) => parcel,
                None => return,
            },
        };
        let rules = platform.read(|world| world.rules().webhooks.clone());
        let waiting = parcels.len();
        let several = rules.batch_eagerly || rules.reorder || waiting >= BACKLOG;
        let most = if several { rules.batch_max.max(1) } else { 1 };
        let mut batch = vec![first];
        while batch.len() < most {
            match parcels.try_recv() {
                Ok(parcel) => batch.push(parcel),
                Err(_) => break,
            }
        }
        deliver(&platform, &address, &rules, batch).await;
    }
}

/// Posts a batch, and again for duplicates; then settles its jobs.
async fn deliver(platform: &Platform, address: &Address, rules: &WebhookRules, mut batch: Vec<Parcel>) {
    let seed = platform.read(|world| world.rules().seed);
    if rules.reorder {
        for last in (1..batch.len()).rev() {
            batch.swap(last, platform.dice().roll(seed) as usize % (last + 1));
        }
    }
    let taken = post(platform, address, rules, &batch).await;
    if taken {
        let again: Vec<Parcel> =
            batch.iter().filter(|_| platform.dice().falls(seed, rules.duplicate)).map(Parcel::copy).collect();
        if !again.is_empty() {
            post(platform, address, rules, &again).await;
        }
    }
    platform.change(|world| {
        let now = world.now();
        for parcel in &batch {
            match next_try(parcel.update.attempts, parcel.update.since, now).filter(|_| !taken) {
                Some(due) => world.agenda.postpone(parcel.job, due),
                None => world.agenda.done(parcel.job),
            }
        }
    });
}

/// Posts updates; whether the answer was 200, the only one that counts.
async fn post(platform: &Platform, address: &Address, rules: &WebhookRules, batch: &[Parcel]) -> bool {
    let body = payload::body(batch.iter().map(|parcel| &parcel.update), rules.escape);
    let body = Bytes::from(body.into_bytes());
    let began = Instant::now();
    let secret = if rules.forge_signature { "not the app secret" } else { &address.secret };
    let sent = platform
        .http()
        .post(&address.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("X-Hub-Signature-256", sign::sha256(secret, &body))
        .header("X-Hub-Signature", sign::sha1(secret, &body))
        .body(body.clone())
        .send()
        .await;
    let outcome = match sent {
        Ok(answer) => {
            let status = answer.status().as_u16();
            // Read to the end, so that the connection can be used again.
            let _ = answer.bytes().await;
            Ok(status)
        }
        Err(error) => {
            let error = error.without_url();
            tracing::debug!(%error, "a webhook was not taken");
            Err(reason(&error))
        }
    };
    let taken = outcome == Ok(200);
    let sequence = platform.deliveries().add(Made {
        at: platform.read(|world| world.now()),
        url: address.url.clone(),
        fields: batch.iter().map(|parcel| parcel.update.field.clone()).collect(),
        attempt: batch.iter().map(|parcel| parcel.update.attempts).max().unwrap_or(0) + 1,
        outcome,
        took: began.elapsed(),
        // Large ones are not kept for inspection.
        body: if body.len() > BODY_KEPT { Bytes::new() } else { body },
    });
    platform.tell(News::logged("delivery", sequence));
    taken
}

/// Why there was no answer, in a few words.
fn reason(error: &reqwest::Error) -> String {
    let why = match error {
        error if error.is_timeout() => "no answer within ten seconds",
        error if error.is_connect() => "nobody listens at the address",
        error if error.is_builder() => "the address is not valid",
        _ => "the connection broke",
    };
    why.to_owned()
}

impl Parcel {
    fn copy(&self) -> Self {
        Self { job: self.job, update: self.update.clone() }
    }
}
