//! The contact book as use cases.

use rules::consent::Consent;
use rules::id::ContactId;
use rules::identity::Phone;
use rules::role::Right;
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde_json::json;
use store::contacts::{Contact, ContactChange, ContactFilter, ContactIdentity};
use store::{Cursor, OrgScope, Page};

use super::labels::LabelChange;
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};
use crate::inbox::news;

/// A page of contacts, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    filter: &ContactFilter,
    after: Cursor,
    limit: usize,
) -> Result<Page<Contact>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.contacts(filter, after, limit).await?)
}

/// Every label in use.
pub(super) async fn labels(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<String>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.labels().await?)
}

/// A contact with its names and what it allows.
pub(super) struct Detail {
    pub contact: Contact,
    pub identities: Vec<ContactIdentity>,
    pub consent: Consent,
}

/// One contact.
pub(super) async fn detail(ctx: &Ctx, actor: &OrgActor, id: ContactId) -> Result<Detail, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let contact = scope.contact(id).await?.ok_or_else(Problem::not_found)?;
    let settings = scope.org().await?.map(|org| OrgSettings::read(&org.settings)).unwrap_or_default();
    let identities = scope.contact_identities(contact.id).await?;
    let consent = scope.consent_of(contact.id, settings.inbound_lifts_opt_out).await?;
    Ok(Detail { contact, identities, consent })
}

/// What the organisation says about a contact; what is not said stays.
pub(super) struct Said {
    pub name: Option<String>,
    pub email: Option<String>,
    pub language: Option<String>,
    pub labels: LabelChange,
}

/// The contact with this phone number, made if there is none, with what is said about it written down.
pub(super) async fn create(
    ctx: &Ctx,
    actor: &OrgActor,
    phone: &str,
    said: Said,
) -> Result<(Contact, bool), Problem> {
    actor.require(Right::WriteInbox)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let country = scope.org().await?.map(|org| org.country);
    let phone = Phone::from_human(phone, country.as_deref())
        .map_err(|error| Problem::invalid_field("phone", error.to_string()))?;
    let found = scope.contact_by_phone(&phone, now, ctx.chance()).await?;
    let (contact, _) = write_down(&mut scope, found.contact, said, now).await?;
    if found.is_new {
        actor.audit(ctx, &mut scope, "contact.create", contact.id, json!({})).await?;
    }
    news::contact_updated(&mut scope, contact.id, None, now).await?;
    tx.commit().await?;
    Ok((contact, found.is_new))
}

/// Changes what the organisation says about a contact.
pub(super) async fn update(
    ctx: &Ctx,
    actor: &OrgActor,
    id: ContactId,
    said: Said,
) -> Result<Contact, Problem> {
    actor.require(Right::WriteInbox)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let (contact, fields) = write_down(&mut scope, id, said, now).await?;
    actor.audit(ctx, &mut scope, "contact.update", contact.id, json!({ "fields": fields })).await?;
    news::contact_updated(&mut scope, contact.id, None, now).await?;
    tx.commit().await?;
    Ok(contact)
}

/// Writes down what is said, and which fields it is about.
async fn write_down(
    scope: &mut OrgScope<'_>,
    id: ContactId,
    said: Said,
    now: Timestamp,
) -> Result<(Contact, Vec<&'static str>), Problem> {
    let before = scope.contact_for_change(id).await?.ok_or_else(Problem::not_found)?;
    let labels = said.labels.applied_to(&before.labels.0)?;
    let change = ContactChange {
        name: said.name,
        email: said.email,
        language: said.language,
        labels: Some(labels).filter(|labels| *labels != before.labels.0),
    };
    let fields = [
        change.name.as_ref().map(|_| "name"),
        change.email.as_ref().map(|_| "email"),
        change.language.as_ref().map(|_| "language"),
        change.labels.as_ref().map(|_| "labels"),
    ];
    let contact = scope.change_contact(before.id, &change, now).await?.ok_or_else(Problem::not_found)?;
    Ok((contact, fields.into_iter().flatten().collect()))
}

/// Two contacts are one person: `going` becomes part of `staying`.
pub(super) async fn merge(
    ctx: &Ctx,
    actor: &OrgActor,
    staying: ContactId,
    going: ContactId,
) -> Result<Contact, Problem> {
    actor.require(Right::WriteInbox)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let kept = scope.contact(staying).await?.ok_or_else(Problem::not_found)?;
    let lost = scope.contact(going).await?.ok_or_else(Problem::not_found)?;
    if !scope.merge_contacts(kept.id, lost.id, now, ctx.chance()).await? {
        return Err(Problem::conflict(
            "same_contact",
            "These two ids are one contact already. Nothing was changed.",
        ));
    }
    actor.audit(ctx, &mut scope, "contact.merge", kept.id, json!({ "merged": lost.id })).await?;
    news::contact_updated(&mut scope, kept.id, Some(lost.id), now).await?;
    let contact = scope.contact(kept.id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(contact)
}
