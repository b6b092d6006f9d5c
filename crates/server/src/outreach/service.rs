//! The record as use cases: read it, take it along, ask the gate.

use std::collections::HashMap;

use futures::stream::{self, Stream};
use rules::gate::Reason;
use rules::id::{ContactId, OrgId};
use rules::outreach::{self, OutreachOutcome, OutreachVerdict};
use rules::role::Right;
use serde_json::json;
use store::outreach::{Outreach, OutreachFilter};
use store::{Cursor, OrgScope, Page};

use super::csv;
use crate::ctx::Ctx;
use crate::dispatch::{self, Answered, NotSent, Question};
use crate::http::{OrgActor, Problem};

/// How many of an export are read at once.
const EXPORT_PAGE: usize = 1_000;

/// An intention, and what to call its contact.
pub(super) struct Row {
    pub outreach: Outreach,
    pub name: String,
}

/// Whether it was to go on another channel than WhatsApp, and there was none.
pub(super) fn is_nowhere_else(one: &Outreach) -> bool {
    let reason = match (one.verdict, one.outcome) {
        (OutreachVerdict::Refuse, _) => one.reason,
        (_, OutreachOutcome::Failed) => one.trouble.as_deref().and_then(|trouble| trouble.parse().ok()),
        _ => None,
    };
    reason.is_some_and(|reason: Reason| outreach::is_nowhere_else(reason, &one.fallback.0))
}

/// A page, the newest first.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    filter: &OutreachFilter,
    after: Cursor,
    limit: usize,
) -> Result<Page<Row>, Problem> {
    actor.require(Right::ReadInbox)?;
    Ok(page(ctx, actor.org, filter, after, limit).await?)
}

async fn page(
    ctx: &Ctx,
    org: OrgId,
    filter: &OutreachFilter,
    after: Cursor,
    limit: usize,
) -> store::Result<Page<Row>> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let page = scope.outreach_page(filter, after, limit).await?;
    let mut names = names(&mut scope, &page.items).await?;
    let named = |outreach: Outreach| {
        let name = names.get_mut(&outreach.contact_id).map(|name| name.clone()).unwrap_or_default();
        Row { outreach, name }
    };
    Ok(Page { items: page.items.into_iter().map(named).collect(), next: page.next })
}

/// What to call the contacts.
async fn names(scope: &mut OrgScope<'_>, rows: &[Outreach]) -> store::Result<HashMap<ContactId, String>> {
    let mut ids: Vec<ContactId> = rows.iter().map(|one| one.contact_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let contacts = scope.contacts_by_id(&ids).await?;
    Ok(contacts.into_iter().map(|contact| (contact.id, contact.display_name())).collect())
}

/// What fits as CSV, piece by piece, however much it is. That it was taken along is audited.
pub(super) async fn export(
    ctx: &Ctx,
    actor: &OrgActor,
    filter: OutreachFilter,
) -> Result<impl Stream<Item = std::io::Result<Vec<u8>>> + Send + use<>, Problem> {
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    actor.audit(ctx, &mut scope, "outreach.export", "", json!({})).await?;
    tx.commit().await?;
    let headings = csv::headings().map_err(|error| Problem::internal(&error))?;
    let (ctx, org) = (ctx.clone(), actor.org);
    let pages = stream::try_unfold(Some(Cursor::NEWEST), move |after| {
        let (ctx, filter) = (ctx.clone(), filter.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = page(&ctx, org, &filter, after, EXPORT_PAGE).await.map_err(std::io::Error::other)?;
            let rows = csv::rows(&page.items).map_err(std::io::Error::other)?;
            Ok(Some((rows, page.next)))
        }
    });
    Ok(futures::StreamExt::chain(stream::iter([Ok(headings)]), pages))
}

/// What the gate would say now. The transaction is dropped, and with it whatever the question made.
pub(super) async fn decide(ctx: &Ctx, actor: &OrgActor, question: Question<'_>) -> Result<Answered, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    dispatch::ask(ctx, &mut scope, question).await?.map_err(|refusal| match refusal {
        NotSent::NoNumber | NotSent::WhichNumber => {
            Problem::invalid_field("number_id", "names no connected number, and there is not just one")
        }
        NotSent::NoContact => Problem::not_found(),
        NotSent::Gate(_) | NotSent::NoSuchMessage | NotSent::Settled => Problem::not_found(),
    })
}
