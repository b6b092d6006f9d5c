//! Contacts as a table for spreadsheets.

use documents::csv_lines;
use futures::stream::{self, Stream};
use rules::consent::{Consent, Purpose, Standing};
use rules::id::OrgId;
use rules::role::Right;
use rules::settings::OrgSettings;
use serde_json::json;
use store::contacts::{Contact, ContactFilter};
use store::{Cursor, Page};

use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// How many contacts are read at once.
const PAGE: usize = 500;

/// The names of the columns; an import understands them.
const HEADINGS: [&str; 13] = [
    "id",
    "name",
    "profile_name",
    "phone",
    "bsuid",
    "email",
    "language",
    "timezone",
    "labels",
    "consent_utility",
    "consent_marketing",
    "consent_authentication",
    "stopped",
];

/// Every contact as CSV, piece by piece. That it was taken along is audited.
pub(super) async fn contacts(
    ctx: &Ctx,
    actor: &OrgActor,
) -> Result<impl Stream<Item = std::io::Result<Vec<u8>>> + Send + use<>, Problem> {
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    actor.audit(ctx, &mut scope, "contacts.export", "", json!({})).await?;
    tx.commit().await?;
    let headings = csv_lines([HEADINGS]).map_err(|error| Problem::internal(&error))?;
    let (ctx, org) = (ctx.clone(), actor.org);
    let pages = stream::try_unfold(Some(Cursor::NEWEST), move |after| {
        let ctx = ctx.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = page(&ctx, org, after).await.map_err(std::io::Error::other)?;
            let rows = page.items.iter().map(|(contact, consent)| row(contact, consent));
            Ok(Some((csv_lines(rows).map_err(std::io::Error::other)?, page.next)))
        }
    });
    Ok(futures::StreamExt::chain(stream::iter([Ok(headings)]), pages))
}

async fn page(ctx: &Ctx, org: OrgId, after: Cursor) -> store::Result<Page<(Contact, Consent)>> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let settings = scope.org().await?.map(|org| OrgSettings::read(&org.settings)).unwrap_or_default();
    let found = scope.contacts(&ContactFilter::default(), after, PAGE).await?;
    let keys: Vec<_> = found.items.iter().map(|contact| (org, contact.id)).collect();
    let ledgers = scope.tx().batch(&[org]).await?.consent_ledgers(&keys).await?;
    let consents = ledgers.iter().map(|ledger| Consent::from_ledger(ledger, settings.inbound_lifts_opt_out));
    Ok(Page { items: found.items.into_iter().zip(consents).collect(), next: found.next })
}

fn row(contact: &Contact, consent: &Consent) -> [String; 13] {
    let said = |purpose| match consent.standing(purpose) {
        Standing::Unknown => "",
        Standing::OptedIn(_) => "yes",
        Standing::OptedOut(_) => "no",
    };
    [
        contact.id.to_string(),
        contact.name.clone(),
        contact.profile_name.clone().unwrap_or_default(),
        // As a word rather than a number, which a spreadsheet would round.
        contact.phone.as_ref().map(|phone| format!("+{}", phone.digits())).unwrap_or_default(),
        contact.bsuid.as_ref().map(|bsuid| bsuid.as_str().to_owned()).unwrap_or_default(),
        contact.email.clone().unwrap_or_default(),
        contact.language.clone().unwrap_or_default(),
        contact.timezone.clone().unwrap_or_default(),
        contact.labels.0.join(", "),
        said(Purpose::Utility).to_owned(),
        said(Purpose::Marketing).to_owned(),
        said(Purpose::Authentication).to_owned(),
        if consent.stopped.is_some() { "yes" } else { "" }.to_owned(),
    ]
}
