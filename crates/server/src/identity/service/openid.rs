//! Signing in through an OpenID Connect provider, and what people are called there.
//!
//! The way there and back is one ceremony, found only by the state that comes back *and* the cookie of the browser that
//! went. Who comes back is known by issuer and subject. A provider links somebody new only by an address that it has
//! verified, in a domain that the operator lets it vouch for.

use std::time::Duration;

use oidc::{Client as At, Failed, Flow};
use rules::id::{IdentityId, MemberId, PersonId, ProviderId};
use rules::locale::Locale;
use rules::role::OrgStatus;
use rules::time::span;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::openid::{Identity, Provider};
use store::people::{NewPerson, Person};
use store::sealed::OPERATOR;
use store::{StoreError, Tx};
use url::Url;

use super::account::prove;
use super::ceremonies::{self, Kind};
use super::members::join;
use super::passkeys::keep_a_way_in;
use super::plain_email;
use super::providers::CLIENT_SECRET;
use super::sessions::{self, check_second_factor, note_with};
use crate::ctx::Ctx;
use crate::http::actor::audit;
use crate::http::{Client, PersonActor, Problem};
use crate::identity::discovery::Guarded;
use crate::identity::jobs::{self, Letter};
use crate::identity::limits::{Attempt, count_beginning};
use crate::identity::secret::{Token, hash};

/// Somebody may take so long at the provider, and as long again to find their phone.
pub(in crate::identity) const WAY_LIFE: Duration = span::minutes(10);
/// Where every provider sends browsers back to, under the public address.
pub(in crate::identity) const CALLBACK: &str = "/api/v1/openid/callback";

/// Why somebody who came back from a provider is not signed in.
#[derive(Debug)]
pub(in crate::identity) enum NotSignedIn {
    /// It was not begun in this browser, or too long ago, or was finished before.
    Expired,
    /// The provider has been removed meanwhile.
    NoProvider,
    /// The provider does not answer.
    Unreachable,
    /// The provider sent them back without signing them in.
    Declined,
    /// What the provider sent proves nothing.
    Unproven,
    /// The provider tells no address that it has verified.
    Unverified,
    /// The provider may not vouch for addresses of this domain.
    ForeignDomain,
    /// There is neither account nor invitation.
    NotInvited,
    /// Anything else.
    Other(Problem),
}

impl NotSignedIn {
    /// Its stable code and what it says in a language; `None` for what is no matter of signing in.
    pub(in crate::identity) fn told(&self, locale: Locale) -> Option<(&'static str, &'static str)> {
        let (code, en, id) = match self {
            Self::Expired => (
                "sign_in_expired",
                "This sign-in was begun in another browser or more than ten minutes ago, or was finished before. Begin \
                 again.",
                "Proses masuk ini dimulai di peramban lain, sudah lebih dari sepuluh menit, atau sudah pernah \
                 diselesaikan. Mulailah lagi.",
            ),
            Self::NoProvider => (
                "provider_removed",
                "This way to sign in has just been removed. Choose another one.",
                "Cara masuk ini baru saja dihapus. Pilih cara yang lain.",
            ),
            Self::Unreachable => (
                "provider_unreachable",
                "The provider does not answer as it should. Try again in a moment, or sign in another way.",
                "Penyedia tidak menjawab sebagaimana mestinya. Coba lagi sebentar lagi, atau masuk dengan cara lain.",
            ),
            Self::Declined => (
                "provider_declined",
                "The provider did not sign you in. Begin again, or sign in another way.",
                "Penyedia tidak memasukkan Anda. Mulailah lagi, atau masuk dengan cara lain.",
            ),
            Self::Unproven => (
                "provider_not_believed",
                "What the provider sent does not prove who you are. Begin again; if it stays so, tell whoever runs this \
                 installation.",
                "Apa yang dikirim penyedia tidak membuktikan siapa Anda. Mulailah lagi; jika tetap begitu, beri tahu \
                 pengelola instalasi ini.",
            ),
            Self::Unverified => (
                "email_not_verified",
                "The provider has not verified your e-mail address, so it cannot tell which account is yours. Verify it \
                 there, or sign in another way.",
                "Penyedia belum memverifikasi alamat email Anda, sehingga tidak diketahui akun mana milik Anda. \
                 Verifikasi di sana, atau masuk dengan cara lain.",
            ),
            Self::ForeignDomain => (
                "email_domain_not_allowed",
                "Addresses like yours do not sign in through this provider. Use the account of your organisation, or sign \
                 in another way.",
                "Alamat seperti milik Anda tidak dapat masuk melalui penyedia ini. Gunakan akun organisasi Anda, atau \
                 masuk dengan cara lain.",
            ),
            Self::NotInvited => (
                "not_invited",
                "There is no account and no invitation for your address. Ask an owner or admin of your organisation to \
                 invite you.",
                "Tidak ada akun maupun undangan untuk alamat Anda. Minta pemilik atau admin organisasi Anda untuk \
                 mengundang Anda.",
            ),
            Self::Other(_) => return None,
        };
        Some((code, if locale == Locale::Id { id } else { en }))
    }
}

impl From<Problem> for NotSignedIn {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

impl From<StoreError> for NotSignedIn {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<Failed> for NotSignedIn {
    fn from(failed: Failed) -> Self {
        tracing::warn!(reason = %failed, "signing in through a provider failed");
        match failed {
            Failed::Provider(_) => Self::Unreachable,
            Failed::Refused(_) => Self::Declined,
            Failed::Unproven(_) => Self::Unproven,
        }
    }
}

/// What is remembered of somebody who was sent to a provider.
#[derive(Serialize, Deserialize)]
struct Way {
    provider: ProviderId,
    nonce: String,
    verifier: String,
    return_to: String,
}

/// What is remembered of somebody who owes their second factor.
#[derive(Serialize, Deserialize)]
struct Owed {
    issuer: String,
    return_to: String,
}

/// What a provider adds to the address when it sends a browser back.
pub(in crate::identity) struct Back {
    pub(in crate::identity) state: String,
    pub(in crate::identity) code: Option<String>,
    pub(in crate::identity) error: Option<String>,
    /// Who sends it, where the provider tells (RFC 9207).
    pub(in crate::identity) issuer: Option<String>,
}

/// What has become of somebody who came back.
pub(in crate::identity) enum Arrived {
    /// They are signed in.
    SignedIn { session: Token, return_to: String },
    /// They owe their second factor: the browser is known by this token now.
    OwesSecondFactor { browser: Token },
}

/// Sends somebody to a provider. Returns where to, and the token that the browser keeps until it is back.
pub(in crate::identity) async fn start(
    ctx: &Ctx,
    client: &Client,
    id: ProviderId,
    return_to: Option<&str>,
) -> Result<(Url, Token), NotSignedIn> {
    let return_to = own_path(&ctx.settings.public_url, return_to.unwrap_or("/")).ok_or_else(|| {
        Problem::invalid_field("return_to", "is no path of this installation, such as /inbox")
    })?;
    count_beginning(ctx, "openid", client).await?;
    let provider = ctx.store.read().await?.openid_provider(id).await?.ok_or_else(Problem::not_found)?;
    let known = ctx.discovered.of(&provider.issuer, &ctx.outbound).await?;
    let [state, nonce, verifier, browser] = [(); 4].map(|()| Token::fresh("", ctx.chance()));
    let redirect = callback(ctx)?;
    // The way there needs no secret.
    let at = At { id: &provider.client_id, secret: "", redirect: &redirect };
    let flow = Flow { state: state.reveal(), nonce: nonce.reveal(), verifier: verifier.reveal() };
    let url = known.start(at, flow);
    let way = Way {
        provider: id,
        nonce: nonce.reveal().to_owned(),
        verifier: verifier.reveal().to_owned(),
        return_to,
    };
    let way = serde_json::to_string(&way).map_err(|error| Problem::internal(&error))?;
    let mut tx = ctx.store.begin().await?;
    let key = both(state.reveal(), browser.reveal());
    ceremonies::begin(ctx, &mut tx, Kind::OpenId, key, None, way, WAY_LIFE).await?;
    tx.commit().await?;
    Ok((url, browser))
}

/// The way back is found by what the provider sends and what the browser has kept, or not at all.
fn both(state: &str, browser: &str) -> [u8; 32] {
    hash(&format!("{state} {browser}"))
}

fn callback(ctx: &Ctx) -> Result<Url, Problem> {
    ctx.settings.public_url.join(CALLBACK).map_err(|error| Problem::internal(&error))
}

/// A path of this installation as it may stand in a redirect; `None` for what leads elsewhere.
fn own_path(public: &Url, path: &str) -> Option<String> {
    let plain = path.starts_with('/') && !path.contains(|c: char| c == '\\' || c.is_control());
    let url = public.join(path).ok().filter(|url| plain && url.origin() == public.origin())?;
    let path = url[url::Position::BeforePath..].to_owned();
    // `/.//elsewhere` becomes a path that a browser would read as a host.
    (!path.starts_with("//") && path.len() <= 2_000).then_some(path)
}

/// Signs in whoever comes back from a provider.
pub(in crate::identity) async fn finish(
    ctx: &Ctx,
    client: &Client,
    browser: Option<&str>,
    back: Back,
) -> Result<Arrived, NotSignedIn> {
    let key = both(&back.state, browser.ok_or(NotSignedIn::Expired)?);
    let (_, way) = ceremonies::take(ctx, Kind::OpenId, &key).await?.ok_or(NotSignedIn::Expired)?;
    let way: Way = serde_json::from_str(&way).map_err(|error| Problem::internal(&error))?;
    let mut tx = ctx.store.read().await?;
    let provider = tx.openid_provider(way.provider).await?.ok_or(NotSignedIn::NoProvider)?;
    let secret = ctx.vault.open(&mut tx, OPERATOR, CLIENT_SECRET, &provider.client_secret).await?;
    drop(tx);
    if back.issuer.is_some_and(|issuer| issuer != provider.issuer) {
        return Err(NotSignedIn::Unproven);
    }
    let Some(code) = back.code.filter(|_| back.error.is_none()) else { return Err(NotSignedIn::Declined) };
    let told = ask(ctx, &provider, &secret, &back.state, &way, &code).await?;

    let mut tx = ctx.store.begin().await?;
    let person = whoever(ctx, &mut tx, client, &provider, &told).await?;
    let credentials = tx.credentials(person.id).await?.ok_or_else(Problem::not_found)?;
    let arrived = if credentials.totp_secret.is_some() && !provider.is_second_factor {
        let browser = Token::fresh("", ctx.chance());
        let owed = Owed { issuer: provider.issuer, return_to: way.return_to };
        let owed = serde_json::to_string(&owed).map_err(|error| Problem::internal(&error))?;
        let (kind, key) = (Kind::OpenIdSecondFactor, browser.hash());
        ceremonies::begin(ctx, &mut tx, kind, key, Some(person.id), owed, WAY_LIFE).await?;
        Arrived::OwesSecondFactor { browser }
    } else {
        let by = format!("openid {}", provider.issuer);
        let session = sessions::start(ctx, &mut tx, &person, client, &by).await?;
        Arrived::SignedIn { session, return_to: way.return_to }
    };
    tx.commit().await?;
    Ok(arrived)
}

/// Who somebody is at a provider, fit to be stored.
struct Told {
    subject: String,
    /// As addresses are stored; only if the provider has verified it.
    email: Option<String>,
    name: Option<String>,
}

async fn ask(
    ctx: &Ctx,
    provider: &Provider,
    secret: &SecretString,
    state: &str,
    way: &Way,
    code: &str,
) -> Result<Told, NotSignedIn> {
    let mut known = ctx.discovered.of(&provider.issuer, &ctx.outbound).await?;
    let redirect = callback(ctx)?;
    let at = At { id: &provider.client_id, secret: secret.expose_secret(), redirect: &redirect };
    let flow = Flow { state, nonce: &way.nonce, verifier: &way.verifier };
    let finished = known.finish(at, flow, code, ctx.now().seconds(), &Guarded(&ctx.outbound)).await?;
    if finished.keys_changed {
        ctx.discovered.keep(&provider.issuer, known).await;
    }
    let identity = finished.identity;
    let storable = |text: &str| !text.is_empty() && !text.contains(char::is_control);
    if !storable(&identity.subject) || identity.subject.len() > 255 {
        return Err(NotSignedIn::Unproven);
    }
    let email = identity.email.filter(|_| identity.email_verified).map(|email| plain_email(&email));
    Ok(Told {
        subject: identity.subject,
        email: email.filter(|email| storable(email) && email.len() <= 320 && domain(email).is_some()),
        name: identity
            .name
            .map(|name| name.trim().chars().take(100).collect())
            .filter(|name: &String| storable(name)),
    })
}

/// The domain of an address that has one part before it.
fn domain(email: &str) -> Option<&str> {
    email.split_once('@').filter(|(name, rest)| !name.is_empty() && !rest.contains('@')).map(|(_, rest)| rest)
}

/// Who it is that a provider speaks of: whoever is linked, or else whoever has, or is invited by, the address that the
/// provider vouches for.
async fn whoever(
    ctx: &Ctx,
    tx: &mut Tx,
    client: &Client,
    provider: &Provider,
    told: &Told,
) -> Result<Person, NotSignedIn> {
    let now = ctx.now();
    let name_there = (provider.issuer.as_str(), told.subject.as_str());
    if let Some(linked) = tx.use_identity(name_there, told.email.as_deref(), now).await? {
        let person = tx.person(linked).await?;
        return person.filter(|person| person.disabled_at.is_none()).ok_or(NotSignedIn::NotInvited);
    }
    let email = told.email.as_deref().ok_or(NotSignedIn::Unverified)?;
    if !provider.domains.split(' ').any(|allowed| domain(email) == Some(allowed)) {
        return Err(NotSignedIn::ForeignDomain);
    }
    let present = tx.person_by_email(email).await?;
    let is_new = present.is_none();
    let person = match present {
        Some(person) => Some(person).filter(|person| person.disabled_at.is_none()),
        None => newcomer(ctx, tx, client, provider, email, told.name.as_deref()).await?,
    };
    let person = person.ok_or(NotSignedIn::NotInvited)?;
    let id = IdentityId::fresh(now, ctx.chance());
    tx.insert_identity(id, person.id, name_there, email, now).await.map_err(|error| {
        // Somebody came in twice at once: the next try finds them linked.
        if error.is_taken() { Problem::busy() } else { error.into() }
    })?;
    let details = json!({ "provider": provider.name, "issuer": provider.issuer });
    note_with(ctx, tx, person.id, "identity.link", &id.to_string(), details, &client.address()).await?;
    if !is_new {
        let letter = Letter::WayInAdded { person: person.id, way: provider.name.clone() };
        jobs::write(tx, &letter, now).await?;
    }
    Ok(person)
}

/// Makes an account for somebody who is invited, or whom the provider may bring along. `None`: neither is so.
async fn newcomer(
    ctx: &Ctx,
    tx: &mut Tx,
    client: &Client,
    provider: &Provider,
    email: &str,
    name: Option<&str>,
) -> Result<Option<Person>, Problem> {
    let now = ctx.now();
    // Before an organisation is entered: after it, only its own invitations are to be seen.
    let invites = tx.invites_to(email, now).await?;
    let brought = provider.newcomers_org.zip(provider.newcomers_role).filter(|_| invites.is_empty());
    let Some(first) = invites.first().map(|invite| invite.org_id).or(brought.map(|(org, _)| org)) else {
        return Ok(None);
    };
    let Some(org) = tx.org(first).await?.org().await? else { return Ok(None) };
    if brought.is_some() && org.status != OrgStatus::Active {
        return Ok(None);
    }
    let id = PersonId::fresh(now, ctx.chance());
    let person = NewPerson {
        id,
        email: email.to_owned(),
        name: name.or(email.split('@').next()).unwrap_or(email).to_owned(),
        password_hash: None,
        locale: org.locale,
        is_operator: false,
    };
    tx.insert_person(&person, now).await?;
    for invite in &invites {
        join(ctx, tx, invite, id, client).await?;
    }
    if let Some((org, role)) = brought {
        let mut scope = tx.org(org).await?;
        if let Some(member) = scope.insert_member(MemberId::fresh(now, ctx.chance()), id, role, now).await? {
            let (name, details) =
                (format!("member:{member}"), json!({ "role": role, "provider": provider.name }));
            let address = client.address();
            audit(ctx, &mut scope, &name, "member.join", &member.to_string(), details, &address).await?;
            scope.publish("member.updated", &json!({ "member_id": member }), now)?;
        }
    }
    Ok(tx.person(id).await?)
}

/// Signs in somebody who has come back from a provider and now gives their second factor.
pub(in crate::identity) async fn second_factor(
    ctx: &Ctx,
    client: &Client,
    browser: Option<&str>,
    code: &str,
) -> Result<(Person, Token, String), NotSignedIn> {
    let (kind, key) = (Kind::OpenIdSecondFactor, hash(browser.ok_or(NotSignedIn::Expired)?));
    let owing = ceremonies::look(ctx, kind, &key).await?;
    let Some((Some(id), owed)) = owing else { return Err(NotSignedIn::Expired) };
    let owed: Owed = serde_json::from_str(&owed).map_err(|error| Problem::internal(&error))?;
    let attempt = Attempt::count(ctx, "second-factor", &id.to_string(), client).await?;
    let mut tx = ctx.store.begin().await?;
    let person = tx.person(id).await?.filter(|person| person.disabled_at.is_none());
    let person = person.ok_or(NotSignedIn::NotInvited)?;
    let credentials = tx.credentials(id).await?.ok_or_else(Problem::not_found)?;
    if let Some(sealed) = &credentials.totp_secret {
        check_second_factor(ctx, &mut tx, id, sealed, Some(code)).await?;
    }
    ceremonies::take_in(ctx, &mut tx, kind, &key).await?.ok_or(NotSignedIn::Expired)?;
    attempt.succeeded(&mut tx).await?;
    let by = format!("openid {}", owed.issuer);
    let session = sessions::start(ctx, &mut tx, &person, client, &by).await?;
    tx.commit().await?;
    Ok((person, session, owed.return_to))
}

/// What a person is called at providers, with the provider's name where it is still configured.
pub(in crate::identity) async fn identities(
    ctx: &Ctx,
    actor: &PersonActor,
) -> Result<Vec<(Identity, Option<String>)>, Problem> {
    let mut tx = ctx.store.read().await?;
    let providers = tx.openid_providers().await?;
    let name_of = |issuer: &str| {
        providers.iter().find(|provider| provider.issuer == issuer).map(|provider| provider.name.clone())
    };
    let identities = tx.identities_of(actor.person.id).await?;
    Ok(identities
        .into_iter()
        .map(|identity| {
            let name = name_of(&identity.issuer);
            (identity, name)
        })
        .collect())
}

/// Unlinks an identity, unless nothing else would be left to sign in with.
pub(in crate::identity) async fn unlink(
    ctx: &Ctx,
    actor: &PersonActor,
    id: IdentityId,
    password: Option<SecretString>,
) -> Result<(), Problem> {
    let person = actor.person.id;
    let named = identities(ctx, actor).await?.into_iter().find(|(identity, _)| identity.id == id);
    let (identity, name) = named.ok_or_else(Problem::not_found)?;
    prove(ctx, actor, password).await?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    if !tx.remove_identity(person, id).await? {
        return Err(Problem::not_found());
    }
    keep_a_way_in(&mut tx, person).await?;
    let (target, details) = (id.to_string(), json!({ "issuer": identity.issuer }));
    note_with(ctx, &mut tx, person, "identity.unlink", &target, details, &actor.client.address()).await?;
    let way = name.unwrap_or(identity.issuer);
    jobs::write(&mut tx, &Letter::WayInRemoved { person, way }, now).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_our_own_is_returned_to() {
        let public: Url = "https://sapa.example".parse().unwrap();
        for (path, kept) in [
            ("/", Some("/")),
            ("/inbox?tab=mine#c1", Some("/inbox?tab=mine#c1")),
            ("/a/../b", Some("/b")),
            ("https://sapa.example/inbox", None),
            ("https://evil.example", None),
            ("//evil.example", None),
            ("/\\evil.example", None),
            ("\\/evil.example", None),
            ("/.//evil.example", None),
            ("/..//evil.example", None),
            ("/\t/evil.example", None),
            ("javascript:alert(1)", None),
            ("inbox", None),
            ("", None),
        ] {
            assert_eq!(own_path(&public, path).as_deref(), kept, "{path:?}");
        }
    }

    #[test]
    fn a_domain_is_what_stands_behind_the_only_at() {
        assert_eq!(domain("rina@example.com"), Some("example.com"));
        for odd in ["rina", "@example.com", "rina@evil.example@example.com"] {
            assert_eq!(domain(odd), None, "{odd}");
        }
    }
}
