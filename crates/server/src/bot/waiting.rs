//! What waits in a conversation for an answer.
//!
//! What is unanswered goes by which messages an answer says it answers, never by times alone: webhooks arrive late and
//! out of order, and a message that slips before an answer in the thread is still to be answered.

use std::collections::BTreeSet;
use std::time::Duration;

use rules::id::{MessageId, OrgId};
use rules::message::{Author, Direction, Kind};
use rules::time::{Timestamp, span};
use store::Batch;
use store::conversations::Conversation;
use store::messages::Utterance;

use super::spoken;

/// How far back a conversation is read.
const SIGHT: i64 = 30;
/// Messages this much older than the newest are no longer waiting for an answer.
const STALE: Duration = span::hours(1);

/// The contact's messages that wait for an answer, oldest first, and what was said before.
pub(super) struct Waiting {
    pub messages: Vec<Utterance>,
    /// Whether by the contact, and the words; oldest first.
    pub history: Vec<(bool, String)>,
    /// What the last answers have answered.
    pub answered: BTreeSet<MessageId>,
}

impl Waiting {
    /// What waits in each of these conversations.
    pub async fn read(
        batch: &mut Batch<'_>,
        conversations: &[(OrgId, &Conversation)],
    ) -> store::Result<Vec<Self>> {
        let keys: Vec<_> = conversations.iter().map(|(org, conversation)| (*org, conversation.id)).collect();
        let threads = batch.newest_messages(&keys, SIGHT).await?;
        let answered = batch.answered_in(&keys, SIGHT).await?;
        let parts = threads.into_iter().zip(answered).zip(conversations);
        Ok(parts
            .map(|((thread, answered), (_, conversation))| {
                Self::part(thread, answered, conversation.ai_changed_at)
            })
            .collect())
    }

    /// Parts a thread, newest first. What came before the AI was switched on is not its affair; neither is what a
    /// person or a machine of the organisation has answered, nor STOP and START.
    fn part(thread: Vec<Utterance>, answered: BTreeSet<MessageId>, ai_since: Timestamp) -> Self {
        let ours = |message: &Utterance| {
            message.direction == Direction::Outbound && !matches!(message.author, Author::Ai | Author::System)
        };
        let replied = thread.iter().filter(|message| ours(message)).map(|message| message.created_at).max();
        let newest = thread
            .iter()
            .filter(|message| message.direction == Direction::Inbound)
            .map(|message| message.created_at)
            .max();
        let waits = |message: &Utterance| {
            message.direction == Direction::Inbound
                && message.created_at >= ai_since
                && replied.is_none_or(|at| message.created_at > at)
                && newest.is_none_or(|at| message.created_at >= at - STALE)
                && !answered.contains(&message.id)
        };
        let (mut messages, mut history) = (Vec::new(), Vec::new());
        for message in thread.into_iter().rev() {
            if message.author == Author::System
                || !spoken::speaks(message.kind)
                || spoken::is_keyword(&message)
            {
                continue;
            }
            if waits(&message) {
                messages.push(message);
            } else if let Some(words) = spoken::words(&message) {
                history.push((message.direction == Direction::Inbound, words.to_owned()));
            }
        }
        Self { messages, history, answered }
    }

    pub fn ids(&self) -> BTreeSet<MessageId> {
        self.messages.iter().map(|message| message.id).collect()
    }

    /// The words to answer, several quick messages joined.
    pub fn words(&self) -> String {
        self.messages.iter().filter_map(spoken::words).collect::<Vec<_>>().join("\n")
    }

    /// The newest thing among what waits that was not looked at, such as a picture.
    pub fn unseen(&self) -> Option<Kind> {
        self.messages.iter().rev().map(|message| message.kind).find(|kind| spoken::is_more_than_words(*kind))
    }

    /// What the contact said last in words.
    pub fn last_words(&self) -> Option<&str> {
        let waiting = self.messages.iter().rev().filter_map(spoken::words);
        let before = self.history.iter().rev().filter(|(theirs, _)| *theirs).map(|(_, words)| words.as_str());
        waiting.chain(before).find(|words| spoken::has_letters(words))
    }
}
