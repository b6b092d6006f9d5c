//! What Meta's limits leave of people who may be written to first, while the messages of one round take their part of it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use rules::allowance::Allowance;
use rules::gate::WINDOW;
use rules::id::{AccountId, ContactId, NumberId, OrgId};
use rules::number::MessagingLimit;
use rules::time::Timestamp;
use store::Tx;
use store::begun::Begun;
use store::messages::GateFacts;

use super::crowds::Crowds;
use crate::ctx::Ctx;

/// Of the portfolios that a round is sent from.
#[derive(Debug, Default)]
pub(super) struct Allowances {
    left: HashMap<(OrgId, String), Allowance>,
    /// Who counts already, and may be written to again.
    counts: HashSet<(OrgId, String, ContactId)>,
    /// Whom this round writes to first.
    begun: BTreeSet<(OrgId, Begun)>,
}

impl Allowances {
    /// Reads what is left to those that have a limit.
    pub async fn read(
        tx: &mut Tx,
        crowds: &Crowds,
        sent: &[(OrgId, &GateFacts)],
        now: Timestamp,
    ) -> store::Result<Self> {
        let mut allowances = Self::default();
        let limited: Vec<_> =
            sent.iter().filter_map(|(org, facts)| Some((*org, *facts, people(facts)?))).collect();
        if limited.is_empty() {
            return Ok(allowances);
        }
        let keys: Vec<_> = limited.iter().map(|(org, facts, _)| (*org, facts.thread.contact_id)).collect();
        let orgs: Vec<OrgId> = keys.iter().map(|(org, _)| *org).collect();
        let counting = tx.batch(&orgs).await?.begun_by(&keys, now - WINDOW).await?;
        for ((org, contact), portfolios) in keys.into_iter().zip(counting) {
            allowances.counts.extend(portfolios.into_iter().map(|portfolio| (org, portfolio, contact)));
        }
        for (org, facts, limit) in limited {
            let key = (org, portfolio_of(facts));
            let Entry::Vacant(place) = allowances.left.entry(key) else { continue };
            if let Some(people) = crowds.of(place.key(), limit, now) {
                place.insert(Allowance::of(limit, people, None, now));
                continue;
            }
            let most = i64::try_from(limit).unwrap_or(i64::MAX);
            let crowd = tx.org(org).await?.crowd(&place.key().1, now - WINDOW, most).await?;
            let people = crowd.people.unsigned_abs();
            crowds.keep(place.key(), people, now);
            place.insert(Allowance::of(limit, people, crowd.earliest, now));
        }
        Ok(allowances)
    }

    /// When somebody may be written to first again, if not now.
    pub fn frees_at(&self, org: OrgId, facts: &GateFacts) -> Option<Timestamp> {
        let (portfolio, contact) = (portfolio_of(facts), facts.thread.contact_id);
        let begun = (org, Begun { portfolio: portfolio.clone(), contact });
        if self.begun.contains(&begun) || self.counts.contains(&(org, portfolio.clone(), contact)) {
            return None;
        }
        self.left.get(&(org, portfolio))?.frees_at()
    }

    /// Somebody is written to first.
    pub fn take(&mut self, crowds: &Crowds, org: OrgId, facts: &GateFacts) {
        let (portfolio, contact) = (portfolio_of(facts), facts.thread.contact_id);
        let key = (org, portfolio.clone());
        let Some(allowance) = self.left.get_mut(&key) else { return };
        let is_new = !self.counts.contains(&(org, portfolio.clone(), contact));
        if self.begun.insert((org, Begun { portfolio, contact })) && is_new {
            allowance.take();
            crowds.one_more(&key);
        }
    }

    /// Writes down whom.
    pub async fn write(&self, tx: &mut Tx, now: Timestamp) -> store::Result<()> {
        let orgs: Vec<OrgId> = self.begun.iter().map(|(org, _)| *org).collect();
        if orgs.is_empty() {
            return Ok(());
        }
        tx.batch(&orgs).await?.note_begun(&self.begun, now).await
    }
}

fn portfolio_of(facts: &GateFacts) -> String {
    named(facts.portfolio.clone(), facts.account_id)
}

/// A portfolio that is not known is as large as its account.
fn named(portfolio: Option<String>, account: AccountId) -> String {
    portfolio.unwrap_or_else(|| account.to_string())
}

/// How many people the portfolio of a number may write to first.
fn people(facts: &GateFacts) -> Option<u64> {
    MessagingLimit::parse(facts.messaging_limit.as_deref()?)?.people()
}

/// The limit of a number's portfolio, and what is left of it; for people to see. `None`: there is no such number; within:
/// there is no limit.
pub(crate) async fn allowance_of(
    ctx: &Ctx,
    org: OrgId,
    number: NumberId,
) -> store::Result<Option<Option<(u64, Allowance)>>> {
    let now = ctx.now();
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let Some((account, portfolio)) = scope.portfolio_of_number(number).await? else { return Ok(None) };
    let Some(number) = scope.number(number).await? else { return Ok(None) };
    let Some(limit) = number.messaging_limit.as_deref().and_then(MessagingLimit::parse) else {
        return Ok(Some(None));
    };
    let Some(limit) = limit.people() else { return Ok(Some(None)) };
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let crowd = scope.crowd(&named(portfolio, account), now - WINDOW, most).await?;
    Ok(Some(Some((limit, Allowance::of(limit, crowd.people.unsigned_abs(), crowd.earliest, now)))))
}
