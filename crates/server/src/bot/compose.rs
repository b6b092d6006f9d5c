//! Composing an answer: small talk, a model's answer held to its sources, or sentences taken from a passage.

use answers::check::{self, Rejection};
use answers::extract::{self, Outcome, Source};
use answers::prompt::{self, Request, Speaker, Turn};
use answers::smalltalk::{self, Smalltalk};
use answers::{Language, prompt::Prompt};
use rules::id::{OrgId, PassageId, SourceId};
use rules::knowledge::Verdict;
use rules::settings::AiSettings;
use rules::time::Timestamp;
use serde::Serialize;
use store::knowledge::Found;
use utoipa::ToSchema;

use super::model::Model;
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

/// Composes an answer. Calls models outside any transaction; dropping the future cancels them.
pub async fn compose(ctx: &Ctx, question: &Question<'_>) -> store::Result<Composed> {
    if let Some((kind, language)) = smalltalk::recognise(question.text, question.prior) {
        return Ok(small_talk(kind, language, question.settings));
    }
    let embedding = embed(ctx.model.as_ref(), question.text).await;
    let meaning = embedding.as_ref().map(|(model, vector)| Meaning { model, vector });
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(question.org).await?;
    let retrieved = retrieve(&mut scope, question.text, question.prior, meaning).await?;
    let within_budget = within_budget(&mut scope, question.settings, ctx.now()).await?;
    drop(tx);
    if let Some(model) = ctx.model.as_ref().filter(|model| model.chat_model().is_some() && within_budget)
        && !retrieved.ranked.is_empty()
        && let Some(answer) = ask(ctx, model, question, &retrieved).await
    {
        return Ok(answer);
    }
    Ok(extracted(&retrieved, question.settings))
}

async fn embed(model: Option<&Model>, text: &str) -> Option<(String, Vec<f32>)> {
    let model = model?;
    let name = model.embedding_model()?.to_owned();
    match model.embed(&[text.to_owned()]).await {
        Ok(mut vectors) => Some((name, vectors.pop()?)),
        Err(error) => {
            tracing::warn!(%error, "passages are found by words alone");
            None
        }
    }
}

async fn within_budget(
    scope: &mut store::OrgScope<'_>,
    settings: &AiSettings,
    now: Timestamp,
) -> store::Result<bool> {
    let used = scope.ai_usage(now).await?;
    let answers_left = settings.answers_per_day.is_none_or(|most| used.answers < i64::from(most));
    let tokens_left =
        settings.tokens_per_day.is_none_or(|most| u64::try_from(used.tokens).unwrap_or(0) < most);
    Ok(answers_left && tokens_left)
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
            let title = answer.title.as_deref().unwrap_or(&found.source_title);
            let text = if settings.cite { cited(&answer.text, language, title) } else { answer.text };
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
async fn ask(ctx: &Ctx, model: &Model, question: &Question<'_>, retrieved: &Retrieved) -> Option<Composed> {
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
    let reply = match model.chat(&prompt).await {
        Ok(reply) => reply,
        Err(error) => {
            tracing::warn!(org.id = %question.org, %error, "the embedded answerer serves instead of the model");
            return None;
        }
    };
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
            let title =
                used.first().and_then(|at| retrieved.found.get(*at)).map(|found| found.source_title.as_str());
            let text = match title {
                Some(title) if question.settings.cite => cited(&checked.text, language, title),
                _ => checked.text,
            };
            (Verdict::Answered, text, used)
        }
        Err(Rejection::Unsupported) => (Verdict::Refused, extract::refusal(language).to_owned(), Vec::new()),
        Err(rejection) => {
            tracing::warn!(org.id = %question.org, ?rejection, "a model's reply was not sent");
            return None;
        }
    };
    Some(Composed {
        verdict,
        text,
        offer_person: verdict == Verdict::Refused,
        language,
        engine: model.chat_model().unwrap_or_default().to_owned(),
        considered: considered(retrieved, &all_titles, &used),
        prompt: Some(prompt),
        tokens_in: reply.tokens_in,
        tokens_out: reply.tokens_out,
    })
}

fn cited(text: &str, language: Language, title: &str) -> String {
    format!("{text}\n\n{}", extract::citation(language, title))
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
