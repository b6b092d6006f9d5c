//! Every queue on one screen.

use jobs::Queue;

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
    rooms.into_iter().flatten().collect()
}
