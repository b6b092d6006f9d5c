//! What the gate decides by, in one query.

use rules::consent::{Channel, Consent, ConsentAction, ConsentSource, LedgerEntry, Purpose};
use rules::gate::{Facts, Form, LineState, MayBegin};
use rules::id::{AccountId, ConsentEventId, ConversationId, OrgId, TemplateId};
use rules::message::Author;
use rules::settings::OrgSettings;
use rules::time::Timestamp;

use super::Thread;
use crate::batch::{Batch, Nth, many_each};
use crate::error::Result;
use crate::rows::Rows;
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
    /// Meta's word for how fast the number may send: `STANDARD`, `HIGH`.
    pub throughput: Option<String>,
    /// Whether the number is on the WhatsApp Business app, too.
    pub on_business_app: bool,
    /// When the contact last wrote, by Meta's own time.
    pub last_inbound_at: Option<Timestamp>,
    /// When Meta last said that the window is closed.
    pub window_denied_at: Option<Timestamp>,
    /// When Meta last said that we have blocked the contact.
    pub blocked_at: Option<Timestamp>,
    /// When Meta last held the number back.
    pub slowed_at: Option<Timestamp>,
    /// Whether Meta lets the number begin conversations.
    pub may_begin: MayBegin,
    /// Meta's id of the portfolio of the number.
    pub portfolio: Option<String>,
    /// How many people it may write to first within 24 hours, in Meta's words.
    pub messaging_limit: Option<String>,
    /// Whether the number can send: no better than its messaging account can.
    pub line: LineState,
    /// The contact's ledger on all channels, oldest entry first.
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
    pub fn facts(&self, author: Author, form: Form, settings: &OrgSettings) -> Facts {
        let consent = Consent::from_ledger(&self.ledger, settings.inbound_lifts_opt_out);
        let stopped_at = consent
            .stopped
            .and_then(|stop| self.ledger.iter().find(|entry| entry.id == stop).map(|entry| entry.at));
        Facts {
            consent,
            stopped_at,
            last_inbound_at: self.last_inbound_at,
            window_denied_at: self.window_denied_at,
            blocked_at: self.blocked_at,
            slowed_at: self.slowed_at,
            may_begin: self.may_begin,
            policy: settings.policy,
            line: self.line,
            ..Facts::new(author, form)
        }
    }
}

/// One row of the query: the same facts beside each entry of the ledger.
#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    thread: Thread,
    account_id: AccountId,
    portfolio: Option<String>,
    messaging_limit: Option<String>,
    phone_number_id: String,
    throughput: Option<String>,
    on_business_app: bool,
    last_inbound_at: Option<Timestamp>,
    window_denied_at: Option<Timestamp>,
    blocked_at: Option<Timestamp>,
    slowed_at: Option<Timestamp>,
    number_status: Option<String>,
    number_line: LineState,
    account_line: LineState,
    gone: bool,
    template_id: Option<TemplateId>,
    category: Option<String>,
    template_status: Option<String>,
    event_id: Option<ConsentEventId>,
    channel: Option<Channel>,
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

    /// Meta's words for a number that may answer but not begin.
    fn may_begin(&self) -> MayBegin {
        match self.number_status.as_deref() {
            Some("RESTRICTED") => MayBegin::Restricted,
            Some("RATE_LIMITED") => MayBegin::AtLimit,
            _ => MayBegin::Yes,
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
            channel: self.channel?,
            purpose: self.purpose,
            action: self.action?,
            source: self.source?,
            at: self.event_at?,
        })
    }
}

/// What the gate is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The organisation.
    pub org: OrgId,
    /// The conversation; the id of one that became part of another leads to that one.
    pub conversation: ConversationId,
    /// A template, by name and language.
    pub template: Option<(&'a str, &'a str)>,
}

impl Batch<'_> {
    /// What the gate decides by. `None`: there is no such conversation.
    pub async fn gate_facts(&mut self, asked: &[Asked<'_>]) -> Result<Vec<Option<GateFacts>>> {
        let mut rows: Vec<Nth<Row>> = Vec::with_capacity(asked.len());
        let meant = concat!("v.org_id = o.org_id AND v.id = ", merged_id!("o"));
        let joined = [
            self.tx.join("conversations", "o", "o.org_id = w.org_id AND o.id = w.conversation_id"),
            self.tx.join("conversations", "v", meant),
            self.tx.join("numbers", "n", "n.org_id = v.org_id AND n.id = v.number_id"),
            self.tx.join("accounts", "a", "a.org_id = n.org_id AND a.id = n.account_id"),
        ]
        .concat();
        for (from, chunk) in self.tx.numbered_sets(asked) {
            let keys = Rows::numbered(chunk, from)
                .column("org_id", |asked| asked.org)
                .column("conversation_id", |asked| asked.conversation)
                .column("name", |asked| asked.template.map(|(name, _)| name))
                .column("language", |asked| asked.template.map(|(_, language)| language));
            let found: Vec<Nth<Row>> = on!(self.tx, c => keys.with()
            .push(
                "SELECT w.n, v.id AS conversation_id, v.contact_id, v.number_id, n.account_id, \
                    a.owner_business_id AS portfolio, n.messaging_limit, n.phone_number_id, n.throughput, n.on_business_app, \
                    v.last_inbound_at, v.window_denied_at, v.blocked_at, n.slowed_at, n.status AS number_status, n.line AS number_line, a.line AS account_line, \
                    (n.removed_at IS NOT NULL OR a.disconnected_at IS NOT NULL) AS gone, \
                    t.id AS template_id, t.category, t.status AS template_status, \
                    e.id AS event_id, e.channel, e.purpose, e.action, e.source, e.at AS event_at \
                 FROM w",
            )
            .push(&joined)
            .push(
                " LEFT JOIN templates t ON t.org_id = n.org_id AND t.account_id = n.account_id AND t.name = w.name \
                                      AND t.language = w.language AND t.removed_at IS NULL \
                 LEFT JOIN consent_events e ON e.org_id = v.org_id AND e.contact_id = v.contact_id \
                 ORDER BY w.n, e.at, e.id",
            )
            .build_query_as()
            .fetch_all(c)
            .await)?;
            rows.extend(found);
        }
        let facts = many_each(asked.len(), rows).into_iter().map(|rows| {
            let ledger = rows.iter().filter_map(Row::entry).collect();
            rows.into_iter().next().map(|row| GateFacts {
                thread: row.thread,
                account_id: row.account_id,
                line: row.line(),
                may_begin: row.may_begin(),
                template: row.template(),
                portfolio: row.portfolio,
                messaging_limit: row.messaging_limit,
                phone_number_id: row.phone_number_id,
                throughput: row.throughput,
                on_business_app: row.on_business_app,
                last_inbound_at: row.last_inbound_at,
                window_denied_at: row.window_denied_at,
                blocked_at: row.blocked_at,
                slowed_at: row.slowed_at,
                ledger,
            })
        });
        Ok(facts.collect())
    }
}

impl OrgScope<'_> {
    /// What the gate decides by; `template` names one by name and language. `None`: there is no such conversation.
    pub async fn gate_facts(
        &mut self,
        conversation: ConversationId,
        template: Option<(&str, &str)>,
    ) -> Result<Option<GateFacts>> {
        let asked = [Asked { org: self.org, conversation, template }];
        Ok(self.tx.batch(&[self.org]).await?.gate_facts(&asked).await?.pop().flatten())
    }
}
