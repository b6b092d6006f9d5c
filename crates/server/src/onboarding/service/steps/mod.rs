//! The steps themselves: each reads what is there, does what is missing, and proves it by a read.

mod access;
mod bind;
mod credit;
mod exchange;
mod register;
mod sync;
mod watch;
mod webhooks;

use meta::graph::Access;
use rules::connection::{Step, Trouble};

use super::Stopped;
use super::advance::{Ended, Proved};
use super::work::Work;
use crate::ctx::Ctx;

pub(super) use access::may_send;
pub(super) use sync::{account_facts, number_readings, with_health};

/// What a step comes to: a failure of the database is the job's, everything else is the step's own.
type Made = store::Result<Result<Proved, Stopped>>;

/// Makes one step.
pub async fn make(ctx: &Ctx, work: &Work, step: Step) -> store::Result<Ended> {
    let access = match work.access() {
        Some(access) => access,
        None if step == Step::ExchangeCode => return Ok(ended(exchange::recover(ctx, work).await?)),
        None => return Ok(Stopped::from(Trouble::TokenDead).into()),
    };
    let made = match step {
        Step::ExchangeCode => Ok(Ok(Proved::default())),
        Step::ProveAccess => access::prove(ctx, work, &access).await,
        Step::BindAccount => bind::bind(ctx, work, &access).await,
        Step::SubscribeApp => webhooks::subscribe(ctx, work, &access).await,
        Step::OverrideWebhook => webhooks::override_address(ctx, work, &access).await,
        Step::ShareCredit => credit::share(ctx, work, &access).await,
        Step::RegisterNumber => register::register(ctx, work, &access).await,
        Step::SyncBusinessApp => sync::business_app(ctx, work, &access).await,
        Step::Sync => sync::sync(ctx, work, &access).await,
        Step::CheckFunding => watch::funding(ctx, work, &access).await,
        Step::FirstMessage => watch::first_message(ctx, work, &access).await,
    };
    Ok(ended(made?))
}

fn ended(made: Result<Proved, Stopped>) -> Ended {
    match made {
        Ok(proved) => Ended::Done(proved),
        Err(stopped) => Ended::Stopped(stopped),
    }
}

/// Turns Meta's refusal into what stops this step, and leaves the step.
macro_rules! ask {
    ($step:expr, $call:expr) => {
        match $call.await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err($crate::onboarding::service::Stopped::by($step, &error))),
        }
    };
}
use ask;

/// The account in use by the steps behind the binding.
macro_rules! bound {
    ($work:expr) => {
        match &$work.account {
            Some(account) => account,
            None => return Ok(Err(rules::connection::Trouble::NoAccountFound.into())),
        }
    };
}
use bound;

/// Our own address for webhooks of an app.
pub fn callback(ctx: &Ctx, slug: &str) -> String {
    format!("{}/webhooks/meta/{slug}", ctx.settings.public_url.as_str().trim_end_matches('/'))
}

/// Who pays for an account that our credit was shared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    /// Our share is its payment method.
    Operator,
    /// Our share was taken back, and there is a payment method: the client's own.
    Client,
    /// Our share stands, and another payment method is in use.
    SomebodyElse,
}

/// Who pays, by our share of credit and the account's payment method.
pub async fn payer(
    ctx: &Ctx,
    system: &Access<'_>,
    allocation: &str,
    funding: &str,
) -> Result<Payer, meta::graph::GraphError> {
    let share = ctx.graph.allocation(system, allocation).await?;
    Ok(match share.receiving_credential.as_deref() {
        _ if share.is_revoked() => Payer::Client,
        Some(credential) if credential == funding => Payer::Operator,
        _ => Payer::SomebodyElse,
    })
}
