//! What the gate would say of a template now, without sending it.

use rules::consent::{Channel, Purpose};
use rules::gate::{self, Decision, Facts, Form, TemplateFitness, window_is_open};
use rules::id::NumberId;
use rules::message::Author;
use rules::outreach::{NextChannel, OutreachVerdict};
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use store::OrgScope;
use store::messages::GateFacts;

use super::accept::{fitness_of, purpose_of};
use super::allowance::Allowances;
use super::outreach::{standing, words};
use super::service::{self, NotSent, Target};
use super::weigh::{self, Subject};
use crate::ctx::Ctx;

/// A template that might be sent.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// To whom.
    pub target: Target,
    /// From which number; may be left out where there is only one.
    pub number: Option<NumberId>,
    /// Who would send.
    pub author: Author,
    /// Its name and language.
    pub template: (&'a str, &'a str),
    /// The channels that would be allowed besides WhatsApp, in order.
    pub fallback: &'a [NextChannel],
}

/// What the gate says of it.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The decision.
    pub decision: Decision,
    /// The same in one word.
    pub verdict: OutreachVerdict,
    /// The channel that it would take.
    pub channel: Channel,
    /// What the template is for.
    pub purpose: Purpose,
    /// How the contact stands towards that.
    pub standing: &'static str,
    /// Whether the window is open.
    pub window_open: bool,
}

/// What the gate says to an approved template of each purpose from a member.
pub async fn ask_each(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    facts: &GateFacts,
    settings: &OrgSettings,
) -> store::Result<Vec<(Purpose, Decision)>> {
    let (org, contact, now) = (scope.id(), facts.thread.contact_id, ctx.now());
    let subjects: Vec<Option<Subject<'_, '_>>> = Purpose::ALL
        .iter()
        .map(|purpose| {
            let (ledger, purpose) = (facts.ledger.as_slice(), *purpose);
            Some(Subject {
                org,
                contact,
                purpose,
                settings,
                record: None,
                fallback: &[],
                ledger,
                person: None,
            })
        })
        .collect();
    let mut decisions = Vec::with_capacity(subjects.len());
    let frees_at = frees_at(ctx, scope, facts, now).await?;
    let weighed = weigh::each(scope.tx(), &subjects, now).await?;
    for (purpose, weighed) in Purpose::ALL.iter().copied().zip(weighed) {
        let form = Form::Template { purpose, state: TemplateFitness::Ready };
        let mut asked = Facts { limit_frees_at: frees_at, ..facts.facts(Author::Member, form, settings) };
        if let Some(weighed) = weighed {
            weighed.tell(&mut asked, now);
        }
        decisions.push((purpose, gate::decide(&asked, now)));
    }
    Ok(decisions)
}

/// Asks the gate. The transaction is to be dropped: it may hold a conversation that was made for the question.
pub async fn ask(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    question: Question<'_>,
) -> store::Result<Result<Answered, NotSent>> {
    let now = ctx.now();
    let settings = service::settings(scope).await?;
    let to = (&question.target, question.number);
    let conversation = match service::conversation(ctx, scope, to, &settings).await? {
        Ok(conversation) => conversation,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(facts) = scope.gate_facts(conversation, Some(question.template)).await? else {
        return Ok(Err(NotSent::NoNumber));
    };
    let known = facts.template.as_ref();
    let purpose = known.map_or(Purpose::Utility, purpose_of);
    let state = known.map_or(TemplateFitness::Unusable, fitness_of);
    let mut asked = Facts {
        limit_frees_at: frees_at(ctx, scope, &facts, now).await?,
        ..facts.facts(question.author, Form::Template { purpose, state }, &settings)
    };
    let subject = Subject {
        org: scope.id(),
        contact: facts.thread.contact_id,
        purpose,
        settings: &settings,
        record: None,
        fallback: question.fallback,
        ledger: &facts.ledger,
        person: None,
    };
    if let Some(Some(weighed)) = weigh::each(scope.tx(), &[Some(subject)], now).await?.pop() {
        weighed.tell(&mut asked, now);
    }
    let decision = gate::decide(&asked, now);
    let (verdict, _, channel, _) = words(decision);
    let (standing, window_open) = (standing(&asked, purpose), window_is_open(&asked, now));
    Ok(Ok(Answered { decision, verdict, channel, purpose, standing, window_open }))
}

/// When Meta's limit lets the contact be written to first again, if not now.
async fn frees_at(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    facts: &GateFacts,
    now: Timestamp,
) -> store::Result<Option<Timestamp>> {
    let org = scope.id();
    Ok(Allowances::read(scope.tx(), &ctx.crowds, &[(org, facts)], now).await?.frees_at(org, facts))
}
