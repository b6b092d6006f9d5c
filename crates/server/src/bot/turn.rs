//! One turn of the AI in a conversation: what is unanswered, an answer, and the last look before it goes out.
//!
//! What is unanswered goes by which messages an answer says it answers, never by times alone: webhooks arrive late and
//! out of order, and a message that slips before an answer in the thread is still to be answered.

use std::collections::BTreeSet;
use std::time::Duration;

use answers::{Language, language};
use jobs::Verdict as JobVerdict;
use meta::send::{Button, Buttons, Content, Framed, Interactive, Reply};
use rules::conversation::AiState;
use rules::id::{AnswerId, ConversationId, MessageId, OrgId};
use rules::knowledge::Verdict;
use rules::message::{Author, Direction, Kind};
use rules::settings::OrgSettings;
use rules::time::{Timestamp, span};
use store::conversations::Conversation;
use store::knowledge::NewAnswer;
use store::messages::{Message, Towards};
use store::orgs::Org;
use store::queue::Job;
use store::{Cursor, OrgScope};

use super::Payload;
use super::compose::{Composed, EMBEDDED, Question, compose};
use super::hand_off::{PERSON, button, hand_off};
use super::spoken;
use crate::alerts;
use crate::ctx::Ctx;
use crate::dispatch::{self, Draft, NotAccepted};

/// How far back a conversation is read.
const SIGHT: usize = 30;
/// Messages this much older than the newest are no longer waiting for an answer.
const STALE: Duration = span::hours(1);
/// How often it is looked whether the contact has written more while an answer is being made.
const GLANCE: Duration = Duration::from_millis(300);
/// When so many messages wait, the answer to them is finished whatever comes after: nobody is put off for ever, and
/// a flood does not buy an unfinished answer of a model with each message.
const PATIENCE: usize = 5;

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
    if open.looping {
        return open.give_up(ctx, job).await;
    }
    let started = ctx.now();
    let composed = tokio::select! {
        composed = open.compose(ctx) => composed?,
        // What was written meanwhile has a job of its own, which answers everything.
        () = open.overtaken(ctx) => return Ok(JobVerdict::Done),
    };
    let micros = i64::try_from(ctx.now().since(started).as_micros()).unwrap_or(i64::MAX);
    open.commit(ctx, job, &composed, micros).await
}

/// What is open in a conversation: the contact's messages that nobody has answered.
struct Open {
    org: OrgId,
    conversation: ConversationId,
    organisation: String,
    locale: String,
    customer_name: Option<String>,
    settings: OrgSettings,
    waiting: Waiting,
    /// The contact is answered too often: two machines may be talking.
    looping: bool,
}

impl Open {
    /// `None`: the AI has nothing to say here (any more).
    async fn read(ctx: &Ctx, payload: &Payload) -> store::Result<Option<Self>> {
        let mut tx = ctx.store.read().await?;
        let mut scope = tx.org(payload.org).await?;
        let Some(org) = scope.org().await?.filter(Org::may_work) else { return Ok(None) };
        let settings = OrgSettings::read(&org.settings);
        let Some(conversation) = scope.conversation(payload.conversation).await? else { return Ok(None) };
        if conversation.ai != AiState::On || !settings.ai.enabled {
            return Ok(None);
        }
        let consent = scope.consent_of(conversation.contact_id, settings.inbound_lifts_opt_out).await?;
        if consent.stopped.is_some() {
            return Ok(None);
        }
        let waiting = Waiting::read(&mut scope, &conversation).await?;
        if waiting.messages.is_empty() {
            return Ok(None);
        }
        let given = scope.answers_since(conversation.id, ctx.now() - span::hours(1)).await?;
        let contact = scope.contact(conversation.contact_id).await?;
        Ok(Some(Self {
            org: payload.org,
            conversation: conversation.id,
            organisation: org.name,
            locale: org.locale,
            customer_name: contact.and_then(|contact| contact.profile_name),
            looping: given >= i64::from(settings.ai.replies_per_hour),
            settings,
            waiting,
        }))
    }

    /// The language of the contact's last words; without any, the organisation's.
    fn language(&self) -> Option<Language> {
        let prior = Language::from_code(&self.locale);
        self.waiting.last_words().map(|words| language::detect(words, prior)).or(prior)
    }

    async fn compose(&self, ctx: &Ctx) -> store::Result<Composed> {
        if self.waiting.messages.iter().any(|message| tapped(message) == Some(PERSON)) {
            return Ok(self.fixed(Verdict::HandOff, |language| person_called(language).to_owned()));
        }
        let words = self.waiting.words();
        if words.is_empty() {
            let newest = self.waiting.messages.last().map(|message| message.kind);
            return Ok(self.fixed(Verdict::Refused, |language| spoken::cannot_read(newest, language)));
        }
        let question = Question {
            org: self.org,
            organisation: &self.organisation,
            prior: self.language(),
            text: &words,
            customer_name: self.customer_name.as_deref(),
            history: &self.waiting.history,
            settings: &self.settings.ai,
        };
        let composed = compose(ctx, &question).await?;
        Ok(match self.waiting.unseen() {
            Some(kind) => honest(composed, kind),
            None => composed,
        })
    }

    fn fixed(&self, verdict: Verdict, text: impl FnOnce(Language) -> String) -> Composed {
        let language = self.language().unwrap_or(Language::English);
        Composed {
            verdict,
            text: text(language),
            offer_person: verdict == Verdict::Refused,
            language,
            engine: EMBEDDED.to_owned(),
            considered: Vec::new(),
            prompt: None,
            tokens_in: 0,
            tokens_out: 0,
        }
    }

    /// Comes back when the contact has written more, or the AI has been silenced.
    async fn overtaken(&self, ctx: &Ctx) {
        loop {
            tokio::time::sleep(GLANCE).await;
            if !self.holds_in(ctx).await.unwrap_or(true) {
                return;
            }
        }
    }

    async fn holds_in(&self, ctx: &Ctx) -> store::Result<bool> {
        let mut tx = ctx.store.read().await?;
        let mut scope = tx.org(self.org).await?;
        let now = scope.conversation(self.conversation).await?;
        self.holds(&mut scope, now.as_ref()).await
    }

    /// Whether what was read is still what is open.
    async fn holds(&self, scope: &mut OrgScope<'_>, now: Option<&Conversation>) -> store::Result<bool> {
        let Some(now) = now.filter(|now| now.id == self.conversation && now.ai == AiState::On) else {
            return Ok(false);
        };
        if self.waiting.messages.len() >= PATIENCE {
            let answered = scope.answered_in(self.conversation, SIGHT as i64).await?;
            return Ok(self.waiting.ids().is_disjoint(&answered));
        }
        Ok(Waiting::read(scope, now).await?.ids() == self.waiting.ids())
    }

    /// The last look and the answer, in one transaction: if the contact wrote again or a person stepped in, nothing is
    /// sent.
    async fn commit(
        &self,
        ctx: &Ctx,
        job: &Job,
        composed: &Composed,
        micros: i64,
    ) -> store::Result<JobVerdict> {
        let mut tx = ctx.store.begin().await?;
        let mut scope = tx.org(self.org).await?;
        // Held from here on, so that a person's reply comes before this look or after this answer.
        let held = scope.conversation_for_change(self.conversation).await?;
        if !self.holds(&mut scope, held.as_ref()).await? {
            return Ok(JobVerdict::Done);
        }
        let now = ctx.now();
        let id = AnswerId::fresh(now, ctx.chance());
        let message = self.send(ctx, &mut scope, id, composed).await?;
        let passages = serde_json::to_string(&composed.considered)?;
        let prompt = composed.prompt.as_ref().map(|prompt| format!("{}\n\n{}", prompt.system, prompt.user));
        let answered: Vec<MessageId> = self.waiting.ids().into_iter().collect();
        let answer = NewAnswer {
            id,
            conversation: Some(self.conversation),
            message,
            answered: &answered,
            question: &self.waiting.words(),
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
        };
        scope.insert_answer(&answer).await?;
        if composed.verdict == Verdict::HandOff {
            hand_off(ctx, &mut scope, self.conversation, "asked_for_a_person", now).await?;
        }
        if tx.finish(job, now).await? {
            tx.commit().await?;
            ctx.ring(dispatch::QUEUE);
            ctx.ring(alerts::QUEUE);
        }
        // Without the lease somebody else answers, and nothing of this was.
        Ok(JobVerdict::Settled)
    }

    /// Accepts the answer as a message. `None`: the gate refuses it.
    async fn send(
        &self,
        ctx: &Ctx,
        scope: &mut OrgScope<'_>,
        id: AnswerId,
        composed: &Composed,
    ) -> store::Result<Option<MessageId>> {
        let draft = Draft {
            conversation: self.conversation,
            author: Author::Ai,
            author_id: Some(id.0),
            content: content(composed),
            media: None,
            reply_to: None,
            client_ref: None,
        };
        Ok(match dispatch::accept(ctx, scope, &draft, &self.settings).await? {
            Ok(accepted) => Some(accepted.message),
            Err(NotAccepted::Refused(reason)) => {
                tracing::info!(org.id = %self.org, %reason, "an answer was not sent");
                None
            }
            Err(NotAccepted::NoConversation | NotAccepted::Misfit(_)) => None,
        })
    }

    /// Gives a conversation that goes round in circles to a person, without another word.
    async fn give_up(&self, ctx: &Ctx, job: &Job) -> store::Result<JobVerdict> {
        let now = ctx.now();
        let mut tx = ctx.store.begin().await?;
        let mut scope = tx.org(self.org).await?;
        let held = scope.conversation_for_change(self.conversation).await?;
        if held.is_some_and(|conversation| conversation.ai == AiState::On) {
            hand_off(ctx, &mut scope, self.conversation, "too_many_replies", now).await?;
        }
        if tx.finish(job, now).await? {
            tx.commit().await?;
            ctx.ring(alerts::QUEUE);
        }
        Ok(JobVerdict::Settled)
    }
}

/// The contact's messages that wait for an answer, oldest first, and what was said before.
struct Waiting {
    messages: Vec<Message>,
    /// Whether by the contact, and the words; oldest first.
    history: Vec<(bool, String)>,
}

impl Waiting {
    async fn read(scope: &mut OrgScope<'_>, conversation: &Conversation) -> store::Result<Self> {
        let thread = scope.thread(conversation.id, Towards::Older(Cursor::NEWEST), SIGHT).await?.items;
        let answered = scope.answered_in(conversation.id, SIGHT as i64).await?;
        Ok(Self::part(thread, &answered, conversation.ai_changed_at))
    }

    /// Parts a thread, newest first. What came before the AI was switched on is not its affair; neither is what a
    /// person or a machine of the organisation has answered, nor STOP and START.
    fn part(thread: Vec<Message>, answered: &BTreeSet<MessageId>, ai_since: Timestamp) -> Self {
        let ours = |message: &Message| {
            message.direction == Direction::Outbound && !matches!(message.author, Author::Ai | Author::System)
        };
        let replied = thread.iter().filter(|message| ours(message)).map(|message| message.created_at).max();
        let newest = thread
            .iter()
            .filter(|message| message.direction == Direction::Inbound)
            .map(|message| message.created_at)
            .max();
        let waits = |message: &Message| {
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
        Self { messages, history }
    }

    fn ids(&self) -> BTreeSet<MessageId> {
        self.messages.iter().map(|message| message.id).collect()
    }

    /// The words to answer, several quick messages joined.
    fn words(&self) -> String {
        self.messages.iter().filter_map(spoken::words).collect::<Vec<_>>().join("\n")
    }

    /// The newest thing among what waits that was not looked at, such as a picture.
    fn unseen(&self) -> Option<Kind> {
        self.messages.iter().rev().map(|message| message.kind).find(|kind| spoken::is_more_than_words(*kind))
    }

    /// What the contact said last in words.
    fn last_words(&self) -> Option<&str> {
        let waiting = self.messages.iter().rev().filter_map(spoken::words);
        let before = self.history.iter().rev().filter(|(theirs, _)| *theirs).map(|(_, words)| words.as_str());
        waiting.chain(before).find(|words| spoken::has_letters(words))
    }
}

/// The id of the button that a message is the tap on.
fn tapped(message: &Message) -> Option<&str> {
    (message.kind == Kind::Interactive).then(|| message.content.0.get("id")?.as_str()).flatten()
}

/// What was composed from the words beside something that was not looked at, and says so.
fn honest(composed: Composed, unseen: Kind) -> Composed {
    let language = composed.language;
    let text = match composed.verdict {
        Verdict::Refused => spoken::cannot_read(Some(unseen), language),
        Verdict::Answered => match spoken::by_words_alone(unseen, language) {
            Some(said) => format!("{said}\n\n{}", composed.text),
            None => composed.text,
        },
        Verdict::SmallTalk | Verdict::HandOff => composed.text,
    };
    Composed { text, ..composed }
}

fn person_called(language: Language) -> &'static str {
    answers::smalltalk::reply(answers::smalltalk::Smalltalk::WantsPerson, language)
}

/// The answer as a message; with a button where a person is offered.
fn content(composed: &Composed) -> Content {
    if !composed.offer_person {
        return Content::text(&composed.text);
    }
    let person = Button::Reply(Reply { id: PERSON.to_owned(), title: button(composed.language).to_owned() });
    Content::Interactive(Interactive::Button(Framed::new(&composed.text, Buttons { buttons: vec![person] })))
}
