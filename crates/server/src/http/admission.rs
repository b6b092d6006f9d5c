//! Who is let in, how often, and how many at once: before anything costs more than looking into memory.
//!
//! Invariants:
//! - A caller who asks too often is refused before the database is asked who they are.
//! - However much one organisation asks, it has so many requests worked on at once and no more: the others find room.
//! - Counts are this process's own; nothing of them is stored.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{FromRequestParts as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use moka::future::Cache;
use rules::id::OrgId;
use rules::time::span;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::actor;
use super::bounds::Bounds;
use super::client::Client;
use super::problem::Problem;
use crate::ctx::Ctx;

/// How long a request waits for another of its organisation to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// When to come back where it cannot be known.
const SOON: Duration = Duration::from_secs(2);
/// So many sessions and keys are remembered as good, for so long after their last use.
const REMEMBERED: u64 = 50_000;
const REMEMBERED_FOR: Duration = span::hours(1);

/// What a caller proves themselves with, hashed.
type Proof = [u8; 32];

/// The state of every limit on requests.
pub struct Admission {
    bounds: Bounds,
    requests: Arc<Semaphore>,
    webhook_bytes: Arc<Semaphore>,
    live: Arc<Semaphore>,
    proofs: Rate<Proof>,
    orgs: Rate<OrgId>,
    strangers: Rate<IpAddr>,
    good: Cache<Proof, ()>,
    shares: Mutex<HashMap<OrgId, Arc<Share>>>,
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

/// What one organisation has of this process.
#[derive(Debug)]
struct Share {
    working: Arc<Semaphore>,
    /// Working or waiting.
    inside: AtomicUsize,
    live: Arc<Semaphore>,
}

/// A request's place among those of its organisation, given back when it is answered.
#[derive(Debug)]
pub struct Turn {
    share: Arc<Share>,
    _working: Option<OwnedSemaphorePermit>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.share.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where a request keeps its [`Turn`]: put into the request when it comes in, filled once it is known for whom it works,
/// emptied when it is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Seat(Arc<Mutex<Option<Turn>>>);

impl Seat {
    fn is_taken(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn leave(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn take(&self, turn: Turn) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(turn);
    }
}

/// A live connection's place.
#[derive(Debug)]
pub struct Watching {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
}

impl Admission {
    /// Limits with nobody inside.
    pub fn new(bounds: &Bounds) -> Self {
        Self {
            requests: Arc::new(Semaphore::new(bounds.requests)),
            webhook_bytes: Arc::new(Semaphore::new(bounds.webhook_bytes)),
            live: Arc::new(Semaphore::new(bounds.live)),
            proofs: Rate::new(bounds.rate, bounds.burst),
            orgs: Rate::new(bounds.rate, bounds.burst),
            strangers: Rate::new(bounds.stranger_rate, bounds.stranger_burst),
            good: Cache::builder().max_capacity(REMEMBERED).time_to_idle(REMEMBERED_FOR).build(),
            shares: Mutex::default(),
            bounds: bounds.clone(),
        }
    }

    /// Room for one more request to the API.
    pub(super) fn request(&self) -> Result<OwnedSemaphorePermit, Refused> {
        self.requests.clone().try_acquire_owned().map_err(|_| Refused::Overloaded)
    }

    /// Room for bytes of webhooks that are still coming in.
    pub(super) fn webhook_bytes(&self, count: usize) -> Result<OwnedSemaphorePermit, Refused> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.webhook_bytes.clone().try_acquire_many_owned(count).map_err(|_| Refused::Overloaded)
    }

    /// Counts a request of somebody who shows nothing.
    pub(super) fn stranger(&self, address: IpAddr) -> Result<(), Refused> {
        self.strangers.take(&network(address)).map_err(Refused::Stranger)
    }

    /// Counts a request that shows a key or session: against that one where it was good before, against the address
    /// where it was not.
    pub(super) async fn proof(&self, proof: &Proof, address: IpAddr) -> Result<(), Refused> {
        if self.good.get(proof).await.is_some() {
            return self.proofs.take(proof).map_err(Refused::Rate);
        }
        self.stranger(address)
    }

    /// Remembers that a key or session is good.
    pub(super) async fn proved(&self, proof: &Proof) {
        if self.good.get(proof).await.is_none() {
            self.good.insert(*proof, ()).await;
        }
    }

    /// Counts a request that works for an organisation, and waits for its turn among that one's others.
    pub(super) async fn enter(&self, org: OrgId, seat: &Seat) -> Result<(), Refused> {
        if seat.is_taken() {
            return Ok(());
        }
        self.orgs.take(&org).map_err(Refused::Rate)?;
        let share = self.share(org);
        if share.inside.fetch_add(1, Ordering::Relaxed) >= self.bounds.requests_per_org * 2 {
            share.inside.fetch_sub(1, Ordering::Relaxed);
            return Err(Refused::Share);
        }
        let mut turn = Turn { share: share.clone(), _working: None };
        let working = tokio::time::timeout(PATIENCE, share.working.clone().acquire_owned()).await;
        turn._working = Some(working.ok().and_then(Result::ok).ok_or(Refused::Share)?);
        seat.take(turn);
        Ok(())
    }

    /// Room for one more live connection of an organisation.
    pub(super) fn watch(&self, org: OrgId) -> Result<Watching, Refused> {
        let own = self.share(org).live.clone().try_acquire_owned().map_err(|_| Refused::Live)?;
        let all = self.live.clone().try_acquire_owned().map_err(|_| Refused::Live)?;
        Ok(Watching { _all: all, _own: own })
    }

    fn share(&self, org: OrgId) -> Arc<Share> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Share {
            working: Arc::new(Semaphore::new(self.bounds.requests_per_org)),
            inside: AtomicUsize::new(0),
            live: Arc::new(Semaphore::new(self.bounds.live_per_org)),
        };
        shares.entry(org).or_insert_with(|| Arc::new(fresh())).clone()
    }

    /// How many requests to the API are worked on, and how many live connections are open.
    pub fn busy(&self) -> (usize, usize) {
        (
            self.bounds.requests - self.requests.available_permits(),
            self.bounds.live - self.live.available_permits(),
        )
    }

    /// Forgets whoever has not come for a while.
    pub fn forget_quiet(&self) {
        self.proofs.forget_quiet();
        self.orgs.forget_quiet();
        self.strangers.forget_quiet();
        let idle = |share: &Arc<Share>| {
            Arc::strong_count(share) == 1 && share.live.available_permits() == self.bounds.live_per_org
        };
        self.shares.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, share| !idle(share));
    }
}

/// How often each of many may come.
struct Rate<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Rate<K> {
    fn new(rate: NonZeroU32, burst: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst)))
    }

    /// Counts one, or says how long to wait.
    fn take(&self, key: &K) -> Result<(), Duration> {
        self.0.check_key(key).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }

    fn forget_quiet(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

/// Lets a request to the API in, or says why not.
pub(super) async fn admit(State(ctx): State<Ctx>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(client) = Client::from_request_parts(&mut parts, &ctx).await;
    let admission = &ctx.admission;
    let counted = match actor::shown(&ctx, &parts.headers) {
        Some(proof) => admission.proof(&proof, client.address).await,
        None => admission.stranger(client.address),
    };
    let _room = match counted.and_then(|()| admission.request()) {
        Ok(room) => room,
        Err(refused) => return refused.told(&ctx).into_response(),
    };
    let seat = Seat::default();
    parts.extensions.insert(seat.clone());
    let response = next.run(Request::from_parts(parts, body)).await;
    seat.leave();
    response
}

/// Why a request was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// A key, session or organisation asks too often.
    Rate(Duration),
    /// An organisation has too many requests under way.
    Share,
    /// Somebody unknown asks too often.
    Stranger(Duration),
    /// Too much is under way altogether.
    Overloaded,
    /// Too many live connections.
    Live,
}

impl Refused {
    /// The problem that it is told as, counted.
    pub(super) fn told(self, ctx: &Ctx) -> Problem {
        ctx.meters.refuse(self.limit());
        self.into()
    }

    /// The limit's name in the metrics.
    pub(super) fn limit(self) -> &'static str {
        match self {
            Self::Rate(_) => "rate",
            Self::Share => "requests_per_org",
            Self::Stranger(_) => "stranger_rate",
            Self::Overloaded => "requests",
            Self::Live => "live",
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Rate(wait) => Self::slow_down(
                "rate_limited",
                wait,
                "This key, session or organisation sends more requests than it may. Send fewer a second, and wait as \
                 long as `Retry-After` says after a 429.",
            ),
            Refused::Share => Self::slow_down(
                "too_many_at_once",
                SOON,
                "This organisation has too many requests under way at once. Wait for answers before sending more.",
            ),
            Refused::Stranger(wait) => Self::slow_down(
                "too_many_from_address",
                wait,
                "Too many requests without a valid sign-in or key came from this address. Wait as long as \
                 `Retry-After` says, and sign in or send a valid key.",
            ),
            Refused::Overloaded => Self::overloaded(SOON),
            Refused::Live => Self::slow_down(
                "too_many_live_connections",
                Duration::from_secs(30),
                "Too many live connections are open. Close those that are no longer watched, and connect again later.",
            ),
        }
    }
}

/// One household has many IPv6 addresses and one network.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn org(n: u128) -> OrgId {
        OrgId(uuid::Uuid::from_u128(n))
    }

    fn bounds() -> Bounds {
        Bounds { requests_per_org: 2, ..Bounds::default() }
    }

    #[tokio::test]
    async fn an_organisation_has_so_many_turns_and_the_next_has_its_own() {
        let admission = Admission::new(&bounds());
        let seats: Vec<Seat> = (0..2).map(|_| Seat::default()).collect();
        for seat in &seats {
            admission.enter(org(1), seat).await.unwrap();
        }
        let late = [Seat::default(), Seat::default(), Seat::default()];
        let waiting = futures::future::join3(
            admission.enter(org(1), &late[0]),
            admission.enter(org(1), &late[1]),
            admission.enter(org(1), &late[2]),
        );
        assert_eq!(waiting.await, (Err(Refused::Share), Err(Refused::Share), Err(Refused::Share)));
        assert_eq!(admission.enter(org(2), &Seat::default()).await, Ok(()), "another is not held up");
        drop(seats);
        assert_eq!(admission.enter(org(1), &late[0]).await, Ok(()), "who was refused left nothing behind");
        drop(late);
        admission.forget_quiet();
        assert!(admission.shares.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_proof_counts_against_its_address_until_it_was_good_once() {
        let few = NonZeroU32::new(2).unwrap();
        let admission =
            Admission::new(&Bounds { stranger_rate: few, stranger_burst: few, ..Bounds::default() });
        let here: IpAddr = "2001:db8::1".parse().unwrap();
        let nearby: IpAddr = "2001:db8::2".parse().unwrap();
        assert_eq!(admission.proof(&[1; 32], here).await, Ok(()));
        assert_eq!(admission.proof(&[2; 32], nearby).await, Ok(()));
        assert!(matches!(admission.proof(&[3; 32], here).await, Err(Refused::Stranger(_))));
        assert_eq!(admission.proof(&[3; 32], "2001:db8:0:1::1".parse().unwrap()).await, Ok(()));
        admission.proved(&[1; 32]).await;
        for _ in 0..100 {
            assert_eq!(admission.proof(&[1; 32], here).await, Ok(()));
        }
    }
}
