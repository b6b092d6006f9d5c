//! A message that stands for no other: a test of a channel, or what asks somebody to confirm a form.

use rules::consent::Channel;
use rules::id::{OrgId, ReachId};
use store::Tx;

use super::links::Door;
use super::post::Notes;
use super::sender::{self, Handed, Letter, Sender};
use crate::ctx::Ctx;

/// What it says, and to whom.
pub(crate) struct Single {
    /// An e-mail address, or a phone number in digits.
    pub to: String,
    /// A mail's subject.
    pub subject: String,
    /// Its text. It may hold a link that speaks for the person.
    pub text: String,
}

/// Whoever carries an organisation's messages on a channel.
pub(crate) struct Carrier {
    org: OrgId,
    channel: Channel,
    sender: Result<Box<dyn Sender>, String>,
}

impl Carrier {
    /// Reads who that is.
    pub(crate) async fn of(ctx: &Ctx, tx: &mut Tx, org: OrgId, channel: Channel) -> store::Result<Self> {
        Ok(Self { org, channel, sender: sender::of(ctx, tx, org, channel).await? })
    }

    /// Hands a message over, once.
    pub(crate) async fn hand_over(&self, ctx: &Ctx, single: Single) -> Handed {
        let sender = match &self.sender {
            Ok(sender) => sender,
            Err(why) => return Handed::Later(why.clone()),
        };
        // What a message centre has to tell of others is kept, since it tells it only once.
        let ear = Notes { ctx: ctx.clone(), org: self.org, channel: self.channel };
        let handed = sender.send(&[letter(ctx, self.org, single)], &ear).await.pop();
        handed.unwrap_or_else(|| Handed::Unknown("nothing was said".to_owned()))
    }
}

/// As whoever carries it takes it.
pub(super) fn letter(ctx: &Ctx, org: OrgId, single: Single) -> Letter {
    let id = ReachId::fresh(ctx.now(), ctx.chance());
    let base = ctx.settings.public_url.as_str().trim_end_matches('/');
    // Nobody is told what becomes of it: there is no such message.
    let report = format!("{base}/webhooks/sms/{}", ctx.links.write(org, Door::Receipt(id)));
    let Single { to, subject, text } = single;
    Letter { id, to, subject, text, unsubscribe: None, report }
}
