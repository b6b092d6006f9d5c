//! Views: choices of conversations that members keep under a name, for themselves or for all.

use rules::id::{InboxViewId, MemberId};
use rules::time::Timestamp;
use serde_json::Value;

use crate::error::Result;
use crate::json::Json;
use crate::seam::OrgScope;

/// A choice of conversations under a name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct InboxView {
    /// Its id.
    pub id: InboxViewId,
    /// Whose it is; `None`: everybody's.
    pub member_id: Option<MemberId>,
    /// Its name.
    pub name: String,
    /// What it chooses, in the words of the list's query.
    pub filter: Json<Value>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl OrgScope<'_> {
    /// Keeps a view.
    pub async fn add_inbox_view(&mut self, view: &InboxView) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO inbox_views (org_id, id, member_id, name, filter, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(org)
        .bind(view.id)
        .bind(view.member_id)
        .bind(&view.name)
        .bind(&view.filter)
        .bind(view.created_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Changes the name of a view and what it chooses. `false`: there is none any more.
    pub async fn change_inbox_view(
        &mut self,
        id: InboxViewId,
        name: &str,
        filter: &Json<Value>,
    ) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE inbox_views SET name = $3, filter = $4 WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(id)
        .bind(name)
        .bind(filter)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// The views of a member and those of everybody, the oldest first.
    pub async fn inbox_views(&mut self, member: Option<MemberId>) -> Result<Vec<InboxView>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, member_id, name, filter, created_at FROM inbox_views \
             WHERE org_id = $1 AND (member_id IS NULL OR member_id = $2) ORDER BY created_at, id",
        )
        .bind(org)
        .bind(member)
        .fetch_all(c)
        .await)?)
    }

    /// Removes a view. `false`: there is none.
    pub async fn remove_inbox_view(&mut self, id: InboxViewId) -> Result<bool> {
        let org = self.org;
        let removed = on!(self.tx, c => sqlx::query("DELETE FROM inbox_views WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(removed == 1)
    }
}
