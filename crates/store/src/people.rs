//! People: who signs in, with what proof. A person belongs to no organisation; membership is in `members`.

use rules::id::PersonId;
use rules::time::Timestamp;

use crate::error::Result;
use crate::rows::Rows;
use crate::seam::Tx;

/// A person to be stored.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Made by the caller.
    pub id: PersonId,
    /// In lower case; unique.
    pub email: String,
    /// As they wish to be called.
    pub name: String,
    /// The argon2id hash in PHC form; `None` for somebody who has not chosen a password yet.
    pub password_hash: Option<String>,
    /// The language they read: `en`, `id`.
    pub locale: String,
    /// Whether they run the installation.
    pub is_operator: bool,
}

/// A stored person.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// In lower case; unique.
    pub email: String,
    /// As they wish to be called.
    pub name: String,
    /// The language they read.
    pub locale: String,
    /// Whether they run the installation.
    pub is_operator: bool,
    /// Whether they sign in with a second factor.
    pub second_factor: bool,
    /// When they were stored.
    pub created_at: Timestamp,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<Timestamp>,
}

/// What a person proves themselves with. Not `Debug`, so that it cannot be logged.
#[derive(Clone, sqlx::FromRow)]
pub struct Credentials {
    /// The argon2id hash in PHC form.
    pub password_hash: Option<String>,
    /// The sealed secret of the second factor in use.
    pub totp_secret: Option<Vec<u8>>,
    /// The sealed secret of a second factor that has not been confirmed yet.
    pub totp_pending: Option<Vec<u8>>,
}

/// By what a person can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WaysIn {
    /// Whether they have chosen a password.
    pub password: bool,
    /// How many passkeys they have.
    pub passkeys: i64,
    /// At how many providers that are still configured they are known.
    pub identities: i64,
}

impl WaysIn {
    /// How many ways that makes.
    pub fn count(&self) -> i64 {
        i64::from(self.password) + self.passkeys + self.identities
    }
}

macro_rules! person_columns {
    () => {
        "id, email, name, locale, is_operator, totp_secret IS NOT NULL AS second_factor, created_at, disabled_at"
    };
}

/// People belong to no organisation, so all of this is on the transaction itself.
impl Tx {
    /// Lets a person run the installation.
    pub async fn make_operator(&mut self, person: PersonId) -> Result<()> {
        on!(self, c => sqlx::query("UPDATE people SET is_operator = $2 WHERE id = $1")
            .bind(person)
            .bind(true)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Stores a person. Taken: the e-mail address is in use.
    pub async fn insert_person(&mut self, person: &NewPerson, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query(
            "INSERT INTO people (id, email, name, password_hash, locale, is_operator, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(person.id)
        .bind(&person.email)
        .bind(&person.name)
        .bind(&person.password_hash)
        .bind(&person.locale)
        .bind(person.is_operator)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A person.
    pub async fn person(&mut self, id: PersonId) -> Result<Option<Person>> {
        Ok(on!(self, c => sqlx::query_as(concat!("SELECT ", person_columns!(), " FROM people WHERE id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// The person with this e-mail address, in lower case.
    pub async fn person_by_email(&mut self, email: &str) -> Result<Option<Person>> {
        Ok(
            on!(self, c => sqlx::query_as(concat!("SELECT ", person_columns!(), " FROM people WHERE email = $1"))
            .bind(email)
            .fetch_optional(c)
            .await)?,
        )
    }

    /// Whether anybody runs this installation yet.
    pub async fn has_operator(&mut self) -> Result<bool> {
        let count: i64 = on!(self, c => sqlx::query_scalar("SELECT count(*) FROM people WHERE is_operator")
            .fetch_one(c)
            .await)?;
        Ok(count > 0)
    }

    /// What a person proves themselves with.
    pub async fn credentials(&mut self, id: PersonId) -> Result<Option<Credentials>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT password_hash, totp_secret, totp_pending FROM people WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// By what a person can sign in, with the person held until the transaction ends, so that two ways cannot be removed
    /// at once. `None`: there is no such person.
    pub async fn ways_in(&mut self, id: PersonId) -> Result<Option<WaysIn>> {
        // Writing the row to itself locks it on either database; what follows sees what was committed meanwhile.
        on!(self, c => sqlx::query("UPDATE people SET id = id WHERE id = $1").bind(id).execute(c).await.map(|_| ()))?;
        Ok(on!(self, c => sqlx::query_as(
            "SELECT password_hash IS NOT NULL AS password, \
             (SELECT count(*) FROM passkeys k WHERE k.person_id = p.id) AS passkeys, \
             (SELECT count(*) FROM identities i WHERE i.person_id = p.id \
              AND EXISTS (SELECT 1 FROM openid_providers o WHERE o.issuer = i.issuer)) AS identities \
             FROM people p WHERE p.id = $1",
        )
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Changes a person's name and language.
    pub async fn update_person(&mut self, id: PersonId, name: &str, locale: &str) -> Result<()> {
        on!(self, c => sqlx::query("UPDATE people SET name = $2, locale = $3 WHERE id = $1")
            .bind(id)
            .bind(name)
            .bind(locale)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Changes a person's password.
    pub async fn set_password(&mut self, id: PersonId, hash: &str) -> Result<()> {
        on!(self, c => sqlx::query("UPDATE people SET password_hash = $2 WHERE id = $1")
            .bind(id)
            .bind(hash)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Stores the sealed secret of a second factor that waits to be confirmed.
    pub async fn set_pending_totp(&mut self, id: PersonId, sealed: &[u8]) -> Result<()> {
        on!(self, c => sqlx::query("UPDATE people SET totp_pending = $2 WHERE id = $1")
            .bind(id)
            .bind(sealed)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Puts the pending second factor in use. `false`: none was pending.
    pub async fn confirm_totp(&mut self, id: PersonId, step: i64) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE people SET totp_secret = totp_pending, totp_pending = NULL, totp_last_step = $2 \
             WHERE id = $1 AND totp_pending IS NOT NULL",
        )
        .bind(id)
        .bind(step)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Remembers the time step whose code was used. `false`: that code, or a later one, was used before.
    pub async fn take_totp_step(&mut self, id: PersonId, step: i64) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE people SET totp_last_step = $2 WHERE id = $1 AND (totp_last_step IS NULL OR totp_last_step < $2)",
        )
        .bind(id)
        .bind(step)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Removes a person's second factor and its recovery codes.
    pub async fn clear_totp(&mut self, id: PersonId) -> Result<()> {
        on!(self, c => sqlx::query(
            "UPDATE people SET totp_secret = NULL, totp_pending = NULL, totp_last_step = NULL WHERE id = $1",
        )
        .bind(id)
        .execute(c)
        .await
        .map(|_| ()))?;
        on!(self, c => sqlx::query("DELETE FROM recovery_codes WHERE person_id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Replaces a person's recovery codes, given as hashes.
    pub async fn replace_recovery_codes(
        &mut self,
        id: PersonId,
        hashes: &[[u8; 32]],
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query("DELETE FROM recovery_codes WHERE person_id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        if hashes.is_empty() {
            return Ok(());
        }
        let rows = Rows::of(hashes)
            .column("person_id", |_| id)
            .column("code_hash", |hash| hash.as_slice())
            .column("created_at", |_| now);
        on!(self, c => rows.insert_into("recovery_codes")
            .build()
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Uses up a recovery code. `false`: there is no such code, or it was used before.
    pub async fn use_recovery_code(&mut self, id: PersonId, hash: &[u8; 32], now: Timestamp) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE recovery_codes SET used_at = $3 WHERE person_id = $1 AND code_hash = $2 AND used_at IS NULL",
        )
        .bind(id)
        .bind(hash.as_slice())
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// How many recovery codes a person has left.
    pub async fn recovery_codes_left(&mut self, id: PersonId) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "SELECT count(*) FROM recovery_codes WHERE person_id = $1 AND used_at IS NULL",
        )
        .bind(id)
        .fetch_one(c)
        .await)?)
    }

    /// Stores the hash of a reset link's token.
    pub async fn insert_password_reset(
        &mut self,
        token_hash: &[u8; 32],
        person: PersonId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "INSERT INTO password_resets (token_hash, person_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(token_hash.as_slice())
        .bind(person)
        .bind(now)
        .bind(expires_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Uses up a reset link, and with it every other one of the same person. `None`: it is unknown, used or expired.
    pub async fn use_password_reset(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<PersonId>> {
        let person: Option<PersonId> = on!(self, c => sqlx::query_scalar(
            "UPDATE password_resets SET used_at = $2 \
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING person_id",
        )
        .bind(token_hash.as_slice())
        .bind(now)
        .fetch_optional(c)
        .await)?;
        if let Some(person) = person {
            self.end_password_resets(person, now).await?;
        }
        Ok(person)
    }

    /// Uses up every reset link of a person: whoever changes the password wants no link of before to change it again.
    pub async fn end_password_resets(&mut self, person: PersonId, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query(
            "UPDATE password_resets SET used_at = $2 WHERE person_id = $1 AND used_at IS NULL",
        )
        .bind(person)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Forgets reset links that expired before `before`.
    pub async fn drop_password_resets_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query("DELETE FROM password_resets WHERE expires_at < $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
