//! What becomes of a person in a file: the same words for looking and for doing.

use rules::consent::{Channel, ConsentAction, ConsentSource};
use rules::import::{RowFault, RowVerdict};
use rules::time::Timestamp;
use store::consent::ConsentEvent;
use store::contacts::{Contact, ContactChange};

use super::person::{Fault, Person, Said};

/// Somebody whom the organisation knows.
pub(super) struct Known<'a> {
    pub contact: &'a Contact,
    /// The whole ledger, oldest entry first.
    pub ledger: &'a [ConsentEvent],
}

/// Where in which file somebody stands.
pub(super) struct Place<'a> {
    /// The file's hash, in hexadecimal.
    pub sha256: &'a str,
    pub row: i64,
}

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub change: ContactChange,
    pub consents: Vec<Said>,
    pub notes: Vec<Fault>,
}

impl Plan {
    /// What to do about a person; `None`: nobody knows them yet.
    pub fn of(person: &Person, known: Option<&Known<'_>>, place: &Place<'_>) -> Self {
        let mut plan = Self { change: change(person, known.map(|known| known.contact)), ..Self::default() };
        let ledger = known.map_or(&[][..], |known| known.ledger);
        for said in &person.consents {
            match weigh(said, ledger, place) {
                Weight::New => plan.consents.push(said.clone()),
                Weight::Known => {}
                Weight::Refused => plan.notes.push(Fault { column: said.column, code: RowFault::OptOutWins }),
                Weight::Outdated => {
                    plan.notes.push(Fault { column: said.column, code: RowFault::OptOutAfter })
                }
            }
        }
        plan.notes.dedup();
        plan
    }

    /// What that comes to.
    pub fn verdict(&self, is_new: bool) -> RowVerdict {
        let changes = &self.change;
        let changed = changes.name.is_some()
            || changes.email.is_some()
            || changes.language.is_some()
            || changes.timezone.is_some()
            || changes.labels.is_some();
        match (is_new, changed || !self.consents.is_empty()) {
            (true, _) => RowVerdict::New,
            (false, true) => RowVerdict::Updated,
            (false, false) => RowVerdict::Unchanged,
        }
    }
}

/// What of a person is news. Nothing is taken away, and labels are added.
fn change(person: &Person, contact: Option<&Contact>) -> ContactChange {
    let news =
        |said: &Option<String>, known: Option<&str>| said.clone().filter(|said| Some(said.as_str()) != known);
    let mut labels = contact.map(|contact| contact.labels.0.clone()).unwrap_or_default();
    let before = labels.len();
    for label in &person.labels {
        if !labels.contains(label) {
            labels.push(label.clone());
        }
    }
    ContactChange {
        name: news(&person.name, contact.map(|contact| contact.name.as_str())),
        email: news(&person.email, contact.and_then(|contact| contact.email.as_deref())),
        language: news(&person.language, contact.and_then(|contact| contact.language.as_deref())),
        timezone: news(&person.timezone, contact.and_then(|contact| contact.timezone.as_deref())),
        labels: (labels.len() > before).then_some(labels),
    }
}

enum Weight {
    New,
    Known,
    /// The person has refused, and nothing says that they agreed after it.
    Refused,
    /// The person agreed on a day, and refused after it.
    Outdated,
}

fn weigh(said: &Said, ledger: &[ConsentEvent], place: &Place<'_>) -> Weight {
    // What was said of other channels says nothing of this one.
    let here = || ledger.iter().filter(|entry| entry.channel == said.channel);
    let about = |entry: &&ConsentEvent| entry.purpose.is_none_or(|purpose| purpose == said.purpose);
    let this_row = |entry: &ConsentEvent| {
        entry.source == ConsentSource::Import
            && entry.channel == said.channel
            && entry.purpose == Some(said.purpose)
            && entry.evidence.0["sha256"] == place.sha256
            && entry.evidence.0["row"] == place.row
    };
    if ledger.iter().any(this_row) {
        return Weight::Known;
    }
    // STOP is lifted by START, and by nothing that was agreed to elsewhere. Said on WhatsApp, it holds everywhere.
    let stopped = [Channel::Whatsapp, said.channel].into_iter().any(|channel| {
        let last = ledger.iter().rfind(|entry| entry.channel == channel && entry.purpose.is_none());
        last.is_some_and(|entry| entry.action == ConsentAction::OptOut)
    });
    if stopped && said.action == ConsentAction::OptIn {
        return Weight::Refused;
    }
    let latest = here().rfind(about);
    match (said.action, latest.map(|entry| (entry.action, entry.at))) {
        (ConsentAction::OptIn, Some((ConsentAction::OptOut, refused))) => match said.on_its_own {
            Some(at) if at > refused => Weight::New,
            Some(_) => Weight::Outdated,
            None => Weight::Refused,
        },
        (action, Some((latest, _))) if action == latest => Weight::Known,
        _ => Weight::New,
    }
}

/// When an entry of the ledger takes effect.
pub(super) fn effect(said: &Said, now: Timestamp) -> Timestamp {
    said.at.unwrap_or(now).min(now)
}

#[cfg(test)]
mod tests {
    use rules::consent::Purpose;
    use rules::id::{ConsentEventId, ContactId};
    use serde_json::json;
    use store::Json;
    use uuid::Uuid;

    use super::*;

    const PLACE: Place<'_> = Place { sha256: "ab", row: 7 };

    fn yes(on_its_own: Option<i64>) -> Said {
        Said {
            column: None,
            channel: Channel::Whatsapp,
            purpose: Purpose::Marketing,
            action: ConsentAction::OptIn,
            on_its_own: on_its_own.map(Timestamp),
            at: on_its_own.map(Timestamp),
            how: None,
            wording: None,
            declared: false,
        }
    }

    fn entry(purpose: Option<Purpose>, action: ConsentAction, at: i64) -> ConsentEvent {
        ConsentEvent {
            id: ConsentEventId(Uuid::nil()),
            contact_id: ContactId(Uuid::nil()),
            channel: Channel::Whatsapp,
            purpose,
            action,
            source: ConsentSource::Keyword,
            evidence: Json(json!({})),
            at: Timestamp(at),
        }
    }

    #[test]
    fn a_refusal_stands_unless_the_row_names_a_later_day() {
        let ledger = [entry(Some(Purpose::Marketing), ConsentAction::OptOut, 100)];
        assert!(matches!(weigh(&yes(None), &ledger, &PLACE), Weight::Refused));
        assert!(matches!(weigh(&yes(Some(99)), &ledger, &PLACE), Weight::Outdated));
        assert!(matches!(weigh(&yes(Some(101)), &ledger, &PLACE), Weight::New));
        let other = [entry(Some(Purpose::Utility), ConsentAction::OptOut, 100)];
        assert!(matches!(weigh(&yes(None), &other, &PLACE), Weight::New));
    }

    #[test]
    fn a_stop_is_lifted_by_a_start_alone() {
        let stop = entry(None, ConsentAction::OptOut, 100);
        assert!(matches!(weigh(&yes(Some(101)), std::slice::from_ref(&stop), &PLACE), Weight::Refused));
        let start = entry(None, ConsentAction::OptIn, 110);
        assert!(matches!(weigh(&yes(Some(120)), &[stop, start], &PLACE), Weight::Known | Weight::New));
    }

    #[test]
    fn what_this_row_said_before_is_not_said_again() {
        let mut before = entry(Some(Purpose::Marketing), ConsentAction::OptIn, 50);
        (before.source, before.evidence) = (ConsentSource::Import, Json(json!({ "sha256": "ab", "row": 7 })));
        let ledger = [before, entry(None, ConsentAction::OptOut, 60)];
        assert!(matches!(weigh(&yes(Some(70)), &ledger, &PLACE), Weight::Known));
    }
}
