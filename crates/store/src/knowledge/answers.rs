//! What was answered, from what, and what it cost.

use std::collections::BTreeSet;

use rules::id::{AnswerId, ConversationId, MessageId, OrgId};
use rules::time::Timestamp;

use crate::batch::{Batch, Nth, each, many_each, one_each};
use crate::error::Result;
use crate::rows::Rows;
use crate::seam::OrgScope;

/// An answer to record.
#[derive(Clone, Debug)]
pub struct NewAnswer<'a> {
    /// Its id.
    pub id: AnswerId,
    /// The conversation; none for a test question.
    pub conversation: Option<ConversationId>,
    /// The message that carries it.
    pub message: Option<MessageId>,
    /// The messages that it answers.
    pub answered: &'a [MessageId],
    /// What was asked.
    pub question: &'a str,
    /// The language of the answer.
    pub language: &'a str,
    /// Who answered: `embedded`, or the name of a model.
    pub engine: &'a str,
    /// How it ended: `answered`, `refused`, `small_talk`, `hand_off`.
    pub verdict: &'a str,
    /// The text sent.
    pub text: &'a str,
    /// The passages considered, with their scores, as JSON.
    pub passages: &'a str,
    /// The prompt, where a model was asked.
    pub prompt: Option<&'a str>,
    /// Tokens read.
    pub tokens_in: i64,
    /// Tokens written.
    pub tokens_out: i64,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// When.
    pub at: Timestamp,
}

/// A recorded answer.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Answer {
    /// Its id.
    pub id: AnswerId,
    /// The conversation; none for a test question.
    pub conversation_id: Option<ConversationId>,
    /// The message that carries it.
    pub message_id: Option<MessageId>,
    /// What was asked.
    pub question: String,
    /// The language of the answer.
    pub language: String,
    /// Who answered.
    pub engine: String,
    /// How it ended.
    pub verdict: String,
    /// The text sent.
    pub text: String,
    /// The passages considered, with their scores, as JSON.
    pub passages: String,
    /// The prompt, where a model was asked.
    pub prompt: Option<String>,
    /// Tokens read.
    pub tokens_in: i64,
    /// Tokens written.
    pub tokens_out: i64,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// When.
    pub at: Timestamp,
}

/// What asking models has used on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Usage {
    /// How many calls.
    pub answers: i64,
    /// How many tokens, read and written.
    pub tokens: i64,
}

macro_rules! columns {
    () => {
        "id, conversation_id, message_id, question, language, engine, verdict, text, passages, prompt, tokens_in, \
         tokens_out, micros, at"
    };
}

#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

#[derive(sqlx::FromRow)]
struct List {
    answered: String,
}

impl Batch<'_> {
    /// Records answers.
    pub async fn insert_answers(&mut self, answers: &[(OrgId, NewAnswer<'_>)]) -> Result<()> {
        let lists = answers.iter().map(|(_, answer)| serde_json::to_string(answer.answered));
        let lists = lists.collect::<Result<Vec<_>, _>>()?;
        let rows: Vec<_> = answers.iter().zip(&lists).collect();
        for chunk in self.tx.sets(&rows) {
            let rows = Rows::of(chunk)
                .column("org_id", |((org, _), _)| *org)
                .column("id", |((_, answer), _)| answer.id)
                .column("conversation_id", |((_, answer), _)| answer.conversation)
                .column("message_id", |((_, answer), _)| answer.message)
                .column("question", |((_, answer), _)| answer.question)
                .column("language", |((_, answer), _)| answer.language)
                .column("engine", |((_, answer), _)| answer.engine)
                .column("verdict", |((_, answer), _)| answer.verdict)
                .column("text", |((_, answer), _)| answer.text)
                .column("passages", |((_, answer), _)| answer.passages)
                .column("prompt", |((_, answer), _)| answer.prompt)
                .column("tokens_in", |((_, answer), _)| answer.tokens_in)
                .column("tokens_out", |((_, answer), _)| answer.tokens_out)
                .column("micros", |((_, answer), _)| answer.micros)
                .column("at", |((_, answer), _)| answer.at)
                .column("answered", |(_, answered)| answered.as_str());
            on!(self.tx, c => rows.insert_into("answers")
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// How many answers the AI has given in each conversation since a time: what the loop guard counts.
    pub async fn answers_since(
        &mut self,
        keys: &[(OrgId, ConversationId)],
        since: Timestamp,
    ) -> Result<Vec<i64>> {
        let given = "a.org_id = w.org_id AND a.conversation_id = w.id AND a.at >= w.since";
        let given = self.tx.join("answers", "a", given);
        let mut rows = Vec::with_capacity(keys.len());
        for (from, set) in self.tx.numbered_sets(keys) {
            let keys = Rows::numbered(set, from)
                .column("org_id", |(org, _)| *org)
                .column("id", |(_, id)| *id)
                .column("since", |_| since);
            let found: Vec<Nth<Count>> = on!(self.tx, c => keys.with()
                .push("SELECT w.n, count(*) AS count FROM w")
                .push(&given)
                .push(" GROUP BY w.n")
                .build_query_as()
                .fetch_all(c)
                .await)?;
            rows.extend(found);
        }
        let counts = one_each(keys.len(), rows).into_iter();
        Ok(counts.map(|found| found.map_or(0, |Count { count }| count)).collect())
    }

    /// The messages that the last answers of each conversation have answered.
    pub async fn answered_in(
        &mut self,
        keys: &[(OrgId, ConversationId)],
        most: i64,
    ) -> Result<Vec<BTreeSet<MessageId>>> {
        let theirs = "x.org_id = w.org_id AND x.conversation_id = w.id";
        let last = self.tx.join_first("answers", "a", theirs, "x.id DESC", most);
        let rows = each!(self.tx, keys, "SELECT w.n, a.answered FROM w", &last);
        let mut answered = Vec::with_capacity(keys.len());
        for lists in many_each(keys.len(), rows) {
            let mut of_one = BTreeSet::new();
            for List { answered } in lists {
                of_one.extend(serde_json::from_str::<Vec<MessageId>>(&answered)?);
            }
            answered.push(of_one);
        }
        Ok(answered)
    }
}

impl OrgScope<'_> {
    /// Records an answer.
    pub async fn insert_answer(&mut self, answer: &NewAnswer<'_>) -> Result<()> {
        let org = self.org;
        self.tx.batch(&[org]).await?.insert_answers(&[(org, answer.clone())]).await
    }

    /// Takes one call of a model, and the tokens it may cost, out of what is left of the day. `false`: nothing is
    /// left, and nothing was taken. A limit of `None` is none.
    pub async fn reserve_ai(
        &mut self,
        now: Timestamp,
        tokens: i64,
        most_answers: Option<i64>,
        most_tokens: Option<i64>,
    ) -> Result<bool> {
        let (answers_left, tokens_left) = (most_answers.unwrap_or(i64::MAX), most_tokens.unwrap_or(i64::MAX));
        if answers_left < 1 || tokens_left < tokens {
            return Ok(false);
        }
        let touched = on!(self.tx, c => sqlx::query(
            "INSERT INTO ai_usage (org_id, day, answers, tokens) VALUES ($1, $2, 1, $3) ON CONFLICT (org_id, day) \
             DO UPDATE SET answers = ai_usage.answers + 1, tokens = ai_usage.tokens + excluded.tokens \
             WHERE ai_usage.answers < $4 AND ai_usage.tokens <= $5",
        )
        .bind(self.org).bind(now.day()).bind(tokens).bind(answers_left).bind(tokens_left.saturating_sub(tokens))
        .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Corrects what was reserved, once it is known what a call has cost: `more` may be negative.
    pub async fn correct_ai_tokens(&mut self, now: Timestamp, more: i64) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "UPDATE ai_usage SET tokens = CASE WHEN tokens + $3 < 0 THEN 0 ELSE tokens + $3 END \
             WHERE org_id = $1 AND day = $2",
        )
        .bind(self.org).bind(now.day()).bind(more).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// What asking models has used on the day of `now`.
    pub async fn ai_usage(&mut self, now: Timestamp) -> Result<Usage> {
        let usage: Option<Usage> = on!(self.tx, c => sqlx::query_as(
            "SELECT answers, tokens FROM ai_usage WHERE org_id = $1 AND day = $2",
        )
        .bind(self.org).bind(now.day()).fetch_optional(c).await)?;
        Ok(usage.unwrap_or_default())
    }

    /// The answer that a message carries.
    pub async fn answer_of_message(&mut self, message: MessageId) -> Result<Option<Answer>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM answers WHERE org_id = $1 AND message_id = $2 ORDER BY id DESC LIMIT 1"
        ))
        .bind(self.org).bind(message).fetch_optional(c).await)?)
    }

    /// The answers that these messages carry, in no order.
    pub async fn answers_of_messages(&mut self, messages: &[MessageId]) -> Result<Vec<Answer>> {
        let mut answers = Vec::new();
        for set in self.tx.sets(messages) {
            let carrying = Rows::of(set).column("carrying", |message| *message);
            let found: Vec<Answer> = on!(self.tx, c => carrying.with()
                .push(concat!("SELECT ", columns!(), " FROM w JOIN answers ON message_id = carrying AND org_id = "))
                .push_bind(self.org)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            answers.extend(found);
        }
        Ok(answers)
    }

    /// One answer.
    pub async fn answer(&mut self, id: AnswerId) -> Result<Option<Answer>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM answers WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org).bind(id).fetch_optional(c).await)?)
    }

    /// The answers of a conversation, newest first.
    pub async fn answers_of(&mut self, conversation: ConversationId, limit: i64) -> Result<Vec<Answer>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM answers WHERE org_id = $1 AND conversation_id = $2 ORDER BY id DESC LIMIT $3"
        ))
        .bind(self.org).bind(conversation).bind(limit).fetch_all(c).await)?)
    }
}
