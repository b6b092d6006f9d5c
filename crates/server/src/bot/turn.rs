//! One turn of the AI in a conversation: what is unanswered, an answer, and the last look before it goes out.

use std::time::Duration;

use answers::Language;
use jobs::Verdict as JobVerdict;
use meta::send::{Button, Buttons, Content, Framed, Interactive, Reply};
use rules::conversation::AiState;
use rules::id::{AnswerId, ConversationId, MessageId, OrgId};
use rules::knowledge::Verdict;
use rules::message::{Author, Direction, Kind};
use rules::settings::OrgSettings;
use rules::time::span;
use store::conversations::Conversation;
use store::knowledge::NewAnswer;
use store::messages::{Message, Towards};
use store::queue::Job;
use store::{Cursor, OrgScope};

use super::Payload;
use super::compose::{Composed, EMBEDDED, Question, compose};
use super::hand_off::{PERSON, button, hand_off};
use crate::ctx::Ctx;
use crate::dispatch::{self, Draft, NotAccepted};

/// How far back a conversation is read.
const SIGHT: usize = 30;
/// How often it is looked whether the contact has written more while an answer is being made.
const GLANCE: Duration = Duration::from_millis(300);

/// Runs a job of the bot queue.
pub async fn turn(ctx: Ctx, job: Job) -> JobVerdict {
    match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => {
            run(&ctx, &job, &payload).await.unwrap_or_else(|error| JobVerdict::Retry(error.to_string()))
        }
        Err(error) => JobVerdict::Dead(format!("the job does not read: {error}")),
    }
}

async fn run(ctx: &Ctx, job: &Job, payload: &Payload) -> store::Result<JobVerdict> {
    let Some(open) = Open::read(ctx, payload).await? else { return Ok(JobVerdict::Done) };
    let started = ctx.now();
    let composed = tokio::select! {
        composed = open.compose(ctx) => composed?,
        // What was written meanwhile has a job of its own, which answers everything.
        () = overtaken(ctx, payload.org, payload.conversation, open.newest) => return Ok(JobVerdict::Done),
    };
    let micros = i64::try_from(ctx.now().since(started).as_micros()).unwrap_or(i64::MAX);
    commit(ctx, job, payload, &open, &composed, micros).await
}

/// What is open in a conversation: the contact's messages that nobody has answered.
struct Open {
    org: OrgId,
    organisation: String,
    locale: String,
    customer_name: Option<String>,
    settings: OrgSettings,
    unanswered: Vec<Message>,
    history: Vec<(bool, String)>,
    newest: MessageId,
    /// The contact is answered too often: two machines may be talking.
    looping: bool,
}

impl Open {
    /// `None`: the AI has nothing to say here (any more).
    async fn read(ctx: &Ctx, payload: &Payload) -> store::Result<Option<Self>> {
        let mut tx = ctx.store.read().await?;
        let mut scope = tx.org(payload.org).await?;
        let Some(org) = scope.org().await? else { return Ok(None) };
        let settings = OrgSettings::read(&org.settings);
        let Some(conversation) = scope.conversation(payload.conversation).await? else { return Ok(None) };
        if conversation.ai != AiState::On || !settings.ai.enabled {
            return Ok(None);
        }
        let consent = scope.consent_of(conversation.contact_id, settings.inbound_lifts_opt_out).await?;
        if consent.stopped.is_some() {
            return Ok(None);
        }
        let thread = scope.thread(conversation.id, Towards::Older(Cursor::NEWEST), SIGHT).await?.items;
        let (unanswered, history) = divide(&conversation, thread);
        let Some(newest) = unanswered.last().map(|message| message.id) else { return Ok(None) };
        let given = scope.answers_since(conversation.id, ctx.now() - span::hours(1)).await?;
        let contact = scope.contact(conversation.contact_id).await?;
        Ok(Some(Self {
            org: payload.org,
            organisation: org.name,
            locale: org.locale,
            customer_name: contact.and_then(|contact| contact.profile_name),
            looping: given >= i64::from(settings.ai.replies_per_hour),
            settings,
            unanswered,
            history,
            newest,
        }))
    }

    fn prior(&self) -> Option<Language> {
        Language::from_code(&self.locale)
    }

    /// The words to answer, several quick messages joined.
    fn words(&self) -> String {
        let words: Vec<&str> = self
            .unanswered
            .iter()
            .map(|message| message.body.trim())
            .filter(|body| !body.is_empty())
            .collect();
        words.join("\n")
    }

    async fn compose(&self, ctx: &Ctx) -> store::Result<Composed> {
        if self.unanswered.iter().any(|message| tapped(message) == Some(PERSON)) {
            return Ok(self.fixed(Verdict::HandOff, person_called(self.prior())));
        }
        let words = self.words();
        if words.is_empty() {
            return Ok(self.fixed(Verdict::Refused, cannot_read(self.unanswered.last(), self.prior())));
        }
        let question = Question {
            org: self.org,
            organisation: &self.organisation,
            prior: self.prior(),
            text: &words,
            customer_name: self.customer_name.as_deref(),
            history: &self.history,
            settings: &self.settings.ai,
        };
        compose(ctx, &question).await
    }

    fn fixed(&self, verdict: Verdict, text: &str) -> Composed {
        Composed {
            verdict,
            text: text.to_owned(),
            offer_person: verdict == Verdict::Refused,
            language: self.prior().unwrap_or(Language::English),
            engine: EMBEDDED.to_owned(),
            considered: Vec::new(),
            prompt: None,
            tokens_in: 0,
            tokens_out: 0,
        }
    }
}

/// Parts a thread (newest first) into what nobody has answered, oldest first, and what was said before.
fn divide(conversation: &Conversation, thread: Vec<Message>) -> (Vec<Message>, Vec<(bool, String)>) {
    let mut unanswered = Vec::new();
    let mut history = Vec::new();
    for message in thread {
        let by_contact = message.direction == Direction::Inbound;
        // Notices of the system's own answer nothing; what came before the AI was switched on is not its affair.
        let open = history.is_empty() && by_contact && message.created_at >= conversation.ai_changed_at;
        if message.author == Author::System || !speaks(message.kind) {
            continue;
        }
        if open {
            unanswered.push(message);
        } else if !message.body.is_empty() {
            history.push((by_contact, message.body));
        }
    }
    unanswered.reverse();
    history.reverse();
    (unanswered, history)
}

/// Whether a message says something that can be answered.
fn speaks(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Reaction
            | Kind::System
            | Kind::Edit
            | Kind::Revoke
            | Kind::Unsupported
            | Kind::Unknown
            | Kind::Sticker
    )
}

/// The id of the button that a message is the tap on.
fn tapped(message: &Message) -> Option<&str> {
    (message.kind == Kind::Interactive).then(|| message.content.0.get("id")?.as_str()).flatten()
}

/// An honest word about something that holds no words.
fn cannot_read(message: Option<&Message>, prior: Option<Language>) -> &'static str {
    let indonesian = prior == Some(Language::Indonesian);
    match (message.map(|message| message.kind), indonesian) {
        (Some(Kind::Audio), true) => {
            "Maaf, saya belum bisa mendengarkan pesan suara. Silakan tulis pertanyaannya, atau saya sambungkan ke tim kami."
        }
        (Some(Kind::Audio), false) => {
            "Sorry, I cannot listen to voice messages yet. Please write your question, or I can connect you with our team."
        }
        (_, true) => {
            "Maaf, saya hanya bisa membaca tulisan. Silakan tulis pertanyaannya, atau saya sambungkan ke tim kami."
        }
        (_, false) => {
            "Sorry, I can only read text. Please write your question, or I can connect you with our team."
        }
    }
}

fn person_called(prior: Option<Language>) -> &'static str {
    answers::smalltalk::reply(answers::smalltalk::Smalltalk::WantsPerson, prior.unwrap_or(Language::English))
}

/// Comes back when the contact has written more, or the AI has been silenced.
async fn overtaken(ctx: &Ctx, org: OrgId, conversation: ConversationId, newest: MessageId) {
    loop {
        tokio::time::sleep(GLANCE).await;
        if !still_open(ctx, org, conversation, newest).await.unwrap_or(true) {
            return;
        }
    }
}

async fn still_open(
    ctx: &Ctx,
    org: OrgId,
    conversation: ConversationId,
    newest: MessageId,
) -> store::Result<bool> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    is_open(&mut scope, conversation, newest).await
}

async fn is_open(
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    newest: MessageId,
) -> store::Result<bool> {
    let Some(now) = scope.conversation(conversation).await? else { return Ok(false) };
    if now.ai != AiState::On {
        return Ok(false);
    }
    let thread = scope.thread(conversation, Towards::Older(Cursor::NEWEST), SIGHT).await?.items;
    let (unanswered, _) = divide(&now, thread);
    Ok(unanswered.last().is_some_and(|message| message.id == newest))
}

/// The last look and the answer, in one transaction: if the contact wrote again or a person stepped in, nothing is sent.
async fn commit(
    ctx: &Ctx,
    job: &Job,
    payload: &Payload,
    open: &Open,
    composed: &Composed,
    micros: i64,
) -> store::Result<JobVerdict> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    if !is_open(&mut scope, payload.conversation, open.newest).await? {
        return Ok(JobVerdict::Done);
    }
    if open.looping {
        hand_off(&mut scope, payload.conversation, "too_many_replies", now).await?;
        tx.finish(job, now).await?;
        tx.commit().await?;
        return Ok(JobVerdict::Settled);
    }
    let id = AnswerId::fresh(now, ctx.chance());
    let draft = Draft {
        conversation: payload.conversation,
        author: Author::Ai,
        author_id: Some(id.0),
        content: content(composed),
        media: None,
        reply_to: None,
        client_ref: None,
    };
    let message = match dispatch::accept(ctx, &mut scope, &draft, &open.settings).await? {
        Ok(accepted) => Some(accepted.message),
        Err(NotAccepted::Refused(reason)) => {
            tracing::info!(org.id = %payload.org, %reason, "an answer was not sent");
            None
        }
        Err(NotAccepted::NoConversation) => None,
    };
    let words = open.words();
    let passages = serde_json::to_string(&composed.considered)?;
    let prompt = composed.prompt.as_ref().map(|prompt| format!("{}\n\n{}", prompt.system, prompt.user));
    scope
        .insert_answer(&NewAnswer {
            id,
            conversation: Some(payload.conversation),
            message,
            question: &words,
            language: composed.language.code(),
            engine: &composed.engine,
            verdict: composed.verdict.as_str(),
            text: &composed.text,
            passages: &passages,
            prompt: prompt.as_deref(),
            tokens_in: composed.tokens_in,
            tokens_out: composed.tokens_out,
            micros,
            at: now,
        })
        .await?;
    if composed.verdict == Verdict::HandOff {
        hand_off(&mut scope, payload.conversation, "asked_for_a_person", now).await?;
    }
    tx.finish(job, now).await?;
    tx.commit().await?;
    ctx.ring(dispatch::QUEUE);
    Ok(JobVerdict::Settled)
}

/// The answer as a message; with a button where a person is offered.
fn content(composed: &Composed) -> Content {
    if !composed.offer_person {
        return Content::text(&composed.text);
    }
    let person = Button::Reply(Reply { id: PERSON.to_owned(), title: button(composed.language).to_owned() });
    Content::Interactive(Interactive::Button(Framed::new(&composed.text, Buttons { buttons: vec![person] })))
}
