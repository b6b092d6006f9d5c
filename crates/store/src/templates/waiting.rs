//! Messages that wait for a template.

use rules::id::{AccountId, ContactId, ConversationId, MessageId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::OrgScope;

/// A message that waits for its template.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WaitingMessage {
    /// The message.
    pub message_id: MessageId,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// Whom it is for.
    pub contact_id: ContactId,
    /// What the contact is called here.
    pub name: String,
    /// What the contact calls itself.
    pub profile_name: Option<String>,
    /// The contact's phone number.
    pub phone: Option<String>,
    /// Since when it waits.
    pub at: Timestamp,
}

impl OrgScope<'_> {
    /// How many messages from an account's numbers wait for a template.
    pub async fn count_waiting_for_template(
        &mut self,
        account: AccountId,
        name: &str,
        language: &str,
    ) -> Result<i64> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT count(*) FROM outreach u JOIN numbers n ON n.org_id = u.org_id AND n.id = u.number_id \
             WHERE u.org_id = $1 AND u.template_name = $2 AND u.template_language = $3 \
             AND u.outcome IN ('queued', 'waiting') AND u.message_id IS NOT NULL AND n.account_id = $4",
        )
        .bind(self.org)
        .bind(name)
        .bind(language)
        .bind(account)
        .fetch_one(c)
        .await)?)
    }

    /// Messages from an account's numbers that wait for a template, the longest first.
    pub async fn waiting_for_template(
        &mut self,
        account: AccountId,
        name: &str,
        language: &str,
        limit: i64,
    ) -> Result<Vec<WaitingMessage>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT u.message_id, u.conversation_id, u.contact_id, p.name, p.profile_name, p.phone, u.at \
             FROM outreach u JOIN numbers n ON n.org_id = u.org_id AND n.id = u.number_id \
             JOIN contacts p ON p.org_id = u.org_id AND p.id = u.contact_id \
             WHERE u.org_id = $1 AND u.template_name = $2 AND u.template_language = $3 \
             AND u.outcome IN ('queued', 'waiting') AND u.message_id IS NOT NULL AND n.account_id = $4 \
             ORDER BY u.at, u.id LIMIT $5",
        )
        .bind(self.org)
        .bind(name)
        .bind(language)
        .bind(account)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
