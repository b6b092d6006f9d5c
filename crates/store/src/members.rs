//! Members of organisations, and invitations to become one.

use rules::id::{MemberId, MemberInviteId, OrgId, PersonId};
use rules::role::{OrgStatus, Role};
use rules::time::Timestamp;

use crate::error::Result;
use crate::page::{Cursor, Page};
use crate::seam::{OrgScope, Tx};

/// One of the organisations that a person is a member of.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Membership {
    /// The organisation.
    pub org_id: OrgId,
    /// Its name.
    pub org_name: String,
    /// Its name in addresses.
    pub org_slug: String,
    /// Whether it may work.
    pub org_status: OrgStatus,
    /// The person's place in it.
    pub id: MemberId,
    /// What they may do there.
    pub role: Role,
}

/// A member of the organisation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Member {
    /// Their id in this organisation.
    pub id: MemberId,
    /// Who they are.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

/// An invitation to be stored.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// Made by the caller.
    pub id: MemberInviteId,
    /// Whom it is for, in lower case.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// SHA-256 of the token in the link.
    pub token_hash: [u8; 32],
    /// The member, key or operator who invites.
    pub invited_by: uuid::Uuid,
    /// The link works until then.
    pub expires_at: Timestamp,
}

/// A stored invitation that is still open.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invite {
    /// The organisation.
    pub org_id: OrgId,
    /// Its id.
    pub id: MemberInviteId,
    /// Whom it is for.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// When it was sent.
    pub created_at: Timestamp,
    /// The link works until then.
    pub expires_at: Timestamp,
}

macro_rules! invite_columns {
    () => {
        "org_id, id, email, role, created_at, expires_at"
    };
}

/// Reads [`Member`]s of one organisation that are still there.
macro_rules! select_member {
    () => {
        "SELECT m.id, m.person_id, p.name, p.email, m.role, m.created_at \
         FROM members m JOIN people p ON p.id = m.person_id WHERE m.org_id = $1 AND m.removed_at IS NULL"
    };
}

/// What is asked before an organisation is known.
impl Tx {
    /// The organisations that a person is a member of, by name.
    pub async fn memberships_of(&mut self, person: PersonId) -> Result<Vec<Membership>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT m.org_id, o.name AS org_name, o.slug AS org_slug, o.status AS org_status, m.id, m.role \
             FROM members m JOIN orgs o ON o.id = m.org_id \
             WHERE m.person_id = $1 AND m.removed_at IS NULL ORDER BY o.name, o.id LIMIT 500",
        )
        .bind(person)
        .fetch_all(c)
        .await)?)
    }

    /// The open invitation with this token: whoever holds the link does not know the organisation's id.
    pub async fn invite_by_token(&mut self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<Invite>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", invite_columns!(), " FROM member_invites WHERE token_hash = $1 \
             AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2"
        ))
        .bind(token_hash.as_slice())
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// The open invitations to an address, in lower case, of any organisation: whoever proves that it is theirs may
    /// accept them.
    pub async fn invites_to(&mut self, email: &str, now: Timestamp) -> Result<Vec<Invite>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", invite_columns!(), " FROM member_invites WHERE email = $1 \
             AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2 ORDER BY id LIMIT 100"
        ))
        .bind(email)
        .bind(now)
        .fetch_all(c)
        .await)?)
    }
}

impl OrgScope<'_> {
    /// Makes a person a member, also one who was removed before. Returns the id that they have, which for somebody who
    /// comes back is the old one; `None`: they are a member already.
    pub async fn insert_member(
        &mut self,
        id: MemberId,
        person: PersonId,
        role: Role,
        now: Timestamp,
    ) -> Result<Option<MemberId>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "INSERT INTO members (org_id, id, person_id, role, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (org_id, person_id) DO UPDATE SET role = excluded.role, created_at = excluded.created_at, \
             removed_at = NULL WHERE members.removed_at IS NOT NULL RETURNING id",
        )
        .bind(self.org)
        .bind(id)
        .bind(person)
        .bind(role)
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// A member.
    pub async fn member(&mut self, id: MemberId) -> Result<Option<Member>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(select_member!(), " AND m.id = $2"))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// The member that a person is here.
    pub async fn member_of(&mut self, person: PersonId) -> Result<Option<Member>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(select_member!(), " AND m.person_id = $2"))
        .bind(self.org)
        .bind(person)
        .fetch_optional(c)
        .await)?)
    }

    /// Members, newest first.
    pub async fn members(&mut self, before: Cursor, limit: usize) -> Result<Page<Member>> {
        let rows: Vec<Member> = on!(self.tx, c => sqlx::query_as(concat!(
            select_member!(),
            " AND (m.created_at < $2 OR (m.created_at = $2 AND m.id < $3)) \
             ORDER BY m.created_at DESC, m.id DESC LIMIT $4",
        ))
        .bind(self.org)
        .bind(before.at)
        .bind(before.id)
        .bind(limit as i64 + 1)
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |member| Cursor { at: member.created_at, id: member.id.0 }))
    }

    /// How many owners the organisation has.
    pub async fn owners(&mut self) -> Result<i64> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT count(*) FROM members WHERE org_id = $1 AND role = $2 AND removed_at IS NULL",
        )
        .bind(self.org)
        .bind(Role::Owner)
        .fetch_one(c)
        .await)?)
    }

    /// Gives a member another role. `false`: there is no such member.
    pub async fn set_role(&mut self, id: MemberId, role: Role) -> Result<bool> {
        let touched = on!(self.tx, c => sqlx::query(
            "UPDATE members SET role = $3 WHERE org_id = $1 AND id = $2 AND removed_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .bind(role)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Removes a member, whose row stays for what they did; their browsers are forgotten, so that somebody who comes back
    /// is told of nothing unasked. `false`: there is no such member.
    pub async fn remove_member(&mut self, id: MemberId, now: Timestamp) -> Result<bool> {
        on!(self.tx, c => sqlx::query("DELETE FROM push_subscriptions WHERE org_id = $1 AND member_id = $2")
            .bind(self.org)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        let touched = on!(self.tx, c => sqlx::query(
            "UPDATE members SET removed_at = $3 WHERE org_id = $1 AND id = $2 AND removed_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Stores an invitation. Earlier open ones to the same address end.
    pub async fn insert_invite(&mut self, invite: &NewInvite, now: Timestamp) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "UPDATE member_invites SET revoked_at = $3 \
             WHERE org_id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
        )
        .bind(self.org)
        .bind(&invite.email)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO member_invites (org_id, id, email, role, token_hash, invited_by, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.org)
        .bind(invite.id)
        .bind(&invite.email)
        .bind(invite.role)
        .bind(invite.token_hash.as_slice())
        .bind(invite.invited_by)
        .bind(now)
        .bind(invite.expires_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Open invitations, newest first.
    pub async fn invites(&mut self, now: Timestamp) -> Result<Vec<Invite>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", invite_columns!(), " FROM member_invites WHERE org_id = $1 AND accepted_at IS NULL \
             AND revoked_at IS NULL AND expires_at > $2 ORDER BY id DESC LIMIT 500"
        ))
        .bind(self.org)
        .bind(now)
        .fetch_all(c)
        .await)?)
    }

    /// Uses up an invitation. `false`: it was used, withdrawn or expired meanwhile.
    pub async fn accept_invite(&mut self, id: MemberInviteId, now: Timestamp) -> Result<bool> {
        let touched = on!(self.tx, c => sqlx::query(
            "UPDATE member_invites SET accepted_at = $3 WHERE org_id = $1 AND id = $2 \
             AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3",
        )
        .bind(self.org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Withdraws every open invitation that a member or key has made. Returns how many.
    pub async fn revoke_invites_by(&mut self, inviter: uuid::Uuid, now: Timestamp) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE member_invites SET revoked_at = $3 WHERE org_id = $1 AND invited_by = $2 \
             AND accepted_at IS NULL AND revoked_at IS NULL",
        )
        .bind(self.org)
        .bind(inviter)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }

    /// Withdraws an invitation. `false`: there is no such open one.
    pub async fn revoke_invite(&mut self, id: MemberInviteId, now: Timestamp) -> Result<bool> {
        let touched = on!(self.tx, c => sqlx::query(
            "UPDATE member_invites SET revoked_at = $3 WHERE org_id = $1 AND id = $2 \
             AND accepted_at IS NULL AND revoked_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }
}
