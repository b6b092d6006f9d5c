//! A batch of messages.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use rules::id::{ConsentEventId, ConversationId, MessageId, OrgId};
use rules::message::Kind;
use rules::outreach::OutreachOutcome;
use rules::time::Timestamp;
use serde_json::Value;

use super::{Json, MessagePlace, NewMessage, Outgoing, Step, Thread, Utterance, wamid_hash};
use crate::batch::{Batch, each, many_each, one_each};
use crate::error::Result;
use crate::rows::Rows;

/// A message and what becomes of it.
#[derive(Clone, Debug)]
pub struct Move<'a> {
    /// The organisation.
    pub org: OrgId,
    /// The message.
    pub message: MessageId,
    /// What becomes of it.
    pub step: Step<'a>,
}

/// What the gate said about a message when it was asked last.
#[derive(Clone, Debug)]
pub struct Decided<'a> {
    /// The organisation.
    pub org: OrgId,
    /// The message.
    pub message: MessageId,
    /// What it said.
    pub decision: &'a Value,
    /// The ledger entry that allows the message.
    pub consent_event: Option<ConsentEventId>,
    /// Why the message waits or is refused.
    pub problem: Option<&'a Value>,
}

/// What was moved, and where it belongs.
#[derive(sqlx::FromRow)]
struct Moved {
    org_id: OrgId,
    id: MessageId,
    kind: Kind,
    #[sqlx(flatten)]
    thread: Thread,
}

/// What a step fills in beside the state.
macro_rules! facts_of_steps {
    () => {
        "sent_at = CASE WHEN messages.sent_at IS NULL AND w.state = 'sent' THEN w.at ELSE messages.sent_at END, \
         delivered_at = CASE WHEN messages.delivered_at IS NULL AND w.state = 'delivered' THEN w.at \
                        ELSE messages.delivered_at END, \
         read_at = CASE WHEN messages.read_at IS NULL AND w.state IN ('read', 'played') THEN w.at \
                   ELSE messages.read_at END, \
         pricing = COALESCE(messages.pricing, w.pricing), wamid = COALESCE(messages.wamid, w.wamid), \
         wamid_hash = COALESCE(messages.wamid_hash, w.wamid_hash)"
    };
}

/// Steps of messages, as a statement sees them.
fn steps<'r>(moves: &'r [Move<'_>], which: &'r [usize]) -> Rows<'r, usize> {
    let step = |n: &usize| &moves[*n].step;
    Rows::of(which)
        .column("org_id", |n| moves[*n].org)
        .column("id", |n| moves[*n].message)
        .column("state", move |n| step(n).state)
        .column("rank", move |n| i64::from(step(n).state.rank()))
        .column("at", move |n| step(n).at)
        .column("problem", move |n| step(n).problem.map(Json))
        .column("pricing", move |n| step(n).pricing.map(Json))
        .column("wamid", move |n| step(n).wamid)
        .column("wamid_hash", move |n| step(n).wamid.map(wamid_hash))
}

impl Batch<'_> {
    /// Messages by their ids, as far as sending them needs it.
    pub async fn outgoing(&mut self, keys: &[(OrgId, MessageId)]) -> Result<Vec<Option<Outgoing>>> {
        let named = self.tx.join("messages", "m", "m.org_id = w.org_id AND m.id = w.id");
        let rows = each!(
            self.tx,
            keys,
            "SELECT w.n, m.conversation_id, m.contact_id, m.number_id, m.author, m.kind, m.content, m.reply_to, \
             m.state, m.changed_at FROM w",
            &named
        );
        Ok(one_each(keys.len(), rows))
    }

    /// Where messages of these ids stand.
    pub async fn message_places(&mut self, keys: &[(OrgId, MessageId)]) -> Result<Vec<Option<MessagePlace>>> {
        let named = self.tx.join("messages", "m", "m.org_id = w.org_id AND m.id = w.id");
        let rows = each!(
            self.tx,
            keys,
            "SELECT w.n, m.id, m.conversation_id, m.contact_id, m.number_id, m.state FROM w",
            &named
        );
        Ok(one_each(keys.len(), rows))
    }

    /// Where messages of these wamids stand, in whatever conversation; of several the first.
    pub async fn message_places_by_wamid(
        &mut self,
        keys: &[(OrgId, &str)],
    ) -> Result<Vec<Option<MessagePlace>>> {
        let hashes: Vec<_> = keys.iter().map(|(org, wamid)| (*org, wamid_hash(wamid).to_vec())).collect();
        let named = self.tx.join("messages", "m", "m.org_id = w.org_id AND m.wamid_hash = w.id");
        let rows = each!(
            self.tx,
            hashes.iter().map(|(org, hash)| (*org, hash.as_slice())).collect::<Vec<_>>(),
            "SELECT w.n, m.id, m.conversation_id, m.contact_id, m.number_id, m.state FROM w",
            &named,
            " ORDER BY m.id DESC"
        );
        Ok(one_each(keys.len(), rows))
    }

    /// The newest messages of each conversation, newest first, at most so many.
    pub async fn newest_messages(
        &mut self,
        keys: &[(OrgId, ConversationId)],
        most: i64,
    ) -> Result<Vec<Vec<Utterance>>> {
        let theirs = "x.org_id = w.org_id AND x.conversation_id = w.id";
        let newest = self.tx.join_first("messages", "m", theirs, "x.at DESC, x.id DESC", most);
        let rows = each!(
            self.tx,
            keys,
            "SELECT w.n, m.id, m.direction, m.author, m.kind, m.content, m.body, m.created_at FROM w",
            &newest,
            " ORDER BY w.n, m.at DESC, m.id DESC"
        );
        Ok(many_each(keys.len(), rows))
    }

    /// Moves messages on, each if its new state outranks the one it has. `None`: it does not, or there is no such
    /// message; times, price and wamid are filled in all the same where they were missing. Several steps of one message
    /// are taken in their order.
    pub async fn advance_messages(
        &mut self,
        moves: &[Move<'_>],
        now: Timestamp,
    ) -> Result<Vec<Option<Thread>>> {
        let mut threads: Vec<Option<Thread>> = vec![None; moves.len()];
        let mut left: Vec<usize> = (0..moves.len()).collect();
        while !left.is_empty() {
            // One statement takes one step of a message.
            let mut seen = HashSet::new();
            let (mut round, later): (Vec<usize>, Vec<usize>) =
                left.into_iter().partition(|n| seen.insert((moves[*n].org, moves[*n].message)));
            // In one order everywhere, so that two nodes do not wait for each other in a circle.
            round.sort_unstable_by_key(|n| (moves[*n].org, moves[*n].message));
            for chunk in self.tx.sets(&round) {
                self.take_steps(moves, chunk, &mut threads, now).await?;
            }
            left = later;
        }
        Ok(threads)
    }

    async fn take_steps(
        &mut self,
        moves: &[Move<'_>],
        which: &[usize],
        threads: &mut [Option<Thread>],
        now: Timestamp,
    ) -> Result<()> {
        let steps = steps(moves, which);
        let moved: Vec<Moved> = on!(self.tx, c => {
            let mut query = steps.with();
            query.push("UPDATE messages SET state = w.state, rank = w.rank, problem = w.problem, changed_at = ");
            query.push_bind(now);
            query.push(concat!(
                ", failed_at = CASE WHEN w.state IN ('failed', 'refused') THEN w.at ELSE messages.failed_at END, ",
                facts_of_steps!(),
                " FROM w WHERE messages.org_id = w.org_id AND messages.id = w.id AND messages.rank < w.rank \
                 RETURNING messages.org_id, messages.id, messages.kind, messages.conversation_id, messages.contact_id, \
                 messages.number_id"
            ));
            query.build_query_as().fetch_all(c).await
        })?;
        let outcomes: HashMap<_, _> = which
            .iter()
            .filter_map(|n| {
                Some(((moves[*n].org, moves[*n].message), OutreachOutcome::of(moves[*n].step.state)?))
            })
            .collect();
        // What was begun by us and not by the contact has a record that goes with it.
        let follows: Vec<_> = moved
            .iter()
            .filter(|one| one.kind == Kind::Template)
            .filter_map(|one| Some((one.org_id, one.id, *outcomes.get(&(one.org_id, one.id))?)))
            .collect();
        self.outreach_follows(&follows, now).await?;
        let moved: HashMap<_, _> = moved.into_iter().map(|one| ((one.org_id, one.id), one.thread)).collect();
        let mut behind = Vec::new();
        for n in which.iter().copied() {
            threads[n] = moved.get(&(moves[n].org, moves[n].message)).copied();
            if threads[n].is_none() {
                behind.push(n);
            }
        }
        for set in self.tx.sets(&behind) {
            self.fill_in(moves, set).await?;
        }
        Ok(())
    }

    /// Facts of steps that came late: the state stays where it is.
    async fn fill_in(&mut self, moves: &[Move<'_>], which: &[usize]) -> Result<()> {
        let steps = steps(moves, which);
        on!(self.tx, c => {
            let mut query = steps.with();
            query.push(concat!(
                "UPDATE messages SET ", facts_of_steps!(),
                " FROM w WHERE messages.org_id = w.org_id AND messages.id = w.id \
                 AND ((messages.sent_at IS NULL AND w.state = 'sent') \
                   OR (messages.delivered_at IS NULL AND w.state = 'delivered') \
                   OR (messages.read_at IS NULL AND w.state IN ('read', 'played')) \
                   OR (messages.pricing IS NULL AND w.pricing IS NOT NULL) \
                   OR (messages.wamid IS NULL AND w.wamid IS NOT NULL))"
            ));
            query.build().execute(c).await.map(|_| ())
        })?;
        Ok(())
    }

    /// Keeps what the gate said about messages when it was asked last.
    pub async fn set_decisions(&mut self, decided: &[Decided<'_>]) -> Result<()> {
        // In one order everywhere, so that two nodes do not wait for each other in a circle.
        let mut decided: Vec<&Decided<'_>> = decided.iter().collect();
        decided.sort_unstable_by_key(|one| (one.org, one.message));
        for chunk in self.tx.sets(&decided) {
            let rows = Rows::of(chunk)
                .column("org_id", |one| one.org)
                .column("id", |one| one.message)
                .column("decision", |one| Json(one.decision))
                .column("consent_event_id", |one| one.consent_event)
                .column("problem", |one| one.problem.map(Json));
            on!(self.tx, c => rows.with()
                .push(
                    "UPDATE messages SET decision = w.decision, consent_event_id = w.consent_event_id, problem = w.problem \
                     FROM w WHERE messages.org_id = w.org_id AND messages.id = w.id",
                )
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Stores messages in their order. `false`: the conversation holds one with the same wamid already, and that one was
    /// not stored.
    pub async fn insert_messages(&mut self, messages: &[(OrgId, NewMessage<'_>)]) -> Result<Vec<bool>> {
        let wamids = |of: fn(&NewMessage<'_>) -> Option<[u8; 16]>| {
            let hashes = messages.iter().map(move |(_, message)| of(message));
            hashes.enumerate().filter_map(|(n, hash)| Some((n, hash?))).collect::<Vec<_>>()
        };
        let own = wamids(|message| message.wamid.map(wamid_hash));
        let meant = wamids(|message| message.reply_to.map(wamid_hash));
        let mut there: HashSet<usize> = self.find(messages, &own).await?.into_keys().collect();
        let mut answered = self.find(messages, &meant).await?;
        // The same message twice within the batch.
        let mut seen = HashSet::new();
        there.extend(own.iter().filter_map(|(n, hash)| {
            let (org, message) = &messages[*n];
            (!seen.insert((*org, *hash, message.thread.conversation_id))).then_some(*n)
        }));
        let new: Vec<_> = (0..messages.len()).filter(|n| !there.contains(n)).collect();
        // What is answered, corrected or taken back may come in the same batch.
        let place = |n: usize, hash: [u8; 16]| (messages[n].0, messages[n].1.thread.conversation_id, hash);
        let with: HashMap<_, MessageId> = own
            .iter()
            .filter(|(n, _)| !there.contains(n))
            .map(|(n, hash)| (place(*n, *hash), messages[*n].1.id))
            .collect();
        for (n, hash) in &meant {
            if let (Entry::Vacant(empty), Some(id)) = (answered.entry(*n), with.get(&place(*n, *hash))) {
                empty.insert(*id);
            }
        }
        for set in self.tx.sets(&new) {
            self.write(messages, set, &answered).await?;
        }
        Ok((0..messages.len()).map(|n| !there.contains(&n)).collect())
    }

    /// Messages with these hashes in the conversations of the messages that they are for.
    async fn find(
        &mut self,
        messages: &[(OrgId, NewMessage<'_>)],
        hashes: &[(usize, [u8; 16])],
    ) -> Result<HashMap<usize, MessageId>> {
        let mut found: Vec<(i64, MessageId)> = Vec::with_capacity(hashes.len());
        for set in self.tx.sets(hashes) {
            found.extend(self.find_set(messages, set).await?);
        }
        Ok(found.into_iter().filter_map(|(n, id)| Some((usize::try_from(n).ok()?, id))).collect())
    }

    async fn find_set(
        &mut self,
        messages: &[(OrgId, NewMessage<'_>)],
        hashes: &[(usize, [u8; 16])],
    ) -> Result<Vec<(i64, MessageId)>> {
        let rows = Rows::of(hashes)
            .column("n", |(n, _)| i64::try_from(*n).unwrap_or(i64::MAX))
            .column("org_id", |(n, _)| messages[*n].0)
            .column("hash", |(_, hash)| hash)
            .column("conversation_id", |(n, _)| messages[*n].1.thread.conversation_id);
        let theirs =
            "m.org_id = w.org_id AND m.wamid_hash = w.hash AND m.conversation_id = w.conversation_id";
        let theirs = self.tx.join("messages", "m", theirs);
        Ok(on!(self.tx, c => rows.with()
        .push("SELECT w.n, m.id FROM w")
        .push(&theirs)
        .build_query_as()
        .fetch_all(c)
        .await)?)
    }

    async fn write(
        &mut self,
        messages: &[(OrgId, NewMessage<'_>)],
        which: &[usize],
        answered: &HashMap<usize, MessageId>,
    ) -> Result<()> {
        let message = |n: &usize| &messages[*n].1;
        let rows = Rows::of(which)
            .column("org_id", |n| messages[*n].0)
            .column("id", |n| message(n).id)
            .column("conversation_id", |n| message(n).thread.conversation_id)
            .column("contact_id", |n| message(n).thread.contact_id)
            .column("number_id", |n| message(n).thread.number_id)
            .column("direction", |n| message(n).direction)
            .column("author", |n| message(n).author)
            .column("author_id", |n| message(n).author_id)
            .column("kind", |n| message(n).kind)
            .column("content", |n| Json(message(n).content))
            .column("body", |n| message(n).body)
            .column("reply_to", |n| message(n).reply_to)
            .column("state", |n| message(n).state)
            .column("rank", |n| i64::from(message(n).state.rank()))
            .column("wamid", |n| message(n).wamid)
            .column("wamid_hash", |n| message(n).wamid.map(wamid_hash))
            .column("at", |n| message(n).at)
            .column("created_at", |n| message(n).created_at)
            .column("changed_at", |n| message(n).created_at)
            .column("sent_at", |n| message(n).sent_at)
            .column("decision", |n| message(n).decision.map(Json))
            .column("consent_event_id", |n| message(n).consent_event)
            .column("client_ref", |n| message(n).client_ref)
            .column("reply_to_id", |n| answered.get(n).copied());
        let stored: Vec<(OrgId, i64)> = on!(self.tx, c => rows.insert_into("messages")
        .push(" RETURNING org_id, row_id")
        .build_query_as()
        .fetch_all(c)
        .await)?;
        self.tx.index_later(&stored).await
    }
}
