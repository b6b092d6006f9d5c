//! What the gate is told of templates beside the contact's consent and window: what Meta let us know, what was intended before,
//! quiet hours, and where else the contact may be reached. Read for many at once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::tz::TimeZone;
use rules::consent::{Channel, LedgerEntry, Purpose};
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
pub(super) struct Subject<'s, 'r> {
    pub org: OrgId,
    pub contact: ContactId,
    pub purpose: Purpose,
    pub settings: &'s OrgSettings,
    /// Its own record, where it has one: only what was intended before counts.
    pub record: Option<OutreachId>,
    /// The channels that its sender allows.
    pub fallback: &'r [NextChannel],
    /// The contact's ledger on all channels, oldest entry first.
    pub ledger: &'r [LedgerEntry],
    /// The contact, where it was read before.
    pub person: Option<&'r Contact>,
}

/// What was read about it.
pub(super) struct Weighed<'s> {
    purpose: Purpose,
    settings: &'s OrgSettings,
    /// The country of the contact's phone number.
    country: Option<String>,
    /// The contact's own time zone.
    timezone: Option<String>,
    signals: Vec<Signal>,
    earlier: Vec<Timestamp>,
    /// Where else the contact may be reached.
    fallback: Option<Channel>,
    /// The organisation's time zone, where quiet hours ask for it.
    zone: Option<String>,
}

/// Reads what the gate is told of those of a list that are templates, each in its place.
pub(super) async fn each<'s>(
    tx: &mut Tx,
    list: &[Option<Subject<'s, '_>>],
    now: Timestamp,
) -> store::Result<Vec<Option<Weighed<'s>>>> {
    let subjects: Vec<Subject<'s, '_>> = list.iter().copied().flatten().collect();
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
    let subject = Subject {
        org: scope.id(),
        contact,
        purpose,
        settings: &settings,
        record: None,
        fallback: &[],
        ledger: &[],
        person: None,
    };
    let weighed = each(scope.tx(), &[Some(subject)], now).await?.pop().flatten();
    Ok(weighed.and_then(|weighed| weighed.quiet_until(now)))
}

/// Reads what the gate is told of templates.
async fn weigh<'s>(
    batch: &mut Batch<'_>,
    subjects: &[Subject<'s, '_>],
    ready: &HashMap<OrgId, Vec<Channel>>,
    now: Timestamp,
) -> store::Result<Vec<Weighed<'s>>> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let named: Vec<_> = subjects.iter().map(|one| (one.org, one.contact)).collect();
    let signals = batch.signals(&named).await?;
    let mut earlier = earlier(batch, subjects, now).await?;
    let orgs = organisations(batch, subjects).await?;
    let read = unread(batch, subjects).await?;
    let person = |one: &Subject<'_, '_>| match one.person {
        Some(person) => Some(person.clone()),
        None => read.get(&(one.org, one.contact)).cloned(),
    };
    Ok(subjects
        .iter()
        .zip(signals)
        .enumerate()
        .map(|(n, (one, signals))| {
            let person = person(one);
            Weighed {
                purpose: one.purpose,
                settings: one.settings,
                country: person.as_ref().and_then(|person| person.phone.as_ref()?.country()),
                fallback: person.as_ref().and_then(|person| fallback_of(one, ready.get(&one.org)?, person)),
                timezone: person.and_then(|person| person.timezone),
                signals,
                earlier: earlier.remove(&n).unwrap_or_default(),
                zone: orgs.get(&one.org).map(|org| org.timezone.clone()),
            }
        })
        .collect())
}

/// Contacts that were not read before.
async fn unread(
    batch: &mut Batch<'_>,
    subjects: &[Subject<'_, '_>],
) -> store::Result<HashMap<(OrgId, ContactId), Contact>> {
    let unread = subjects.iter().filter(|one| one.person.is_none());
    let keys: Vec<_> = unread.map(|one| (one.org, one.contact)).collect();
    let contacts = batch.contacts(&keys).await?;
    Ok(keys.into_iter().zip(contacts).filter_map(|(key, contact)| Some((key, contact?))).collect())
}

/// The next channel, if the sender allows any.
fn fallback_of(one: &Subject<'_, '_>, ready: &[Channel], person: &Contact) -> Option<Channel> {
    let lifts = one.settings.inbound_lifts_opt_out;
    fallback::first_of(one.fallback, ready, one.purpose, person, one.ledger, lifts)
}

/// The channels that organisations have set up, of those where any is allowed.
async fn channels(tx: &mut Tx, subjects: &[Subject<'_, '_>]) -> store::Result<HashMap<OrgId, Vec<Channel>>> {
    let mut ready = HashMap::new();
    for one in subjects.iter().filter(|one| !one.fallback.is_empty()) {
        if let Entry::Vacant(unread) = ready.entry(one.org) {
            unread.insert(fallback::set_up(&mut tx.org(one.org).await?).await?);
        }
    }
    ready.retain(|_, channels| !channels.is_empty());
    Ok(ready)
}

/// When templates of the same purpose were intended before, for those that a cap holds for; by their places.
async fn earlier(
    batch: &mut Batch<'_>,
    subjects: &[Subject<'_, '_>],
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
    subjects: &[Subject<'_, '_>],
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
        let (purpose, settings) = (self.purpose, self.settings);
        facts.heed(&self.signals);
        facts.cap_frees_at = settings.caps.of(purpose).and_then(|cap| cap.frees_at(&self.earlier, now));
        facts.quiet_until = self.quiet_until(now);
        facts.is_american = purpose == Purpose::Marketing && self.country.as_deref() == Some("US");
        facts.fallback = self.fallback;
    }

    /// When the quiet hours end that hold now.
    fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        let hours = self.settings.quiet_hours.as_ref()?;
        let theirs = || zone_of_country(self.country.as_ref()?);
        let zone = match hours.clock {
            WhoseClock::Contact => self.timezone.as_deref().or_else(theirs).or(self.zone.as_deref()),
            WhoseClock::Organisation => self.zone.as_deref(),
        };
        let zone = zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
        hours.end(self.purpose, &zone, now)
    }
}
