//! Every queue on one screen.

use jobs::Queue;

use crate::ctx::Ctx;
use crate::{identity, media};

/// The queues of every room, for the runner.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    [identity::jobs::queues(ctx), media::queues(ctx)].into_iter().flatten().collect()
}
