//! What the gate decides by, in one query.

use rules::consent::{Consent, ConsentAction, ConsentSource, LedgerEntry, Purpose};
use rules::gate::{Facts, Form, LineState, Policy};
use rules::id::{AccountId, ConsentEventId, ConversationId, TemplateId};
use rules::message::Author;
use rules::time::Timestamp;

use super::Thread;
use crate::consent::WHATSAPP;
use crate::error::Result;
use crate::seam::OrgScope;

/// Everything stored that the gate decides by, for one conversation.
#[derive(Clone, Debug)]
pub struct GateFacts {
    /// Contact and number.
    pub thread: Thread,
    /// The messaging account of the number.
    pub account_id: AccountId,
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// When the contact last wrote, by Meta's own time.
    pub last_inbound_at: Option<Timestamp>,
    /// Whether the number can send: no better than its messaging account can.
    pub line: LineState,
    /// The contact's ledger, oldest entry first.
    pub ledger: Vec<LedgerEntry>,
    /// The template asked for, where it is known.
    pub template: Option<TemplateFacts>,
}

/// A template, as far as the gate cares, in Meta's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFacts {
    /// Its id.
    pub id: TemplateId,
    /// `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    pub category: String,
    /// `APPROVED`, `PAUSED`, …
    pub status: String,
}

impl GateFacts {
    /// The facts in the form that the gate takes.
    pub fn facts(&self, author: Author, form: Form, policy: Policy, inbound_lifts_opt_out: bool) -> Facts {
        let consent = Consent::from_ledger(&self.ledger, inbound_lifts_opt_out);
        let stopped_at = consent
            .stopped
            .and_then(|stop| self.ledger.iter().find(|entry| entry.id == stop).map(|entry| entry.at));
        Facts {
            author,
            form,
            consent,
            stopped_at,
            last_inbound_at: self.last_inbound_at,
            policy,
            line: self.line,
        }
    }
}

/// One row of the query: the same facts beside each entry of the ledger.
#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    thread: Thread,
    account_id: AccountId,
    phone_number_id: String,
    last_inbound_at: Option<Timestamp>,
    number_line: LineState,
    account_line: LineState,
    gone: bool,
    template_id: Option<TemplateId>,
    category: Option<String>,
    template_status: Option<String>,
    event_id: Option<ConsentEventId>,
    purpose: Option<Purpose>,
    action: Option<ConsentAction>,
    source: Option<ConsentSource>,
    event_at: Option<Timestamp>,
}

impl Row {
    fn line(&self) -> LineState {
        let either = |state| self.number_line == state || self.account_line == state;
        if self.gone || either(LineState::Gone) {
            LineState::Gone
        } else if either(LineState::Held) {
            LineState::Held
        } else {
            LineState::Ready
        }
    }

    fn template(&self) -> Option<TemplateFacts> {
        Some(TemplateFacts {
            id: self.template_id?,
            category: self.category.clone()?,
            status: self.template_status.clone()?,
        })
    }

    fn entry(&self) -> Option<LedgerEntry> {
        Some(LedgerEntry {
            id: self.event_id?,
            purpose: self.purpose,
            action: self.action?,
            source: self.source?,
            at: self.event_at?,
        })
    }
}

impl OrgScope<'_> {
    /// What the gate decides by; `template` names one by name and language. `None`: there is no such conversation.
    pub async fn gate_facts(
        &mut self,
        conversation: ConversationId,
        template: Option<(&str, &str)>,
    ) -> Result<Option<GateFacts>> {
        let org = self.org;
        let (name, language) = template.unzip();
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(
            "SELECT v.id AS conversation_id, v.contact_id, v.number_id, n.account_id, n.phone_number_id, v.last_inbound_at, \
                    n.line AS number_line, a.line AS account_line, \
                    (n.removed_at IS NOT NULL OR a.disconnected_at IS NOT NULL) AS gone, \
                    t.id AS template_id, t.category, t.status AS template_status, \
                    e.id AS event_id, e.purpose, e.action, e.source, e.at AS event_at \
             FROM conversations v \
             JOIN numbers n ON n.org_id = v.org_id AND n.id = v.number_id \
             JOIN accounts a ON a.org_id = n.org_id AND a.id = n.account_id \
             LEFT JOIN templates t ON t.org_id = n.org_id AND t.account_id = n.account_id AND t.name = $3 \
                                  AND t.language = $4 AND t.removed_at IS NULL \
             LEFT JOIN consent_events e ON e.org_id = v.org_id AND e.contact_id = v.contact_id AND e.channel = $5 \
             WHERE v.org_id = $1 AND v.id = (SELECT COALESCE(merged_into, id) FROM conversations WHERE org_id = $1 AND id = $2) \
             ORDER BY e.at, e.id",
        )
        .bind(org)
        .bind(conversation)
        .bind(name)
        .bind(language)
        .bind(WHATSAPP)
        .fetch_all(c)
        .await)?;
        let ledger = rows.iter().filter_map(Row::entry).collect();
        Ok(rows.into_iter().next().map(|row| GateFacts {
            thread: row.thread,
            account_id: row.account_id,
            line: row.line(),
            template: row.template(),
            phone_number_id: row.phone_number_id,
            last_inbound_at: row.last_inbound_at,
            ledger,
        }))
    }
}
