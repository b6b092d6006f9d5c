//! First things first: what the command line and the demo make before anybody can sign in.

use rules::id::{KeyId, MemberId, OrgId, PersonId};
use rules::locale::Locale;
use rules::role::{Right, Role};
use secrecy::SecretString;
use serde_json::{Value, json};
use store::people::NewPerson;
use store::sealed::OPERATOR;

use super::passwords::hash_password;
use super::secret::Token;
use super::service::account::reset_link;
use super::service::keys::{KEY_PREFIX, OPERATOR_KEY_PREFIX, fresh};
use super::service::operator::{Wanted, insert_org};
use super::service::plain_email;
use crate::ctx::Ctx;
use crate::http::Problem;
use crate::http::actor::audit;

/// A person who signs in by password.
#[derive(Clone, Debug)]
pub struct SetupPerson {
    /// Their e-mail address.
    pub email: String,
    /// As they wish to be called.
    pub name: String,
    /// At least ten characters.
    pub password: SecretString,
    /// The language they read.
    pub locale: Locale,
    /// Whether they run the installation.
    pub is_operator: bool,
}

/// An organisation.
#[derive(Clone, Debug)]
pub struct SetupOrg {
    /// As its members know it.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// The language it works in.
    pub locale: Locale,
    /// ISO 3166 two-letter code.
    pub country: String,
    /// IANA name.
    pub timezone: String,
}

/// Makes a person.
pub async fn person(ctx: &Ctx, wanted: SetupPerson) -> Result<PersonId, Problem> {
    let password_hash = Some(hash_password(ctx.chance(), wanted.password).await?);
    let now = ctx.now();
    let person = NewPerson {
        id: PersonId::fresh(now, ctx.chance()),
        email: plain_email(&wanted.email),
        name: wanted.name,
        password_hash,
        locale: wanted.locale.to_string(),
        is_operator: wanted.is_operator,
    };
    let mut tx = ctx.store.begin().await?;
    tx.insert_person(&person, now).await.map_err(|error| {
        if error.is_taken() {
            Problem::conflict("account_exists", "There is an account with this e-mail address already.")
        } else {
            error.into()
        }
    })?;
    note(
        ctx,
        &mut tx,
        OPERATOR,
        "person.create",
        &person.id.to_string(),
        json!({ "operator": wanted.is_operator }),
    )
    .await?;
    tx.commit().await?;
    Ok(person.id)
}

/// Makes somebody an operator, with an account if they have none, and returns a link with which they choose a password.
/// Also for when nobody can get in any more.
pub async fn operator(ctx: &Ctx, email: &str, name: &str, locale: Locale) -> Result<String, Problem> {
    let email = plain_email(email);
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let known = tx.person_by_email(&email).await?.map(|person| person.id);
    let person = match known {
        Some(person) => person,
        None => {
            let person = NewPerson {
                id: PersonId::fresh(now, ctx.chance()),
                email,
                name: name.to_owned(),
                password_hash: None,
                locale: locale.to_string(),
                is_operator: true,
            };
            tx.insert_person(&person, now).await?;
            person.id
        }
    };
    tx.make_operator(person).await?;
    note(ctx, &mut tx, OPERATOR, "operator.make", &person.to_string(), json!({ "new": known.is_none() }))
        .await?;
    let link = reset_link(ctx, &mut tx, person).await?;
    tx.commit().await?;
    Ok(link)
}

/// Makes an organisation without members.
pub async fn organisation(ctx: &Ctx, wanted: SetupOrg) -> Result<OrgId, Problem> {
    let SetupOrg { name, slug, locale, country, timezone } = wanted;
    let mut tx = ctx.store.begin().await?;
    let org = insert_org(ctx, &mut tx, Wanted { name, slug, locale, country, timezone }).await?;
    note(ctx, &mut tx, org.id, "organisation.create", &org.id.to_string(), json!({ "slug": org.slug }))
        .await?;
    tx.commit().await?;
    Ok(org.id)
}

/// Makes a person a member.
pub async fn member(ctx: &Ctx, org: OrgId, person: PersonId, role: Role) -> Result<MemberId, Problem> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let fresh = MemberId::fresh(now, ctx.chance());
    let Some(member) = tx.org(org).await?.insert_member(fresh, person, role, now).await? else {
        return Err(Problem::conflict(
            "already_a_member",
            "This person is a member of the organisation already.",
        ));
    };
    note(ctx, &mut tx, org, "member.join", &member.to_string(), json!({ "role": role })).await?;
    tx.commit().await?;
    Ok(member)
}

/// Makes a key of an organisation. The key itself is told this once.
pub async fn key(ctx: &Ctx, org: OrgId, name: &str, rights: &[Right]) -> Result<(KeyId, Token), Problem> {
    let scopes = rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(" ");
    let (new, token) = fresh(ctx, KEY_PREFIX, name, scopes, None, None);
    let mut tx = ctx.store.begin().await?;
    tx.org(org).await?.insert_key(&new, ctx.now()).await?;
    note(ctx, &mut tx, org, "key.create", &new.id.to_string(), json!({ "name": name, "rights": rights }))
        .await?;
    tx.commit().await?;
    Ok((new.id, token))
}

/// Makes an operator key. The key itself is told this once.
pub async fn operator_key(ctx: &Ctx, name: &str) -> Result<(KeyId, Token), Problem> {
    let (new, token) = fresh(ctx, OPERATOR_KEY_PREFIX, name, "*".to_owned(), None, None);
    let mut tx = ctx.store.begin().await?;
    tx.insert_operator_key(&new, ctx.now()).await?;
    note(ctx, &mut tx, OPERATOR, "operator_key.create", &new.id.to_string(), json!({ "name": name })).await?;
    tx.commit().await?;
    Ok((new.id, token))
}

async fn note(
    ctx: &Ctx,
    tx: &mut store::Tx,
    org: OrgId,
    action: &str,
    target: &str,
    details: Value,
) -> store::Result<()> {
    let mut scope = tx.org(org).await?;
    audit(ctx, &mut scope, "system", action, target, details, "").await
}
