//! What only a Solution Partner does: its people on a client's account, and its line of credit.

use serde::Serialize;

use super::{Access, Graph, GraphError};
use crate::json::Members;

/// A (system) user with rights on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssignedUser {
    /// The user.
    pub id: String,
    /// Their name.
    pub name: Option<String>,
    /// `MANAGE`, `DEVELOP` …
    pub tasks: Vec<String>,
}

/// A system user of a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SystemUser {
    /// The user.
    pub id: String,
    /// Their name.
    pub name: Option<String>,
    /// `ADMIN` or `EMPLOYEE`.
    pub role: Option<String>,
}

/// A line of credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreditLine {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub legal_entity_name: Option<String>,
}

/// A share of a line of credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Allocation {
    /// Its id.
    pub id: String,
    /// The payment method it became: the same id as the account's, when all is well.
    pub receiving_credential: Option<String>,
    /// The client's portfolio.
    pub receiving_business: Option<String>,
    /// `DELETED` after it was taken back.
    pub request_status: Option<String>,
}

impl Allocation {
    /// Whether the share was taken back.
    pub fn is_revoked(&self) -> bool {
        self.request_status.as_deref() == Some("DELETED")
    }

    fn read(node: &Members<'_>) -> Option<Self> {
        let id_of = |name| node.object(name).and_then(|object: Members<'_>| object.string("id"));
        Some(Self {
            id: node.string("id")?,
            receiving_credential: id_of("receiving_credential"),
            receiving_business: id_of("receiving_business"),
            request_status: node.string("request_status"),
        })
    }
}

/// A share of credit attached to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attached {
    /// The share.
    pub allocation_id: String,
    /// The account.
    pub waba_id: Option<String>,
}

impl Attached {
    fn read(answer: &Members<'_>) -> Option<Self> {
        Some(Self {
            allocation_id: answer.string("allocation_config_id")?,
            waba_id: answer.string("waba_id"),
        })
    }
}

impl Graph {
    /// Gives our system user rights on a client's account. `system` must be an admin's token.
    pub async fn assign_user(
        &self,
        system: &Access<'_>,
        waba_id: &str,
        system_user_id: &str,
        tasks: &[&str],
    ) -> Result<(), GraphError> {
        let tasks: Vec<String> = tasks.iter().map(|task| format!("'{task}'")).collect();
        self.post(&[waba_id, "assigned_users"], system)?
            .query(&[("user", system_user_id), ("tasks", &format!("[{}]", tasks.join(",")))])
            .succeed()
            .await
    }

    /// The users of our portfolio with rights on a client's account.
    pub async fn assigned_users(
        &self,
        system: &Access<'_>,
        waba_id: &str,
        business_id: &str,
    ) -> Result<Vec<AssignedUser>, GraphError> {
        self.pages(&[waba_id, "assigned_users"], system, &[("business", business_id)], |row| {
            Some(AssignedUser {
                id: row.string("id")?,
                name: row.string("name"),
                tasks: row.strings("tasks"),
            })
        })
        .await
    }

    /// Takes our system user's rights back.
    pub async fn unassign_user(
        &self,
        system: &Access<'_>,
        waba_id: &str,
        system_user_id: &str,
    ) -> Result<(), GraphError> {
        self.delete(&[waba_id, "assigned_users"], system)?.query(&[("user", system_user_id)]).succeed().await
    }

    /// Our portfolio's system users.
    pub async fn system_users(
        &self,
        system: &Access<'_>,
        business_id: &str,
    ) -> Result<Vec<SystemUser>, GraphError> {
        self.pages(&[business_id, "system_users"], system, &[], |row| {
            Some(SystemUser { id: row.string("id")?, name: row.string("name"), role: row.string("role") })
        })
        .await
    }

    /// Our portfolio's lines of credit.
    pub async fn credit_lines(
        &self,
        system: &Access<'_>,
        business_id: &str,
    ) -> Result<Vec<CreditLine>, GraphError> {
        let query = [("fields", "id,legal_entity_name")];
        self.pages(&[business_id, "extendedcredits"], system, &query, |row| {
            Some(CreditLine { id: row.string("id")?, legal_entity_name: row.string("legal_entity_name") })
        })
        .await
    }

    /// Shares a line of credit and attaches it to an account, in one step: the present method. Look at the
    /// account's payment method first; what a second call does is not documented.
    pub async fn share_and_attach_credit(
        &self,
        system: &Access<'_>,
        credit_line_id: &str,
        waba_id: &str,
        currency: &str,
    ) -> Result<Attached, GraphError> {
        self.post(&[credit_line_id, "whatsapp_credit_sharing_and_attach"], system)?
            .query(&[("waba_currency", currency), ("waba_id", waba_id)])
            .node(Attached::read)
            .await
    }

    /// Shares a line of credit with a client's portfolio: first half of the announced method, made with our
    /// system user's token.
    pub async fn share_credit(
        &self,
        system: &Access<'_>,
        credit_line_id: &str,
        client_business_id: &str,
    ) -> Result<Attached, GraphError> {
        self.post(&[credit_line_id, "whatsapp_credit_sharing"], system)?
            .query(&[("receiving_business_id", client_business_id)])
            .node(Attached::read)
            .await
    }

    /// Attaches shared credit to an account: second half of the announced method, made with the client's
    /// business token.
    pub async fn attach_credit(
        &self,
        business: &Access<'_>,
        credit_line_id: &str,
        waba_id: &str,
        currency: &str,
    ) -> Result<Attached, GraphError> {
        self.post(&[credit_line_id, "whatsapp_credit_attach"], business)?
            .query(&[("waba_currency", currency), ("waba_id", waba_id)])
            .node(Attached::read)
            .await
    }

    /// A share of credit. Its credential must equal the account's payment method.
    pub async fn allocation(
        &self,
        system: &Access<'_>,
        allocation_id: &str,
    ) -> Result<Allocation, GraphError> {
        self.get(&[allocation_id], system)?
            .fields("id,receiving_credential,receiving_business,request_status")
            .node(Allocation::read)
            .await
    }

    /// The shares of a line that a client has. One of Meta's samples shows a bare object instead of a list.
    pub async fn allocations_of(
        &self,
        system: &Access<'_>,
        credit_line_id: &str,
        client_business_id: &str,
    ) -> Result<Vec<Allocation>, GraphError> {
        self.get(&[credit_line_id, "owning_credit_allocation_configs"], system)?
            .query(&[("receiving_business_id", client_business_id)])
            .fields("id,receiving_business")
            .node(|answer| match answer.raw("data") {
                Some(_) => Some(answer.objects("data").iter().filter_map(Allocation::read).collect()),
                None => Allocation::read(answer).map(|allocation| vec![allocation]),
            })
            .await
    }

    /// Takes a share of credit back: for every account of that client that is shared with us.
    pub async fn revoke_credit(&self, system: &Access<'_>, allocation_id: &str) -> Result<(), GraphError> {
        self.delete(&[allocation_id], system)?.succeed().await
    }
}
