//! Business usernames: what a number may be called instead of its digits (meta-messaging 2.6).

use serde::Serialize;
use serde_json::json;

use super::{Access, Graph, GraphError};
use crate::json::Members;
use crate::webhook::open_enum;

open_enum! {
    /// How far a username is.
    pub enum UsernameStatus {
        /// People find the business by it.
        Approved = "approved",
        /// Kept for the business until usernames are there in its country.
        Reserved = "reserved",
        /// It has none any more.
        Deleted = "deleted",
    }
}

/// The username of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Username {
    /// Without the `@`; absent where there is none.
    pub name: Option<String>,
    /// How far it is.
    pub status: Option<UsernameStatus>,
}

impl Username {
    /// Meta's page shows the answer of the write alone; a list of one is taken as well.
    fn read(answer: &Members<'_>) -> Option<Self> {
        let rows = answer.objects("data");
        let node = rows.first().unwrap_or(answer);
        Some(Self {
            name: node.text("username").map(|name| name.trim_start_matches('@').to_owned()),
            status: node.string("status").map(UsernameStatus::from),
        })
    }
}

impl Graph {
    /// The username of a number.
    pub async fn username(&self, access: &Access<'_>, number_id: &str) -> Result<Username, GraphError> {
        self.get(&[number_id, "username"], access)?.node(Username::read).await
    }

    /// Names that are free and resemble the business's. Meta does not print the shape: plain texts and objects are taken.
    pub async fn username_suggestions(
        &self,
        access: &Access<'_>,
        number_id: &str,
    ) -> Result<Vec<String>, GraphError> {
        let read = |answer: &Members<'_>| {
            let named = |members: &Members<'_>| {
                let listed: Vec<String> = ["username_suggestions", "suggestions", "data"]
                    .iter()
                    .flat_map(|key| members.strings(key))
                    .collect();
                listed
            };
            let rows = answer.objects("data");
            let nested = rows.iter().flat_map(|row| {
                let own = row.string("username").into_iter();
                own.chain(named(row)).collect::<Vec<_>>()
            });
            Some(named(answer).into_iter().chain(nested).collect())
        };
        self.get(&[number_id, "username_suggestions"], access)?.node(read).await
    }

    /// Claims a username. `transfer` takes it from another number of the same portfolio. 147001 says that it is taken.
    pub async fn claim_username(
        &self,
        access: &Access<'_>,
        number_id: &str,
        name: &str,
        transfer: bool,
    ) -> Result<UsernameStatus, GraphError> {
        let action = if transfer { "force_transfer" } else { "none" };
        self.post(&[number_id, "username"], access)?
            .json(&json!({"username": name, "transfer_action": action}))
            .node(|answer| Some(answer.string("status")?.into()))
            .await
    }

    /// Gives the username up: anybody may claim it then.
    pub async fn delete_username(&self, access: &Access<'_>, number_id: &str) -> Result<(), GraphError> {
        self.delete(&[number_id, "username"], access)?.succeed().await
    }
}
