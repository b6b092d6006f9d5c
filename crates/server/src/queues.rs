//! Every queue on one screen.

use jobs::{Handler, Queue, SetHandler, Verdict, Work, handler, set_handler};
use rules::time::Timestamp;
use tracing::Instrument as _;

use crate::ctx::Ctx;
use crate::{
    alerts, bot, dispatch, fallback, forms, identity, imports, knowledge, media, notifications, numbers,
    onboarding, rates, records, rights, templates,
};

/// The queues of every room, for the runner.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let rooms = [
        dispatch::queues(ctx),
        fallback::queues(ctx),
        forms::queues(ctx),
        bot::queues(ctx),
        knowledge::queues(ctx),
        media::queues(ctx),
        records::queues(ctx),
        notifications::queues(ctx),
        onboarding::jobs::queues(ctx),
        numbers::queues(ctx),
        identity::jobs::queues(ctx),
        alerts::queues(ctx),
        templates::queues(ctx),
        imports::queues(ctx),
        rights::queues(ctx),
        rates::queues(ctx),
    ];
    rooms.into_iter().flatten().map(|queue| counted(ctx, queue)).collect()
}

/// A queue whose jobs are counted, by what came of them and how long they ran. What they log says which job it was.
fn counted(ctx: &Ctx, queue: Queue) -> Queue {
    let work = match queue.work {
        Work::Each(run) => Work::Each(counted_each(ctx, queue.name, run)),
        Work::Together(run) => Work::Together(counted_together(ctx, queue.name, run)),
    };
    Queue { work, ..queue }
}

fn counted_each(ctx: &Ctx, queue: &'static str, run: Handler) -> Handler {
    let ctx = ctx.clone();
    handler(move |job| {
        let org = job.org_id.map(tracing::field::display);
        let span = tracing::info_span!("job", queue, job.id, org);
        let running = Running::of(&ctx, queue, 1);
        let work = run(job);
        async move {
            let verdict = work.await;
            running.end(std::slice::from_ref(&verdict));
            verdict
        }
        .instrument(span)
    })
}

fn counted_together(ctx: &Ctx, queue: &'static str, run: SetHandler) -> SetHandler {
    let ctx = ctx.clone();
    set_handler(move |jobs, room| {
        let span = tracing::info_span!("jobs", queue, count = jobs.len());
        let running = Running::of(&ctx, queue, jobs.len());
        let work = run(jobs, room);
        async move {
            let verdicts = work.await;
            let ended = verdicts.as_deref().unwrap_or_default().iter().map(|(_, verdict)| verdict.clone());
            match &verdicts {
                Ok(_) => running.end(&ended.collect::<Vec<_>>()),
                // They are run again, in halves.
                Err(_) => running.failed(),
            }
            verdicts
        }
        .instrument(span)
    })
}

/// Jobs while they run.
struct Running {
    ctx: Ctx,
    queue: &'static str,
    began: Timestamp,
    /// How many have not ended.
    jobs: usize,
}

impl Running {
    fn of(ctx: &Ctx, queue: &'static str, jobs: usize) -> Self {
        Self { ctx: ctx.clone(), queue, began: ctx.now(), jobs }
    }

    /// These are the verdicts of some; the others have been settled already.
    fn end(mut self, verdicts: &[Verdict]) {
        for verdict in verdicts {
            self.count(match verdict {
                Verdict::Done => "done",
                Verdict::Settled => "settled",
                Verdict::Later(..) => "later",
                Verdict::Retry(_) => "retry",
                Verdict::Dead(_) => "dead",
            });
        }
        for _ in verdicts.len()..self.jobs {
            self.count("settled");
        }
        self.jobs = 0;
    }

    fn failed(mut self) {
        self.count_rest("retry");
    }

    fn count_rest(&mut self, verdict: &'static str) {
        for _ in 0..std::mem::take(&mut self.jobs) {
            self.count(verdict);
        }
    }

    fn count(&self, verdict: &'static str) {
        self.ctx.meters.job(self.queue, verdict, self.ctx.now().since(self.began));
    }
}

impl Drop for Running {
    /// What is given up half-way has panicked, or somebody else has taken its lease.
    fn drop(&mut self) {
        match self.jobs {
            0 => {}
            _ if std::thread::panicking() => self.count_rest("panicked"),
            _ => self.ctx.meters.lease_lost(self.queue),
        }
    }
}
