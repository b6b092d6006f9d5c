//! Putting an approved name to use, by itself and once.

use jobs::{Queue, Verdict, handler};
use rules::id::{NumberId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;
use store::queue::{Job, NewJob, Unique};

use super::service::name;
use crate::ctx::Ctx;

const QUEUE: &str = "numbers.name";

/// Whose name.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct NameJob {
    org: OrgId,
    number: NumberId,
}

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let ctx = ctx.clone();
    let handler = handler(move |job: Job| {
        let ctx = ctx.clone();
        async move {
            let Ok(of) = serde_json::from_str::<NameJob>(&job.payload) else {
                return Verdict::Dead("the payload does not read".to_owned());
            };
            match name::put_to_use(&ctx, of.org, of.number).await {
                Ok(()) => Verdict::Done,
                Err(error) => match error.of_the_store() {
                    Some(error) => Verdict::Retry(error.to_string()),
                    // Never in a loop: the page offers it to a person, who reads why.
                    None => Verdict::Done,
                },
            }
        }
    });
    vec![Queue::new(QUEUE, handler)]
}

/// Meta has approved a name that was asked for: it shows once the number has been registered again.
pub async fn name_approved(scope: &mut OrgScope<'_>, number: NumberId, now: Timestamp) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        org: Some(org),
        serial_key: Some(number.to_string()),
        unique: Some(Unique::KeepFirst(number.to_string())),
        ..NewJob::new(QUEUE, org, &NameJob { org, number }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}
