//! What became of the messages we sent.

use meta::errors::of_failed_status;
use meta::webhook::{MetaError, StatusUpdate};
use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::id::{ConsentEventId, MessageId, OrgId};
use rules::message::MessageState;
use rules::outcome::{Outcome, Scope as Reach};
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::consent::NewConsentEvent;
use store::messages::{MessagePlace, Move, Step, Thread, wamid_hash};
use store::{Batch, OrgScope};

use super::apply::{Fate, Setting};
use crate::trace::step;
use crate::{dispatch, onboarding};

/// Meta: the recipient has chosen to stop marketing messages from this business.
const STOPPED_MARKETING: i64 = 131_050;

/// A status, and what applying it needs.
type Item<'a> = (&'a Setting<'a>, &'a StatusUpdate);

/// A status that says where a message stands.
struct Said<'a> {
    /// Its place among the statuses.
    n: usize,
    setting: &'a Setting<'a>,
    status: &'a StatusUpdate,
    state: MessageState,
    problem: Option<Value>,
    pricing: Option<Value>,
}

/// Moves messages on, in the order of their statuses. A status of a message that we do not know yet is parked: it may have
/// outrun our own record of Meta's answer.
pub(super) async fn apply_all(batch: &mut Batch<'_>, statuses: &[Item<'_>]) -> store::Result<Vec<Fate>> {
    let mut fates: Vec<Fate> = statuses.iter().map(|(_, status)| first_fate(status)).collect();
    let said: Vec<Said<'_>> =
        statuses.iter().enumerate().filter_map(|(n, item)| Said::read(n, *item)).collect();
    let places = find(batch, &said).await?;
    let mut known = Vec::with_capacity(said.len());
    for (said, place) in said.into_iter().zip(places) {
        match place {
            Some(place) => known.push((said, place)),
            None => fates[said.n] = Fate::Parked(wamid_hash(&said.status.id)),
        }
    }
    // All that one batch says was heard at one moment.
    let Some(now) = known.last().map(|(said, _)| said.setting.now) else { return Ok(fates) };
    let moves: Vec<Move<'_>> = known.iter().map(|(said, place)| said.step(place)).collect();
    let moved = batch.advance_messages(&moves, now).await?;
    for ((said, place), thread) in known.iter().zip(moved) {
        let (trace, state) = (said.setting.trace, said.state.as_str());
        step!(
            trace,
            said.setting.route.org_id,
            place.id,
            "Meta told its state",
            state,
            moved = thread.is_some()
        );
        let mut scope = batch.tx().org(said.setting.route.org_id).await?;
        if let Some(thread) = thread {
            announce(&mut scope, said, place, &thread).await?;
            if let Some(error) = said.status.errors.first().filter(|_| said.state == MessageState::Failed) {
                dispatch::failed(&mut scope, place.id, &thread, error.code, said.at(), now).await?;
            }
        }
        heed(&mut scope, said, place).await?;
    }
    Ok(fates)
}

/// What becomes of a status unless its message is not known.
fn first_fate(status: &StatusUpdate) -> Fate {
    match status.group_id {
        Some(_) => Fate::Kept("statuses of group messages are not handled".to_owned()),
        None => Fate::Applied,
    }
}

impl<'a> Said<'a> {
    /// `None`: unknown and legacy words change nothing.
    fn read(n: usize, (setting, status): Item<'a>) -> Option<Self> {
        let state = MessageState::from_status(status.state.as_str()).filter(|_| status.group_id.is_none())?;
        let failed = status.errors.first().filter(|_| state == MessageState::Failed);
        let pricing = status.pricing.as_ref().and_then(|pricing| serde_json::to_value(pricing).ok());
        Some(Self { n, setting, status, state, problem: failed.map(problem), pricing })
    }

    fn at(&self) -> Timestamp {
        self.setting.time(self.status.timestamp)
    }

    fn step(&self, place: &MessagePlace) -> Move<'_> {
        let step = Step {
            state: self.state,
            at: self.at(),
            problem: self.problem.as_ref(),
            pricing: self.pricing.as_ref(),
            wamid: Some(&self.status.id),
        };
        Move { org: self.setting.route.org_id, message: place.id, step }
    }

    /// Our own id of the message, which comes back authenticated.
    fn own_id(&self) -> Option<MessageId> {
        let data = self.status.callback_data.as_deref()?;
        self.setting.ctx.callbacks.read(self.setting.route.org_id, data)
    }
}

/// The messages that statuses speak of: by our own ids; by Meta's, for what was sent before or by other means.
async fn find(batch: &mut Batch<'_>, said: &[Said<'_>]) -> store::Result<Vec<Option<MessagePlace>>> {
    let mut places: Vec<Option<MessagePlace>> = vec![None; said.len()];
    let named: Vec<(usize, (OrgId, MessageId))> = said
        .iter()
        .enumerate()
        .filter_map(|(at, said)| Some((at, (said.setting.route.org_id, said.own_id()?))))
        .collect();
    let keys: Vec<_> = named.iter().map(|(_, key)| *key).collect();
    for ((at, _), place) in named.iter().zip(batch.message_places(&keys).await?) {
        places[*at] = place;
    }
    let rest: Vec<usize> = (0..said.len()).filter(|at| places[*at].is_none()).collect();
    let keys: Vec<_> =
        rest.iter().map(|at| (said[*at].setting.route.org_id, said[*at].status.id.as_str())).collect();
    for (at, place) in rest.into_iter().zip(batch.message_places_by_wamid(&keys).await?) {
        places[at] = place;
    }
    Ok(places)
}

/// A message has moved on.
async fn announce(
    scope: &mut OrgScope<'_>,
    said: &Said<'_>,
    place: &MessagePlace,
    thread: &Thread,
) -> store::Result<()> {
    let news = json!({
        "message_id": place.id, "conversation_id": thread.conversation_id, "state": said.state,
    });
    scope.publish("message.updated", &news, said.setting.now)?;
    if place.state == MessageState::Unknown {
        // What waits behind it in the conversation need not wait any longer.
        dispatch::hurry(scope, place.id, said.setting.now).await?;
    }
    Ok(())
}

/// What a failure says of more than its message.
async fn heed(scope: &mut OrgScope<'_>, said: &Said<'_>, place: &MessagePlace) -> store::Result<()> {
    let Some(error) = said.status.errors.first() else { return Ok(()) };
    let setting = said.setting;
    if said.state == MessageState::Failed
        && matches!(of_failed_status(error), Outcome::Later { scope: Reach::Account | Reach::App, .. })
    {
        // Not this message's own: what the account lacks shows on its connection.
        onboarding::look_again(scope, setting.route.account_id, setting.now).await?;
    }
    if error.code == STOPPED_MARKETING {
        remember_marketing_stop(setting, scope, place, setting.place(said.at())).await?;
    }
    Ok(())
}

fn problem(error: &MetaError) -> Value {
    dispatch::problem::of_code(error.code, None, error.details.as_deref().or(error.title.as_deref()))
}

/// The contact told Meta rather than us; the effect is the same.
async fn remember_marketing_stop(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    place: &MessagePlace,
    at: Timestamp,
) -> store::Result<()> {
    let event = NewConsentEvent {
        id: ConsentEventId::fresh(setting.now, setting.ctx.chance()),
        contact: place.thread.contact_id,
        channel: Channel::Whatsapp,
        purpose: Some(Purpose::Marketing),
        action: ConsentAction::OptOut,
        source: ConsentSource::MetaRefusal,
        evidence: json!({ "message_id": place.id, "code": STOPPED_MARKETING }),
        at,
    };
    scope.append_consent_once(&event).await?;
    Ok(())
}
