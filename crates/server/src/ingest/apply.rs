//! Updates, applied in batches: one transaction for some 256 of any organisations.
//!
//! Updates go straight from the bodies that they were cut from into what they say, without being stored on the way. Where
//! that fails they are stored first, and the pending ones are applied. When a batch fails it is rolled back and halved until the update that cannot be applied stands alone; that one is
//! kept aside with the reason, and the others go on.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use meta::webhook::{self, Event, InboundMessage};
use rules::id::OrgId;
use rules::settings::OrgSettings;
use rules::time::{Timestamp, span};
use store::ingest::{Body, NewUpdate, Update};
use store::routing::{Address, Route};
use store::{OrgScope, StoreError, Tx};

use super::split::{BYTES, WHOLE_BODY, split};
use super::{coexistence, message, preference, status};
use crate::ctx::Ctx;
use crate::onboarding;
use crate::trace::Trace;

/// How many updates one transaction applies.
const BATCH: i64 = 256;

/// How often a batch is begun anew because another node has made the same person at the same moment.
const ANEW: usize = 4;

/// How far Meta's clock may be ahead of ours.
const CLOCKS_DIFFER: Duration = span::minutes(5);

/// What became of one update.
pub(super) enum Fate {
    /// It is part of what we know now (or was already).
    Applied,
    /// It speaks of a message that we do not know yet; kept under the hash of that message's id.
    Parked([u8; 16]),
    /// A person has to look at it.
    Kept(String),
}

/// How many bodies are read at once.
const BODIES: i64 = 256;
/// With so many updates a transaction is full; the last body's are added whole.
const ENOUGH: usize = 256;

/// What happened to the oldest bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Straight {
    /// There were none.
    Nothing,
    /// Updates are pending, which came before them.
    Behind,
    /// Their updates have been applied, and there were no others.
    AllApplied,
    /// Their updates have been applied.
    Applied,
    /// It failed: they must be stored first.
    Failed,
}

/// Applies the updates of the oldest bodies without storing them on the way. Only where none is pending: those come first.
pub async fn straight_step(ctx: &Ctx) -> store::Result<Straight> {
    let mut tx = ctx.store.read().await?;
    if tx.has_pending().await? {
        return Ok(Straight::Behind);
    }
    let bodies = tx.unsplit_bodies(BODIES, BYTES).await?;
    drop(tx);
    if bodies.is_empty() {
        return Ok(Straight::Nothing);
    }
    // Cut before the transaction begins, so that others need not wait for the cutting.
    let (mut updates, mut seqs) = (Vec::new(), Vec::with_capacity(bodies.len()));
    for body in &bodies {
        if updates.len() >= ENOUGH {
            break;
        }
        updates.extend(split(body));
        seqs.push(body.seq);
    }
    let mut applied = or_panic(apply_straight(ctx, &updates, &seqs)).await;
    for _ in 0..ANEW {
        if !matches!(applied, Err(StoreError::Taken(_))) {
            break;
        }
        applied = or_panic(apply_straight(ctx, &updates, &seqs)).await;
    }
    match applied {
        Ok(true) => {
            let all = seqs.len() == bodies.len() && are_all(&bodies);
            Ok(if all { Straight::AllApplied } else { Straight::Applied })
        }
        Ok(false) => Ok(Straight::Behind),
        // Nothing is wrong with the updates; they wait.
        Err(error @ StoreError::Busy(_)) => Err(error),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "updates are stored first, because one of them cannot be applied");
            Ok(Straight::Failed)
        }
    }
}

/// Whether these are fewer than may be read at once: nothing was left behind them.
fn are_all(bodies: &[Body]) -> bool {
    let few = i64::try_from(bodies.len()).is_ok_and(|count| count < BODIES);
    let small =
        i64::try_from(bodies.iter().map(|body| body.body.len()).sum::<usize>()).is_ok_and(|sum| sum < BYTES);
    few && small
}

/// Another node may be at the same bodies: the keys let one of both through. `false`: some are pending by now.
async fn apply_straight(ctx: &Ctx, updates: &[NewUpdate], bodies: &[i64]) -> store::Result<bool> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let unseen = tx.unseen_updates(updates.to_vec(), now).await?;
    if tx.has_pending().await? {
        return Ok(false);
    }
    let updates: Vec<Update> = (0..).zip(&unseen).map(|(place, new)| as_stored(place, new)).collect();
    let mut judged = apply_in(ctx, &mut tx, &updates.iter().collect::<Vec<_>>()).await?;
    let (mut parked, mut aside) = (Vec::new(), 0);
    for (place, new) in (0..).zip(&unseen) {
        let (fate, org) = judged.remove(&place).unwrap_or_else(|| (Fate::Kept(PASSED_OVER.to_owned()), None));
        match (fate, org) {
            (Fate::Applied, _) | (Fate::Parked(_), None) => continue,
            (Fate::Parked(key), Some(org)) => parked.push((tx.insert_update(new, now).await?, org, key)),
            (Fate::Kept(reason), org) => {
                let seq = tx.insert_update(new, now).await?;
                tx.keep_update(seq, org, &reason, now).await?;
            }
        }
        aside += 1;
    }
    tx.park_updates(&parked, now).await?;
    tx.mark_split(bodies, now).await?;
    tx.commit().await?;
    count(ctx, unseen.len(), aside);
    Ok(true)
}

/// An update as it would be read back, had it been stored; named by its place among its likes.
fn as_stored(place: i64, new: &NewUpdate) -> Update {
    Update {
        seq: place,
        body_seq: new.body_seq,
        app_id: new.app,
        kind: new.kind.to_owned(),
        waba_id: new.waba_id.clone(),
        phone_number_id: new.phone_number_id.clone(),
        raw: new.raw.clone(),
        received_at: new.received_at,
        attempts: 0,
    }
}

/// Applies the oldest pending updates. `false`: there were none.
pub async fn apply_step(ctx: &Ctx) -> store::Result<bool> {
    let mut tx = ctx.store.read().await?;
    let updates = tx.pending_updates(BATCH).await?;
    drop(tx);
    if updates.is_empty() {
        return Ok(false);
    }
    apply(ctx, &updates).await?;
    Ok(true)
}

async fn apply(ctx: &Ctx, updates: &[Update]) -> store::Result<()> {
    let mut applied = or_panic(apply_pending(ctx, updates)).await;
    for _ in 0..ANEW {
        // Another node has made one of the same people or conversations at this moment: whoever looks again finds them.
        if !matches!(applied, Err(StoreError::Taken(_))) {
            break;
        }
        applied = or_panic(apply_pending(ctx, updates)).await;
    }
    match applied {
        Ok(()) => Ok(()),
        // Nothing is wrong with the updates; they wait.
        Err(error @ StoreError::Busy(_)) => Err(error),
        Err(error) if updates.len() == 1 => keep(ctx, &updates[0], &error).await,
        Err(_) => {
            let (first, second) = updates.split_at(updates.len() / 2);
            Box::pin(apply(ctx, first)).await?;
            Box::pin(apply(ctx, second)).await
        }
    }
}

/// A panic is a defect of ours in one update; it must not end the loop for all of them.
async fn or_panic<T>(applying: impl Future<Output = store::Result<T>>) -> store::Result<T> {
    AssertUnwindSafe(applying).catch_unwind().await.unwrap_or_else(|_| {
        Err(StoreError::Corrupt { table: "updates", reason: "applying it panicked".to_owned() })
    })
}

async fn keep(ctx: &Ctx, update: &Update, error: &StoreError) -> store::Result<()> {
    tracing::error!(
        update.seq,
        kind = update.kind,
        error = error as &dyn std::error::Error,
        "kept an update that cannot be applied"
    );
    let mut tx = ctx.store.begin().await?;
    tx.keep_update(update.seq, None, &format!("it could not be stored: {error}"), ctx.now()).await?;
    tx.commit().await
}

async fn apply_pending(ctx: &Ctx, updates: &[Update]) -> store::Result<()> {
    let mut tx = ctx.store.begin().await?;
    let held = tx.hold_updates(&updates.iter().map(|update| update.seq).collect::<Vec<_>>()).await?;
    let updates: Vec<&Update> = updates.iter().filter(|update| held.contains(&update.seq)).collect();
    let judged = apply_in(ctx, &mut tx, &updates).await?;
    let now = ctx.now();
    let (mut applied, mut parked) = (Vec::with_capacity(updates.len()), Vec::new());
    for (seq, (fate, org)) in judged {
        match (fate, org) {
            (Fate::Kept(reason), org) => tx.keep_update(seq, org, &reason, now).await?,
            (Fate::Parked(key), Some(org)) => parked.push((seq, org, key)),
            (Fate::Parked(_), None) | (Fate::Applied, _) => applied.push(seq),
        }
    }
    tx.park_updates(&parked, now).await?;
    tx.drop_updates(&applied).await?;
    tx.commit().await?;
    count(ctx, updates.len(), updates.len() - applied.len());
    Ok(())
}

/// Counts a batch: how many updates it was, and how many of them were put aside.
fn count(ctx: &Ctx, all: usize, aside: usize) {
    ctx.meters.batch("apply", all);
    ctx.meters.updates("applied", all - aside);
    ctx.meters.updates("put_aside", aside);
}

/// What became of updates, each with the organisation that it belongs to.
type Judged = HashMap<i64, (Fate, Option<OrgId>)>;

/// Applies updates within a transaction that has not entered any organisation: routing asks across them.
async fn apply_in(ctx: &Ctx, tx: &mut Tx, updates: &[&Update]) -> store::Result<Judged> {
    let routes = Routes::find(tx, updates).await?;
    // Each its own moment, the last of them now: ids and entries made within one batch keep the order of arrival.
    let first = ctx.now() - Duration::from_micros(updates.len() as u64);
    let moments = (1..).map(|n| first + Duration::from_micros(n));
    let mut fates = HashMap::with_capacity(updates.len());
    let mut routed = Vec::with_capacity(updates.len());
    for (update, now) in updates.iter().zip(moments) {
        let parsed = webhook::one(&update.raw).filter(|_| update.kind != WHOLE_BODY);
        match (parsed, routes.of(update)) {
            (Some(parsed), Some(route)) => routed.push((*update, parsed, route, now)),
            // News of no organisation asks across all of them, too.
            (Some(parsed), None) => {
                let event = parsed.event();
                let heard = onboarding::apply_unrouted(ctx, tx, update.app_id, &parsed, &event, now);
                fates.insert(update.seq, heard.await?.into());
            }
            (None, _) => {
                let why = if update.kind == WHOLE_BODY { NO_WEBHOOK } else { NOT_READ };
                fates.insert(update.seq, Fate::Kept(why.to_owned()));
            }
        }
    }
    let orgs = routes.orgs();
    let settings = Settings::read(tx, &orgs).await?;
    // Messages go together and before what is said of them or of anything else, which never reaches back into one; but
    // for the news that somebody has another user id, which what they write next stands on. Statuses go together, too,
    // and last: of what was said on the phone as well.
    let (mut messages, mut statuses, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (update, parsed, route, now) in routed {
        let setting = settings.setting(ctx, route, update, now);
        match parsed.event() {
            Event::Message(inbound) => messages.push((update.seq, setting, inbound)),
            event @ Event::UserIdUpdate { .. } => {
                write(tx, &orgs, &mut messages, &mut fates).await?;
                let mut scope = tx.org(route.org_id).await?;
                fates.insert(update.seq, apply_event(&setting, &mut scope, &parsed, &event).await?);
            }
            Event::Status(status) => statuses.push((update.seq, setting, status)),
            event => others.push((update.seq, setting, parsed, event)),
        }
    }
    write(tx, &orgs, &mut messages, &mut fates).await?;
    for (seq, setting, parsed, event) in &others {
        let mut scope = tx.org(setting.route.org_id).await?;
        fates.insert(*seq, apply_event(setting, &mut scope, parsed, event).await?);
    }
    let items: Vec<_> = statuses.iter().map(|(_, setting, status)| (setting, &**status)).collect();
    let applied = status::apply_all(&mut tx.batch(&orgs).await?, &items).await?;
    fates.extend(statuses.iter().map(|(seq, ..)| *seq).zip(applied));
    let judged = updates.iter().map(|update| {
        let fate = fates.remove(&update.seq).unwrap_or_else(|| Fate::Kept(PASSED_OVER.to_owned()));
        (update.seq, (fate, routes.of(update).map(|route| route.org_id)))
    });
    Ok(judged.collect())
}

/// Why a whole body is kept.
const NO_WEBHOOK: &str = "the body is not of the shape of a webhook";
/// Why an update is kept that was cut from one.
const NOT_READ: &str = "the stored update does not read back";
/// Why an update is kept that nothing was done with: better seen by a person than dropped.
const PASSED_OVER: &str = "the update was passed over";

/// Messages as they came, each with its place among the updates.
type Messages<'a> = Vec<(i64, Setting<'a>, Box<InboundMessage>)>;

/// Writes the messages gathered so far.
async fn write(
    tx: &mut Tx,
    orgs: &[OrgId],
    messages: &mut Messages<'_>,
    fates: &mut HashMap<i64, Fate>,
) -> store::Result<()> {
    let gathered = std::mem::take(messages);
    let items: Vec<_> = gathered.iter().map(|(_, setting, inbound)| (setting, &**inbound)).collect();
    let written = message::apply_all(&mut tx.batch(orgs).await?, &items).await?;
    fates.extend(gathered.iter().map(|(seq, ..)| *seq).zip(written));
    Ok(())
}

/// Where each update of a batch belongs.
struct Routes(HashMap<Address, Option<Route>>);

impl Routes {
    async fn find(tx: &mut Tx, updates: &[&Update]) -> store::Result<Self> {
        let mut addresses: Vec<Address> = updates.iter().filter_map(|update| Self::address(update)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let routes = tx.routes(&addresses).await?;
        Ok(Self(addresses.into_iter().zip(routes).collect()))
    }

    fn of(&self, update: &Update) -> Option<&Route> {
        self.0.get(&Self::address(update)?)?.as_ref()
    }

    fn orgs(&self) -> Vec<OrgId> {
        let mut orgs: Vec<OrgId> = self.0.values().flatten().map(|route| route.org_id).collect();
        orgs.sort_unstable();
        orgs.dedup();
        orgs
    }

    fn address(update: &Update) -> Option<Address> {
        Some(Address {
            app: update.app_id,
            waba_id: update.waba_id.clone()?,
            phone_number_id: update.phone_number_id.clone(),
        })
    }
}

/// What the organisations of a batch have settled.
struct Settings {
    known: HashMap<OrgId, OrgSettings>,
    usual: OrgSettings,
}

impl Settings {
    async fn read(tx: &mut Tx, orgs: &[OrgId]) -> store::Result<Self> {
        let stored = tx.batch(orgs).await?.orgs(orgs).await?;
        let known = stored.into_iter().map(|(id, org)| (id, OrgSettings::read(&org.settings)));
        Ok(Self { known: known.collect(), usual: OrgSettings::default() })
    }

    fn setting<'a>(&'a self, ctx: &'a Ctx, route: &'a Route, update: &Update, now: Timestamp) -> Setting<'a> {
        let settings = self.known.get(&route.org_id).unwrap_or(&self.usual);
        let trace = Trace::Webhook(update.body_seq);
        Setting { ctx, route, settings, trace, received_at: update.received_at, now }
    }
}

/// What applying one update needs beside the update.
pub(super) struct Setting<'a> {
    pub ctx: &'a Ctx,
    pub route: &'a Route,
    pub settings: &'a OrgSettings,
    pub trace: Trace,
    pub received_at: Timestamp,
    pub now: Timestamp,
}

impl Setting<'_> {
    /// Meta's own time of something, in seconds. One that lies further ahead than clocks differ is none: it must neither
    /// keep a window open nor let one word of a person overrule the next.
    pub fn time(&self, seconds: Option<i64>) -> Timestamp {
        let told = seconds.map(Timestamp::from_seconds).filter(|at| *at <= self.received_at + CLOCKS_DIFFER);
        told.unwrap_or(self.received_at)
    }

    /// The place of something among what is told of other clocks, by Meta's own time of it. That is in whole seconds: the end
    /// of the second, so that it does not slip before what it answers or takes back.
    pub fn place(&self, told: Timestamp) -> Timestamp {
        (told + Duration::from_micros(999_999)).min(self.received_at.max(told))
    }

    /// The portfolio within which BSUIDs mean something; the messaging account where we do not know it.
    pub fn portfolio(&self) -> String {
        self.route.portfolio.clone().unwrap_or_else(|| self.route.account_id.to_string())
    }
}

async fn apply_event(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    update: &webhook::Update<'_>,
    event: &Event,
) -> store::Result<Fate> {
    match event {
        // Written with the others of its batch, before.
        Event::Message(_) | Event::Status(_) => Ok(Fate::Kept(PASSED_OVER.to_owned())),
        Event::Preference(stated) => preference::apply(setting, scope, stated).await,
        Event::Echo(echo) => coexistence::apply_echo(setting, scope, echo).await,
        Event::UserIdUpdate { person, previous_bsuid } => {
            message::apply_user_id(setting, scope, person, previous_bsuid.as_deref()).await
        }
        Event::HistoryChunk(_) | Event::HistoryMessage(_) | Event::ContactSync(_) => Ok(Fate::Kept(
            "history and contacts of the WhatsApp Business app are kept until they can be imported"
                .to_owned(),
        )),
        Event::Call(_) | Event::CallStatus(_) => Ok(Fate::Kept("calls are not handled".to_owned())),
        Event::Unknown { kind } => Ok(Fate::Kept(format!("updates of the kind \"{kind}\" are not handled"))),
        Event::Malformed { reason } => Ok(Fate::Kept((*reason).to_owned())),
        Event::Error(_)
        | Event::AccountUpdate(_)
        | Event::AccountReview { .. }
        | Event::AccountAlert(_)
        | Event::Capability(_)
        | Event::NumberName(_)
        | Event::NumberQuality(_)
        | Event::Security(_)
        | Event::PartnerSolution(_)
        | Event::TemplateStatus(_)
        | Event::TemplateQuality(_)
        | Event::TemplateComponents(_)
        | Event::TemplateCategory(_)
        | Event::BusinessUsername(_) => {
            onboarding::apply_account_event(setting.ctx, scope, setting.route, update, event, setting.now)
                .await
                .map(Into::into)
        }
    }
}

impl From<onboarding::Heard> for Fate {
    fn from(heard: onboarding::Heard) -> Self {
        match heard {
            onboarding::Heard::Applied => Self::Applied,
            onboarding::Heard::Kept(reason) => Self::Kept(reason),
        }
    }
}
