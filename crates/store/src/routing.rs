//! Whose a webhook update is. A signature proves an app, not a tenant: an update belongs to the organisation that
//! connected the messaging account *through the app whose secret signed it*, and to nobody else.

use rules::gate::LineState;
use rules::id::{AccountId, AppId, NumberId, OrgId};

use crate::error::Result;
use crate::seam::Tx;

/// Where an update belongs.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Route {
    /// The organisation.
    pub org_id: OrgId,
    /// Its messaging account.
    pub account_id: AccountId,
    /// The portfolio that owns the account, within which BSUIDs mean something.
    pub portfolio: Option<String>,
    /// The number, where the update names one that the account has.
    pub number_id: Option<NumberId>,
    /// Whether the account can send.
    pub line: LineState,
}

/// Routing comes before any organisation is known; it must be done before the first [`Tx::org`] of a transaction.
impl Tx {
    /// Finds the organisation of a messaging account, and the number within it.
    pub async fn route(
        &mut self,
        app: AppId,
        waba_id: &str,
        phone_number_id: Option<&str>,
    ) -> Result<Option<Route>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT a.org_id, a.id AS account_id, a.owner_business_id AS portfolio, n.id AS number_id, a.line \
             FROM accounts a LEFT JOIN numbers n ON n.org_id = a.org_id AND n.account_id = a.id \
             AND n.phone_number_id = $3 AND n.removed_at IS NULL \
             WHERE a.app_id = $1 AND a.waba_id = $2 AND a.disconnected_at IS NULL",
        )
        .bind(app)
        .bind(waba_id)
        .bind(phone_number_id)
        .fetch_optional(c)
        .await)?)
    }
}
