//! Forgetting a person: every table that names a contact, in one transaction.
//!
//! A test furnishes every table of the schema that names a contact, a conversation or a message, erases the person, and looks
//! for the ids in every table: whoever adds one decides here what becomes of it.

use rules::id::{ContactId, RecipientId};
use uuid::Uuid;

use crate::error::Result;
use crate::rows::Rows;
use crate::seam::OrgScope;

/// What goes with a contact as it is, each with the column that names it.
const GOES: [(&str, &str); 12] = [
    ("contact_identities", "contact_id"),
    ("signals", "contact_id"),
    ("begun", "contact_id"),
    ("reaches", "contact_id"),
    ("import_rows", "contact_id"),
    ("link_entries", "contact_id"),
    ("form_submissions", "contact_id"),
    ("contact_references", "contact_id"),
    ("records", "contact_id"),
    ("contact_exports", "contact_id"),
    ("contacts", "id"),
    ("consent_events", "contact_id"),
];

impl OrgScope<'_> {
    /// Forgets a person of whom no conversation is left. Returns how many entries of the ledger went with them. `None`:
    /// there is a conversation again.
    pub async fn forget_contact(&mut self, contact: ContactId) -> Result<Option<u64>> {
        // Whoever writes at this moment waits, and finds nobody.
        self.contact_for_change(contact).await?;
        if !self.conversations_with(contact).await?.is_empty() {
            return Ok(None);
        }
        let mut entries = 0;
        for id in self.contacts_of_person(contact).await? {
            self.claim_submissions(id).await?;
            self.make_visits_nobodys(id).await?;
            self.strip_recipients(id).await?;
            self.strip_outreach(id).await?;
            let theirs = "SELECT id FROM records WHERE org_id = $1 AND contact_id = $2";
            self.of_person(
                &format!("DELETE FROM record_dates WHERE org_id = $1 AND record_id IN ({theirs})"),
                id,
            )
            .await?;
            entries += self.forget_rows(id).await?;
            self.forget_mentions(&id.to_string()).await?;
        }
        Ok(Some(entries))
    }

    /// Forgets a contact that came with an import alone and that nobody has touched since, as
    /// [`is_untouched`](Self::is_untouched) tells: nothing else speaks of it, and nothing is looked for.
    pub async fn forget_untouched(&mut self, contact: ContactId) -> Result<()> {
        self.forget_rows(contact).await.map(|_| ())
    }

    /// Forgets what goes with a contact. Returns how many entries of the ledger that were.
    async fn forget_rows(&mut self, id: ContactId) -> Result<u64> {
        let mut entries = 0;
        for (table, column) in GOES {
            let sql = format!("DELETE FROM {table} WHERE org_id = $1 AND {column} = $2");
            let gone = self.of_person(&sql, id).await?;
            entries += if table == "consent_events" { gone } else { 0 };
        }
        Ok(entries)
    }

    /// The contacts that are one person: the one meant and those that became part of it.
    pub async fn contacts_of_person(&mut self, contact: ContactId) -> Result<Vec<ContactId>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT id FROM contacts WHERE org_id = $1 AND (id = $2 OR merged_into = $2) ORDER BY id",
        )
        .bind(self.org)
        .bind(contact)
        .fetch_all(c)
        .await)?)
    }

    /// Their visits still count in experiments; whose they are nobody can find out again, even from the same browser.
    async fn make_visits_nobodys(&mut self, contact: ContactId) -> Result<()> {
        // Differs because SQLite keeps ids as the bytes that PostgreSQL makes of them.
        let bytes = if self.tx.is_postgres() { "uuid_send(s.id)" } else { "s.id" };
        let sql = format!(
            "UPDATE experiment_visits SET visitor = {bytes} FROM form_submissions s \
             WHERE s.org_id = $1 AND s.contact_id = $2 AND experiment_visits.org_id = $1 \
             AND experiment_visits.experiment_id = s.experiment_id AND experiment_visits.visitor = s.visitor"
        );
        self.of_person(&sql, contact).await.map(|_| ())
    }

    /// That a run went through somebody is still counted; whom, nobody knows any more.
    async fn strip_recipients(&mut self, contact: ContactId) -> Result<()> {
        let org = self.org;
        let records = "SELECT id FROM records WHERE org_id = $1 AND contact_id = $2";
        let sql = format!(
            "SELECT id FROM notification_recipients WHERE org_id = $1 AND (contact_id = $2 OR record_id IN ({records}))"
        );
        let theirs: Vec<RecipientId> = on!(self.tx, c => sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(org)
            .bind(contact)
            .fetch_all(c)
            .await)?;
        for set in self.tx.sets(&theirs) {
            let stripped =
                Rows::of(set).column("id", |id| *id).column("once_key", |id| format!("forgotten#{id}"));
            on!(self.tx, c => stripped.with()
                .push(
                    "UPDATE notification_recipients SET contact_id = NULL, record_id = NULL, message_id = NULL, \
                     once_key = w.once_key FROM w WHERE notification_recipients.id = w.id \
                     AND notification_recipients.org_id = ",
                )
                .push_bind(org)
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// What went out is still counted; to whom, nobody knows any more.
    async fn strip_outreach(&mut self, contact: ContactId) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "UPDATE outreach SET contact_id = $3, conversation_id = $3, message_id = NULL, recipient_id = NULL \
             WHERE org_id = $1 AND contact_id = $2",
        )
        .bind(self.org)
        .bind(contact)
        .bind(Uuid::nil())
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    async fn of_person(&mut self, sql: &str, contact: ContactId) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.org)
            .bind(contact)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
