//! Browsers in which members want to be told of what waits for them, even while no page is open.

use rules::id::{MemberId, PushSubscriptionId};
use rules::role::Role;
use rules::time::Timestamp;

use crate::error::Result;
use crate::sealed::Place;
use crate::seam::OrgScope;

/// Where a browser's address and keys are sealed.
pub const SUBSCRIPTION: Place = Place("push_subscriptions.sealed");

/// A browser to be stored.
#[derive(Clone, Debug)]
pub struct NewPushSubscription<'a> {
    /// Made by the caller; a browser that is known keeps the id that it has.
    pub id: PushSubscriptionId,
    /// Whose it is.
    pub member: MemberId,
    /// SHA-256 of its address at the push service, by which it is known again.
    pub endpoint_hash: &'a [u8; 32],
    /// Its address and keys, sealed for [`SUBSCRIPTION`].
    pub sealed: &'a [u8],
    /// What the browser calls itself.
    pub user_agent: &'a str,
}

/// A stored browser of somebody who is a member still and may sign in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PushSubscription {
    /// Its id.
    pub id: PushSubscriptionId,
    /// Whose it is.
    pub member_id: MemberId,
    /// What they may do.
    pub role: Role,
    /// The language they read: `en`, `id`.
    pub locale: String,
    /// SHA-256 of its address at the push service.
    pub endpoint_hash: Vec<u8>,
    /// Its address and keys, sealed for [`SUBSCRIPTION`].
    pub sealed: Vec<u8>,
    /// What the browser calls itself.
    pub user_agent: String,
    /// When it was stored, or last given to somebody.
    pub created_at: Timestamp,
}

/// Reads [`PushSubscription`]s of one organisation.
macro_rules! select {
    () => {
        "SELECT s.id, s.member_id, m.role, p.locale, s.endpoint_hash, s.sealed, s.user_agent, s.created_at \
         FROM push_subscriptions s JOIN members m ON m.org_id = s.org_id AND m.id = s.member_id \
         JOIN people p ON p.id = m.person_id \
         WHERE s.org_id = $1 AND m.removed_at IS NULL AND p.disabled_at IS NULL"
    };
}

impl OrgScope<'_> {
    /// Stores a browser. One that is known becomes this member's, whoever had it. Returns its id.
    pub async fn put_push_subscription(
        &mut self,
        new: &NewPushSubscription<'_>,
        now: Timestamp,
    ) -> Result<PushSubscriptionId> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "INSERT INTO push_subscriptions (org_id, id, member_id, endpoint_hash, sealed, user_agent, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org_id, endpoint_hash) DO UPDATE SET \
             member_id = excluded.member_id, sealed = excluded.sealed, user_agent = excluded.user_agent, \
             created_at = excluded.created_at RETURNING id",
        )
        .bind(org)
        .bind(new.id)
        .bind(new.member)
        .bind(new.endpoint_hash.as_slice())
        .bind(new.sealed)
        .bind(new.user_agent)
        .bind(now)
        .fetch_one(c)
        .await)?)
    }

    /// A browser.
    pub async fn push_subscription(&mut self, id: PushSubscriptionId) -> Result<Option<PushSubscription>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(select!(), " AND s.id = $2"))
            .bind(org)
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// The browsers of a member, or of everybody, the oldest first.
    pub async fn push_subscriptions(&mut self, member: Option<MemberId>) -> Result<Vec<PushSubscription>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            select!(), " AND ($2 IS NULL OR s.member_id = $2) ORDER BY s.created_at, s.id"
        ))
        .bind(org)
        .bind(member)
        .fetch_all(c)
        .await)?)
    }

    /// Forgets a browser. `false`: there is none.
    pub async fn remove_push_subscription(&mut self, id: PushSubscriptionId) -> Result<bool> {
        let org = self.org;
        let removed = on!(self.tx, c => sqlx::query("DELETE FROM push_subscriptions WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(removed == 1)
    }
}
