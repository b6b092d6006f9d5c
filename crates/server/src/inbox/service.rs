//! The inbox as use cases: look, take over, give back, close, find.

use std::collections::HashMap;

use rules::consent::Purpose;
use rules::conversation::{AiState, ConversationStatus};
use rules::gate::{self, Decision, Form};
use rules::id::{ContactId, ConversationId, MediaId, MemberId, MessageId, NumberId, OrgId};
use rules::identity::Phone;
use rules::message::Author;
use rules::role::Right;
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde_json::json;
use store::contacts::Contact;
use store::conversations::{Conversation, ConversationCounts, ConversationFilter, ConversationRow};
use store::knowledge::Answer;
use store::media::Media;
use store::messages::{Attempt, Message, Towards};
use store::{Cursor, OrgScope, Page};

use super::news;
use crate::alerts;
use crate::contacts::LabelChange;
use crate::ctx::Ctx;
use crate::dispatch;
use crate::http::{OrgActor, Problem};
use crate::rights;

/// A page of conversations.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    filter: &ConversationFilter,
    after: Cursor,
    limit: usize,
) -> Result<Page<ConversationRow>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.conversations(filter, after, limit).await?)
}

/// How many conversations want what.
pub(super) async fn counts(ctx: &Ctx, actor: &OrgActor) -> Result<ConversationCounts, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.conversation_counts(actor.member()).await?)
}

/// Every label that a conversation has.
pub(super) async fn labels(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<String>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.conversation_labels().await?)
}

/// A conversation, with what may be sent in it now.
pub(super) struct Detail {
    pub row: ConversationRow,
    /// What the gate says to a free-form message of a member. `None`: the number is gone from our records.
    pub free_form: Option<Decision>,
    /// What it says to an approved template of each purpose.
    pub templates: Vec<(Purpose, Decision)>,
}

/// One conversation.
pub(super) async fn detail(ctx: &Ctx, actor: &OrgActor, id: ConversationId) -> Result<Detail, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let row = scope.conversation_row(id).await?.ok_or_else(Problem::not_found)?;
    let settings = settings(&mut scope).await?;
    let facts = scope.gate_facts(row.conversation.id, None).await?;
    let Some(facts) = facts else { return Ok(Detail { row, free_form: None, templates: Vec::new() }) };
    let free_form = gate::decide(&facts.facts(Author::Member, Form::FreeForm, &settings), ctx.now());
    let templates = dispatch::ask_each(ctx, &mut scope, &facts, &settings).await?;
    Ok(Detail { row, free_form: Some(free_form), templates })
}

/// With whom a conversation is to be opened.
pub(super) enum With {
    Contact(ContactId),
    /// A phone number as people write it; without a country code it is one of the organisation's country.
    Phone(String),
}

/// The conversation with a person through a number, made if there is none. Nothing is sent.
pub(super) async fn open(
    ctx: &Ctx,
    actor: &OrgActor,
    with: With,
    number: NumberId,
) -> Result<(ConversationRow, bool), Problem> {
    actor.require(Right::WriteInbox)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let settings = settings(&mut scope).await?;
    if !scope.numbers(None).await?.iter().any(|known| known.id == number) {
        return Err(Problem::not_found());
    }
    let contact = match with {
        With::Contact(id) => scope.contact(id).await?.ok_or_else(Problem::not_found)?.id,
        With::Phone(text) => {
            let country = scope.org().await?.map(|org| org.country);
            let phone = Phone::from_human(&text, country.as_deref())
                .map_err(|error| Problem::invalid_field("phone", error.to_string()))?;
            rights::contact_by_phone(ctx, &mut scope, &phone, now).await?.contact
        }
    };
    let ai = if settings.ai.enabled { AiState::On } else { AiState::Off };
    let (conversation, new) = scope.open_conversation(contact, number, ai, now, ctx.chance()).await?;
    if new {
        news::conversation_updated(&mut scope, conversation.id, now).await?;
    }
    let row = scope.conversation_row(conversation.id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok((row, new))
}

/// What to do with a conversation.
pub(super) enum Change {
    Assign(Option<MemberId>),
    Status(ConversationStatus),
    Snooze(Option<Timestamp>),
    Label(LabelChange),
    Ai { state: AiState, reason: &'static str },
    Read,
    Unread,
}

impl Change {
    fn word(&self) -> &'static str {
        match self {
            Self::Assign(_) => "conversation.assign",
            Self::Status(ConversationStatus::Closed) => "conversation.close",
            Self::Status(ConversationStatus::Open) => "conversation.reopen",
            Self::Snooze(_) => "conversation.snooze",
            Self::Label(_) => "conversation.label",
            Self::Ai { .. } => "conversation.ai",
            Self::Read => "conversation.read",
            Self::Unread => "conversation.unread",
        }
    }

    fn details(&self, before: &Conversation) -> serde_json::Value {
        match self {
            Self::Assign(to) => json!({ "before": before.assignee_id, "after": to }),
            Self::Snooze(until) => json!({ "before": before.snoozed_until, "after": until }),
            Self::Label(labels) => {
                json!({ "before": before.labels.0, "after": labels.applied_to(&before.labels.0).ok() })
            }
            Self::Ai { state, reason } => json!({ "before": before.ai, "after": state, "reason": reason }),
            Self::Status(_) | Self::Read | Self::Unread => json!({}),
        }
    }

    /// Looking is no deed that anyone asks after later.
    fn is_audited(&self) -> bool {
        !matches!(self, Self::Read | Self::Unread)
    }
}

/// Changes a conversation. Repeating a change changes nothing.
pub(super) async fn change(
    ctx: &Ctx,
    actor: &OrgActor,
    id: ConversationId,
    change: Change,
) -> Result<ConversationRow, Problem> {
    actor.require(Right::WriteInbox)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let before = scope.conversation_for_change(id).await?.ok_or_else(Problem::not_found)?;
    if make(&mut scope, &before, &change, now).await? {
        if change.is_audited() {
            actor.audit(ctx, &mut scope, change.word(), before.id, change.details(&before)).await?;
        }
        news::conversation_updated(&mut scope, before.id, now).await?;
        // Whoever takes a conversation themselves need not be told.
        if let Change::Assign(Some(member)) = change
            && actor.member() != Some(member)
        {
            alerts::assigned(&mut scope, before.id, member, now).await?;
        }
    }
    let row = scope.conversation_row(before.id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(row)
}

async fn make(
    scope: &mut OrgScope<'_>,
    before: &Conversation,
    change: &Change,
    now: Timestamp,
) -> Result<bool, Problem> {
    let id = before.id;
    Ok(match change {
        Change::Assign(member) => {
            if let Some(member) = member
                && scope.member(*member).await?.is_none()
            {
                return Err(Problem::invalid_field("member_id", "is no member of this organisation"));
            }
            scope.assign_conversation(id, *member).await?
        }
        Change::Status(status) => scope.set_conversation_status(id, *status).await?,
        Change::Snooze(until) => {
            if before.status == ConversationStatus::Closed {
                return Err(Problem::conflict(
                    "conversation_closed",
                    "The conversation is closed and out of sight already. Reopen it first to put it away for a while.",
                ));
            }
            if until.is_some_and(|until| until <= now) {
                return Err(Problem::invalid_field("until", "must be in the future"));
            }
            scope.snooze_conversation(id, *until).await?
        }
        Change::Label(labels) => scope.label_conversation(id, &labels.applied_to(&before.labels.0)?).await?,
        Change::Ai { state, reason } => scope.set_ai(id, *state, Some(reason), now).await?,
        Change::Read => {
            let changed = scope.mark_conversation(id, false).await?;
            if changed && let Some(latest) = scope.latest_inbound(id).await? {
                dispatch::read_later(scope, latest.id, now).await?;
            }
            changed
        }
        Change::Unread => scope.mark_conversation(id, true).await?,
    })
}

/// Shows the contact that somebody is writing.
pub(super) async fn typing(ctx: &Ctx, actor: &OrgActor, id: ConversationId) -> Result<(), Problem> {
    actor.require(Right::WriteInbox)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let conversation = scope.conversation(id).await?.ok_or_else(Problem::not_found)?;
    if let Some(latest) = scope.latest_inbound(conversation.id).await? {
        dispatch::typing_later(&mut scope, latest.id, ctx.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A message with its files and, where the AI wrote it, what it rests on.
pub(super) struct Shown {
    pub org: OrgId,
    pub message: Message,
    pub media: Vec<Media>,
    pub answer: Option<Answer>,
}

/// Which part of a thread.
pub(super) enum Part {
    /// Back in time from here.
    Older(Cursor),
    /// On from here.
    Newer(Cursor),
    /// Before and after a message.
    Around(MessageId),
}

/// A part of a thread, oldest message first.
pub(super) struct Stretch {
    pub items: Vec<Shown>,
    /// Where older messages go on.
    pub older: Option<Cursor>,
    /// Where newer ones go on, now or once they are there.
    pub newer: Option<Cursor>,
    /// Whether there are newer ones now.
    pub has_newer: bool,
}

/// Messages of a conversation.
pub(super) async fn thread(
    ctx: &Ctx,
    actor: &OrgActor,
    id: ConversationId,
    part: Part,
    limit: usize,
) -> Result<Stretch, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let id = scope.conversation(id).await?.ok_or_else(Problem::not_found)?.id;
    let (messages, has_older, has_newer) = match part {
        Part::Older(from) => {
            let page = scope.thread(id, Towards::Older(from), limit).await?;
            (reversed(page.items), page.next.is_some(), from != Cursor::NEWEST)
        }
        Part::Newer(from) => {
            let page = scope.thread(id, Towards::Newer(from), limit).await?;
            (page.items, true, page.next.is_some())
        }
        Part::Around(middle) => {
            let middle = scope.message(middle).await?.filter(|found| found.thread.conversation_id == id);
            let middle = middle.ok_or_else(Problem::not_found)?;
            let from = place(&middle);
            let older = scope.thread(id, Towards::Older(from), limit / 2).await?;
            let newer = scope.thread(id, Towards::Newer(from), limit / 2).await?;
            let (has_older, has_newer) = (older.next.is_some(), newer.next.is_some());
            let messages = reversed(older.items).into_iter().chain([middle]).chain(newer.items).collect();
            (messages, has_older, has_newer)
        }
    };
    let older = messages.first().filter(|_| has_older).map(place);
    let newer = messages.last().map(place);
    Ok(Stretch { items: shown(&mut scope, messages).await?, older, newer, has_newer })
}

fn place(message: &Message) -> Cursor {
    Cursor { at: message.at, id: message.id.0 }
}

fn reversed(mut messages: Vec<Message>) -> Vec<Message> {
    messages.reverse();
    messages
}

/// Adds files and sources to messages: two queries for all of them.
async fn shown(scope: &mut OrgScope<'_>, messages: Vec<Message>) -> Result<Vec<Shown>, Problem> {
    let org = scope.id();
    let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
    let written: Vec<_> =
        messages.iter().filter(|message| message.author == Author::Ai).map(|message| message.id).collect();
    let mut media: HashMap<MessageId, Vec<Media>> = HashMap::new();
    for file in scope.media_of(&ids).await? {
        if let Some(message) = file.message_id {
            media.entry(message).or_default().push(file);
        }
    }
    for (message, file) in carried(scope, &messages).await? {
        media.entry(message).or_default().push(file);
    }
    let answers = scope.answers_of_messages(&written).await?;
    let mut answers: HashMap<_, _> =
        answers.into_iter().filter_map(|answer| Some((answer.message_id?, answer))).collect();
    Ok(messages
        .into_iter()
        .map(|message| Shown {
            org,
            media: media.remove(&message.id).unwrap_or_default(),
            answer: answers.remove(&message.id),
            message,
        })
        .collect())
}

/// The uploads that messages of ours carry.
async fn carried(scope: &mut OrgScope<'_>, messages: &[Message]) -> Result<Vec<(MessageId, Media)>, Problem> {
    let named = |message: &Message| {
        let id = message.content.0.get("media_id")?.as_str()?.parse::<MediaId>().ok()?;
        Some((message.id, id))
    };
    let named: Vec<_> = messages.iter().filter_map(named).collect();
    let ids: Vec<_> = named.iter().map(|(_, id)| *id).collect();
    let files: HashMap<_, _> =
        scope.media_by_id(&ids).await?.into_iter().map(|file| (file.id, file)).collect();
    Ok(named.into_iter().filter_map(|(message, id)| Some((message, files.get(&id)?.clone()))).collect())
}

/// One message, with every attempt to send it.
pub(super) async fn message(
    ctx: &Ctx,
    actor: &OrgActor,
    id: MessageId,
) -> Result<(Shown, Vec<Attempt>), Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let message = scope.message(id).await?.ok_or_else(Problem::not_found)?;
    let attempts = scope.attempts(id).await?;
    let shown = shown(&mut scope, vec![message]).await?.pop().ok_or_else(Problem::not_found)?;
    Ok((shown, attempts))
}

/// Messages whose fate nobody knows.
pub(super) async fn unresolved(
    ctx: &Ctx,
    actor: &OrgActor,
    after: Cursor,
    limit: usize,
) -> Result<Page<Shown>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let page = scope.unresolved_messages(after, limit).await?;
    Ok(Page { items: shown(&mut scope, page.items).await?, next: page.next })
}

/// A message that was found, and whose conversation it is in.
pub(super) struct Hit {
    pub message: Message,
    pub contact: Option<Contact>,
}

/// Messages that hold these words, newest first.
pub(super) async fn search(
    ctx: &Ctx,
    actor: &OrgActor,
    words: &str,
    conversation: Option<ConversationId>,
    after: Cursor,
    limit: usize,
) -> Result<Page<Hit>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let conversation = match conversation {
        Some(id) => Some(scope.conversation(id).await?.ok_or_else(Problem::not_found)?.id),
        None => None,
    };
    let page = scope.search_messages(words, conversation, after, limit).await?;
    let ids: Vec<_> = page.items.iter().map(|message| message.thread.contact_id).collect();
    let contacts: HashMap<_, _> =
        scope.contacts_by_id(&ids).await?.into_iter().map(|contact| (contact.id, contact)).collect();
    let hit = |message: Message| Hit { contact: contacts.get(&message.thread.contact_id).cloned(), message };
    Ok(Page { items: page.items.into_iter().map(hit).collect(), next: page.next })
}

async fn settings(scope: &mut OrgScope<'_>) -> Result<OrgSettings, Problem> {
    Ok(scope.org().await?.map(|org| OrgSettings::read(&org.settings)).unwrap_or_default())
}
