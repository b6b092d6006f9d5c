//! OpenID Connect providers that the operator configured, and what people are called there.

use rules::id::{IdentityId, OrgId, PersonId, ProviderId};
use rules::role::Role;
use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::Tx;

/// A provider. Not `Debug`: a sealed secret need not be in logs either.
#[derive(Clone, sqlx::FromRow)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// What people call it.
    pub name: String,
    /// Its name for itself: an address under which everything else is found.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// What we prove ourselves with there, sealed.
    pub client_secret: Vec<u8>,
    /// The domains of e-mail addresses that it may vouch for, separated by spaces.
    pub domains: String,
    /// Whether signing in there is worth both factors.
    pub is_second_factor: bool,
    /// The organisation that people without account or invitation become members of; `None`: they do not come in.
    pub newcomers_org: Option<OrgId>,
    /// What they become there.
    pub newcomers_role: Option<Role>,
    /// When it was configured.
    pub created_at: Timestamp,
}

/// What a person is called at a provider.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Who it is.
    pub person_id: PersonId,
    /// Who says so.
    pub issuer: String,
    /// Their id there; never given to another.
    pub subject: String,
    /// The e-mail address that they had there when they last signed in.
    pub email: String,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When they last signed in with it.
    pub last_used_at: Timestamp,
}

macro_rules! provider_columns {
    () => {
        "id, name, issuer, client_id, client_secret, domains, is_second_factor, newcomers_org, newcomers_role, created_at"
    };
}

macro_rules! identity_columns {
    () => {
        "id, person_id, issuer, subject, email, created_at, last_used_at"
    };
}

/// Providers are the installation's and identities a person's; neither is an organisation's.
impl Tx {
    /// Stores a provider.
    pub async fn insert_openid_provider(&mut self, provider: &Provider) -> Result<()> {
        on!(self, c => sqlx::query(concat!(
            "INSERT INTO openid_providers (", provider_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ))
        .bind(provider.id)
        .bind(&provider.name)
        .bind(&provider.issuer)
        .bind(&provider.client_id)
        .bind(&provider.client_secret)
        .bind(&provider.domains)
        .bind(provider.is_second_factor)
        .bind(provider.newcomers_org)
        .bind(provider.newcomers_role)
        .bind(provider.created_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Providers, by name.
    pub async fn openid_providers(&mut self) -> Result<Vec<Provider>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", provider_columns!(), " FROM openid_providers ORDER BY name, id LIMIT 200"
        ))
        .fetch_all(c)
        .await)?)
    }

    /// A provider.
    pub async fn openid_provider(&mut self, id: ProviderId) -> Result<Option<Provider>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", provider_columns!(), " FROM openid_providers WHERE id = $1"
        ))
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Changes a provider; its issuer stays. `false`: there is no such provider.
    pub async fn update_openid_provider(&mut self, provider: &Provider) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE openid_providers SET name = $2, client_id = $3, client_secret = $4, domains = $5, \
             is_second_factor = $6, newcomers_org = $7, newcomers_role = $8 WHERE id = $1",
        )
        .bind(provider.id)
        .bind(&provider.name)
        .bind(&provider.client_id)
        .bind(&provider.client_secret)
        .bind(&provider.domains)
        .bind(provider.is_second_factor)
        .bind(provider.newcomers_org)
        .bind(provider.newcomers_role)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Removes a provider. Identities and sessions stay. `false`: there is no such provider.
    pub async fn remove_openid_provider(&mut self, id: ProviderId) -> Result<bool> {
        let touched = on!(self, c => sqlx::query("DELETE FROM openid_providers WHERE id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Links a person to what they are called at a provider. Taken: that is linked to somebody already.
    pub async fn insert_identity(
        &mut self,
        id: IdentityId,
        person: PersonId,
        (issuer, subject): (&str, &str),
        email: &str,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "INSERT INTO identities (id, person_id, issuer, subject, email, created_at, last_used_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6)",
        )
        .bind(id)
        .bind(person)
        .bind(issuer)
        .bind(subject)
        .bind(email)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Notes that somebody has come in from a provider, and their address there if it was told. Returns who it is;
    /// `None`: nobody is linked.
    pub async fn use_identity(
        &mut self,
        (issuer, subject): (&str, &str),
        email: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<PersonId>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "UPDATE identities SET email = coalesce($3, email), last_used_at = $4 WHERE issuer = $1 AND subject = $2 \
             RETURNING person_id",
        )
        .bind(issuer)
        .bind(subject)
        .bind(email)
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// What a person is called at providers, newest first.
    pub async fn identities_of(&mut self, person: PersonId) -> Result<Vec<Identity>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", identity_columns!(), " FROM identities WHERE person_id = $1 ORDER BY id DESC LIMIT 200"
        ))
        .bind(person)
        .fetch_all(c)
        .await)?)
    }

    /// Unlinks one of a person's identities. `false`: they have no such identity.
    pub async fn remove_identity(&mut self, person: PersonId, id: IdentityId) -> Result<bool> {
        let touched = on!(self, c => sqlx::query("DELETE FROM identities WHERE person_id = $1 AND id = $2")
            .bind(person)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }
}
