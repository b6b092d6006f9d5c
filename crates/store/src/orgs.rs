//! Organisations: the tenants themselves.

use std::collections::HashMap;

use rules::id::OrgId;
use rules::role::OrgStatus;
use rules::time::Timestamp;

use crate::error::Result;
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::seam::{OrgScope, Tx};

/// An organisation to be stored.
#[derive(Clone, Debug)]
pub struct NewOrg {
    /// Made by the caller.
    pub id: OrgId,
    /// As its members know it.
    pub name: String,
    /// Its name in addresses; unique.
    pub slug: String,
    /// The language it works in: `en`, `id`.
    pub locale: String,
    /// ISO 3166 two-letter code, which tells how local phone numbers are read.
    pub country: String,
    /// IANA name.
    pub timezone: String,
    /// Settings as JSON.
    pub settings: String,
}

/// A stored organisation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Org {
    /// Its id.
    pub id: OrgId,
    /// As its members know it.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// The language it works in.
    pub locale: String,
    /// ISO 3166 two-letter code.
    pub country: String,
    /// IANA name.
    pub timezone: String,
    /// Whether it may work.
    pub status: OrgStatus,
    /// Whether its messaging accounts may be paid for with the operator's credit line.
    pub operator_pays: bool,
    /// Settings as JSON, read by the rooms that own them.
    pub settings: String,
    /// When it was made.
    pub created_at: Timestamp,
}

macro_rules! org_columns {
    () => {
        "id, name, slug, locale, country, timezone, status, operator_pays, settings, created_at"
    };
}

impl Org {
    /// Whether it may work: nothing is sent, answered or connected for one that the operator has suspended.
    pub fn may_work(&self) -> bool {
        self.status == OrgStatus::Active
    }
}

/// Making and listing organisations is the operator's, before any of them is entered.
impl Tx {
    /// Stores an organisation, for whose accounts the operator does not pay. Taken: the slug is in use.
    pub async fn insert_org(&mut self, org: &NewOrg, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query(
            "INSERT INTO orgs (id, name, slug, locale, country, timezone, status, operator_pays, settings, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(org.id)
        .bind(&org.name)
        .bind(&org.slug)
        .bind(&org.locale)
        .bind(&org.country)
        .bind(&org.timezone)
        .bind(OrgStatus::Active)
        .bind(false)
        .bind(&org.settings)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// These organisations.
    pub(crate) async fn orgs_by_id(&mut self, ids: &[OrgId]) -> Result<HashMap<OrgId, Org>> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in self.sets(ids) {
            let ids = Rows::of(chunk).column("id", |id| *id);
            let orgs: Vec<Org> = on!(self, c => {
                let mut query = ids.with();
                query.push(concat!("SELECT ", org_columns!(), " FROM orgs WHERE id IN (SELECT id FROM w)"));
                query.build_query_as().fetch_all(c).await
            })?;
            found.extend(orgs.into_iter().map(|org| (org.id, org)));
        }
        Ok(found)
    }

    /// Every organisation, newest first.
    pub async fn orgs(&mut self, before: Cursor, limit: usize) -> Result<Page<Org>> {
        let rows: Vec<Org> = on!(self, c => sqlx::query_as(concat!(
            "SELECT ", org_columns!(), " FROM orgs WHERE created_at < $1 OR (created_at = $1 AND id < $2) \
             ORDER BY created_at DESC, id DESC LIMIT $3"
        ))
        .bind(before.at)
        .bind(before.id)
        .bind(limit as i64 + 1)
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |org| Cursor { at: org.created_at, id: org.id.0 }))
    }
}

impl OrgScope<'_> {
    /// The organisation itself. `None`: there is none of this id.
    pub async fn org(&mut self) -> Result<Option<Org>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!("SELECT ", org_columns!(), " FROM orgs WHERE id = $1"))
            .bind(self.org)
            .fetch_optional(c)
            .await)?)
    }

    /// The organisation, held until the transaction ends, so that two changes of it or of its owners take turns.
    pub async fn org_for_change(&mut self) -> Result<Option<Org>> {
        // Writing the row to itself locks it on either database.
        Ok(
            on!(self.tx, c => sqlx::query_as(concat!("UPDATE orgs SET id = id WHERE id = $1 RETURNING ", org_columns!()))
            .bind(self.org)
            .fetch_optional(c)
            .await)?,
        )
    }

    /// Stores what may change of an organisation.
    pub async fn update_org(&mut self, org: &Org) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "UPDATE orgs SET name = $2, locale = $3, country = $4, timezone = $5, status = $6, operator_pays = $7, settings = $8 \
             WHERE id = $1",
        )
        .bind(self.org)
        .bind(&org.name)
        .bind(&org.locale)
        .bind(&org.country)
        .bind(&org.timezone)
        .bind(org.status)
        .bind(org.operator_pays)
        .bind(&org.settings)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}
