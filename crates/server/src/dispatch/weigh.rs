//! What the gate is told of templates beside the contact's consent and window: what Meta let us know, what was intended before,
//! quiet hours, and where else the contact may be reached. Read for many at once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::tz::TimeZone;
use rules::consent::{Channel, Purpose};
use rules::gate::Facts;
use rules::id::{ContactId, OrgId, OutreachId};
use rules::outreach::NextChannel;
use rules::quiet::{WhoseClock, zone_of_country};
use rules::settings::OrgSettings;
use rules::signals::Signal;
use rules::time::Timestamp;
use store::contacts::Contact;
use store::orgs::Org;
use store::outreach::Earlier;
use store::{Batch, OrgScope, Tx};

use super::service;
use crate::fallback;

/// A template to be weighed.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub org: OrgId,
    pub contact: ContactId,
    pub purpose: Purpose,
    pub settings: &'a OrgSettings,
    /// Its own record, where it has one: only what was intended before counts.
    pub record: Option<OutreachId>,
    /// The channels that its sender allows.
    pub fallback: &'a [NextChannel],
}

/// What was read about it.
pub(super) struct Weighed<'a> {
    subject: Subject<'a>,
    person: Option<Contact>,
    signals: Vec<Signal>,
    earlier: Vec<Timestamp>,
    /// Where else the contact may be reached.
    fallback: Option<Channel>,
    /// The organisation's time zone, where quiet hours ask for it.
    zone: Option<String>,
}

/// Reads what the gate is told of those of a list that are templates, each in its place.
pub(super) async fn each<'a>(
    tx: &mut Tx,
    list: &[Option<Subject<'a>>],
    now: Timestamp,
) -> store::Result<Vec<Option<Weighed<'a>>>> {
    let subjects: Vec<Subject<'a>> = list.iter().copied().flatten().collect();
    let orgs: Vec<OrgId> = subjects.iter().map(|one| one.org).collect();
    let ready = channels(tx, &subjects).await?;
    let mut weighed = weigh(&mut tx.batch(&orgs).await?, &subjects, &ready, now).await?.into_iter();
    Ok(list.iter().map(|one| one.and_then(|_| weighed.next())).collect())
}

/// Until when a contact is left in peace, if it is now. What proves who somebody is never waits.
pub(crate) async fn quiet_until(
    scope: &mut OrgScope<'_>,
    contact: ContactId,
    purpose: Purpose,
    now: Timestamp,
) -> store::Result<Option<Timestamp>> {
    let settings = service::settings(scope).await?;
    if settings.quiet_hours.is_none() || purpose == Purpose::Authentication {
        return Ok(None);
    }
    let subject =
        Subject { org: scope.id(), contact, purpose, settings: &settings, record: None, fallback: &[] };
    let weighed = each(scope.tx(), &[Some(subject)], now).await?.pop().flatten();
    Ok(weighed.and_then(|weighed| weighed.quiet_until(now)))
}

/// Reads what the gate is told of templates.
async fn weigh<'a>(
    batch: &mut Batch<'_>,
    subjects: &[Subject<'a>],
    ready: &HashMap<OrgId, Vec<Channel>>,
    now: Timestamp,
) -> store::Result<Vec<Weighed<'a>>> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let people: Vec<_> = subjects.iter().map(|one| (one.org, one.contact)).collect();
    let contacts = batch.contacts(&people).await?;
    let signals = batch.signals(&people).await?;
    let mut earlier = earlier(batch, subjects, now).await?;
    let fallback = fallbacks(batch, subjects, ready, &contacts).await?;
    let orgs = organisations(batch, subjects).await?;
    let read = subjects.iter().zip(contacts).zip(signals).zip(fallback).enumerate();
    Ok(read
        .map(|(n, (((subject, person), signals), fallback))| Weighed {
            subject: *subject,
            person,
            signals,
            fallback,
            earlier: earlier.remove(&n).unwrap_or_default(),
            zone: orgs.get(&subject.org).map(|org| org.timezone.clone()),
        })
        .collect())
}

/// The channels that organisations have set up, of those where any is allowed.
async fn channels(tx: &mut Tx, subjects: &[Subject<'_>]) -> store::Result<HashMap<OrgId, Vec<Channel>>> {
    let mut ready = HashMap::new();
    for one in subjects.iter().filter(|one| !one.fallback.is_empty()) {
        if let Entry::Vacant(unread) = ready.entry(one.org) {
            unread.insert(fallback::set_up(&mut tx.org(one.org).await?).await?);
        }
    }
    ready.retain(|_, channels| !channels.is_empty());
    Ok(ready)
}

/// The next channel for those whose sender allows any, each in its place.
async fn fallbacks(
    batch: &mut Batch<'_>,
    subjects: &[Subject<'_>],
    ready: &HashMap<OrgId, Vec<Channel>>,
    people: &[Option<Contact>],
) -> store::Result<Vec<Option<Channel>>> {
    let mut next = vec![None; subjects.len()];
    let may = |n: &usize| !subjects[*n].fallback.is_empty() && ready.contains_key(&subjects[*n].org);
    let asked: Vec<usize> = (0..subjects.len()).filter(may).collect();
    let keys: Vec<_> = asked.iter().map(|n| (subjects[*n].org, subjects[*n].contact)).collect();
    let ledgers = batch.consent_ledgers(&keys).await?;
    for (n, ledger) in asked.into_iter().zip(ledgers) {
        let (one, Some(person)) = (&subjects[n], &people[n]) else { continue };
        next[n] = fallback::first_of(
            one.fallback,
            &ready[&one.org],
            one.purpose,
            person,
            &ledger,
            one.settings.inbound_lifts_opt_out,
        );
    }
    Ok(next)
}

/// When templates of the same purpose were intended before, for those that a cap holds for; by their places.
async fn earlier(
    batch: &mut Batch<'_>,
    subjects: &[Subject<'_>],
    now: Timestamp,
) -> store::Result<HashMap<usize, Vec<Timestamp>>> {
    let capped: Vec<(usize, Earlier)> = subjects
        .iter()
        .enumerate()
        .filter_map(|(n, one)| {
            let since = one.settings.caps.of(one.purpose)?.since(now);
            let Subject { org, contact, purpose, record, .. } = *one;
            Some((n, Earlier { org, contact, purpose, since, before: record }))
        })
        .collect();
    let asked: Vec<Earlier> = capped.iter().map(|(_, earlier)| *earlier).collect();
    let found = batch.intended_earlier(&asked).await?;
    Ok(capped.into_iter().map(|(n, _)| n).zip(found).collect())
}

/// The organisations that have quiet hours.
async fn organisations(
    batch: &mut Batch<'_>,
    subjects: &[Subject<'_>],
) -> store::Result<HashMap<OrgId, Org>> {
    let mut quiet: Vec<OrgId> =
        subjects.iter().filter(|one| one.settings.quiet_hours.is_some()).map(|one| one.org).collect();
    quiet.sort_unstable();
    quiet.dedup();
    if quiet.is_empty() { Ok(HashMap::new()) } else { batch.orgs(&quiet).await }
}

impl Weighed<'_> {
    /// Tells the gate.
    pub fn tell(&self, facts: &mut Facts, now: Timestamp) {
        let Subject { purpose, settings, .. } = self.subject;
        facts.heed(&self.signals);
        facts.cap_frees_at = settings.caps.of(purpose).and_then(|cap| cap.frees_at(&self.earlier, now));
        facts.quiet_until = self.quiet_until(now);
        facts.is_american = purpose == Purpose::Marketing && self.country().as_deref() == Some("US");
        facts.fallback = self.fallback;
    }

    /// The country of the contact's phone number.
    fn country(&self) -> Option<String> {
        self.person.as_ref()?.phone.as_ref()?.country()
    }

    /// When the quiet hours end that hold now.
    fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        let hours = self.subject.settings.quiet_hours.as_ref()?;
        let own = || self.person.as_ref()?.timezone.as_deref();
        let theirs = || zone_of_country(&self.country()?);
        let zone = match hours.clock {
            WhoseClock::Contact => own().or_else(theirs).or(self.zone.as_deref()),
            WhoseClock::Organisation => self.zone.as_deref(),
        };
        let zone = zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
        hours.end(self.subject.purpose, &zone, now)
    }
}
