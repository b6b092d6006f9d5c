//! Who a batch of messages is from.

use std::collections::HashMap;

use rules::id::{ContactId, OrgId};
use rules::identity::{Bsuid, IdentityKind, Phone, Recognition, Sender, recognise};
use rules::time::{Randomness, Timestamp};

use super::{Contact, Json, Match, Recognised, contact_columns, known, names};
use crate::batch::{Batch, Nth, each, one_each};
use crate::error::{Result, StoreError};
use crate::rows::Rows;

/// Somebody who wrote.
#[derive(Clone, Copy, Debug)]
pub struct Wrote<'a> {
    /// To which organisation.
    pub org: OrgId,
    /// The portfolio within which a BSUID means something.
    pub portfolio: &'a str,
    /// What WhatsApp says of the person.
    pub sender: &'a Sender,
    /// When it is written down.
    pub now: Timestamp,
}

/// A name within an organisation: kind, portfolio, value.
type Name = (OrgId, IdentityKind, String, String);

/// Contacts that are made within a batch.
#[derive(Default)]
struct Made {
    contacts: Vec<(OrgId, Contact)>,
    names: Vec<(Name, ContactId, Timestamp)>,
    by_name: HashMap<Name, usize>,
}

impl Batch<'_> {
    /// Contacts by their ids; the id of one that became part of another leads to that one.
    pub async fn contacts(&mut self, keys: &[(OrgId, ContactId)]) -> Result<Vec<Option<Contact>>> {
        let named = self.tx.join("contacts", "o", "o.org_id = w.org_id AND o.id = w.id");
        let meant = concat!("k.org_id = o.org_id AND k.id = ", merged_id!("o"));
        let meant = self.tx.join("contacts", "k", meant);
        let rows =
            each!(self.tx, keys, concat!("SELECT w.n, ", contact_columns!(), " FROM w"), &named, &meant);
        Ok(one_each(keys.len(), rows))
    }

    /// Who each of them is, from the first on, for as long as it is plain: somebody known of whom nothing new is said, or
    /// somebody new. What comes back ends before the first of whom more has to be written; that one is for
    /// [`OrgScope::recognise`](crate::OrgScope::recognise).
    pub async fn recognise(
        &mut self,
        wrote: &[Wrote<'_>],
        chance: &dyn Randomness,
    ) -> Result<Vec<Recognised>> {
        let mut matches: Vec<Vec<Match>> = wrote.iter().map(|_| Vec::new()).collect();
        for (from, chunk) in self.tx.numbered_sets(wrote) {
            for found in self.known_by(chunk).await? {
                if let Some(place) = matches.get_mut(from + found.place()) {
                    place.push(found.row);
                }
            }
        }
        let (mut recognised, mut made) = (Vec::with_capacity(wrote.len()), Made::default());
        for (who, matches) in wrote.iter().zip(&matches) {
            let Some(found) = made.plain(who, matches, chance) else { break };
            recognised.push(found);
        }
        self.insert_contacts(&made).await?;
        Ok(recognised)
    }

    /// The contacts that hold the senders' names now.
    async fn known_by(&mut self, wrote: &[Wrote<'_>]) -> Result<Vec<Nth<Match>>> {
        let names: Vec<_> = wrote
            .iter()
            .enumerate()
            .flat_map(|(n, who)| names(who.sender, who.portfolio).map(move |name| (n, who, name)))
            .collect();
        let mut known = Vec::with_capacity(wrote.len());
        let theirs = "i.org_id = w.org_id AND i.kind = w.kind AND i.portfolio = w.portfolio AND i.value = w.value \
            AND i.until IS NULL";
        let identity = self.tx.join("contact_identities", "i", theirs);
        let contact = self.tx.join("contacts", "k", "k.org_id = i.org_id AND k.id = i.contact_id");
        for set in self.tx.sets(&names) {
            let rows = Rows::of(set)
                .column("n", |(n, _, _)| i64::try_from(*n).unwrap_or(i64::MAX))
                .column("org_id", |(_, who, _)| who.org)
                .column("kind", |(_, _, (kind, _, _))| kind.as_str())
                .column("portfolio", |(_, _, (_, portfolio, _))| *portfolio)
                .column("value", |(_, _, (_, _, value))| *value)
                .column("own_portfolio", |(_, who, _)| who.portfolio)
                .column("own_bsuid", |(_, who, _)| who.sender.bsuid.as_ref().map(Bsuid::as_str));
            let found: Vec<Nth<Match>> = on!(self.tx, c => rows.with()
        .push(concat!(
            "SELECT w.n, i.kind, ", contact_columns!(), ", EXISTS (SELECT 1 FROM contact_identities o \
               WHERE o.org_id = i.org_id AND o.contact_id = i.contact_id AND o.kind = 'bsuid' \
               AND o.portfolio = w.own_portfolio AND o.until IS NULL AND o.value <> w.own_bsuid) AS other_bsuid \
             FROM w"
        ))
        .push(&identity)
        .push(&contact)
        .build_query_as()
        .fetch_all(c)
        .await)?;
            known.extend(found);
        }
        Ok(known)
    }

    async fn insert_contacts(&mut self, made: &Made) -> Result<()> {
        // Sorted, so that two nodes that make the same people take them in the same order.
        let mut names: Vec<_> = made.names.iter().collect();
        names.sort_unstable_by_key(|(name, ..)| name);
        for chunk in self.tx.sets(&names) {
            let rows = Rows::of(chunk)
                .column("org_id", |((org, _, _, _), _, _)| *org)
                .column("kind", |((_, kind, _, _), _, _)| kind.as_str())
                .column("portfolio", |((_, _, portfolio, _), _, _)| portfolio.as_str())
                .column("value", |((_, _, _, value), _, _)| value.as_str())
                .column("contact_id", |(_, contact, _)| *contact)
                .column("since", |(_, _, since)| *since);
            let added = on!(self.tx, c => rows.insert_into("contact_identities")
            .push(" ON CONFLICT (org_id, kind, portfolio, value) WHERE until IS NULL DO NOTHING")
            .build()
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
            if usize::try_from(added).is_ok_and(|added| added < chunk.len()) {
                // Somebody faster has made one of them: whoever looks again finds theirs.
                return Err(StoreError::Taken("contact_identities_current".into()));
            }
        }
        for chunk in self.tx.sets(&made.contacts) {
            let rows = Rows::of(chunk)
                .column("org_id", |(org, _)| *org)
                .column("id", |(_, contact)| contact.id)
                .column("name", |(_, contact)| contact.name.as_str())
                .column("profile_name", |(_, contact)| contact.profile_name.as_deref())
                .column("username", |(_, contact)| contact.username.as_deref())
                .column("phone", |(_, contact)| contact.phone.as_ref().map(Phone::digits))
                .column("bsuid", |(_, contact)| contact.bsuid.as_ref().map(Bsuid::as_str))
                .column("labels", |(_, contact)| &contact.labels)
                .column("find_text", |(_, contact)| contact.find_text())
                .column("created_at", |(_, contact)| contact.created_at)
                .column("updated_at", |(_, contact)| contact.updated_at);
            on!(self.tx, c => rows.insert_into("contacts")
            .build()
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        Ok(())
    }
}

impl Made {
    /// Who it is, if it is plain.
    fn plain(&mut self, who: &Wrote<'_>, matches: &[Match], chance: &dyn Randomness) -> Option<Recognised> {
        let found = |contact, is_new| Recognised { contact, is_new, changed: is_new, merged: None };
        let names: Vec<Name> = names(who.sender, who.portfolio)
            .map(|(kind, portfolio, value)| (who.org, kind, portfolio.to_owned(), value.to_owned()))
            .collect();
        let made_as: Vec<Option<usize>> = names.iter().map(|name| self.by_name.get(name).copied()).collect();
        if let Some(first) = made_as.iter().find_map(|at| *at) {
            let (_, contact) = self.contacts.get(first)?;
            let same = made_as.iter().all(|at| *at == Some(first)) && contact.says(who.sender);
            return same.then(|| found(contact.id, false));
        }
        match recognise(known(matches)) {
            Recognition::New if !names.is_empty() => Some(found(self.make(who, names, chance), true)),
            Recognition::Known(id) => {
                let knows = |kind| matches.iter().any(|found| found.kind == kind && found.contact.id == id);
                let contact = &matches.iter().find(|found| found.contact.id == id)?.contact;
                let plain = names.iter().all(|(_, kind, ..)| knows(*kind)) && contact.says(who.sender);
                plain.then(|| found(id, false))
            }
            _ => None,
        }
    }

    fn make(&mut self, who: &Wrote<'_>, names: Vec<Name>, chance: &dyn Randomness) -> ContactId {
        let contact = Contact::of(who.sender, who.now, chance);
        let id = contact.id;
        for name in names {
            self.by_name.insert(name.clone(), self.contacts.len());
            self.names.push((name, id, who.now));
        }
        self.contacts.push((who.org, contact));
        id
    }
}

impl Contact {
    /// Somebody new, as WhatsApp describes them.
    pub(super) fn of(sender: &Sender, now: Timestamp, chance: &dyn Randomness) -> Self {
        Self {
            id: ContactId::fresh(now, chance),
            name: String::new(),
            profile_name: sender.name.clone(),
            username: sender.username.clone(),
            phone: sender.phone.clone(),
            bsuid: sender.bsuid.clone(),
            email: None,
            language: None,
            timezone: None,
            labels: Json(Vec::new()),
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether nothing that a sender says is news.
    pub(super) fn says(&self, sender: &Sender) -> bool {
        fn known<T: PartialEq>(said: Option<&T>, known: Option<&T>) -> bool {
            said.is_none() || said == known
        }
        known(sender.name.as_ref(), self.profile_name.as_ref())
            && known(sender.username.as_ref(), self.username.as_ref())
            && known(sender.phone.as_ref(), self.phone.as_ref())
            && known(sender.bsuid.as_ref(), self.bsuid.as_ref())
    }
}
