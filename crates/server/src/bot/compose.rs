//! Composing an answer: small talk, a model's answer held to its sources, or sentences taken from a passage.
//!
//! Invariant: a model sees passages, history and name of this organisation's conversation and nothing else; what it
//! replies is sent only as far as [`answers::check`] lets it.

use std::time::Duration;

use answers::check::{self, Rejection};
use answers::extract::{self, Outcome, Source};
use answers::prompt::{self, Request, Speaker, Turn};
use answers::smalltalk::{self, Smalltalk};
use answers::{Language, prompt::Prompt};
use rules::id::{OrgId, PassageId, SourceId};
use rules::knowledge::{SourceKind, Verdict};
use rules::settings::AiSettings;
use serde::Serialize;
use store::knowledge::Found;
use utoipa::ToSchema;

use super::endpoint::model_of;
use super::model::{MOST_TOKENS, Model, ModelError};
use super::retrieve::{Meaning, Retrieved, kind, retrieve};
use crate::ctx::Ctx;

/// A passage that was considered, as it is kept with the answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Considered {
    /// The passage.
    pub passage_id: PassageId,
    /// Its source.
    pub source_id: SourceId,
    /// The source's title.
    pub source_title: String,
    /// The titles above it, outermost first.
    pub titles: Vec<String>,
    /// Its text.
    pub text: String,
    /// What the order went by.
    pub score: f32,
    /// The share of the question's meaning that it holds, 0 to 1.
    pub coverage: f32,
    /// How near its meaning is, where there are embeddings.
    pub similarity: Option<f32>,
    /// Whether the answer rests on it.
    pub used: bool,
}

/// An answer, ready to be sent.
#[derive(Clone, Debug)]
pub struct Composed {
    /// How it ended.
    pub verdict: Verdict,
    /// The text for the contact.
    pub text: String,
    /// Whether a person should be offered with it.
    pub offer_person: bool,
    /// The language of the contact.
    pub language: Language,
    /// Who composed it: `embedded`, or the name of a model.
    pub engine: String,
    /// The passages considered, best first.
    pub considered: Vec<Considered>,
    /// The prompt, where a model was asked.
    pub prompt: Option<Prompt>,
    /// Tokens read.
    pub tokens_in: i64,
    /// Tokens written.
    pub tokens_out: i64,
}

/// What is to be answered.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The organisation.
    pub org: OrgId,
    /// Its name.
    pub organisation: &'a str,
    /// Its language, which short texts are read in.
    pub prior: Option<Language>,
    /// What the contact wrote, several quick messages joined by line breaks.
    pub text: &'a str,
    /// The contact's name, if known.
    pub customer_name: Option<&'a str>,
    /// What was said before, oldest first: whether by the contact, and the words.
    pub history: &'a [(bool, String)],
    /// The organisation's settings.
    pub settings: &'a AiSettings,
}

/// The name of the answerer that needs no model.
pub const EMBEDDED: &str = "embedded";

/// So many characters of what a contact wrote are read; no honest question is longer.
const LONGEST_QUESTION: usize = 2_000;
/// An answer leaves room for its citation within what WhatsApp carries.
const LONGEST_ANSWER: usize = meta::limits::TEXT - 400;
/// A citation names at most so much of a title.
const LONGEST_TITLE: usize = 150;
/// The meaning of a question is known soon or not at all: its words are enough to go on.
const MEANING_WITHIN: Duration = Duration::from_secs(4);

/// Composes an answer. Calls models outside any transaction; dropping the future cancels them.
pub async fn compose(ctx: &Ctx, question: &Question<'_>) -> store::Result<Composed> {
    let question = &Question { text: first(question.text, LONGEST_QUESTION), ..*question };
    if let Some((kind, language)) = smalltalk::recognise(question.text, question.prior) {
        return Ok(small_talk(kind, language, question.settings));
    }
    let model = model_of(ctx, question.org).await?;
    let embedding = match &model {
        Some(model) if budget_left(ctx, model, question).await? => embed(model, question.text).await,
        _ => None,
    };
    let meaning = embedding.as_ref().map(|(model, vector)| Meaning { model, vector });
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(question.org).await?;
    let retrieved = retrieve(&mut scope, question.text, question.prior, meaning).await?;
    drop(tx);
    if let Some(model) = model.filter(|model| model.chat_model().is_some())
        && !retrieved.ranked.is_empty()
        && let Some(answer) = ask(ctx, &model, question, &retrieved).await?
    {
        return Ok(answer);
    }
    Ok(extracted(&retrieved, question.settings))
}

async fn embed(model: &Model, text: &str) -> Option<(String, Vec<f32>)> {
    let name = model.embedding_model()?.to_owned();
    match model.embed_within(&[text.to_owned()], MEANING_WITHIN).await {
        Ok(mut vectors) => Some((name, vectors.pop()?)),
        Err(error) => {
            tracing::warn!(%error, "passages are found by words alone");
            None
        }
    }
}

async fn budget_left(ctx: &Ctx, model: &Model, question: &Question<'_>) -> store::Result<bool> {
    let mut tx = ctx.store.read().await?;
    let used = tx.org(question.org).await?.ai_usage(ctx.now()).await?;
    let Limits { answers, tokens } = Limits::of(question.settings, model);
    Ok(answers.is_none_or(|most| used.answers < most) && tokens.is_none_or(|most| used.tokens < most))
}

/// What a day allows.
pub(super) struct Limits {
    pub answers: Option<i64>,
    pub tokens: Option<i64>,
}

impl Limits {
    /// What an organisation allows itself, and whoever pays for the model allows it.
    pub fn of(settings: &AiSettings, model: &Model) -> Self {
        let own = settings.tokens_per_day.limit().map(|most| i64::try_from(most).unwrap_or(i64::MAX));
        let tokens = own.into_iter().chain(model.most_tokens()).min();
        Self { answers: settings.answers_per_day.map(i64::from), tokens }
    }
}

/// Takes a call out of the day's budget before it is made, so that one that is cancelled is paid for too. `None`:
/// nothing is left. Else the tokens that were set aside.
async fn reserve(
    ctx: &Ctx,
    model: &Model,
    question: &Question<'_>,
    prompt: &Prompt,
) -> store::Result<Option<i64>> {
    // A token is some four letters of English and three of Indonesian.
    let letters = prompt.system.chars().count() + prompt.user.chars().count();
    let expected = i64::try_from(letters / 3).unwrap_or(i64::MAX).saturating_add(MOST_TOKENS.into());
    let Limits { answers, tokens } = Limits::of(question.settings, model);
    let mut tx = ctx.store.begin().await?;
    let granted = tx.org(question.org).await?.reserve_ai(ctx.now(), expected, answers, tokens).await?;
    tx.commit().await?;
    Ok(granted.then_some(expected))
}

/// Puts what a call has really cost in the place of what was set aside.
async fn settle(ctx: &Ctx, org: OrgId, reserved: i64, used: i64) -> store::Result<()> {
    let mut tx = ctx.store.begin().await?;
    tx.org(org).await?.correct_ai_tokens(ctx.now(), used - reserved).await?;
    tx.commit().await
}

fn small_talk(kind: Smalltalk, language: Language, settings: &AiSettings) -> Composed {
    let own = kind == Smalltalk::Greeting && !settings.greeting.is_empty();
    let text = if own { settings.greeting.clone() } else { smalltalk::reply(kind, language).to_owned() };
    Composed {
        verdict: if kind == Smalltalk::WantsPerson { Verdict::HandOff } else { Verdict::SmallTalk },
        text,
        offer_person: false,
        language,
        engine: EMBEDDED.to_owned(),
        considered: Vec::new(),
        prompt: None,
        tokens_in: 0,
        tokens_out: 0,
    }
}

/// Sentences of the best passage, or an honest refusal.
fn extracted(retrieved: &Retrieved, settings: &AiSettings) -> Composed {
    let titles: Vec<Vec<String>> = retrieved.found.iter().map(titles_of).collect();
    let sources: Vec<Source<'_>> =
        retrieved.found.iter().zip(&titles).map(|(found, titles)| source(found, titles)).collect();
    let language = retrieved.query.language;
    match extract::answer(&retrieved.query, &retrieved.statistics, &retrieved.ranked, &sources) {
        Outcome::Supported(answer) => {
            let found = &retrieved.found[answer.source];
            let text = fitting(answer.text);
            let text = match named(found).filter(|_| settings.cite) {
                Some(source) => cited(&text, language, answer.title.as_deref().unwrap_or(source)),
                None => text,
            };
            Composed {
                verdict: Verdict::Answered,
                text,
                offer_person: false,
                language,
                engine: EMBEDDED.to_owned(),
                considered: considered(retrieved, &titles, &[answer.source]),
                prompt: None,
                tokens_in: 0,
                tokens_out: 0,
            }
        }
        Outcome::Refused { .. } => Composed {
            verdict: Verdict::Refused,
            text: extract::refusal(language).to_owned(),
            offer_person: true,
            language,
            engine: EMBEDDED.to_owned(),
            considered: considered(retrieved, &titles, &[]),
            prompt: None,
            tokens_in: 0,
            tokens_out: 0,
        },
    }
}

/// A model's answer, if it keeps to its sources. `None`: the embedded answerer serves.
async fn ask(
    ctx: &Ctx,
    model: &Model,
    question: &Question<'_>,
    retrieved: &Retrieved,
) -> store::Result<Option<Composed>> {
    let best: Vec<&Found> =
        retrieved.ranked.iter().filter_map(|ranked| retrieved.found.get(ranked.index)).collect();
    let titles: Vec<Vec<String>> = best.iter().map(|found| titles_of(found)).collect();
    let passages: Vec<Source<'_>> =
        best.iter().zip(&titles).map(|(found, titles)| source(found, titles)).collect();
    let history: Vec<Turn<'_>> = question
        .history
        .iter()
        .map(|(by_contact, text)| Turn {
            speaker: if *by_contact { Speaker::Customer } else { Speaker::Organisation },
            text,
        })
        .collect();
    let mut secret = [0; 12];
    ctx.chance().fill(&mut secret);
    let canary = hex::encode(secret);
    let request = Request {
        organisation: question.organisation,
        persona: &question.settings.persona,
        language: retrieved.query.language,
        customer_name: question.customer_name,
        history: &history,
        question: question.text,
        passages: &passages,
        canary: &canary,
    };
    let prompt = prompt::build(&request);
    let Some(reserved) = reserve(ctx, model, question, &prompt).await? else { return Ok(None) };
    let reply = match model.chat(&prompt).await {
        Ok(reply) => reply,
        Err(error) => {
            tracing::warn!(org.id = %question.org, %error, "the embedded answerer serves instead of the model");
            // Who refuses or cannot be reached charges nothing; who took too long may.
            if error != ModelError::NoAnswer {
                settle(ctx, question.org, reserved, 0).await?;
            }
            return Ok(None);
        }
    };
    if let Some((read, written)) = reply.tokens {
        settle(ctx, question.org, reserved, read + written).await?;
    }
    let (tokens_in, tokens_out) = reply.tokens.unwrap_or((reserved, 0));
    let language = retrieved.query.language;
    let all_titles: Vec<Vec<String>> = retrieved.found.iter().map(titles_of).collect();
    let (verdict, text, used) = match check::check_reply(&request, &reply.text) {
        Ok(checked) => {
            let used: Vec<usize> = checked
                .sources
                .iter()
                .filter_map(|at| retrieved.ranked.get(*at))
                .map(|ranked| ranked.index)
                .collect();
            let title = used.iter().filter_map(|at| retrieved.found.get(*at)).find_map(named);
            let text = match title {
                Some(title) if question.settings.cite => cited(&checked.text, language, title),
                _ => checked.text,
            };
            (Verdict::Answered, text, used)
        }
        Err(Rejection::Unsupported) => (Verdict::Refused, extract::refusal(language).to_owned(), Vec::new()),
        Err(rejection) => {
            tracing::warn!(org.id = %question.org, ?rejection, "a model's reply was not sent");
            return Ok(None);
        }
    };
    Ok(Some(Composed {
        verdict,
        text,
        offer_person: verdict == Verdict::Refused,
        language,
        engine: model.chat_model().unwrap_or_default().to_owned(),
        considered: considered(retrieved, &all_titles, &used),
        prompt: Some(prompt),
        tokens_in,
        tokens_out,
    }))
}

fn cited(text: &str, language: Language, title: &str) -> String {
    format!("{text}\n\n{}", extract::citation(language, first(title, LONGEST_TITLE)))
}

/// The first `most` characters of a text.
fn first(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

/// A text within what a message carries, cut after a word and marked where it was cut.
fn fitting(text: String) -> String {
    let kept = first(&text, LONGEST_ANSWER);
    if kept.len() == text.len() {
        return text;
    }
    let end = kept.rfind(char::is_whitespace).unwrap_or(kept.len());
    format!("{} …", kept.get(..end).unwrap_or(kept).trim_end())
}

/// How a passage's source is named to customers. A correction is the organisation's own word: it goes out exactly as it
/// was taught, and names nothing.
fn named(found: &Found) -> Option<&str> {
    (found.source_kind != SourceKind::Corrections).then_some(found.source_title.as_str())
}

fn titles_of(found: &Found) -> Vec<String> {
    serde_json::from_str(&found.titles).unwrap_or_default()
}

fn source<'a>(found: &'a Found, titles: &'a [String]) -> Source<'a> {
    Source {
        kind: kind(found.kind),
        titles,
        text: &found.body,
        language: Language::from_code(&found.language).unwrap_or(Language::English),
    }
}

fn considered(retrieved: &Retrieved, titles: &[Vec<String>], used: &[usize]) -> Vec<Considered> {
    retrieved
        .ranked
        .iter()
        .filter_map(|ranked| {
            let found = retrieved.found.get(ranked.index)?;
            Some(Considered {
                passage_id: found.id,
                source_id: found.source_id,
                source_title: found.source_title.clone(),
                titles: titles.get(ranked.index).cloned().unwrap_or_default(),
                text: found.body.clone(),
                score: ranked.score,
                coverage: ranked.coverage,
                similarity: ranked.similarity,
                used: used.contains(&ranked.index),
            })
        })
        .collect()
}
