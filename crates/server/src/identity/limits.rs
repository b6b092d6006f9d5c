//! Limits on guessing: a few attempts are free, each further one costs a longer wait.
//!
//! Three counts per attempt: this account from this address (strict), this account from anywhere (loose and short, so
//! that a stranger cannot lock somebody out for long), this address (many people may share one).

use std::time::Duration;

use rules::id::OrgId;
use rules::time::span;

use super::secret::hash;
use crate::ctx::Ctx;
use crate::http::{Client, Problem};

/// Counting starts anew after so long.
const WINDOW: Duration = span::hours(1);

#[derive(Clone, Copy)]
struct Limit {
    /// So many attempts in a window without a wait.
    free: i64,
    /// The first wait; each further attempt doubles it.
    first: Duration,
    /// No wait is longer.
    longest: Duration,
}

const PAIR: Limit = Limit { free: 5, first: Duration::from_secs(15), longest: span::minutes(30) };
const ACCOUNT: Limit = Limit { free: 20, first: Duration::from_secs(5), longest: span::minutes(2) };
const ADDRESS: Limit = Limit { free: 60, first: Duration::from_secs(30), longest: span::hours(1) };

impl Limit {
    fn wait(self, attempts: i64) -> Option<Duration> {
        let beyond = u32::try_from(attempts - self.free).ok()?;
        Some(self.first.saturating_mul(2u32.saturating_pow(beyond.min(20))).min(self.longest))
    }
}

/// Beginning what somebody else may have to finish guesses nothing; it costs a row.
const BEGINNINGS: Limit = Limit { free: 300, first: Duration::from_secs(10), longest: span::minutes(10) };

/// Counts something begun (`passkey`, …) from an address, or refuses it with 429.
pub(super) async fn count_beginning(ctx: &Ctx, kind: &str, client: &Client) -> Result<(), Problem> {
    let subject = hash(&format!("{kind} begun {}", client.network()));
    let mut tx = ctx.store.begin().await?;
    let blocked = count(ctx, &mut tx, &subject, BEGINNINGS).await?;
    tx.commit().await?;
    blocked.map_or(Ok(()), |wait| Err(too_many(wait)))
}

/// What strangers may send with public forms: whoever stands at one counter may share an address.
const PUBLIC: Limit = Limit { free: 60, first: Duration::from_secs(30), longest: span::hours(1) };

/// How many may say that they see a form: a whole town's phones may share an address, and it costs a row.
const SEEING: Limit = Limit { free: 3_000, first: Duration::from_secs(10), longest: span::minutes(10) };

/// How often strangers may have one address written to: somebody who mistyped something tries again.
const ASKED: Limit = Limit { free: 3, first: span::hours(1), longest: span::hours(24) };

/// How many addresses strangers may have an organisation write to in an hour: each message is on its bill.
const ASKING: Limit = Limit { free: 500, first: span::minutes(10), longest: span::hours(1) };

/// Counts something that a stranger sends (`form`, …) from an address, or refuses it with 429.
pub(crate) async fn count_public(ctx: &Ctx, kind: &str, client: &Client) -> Result<(), Problem> {
    count_stranger(ctx, kind, client, PUBLIC).await
}

/// Counts that a stranger sees something (`form`, …), or refuses it with 429.
pub(crate) async fn count_seen(ctx: &Ctx, kind: &str, client: &Client) -> Result<(), Problem> {
    count_stranger(ctx, &format!("{kind} seen"), client, SEEING).await
}

async fn count_stranger(ctx: &Ctx, what: &str, client: &Client, limit: Limit) -> Result<(), Problem> {
    let subject = hash(&format!("{what} from {}", client.network()));
    let mut tx = ctx.store.begin().await?;
    let blocked = count(ctx, &mut tx, &subject, limit).await?;
    tx.commit().await?;
    blocked.map_or(Ok(()), |wait| Err(too_many(wait)))
}

/// Counts that a stranger has an organisation write to an address that may be anybody's, or says why it is written to no
/// more for now.
pub(crate) async fn may_be_asked(
    ctx: &Ctx,
    org: OrgId,
    address: &str,
) -> store::Result<Result<(), &'static str>> {
    let counts = [
        (format!("asked {org} {address}"), ASKED, "this address was written to often enough for now"),
        (format!("asking {org}"), ASKING, "too many people were to be written to within an hour"),
    ];
    let mut tx = ctx.store.begin().await?;
    let mut may = Ok(());
    for (subject, limit, why) in counts {
        if count(ctx, &mut tx, &hash(&subject), limit).await?.is_some() {
            may = Err(why);
            break;
        }
    }
    tx.commit().await?;
    Ok(may)
}

/// Counts one more for a subject. Returns how long it must wait, if it must.
async fn count(
    ctx: &Ctx,
    tx: &mut store::Tx,
    subject: &[u8; 32],
    limit: Limit,
) -> store::Result<Option<Duration>> {
    let now = ctx.now();
    let throttle = tx.count_attempt(subject, now, now - WINDOW).await?;
    if let Some(until) = throttle.blocked_until.filter(|until| *until > now) {
        return Ok(Some(until.since(now)));
    }
    if let Some(wait) = limit.wait(throttle.failures) {
        tx.block_attempts(subject, now + wait).await?;
    }
    Ok(None)
}

fn too_many(wait: Duration) -> Problem {
    Problem::too_many(
        "too_many_attempts",
        wait,
        format!("There were too many attempts. Wait {} seconds and try again.", wait.as_secs() + 1),
    )
}

/// An attempt that was counted and let through.
pub(super) struct Attempt {
    pair: [u8; 32],
    account: [u8; 32],
    address: [u8; 32],
}

impl Attempt {
    /// Counts an attempt of a kind (`sign-in`, …) at an account before it is made, or refuses it with 429.
    pub(super) async fn count(
        ctx: &Ctx,
        kind: &str,
        account: &str,
        client: &Client,
    ) -> Result<Self, Problem> {
        let from = client.network();
        let attempt = Self {
            pair: hash(&format!("{kind} pair {account} {from}")),
            account: hash(&format!("{kind} account {account}")),
            address: hash(&format!("{kind} address {from}")),
        };
        let mut tx = ctx.store.begin().await?;
        let mut blocked = None;
        // The account comes last: whoever is refused for what they are does not keep its owner out with it.
        let counts = [(attempt.pair, PAIR), (attempt.address, ADDRESS), (attempt.account, ACCOUNT)];
        for (subject, limit) in counts {
            blocked = count(ctx, &mut tx, &subject, limit).await?;
            if blocked.is_some() {
                break;
            }
        }
        tx.commit().await?;
        blocked.map_or(Ok(attempt), |wait| Err(too_many(wait)))
    }

    /// Takes the count back: this attempt has proved itself.
    pub(super) async fn succeeded(&self, tx: &mut store::Tx) -> store::Result<()> {
        tx.clear_attempts(&self.pair).await?;
        tx.clear_attempts(&self.account).await?;
        tx.forgive_attempt(&self.address).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        assert_eq!(PAIR.wait(4), None);
        assert_eq!(PAIR.wait(5), Some(Duration::from_secs(15)));
        assert_eq!(PAIR.wait(7), Some(Duration::from_secs(60)));
        assert_eq!(PAIR.wait(1_000), Some(span::minutes(30)));
    }
}
