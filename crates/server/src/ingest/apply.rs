//! Pending updates, applied in batches: one transaction for up to 256 of any organisations.
//!
//! When a batch fails it is rolled back and halved until the update that cannot be applied stands alone; that one is
//! kept aside with the reason, and the others go on.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use meta::webhook::{self, Event};
use rules::id::{AppId, OrgId};
use rules::settings::OrgSettings;
use rules::time::{Timestamp, span};
use store::ingest::Update;
use store::routing::Route;
use store::{OrgScope, StoreError, Tx};

use super::split::WHOLE_BODY;
use super::{coexistence, message, preference, status};
use crate::ctx::Ctx;
use crate::{bot, dispatch, media, onboarding};

/// How many updates one transaction applies.
const BATCH: i64 = 256;

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

/// Applies the oldest pending updates. `false`: there were none.
pub async fn apply_step(ctx: &Ctx) -> store::Result<bool> {
    let mut tx = ctx.store.read().await?;
    let updates = tx.pending_updates(BATCH).await?;
    drop(tx);
    if updates.is_empty() {
        return Ok(false);
    }
    apply(ctx, &updates).await?;
    for signal in [dispatch::QUEUE, bot::QUEUE, media::QUEUE, onboarding::jobs::CONNECTION] {
        ctx.ring(signal);
    }
    Ok(true)
}

async fn apply(ctx: &Ctx, updates: &[Update]) -> store::Result<()> {
    // A panic is a defect of ours in one update; it must not end the loop for all of them.
    let applied = AssertUnwindSafe(apply_together(ctx, updates)).catch_unwind().await.unwrap_or_else(|_| {
        Err(StoreError::Corrupt { table: "updates", reason: "applying it panicked".to_owned() })
    });
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

async fn apply_together(ctx: &Ctx, updates: &[Update]) -> store::Result<()> {
    let mut tx = ctx.store.begin().await?;
    // Routing asks across organisations, so it comes before the first of them is entered.
    let held = tx.hold_updates(&updates.iter().map(|update| update.seq).collect::<Vec<_>>()).await?;
    let routes = Routes::find(&mut tx, updates).await?;
    // Each its own moment, the last of them now: ids and entries made within one batch keep the order of arrival.
    let mut now = ctx.now() - Duration::from_micros(held.len() as u64);
    let mut settings = HashMap::new();
    let mut applied = Vec::with_capacity(updates.len());
    for update in updates.iter().filter(|update| held.contains(&update.seq)) {
        now = now + Duration::from_micros(1);
        let route = routes.of(update);
        match apply_one(ctx, &mut tx, route, update, &mut settings, now).await? {
            Fate::Applied => applied.push(update.seq),
            Fate::Kept(reason) => {
                tx.keep_update(update.seq, route.map(|route| route.org_id), &reason, now).await?
            }
            Fate::Parked(key) => match route {
                Some(route) => tx.park_update(update.seq, route.org_id, &key, now).await?,
                None => applied.push(update.seq),
            },
        }
    }
    tx.drop_updates(&applied).await?;
    tx.commit().await
}

/// Where each update of a batch belongs.
struct Routes(HashMap<RouteKey, Option<Route>>);

type RouteKey = (AppId, String, Option<String>);

impl Routes {
    async fn find(tx: &mut Tx, updates: &[Update]) -> store::Result<Self> {
        let mut routes = HashMap::new();
        for update in updates {
            let Some(key) = Self::key(update) else { continue };
            if let Entry::Vacant(place) = routes.entry(key) {
                let (app, waba, phone_number) = place.key();
                let route = tx.route(*app, waba, phone_number.as_deref()).await?;
                place.insert(route);
            }
        }
        Ok(Self(routes))
    }

    fn of(&self, update: &Update) -> Option<&Route> {
        self.0.get(&Self::key(update)?)?.as_ref()
    }

    fn key(update: &Update) -> Option<RouteKey> {
        Some((update.app_id, update.waba_id.clone()?, update.phone_number_id.clone()))
    }
}

/// What applying one update needs beside the update.
pub(super) struct Setting<'a> {
    pub ctx: &'a Ctx,
    pub route: &'a Route,
    pub settings: &'a OrgSettings,
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

    /// The portfolio within which BSUIDs mean something; the messaging account where we do not know it.
    pub fn portfolio(&self) -> String {
        self.route.portfolio.clone().unwrap_or_else(|| self.route.account_id.to_string())
    }
}

async fn apply_one(
    ctx: &Ctx,
    tx: &mut Tx,
    route: Option<&Route>,
    update: &Update,
    settings: &mut HashMap<OrgId, OrgSettings>,
    now: Timestamp,
) -> store::Result<Fate> {
    if update.kind == WHOLE_BODY {
        return Ok(Fate::Kept("the body is not of the shape of a webhook".to_owned()));
    }
    let Some(parsed) = webhook::one(&update.raw) else {
        return Ok(Fate::Kept("the stored update does not read back".to_owned()));
    };
    let event = parsed.event();
    let Some(route) = route else {
        return onboarding::apply_unrouted(ctx, tx, update.app_id, &parsed, &event, now)
            .await
            .map(Into::into);
    };
    let mut scope = tx.org(route.org_id).await?;
    let settings = match settings.entry(route.org_id) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => {
            let stored = scope.org().await?.map(|org| org.settings);
            place.insert(stored.as_deref().map(OrgSettings::read).unwrap_or_default())
        }
    };
    let setting = Setting { ctx, route, settings, received_at: update.received_at, now };
    apply_event(&setting, &mut scope, &parsed, &event).await
}

async fn apply_event(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    update: &webhook::Update<'_>,
    event: &Event,
) -> store::Result<Fate> {
    match event {
        Event::Message(inbound) => message::apply(setting, scope, inbound).await,
        Event::Status(update) => status::apply(setting, scope, update).await,
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
