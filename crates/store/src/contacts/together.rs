//! Who a batch of messages is from.

use std::collections::HashMap;

use rules::id::{ContactId, OrgId};
use rules::identity::{IdentityKind, Recognition, Sender, recognise};
use rules::time::{Randomness, Timestamp};
use sqlx::QueryBuilder;

use super::{Contact, Json, Match, contact_columns, known, names};
use crate::batch::{Batch, Nth, each, numbered_sets, one_each, sets};
use crate::error::{Result, StoreError};

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
        let rows = each!(
            self.tx,
            keys,
            concat!(
                "SELECT w.n, ",
                contact_columns!(),
                " FROM w JOIN contacts o ON o.org_id = w.org_id AND o.id = w.id \
                  JOIN contacts k ON k.org_id = o.org_id AND k.id = ",
                merged_id!("o")
            )
        );
        Ok(one_each(keys.len(), rows))
    }

    /// Who each of them is, from the first on, for as long as it is plain: somebody known of whom nothing new is said, or
    /// somebody new. What comes back ends before the first of whom more has to be written; that one is for
    /// [`OrgScope::recognise`](crate::OrgScope::recognise).
    pub async fn recognise(
        &mut self,
        wrote: &[Wrote<'_>],
        chance: &dyn Randomness,
    ) -> Result<Vec<ContactId>> {
        let mut matches: Vec<Vec<Match>> = wrote.iter().map(|_| Vec::new()).collect();
        for (from, chunk) in numbered_sets(wrote) {
            for found in self.known_by(chunk).await? {
                if let Some(place) = matches.get_mut(from + found.place()) {
                    place.push(found.row);
                }
            }
        }
        let (mut recognised, mut made) = (Vec::with_capacity(wrote.len()), Made::default());
        for (who, matches) in wrote.iter().zip(&matches) {
            let Some(contact) = made.plain(who, matches, chance) else { break };
            recognised.push(contact);
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
        for set in sets(&names) {
            let found: Vec<Nth<Match>> = on!(self.tx, c => QueryBuilder::new(
            "WITH w (n, org_id, kind, portfolio, value, own_portfolio, own_bsuid) AS (",
        )
        .push_values(set, |mut row, (n, who, (kind, portfolio, value))| {
            row.push_bind(i64::try_from(*n).unwrap_or(i64::MAX))
                .push_bind(who.org)
                .push_bind(kind.as_str())
                .push_bind(*portfolio)
                .push_bind(*value)
                .push_bind(who.portfolio)
                .push_bind(who.sender.bsuid.as_ref().map(rules::identity::Bsuid::as_str));
        })
        .push(concat!(
            ") SELECT w.n, i.kind, ", contact_columns!(), ", EXISTS (SELECT 1 FROM contact_identities o \
               WHERE o.org_id = i.org_id AND o.contact_id = i.contact_id AND o.kind = 'bsuid' \
               AND o.portfolio = w.own_portfolio AND o.until IS NULL AND o.value <> w.own_bsuid) AS other_bsuid \
             FROM w JOIN contact_identities i ON i.org_id = w.org_id AND i.kind = w.kind AND i.portfolio = w.portfolio \
               AND i.value = w.value AND i.until IS NULL \
             JOIN contacts k ON k.org_id = i.org_id AND k.id = i.contact_id"
        ))
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
        for chunk in sets(&names) {
            let added = on!(self.tx, c => QueryBuilder::new(
                "INSERT INTO contact_identities (org_id, kind, portfolio, value, contact_id, since) ",
            )
            .push_values(chunk, |mut row, ((org, kind, portfolio, value), contact, since)| {
                row.push_bind(*org)
                    .push_bind(kind.as_str())
                    .push_bind(portfolio.as_str())
                    .push_bind(value.as_str())
                    .push_bind(*contact)
                    .push_bind(*since);
            })
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
        for chunk in sets(&made.contacts) {
            on!(self.tx, c => QueryBuilder::new(
                "INSERT INTO contacts (org_id, id, name, profile_name, username, phone, bsuid, labels, find_text, created_at, updated_at) ",
            )
            .push_values(chunk, |mut row, (org, contact)| {
                row.push_bind(*org)
                    .push_bind(contact.id)
                    .push_bind(contact.name.as_str())
                    .push_bind(contact.profile_name.as_deref())
                    .push_bind(contact.username.as_deref())
                    .push_bind(&contact.phone)
                    .push_bind(&contact.bsuid)
                    .push_bind(&contact.labels)
                    .push_bind(contact.find_text())
                    .push_bind(contact.created_at)
                    .push_bind(contact.updated_at);
            })
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
    fn plain(&mut self, who: &Wrote<'_>, matches: &[Match], chance: &dyn Randomness) -> Option<ContactId> {
        let names: Vec<Name> = names(who.sender, who.portfolio)
            .map(|(kind, portfolio, value)| (who.org, kind, portfolio.to_owned(), value.to_owned()))
            .collect();
        let made_as: Vec<Option<usize>> = names.iter().map(|name| self.by_name.get(name).copied()).collect();
        if let Some(first) = made_as.iter().find_map(|at| *at) {
            let (_, contact) = self.contacts.get(first)?;
            let same = made_as.iter().all(|at| *at == Some(first)) && contact.says(who.sender);
            return same.then_some(contact.id);
        }
        match recognise(known(matches)) {
            Recognition::New if !names.is_empty() => Some(self.make(who, names, chance)),
            Recognition::Known(id) => {
                let knows = |kind| matches.iter().any(|found| found.kind == kind && found.contact.id == id);
                let contact = &matches.iter().find(|found| found.contact.id == id)?.contact;
                let plain = names.iter().all(|(_, kind, ..)| knows(*kind)) && contact.says(who.sender);
                plain.then_some(id)
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
            language: None,
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
