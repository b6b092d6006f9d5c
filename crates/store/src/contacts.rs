//! Contacts: the people who write to an organisation, and the names by which WhatsApp knows them.
//!
//! A name (phone, BSUID, parent BSUID) belongs to one contact at a time; where it belonged before stays on record. A
//! contact that was merged into another remains as a redirect, so that ids given out earlier still lead somewhere.
//! Who is who is decided by [`rules::identity::recognise`]; here it is looked up and written down.

mod merge;
mod references;
mod together;

pub use together::Wrote;

use std::collections::BTreeMap;

use rules::consent::{Channel, Purpose, StandingWord};
use rules::id::ContactId;
use rules::identity::{Bsuid, IdentityKind, KnownBy, Phone, Recognition, Sender, recognise};
use rules::time::{Randomness, Timestamp};
use sqlx::{Database, QueryBuilder};

use crate::error::{Result, StoreError};
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::seam::OrgScope;

/// A person who writes to the organisation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The name that the organisation gave it; empty when it gave none.
    pub name: String,
    /// The name that the person chose on WhatsApp.
    pub profile_name: Option<String>,
    /// The username on WhatsApp, without `@`.
    pub username: Option<String>,
    /// The phone number last seen, where the person shares it.
    pub phone: Option<Phone>,
    /// The BSUID last seen.
    pub bsuid: Option<Bsuid>,
    /// The email address, where the organisation knows it.
    pub email: Option<String>,
    /// The language to write in, where it is known (BCP 47).
    pub language: Option<String>,
    /// The time zone that the person lives in (IANA).
    pub timezone: Option<String>,
    /// The organisation's labels.
    pub labels: Json<Vec<String>>,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When anything here last changed.
    pub updated_at: Timestamp,
}

impl Contact {
    /// What to call this person: the organisation's name for them, else their own, else what WhatsApp shows.
    pub fn display_name(&self) -> String {
        let named = [Some(self.name.as_str()), self.profile_name.as_deref()];
        if let Some(name) = named.into_iter().flatten().find(|name| !name.is_empty()) {
            return name.to_owned();
        }
        match (&self.username, &self.phone) {
            (Some(username), _) => format!("@{username}"),
            (None, Some(phone)) => format!("+{}", phone.digits()),
            (None, None) => self.email.clone().unwrap_or_default(),
        }
    }

    /// What a search looks at: names, username, phone and e-mail address in lower case.
    pub(crate) fn find_text(&self) -> String {
        let phone = self.phone.as_ref().map(|phone| phone.digits().to_owned());
        [Some(self.name.clone()), self.profile_name.clone(), self.username.clone(), phone, self.email.clone()]
            .into_iter()
            .flatten()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
            .to_lowercase()
    }
}

/// The columns of [`Contact`], of the table alias `k`.
macro_rules! contact_columns {
    () => {
        "k.id, k.name, k.profile_name, k.username, k.phone, k.bsuid, k.language, k.email, k.timezone, k.labels, k.created_at, k.updated_at"
    };
}

use contact_columns;

/// One of the names by which WhatsApp knows or knew a contact.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ContactIdentity {
    /// What sort of name.
    pub kind: IdentityKind,
    /// The business portfolio that a BSUID belongs to; empty for the others.
    pub portfolio: String,
    /// The name itself.
    pub value: String,
    /// Since when it is this contact's.
    pub since: Timestamp,
    /// Until when it was; `None`: it still is.
    pub until: Option<Timestamp>,
}

/// What [`OrgScope::recognise`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// Who it is.
    pub contact: ContactId,
    /// Whether the contact is new.
    pub is_new: bool,
    /// Whether anything that a list of contacts shows is new or has changed.
    pub changed: bool,
    /// The contact that turned out to be the same person and now redirects to `contact`.
    pub merged: Option<ContactId>,
}

/// Which contacts a list holds. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    /// Part of a name, username or phone number, in any case.
    pub text: Option<String>,
    /// One of the contact's labels.
    pub label: Option<String>,
    /// How the contact stands towards a purpose.
    pub standing: Option<(Purpose, StandingWord)>,
    /// On which channel that is; `None`: on WhatsApp.
    pub channel: Option<Channel>,
    /// Those who said STOP to everything.
    pub stopped: bool,
}

/// What to change of a contact; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ContactChange {
    /// The organisation's name for it; empty takes it away.
    pub name: Option<String>,
    /// The email address; empty takes it away.
    pub email: Option<String>,
    /// The language to write in; empty takes it away.
    pub language: Option<String>,
    /// The time zone; empty takes it away.
    pub timezone: Option<String>,
    /// All labels.
    pub labels: Option<Vec<String>>,
}

/// A contact with the number that it was found by.
#[derive(sqlx::FromRow)]
struct ByPhone {
    value: String,
    #[sqlx(flatten)]
    contact: Contact,
}

/// A contact known by one of the names looked up.
#[derive(sqlx::FromRow)]
struct Match {
    kind: IdentityKind,
    #[sqlx(flatten)]
    contact: Contact,
    other_bsuid: bool,
}

impl OrgScope<'_> {
    /// Finds the contact that a sender is, or makes one, and writes down what is new about it. `portfolio` is the
    /// business portfolio that owns the number written to (or the messaging account, where that is all we know): what
    /// a BSUID means depends on it. One statement where nothing is new.
    ///
    /// `None`: nothing in `sender` tells one person from another.
    pub async fn recognise(
        &mut self,
        sender: &Sender,
        portfolio: &str,
        now: Timestamp,
        chance: &dyn Randomness,
    ) -> Result<Option<Recognised>> {
        if !sender.is_identified() {
            return Ok(None);
        }
        // Somebody faster may make the same contact at the same moment: then look again, and find theirs.
        for _ in 0..4 {
            let matches = self.known_by(sender, portfolio).await?;
            if let Some(found) = self.settle(&matches, sender, portfolio, now, chance).await? {
                return Ok(Some(found));
            }
        }
        Err(StoreError::Taken("contact_identities_current".into()))
    }

    /// The contact with this phone number, made if there is none: the way of those who send first.
    pub async fn contact_by_phone(
        &mut self,
        phone: &Phone,
        now: Timestamp,
        chance: &dyn Randomness,
    ) -> Result<Recognised> {
        let sender = Sender { phone: Some(phone.clone()), ..Sender::default() };
        let found = self.recognise(&sender, "", now, chance).await?;
        found.ok_or_else(|| StoreError::Taken("contact_identities_current".into()))
    }

    /// Follows a system message: the person known as `before` now goes by `after`. The person stays one contact; if
    /// somebody wrote under the new name already, that contact is merged into the old one.
    ///
    /// `None`: nobody is known by any name in `before`.
    pub async fn rename_contact(
        &mut self,
        before: &Sender,
        after: &Sender,
        portfolio: &str,
        now: Timestamp,
        chance: &dyn Randomness,
    ) -> Result<Option<Recognised>> {
        let Some(old) = first_of(&self.known_by(before, portfolio).await?) else { return Ok(None) };
        let mut merged = None;
        for found in self.known_by(after, portfolio).await? {
            if found.contact.id != old.id && merged.is_none() {
                self.merge_contacts(old.id, found.contact.id, now, chance).await?;
                merged = Some(found.contact.id);
            }
        }
        for (kind, portfolio, value) in names(before, portfolio) {
            let replaced = names(after, portfolio).any(|(other, _, new)| other == kind && new != value);
            // A changed number brings a new BSUID with it, whether or not Meta names it.
            if replaced || after.phone.is_some() || after.bsuid.is_some() {
                let kept = names(after, portfolio).any(|(other, _, new)| other == kind && new == value);
                if !kept && kind != IdentityKind::Parent {
                    self.end_identity(old.id, kind, portfolio, value, now).await?;
                }
            }
        }
        let Some(old) = self.contact(old.id).await? else { return Ok(None) };
        self.take_names(old.id, after, portfolio, now).await?;
        let changed = self.refresh(&old, after, now).await?;
        Ok(Some(Recognised { contact: old.id, is_new: false, changed: changed || merged.is_some(), merged }))
    }

    /// A contact by its id; the id of a merged one leads to the contact it was merged into.
    pub async fn contact(&mut self, id: ContactId) -> Result<Option<Contact>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", contact_columns!(), " FROM contacts k WHERE k.org_id = $1 AND k.id = \
             (SELECT COALESCE(merged_into, id) FROM contacts WHERE org_id = $1 AND id = $2)"
        ))
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// These contacts, in no order; ids of merged ones are not followed.
    pub async fn contacts_by_id(&mut self, ids: &[ContactId]) -> Result<Vec<Contact>> {
        let org = self.org;
        let mut contacts = Vec::new();
        for set in self.tx.sets(ids) {
            let asked = Rows::of(set).column("id", |id| *id);
            let found: Vec<Contact> = on!(self.tx, c => asked.with()
                .push(concat!(
                    "SELECT ", contact_columns!(), " FROM contacts k WHERE k.id IN (SELECT id FROM w) AND k.org_id = "
                ))
                .push_bind(org)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            contacts.extend(found);
        }
        Ok(contacts)
    }

    /// The people who these contacts are now, each once, in the order of their ids: one that was merged is the one that it became
    /// part of.
    pub async fn people_by_id(&mut self, ids: &[ContactId]) -> Result<Vec<Contact>> {
        let org = self.org;
        let mut people = BTreeMap::new();
        for set in self.tx.sets(ids) {
            let asked = Rows::of(set).column("id", |id| *id);
            let found: Vec<Contact> = on!(self.tx, c => asked.with()
                .push(concat!(
                    "SELECT ", contact_columns!(), " FROM contacts k WHERE k.id IN \
                     (SELECT COALESCE(m.merged_into, m.id) FROM w JOIN contacts m ON m.id = w.id AND m.org_id = "
                ))
                .push_bind(org)
                .push(") AND k.org_id = ")
                .push_bind(org)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            people.extend(found.into_iter().map(|contact| (contact.id, contact)));
        }
        Ok(people.into_values().collect())
    }

    /// The contacts that have these phone numbers now, each with its number in digits.
    pub async fn contacts_by_phone(&mut self, phones: &[Phone]) -> Result<Vec<(String, Contact)>> {
        let org = self.org;
        let mut contacts = Vec::new();
        for set in self.tx.sets(phones) {
            let asked = Rows::of(set).column("digits", Phone::digits);
            let found: Vec<ByPhone> = on!(self.tx, c => asked.with()
                .push(concat!(
                    "SELECT i.value, ", contact_columns!(), " FROM contact_identities i \
                     JOIN contacts k ON k.org_id = i.org_id AND k.id = i.contact_id \
                     WHERE i.kind = 'phone' AND i.portfolio = '' AND i.until IS NULL \
                     AND i.value IN (SELECT digits FROM w) AND i.org_id = "
                ))
                .push_bind(org)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            contacts.extend(found.into_iter().map(|one| (one.value, one.contact)));
        }
        Ok(contacts)
    }

    /// Every name by which WhatsApp knows or knew a contact, the current ones first.
    pub async fn contact_identities(&mut self, id: ContactId) -> Result<Vec<ContactIdentity>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT kind, portfolio, value, since, until FROM contact_identities WHERE org_id = $1 AND contact_id = $2 \
             ORDER BY CASE WHEN until IS NULL THEN 0 ELSE 1 END, since DESC, kind, value",
        )
        .bind(org)
        .bind(id)
        .fetch_all(c)
        .await)?)
    }

    /// A page of contacts, the newest first.
    pub async fn contacts(
        &mut self,
        filter: &ContactFilter,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Contact>> {
        let org = self.org;
        let rows = on!(self.tx, c => {
            let mut query = QueryBuilder::new(concat!(
                "SELECT ", contact_columns!(), " FROM contacts k WHERE k.merged_into IS NULL AND k.org_id = "
            ));
            query.push_bind(org);
            filter.push(&mut query);
            query.push(" AND (k.created_at, k.id) < (").push_bind(after.at).push(", ").push_bind(after.id);
            query.push(") ORDER BY k.created_at DESC, k.id DESC LIMIT ").push_bind(Page::<()>::fetch(limit));
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(Page::cut(rows, limit, |row: &Contact| Cursor { at: row.created_at, id: row.id.0 }))
    }

    /// The next contacts after one in the order of their ids.
    pub async fn walk_contacts(
        &mut self,
        filter: &ContactFilter,
        after: Option<ContactId>,
        limit: i64,
    ) -> Result<Vec<Contact>> {
        let org = self.org;
        Ok(on!(self.tx, c => {
            let mut query = QueryBuilder::new(concat!(
                "SELECT ", contact_columns!(), " FROM contacts k WHERE k.merged_into IS NULL AND k.org_id = "
            ));
            query.push_bind(org);
            filter.push(&mut query);
            query.push(" AND k.id > ").push_bind(after.map_or(uuid::Uuid::nil(), |id| id.0));
            query.push(" ORDER BY k.id LIMIT ").push_bind(limit);
            query.build_query_as().fetch_all(c).await
        })?)
    }

    /// The time zones that contacts have.
    pub async fn contact_zones(&mut self) -> Result<Vec<String>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT DISTINCT timezone FROM contacts WHERE org_id = $1 AND timezone IS NOT NULL ORDER BY timezone",
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// How many contacts there are.
    pub async fn count_contacts(&mut self, filter: &ContactFilter) -> Result<i64> {
        let org = self.org;
        Ok(on!(self.tx, c => {
            let mut query =
                QueryBuilder::new("SELECT count(*) FROM contacts k WHERE k.merged_into IS NULL AND k.org_id = ");
            query.push_bind(org);
            filter.push(&mut query);
            query.build_query_scalar().fetch_one(c).await
        })?)
    }

    /// Every label in use, in alphabetical order.
    pub async fn labels(&mut self) -> Result<Vec<String>> {
        let org = self.org;
        let lists: Vec<Json<Vec<String>>> = on!(self.tx, c => sqlx::query_scalar(
            "SELECT DISTINCT labels FROM contacts WHERE org_id = $1 AND merged_into IS NULL AND labels <> '[]'",
        )
        .bind(org)
        .fetch_all(c)
        .await)?;
        let labels: std::collections::BTreeSet<String> = lists.into_iter().flat_map(|list| list.0).collect();
        Ok(labels.into_iter().collect())
    }

    /// Changes what the organisation itself says about a contact. `None`: there is no such contact.
    pub async fn change_contact(
        &mut self,
        id: ContactId,
        change: &ContactChange,
        now: Timestamp,
    ) -> Result<Option<Contact>> {
        self.edit_contact(id, now, |contact| {
            if let Some(name) = &change.name {
                contact.name.clone_from(name);
            }
            if let Some(language) = &change.language {
                contact.language = Some(language.clone()).filter(|language| !language.is_empty());
            }
            if let Some(email) = &change.email {
                contact.email = Some(email.to_lowercase()).filter(|email| !email.is_empty());
            }
            if let Some(timezone) = &change.timezone {
                contact.timezone = Some(timezone.clone()).filter(|timezone| !timezone.is_empty());
            }
            if let Some(labels) = &change.labels {
                contact.labels = Json(labels.clone());
            }
            true
        })
        .await
    }

    /// A contact that nobody else changes until the transaction ends; like [`OrgScope::contact`] otherwise.
    pub async fn contact_for_change(&mut self, id: ContactId) -> Result<Option<Contact>> {
        let (org, mut held) = (self.org, id);
        loop {
            // Writing the row to itself locks it on either database.
            on!(self.tx, c => sqlx::query("UPDATE contacts SET id = id WHERE org_id = $1 AND id = $2")
                .bind(org)
                .bind(held)
                .execute(c)
                .await
                .map(|_| ()))?;
            match self.contact(held).await? {
                // It became part of another, perhaps while we waited for it: that one is meant.
                Some(found) if found.id != held => held = found.id,
                found => return Ok(found),
            }
        }
    }

    /// Changes a contact as it stands when nobody else can: what others wrote meanwhile stays. `edit` says whether it has
    /// changed anything.
    async fn edit_contact(
        &mut self,
        id: ContactId,
        now: Timestamp,
        edit: impl FnOnce(&mut Contact) -> bool,
    ) -> Result<Option<Contact>> {
        let Some(mut contact) = self.contact_for_change(id).await? else { return Ok(None) };
        if edit(&mut contact) {
            contact.updated_at = now;
            self.write_contact(&contact).await?;
        }
        Ok(Some(contact))
    }

    /// The contacts that hold the sender's names now.
    async fn known_by(&mut self, sender: &Sender, portfolio: &str) -> Result<Vec<Match>> {
        let org = self.org;
        let bsuid = sender.bsuid.as_ref().map(Bsuid::as_str);
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT i.kind, ", contact_columns!(), ", EXISTS (SELECT 1 FROM contact_identities o \
               WHERE o.org_id = i.org_id AND o.contact_id = i.contact_id AND o.kind = 'bsuid' AND o.portfolio = $3 \
               AND o.until IS NULL AND o.value <> $4) AS other_bsuid \
             FROM contact_identities i JOIN contacts k ON k.org_id = i.org_id AND k.id = i.contact_id \
             WHERE i.org_id = $1 AND i.until IS NULL AND ( \
               (i.kind = 'phone' AND i.portfolio = '' AND i.value = $2) \
               OR (i.kind = 'bsuid' AND i.portfolio = $3 AND i.value = $4) \
               OR (i.kind = 'parent' AND i.portfolio = '' AND i.value = $5))"
        ))
        .bind(org)
        .bind(sender.phone.as_ref().map(Phone::digits))
        .bind(portfolio)
        .bind(bsuid)
        .bind(sender.parent.as_ref().map(Bsuid::as_str))
        .fetch_all(c)
        .await)?)
    }

    /// Writes down what a look-up led to. `None`: somebody else was faster, look again.
    async fn settle(
        &mut self,
        matches: &[Match],
        sender: &Sender,
        portfolio: &str,
        now: Timestamp,
        chance: &dyn Randomness,
    ) -> Result<Option<Recognised>> {
        match recognise(known(matches)) {
            Recognition::New => self.make_contact(sender, portfolio, now, chance).await,
            Recognition::NewOnRecycledPhone(former) => {
                if let Some(phone) = &sender.phone {
                    self.end_identity(former, IdentityKind::Phone, "", phone.digits(), now).await?;
                    self.forget_phone(former, phone, now).await?;
                }
                self.make_contact(sender, portfolio, now, chance).await
            }
            Recognition::Known(id) => {
                let Some(contact) = matches.iter().find(|found| found.contact.id == id) else {
                    return Ok(None);
                };
                let knows = |kind| matches.iter().any(|found| found.kind == kind && found.contact.id == id);
                if names(sender, portfolio).any(|(kind, ..)| !knows(kind)) {
                    self.take_names(id, sender, portfolio, now).await?;
                }
                let changed = self.refresh(&contact.contact, sender, now).await?;
                Ok(Some(Recognised { contact: id, is_new: false, changed, merged: None }))
            }
            Recognition::Merge { keep, merge } => {
                self.merge_contacts(keep, merge, now, chance).await?;
                self.take_names(keep, sender, portfolio, now).await?;
                let Some(contact) = self.contact(keep).await? else { return Ok(None) };
                self.refresh(&contact, sender, now).await?;
                Ok(Some(Recognised { contact: keep, is_new: false, changed: true, merged: Some(merge) }))
            }
        }
    }

    async fn make_contact(
        &mut self,
        sender: &Sender,
        portfolio: &str,
        now: Timestamp,
        chance: &dyn Randomness,
    ) -> Result<Option<Recognised>> {
        let contact = Contact::of(sender, now, chance);
        if !self.insert_identities(contact.id, sender, portfolio, now).await? {
            return Ok(None);
        }
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO contacts (org_id, id, name, profile_name, username, phone, bsuid, labels, find_text, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        )
        .bind(org)
        .bind(contact.id)
        .bind(&contact.name)
        .bind(&contact.profile_name)
        .bind(&contact.username)
        .bind(&contact.phone)
        .bind(&contact.bsuid)
        .bind(&contact.labels)
        .bind(contact.find_text())
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(Some(Recognised { contact: contact.id, is_new: true, changed: true, merged: None }))
    }

    /// Adds all of the sender's names to a new contact; if one of them is taken, none. Waits for a transaction under
    /// way that is about to take one.
    async fn insert_identities(
        &mut self,
        id: ContactId,
        sender: &Sender,
        portfolio: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let org = self.org;
        let names: Vec<_> = names(sender, portfolio).collect();
        let added = self.insert_names(id, &names, now).await?;
        if usize::try_from(added).is_ok_and(|added| added == names.len()) {
            return Ok(true);
        }
        on!(self.tx, c => sqlx::query("DELETE FROM contact_identities WHERE org_id = $1 AND contact_id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(false)
    }

    /// Makes all of the sender's names this contact's, whoever had them.
    async fn take_names(
        &mut self,
        id: ContactId,
        sender: &Sender,
        portfolio: &str,
        now: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        let names: Vec<_> = names(sender, portfolio).collect();
        for (kind, portfolio, value) in &names {
            let former: Vec<ContactId> = on!(self.tx, c => sqlx::query_scalar(
                "UPDATE contact_identities SET until = $6 WHERE org_id = $1 AND kind = $2 AND portfolio = $3 \
                 AND value = $4 AND contact_id <> $5 AND until IS NULL RETURNING contact_id",
            )
            .bind(org)
            .bind(*kind)
            .bind(*portfolio)
            .bind(*value)
            .bind(id)
            .bind(now)
            .fetch_all(c)
            .await)?;
            if let (IdentityKind::Phone, Some(former), Some(phone)) = (kind, former.first(), &sender.phone) {
                self.forget_phone(*former, phone, now).await?;
            }
        }
        if !names.is_empty() {
            self.insert_names(id, &names, now).await?;
        }
        Ok(())
    }

    /// Gives a contact names, but for those that somebody has. Returns how many it got.
    async fn insert_names(
        &mut self,
        id: ContactId,
        names: &[(IdentityKind, &str, &str)],
        now: Timestamp,
    ) -> Result<u64> {
        let org = self.org;
        let names = Rows::of(names)
            .column("org_id", |_| org)
            .column("kind", |(kind, _, _)| *kind)
            .column("portfolio", |(_, portfolio, _)| *portfolio)
            .column("value", |(_, _, value)| *value)
            .column("contact_id", |_| id)
            .column("since", |_| now);
        Ok(on!(self.tx, c => names.insert_into("contact_identities")
            .push(" ON CONFLICT (org_id, kind, portfolio, value) WHERE until IS NULL DO NOTHING")
            .build()
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    async fn end_identity(
        &mut self,
        id: ContactId,
        kind: IdentityKind,
        portfolio: &str,
        value: &str,
        now: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE contact_identities SET until = $6 WHERE org_id = $1 AND contact_id = $2 AND kind = $3 \
             AND portfolio = $4 AND value = $5 AND until IS NULL",
        )
        .bind(org)
        .bind(id)
        .bind(kind)
        .bind(portfolio)
        .bind(value)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A phone number went to somebody else.
    async fn forget_phone(&mut self, id: ContactId, phone: &Phone, now: Timestamp) -> Result<()> {
        self.edit_contact(id, now, |contact| {
            let had = contact.phone.as_ref() == Some(phone);
            contact.phone = contact.phone.take().filter(|held| held != phone);
            had
        })
        .await?;
        Ok(())
    }

    /// Updates what a list shows of a contact from what the sender says now. Returns whether anything changed.
    async fn refresh(&mut self, contact: &Contact, sender: &Sender, now: Timestamp) -> Result<bool> {
        let changed = !contact.says(sender);
        if changed {
            let Sender { name, username, phone, bsuid, .. } = sender.clone();
            self.edit_contact(contact.id, now, |contact| {
                contact.profile_name = name.or(contact.profile_name.take());
                contact.username = username.or(contact.username.take());
                contact.phone = phone.or(contact.phone.take());
                contact.bsuid = bsuid.or(contact.bsuid.take());
                true
            })
            .await?;
        }
        Ok(changed)
    }

    async fn write_contact(&mut self, contact: &Contact) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE contacts SET name = $3, profile_name = $4, username = $5, phone = $6, bsuid = $7, language = $8, \
             labels = $9, find_text = $10, updated_at = $11, email = $12, timezone = $13 WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(contact.id)
        .bind(&contact.name)
        .bind(&contact.profile_name)
        .bind(&contact.username)
        .bind(&contact.phone)
        .bind(&contact.bsuid)
        .bind(&contact.language)
        .bind(&contact.labels)
        .bind(contact.find_text())
        .bind(contact.updated_at)
        .bind(&contact.email)
        .bind(&contact.timezone)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}

impl ContactFilter {
    /// Adds its conditions on the table alias `k`.
    pub(crate) fn push<DB: Database>(&self, query: &mut QueryBuilder<DB>)
    where
        String: sqlx::Type<DB> + for<'e> sqlx::Encode<'e, DB>,
    {
        if let Some(text) = self.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            // A number is stored as digits, however it is typed.
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let is_number =
                !digits.is_empty() && text.chars().all(|c| c.is_ascii_digit() || "+-(). /".contains(c));
            // Nor is the nought with which it is dialled at home.
            let digits =
                digits.strip_prefix('0').filter(|rest| !rest.is_empty()).unwrap_or(&digits).to_owned();
            let text = if is_number { digits } else { text.trim_start_matches('@').to_lowercase() };
            query.push(" AND k.find_text LIKE ").push_bind(like(&text)).push(" ESCAPE '!'");
        }
        if let Some(label) = &self.label {
            query.push(" AND k.labels LIKE ").push_bind(holds_label(label)).push(" ESCAPE '!'");
        }
        // The latest word counts; what it means where STOP and others meet is told by the contact itself.
        let latest = |query: &mut QueryBuilder<DB>| {
            query.push(" AND COALESCE((SELECT e.action FROM consent_events e WHERE e.org_id = k.org_id AND e.contact_id = k.id");
        };
        let ends = " ORDER BY e.at DESC, e.id DESC LIMIT 1), 'none') = ";
        if self.stopped {
            latest(query);
            query.push(" AND e.purpose IS NULL").push(ends).push("'opt_out'");
        }
        if let Some((purpose, word)) = self.standing {
            latest(query);
            let channel = self.channel.unwrap_or(Channel::Whatsapp);
            // A STOP that was said on WhatsApp holds everywhere.
            query
                .push(" AND (e.purpose IS NULL OR e.purpose = ")
                .push_bind(purpose.as_str().to_owned())
                .push(") AND (e.channel = ")
                .push_bind(channel.as_str().to_owned())
                .push(" OR (e.purpose IS NULL AND e.action = 'opt_out' AND e.channel = 'whatsapp'))")
                .push(ends);
            query.push(match word {
                StandingWord::OptedIn => "'opt_in'",
                StandingWord::OptedOut => "'opt_out'",
                StandingWord::Unknown => "'none'",
            });
        }
    }
}

/// A pattern that finds `label` in a list of labels as it is stored.
pub(crate) fn holds_label(label: &str) -> String {
    like(&serde_json::Value::from(label).to_string())
}

/// A pattern that finds `text` anywhere.
pub(crate) fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The sender's names as they are stored.
fn names<'a>(
    sender: &'a Sender,
    portfolio: &'a str,
) -> impl Iterator<Item = (IdentityKind, &'a str, &'a str)> {
    let bsuid = sender.bsuid.as_ref().map(|id| (IdentityKind::Bsuid, portfolio, id.as_str()));
    let parent = sender.parent.as_ref().map(|id| (IdentityKind::Parent, "", id.as_str()));
    let phone = sender.phone.as_ref().map(|phone| (IdentityKind::Phone, "", phone.digits()));
    [bsuid, parent, phone].into_iter().flatten()
}

fn known(matches: &[Match]) -> KnownBy<ContactId> {
    let by = |kind| matches.iter().find(|found| found.kind == kind).map(|found: &Match| found.contact.id);
    KnownBy {
        phone: by(IdentityKind::Phone),
        bsuid: by(IdentityKind::Bsuid),
        parent: by(IdentityKind::Parent),
        phone_has_other_bsuid: matches
            .iter()
            .any(|found| found.kind == IdentityKind::Phone && found.other_bsuid),
    }
}

/// The strongest of the matches: BSUID, then parent, then phone.
fn first_of(matches: &[Match]) -> Option<Contact> {
    let known = known(matches);
    let id = known.bsuid.or(known.parent).or(known.phone)?;
    matches.iter().find(|found| found.contact.id == id).map(|found| found.contact.clone())
}
