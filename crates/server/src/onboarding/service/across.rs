//! What whoever runs the installation sees of all organisations' connections, and the links they have given out.

use rules::connection::{Standing, StepStatus, Turn};
use store::connections::{ConnectionAcross, OpenInvite, StepProblem, StepRow};
use store::{Cursor, Page};

use super::Failed;
use crate::ctx::Ctx;

/// A page of connections, newest first.
pub async fn connections(
    ctx: &Ctx,
    state: Option<Standing>,
    after: Cursor,
    limit: usize,
) -> Result<Page<ConnectionAcross>, Failed> {
    Ok(ctx.store.read().await?.connections_across(state, after, limit).await?)
}

/// A page of the operator's links that can still be used, newest first.
pub async fn open_invites(ctx: &Ctx, after: Cursor, limit: usize) -> Result<Page<OpenInvite>, Failed> {
    Ok(ctx.store.read().await?.open_invites_across(ctx.now(), after, limit).await?)
}

/// The step at which a connection is: the first that is not done, else the last that is.
pub fn current_step(steps: &[StepRow]) -> Option<&StepRow> {
    steps.iter().find(|step| step.status != StepStatus::Done).or(steps.last())
}

/// What stops a connection, if anything does.
pub fn trouble(steps: &[StepRow]) -> Option<&StepProblem> {
    let stopped = steps.iter().find(|step| step.status != StepStatus::Done && step.problem.is_some())?;
    stopped.problem.as_ref().map(|problem| &problem.0)
}

/// Whose turn it is. `None`: nobody's, it goes on by itself or is over.
pub fn turn(state: Standing, steps: &[StepRow]) -> Option<Turn> {
    match state {
        // The dialog, a payment method, the first message.
        Standing::Started | Standing::PaymentPending | Standing::Silent => Some(Turn::Client),
        Standing::NeedsPerson | Standing::Waiting => trouble(steps).map(|problem| problem.turn),
        Standing::CodeReceived | Standing::Working | Standing::Live | Standing::Abandoned => None,
    }
}

#[cfg(test)]
mod tests {
    use rules::connection::{Step, Trouble};
    use store::Json;

    use super::*;

    fn step(step: Step, status: StepStatus, turn: Option<Turn>) -> StepRow {
        let problem = turn.map(|turn| {
            Json(StepProblem {
                trouble: Trouble::WrongPin,
                turn,
                code: None,
                subcode: None,
                details: None,
                number: None,
            })
        });
        let (result, proof) = (None, None);
        let (started_at, finished_at, retry_at) = (None, None, None);
        StepRow { step, status, attempts: 1, result, proof, problem, started_at, finished_at, retry_at }
    }

    #[test]
    fn a_connection_is_at_the_first_step_that_is_not_done() {
        let stopped = step(Step::RegisterNumber, StepStatus::NeedsPerson, Some(Turn::Client));
        let steps = [
            step(Step::BindAccount, StepStatus::Done, None),
            stopped,
            step(Step::Sync, StepStatus::Done, None),
        ];
        assert_eq!(current_step(&steps).map(|step| step.step), Some(Step::RegisterNumber));
        assert_eq!(current_step(&steps[..1]).map(|step| step.step), Some(Step::BindAccount));
        assert!(current_step(&[]).is_none());
    }

    #[test]
    fn it_is_the_turn_of_whom_the_trouble_names() {
        let steps = [step(Step::ShareCredit, StepStatus::NeedsPerson, Some(Turn::Operator))];
        assert_eq!(turn(Standing::NeedsPerson, &steps), Some(Turn::Operator));
        assert_eq!(turn(Standing::Working, &steps), None);
        assert_eq!(turn(Standing::Started, &[]), Some(Turn::Client));
        assert_eq!(turn(Standing::Live, &steps), None);
    }
}
