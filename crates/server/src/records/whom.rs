//! Whom a record is about: found by whatever the other system knows of them, made where nobody is known by it.

use garde::Validate;
use rules::id::ContactId;
use rules::identity::{Bsuid, Phone};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;
use store::contacts::ContactChange;
use utoipa::ToSchema;

use crate::ctx::Ctx;
use crate::http::problem::FieldError;
use crate::inbox::news;
use crate::rights;

/// Whom something is about. The first of id, reference, phone, BSUID and e-mail by which somebody is known counts; where
/// nobody is, a contact is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(as = RecordContact)]
pub(crate) struct Whom {
    /// A contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ContactId>,
    /// What your own system calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "odoo:res.partner:42")]
    pub reference: Option<String>,
    /// A phone number. Without a country code it is read as one of the organisation's country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(min = 1, max = 40))]
    #[schema(example = "+62 812 3456 7890")]
    pub phone: Option<String>,
    /// A business-scoped user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(min = 1, max = 200))]
    pub bsuid: Option<String>,
    /// An e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(email), length(max = 254))]
    #[schema(format = Email)]
    pub email: Option<String>,
    /// Their name, where the organisation has none for them yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// The language to write to them in (BCP 47), where none is known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 20))]
    pub language: Option<String>,
}

/// Why nobody is found and nobody made.
pub(super) enum Nobody {
    /// The id names no contact here.
    NoContact,
    /// A field is wrong.
    Wrong(FieldError),
    /// The database.
    Store(store::StoreError),
}

impl From<store::StoreError> for Nobody {
    fn from(error: store::StoreError) -> Self {
        Self::Store(error)
    }
}

/// Finds them, or makes them, and writes down what is new.
pub(super) async fn find(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    whom: &Whom,
    country: Option<&str>,
) -> Result<ContactId, Nobody> {
    let now = ctx.now();
    let phone = phone(whom, country)?;
    let known = known(ctx, scope, whom, phone.as_ref()).await?;
    let (contact, new) = match known {
        Some(known) => known,
        None if whom.reference.is_some() || whom.email.is_some() => {
            (scope.contact_elsewhere(now, ctx.chance()).await?, true)
        }
        None => {
            return Err(wrong(
                "",
                "names nobody: give an id, a reference, a phone number or an e-mail address",
            ));
        }
    };
    if write_down(scope, contact, whom, now).await? || new {
        news::contact_updated(scope, contact, None, now).await?;
    }
    Ok(contact)
}

fn phone(whom: &Whom, country: Option<&str>) -> Result<Option<Phone>, Nobody> {
    let Some(phone) = whom.phone.as_deref().filter(|phone| !phone.trim().is_empty()) else { return Ok(None) };
    Phone::from_human(phone, country).map(Some).map_err(|error| wrong("phone", error.to_string()))
}

async fn known(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    whom: &Whom,
    phone: Option<&Phone>,
) -> Result<Option<(ContactId, bool)>, Nobody> {
    let there = |id: ContactId| (id, false);
    if let Some(id) = whom.id {
        return Ok(Some(there(scope.contact(id).await?.ok_or(Nobody::NoContact)?.id)));
    }
    if let Some(reference) = &whom.reference
        && let Some(contact) = scope.contact_of_reference(reference).await?
    {
        return Ok(Some(there(contact)));
    }
    if let Some(phone) = phone {
        let found = rights::contact_by_phone(ctx, scope, phone, ctx.now()).await?;
        return Ok(Some((found.contact, found.is_new)));
    }
    if let Some(bsuid) = &whom.bsuid {
        let read = Bsuid::parse(bsuid).ok_or_else(|| wrong("bsuid", "is no business-scoped user id"))?;
        let found = scope.contact_of_bsuid(read.as_str()).await?;
        return found
            .map(|id| Some(there(id)))
            .ok_or_else(|| wrong("bsuid", "is nobody's who has written to you"));
    }
    match &whom.email {
        Some(email) => {
            Ok(scope.contacts_of_email(&email.to_lowercase()).await?.into_iter().next().map(there))
        }
        None => Ok(None),
    }
}

/// Writes down what is new about them; what the organisation knows already stays. Says whether anything was.
async fn write_down(
    scope: &mut OrgScope<'_>,
    id: ContactId,
    whom: &Whom,
    now: Timestamp,
) -> Result<bool, Nobody> {
    if let Some(reference) = &whom.reference
        && scope.contact_of_reference(reference).await? != Some(id)
    {
        scope.refer_to_contact(reference, id).await?;
    }
    let Some(contact) = scope.contact(id).await? else { return Err(Nobody::NoContact) };
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let change = ContactChange {
        name: said(&whom.name).filter(|_| contact.name.is_empty()),
        language: said(&whom.language).filter(|_| contact.language.is_none()),
        email: said(&whom.email).map(|email| email.to_lowercase()).filter(|_| contact.email.is_none()),
        ..ContactChange::default()
    };
    let new = change.name.is_some() || change.language.is_some() || change.email.is_some();
    if new {
        scope.change_contact(id, &change, now).await?;
    }
    Ok(new)
}

fn wrong(field: &str, message: impl Into<String>) -> Nobody {
    let field = if field.is_empty() { "contact".to_owned() } else { format!("contact.{field}") };
    Nobody::Wrong(FieldError::new(field, message))
}
