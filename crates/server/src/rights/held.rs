//! What is held about a person beside who they are and what was said: list after list, a page at a time.

use std::collections::{BTreeMap, HashMap};

use rules::id::ContactId;
use serde_json::{Map, Value, json};
use store::forms::Submission;
use store::held::{BroughtIn, CameByLink, Notified, Signalled};
use store::outreach::{Outreach, OutreachFilter};
use store::reaches::Reach;
use store::records::{Record, RecordFilter, RecordKind};
use store::{Cursor, OrgScope, Page};

use super::export::moment;

/// So many are read at once.
const TOGETHER: usize = 200;
/// The most rows of files in which somebody was brought in.
const MOST_ROWS: i64 = 10_000;

/// A list of what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// What the organisation keeps of its business with them.
    Records,
    /// What they sent with forms.
    Forms,
    /// Messages of theirs that came by links.
    Links,
    /// What notifications decided about them.
    Notifications,
    /// Templates that were meant for them.
    Outreach,
    /// What was written to them elsewhere.
    OtherChannels,
    /// What Meta let us know of them.
    Signals,
    /// What other systems call them.
    References,
    /// Rows of files in which they were brought in.
    Imports,
}

impl List {
    pub(super) const ALL: [Self; 9] = [
        Self::Records,
        Self::Forms,
        Self::Links,
        Self::Notifications,
        Self::Outreach,
        Self::OtherChannels,
        Self::Signals,
        Self::References,
        Self::Imports,
    ];

    /// What it is called in the data.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Forms => "forms",
            Self::Links => "links",
            Self::Notifications => "notifications",
            Self::Outreach => "outreach",
            Self::OtherChannels => "other_channels",
            Self::Signals => "signals",
            Self::References => "references",
            Self::Imports => "imports",
        }
    }

    /// A page of it, and where the next one begins.
    pub(super) async fn page(
        self,
        scope: &mut OrgScope<'_>,
        contact: ContactId,
        after: Cursor,
    ) -> store::Result<(Vec<Value>, Option<Cursor>)> {
        Ok(match self {
            Self::Records => {
                let kinds = scope.record_kinds().await?;
                let kinds: HashMap<_, _> = kinds.iter().map(|kind| (kind.id, kind)).collect();
                let filter = RecordFilter { contact: Some(contact), ..RecordFilter::default() };
                let page = scope.records(&filter, after, TOGETHER).await?;
                told(&page, |one| record(one, kinds.get(&one.kind_id).copied()))
            }
            Self::Forms => {
                let forms: HashMap<_, _> =
                    scope.forms().await?.into_iter().map(|form| (form.id, form.name)).collect();
                let page = scope.submissions_of(contact, after, TOGETHER).await?;
                told(&page, |one| submission(one, forms.get(&one.form_id)))
            }
            Self::Links => told(&scope.link_entries_of(contact, after, TOGETHER).await?, link),
            Self::Notifications => told(&scope.notified(contact, after, TOGETHER).await?, notified),
            Self::Outreach => {
                let filter = OutreachFilter { contact: Some(contact), ..OutreachFilter::default() };
                told(&scope.outreach_page(&filter, after, TOGETHER).await?, outreach)
            }
            Self::OtherChannels => told(&scope.reaches_to(contact, after, TOGETHER).await?, reach),
            Self::Signals => (scope.signalled(contact).await?.iter().map(signal).collect(), None),
            Self::References => {
                let names = scope.references_to(contact).await?;
                (names.iter().map(|name| json!({ "reference": name })).collect(), None)
            }
            Self::Imports => {
                (scope.brought_in(contact, MOST_ROWS).await?.iter().map(brought_in).collect(), None)
            }
        })
    }
}

fn told<T>(page: &Page<T>, tell: impl Fn(&T) -> Value) -> (Vec<Value>, Option<Cursor>) {
    (page.items.iter().map(tell).collect(), page.next)
}

/// Its fields are named as people name them.
fn record(record: &Record, kind: Option<&RecordKind>) -> Value {
    let labels: BTreeMap<&str, &str> = kind
        .into_iter()
        .flat_map(|kind| &kind.fields.0)
        .map(|field| (field.key.as_str(), field.label.as_str()))
        .collect();
    let label = |key: &str| labels.get(key).map_or_else(|| key.to_owned(), |label| (*label).to_owned());
    let mut fields: Map<String, Value> =
        record.dates.0.iter().map(|(key, day)| (label(key), json!(day.to_string()))).collect();
    if let Value::Object(data) = &record.data.0 {
        fields.extend(data.iter().map(|(key, value)| (label(key), value.clone())));
    }
    json!({
        "id": record.id, "kind": kind.map(|kind| &kind.title), "external_id": record.external_id, "fields": fields,
        "at": moment(record.created_at), "updated_at": moment(record.updated_at),
    })
}

fn submission(one: &Submission, form: Option<&String>) -> Value {
    json!({
        "id": one.id, "form": form, "version_id": one.version_id, "way": one.way, "language": one.locale,
        "purposes": one.purposes.0, "name": one.name, "phone": one.phone, "email": one.email, "address": one.ip,
        "browser": one.user_agent, "page": one.page, "state": one.state, "at": moment(one.created_at),
        "confirmed_at": one.confirmed_at.map(moment),
    })
}

fn link(one: &CameByLink) -> Value {
    json!({
        "link": one.link, "link_id": one.link_id, "message_id": one.message_id, "opted_in": one.opted_in,
        "at": moment(one.at),
    })
}

fn notified(one: &Notified) -> Value {
    json!({
        "notification": one.notification, "notification_id": one.notification_id, "record_id": one.record_id,
        "verdict": one.verdict, "reason": one.reason, "message_id": one.message_id, "at": moment(one.at),
    })
}

fn outreach(one: &Outreach) -> Value {
    json!({
        "template": one.template_name, "language": one.template_language, "purpose": one.purpose,
        "standing": one.standing, "window_open": one.window_open, "verdict": one.verdict, "reason": one.reason,
        "channel": one.channel, "outcome": one.outcome, "trouble": one.trouble, "message_id": one.message_id,
        "at": moment(one.at), "outcome_at": moment(one.outcome_at),
    })
}

fn reach(one: &Reach) -> Value {
    json!({
        "channel": one.channel, "address": one.address, "subject": one.subject, "text": one.body,
        "purpose": one.purpose, "state": one.state, "problem": one.problem, "agreed_at": one.agreed_at.map(moment),
        "at": moment(one.created_at),
    })
}

fn signal(one: &Signalled) -> Value {
    json!({ "kind": one.kind, "times": one.times, "at": moment(one.at) })
}

/// Each cell under its heading.
fn brought_in(row: &BroughtIn) -> Value {
    let heading = |nth: usize| row.headings.0.get(nth).cloned().unwrap_or_else(|| (nth + 1).to_string());
    let fields: Map<String, Value> =
        row.cells.0.iter().enumerate().map(|(nth, cell)| (heading(nth), json!(cell))).collect();
    json!({ "file": row.file_name, "row": row.number, "fields": fields, "at": moment(row.at) })
}
