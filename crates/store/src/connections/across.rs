//! Connections and invite links of every organisation, as whoever runs the installation looks over them.
//!
//! Invariant: reads alone, and outside of any organisation: call before [`Tx::org`] narrows what the transaction sees.
//! What is changed is changed in its organisation.

use std::collections::HashMap;

use rules::connection::{Entry, Mode, Standing};
use rules::id::{ConnectInviteId, ConnectionId, OrgId};
use rules::time::Timestamp;

use super::StepRow;
use crate::error::Result;
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::seam::Tx;

/// A connection among those of all organisations.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ConnectionAcross {
    /// Whose.
    pub org_id: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// Its name in addresses.
    pub org_slug: String,
    /// The connection's id.
    pub id: ConnectionId,
    /// The messaging account's name, once connected.
    pub account_name: Option<String>,
    /// Meta's id of the messaging account, once known.
    pub waba_id: Option<String>,
    /// The account's numbers as people write them.
    #[sqlx(skip)]
    pub numbers: Vec<String>,
    /// Who pays, whose app.
    pub mode: Mode,
    /// How the client came in.
    pub entry: Entry,
    /// How it stands.
    pub state: Standing,
    /// When it began.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// What is on record about its steps, in their order.
    #[sqlx(skip)]
    pub steps: Vec<StepRow>,
}

/// An invite link of the operator's that can still be used.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OpenInvite {
    /// Whose.
    pub org_id: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// The link's id.
    pub id: ConnectInviteId,
    /// Who pays, whose app.
    pub mode: Mode,
    /// What its maker wrote on it.
    pub note: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was opened first.
    pub opened_at: Option<Timestamp>,
    /// When a connection was begun with it.
    pub used_at: Option<Timestamp>,
}

/// A step with the connection that it is of.
#[derive(sqlx::FromRow)]
struct StepOf {
    connection_id: ConnectionId,
    #[sqlx(flatten)]
    step: StepRow,
}

impl Tx {
    /// A page of the connections of all organisations, or of those that stand so, newest first. Of no organisation because
    /// the operator looks after all of them.
    pub async fn connections_across(
        &mut self,
        state: Option<Standing>,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<ConnectionAcross>> {
        let mut rows: Vec<ConnectionAcross> = on!(self, c => sqlx::query_as(
            "SELECT x.org_id, o.name AS org_name, o.slug AS org_slug, x.id, a.name AS account_name, x.waba_id, x.mode, \
             x.entry, x.state, x.created_at, x.updated_at FROM connections x JOIN orgs o ON o.id = x.org_id \
             LEFT JOIN accounts a ON a.org_id = x.org_id AND a.id = x.account_id \
             WHERE ($1 IS NULL OR x.state = $1) AND (x.created_at, x.id) < ($2, $3) \
             ORDER BY x.created_at DESC, x.id DESC LIMIT $4",
        )
        .bind(state)
        .bind(after.at)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        let mut steps = self.steps_across(&rows).await?;
        let mut numbers = self.numbers_across(&rows).await?;
        for row in &mut rows {
            row.numbers = numbers.remove(&row.id).unwrap_or_default();
            row.steps = steps.remove(&row.id).unwrap_or_default();
            row.steps.sort_by_key(|step| step.step);
        }
        Ok(Page::cut(rows, limit, |row| Cursor { at: row.created_at, id: row.id.0 }))
    }

    /// The numbers of these connections' accounts: one query for a whole page.
    async fn numbers_across(
        &mut self,
        connections: &[ConnectionAcross],
    ) -> Result<HashMap<ConnectionId, Vec<String>>> {
        let mut numbers: HashMap<_, Vec<_>> = HashMap::new();
        if connections.is_empty() {
            return Ok(numbers);
        }
        let keys = keys_of(connections);
        let rows: Vec<(ConnectionId, String)> = on!(self, c => {
            let mut query = keys.with();
            query.push(
                "SELECT x.id, n.display FROM w JOIN connections x ON x.org_id = w.org_id AND x.id = w.id \
                 JOIN numbers n ON n.org_id = x.org_id AND n.account_id = x.account_id AND n.removed_at IS NULL \
                 ORDER BY n.created_at, n.id",
            );
            query.build_query_as().fetch_all(c).await
        })?;
        for (connection, display) in rows {
            numbers.entry(connection).or_default().push(display);
        }
        Ok(numbers)
    }

    /// What is on record about the steps of these connections: one query for a whole page.
    async fn steps_across(
        &mut self,
        connections: &[ConnectionAcross],
    ) -> Result<HashMap<ConnectionId, Vec<StepRow>>> {
        let mut steps: HashMap<_, Vec<_>> = HashMap::new();
        if connections.is_empty() {
            return Ok(steps);
        }
        let keys = keys_of(connections);
        let rows: Vec<StepOf> = on!(self, c => {
            let mut query = keys.with();
            query.push(
                "SELECT s.connection_id, s.step, s.status, s.attempts, s.result, s.proof, s.problem, s.started_at, \
                 s.finished_at, s.retry_at \
                 FROM w JOIN connection_steps s ON s.org_id = w.org_id AND s.connection_id = w.id",
            );
            query.build_query_as().fetch_all(c).await
        })?;
        for row in rows {
            steps.entry(row.connection_id).or_default().push(row.step);
        }
        Ok(steps)
    }

    /// A page of the operator's invite links that can still be used, in any organisation, newest first. Of no organisation
    /// because whoever made them looks for them in one place.
    pub async fn open_invites_across(
        &mut self,
        now: Timestamp,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<OpenInvite>> {
        let rows = on!(self, c => sqlx::query_as(
            "SELECT i.org_id, o.name AS org_name, i.id, i.mode, i.note, i.created_by, i.created_at, i.expires_at, \
             i.opened_at, i.used_at FROM connect_invites i JOIN orgs o ON o.id = i.org_id \
             WHERE i.maker = 'operator' AND i.revoked_at IS NULL AND i.expires_at > $1 \
             AND (i.created_at, i.id) < ($2, $3) ORDER BY i.created_at DESC, i.id DESC LIMIT $4",
        )
        .bind(now)
        .bind(after.at)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |row: &OpenInvite| Cursor { at: row.created_at, id: row.id.0 }))
    }
}

/// `w (org_id, id)`: connections.
fn keys_of(connections: &[ConnectionAcross]) -> Rows<'_, ConnectionAcross> {
    Rows::of(connections).column("org_id", |one| one.org_id).column("id", |one| one.id)
}
