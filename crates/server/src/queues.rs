//! Every queue on one screen.

use jobs::{Queue, Verdict, handler};
use rules::time::Timestamp;
use tracing::Instrument as _;

use crate::ctx::Ctx;
use crate::{alerts, bot, dispatch, identity, knowledge, media, onboarding};

/// The queues of every room, for the runner.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let rooms = [
        dispatch::queues(ctx),
        bot::queues(ctx),
        knowledge::queues(ctx),
        media::queues(ctx),
        onboarding::jobs::queues(ctx),
        identity::jobs::queues(ctx),
        alerts::queues(ctx),
    ];
    rooms.into_iter().flatten().map(|queue| counted(ctx, queue)).collect()
}

/// A queue whose jobs are counted, by what came of them and how long they ran. What they log says which job it was.
fn counted(ctx: &Ctx, queue: Queue) -> Queue {
    let (ctx, name, run) = (ctx.clone(), queue.name, queue.handler);
    let handler = handler(move |job| {
        let span =
            tracing::info_span!("job", queue = name, job.id, org = job.org_id.map(tracing::field::display));
        let running = Running { ctx: ctx.clone(), queue: name, began: ctx.now(), ended: false };
        let work = run(job);
        async move {
            let verdict = work.await;
            running.end(&verdict);
            verdict
        }
        .instrument(span)
    });
    Queue { handler, ..queue }
}

/// A job while it runs.
struct Running {
    ctx: Ctx,
    queue: &'static str,
    began: Timestamp,
    ended: bool,
}

impl Running {
    fn end(mut self, verdict: &Verdict) {
        self.ended = true;
        self.count(match verdict {
            Verdict::Done => "done",
            Verdict::Settled => "settled",
            Verdict::Later(..) => "later",
            Verdict::Retry(_) => "retry",
            Verdict::Dead(_) => "dead",
        });
    }

    fn count(&self, verdict: &'static str) {
        self.ctx.meters.job(self.queue, verdict, self.ctx.now().since(self.began));
    }
}

impl Drop for Running {
    /// One that is given up half-way has panicked, or somebody else has taken its lease.
    fn drop(&mut self) {
        match self.ended {
            true => {}
            false if std::thread::panicking() => self.count("panicked"),
            false => self.ctx.meters.lease_lost(self.queue),
        }
    }
}
