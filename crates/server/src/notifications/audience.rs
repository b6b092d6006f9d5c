//! Whom a notification goes to, gone through in the order of ids: as many at a time as fit into one transaction.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use rules::day::Day;
use rules::id::{ContactId, RecordId, RecordKindId};
use rules::notification::Trigger;
use rules::time::Timestamp;
use store::OrgScope;
use store::contacts::{Contact, ContactFilter};
use store::records::{Record, RecordWalk};
use uuid::Uuid;

use super::definition::{Audience, Only, Plan};

/// How many are gone through in one transaction.
pub const BATCH: usize = 256;

/// Somebody who may be told, and because of what.
pub(super) struct Candidate {
    /// Who; `None`: the record is about nobody.
    pub contact: Option<Contact>,
    /// Because of which record.
    pub record: Option<Record>,
    /// The reason, of which nobody is told twice.
    pub once_key: String,
    /// The same for who is refused, and has not been told: another run may tell them, or another day where there is a run for
    /// every clock.
    pub refused_key: String,
}

/// The next on the way.
pub(super) struct Stretch {
    pub candidates: Vec<Candidate>,
    /// Where the next stretch begins; `None`: everybody has been gone through.
    pub next: Option<Uuid>,
}

/// Which run of a notification goes through them.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub plan: &'a Plan,
    /// The day on which the notification is due.
    pub day: Day,
    pub run_key: &'a str,
    /// Only for whom it is time by their own clocks.
    pub clock: Option<&'a Clock>,
}

/// A moment at which everybody's own clock counts.
pub(super) struct Clock {
    pub now: Timestamp,
    /// Of who has none.
    pub zone: TimeZone,
}

impl Clock {
    /// Whether it is time for somebody. It stays time for the rest of the day, so that somebody whose time zone changes
    /// meanwhile is left out by no run; who was decided about on that day is passed over.
    fn is_time(&self, trigger: &Trigger, day: Day, contact: Option<&Contact>) -> bool {
        let theirs = contact.and_then(|contact| TimeZone::get(contact.timezone.as_deref()?).ok());
        let moment = trigger.moment_of(day, theirs.as_ref().unwrap_or(&self.zone));
        moment.is_none_or(|moment| moment <= self.now)
    }
}

impl Way<'_> {
    fn kind(&self) -> Option<RecordKindId> {
        match self.plan.definition.audience {
            Audience::Records { record_kind_id, .. } => Some(record_kind_id),
            Audience::Contacts { .. } => None,
        }
    }

    fn walk(&self, kind: RecordKindId, after: Option<Uuid>) -> RecordWalk<'_> {
        let on = self.plan.definition.trigger.day_meant(self.day);
        RecordWalk { kind, on, after: after.map(RecordId) }
    }

    /// How many there are at most.
    pub async fn count(&self, scope: &mut OrgScope<'_>) -> store::Result<i64> {
        match (&self.plan.only, self.kind()) {
            (Some(Only::Contacts(ids)), _) => Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX)),
            (Some(Only::Records(ids)), _) => Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX)),
            (None, Some(kind)) => scope.count_walk(self.walk(kind, None)).await,
            (None, None) => scope.count_contacts(&self.filter()).await,
        }
    }

    /// A label that everybody has who is looked for; several are told apart as they come.
    fn filter(&self) -> ContactFilter {
        let label = match &self.plan.definition.audience {
            Audience::Contacts { labels, .. } if labels.len() == 1 => labels.first().cloned(),
            _ => None,
        };
        ContactFilter { label, ..ContactFilter::default() }
    }

    /// The next of them.
    pub async fn stretch(
        &self,
        scope: &mut OrgScope<'_>,
        after: Option<Uuid>,
        most: usize,
    ) -> store::Result<Stretch> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        match (&self.plan.only, self.kind()) {
            (Some(Only::Contacts(ids)), _) => {
                let (some, next) = part(ids, |id| id.0, after, most);
                // Who became part of another since they were named is told as that one.
                let contacts = scope.people_by_id(&some).await?;
                Ok(Stretch { candidates: self.people(contacts), next })
            }
            (Some(Only::Records(ids)), _) => {
                let (some, next) = part(ids, |id| id.0, after, most);
                let mut records = scope.records_by_id(&some).await?;
                records.sort_unstable_by_key(|record| record.id);
                Ok(Stretch { candidates: self.of_records(scope, records).await?, next })
            }
            (None, Some(kind)) => {
                let records = scope.walk_records(self.walk(kind, after), limit).await?;
                let next = whole(&records, most).then(|| records.last().map(|record| record.id.0)).flatten();
                Ok(Stretch { candidates: self.of_records(scope, records).await?, next })
            }
            (None, None) => {
                let after = after.map(ContactId);
                let contacts = scope.walk_contacts(&self.filter(), after, limit).await?;
                let next = whole(&contacts, most).then(|| contacts.last().map(|one| one.id.0)).flatten();
                Ok(Stretch { candidates: self.people(contacts), next })
            }
        }
    }

    fn people(&self, contacts: Vec<Contact>) -> Vec<Candidate> {
        let fits = |contact: &Contact| match &self.plan.definition.audience {
            Audience::Contacts { labels, .. } => {
                labels.is_empty() || labels.iter().any(|label| contact.labels.0.contains(label))
            }
            Audience::Records { .. } => true,
        };
        let candidate = |contact: Contact| {
            self.candidate(format!("{}#{}", contact.id, self.run_key), Some(contact), None)
        };
        contacts.into_iter().filter(fits).map(candidate).collect()
    }

    async fn of_records(
        &self,
        scope: &mut OrgScope<'_>,
        records: Vec<Record>,
    ) -> store::Result<Vec<Candidate>> {
        let records: Vec<Record> = records.into_iter().filter(|record| self.fits(record)).collect();
        let ids: Vec<ContactId> = records.iter().filter_map(|record| record.contact_id).collect();
        let people: HashMap<ContactId, Contact> =
            scope.contacts_by_id(&ids).await?.into_iter().map(|contact| (contact.id, contact)).collect();
        let candidate = |record: Record| {
            let contact = record.contact_id.and_then(|id| people.get(&id).cloned());
            self.candidate(self.reason(&record), contact, Some(record))
        };
        let trigger = &self.plan.definition.trigger;
        let is_time = |candidate: &Candidate| {
            self.clock.is_none_or(|clock| clock.is_time(trigger, self.day, candidate.contact.as_ref()))
        };
        Ok(records.into_iter().map(candidate).filter(is_time).collect())
    }

    fn candidate(&self, once_key: String, contact: Option<Contact>, record: Option<Record>) -> Candidate {
        let refused_key = match self.clock {
            Some(_) => format!("{once_key}!{}", self.day),
            None => format!("{once_key}!{}", self.run_key),
        };
        Candidate { contact, record, once_key, refused_key }
    }

    fn fits(&self, record: &Record) -> bool {
        let Audience::Records { record_kind_id, matches } = &self.plan.definition.audience else {
            return true;
        };
        let value = |field: &str| {
            let day = record.dates.0.get(field).map(|day| day.to_string().into());
            day.or_else(|| record.data.0.get(field).cloned())
        };
        record.kind_id == *record_kind_id && matches.iter().all(|one| one.holds(value(&one.field).as_ref()))
    }

    /// A day in a record is a reason of its own, whichever run comes upon it; otherwise each run is one.
    fn reason(&self, record: &Record) -> String {
        let day = match &self.plan.definition.trigger {
            Trigger::Date { field, .. } => record.dates.0.get(field),
            Trigger::Call {} | Trigger::Cron { .. } => None,
        };
        match day {
            Some(day) => format!("{}@{day}", record.id),
            None => format!("{}#{}", record.id, self.run_key),
        }
    }
}

/// The next of those that were named, and where those after them begin.
fn part<I: Copy + Ord>(
    ids: &[I],
    uuid: impl Fn(I) -> Uuid,
    after: Option<Uuid>,
    most: usize,
) -> (Vec<I>, Option<Uuid>) {
    let mut ids: Vec<I> =
        ids.iter().copied().filter(|id| after.is_none_or(|after| uuid(*id) > after)).collect();
    ids.sort_unstable();
    ids.dedup();
    let more = ids.len() > most;
    ids.truncate(most);
    let next = if more { ids.last().map(|id| uuid(*id)) } else { None };
    (ids, next)
}

fn whole<T>(rows: &[T], most: usize) -> bool {
    rows.len() == most
}
