//! Messages: of a conversation, one by one, unresolved, found by their words.

use axum::extract::State;
use garde::Validate;
use rules::id::{AnswerId, ContactId, ConversationId, MessageId, NumberId, OrgId};
use rules::message::{Author, Direction, Kind, MessageState};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Cursor, Json as Stored};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::contacts::api::Contact;
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};
use crate::inbox::service::{self, Part, Shown};
use crate::media::api::File;

/// A message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The person.
    pub contact_id: ContactId,
    /// The number.
    pub number_id: NumberId,
    /// Who it comes from.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// The member who wrote it, or the answer behind it.
    pub author_id: Option<Uuid>,
    /// What it is made of.
    pub kind: Kind,
    /// All of it, as it went over the wire, so that what was really said can be looked up. Inbound: what Meta told, as
    /// `{"type": "text", "body": …}`, a location's coordinates, the choice made, … Outbound: the message as Meta is sent it,
    /// under its type, as `{"text": {"body": …}}` or `{"interactive": {…}}`, and `media_id` for a stored file. It is not the
    /// shape of `content` in `POST …/messages`, which is ours and shorter; for showing a message `kind`, `body` and `media`
    /// are enough.
    #[schema(value_type = Object)]
    pub content: Value,
    /// Its human text: text, caption, label, place, names. Empty where it has none.
    pub body: String,
    /// The message that it answers, reacts to, corrects or takes back; `null` where that is unknown to us.
    pub reply_to: Option<MessageId>,
    /// Where it stands.
    pub state: MessageState,
    /// Meta's id of it.
    pub wamid: Option<String>,
    /// Its place in the thread.
    pub at: Timestamp,
    /// When it left Meta, or when the contact sent it.
    pub sent_at: Option<Timestamp>,
    /// When it reached the device.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// When it failed or was refused.
    pub failed_at: Option<Timestamp>,
    /// Why it failed, was refused or waits: a code, a sentence in English and Indonesian, what to do.
    #[schema(value_type = Option<Object>)]
    pub problem: Option<Value>,
    /// What Meta says it costs.
    #[schema(value_type = Option<Object>)]
    pub pricing: Option<Value>,
    /// The caller's own name for it.
    pub client_ref: Option<String>,
    /// The files that came with it, or that it carries.
    pub media: Vec<File>,
    /// What the answer rests on, where the AI wrote it.
    pub answer: Option<Answer>,
}

/// What an answer of the AI rests on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Answer {
    /// Its id.
    pub id: AnswerId,
    /// Who answered: `embedded`, or the name of a model.
    pub engine: String,
    /// How it ended: `answered`, `refused`, `small_talk`, `hand_off`.
    pub verdict: String,
    /// The language of the answer.
    pub language: String,
    /// The passages considered, with source and score.
    #[schema(value_type = Vec<Object>)]
    pub passages: Value,
}

impl From<Shown> for Message {
    fn from(shown: Shown) -> Self {
        let (org, message) = (shown.org, shown.message);
        let plain = |json: Option<Stored<Value>>| json.map(|json| json.0);
        Self {
            id: message.id,
            conversation_id: message.thread.conversation_id,
            contact_id: message.thread.contact_id,
            number_id: message.thread.number_id,
            direction: message.direction,
            author: message.author,
            author_id: message.author_id,
            kind: message.kind,
            content: message.content.0,
            body: message.body,
            reply_to: message.reply_to_id,
            state: message.state,
            wamid: message.wamid,
            at: message.at,
            sent_at: message.sent_at,
            delivered_at: message.delivered_at,
            read_at: message.read_at,
            failed_at: message.failed_at,
            problem: plain(message.problem),
            pricing: plain(message.pricing),
            client_ref: message.client_ref,
            media: shown.media.into_iter().map(|media| File::of(org, media)).collect(),
            answer: shown.answer.map(|answer| Answer {
                id: answer.id,
                engine: answer.engine,
                verdict: answer.verdict,
                language: answer.language,
                passages: serde_json::from_str(&answer.passages).unwrap_or(Value::Array(Vec::new())),
            }),
        }
    }
}

/// Part of a conversation, oldest message first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Thread {
    /// The messages.
    items: Vec<Message>,
    /// Send it as `older_than` for what was written before; `null` at the beginning.
    older: Option<String>,
    /// Send it as `newer_than` for what was written since, now or later; `null` while there is no message.
    newer: Option<String>,
    /// Whether there are newer messages already.
    has_newer: bool,
}

/// Which part of a conversation: at most one of the first three. Without them, the newest.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub(super) struct ThreadQuery {
    /// What was written before: `older` of a part.
    older_than: Option<String>,
    /// What was written since: `newer` of a part. Catches up after a lost connection.
    newer_than: Option<String>,
    /// What was written before and after this message: for a search result.
    around: Option<MessageId>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

impl ThreadQuery {
    fn part(&self) -> Result<Part, Problem> {
        let cursor = |text: &str| {
            let unread =
                "`older_than` and `newer_than` take `older` and `newer` of a part of the same conversation.";
            Cursor::parse(text).ok_or_else(|| Problem::bad_request("bad_cursor", unread))
        };
        match (&self.older_than, &self.newer_than, self.around) {
            (None, None, None) => Ok(Part::Older(Cursor::NEWEST)),
            (Some(text), None, None) => Ok(Part::Older(cursor(text)?)),
            (None, Some(text), None) => Ok(Part::Newer(cursor(text)?)),
            (None, None, Some(message)) => Ok(Part::Around(message)),
            _ => Err(Problem::bad_request(
                "malformed_query",
                "Give at most one of `older_than`, `newer_than` and `around`.",
            )),
        }
    }
}

/// Messages of a conversation, with files, sources and statuses.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/conversations/{conversation}/messages", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path), ThreadQuery),
    responses((status = OK, body = Thread)))]
pub(super) async fn list_messages(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Query(query): Query<ThreadQuery>,
) -> Result<Json<Thread>, Problem> {
    let limit = PageQuery { after: None, limit: query.limit }.limit();
    let stretch = service::thread(&ctx, &actor, path.1, query.part()?, limit).await?;
    Ok(Json(Thread {
        items: stretch.items.into_iter().map(Message::from).collect(),
        older: stretch.older.map(|cursor| cursor.to_string()),
        newer: stretch.newer.map(|cursor| cursor.to_string()),
        has_newer: stretch.has_newer,
    }))
}

/// A message, and every time that it was handed to Meta.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MessageDetail {
    /// The message.
    #[serde(flatten)]
    message: Message,
    /// What the gate said the last time it was asked, with the ground or the reason.
    #[schema(value_type = Option<Object>)]
    decision: Option<Value>,
    /// Every time that it was handed to Meta, in order.
    attempts: Vec<Attempt>,
}

/// One time that a message was handed to Meta.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Attempt {
    /// When the request began.
    started_at: Timestamp,
    /// When its answer came; `null` while it is awaited.
    finished_at: Option<Timestamp>,
    /// `sent`, `retry`, `never`, `later` or `unknown`.
    outcome: Option<String>,
    /// What Meta said.
    #[schema(value_type = Option<Object>)]
    problem: Option<Value>,
}

/// One message, with every attempt to send it.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/messages/{message}", tag = "Inbox",
    params(("org" = OrgId, Path), ("message" = MessageId, Path)), responses((status = OK, body = MessageDetail)))]
pub(super) async fn get_message(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, MessageId)>,
) -> Result<Json<MessageDetail>, Problem> {
    let (mut shown, attempts) = service::message(&ctx, &actor, path.1).await?;
    let decision = shown.message.decision.take().map(|json| json.0);
    let attempts = attempts.into_iter().map(|attempt| Attempt {
        started_at: attempt.started_at,
        finished_at: attempt.finished_at,
        outcome: attempt.outcome,
        problem: attempt.problem.map(|json| json.0),
    });
    Ok(Json(MessageDetail { message: shown.into(), decision, attempts: attempts.collect() }))
}

/// Messages whose fate nobody knows: Meta's answer was lost and no status came. They are never sent again by
/// themselves; ask the contact, or retry one.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/messages/unresolved", tag = "Inbox",
    params(("org" = OrgId, Path), PageQuery), responses((status = OK, body = List<Message>)))]
pub(super) async fn list_unresolved(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Message>>, Problem> {
    Ok(Json(service::unresolved(&ctx, &actor, page.cursor()?, page.limit()).await?.into()))
}

/// What to look for.
#[derive(Clone, Debug, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub(super) struct SearchQuery {
    /// Words that the message holds, each whole or by its beginning.
    #[garde(length(min = 1, max = 200))]
    q: String,
    /// In this conversation only.
    conversation_id: Option<ConversationId>,
    /// Where to go on: `next` of the page before.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// A message that was found. Show it in its thread with `around`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Found {
    /// The message.
    message_id: MessageId,
    /// Its conversation.
    conversation_id: ConversationId,
    /// The person.
    contact: Option<Contact>,
    /// Whose it is.
    direction: Direction,
    /// Who wrote it.
    author: Author,
    /// What it is made of.
    kind: Kind,
    /// When it was written.
    at: Timestamp,
    /// Its text, or the part of it around the first word found.
    excerpt: String,
}

/// Find messages by their words, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/messages/search", tag = "Inbox",
    params(("org" = OrgId, Path), SearchQuery), responses((status = OK, body = List<Found>)))]
pub(super) async fn search_messages(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<SearchQuery>,
) -> Result<Json<List<Found>>, Problem> {
    let page = PageQuery { after: query.after, limit: query.limit };
    let (after, limit) = (page.cursor()?, page.limit());
    let hits = service::search(&ctx, &actor, &query.q, query.conversation_id, after, limit).await?;
    let found = |hit: service::Hit| Found {
        message_id: hit.message.id,
        conversation_id: hit.message.thread.conversation_id,
        contact: hit.contact.map(Contact::from),
        direction: hit.message.direction,
        author: hit.message.author,
        kind: hit.message.kind,
        at: hit.message.at,
        excerpt: excerpt(&hit.message.body, &query.q),
    };
    let next = hits.next.map(|cursor| cursor.to_string());
    Ok(Json(List { items: hits.items.into_iter().map(found).collect(), next }))
}

/// At most so many characters of a text, around the first of the words.
fn excerpt(text: &str, words: &str) -> String {
    const LONGEST: usize = 240;
    const BEFORE: usize = 80;
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= LONGEST {
        return text.to_owned();
    }
    let lower =
        |text: &str| text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect::<Vec<char>>();
    let (haystack, words) = (lower(text), words.split_whitespace().map(lower).collect::<Vec<_>>());
    let hit = (0..haystack.len()).find(|&at| words.iter().any(|word| haystack[at..].starts_with(word)));
    let from = hit.unwrap_or(0).saturating_sub(BEFORE).min(letters.len() - LONGEST);
    let mut shown: String = letters[from..from + LONGEST].iter().collect();
    if from > 0 {
        shown.insert(0, '…');
    }
    if from + LONGEST < letters.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_shows_the_word_that_was_found() {
        assert_eq!(excerpt("Berapa harga kopi?", "harga"), "Berapa harga kopi?");
        let long = format!("{} HARGANYA 85.000 {}", "a".repeat(500), "b".repeat(500));
        let shown = excerpt(&long, "kopi harga");
        assert!(shown.contains("HARGANYA") && shown.starts_with('…') && shown.ends_with('…'));
        assert_eq!(shown.chars().count(), 242);
        assert!(excerpt(&long, "nothing").starts_with("aaa"));
        assert!(excerpt(&"ş".repeat(400), "x").ends_with('…'));
    }
}
