//! Whom never to write to again, known by keyed hashes alone.

use std::collections::{BTreeSet, HashSet};

use aws_lc_rs::hmac;
use rules::consent::{Channel, ConsentAction, ConsentSource};
use rules::id::{ConsentEventId, ContactId, OrgId};
use rules::identity::{Phone, Sender};
use rules::role::Right;
use rules::time::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use store::consent::NewConsentEvent;
use store::contacts::Recognised;
use store::sealed::Place;
use store::suppression::SuppressionCount;
use store::{Batch, OrgScope};
use zeroize::Zeroizing;

use crate::contacts::is_email;
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

const PLACE: Place = Place("suppression_keys.sealed");

/// A name: what sort it is of, and the name itself.
pub(crate) type Name = (&'static str, String);

/// Tells who is suppressed in an organisation.
pub(crate) struct Suppressor {
    /// Without one nobody is.
    key: Option<hmac::Key>,
}

impl Suppressor {
    /// To look with.
    pub(crate) async fn of(ctx: &Ctx, scope: &mut OrgScope<'_>) -> store::Result<Self> {
        let Some(sealed) = scope.suppression_key().await? else { return Ok(Self { key: None }) };
        let org = scope.id();
        let secret = ctx.vault.open(scope.tx(), org, PLACE, &sealed).await?;
        Ok(Self { key: Some(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes())) })
    }

    /// To suppress with: the key is made at its first use.
    pub(crate) async fn made(ctx: &Ctx, scope: &mut OrgScope<'_>, now: Timestamp) -> store::Result<Self> {
        if scope.suppression_key().await?.is_none() {
            let mut bytes = Zeroizing::new([0; 32]);
            ctx.chance().fill(&mut *bytes);
            let secret = SecretString::from(hex::encode(*bytes));
            let org = scope.id();
            let sealed = ctx.vault.seal(scope.tx(), org, PLACE, &secret, now).await?;
            scope.keep_suppression_key(&sealed).await?;
        }
        Self::of(ctx, scope).await
    }

    /// What stands for a name.
    pub(crate) fn hash(&self, (kind, value): &Name) -> Option<Vec<u8>> {
        let key = self.key.as_ref()?;
        Some(hmac::sign(key, format!("{kind}:{}", value.trim().to_lowercase()).as_bytes()).as_ref().to_vec())
    }

    /// Which of these people are suppressed under any of their names.
    pub(crate) async fn among(
        &self,
        scope: &mut OrgScope<'_>,
        people: &[Vec<Name>],
    ) -> store::Result<Vec<bool>> {
        let hashes: Vec<Vec<Vec<u8>>> =
            people.iter().map(|names| names.iter().filter_map(|name| self.hash(name)).collect()).collect();
        let all: Vec<Vec<u8>> = hashes.iter().flatten().cloned().collect();
        if all.is_empty() {
            return Ok(vec![false; people.len()]);
        }
        let suppressed: HashSet<_> = scope.suppressed_among(&all).await?.into_iter().collect();
        Ok(hashes.iter().map(|hashes| hashes.iter().any(|hash| suppressed.contains(hash))).collect())
    }
}

/// A name that somebody wants suppressed, or no more.
pub(super) struct Wish {
    pub phone: Option<String>,
    pub email: Option<String>,
    pub reason: String,
}

/// How many names are suppressed.
pub(super) async fn counts(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<SuppressionCount>, Problem> {
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.suppression_counts().await?)
}

/// Suppresses a name. Who has it already refuses everything from here on.
pub(super) async fn add(ctx: &Ctx, actor: &OrgActor, wish: Wish) -> Result<(), Problem> {
    actor.require(Right::WriteConsent)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let (name, phone) = read(&mut scope, &wish).await?;
    let suppressor = Suppressor::made(ctx, &mut scope, now).await?;
    if let Some(hash) = suppressor.hash(&name) {
        scope.suppress(name.0, &hash, "asked", &actor.name(), now).await?;
    }
    let known: Vec<ContactId> = match phone {
        Some(phone) => {
            scope.contacts_by_phone(&[phone]).await?.into_iter().map(|(_, contact)| contact.id).collect()
        }
        None => scope.contacts_of_email(&name.1).await?,
    };
    for contact in known {
        refuse_everything(ctx, &mut scope, contact, now).await?;
    }
    let details = json!({ "kind": name.0, "reason": wish.reason });
    actor.audit(ctx, &mut scope, "suppression.add", "", details).await?;
    Ok(tx.commit().await?)
}

/// Suppresses a name no more. What its contact refused stays refused until they agree again.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, wish: Wish) -> Result<(), Problem> {
    actor.require(Right::WriteSettings)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let (name, _) = read(&mut scope, &wish).await?;
    let hash = Suppressor::of(ctx, &mut scope).await?.hash(&name);
    let gone = match hash {
        Some(hash) => scope.release_suppressed(name.0, &hash).await?,
        None => false,
    };
    if !gone {
        return Err(Problem::conflict(
            "not_suppressed",
            "This number or address is not on the list. Nothing was changed.",
        ));
    }
    let details = json!({ "kind": name.0, "reason": wish.reason });
    actor.audit(ctx, &mut scope, "suppression.remove", "", details).await?;
    Ok(tx.commit().await?)
}

async fn read(scope: &mut OrgScope<'_>, wish: &Wish) -> Result<(Name, Option<Phone>), Problem> {
    match (&wish.phone, &wish.email) {
        (Some(phone), None) => {
            let country = scope.org().await?.map(|org| org.country);
            let phone = Phone::from_human(phone, country.as_deref())
                .map_err(|error| Problem::invalid_field("phone", error.to_string()))?;
            Ok((("phone", phone.digits().to_owned()), Some(phone)))
        }
        (None, Some(email)) if is_email(email.trim()) => Ok((("email", email.trim().to_lowercase()), None)),
        (None, Some(_)) => Err(Problem::invalid_field("email", "is no e-mail address")),
        _ => Err(Problem::invalid_field("phone", "name either a phone number or an e-mail address")),
    }
}

/// Writes down that somebody refuses everything, unless it stands there.
async fn refuse_everything(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    contact: ContactId,
    now: Timestamp,
) -> store::Result<()> {
    let event = NewConsentEvent {
        id: ConsentEventId::fresh(now, ctx.chance()),
        contact,
        channel: Channel::Whatsapp,
        purpose: None,
        action: ConsentAction::OptOut,
        source: ConsentSource::Import,
        evidence: json!({ "suppressed": true }),
        at: now,
    };
    scope.append_consent(&event).await
}

/// Whether an address on another channel than WhatsApp is suppressed.
pub(crate) async fn suppresses(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    channel: Channel,
    address: &str,
) -> store::Result<bool> {
    if !scope.suppresses().await? {
        return Ok(false);
    }
    // Whoever wants no texts may be written to on WhatsApp, and whoever wants nothing gets no texts either.
    let names = match channel {
        Channel::Sms => vec![name_of(Channel::Whatsapp, address), name_of(Channel::Sms, address)],
        Channel::Email | Channel::Whatsapp => vec![name_of(channel, address)],
    };
    Ok(Suppressor::of(ctx, scope).await?.among(scope, &[names]).await? == [true])
}

/// Somebody who is no contact has ended what comes to an address of theirs: nobody is written to there on this channel.
pub(crate) async fn suppress(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    channel: Channel,
    address: &str,
    now: Timestamp,
) -> store::Result<()> {
    let name = name_of(channel, address);
    if let Some(hash) = Suppressor::made(ctx, scope, now).await?.hash(&name) {
        scope.suppress(name.0, &hash, "stop", "", now).await?;
    }
    Ok(())
}

/// They allow it again.
pub(crate) async fn allow_again(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    channel: Channel,
    address: &str,
) -> store::Result<()> {
    let name = name_of(channel, address);
    if channel == Channel::Sms
        && scope.suppresses().await?
        && let Some(hash) = Suppressor::of(ctx, scope).await?.hash(&name)
    {
        scope.release_suppressed(name.0, &hash).await?;
    }
    Ok(())
}

fn name_of(channel: Channel, address: &str) -> Name {
    match channel {
        Channel::Email => ("email", address.trim().to_lowercase()),
        Channel::Sms => ("sms", address.to_owned()),
        Channel::Whatsapp => ("phone", address.to_owned()),
    }
}

/// Somebody who was just made a contact.
pub(crate) struct Newcomer<'a> {
    /// Of which organisation.
    pub org: OrgId,
    /// The contact.
    pub contact: ContactId,
    /// What is known of them.
    pub who: &'a Sender,
    /// When they began to be one.
    pub at: Timestamp,
}

/// A contact was just made. Somebody who is suppressed begins with refusing everything: whoever wrote to them or brought
/// them in cannot know.
pub(crate) async fn heed(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    contact: ContactId,
    who: &Sender,
    at: Timestamp,
) -> store::Result<()> {
    let org = scope.id();
    let mut batch = scope.tx().batch(&[org]).await?;
    heed_all(ctx, &mut batch, &[Newcomer { org, contact, who, at }]).await
}

/// The same for contacts of several organisations: one question for all of them where nobody is suppressed.
pub(crate) async fn heed_all(
    ctx: &Ctx,
    batch: &mut Batch<'_>,
    newcomers: &[Newcomer<'_>],
) -> store::Result<()> {
    let orgs: BTreeSet<OrgId> = newcomers.iter().map(|one| one.org).collect();
    for org in batch.suppressing(&Vec::from_iter(orgs)).await? {
        let theirs: Vec<_> = newcomers.iter().filter(|one| one.org == org).collect();
        let names: Vec<Vec<Name>> = theirs.iter().map(|one| names(one.who)).collect();
        let mut scope = batch.tx().org(org).await?;
        let suppressed = Suppressor::of(ctx, &mut scope).await?.among(&mut scope, &names).await?;
        for (one, _) in theirs.iter().zip(suppressed).filter(|(_, suppressed)| *suppressed) {
            refuse_everything(ctx, &mut scope, one.contact, one.at).await?;
        }
    }
    Ok(())
}

fn names(who: &Sender) -> Vec<Name> {
    let bsuids = [&who.bsuid, &who.parent].into_iter().flatten().map(|id| ("bsuid", id.as_str().to_owned()));
    let phone = who.phone.iter().map(|phone| ("phone", phone.digits().to_owned()));
    phone.chain(bsuids).collect()
}

/// The contact with this phone number, made if there is none: the way of those who write or bring in first.
pub(crate) async fn contact_by_phone(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    phone: &Phone,
    now: Timestamp,
) -> store::Result<Recognised> {
    let found = scope.contact_by_phone(phone, now, ctx.chance()).await?;
    if found.is_new {
        let who = Sender { phone: Some(phone.clone()), ..Sender::default() };
        heed(ctx, scope, found.contact, &who, now).await?;
    }
    Ok(found)
}
