//! Whose a webhook update is. A signature proves an app, not a tenant: an update belongs to the organisation that
//! connected the messaging account *through the app whose secret signed it*, and to nobody else.

use rules::gate::LineState;
use rules::id::{AccountId, AppId, NumberId, OrgId};

use crate::batch::{Batch, each, one_each};
use crate::error::Result;
use crate::rows::Rows;
use crate::seam::{OrgScope, Tx};

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
    /// Whether a message has ever come in to that number.
    pub heard: bool,
}

/// Of which account, and of which of its numbers, an update speaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The app whose secret signed it.
    pub app: AppId,
    /// The messaging account.
    pub waba_id: String,
    /// The number, where one is named.
    pub phone_number_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Found {
    n: i64,
    #[sqlx(flatten)]
    route: Route,
}

/// Routing comes before any organisation is known; it must be done before the first [`Tx::org`] of a transaction.
impl Tx {
    /// Finds the organisations of messaging accounts, and the numbers within them, in the order asked for.
    pub async fn routes(&mut self, addresses: &[Address]) -> Result<Vec<Option<Route>>> {
        let mut routes: Vec<Option<Route>> = addresses.iter().map(|_| None).collect();
        let theirs = "a.app_id = w.app_id AND a.waba_id = w.waba_id AND a.disconnected_at IS NULL";
        let accounts = self.join("accounts", "a", theirs);
        for (from, chunk) in self.numbered_sets(addresses) {
            let rows = Rows::numbered(chunk, 0)
                .column("app_id", |address| address.app)
                .column("waba_id", |address| address.waba_id.as_str())
                .column("phone_number_id", |address| address.phone_number_id.as_deref());
            let found: Vec<Found> = on!(self, c => rows.with()
                .push(
                    "SELECT w.n, a.org_id, a.id AS account_id, a.owner_business_id AS portfolio, n.id AS number_id, a.line, \
                     n.heard_at IS NOT NULL AS heard FROM w",
                )
                .push(&accounts)
                .push(
                    " LEFT JOIN numbers n ON n.org_id = a.org_id AND n.account_id = a.id \
                     AND n.phone_number_id = w.phone_number_id AND n.removed_at IS NULL",
                )
                .build_query_as()
                .fetch_all(c)
                .await)?;
            for Found { n, route } in found {
                if let Some(place) = usize::try_from(n).ok().and_then(|n| routes.get_mut(from + n)) {
                    *place = Some(route);
                }
            }
        }
        Ok(routes)
    }
}

/// What calling Meta for an account takes, sealed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SealedLine {
    /// The account's token, sealed for the organisation; none once the account is disconnected.
    pub token: Option<Vec<u8>>,
    /// The organisation that brought the app; none for the operator's, whose secrets are sealed for the operator.
    pub app_org_id: Option<OrgId>,
    /// The app's secret.
    pub app_secret: Vec<u8>,
}

impl Batch<'_> {
    /// What calling Meta for each account takes. `None`: there is no such account.
    pub async fn sealed_lines(&mut self, keys: &[(OrgId, AccountId)]) -> Result<Vec<Option<SealedLine>>> {
        let account = self.tx.join("accounts", "a", "a.org_id = w.org_id AND a.id = w.id");
        let app = self.tx.join("meta_apps", "p", "p.id = a.app_id");
        let rows = each!(
            self.tx,
            keys,
            "SELECT w.n, a.token, p.org_id AS app_org_id, p.secret AS app_secret FROM w",
            &account,
            &app
        );
        Ok(one_each(keys.len(), rows))
    }
}

impl OrgScope<'_> {
    /// The numbers that messages can be sent from.
    pub async fn connected_numbers(&mut self) -> Result<Vec<NumberId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT n.id FROM numbers n JOIN accounts a ON a.org_id = n.org_id AND a.id = n.account_id \
             WHERE n.org_id = $1 AND n.removed_at IS NULL AND a.disconnected_at IS NULL ORDER BY n.id",
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// The portfolio within which the BSUIDs of those who write to a number mean something, and its account.
    pub async fn portfolio_of_number(
        &mut self,
        number: NumberId,
    ) -> Result<Option<(AccountId, Option<String>)>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT a.id, a.owner_business_id FROM numbers n JOIN accounts a ON a.org_id = n.org_id AND a.id = n.account_id \
             WHERE n.org_id = $1 AND n.id = $2",
        )
        .bind(org)
        .bind(number)
        .fetch_optional(c)
        .await)?)
    }
}
