//! Who acts: somebody of an organisation or the operator, each with a log of their own.

use rules::connection::Maker;
use rules::id::OrgId;
use serde_json::Value;
use store::Tx;

use crate::ctx::Ctx;
use crate::http::{OperatorActor, OrgActor};

/// Who acts.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Somebody of an organisation, for that one.
    Organisation(&'a OrgActor),
    /// The operator, for the installation or an organisation.
    Operator(&'a OperatorActor),
}

impl By<'_> {
    /// On which side they are.
    pub fn maker(self) -> Maker {
        match self {
            Self::Organisation(_) => Maker::Organisation,
            Self::Operator(_) => Maker::Operator,
        }
    }

    /// Their name in the audit log.
    pub fn name(self) -> String {
        match self {
            Self::Organisation(actor) => actor.name(),
            Self::Operator(actor) => actor.name.clone(),
        }
    }

    /// Whose things they act on: the organisation's, or those of the installation.
    pub fn org(self) -> Option<OrgId> {
        match self {
            Self::Organisation(actor) => Some(actor.org),
            Self::Operator(_) => None,
        }
    }

    /// Writes into the audit log, in the transaction of what was done; what an operator does to an organisation also into
    /// that one's.
    pub async fn audit(
        self,
        ctx: &Ctx,
        tx: &mut Tx,
        touched: Option<OrgId>,
        action: &str,
        target: impl ToString + Send,
        details: Value,
    ) -> store::Result<()> {
        match self {
            Self::Organisation(actor) => {
                actor.audit(ctx, &mut tx.org(actor.org).await?, action, target, details).await
            }
            Self::Operator(actor) => actor.audit(ctx, tx, touched, action, target, details).await,
        }
    }
}
