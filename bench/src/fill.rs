//! Fills an organisation: so many conversations of so many messages, and in the newest of them so many.
//!
//! Invariant: the `n`th newest conversation and the `n`th newest message are the same in every organisation, so that a
//! small and a large one show the same and differ in nothing but what lies behind.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rules::conversation::{AiState, ConversationStatus};
use rules::id::{ContactId, ConversationId, MemberId, MessageId, NumberId, OrgId};
use rules::identity::Phone;
use rules::message::{Author, Direction, Kind, MessageState};
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::contacts::Contact;
use store::conversations::Conversation;
use store::messages::{Message, Thread};
use store::{Cursor, Json, Store};
use testkit::Seeded;

use crate::texts;

/// How much of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Amount {
    /// Conversations of the organisation.
    pub conversations: usize,
    /// Messages of its newest conversation.
    pub messages: usize,
    /// Messages of every other.
    pub each: usize,
}

/// What was made, as far as a page needs it.
#[derive(Clone, Copy, Debug)]
pub struct Filled {
    /// The newest conversation, which has the many messages.
    pub thread: ConversationId,
}

/// About how many messages are brought to the store at once.
const BATCH: usize = 10_000;
/// How much of the words is indexed in one transaction.
const WORDS: i64 = 5_000;
/// How far conversations lie apart.
const APART: Duration = Duration::from_secs(37);

/// Fills an organisation that has a number and a member.
pub async fn fill(
    store: &Store,
    org: OrgId,
    number: NumberId,
    amount: Amount,
    now: Timestamp,
) -> Result<Filled> {
    let chance = Seeded::default();
    let mut tx = store.begin().await?;
    let mut scope = tx.org(org).await?;
    let member = scope.members(Cursor::NEWEST, 1).await?.items.first().map(|member| member.id);
    drop(tx);
    let maker = Maker { number, member, now, chance: &chance };
    let mut newest = None;
    let all: Vec<usize> = (0..amount.conversations).collect();
    for part in all.chunks((BATCH / amount.each.max(1)).max(1)) {
        let (mut contacts, mut conversations, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for (contact, mut conversation, message) in part.iter().map(|n| maker.conversation(*n)) {
            let thread = message.thread;
            if newest.is_none() {
                newest = Some(conversation.id);
                let whole = maker.thread(thread, amount.messages);
                conversation.last_message_id = whole.first().map(|message| message.id);
                messages.extend(whole);
            } else {
                let mut at = message.at;
                messages.push(message);
                for n in 1..amount.each {
                    at = at - Duration::from_secs(40);
                    messages.push(maker.message(thread, n, at));
                }
            }
            contacts.push(contact);
            conversations.push(conversation);
        }
        // A transaction each, so that none grows with the amount.
        let mut tx = store.begin().await?;
        let mut scope = tx.org(org).await?;
        scope.write_contacts(&contacts).await?;
        scope.write_conversations(&conversations).await?;
        scope.write_messages(&messages).await?;
        tx.commit().await?;
    }
    let thread = newest.context("an organisation of no conversations measures nothing")?;
    Ok(Filled { thread })
}

/// Makes every word findable, as the gateway does beside its work.
pub async fn index(store: &Store) -> Result<()> {
    loop {
        let mut tx = store.begin().await?;
        let done = tx.index_messages(WORDS).await?;
        tx.commit().await?;
        if i64::try_from(done).is_ok_and(|done| done < WORDS) {
            return Ok(());
        }
    }
}

/// Writes so many keys of updates that came today, spread over their whole index as hashes are. In order, which is how an
/// index fills fastest.
pub async fn remember(store: &Store, count: usize, now: Timestamp) -> Result<()> {
    let apart = u128::MAX / (count as u128).max(1);
    let all: Vec<usize> = (0..count).collect();
    for part in all.chunks(BATCH) {
        let keys: Vec<[u8; 16]> = part.iter().map(|n| (apart * *n as u128).to_be_bytes()).collect();
        let mut tx = store.begin().await?;
        tx.write_update_keys(&keys, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

struct Maker<'a> {
    number: NumberId,
    member: Option<MemberId>,
    now: Timestamp,
    chance: &'a Seeded,
}

impl Maker<'_> {
    /// The `n`th newest conversation with its person and its last message.
    fn conversation(&self, n: usize) -> (Contact, Conversation, Message) {
        let at = self.now - Duration::from_secs(60) - APART * u32::try_from(n).unwrap_or(u32::MAX);
        let contact_id = ContactId::fresh(at, self.chance);
        let id = ConversationId::fresh(at, self.chance);
        let thread = Thread { conversation_id: id, contact_id, number_id: self.number };
        let message = self.message(thread, n, at);
        let is_open = n % 10 < 7;
        let labels = match n % 12 {
            0 => vec!["Pelanggan setia".to_owned()],
            7 => vec!["Grosir".to_owned(), "Follow up".to_owned()],
            _ => Vec::new(),
        };
        let contact = Contact {
            id: contact_id,
            name: String::new(),
            profile_name: Some(texts::name(n)),
            username: None,
            phone: Phone::from_wire(&format!("62812{n:08}")),
            bsuid: None,
            email: None,
            language: Some("id".to_owned()),
            timezone: None,
            labels: Json(labels),
            created_at: at,
            updated_at: at,
        };
        let said = if message.direction == Direction::Inbound { texts::asked(n) } else { texts::answered(n) };
        let conversation = Conversation {
            id,
            contact_id,
            number_id: self.number,
            status: if is_open { ConversationStatus::Open } else { ConversationStatus::Closed },
            assignee_id: self.member.filter(|_| is_open && n % 5 == 1),
            ai: if n % 20 == 3 { AiState::HandedOff } else { AiState::On },
            ai_reason: (n % 20 == 3).then(|| "asked_for_person".to_owned()),
            ai_changed_at: at,
            last_inbound_at: Some(at),
            last_message_at: at,
            last_message_id: Some(message.id),
            preview: texts::preview(&said),
            unread: if n % 4 == 1 { i64::try_from(n % 3).unwrap_or(0) + 1 } else { 0 },
            snoozed_until: (is_open && n % 25 == 4).then(|| self.now + Duration::from_secs(86_400)),
            labels: Json(Vec::new()),
            attribution: None,
            created_at: at,
        };
        (contact, conversation, message)
    }

    /// So many messages of a conversation, the newest first.
    fn thread(&self, thread: Thread, count: usize) -> Vec<Message> {
        let mut at = self.now - Duration::from_secs(60);
        let mut messages: Vec<Message> = Vec::with_capacity(count);
        for n in 0..count {
            messages.push(self.message(thread, n, at));
            at = at - Duration::from_secs(if n.is_multiple_of(4) { 1_500 } else { 40 });
            // Now and then the next newer one is a reaction to it.
            if n % 17 == 9
                && let [.., newer, older] = messages.as_mut_slice()
            {
                react(newer, older);
            }
        }
        messages
    }

    /// The `n`th newest message of a conversation.
    fn message(&self, thread: Thread, n: usize, at: Timestamp) -> Message {
        let is_inbound = n % 7 < 3;
        let said = if is_inbound { texts::asked(n) } else { texts::answered(n) };
        let author = match (is_inbound, n % 3) {
            (true, _) => Author::Contact,
            (false, 0) => Author::Member,
            (false, _) => Author::Ai,
        };
        let state = match (is_inbound, n % 50) {
            (true, _) => MessageState::Received,
            (false, 5) => MessageState::Failed,
            (false, 0..=6) => MessageState::Delivered,
            (false, _) => MessageState::Read,
        };
        let id = MessageId::fresh(at, self.chance);
        let later = at + Duration::from_secs(2);
        let is_read = state == MessageState::Read;
        Message {
            id,
            thread,
            direction: if is_inbound { Direction::Inbound } else { Direction::Outbound },
            author,
            author_id: self.member.filter(|_| author == Author::Member).map(|member| member.0),
            kind: said.kind,
            content: Json(said.content),
            body: said.body,
            reply_to: None,
            reply_to_id: None,
            state,
            wamid: Some(format!("wamid.{id}")),
            at,
            created_at: at,
            changed_at: later,
            sent_at: Some(at),
            delivered_at: (is_read || state == MessageState::Delivered).then_some(later),
            read_at: is_read.then_some(later),
            failed_at: (state == MessageState::Failed).then_some(later),
            problem: (state == MessageState::Failed).then(|| Json(undeliverable())),
            pricing: None,
            decision: None,
            consent_event_id: None,
            client_ref: None,
        }
    }
}

fn react(message: &mut Message, to: &Message) {
    message.kind = Kind::Reaction;
    message.content = Json(json!({ "type": "reaction", "emoji": "❤️" }));
    message.body = "❤️".to_owned();
    message.reply_to.clone_from(&to.wamid);
    message.reply_to_id = Some(to.id);
}

fn undeliverable() -> Value {
    json!({ "code": "meta_131026", "meta_code": 131_026,
        "title": { "en": "The message could not be delivered.", "id": "Pesan tidak dapat disampaikan." } })
}
