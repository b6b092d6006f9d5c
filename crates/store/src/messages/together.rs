//! A batch of messages.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use rules::id::{MessageId, OrgId};
use sqlx::QueryBuilder;

use super::{Json, NewMessage, wamid_hash};
use crate::batch::Batch;
use crate::error::Result;

/// A row has 24 values, and SQLite takes 32,766 in all.
const ROWS: usize = 1_000;

impl Batch<'_> {
    /// Stores messages in their order. `false`: the conversation holds one with the same wamid already, and that one was
    /// not stored.
    pub async fn insert_messages(&mut self, messages: &[(OrgId, NewMessage<'_>)]) -> Result<Vec<bool>> {
        let mut stored = Vec::with_capacity(messages.len());
        for chunk in messages.chunks(ROWS) {
            let wamids = |of: fn(&NewMessage<'_>) -> Option<[u8; 16]>| {
                let hashes = chunk.iter().map(move |(_, message)| of(message));
                hashes.enumerate().filter_map(|(n, hash)| Some((n, hash?))).collect::<Vec<_>>()
            };
            let own = wamids(|message| message.wamid.map(wamid_hash));
            let meant = wamids(|message| message.reply_to.map(wamid_hash));
            let mut there: HashSet<usize> = self.find(chunk, &own).await?.into_keys().collect();
            let mut answered = self.find(chunk, &meant).await?;
            // The same message twice within the batch.
            let mut seen = HashSet::new();
            there.extend(own.iter().filter_map(|(n, hash)| {
                let (org, message) = &chunk[*n];
                (!seen.insert((*org, *hash, message.thread.conversation_id))).then_some(*n)
            }));
            let new: Vec<_> = (0..chunk.len()).filter(|n| !there.contains(n)).collect();
            // What is answered, corrected or taken back may come in the same batch.
            let place = |n: usize, hash: [u8; 16]| (chunk[n].0, chunk[n].1.thread.conversation_id, hash);
            let with: HashMap<_, MessageId> = own
                .iter()
                .filter(|(n, _)| !there.contains(n))
                .map(|(n, hash)| (place(*n, *hash), chunk[*n].1.id))
                .collect();
            for (n, hash) in &meant {
                if let (Entry::Vacant(empty), Some(id)) = (answered.entry(*n), with.get(&place(*n, *hash))) {
                    empty.insert(*id);
                }
            }
            self.write(chunk, &new, &answered).await?;
            stored.extend((0..chunk.len()).map(|n| !there.contains(&n)));
        }
        Ok(stored)
    }

    /// Messages with these hashes in the conversations of the messages that they are for.
    async fn find(
        &mut self,
        messages: &[(OrgId, NewMessage<'_>)],
        hashes: &[(usize, [u8; 16])],
    ) -> Result<HashMap<usize, MessageId>> {
        if hashes.is_empty() {
            return Ok(HashMap::new());
        }
        let found: Vec<(i64, MessageId)> = on!(self.tx, c => QueryBuilder::new(
            "WITH w (n, org_id, hash, conversation_id) AS (",
        )
        .push_values(hashes, |mut row, (n, hash)| {
            let (org, message) = &messages[*n];
            row.push_bind(i64::try_from(*n).unwrap_or(i64::MAX))
                .push_bind(*org)
                .push_bind(hash.as_slice())
                .push_bind(message.thread.conversation_id);
        })
        .push(
            ") SELECT w.n, m.id FROM w JOIN messages m ON m.org_id = w.org_id AND m.wamid_hash = w.hash \
             AND m.conversation_id = w.conversation_id",
        )
        .build_query_as().persistent(false)
        .fetch_all(c)
        .await)?;
        Ok(found.into_iter().filter_map(|(n, id)| Some((usize::try_from(n).ok()?, id))).collect())
    }

    async fn write(
        &mut self,
        messages: &[(OrgId, NewMessage<'_>)],
        which: &[usize],
        answered: &HashMap<usize, MessageId>,
    ) -> Result<()> {
        if which.is_empty() {
            return Ok(());
        }
        on!(self.tx, c => QueryBuilder::new(
            "INSERT INTO messages (org_id, id, conversation_id, contact_id, number_id, direction, author, author_id, \
             kind, content, body, reply_to, state, rank, wamid, wamid_hash, at, created_at, changed_at, sent_at, \
             decision, consent_event_id, client_ref, reply_to_id) ",
        )
        .push_values(which, |mut row, n| {
            let (org, message) = &messages[*n];
            row.push_bind(*org)
                .push_bind(message.id)
                .push_bind(message.thread.conversation_id)
                .push_bind(message.thread.contact_id)
                .push_bind(message.thread.number_id)
                .push_bind(message.direction)
                .push_bind(message.author)
                .push_bind(message.author_id)
                .push_bind(message.kind)
                .push_bind(Json(message.content))
                .push_bind(message.body)
                .push_bind(message.reply_to)
                .push_bind(message.state)
                .push_bind(i64::from(message.state.rank()))
                .push_bind(message.wamid)
                .push_bind(message.wamid.map(|wamid| wamid_hash(wamid).to_vec()))
                .push_bind(message.at)
                .push_bind(message.created_at)
                .push_bind(message.created_at)
                .push_bind(message.sent_at)
                .push_bind(message.decision.map(Json))
                .push_bind(message.consent_event)
                .push_bind(message.client_ref)
                .push_bind(answered.get(n).copied());
        })
        .build().persistent(false)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}
