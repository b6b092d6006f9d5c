//! Consent as use cases: record it, read it, take it along.

use futures::stream::{self, Stream};
use rules::consent::{Channel, Consent, ConsentAction, ConsentSource, Purpose};
use rules::id::{ConsentEventId, ContactId, OrgId};
use rules::role::Right;
use rules::settings::OrgSettings;
use rules::time::{Timestamp, span};
use serde_json::{Map, Value, json};
use store::consent::{ConsentEvent, ConsentRecord, NewConsentEvent};
use store::{Cursor, OrgScope, Page};

use super::csv;
use crate::ctx::Ctx;
use crate::dispatch;
use crate::http::{OrgActor, Problem};
use crate::inbox::news;

/// How many entries of an export are read at once.
const EXPORT_PAGE: usize = 1_000;

/// A yes or no that somebody records.
pub(super) struct Statement {
    pub channel: Channel,
    pub purpose: Option<Purpose>,
    pub action: ConsentAction,
    /// When it was given, if not now.
    pub at: Option<Timestamp>,
    /// What proves it.
    pub evidence: Map<String, Value>,
}

/// Records a yes or no of a contact.
pub(super) async fn record(
    ctx: &Ctx,
    actor: &OrgActor,
    contact: ContactId,
    statement: Statement,
) -> Result<ConsentEvent, Problem> {
    actor.require(Right::WriteConsent)?;
    let now = ctx.now();
    let at = statement.at.unwrap_or(now);
    if at > now + span::minutes(5) {
        return Err(Problem::invalid_field(
            "at",
            "lies in the future; consent counts from when it was given",
        ));
    }
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let contact = scope.contact(contact).await?.ok_or_else(Problem::not_found)?.id;
    let mut evidence = statement.evidence;
    evidence.insert("recorded_by".into(), json!(actor.name()));
    evidence.insert("recorded_from".into(), json!(actor.client.address()));
    evidence.insert("recorded_at".into(), json!(now));
    let id = ConsentEventId::fresh(now, ctx.chance());
    let source = if actor.member().is_some() { ConsentSource::Member } else { ConsentSource::Api };
    let event = NewConsentEvent {
        id,
        contact,
        channel: statement.channel,
        purpose: statement.purpose,
        action: statement.action,
        source,
        evidence: Value::Object(evidence),
        at,
    };
    scope.append_consent(&event).await?;
    let details = json!({ "event": id, "purpose": event.purpose, "action": event.action });
    actor.audit(ctx, &mut scope, "consent.record", contact, details).await?;
    news::contact_updated(&mut scope, contact, None, now).await?;
    if event.action == ConsentAction::OptIn && event.channel == Channel::Whatsapp {
        dispatch::release(&mut scope, contact, event.purpose, now).await?;
    }
    let ledger = scope.consent_ledger(contact).await?;
    let recorded = ledger.into_iter().find(|entry| entry.id == id).ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(recorded)
}

/// A yes that a contact gave by themselves: in a form, by a link.
#[derive(Clone, Debug)]
pub struct OptIn {
    /// Whose.
    pub contact: ContactId,
    /// On which channel.
    pub channel: Channel,
    /// To what.
    pub purpose: Purpose,
    /// What proves it. A JSON object.
    pub evidence: Value,
    /// When it was given.
    pub at: Timestamp,
}

/// Records a contact's own yes, in the caller's transaction, and lets go out what has waited for it.
pub async fn opt_in(ctx: &Ctx, scope: &mut OrgScope<'_>, yes: OptIn) -> store::Result<()> {
    let now = ctx.now();
    let event = NewConsentEvent {
        id: ConsentEventId::fresh(now, ctx.chance()),
        contact: yes.contact,
        channel: yes.channel,
        purpose: Some(yes.purpose),
        action: ConsentAction::OptIn,
        source: ConsentSource::Form,
        evidence: yes.evidence,
        at: yes.at,
    };
    scope.append_consent(&event).await?;
    news::contact_updated(scope, yes.contact, None, now).await?;
    if yes.channel == Channel::Whatsapp {
        dispatch::release(scope, yes.contact, Some(yes.purpose), now).await?;
    }
    Ok(())
}

/// How a contact stands on a channel, and its whole ledger, newest entry first.
pub(super) async fn ledger(
    ctx: &Ctx,
    actor: &OrgActor,
    contact: ContactId,
) -> Result<(impl Fn(Channel) -> Consent, Vec<ConsentEvent>), Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let contact = scope.contact(contact).await?.ok_or_else(Problem::not_found)?.id;
    let settings = scope.org().await?.map(|org| OrgSettings::read(&org.settings)).unwrap_or_default();
    let mut ledger = scope.consent_ledger(contact).await?;
    let entries: Vec<_> = ledger.iter().map(ConsentEvent::entry).collect();
    ledger.reverse();
    let on = move |channel| Consent::on(channel, &entries, settings.inbound_lifts_opt_out);
    Ok((on, ledger))
}

/// A page of the organisation's ledger, newest entry first.
pub(super) async fn records(
    ctx: &Ctx,
    actor: &OrgActor,
    after: Cursor,
    limit: usize,
) -> Result<Page<ConsentRecord>, Problem> {
    actor.require(Right::ReadAudit)?;
    Ok(page(ctx, actor.org, after, limit).await?)
}

async fn page(ctx: &Ctx, org: OrgId, after: Cursor, limit: usize) -> store::Result<Page<ConsentRecord>> {
    let mut tx = ctx.store.read().await?;
    tx.org(org).await?.consent_records(after, limit).await
}

/// The organisation's ledger as CSV, piece by piece, however long it is. That it was taken along is audited.
pub(super) async fn export(
    ctx: &Ctx,
    actor: &OrgActor,
) -> Result<impl Stream<Item = std::io::Result<Vec<u8>>> + Send + use<>, Problem> {
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    actor.audit(ctx, &mut scope, "consent.export", "", json!({})).await?;
    tx.commit().await?;
    let headings = csv::headings().map_err(|error| Problem::internal(&error))?;
    let (ctx, org) = (ctx.clone(), actor.org);
    let pages = stream::try_unfold(Some(Cursor::NEWEST), move |after| {
        let ctx = ctx.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = page(&ctx, org, after, EXPORT_PAGE).await.map_err(std::io::Error::other)?;
            let rows = csv::rows(&page.items).map_err(std::io::Error::other)?;
            Ok(Some((rows, page.next)))
        }
    });
    Ok(futures::StreamExt::chain(stream::iter([Ok(headings)]), pages))
}
