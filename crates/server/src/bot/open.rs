//! What is open in conversations whose turn it is: who they are, what waits, and the answer to it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use answers::{Language, language};
use meta::send::{Button, Buttons, Content, Framed, Interactive, Reply};
use rules::consent::Consent;
use rules::conversation::AiState;
use rules::id::{ConversationId, OrgId};
use rules::knowledge::Verdict;
use rules::message::Kind;
use rules::settings::OrgSettings;
use rules::time::span;
use store::Batch;
use store::conversations::Conversation;
use store::messages::{Asked, Utterance};
use store::orgs::Org;

use super::Payload;
use super::compose::{Composed, EMBEDDED, Question, compose};
use super::hand_off::{PERSON, button};
use super::spoken;
use super::waiting::Waiting;
use crate::ctx::Ctx;
use crate::trace::Trace;

/// How often it is looked whether the contact has written more while an answer is being made.
const GLANCE: Duration = Duration::from_millis(300);
/// When so many messages wait, the answer to them is finished whatever comes after: nobody is put off for ever, and
/// a flood does not buy an unfinished answer of a model with each message.
const PATIENCE: usize = 5;

/// An organisation and what it has settled.
type Organisation = Arc<(Org, OrgSettings)>;

/// What is open in a conversation: the contact's messages that nobody has answered.
pub(super) struct Open {
    pub org: OrgId,
    pub conversation: ConversationId,
    pub trace: Trace,
    organisation: Organisation,
    customer_name: Option<String>,
    pub waiting: Waiting,
    /// The contact is answered too often: two machines may be talking.
    pub looping: bool,
    /// A model serves, which takes its time.
    pub is_slow: bool,
}

impl Open {
    /// What is open in each of these conversations. `None`: the AI has nothing to say there (any more).
    pub async fn read(ctx: &Ctx, turns: &[Payload]) -> store::Result<Vec<Option<Self>>> {
        let mut open: Vec<Option<Self>> = turns.iter().map(|_| None).collect();
        let orgs: Vec<OrgId> = turns.iter().map(|turn| turn.org).collect();
        let mut tx = ctx.store.read().await?;
        let mut batch = tx.batch(&orgs).await?;
        let organisations: HashMap<OrgId, Organisation> = batch
            .orgs(&orgs)
            .await?
            .into_iter()
            .filter(|(_, org)| org.may_work())
            .map(|(id, org)| {
                let settings = OrgSettings::read(&org.settings);
                (id, Arc::new((org, settings)))
            })
            .collect();
        let keys: Vec<_> = turns.iter().map(|turn| (turn.org, turn.conversation)).collect();
        let conversations = batch.conversations(&keys).await?;
        let mut listening: Vec<(usize, Organisation, Conversation)> = Vec::with_capacity(turns.len());
        for (n, conversation) in conversations.into_iter().enumerate() {
            let organisation =
                organisations.get(&turns[n].org).filter(|organisation| organisation.1.ai.enabled);
            if let (Some(organisation), Some(conversation)) = (organisation, conversation)
                && conversation.ai == AiState::On
            {
                listening.push((n, organisation.clone(), conversation));
            }
        }
        let here: Vec<_> = listening.iter().map(|(n, _, one)| (turns[*n].org, one)).collect();
        let waiting = Waiting::read(&mut batch, &here).await?;
        let stopped = stopped(&mut batch, &listening, turns).await?;
        let keys: Vec<_> = here.iter().map(|(org, one)| (*org, one.id)).collect();
        let given = batch.answers_since(&keys, ctx.now() - span::hours(1)).await?;
        let people: Vec<_> = here.iter().map(|(org, one)| (*org, one.contact_id)).collect();
        let people = batch.contacts(&people).await?;
        let with_endpoint = batch.with_ai_endpoint(&orgs).await?;
        let rest = waiting.into_iter().zip(stopped).zip(given).zip(people);
        for ((n, organisation, conversation), (((waiting, stopped), given), contact)) in
            listening.into_iter().zip(rest)
        {
            if stopped || waiting.messages.is_empty() {
                continue;
            }
            let org = turns[n].org;
            open[n] = Some(Self {
                org,
                conversation: conversation.id,
                trace: turns[n].trace,
                customer_name: contact.and_then(|contact| contact.profile_name),
                looping: given >= i64::from(organisation.1.ai.replies_per_hour),
                is_slow: ctx.model.is_some() || with_endpoint.contains(&org),
                organisation,
                waiting,
            });
        }
        Ok(open)
    }

    /// The organisation's settings.
    pub fn settings(&self) -> &OrgSettings {
        &self.organisation.1
    }

    /// The language of the contact's last words; without any, the organisation's.
    fn language(&self) -> Option<Language> {
        let prior = Language::from_code(&self.organisation.0.locale);
        self.waiting.last_words().map(|words| language::detect(words, prior)).or(prior)
    }

    /// The answer to what waits.
    pub async fn compose(&self, ctx: &Ctx) -> store::Result<Composed> {
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
            organisation: &self.organisation.0.name,
            prior: self.language(),
            text: &words,
            customer_name: self.customer_name.as_deref(),
            history: &self.waiting.history,
            settings: &self.settings().ai,
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
    pub async fn overtaken(&self, ctx: &Ctx) {
        loop {
            tokio::time::sleep(GLANCE).await;
            if !self.holds_in(ctx).await.unwrap_or(true) {
                return;
            }
        }
    }

    async fn holds_in(&self, ctx: &Ctx) -> store::Result<bool> {
        let mut tx = ctx.store.read().await?;
        let mut batch = tx.batch(&[self.org]).await?;
        let now = batch.conversations(&[(self.org, self.conversation)]).await?;
        Ok(Self::still_open(&mut batch, &[self], &now).await?.contains(&true))
    }

    /// Whether what was read of each is still what is open, in the conversations as they are now.
    pub async fn still_open(
        batch: &mut Batch<'_>,
        open: &[&Self],
        now: &[Option<Conversation>],
    ) -> store::Result<Vec<bool>> {
        let listening: Vec<_> = open
            .iter()
            .zip(now)
            .map(|(one, now)| {
                let now = now.as_ref().filter(|now| now.id == one.conversation && now.ai == AiState::On);
                now.map(|now| (one.org, now))
            })
            .collect();
        let here: Vec<_> = listening.iter().flatten().copied().collect();
        let mut waiting = Waiting::read(batch, &here).await?.into_iter();
        Ok(open
            .iter()
            .zip(&listening)
            .map(|(one, listening)| {
                let waiting = listening.and_then(|_| waiting.next());
                waiting.is_some_and(|now| one.waits_in(&now))
            })
            .collect())
    }

    /// Whether the same messages wait as before; where many do, whether none of them was answered.
    fn waits_in(&self, now: &Waiting) -> bool {
        let before = self.waiting.ids();
        if before.len() >= PATIENCE { before.is_disjoint(&now.answered) } else { now.ids() == before }
    }
}

/// In which of the conversations the contact has said STOP.
async fn stopped(
    batch: &mut Batch<'_>,
    listening: &[(usize, Organisation, Conversation)],
    turns: &[Payload],
) -> store::Result<Vec<bool>> {
    let asked = listening.iter().map(|(n, _, one)| (turns[*n].org, one.id));
    let asked: Vec<_> =
        asked.map(|(org, conversation)| Asked { org, conversation, template: None }).collect();
    let facts = batch.gate_facts(&asked).await?.into_iter().zip(listening);
    Ok(facts
        .map(|(facts, (_, organisation, _))| {
            let ledger = facts.map(|facts| facts.ledger).unwrap_or_default();
            Consent::from_ledger(&ledger, organisation.1.inbound_lifts_opt_out).stopped.is_some()
        })
        .collect())
}

/// The id of the button that a message is the tap on.
fn tapped(message: &Utterance) -> Option<&str> {
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
pub(super) fn content(composed: &Composed) -> Content {
    if !composed.offer_person {
        return Content::text(&composed.text);
    }
    let person = Button::Reply(Reply { id: PERSON.to_owned(), title: button(composed.language).to_owned() });
    Content::Interactive(Interactive::Button(Framed::new(&composed.text, Buttons { buttons: vec![person] })))
}
