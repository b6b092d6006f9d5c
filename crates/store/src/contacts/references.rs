//! Contacts by what other systems call them, and by where else they are reached.

use rules::id::ContactId;
use rules::identity::Sender;
use rules::time::{Randomness, Timestamp};

use super::{Contact, contact_columns};
use crate::error::Result;
use crate::seam::OrgScope;

impl OrgScope<'_> {
    /// The contact that another system calls this.
    pub async fn contact_of_reference(&mut self, reference: &str) -> Result<Option<ContactId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT contact_id FROM contact_references WHERE org_id = $1 AND reference = $2",
        )
        .bind(org)
        .bind(reference)
        .fetch_optional(c)
        .await)?)
    }

    /// From now on this is what another system calls this contact, whomever it was before.
    pub async fn refer_to_contact(&mut self, reference: &str, contact: ContactId) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO contact_references (org_id, reference, contact_id) VALUES ($1, $2, $3) \
             ON CONFLICT (org_id, reference) DO UPDATE SET contact_id = excluded.contact_id",
        )
        .bind(org)
        .bind(reference)
        .bind(contact)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// The contacts with this e-mail address in lower case, the one known longest first.
    pub async fn contacts_of_email(&mut self, email: &str) -> Result<Vec<ContactId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT id FROM contacts WHERE org_id = $1 AND email = $2 AND merged_into IS NULL ORDER BY id",
        )
        .bind(org)
        .bind(email)
        .fetch_all(c)
        .await)?)
    }

    /// A contact whom WhatsApp does not know yet.
    pub async fn contact_elsewhere(&mut self, now: Timestamp, chance: &dyn Randomness) -> Result<ContactId> {
        let org = self.org;
        let contact = Contact::of(&Sender::default(), now, chance);
        on!(self.tx, c => sqlx::query(
            "INSERT INTO contacts (org_id, id, name, labels, find_text, created_at, updated_at) \
             VALUES ($1, $2, '', '[]', '', $3, $3)",
        )
        .bind(org)
        .bind(contact.id)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(contact.id)
    }

    /// The contact that goes by this BSUID, whichever business portfolio gave it.
    pub async fn contact_of_bsuid(&mut self, bsuid: &str) -> Result<Option<ContactId>> {
        let org = self.org;
        let found: Option<Contact> = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", contact_columns!(), " FROM contact_identities i \
             JOIN contacts k ON k.org_id = i.org_id AND k.id = i.contact_id \
             WHERE i.org_id = $1 AND i.kind = 'bsuid' AND i.value = $2 AND i.until IS NULL LIMIT 1"
        ))
        .bind(org)
        .bind(bsuid)
        .fetch_optional(c)
        .await)?;
        Ok(found.map(|contact| contact.id))
    }
}
