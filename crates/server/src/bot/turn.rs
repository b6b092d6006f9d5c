//! Turns of the AI in conversations: what is unanswered, an answer to it, and the last look before it goes out.
//!
//! Turns that fell due together are read together; answers are committed together as they are there. An answer taken from
//! knowledge is there at once; a model takes its time, and holds up nobody else's.

use std::collections::HashSet;

use futures::StreamExt as _;
use jobs::{Room, Verdict as JobVerdict, Verdicts};
use rules::conversation::AiState;
use rules::id::{AnswerId, ConversationId, MessageId, OrgId};
use rules::knowledge::Verdict;
use rules::message::Author;
use rules::time::Timestamp;
use store::knowledge::NewAnswer;
use store::queue::Job;
use store::{StoreError, Tx};
use tokio::sync::mpsc;

use super::Payload;
use super::compose::Composed;
use super::hand_off::hand_off;
use super::open::{Open, content};
use crate::ctx::Ctx;
use crate::dispatch::{self, Draft, Leaving, NotAccepted, Wish};

/// So many answers are looked up in knowledge at the same time.
const AT_ONCE: usize = 8;

/// Runs jobs of the bot queue.
pub async fn turn(ctx: Ctx, jobs: Vec<Job>, mut room: Room) -> store::Result<Verdicts> {
    let mut verdicts = Vec::new();
    let (mut turns, mut readable) = (Vec::with_capacity(jobs.len()), Vec::with_capacity(jobs.len()));
    for job in jobs {
        match serde_json::from_str::<Payload>(&job.payload) {
            Ok(payload) => {
                turns.push(payload);
                readable.push(job);
            }
            Err(error) => {
                let why = format!("the job does not read: {error}");
                verdicts.push((job, JobVerdict::Dead(why)));
            }
        }
    }
    let open = Open::read(&ctx, &turns).await?;
    let (mut quick, mut slow, mut over) = (Vec::new(), Vec::new(), Vec::new());
    for (job, open) in readable.into_iter().zip(open) {
        match open {
            None => over.push(job),
            Some(open) if open.looping => {
                give_up(&ctx, &open, &job).await?;
                room.give_back(1);
            }
            Some(open) if open.is_slow => slow.push((open, job)),
            Some(open) => quick.push((open, job)),
        }
    }
    room.give_back(verdicts.len());
    let quick = futures::stream::iter(quick.into_iter().map(|(open, job)| Turn::make(&ctx, open, job)));
    let made: Vec<store::Result<Turn>> = quick.buffered(AT_ONCE).collect().await;
    let made = made.into_iter().collect::<store::Result<Vec<_>>>()?;
    commit(&ctx, &made, &over).await?;
    room.give_back(made.len() + over.len());
    ask_models(&ctx, slow, room).await?;
    Ok(verdicts)
}

/// Lets models answer, all at the same time, and commits answers as they come.
async fn ask_models(ctx: &Ctx, slow: Vec<(Open, Job)>, mut room: Room) -> store::Result<()> {
    let mut under_way = slow.len();
    let (composed, mut answers) = mpsc::channel(under_way.max(1));
    for (open, job) in slow {
        tokio::spawn(ask_model(ctx.clone(), open, job, composed.clone()));
    }
    drop(composed);
    let mut failure = None;
    let mut there = Vec::with_capacity(under_way);
    while under_way > 0 {
        let ended = answers.recv_many(&mut there, under_way).await;
        if ended == 0 {
            return Err(StoreError::Corrupt { table: "answers", reason: "making one panicked".to_owned() });
        }
        under_way -= ended;
        let (mut made, mut over) = (Vec::with_capacity(ended), Vec::new());
        for one in there.drain(..) {
            match one {
                Ok(Asked::Answered(turn)) => made.push(*turn),
                Ok(Asked::Overtaken(job)) => over.push(job),
                Err(error) => failure = Some(error),
            }
        }
        if let Err(error) = commit(ctx, &made, &over).await {
            failure = Some(error);
        }
        room.give_back(ended);
    }
    failure.map_or(Ok(()), Err)
}

/// What came of asking a model.
enum Asked {
    Answered(Box<Turn>),
    /// The contact wrote more, or the AI was silenced.
    Overtaken(Job),
}

async fn ask_model(ctx: Ctx, open: Open, job: Job, to: mpsc::Sender<store::Result<Asked>>) {
    let started = ctx.now();
    let composed = tokio::select! {
        composed = open.compose(&ctx) => Some(composed),
        // What was written meanwhile has a job of its own, which answers everything.
        () = open.overtaken(&ctx) => None,
    };
    let asked = match composed {
        Some(Ok(composed)) => {
            let micros = since(&ctx, started);
            Ok(Asked::Answered(Box::new(Turn { open, job, composed, micros })))
        }
        Some(Err(error)) => Err(error),
        None => Ok(Asked::Overtaken(job)),
    };
    // Nobody waits for it when the worker has lost its leases.
    let _ = to.send(asked).await;
}

fn since(ctx: &Ctx, started: Timestamp) -> i64 {
    i64::try_from(ctx.now().since(started).as_micros()).unwrap_or(i64::MAX)
}

/// An answer that is ready to go out, and the job that it does.
struct Turn {
    open: Open,
    job: Job,
    composed: Composed,
    /// How long it took.
    micros: i64,
}

impl Turn {
    async fn make(ctx: &Ctx, open: Open, job: Job) -> store::Result<Self> {
        let started = ctx.now();
        let composed = open.compose(ctx).await?;
        Ok(Self { open, job, composed, micros: since(ctx, started) })
    }

    fn key(&self) -> (OrgId, ConversationId) {
        (self.open.org, self.open.conversation)
    }

    /// The answer as a message.
    fn draft(&self, id: AnswerId) -> Draft {
        Draft {
            conversation: self.open.conversation,
            author: Author::Ai,
            author_id: Some(id.0),
            content: content(&self.composed),
            media: None,
            reply_to: None,
            client_ref: None,
            outreach: None,
            trace: self.open.trace,
        }
    }
}

/// The last look and the answers, in one transaction: where the contact wrote again or a person stepped in, nothing is
/// sent. Ends the jobs, and those that are over without an answer.
async fn commit(ctx: &Ctx, turns: &[Turn], over: &[Job]) -> store::Result<()> {
    if turns.is_empty() && over.is_empty() {
        return Ok(());
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let jobs: Vec<Job> = turns.iter().map(|turn| turn.job.clone()).collect();
    // Without the lease somebody else answers.
    let held = tx.hold_jobs(&jobs, now).await?;
    // Two conversations that became one meanwhile are answered once.
    let mut seen = HashSet::new();
    let turns: Vec<&Turn> =
        turns.iter().filter(|turn| held.contains(&turn.job.id) && seen.insert(turn.key())).collect();
    let keys: Vec<_> = turns.iter().map(|turn| turn.key()).collect();
    let orgs: Vec<OrgId> = keys.iter().map(|(org, _)| *org).collect();
    let mut batch = tx.batch(&orgs).await?;
    // Held from here on, so that a person's reply comes before this look or after this answer.
    let conversations = batch.conversations_for_change(&keys).await?;
    let open: Vec<&Open> = turns.iter().map(|turn| &turn.open).collect();
    let still = Open::still_open(&mut batch, &open, &conversations).await?;
    let turns: Vec<&Turn> =
        turns.into_iter().zip(still).filter_map(|(turn, still)| still.then_some(turn)).collect();
    let leaving = answer(ctx, &mut tx, &turns, now).await?;
    tx.finish_jobs(&jobs, now).await?;
    tx.finish_jobs(over, now).await?;
    leaving.commit(ctx, tx).await?;
    Ok(())
}

/// Accepts answers as messages, unless the gate refuses, and records them.
async fn answer(ctx: &Ctx, tx: &mut Tx, turns: &[&Turn], now: Timestamp) -> store::Result<Leaving> {
    let ids: Vec<AnswerId> = turns.iter().map(|_| AnswerId::fresh(now, ctx.chance())).collect();
    let drafts: Vec<Draft> = turns.iter().zip(&ids).map(|(turn, id)| turn.draft(*id)).collect();
    let wishes: Vec<Wish<'_>> = turns
        .iter()
        .zip(&drafts)
        .map(|(turn, draft)| Wish { org: turn.open.org, draft, form: None, settings: turn.open.settings() })
        .collect();
    let mut leaving = Leaving::default();
    let accepted = dispatch::accept_held(ctx, tx, &wishes, &mut leaving).await?;
    let records = turns.iter().zip(ids).zip(accepted).map(|((turn, id), accepted)| {
        if let Err(NotAccepted::Refused(reason)) = &accepted {
            tracing::info!(trace = %turn.open.trace, org.id = %turn.open.org, %reason, "an answer was not sent");
        }
        Record::of(turn, id, accepted.ok().map(|accepted| accepted.message))
    });
    let records = records.collect::<store::Result<Vec<_>>>()?;
    let rows: Vec<_> = records.iter().map(|record| (record.turn.open.org, record.row(now))).collect();
    let orgs: Vec<OrgId> = rows.iter().map(|(org, _)| *org).collect();
    tx.batch(&orgs).await?.insert_answers(&rows).await?;
    for turn in turns.iter().filter(|turn| turn.composed.verdict == Verdict::HandOff) {
        let mut scope = tx.org(turn.open.org).await?;
        hand_off(ctx, &mut scope, turn.open.conversation, "asked_for_a_person", now).await?;
    }
    Ok(leaving)
}

/// An answer as it is recorded.
struct Record<'a> {
    turn: &'a Turn,
    id: AnswerId,
    message: Option<MessageId>,
    answered: Vec<MessageId>,
    question: String,
    passages: String,
    prompt: Option<String>,
}

impl<'a> Record<'a> {
    fn of(turn: &'a Turn, id: AnswerId, message: Option<MessageId>) -> store::Result<Self> {
        let prompt = turn.composed.prompt.as_ref();
        Ok(Self {
            turn,
            id,
            message,
            answered: turn.open.waiting.ids().into_iter().collect(),
            question: turn.open.waiting.words(),
            passages: serde_json::to_string(&turn.composed.considered)?,
            prompt: prompt.map(|prompt| format!("{}\n\n{}", prompt.system, prompt.user)),
        })
    }

    fn row(&self, now: Timestamp) -> NewAnswer<'_> {
        let Composed { verdict, text, language, engine, tokens_in, tokens_out, .. } = &self.turn.composed;
        NewAnswer {
            id: self.id,
            conversation: Some(self.turn.open.conversation),
            message: self.message,
            answered: &self.answered,
            question: &self.question,
            language: language.code(),
            engine,
            verdict: verdict.as_str(),
            text,
            passages: &self.passages,
            prompt: self.prompt.as_deref(),
            tokens_in: *tokens_in,
            tokens_out: *tokens_out,
            micros: self.turn.micros,
            at: now,
        }
    }
}

/// Gives a conversation that goes round in circles to a person, without another word.
async fn give_up(ctx: &Ctx, open: &Open, job: &Job) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(open.org).await?;
    let held = scope.conversation_for_change(open.conversation).await?;
    if held.is_some_and(|conversation| conversation.ai == AiState::On) {
        hand_off(ctx, &mut scope, open.conversation, "too_many_replies", now).await?;
    }
    if tx.finish(job, now).await? {
        tx.commit().await?;
    }
    Ok(())
}
