//! Rows written as they are, many with one statement: how a database is filled.
//!
//! Invariant: nothing is decided, looked up or told here. Whoever calls brings whole rows that fit each other, and
//! nobody watches the organisation meanwhile.

use rules::id::OrgId;
use rules::identity::IdentityKind;
use rules::time::Timestamp;
use sqlx::QueryBuilder;

use crate::contacts::Contact;
use crate::conversations::Conversation;
use crate::error::Result;
use crate::messages::{Message, wamid_hash};
use crate::seam::{OrgScope, Tx};

/// How many rows a statement writes: values per row times this stay below SQLite's 32,766 and PostgreSQL's 65,535.
const ROWS: usize = 1_000;

impl Tx {
    /// Writes keys by which repeated updates are known, as if those had come today. Of no organisation, as the keys are.
    pub async fn write_update_keys(&mut self, keys: &[[u8; 16]], now: Timestamp) -> Result<()> {
        for keys in keys.chunks(ROWS) {
            on!(self, c => {
                let mut query = QueryBuilder::new("INSERT INTO update_keys (key, day) ");
                query.push_values(keys, |mut row, key| {
                    row.push_bind(key.as_slice()).push_bind(now.day());
                });
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }
}

impl OrgScope<'_> {
    /// Writes contacts, each with the phone number that it has now as its one name.
    pub async fn write_contacts(&mut self, contacts: &[Contact]) -> Result<()> {
        let org = self.org;
        for contacts in contacts.chunks(ROWS) {
            on!(self.tx, c => {
                let mut query = QueryBuilder::new(
                    "INSERT INTO contacts (org_id, id, name, profile_name, username, phone, bsuid, language, labels, \
                     find_text, created_at, updated_at) ",
                );
                query.push_values(contacts, |mut row, contact| {
                    row.push_bind(org)
                        .push_bind(contact.id)
                        .push_bind(&contact.name)
                        .push_bind(&contact.profile_name)
                        .push_bind(&contact.username)
                        .push_bind(&contact.phone)
                        .push_bind(&contact.bsuid)
                        .push_bind(&contact.language)
                        .push_bind(&contact.labels)
                        .push_bind(contact.find_text())
                        .push_bind(contact.created_at)
                        .push_bind(contact.updated_at);
                });
                query.build().execute(c).await.map(|_| ())
            })?;
            let named: Vec<_> =
                contacts.iter().filter_map(|contact| Some((contact, contact.phone.as_ref()?))).collect();
            if named.is_empty() {
                continue;
            }
            on!(self.tx, c => {
                let mut query = QueryBuilder::new(
                    "INSERT INTO contact_identities (org_id, kind, portfolio, value, contact_id, since) ",
                );
                query.push_values(&named, |mut row, (contact, phone)| {
                    row.push_bind(org)
                        .push_bind(IdentityKind::Phone)
                        .push_bind("")
                        .push_bind(phone.digits())
                        .push_bind(contact.id)
                        .push_bind(contact.created_at);
                });
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Writes conversations.
    pub async fn write_conversations(&mut self, conversations: &[Conversation]) -> Result<()> {
        let org = self.org;
        for conversations in conversations.chunks(ROWS) {
            on!(self.tx, c => {
                let mut query = QueryBuilder::new(
                    "INSERT INTO conversations (org_id, id, contact_id, number_id, status, assignee_id, ai, ai_reason, \
                     ai_changed_at, last_inbound_at, last_message_at, last_message_id, preview, unread, snoozed_until, \
                     labels, attribution, created_at) ",
                );
                query.push_values(conversations, |mut row, one| {
                    row.push_bind(org)
                        .push_bind(one.id)
                        .push_bind(one.contact_id)
                        .push_bind(one.number_id)
                        .push_bind(one.status)
                        .push_bind(one.assignee_id)
                        .push_bind(one.ai)
                        .push_bind(&one.ai_reason)
                        .push_bind(one.ai_changed_at)
                        .push_bind(one.last_inbound_at)
                        .push_bind(one.last_message_at)
                        .push_bind(one.last_message_id)
                        .push_bind(&one.preview)
                        .push_bind(one.unread)
                        .push_bind(one.snoozed_until)
                        .push_bind(&one.labels)
                        .push_bind(&one.attribution)
                        .push_bind(one.created_at);
                });
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Writes messages. Their words are found once [`index_messages`](crate::Tx::index_messages) came by.
    pub async fn write_messages(&mut self, messages: &[Message]) -> Result<()> {
        let org = self.org;
        for messages in messages.chunks(ROWS) {
            let stored: Vec<(OrgId, i64)> = on!(self.tx, c => {
                let mut query = QueryBuilder::new(
                    "INSERT INTO messages (org_id, id, conversation_id, contact_id, number_id, direction, author, \
                     author_id, kind, content, body, reply_to, reply_to_id, state, rank, wamid, wamid_hash, at, \
                     created_at, changed_at, sent_at, delivered_at, read_at, failed_at, problem, pricing, decision, \
                     consent_event_id, client_ref) ",
                );
                query.push_values(messages, |mut row, message| {
                    row.push_bind(org)
                        .push_bind(message.id)
                        .push_bind(message.thread.conversation_id)
                        .push_bind(message.thread.contact_id)
                        .push_bind(message.thread.number_id)
                        .push_bind(message.direction)
                        .push_bind(message.author)
                        .push_bind(message.author_id)
                        .push_bind(message.kind)
                        .push_bind(&message.content)
                        .push_bind(&message.body)
                        .push_bind(&message.reply_to)
                        .push_bind(message.reply_to_id)
                        .push_bind(message.state)
                        .push_bind(i64::from(message.state.rank()))
                        .push_bind(&message.wamid)
                        .push_bind(message.wamid.as_deref().map(|wamid| wamid_hash(wamid).to_vec()))
                        .push_bind(message.at)
                        .push_bind(message.created_at)
                        .push_bind(message.changed_at)
                        .push_bind(message.sent_at)
                        .push_bind(message.delivered_at)
                        .push_bind(message.read_at)
                        .push_bind(message.failed_at)
                        .push_bind(&message.problem)
                        .push_bind(&message.pricing)
                        .push_bind(&message.decision)
                        .push_bind(message.consent_event_id)
                        .push_bind(&message.client_ref);
                });
                query.push(" RETURNING org_id, row_id").build_query_as().fetch_all(c).await
            })?;
            self.tx.index_later(&stored).await?;
        }
        Ok(())
    }
}
