//! The conversations that a batch of messages belongs to.

use std::collections::HashMap;

use rules::conversation::{AiState, ConversationStatus};
use rules::id::{ContactId, ConversationId, MessageId, NumberId, OrgId};
use rules::time::{Randomness, Timestamp};

use super::{Conversation, Json, conversation_columns};
use crate::batch::{Batch, Nth, each, one_each};
use crate::error::{Result, StoreError};
use crate::rows::Rows;

/// A person and a number that they talk through.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The organisation.
    pub org: OrgId,
    /// The person.
    pub contact: ContactId,
    /// The number.
    pub number: NumberId,
    /// What a new conversation starts with.
    pub ai: AiState,
    /// When it is written down.
    pub now: Timestamp,
}

/// A message of a contact, as far as its conversation shows it.
#[derive(Clone, Debug)]
pub struct Heard<'a> {
    /// The organisation.
    pub org: OrgId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// Its place in the thread.
    pub at: Timestamp,
    /// Meta's own time of it, from which the window counts; `None`: it opens none and counts as nothing unread.
    pub meta_at: Option<Timestamp>,
    /// Its beginning.
    pub preview: &'a str,
}

#[derive(sqlx::FromRow)]
struct Held {
    #[expect(dead_code, reason = "only that it is held matters")]
    id: ConversationId,
}

/// What several messages of one conversation come to.
struct Sum<'a> {
    newest: &'a Heard<'a>,
    meta_at: Option<Timestamp>,
    unread: i64,
}

impl Batch<'_> {
    /// Conversations by their ids; the id of one that became part of another leads to that one.
    pub async fn conversations(
        &mut self,
        keys: &[(OrgId, ConversationId)],
    ) -> Result<Vec<Option<Conversation>>> {
        let named = self.tx.join("conversations", "o", "o.org_id = w.org_id AND o.id = w.id");
        let meant = concat!("v.org_id = o.org_id AND v.id = ", merged_id!("o"));
        let meant = self.tx.join("conversations", "v", meant);
        let rows =
            each!(self.tx, keys, concat!("SELECT w.n, ", conversation_columns!(), " FROM w"), &named, &meant);
        Ok(one_each(keys.len(), rows))
    }

    /// The same, held until the transaction ends: what contacts, people and the AI say at the same time takes turns.
    pub async fn conversations_for_change(
        &mut self,
        keys: &[(OrgId, ConversationId)],
    ) -> Result<Vec<Option<Conversation>>> {
        let mut keys = keys.to_vec();
        loop {
            self.hold_conversations(&keys).await?;
            let found = self.conversations(&keys).await?;
            let mut moved = false;
            for ((_, id), conversation) in keys.iter_mut().zip(&found) {
                if let Some(conversation) = conversation.as_ref().filter(|found| found.id != *id) {
                    // It became part of another, perhaps while we waited for it: that one is meant.
                    *id = conversation.id;
                    moved = true;
                }
            }
            if !moved {
                return Ok(found);
            }
        }
    }

    /// Holds conversations until the transaction ends: what is written into them meanwhile waits. On SQLite everything
    /// does.
    pub async fn hold_conversations(&mut self, keys: &[(OrgId, ConversationId)]) -> Result<()> {
        if !self.tx.is_postgres() {
            return Ok(());
        }
        // In one order everywhere, so that two nodes do not wait for each other in a circle.
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let named = self.tx.join("conversations", "v", "v.org_id = w.org_id AND v.id = w.id");
        let hold = self.tx.hold("v");
        let _: Vec<Nth<Held>> = each!(self.tx, &keys, "SELECT w.n, v.id FROM w", &named, &hold);
        Ok(())
    }

    /// The conversations of these pairs, in their order; those that there were not are made. The second value says
    /// whether one is new, the first time it comes up.
    pub async fn open_conversations(
        &mut self,
        pairs: &[Pair],
        chance: &dyn Randomness,
    ) -> Result<Vec<(Conversation, bool)>> {
        let mut places: HashMap<(OrgId, ContactId, NumberId), usize> = HashMap::new();
        let mut distinct: Vec<Pair> = Vec::new();
        let at: Vec<usize> = pairs
            .iter()
            .map(|pair| {
                *places.entry((pair.org, pair.contact, pair.number)).or_insert_with(|| {
                    distinct.push(*pair);
                    distinct.len() - 1
                })
            })
            .collect();
        let mut open: Vec<Option<Conversation>> = distinct.iter().map(|_| None).collect();
        for (from, chunk) in self.tx.numbered_sets(&distinct) {
            for found in self.conversations_of(chunk).await? {
                if let Some(place) = open.get_mut(from + found.place()) {
                    *place = Some(found.row);
                }
            }
        }
        let mut made = Vec::new();
        for (pair, place) in distinct.iter().zip(&mut open).filter(|(_, place)| place.is_none()) {
            let conversation = Conversation::of(pair, ConversationId::fresh(pair.now, chance));
            made.push((pair.org, conversation.clone()));
            *place = Some(conversation);
        }
        // In one order everywhere, so that two nodes do not wait for each other in a circle.
        made.sort_unstable_by_key(|(org, one)| (*org, one.contact_id, one.number_id));
        self.insert_conversations(&made).await?;
        let mut new: Vec<bool> = open
            .iter()
            .map(|one| made.iter().any(|(_, made)| one.as_ref().is_some_and(|one| one.id == made.id)))
            .collect();
        Ok(at.into_iter().filter_map(|at| Some((open[at].clone()?, std::mem::take(&mut new[at])))).collect())
    }

    async fn conversations_of(&mut self, pairs: &[Pair]) -> Result<Vec<Nth<Conversation>>> {
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let rows = Rows::numbered(pairs, 0)
            .column("org_id", |pair| pair.org)
            .column("contact_id", |pair| pair.contact)
            .column("number_id", |pair| pair.number);
        let theirs = "v.org_id = w.org_id AND v.contact_id = w.contact_id AND v.number_id = w.number_id";
        let theirs = self.tx.join("conversations", "v", theirs);
        Ok(on!(self.tx, c => rows.with()
            .push(concat!("SELECT w.n, ", conversation_columns!(), " FROM w"))
            .push(&theirs)
            .build_query_as()
            .fetch_all(c)
            .await)?)
    }

    async fn insert_conversations(&mut self, made: &[(OrgId, Conversation)]) -> Result<()> {
        for chunk in self.tx.sets(made) {
            let rows = Rows::of(chunk)
                .column("org_id", |(org, _)| *org)
                .column("id", |(_, one)| one.id)
                .column("contact_id", |(_, one)| one.contact_id)
                .column("number_id", |(_, one)| one.number_id)
                .column("status", |(_, one)| one.status)
                .column("ai", |(_, one)| one.ai)
                .column("ai_changed_at", |(_, one)| one.ai_changed_at)
                .column("last_message_at", |(_, one)| one.last_message_at)
                .column("preview", |_| "")
                .column("unread", |_| 0_i64)
                .column("labels", |_| "[]")
                .column("created_at", |(_, one)| one.created_at);
            let added = on!(self.tx, c => rows.insert_into("conversations")
            .push(" ON CONFLICT (org_id, contact_id, number_id) DO NOTHING")
            .build()
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
            if usize::try_from(added).is_ok_and(|added| added < chunk.len()) {
                // Somebody faster has made one of them: whoever looks again finds theirs.
                return Err(StoreError::Taken("conversations_pair".into()));
            }
        }
        Ok(())
    }

    /// Contacts wrote or were written to, or did something without effect on window and unread: see
    /// [`OrgScope::record_inbound`](crate::OrgScope::record_inbound) and
    /// [`OrgScope::record_outbound`](crate::OrgScope::record_outbound).
    pub async fn show_messages(&mut self, heard: &[Heard<'_>]) -> Result<()> {
        let mut sums: HashMap<(OrgId, ConversationId), Sum<'_>> = HashMap::new();
        for one in heard {
            let sum = sums.entry((one.org, one.conversation)).or_insert(Sum {
                newest: one,
                meta_at: one.meta_at,
                unread: 0,
            });
            sum.unread += i64::from(one.meta_at.is_some());
            sum.meta_at = sum.meta_at.max(one.meta_at);
            if one.at >= sum.newest.at {
                sum.newest = one;
            }
        }
        let mut sums: Vec<_> = sums.into_values().collect();
        // In one order everywhere, so that two nodes do not wait for each other in a circle.
        sums.sort_unstable_by_key(|sum| (sum.newest.org, sum.newest.conversation));
        for chunk in self.tx.sets(&sums) {
            let rows = Rows::of(chunk)
                .column("org_id", |sum| sum.newest.org)
                .column("id", |sum| sum.newest.conversation)
                .column("message_id", |sum| sum.newest.message)
                .column("at", |sum| sum.newest.at)
                .column("preview", |sum| sum.newest.preview)
                .column("meta_at", |sum| sum.meta_at)
                .column("unread", |sum| sum.unread);
            on!(self.tx, c => rows.with()
                .push(
                    "UPDATE conversations SET status = CASE WHEN w.unread > 0 THEN 'open' ELSE status END, \
                     unread = conversations.unread + w.unread, \
                     snoozed_until = CASE WHEN w.unread > 0 THEN NULL ELSE snoozed_until END, \
                     last_inbound_at = CASE WHEN last_inbound_at IS NULL OR last_inbound_at < w.meta_at \
                     THEN COALESCE(w.meta_at, last_inbound_at) ELSE last_inbound_at END, \
                     last_message_id = CASE WHEN last_message_id IS NULL OR last_message_at <= w.at \
                     THEN w.message_id ELSE last_message_id END, \
                     preview = CASE WHEN last_message_id IS NULL OR last_message_at <= w.at \
                     THEN w.preview ELSE conversations.preview END, \
                     last_message_at = CASE WHEN last_message_id IS NULL OR last_message_at <= w.at \
                     THEN w.at ELSE last_message_at END \
                     FROM w WHERE conversations.org_id = w.org_id AND conversations.id = w.id",
                )
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }
}

impl Conversation {
    /// A new one.
    fn of(pair: &Pair, id: ConversationId) -> Self {
        Self {
            id,
            contact_id: pair.contact,
            number_id: pair.number,
            status: ConversationStatus::Open,
            assignee_id: None,
            ai: pair.ai,
            ai_reason: None,
            ai_changed_at: pair.now,
            last_inbound_at: None,
            last_message_at: pair.now,
            last_message_id: None,
            preview: String::new(),
            unread: 0,
            snoozed_until: None,
            labels: Json(Vec::new()),
            attribution: None,
            created_at: pair.now,
        }
    }
}
