//! Sending as a use case: find the conversation, ask the gate, accept.

use meta::send::Content;
use rules::conversation::AiState;
use rules::gate::{self, Decision, Form, Reason};
use rules::id::{ContactId, ConversationId, MediaId, MessageId, NumberId};
use rules::identity::{Bsuid, Phone, Sender};
use rules::message::{Author, MessageState};
use rules::settings::OrgSettings;
use serde_json::json;
use store::OrgScope;
use uuid::Uuid;

use super::accept::{self, Restored, Turn, template_name};
use super::outreach::{self, Outreach};
use super::weigh::{self, Subject};
use super::{Accepted, Draft, NotAccepted, Payload, problem};
use crate::ctx::Ctx;
use crate::fallback;
use crate::rights;
use crate::trace::{Trace, step};

/// To whom.
#[derive(Clone, Debug)]
pub enum Target {
    /// A phone number, whether or not we know it.
    Phone(Phone),
    /// A BSUID that the organisation knows.
    Bsuid(Bsuid),
    /// A contact.
    Contact(ContactId),
    /// A conversation.
    Conversation(ConversationId),
}

/// What is to be sent.
#[derive(Debug)]
pub struct Request {
    /// To whom.
    pub target: Target,
    /// From which number; may be left out where there is only one.
    pub number: Option<NumberId>,
    /// Who sends.
    pub author: Author,
    /// The member behind it.
    pub author_id: Option<Uuid>,
    /// What it says.
    pub content: Content,
    /// The stored file it carries.
    pub media: Option<MediaId>,
    /// The wamid of the message that it answers or reacts to.
    pub reply_to: Option<String>,
    /// The caller's own name for it.
    pub client_ref: Option<String>,
    /// What it is part of and where else it may go, where it is begun by us and not by the contact. `None`: a template
    /// may go where the organisation usually tries.
    pub outreach: Option<Outreach>,
    /// The request that says so.
    pub trace: Trace,
}

/// Why nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// The gate, or there is no such conversation.
    Gate(NotAccepted),
    /// There is no such contact.
    NoContact,
    /// There is no such number, or none at all.
    NoNumber,
    /// There are several numbers and none was named.
    WhichNumber,
    /// There is no such message.
    NoSuchMessage,
    /// The message is in a state in which it is not sent again.
    Settled,
}

/// Sends a message: accepts it, or says why not.
pub async fn send(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    request: Request,
) -> store::Result<Result<Accepted, NotSent>> {
    let settings = settings(scope).await?;
    let conversation = match conversation(ctx, scope, (&request.target, request.number), &settings).await? {
        Ok(conversation) => conversation,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let outreach = match request.outreach {
        None if matches!(request.content, Content::Template(_)) => {
            Some(Outreach { fallback: fallback::usual_order(scope).await?, ..Outreach::default() })
        }
        said => said,
    };
    let draft = Draft {
        conversation,
        author: request.author,
        author_id: request.author_id,
        content: request.content,
        media: request.media,
        reply_to: request.reply_to,
        client_ref: request.client_ref,
        outreach,
        trace: request.trace,
    };
    Ok(super::accept(ctx, scope, &draft, &settings).await?.map_err(NotSent::Gate))
}

/// Sends a failed, refused or unresolved message again, because a person says so. The gate is asked anew.
pub async fn retry(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    id: MessageId,
    trace: Trace,
) -> store::Result<Result<Accepted, NotSent>> {
    let now = ctx.now();
    let Some(message) = scope.message(id).await? else { return Ok(Err(NotSent::NoSuchMessage)) };
    if problem::is_elsewhere(&message) {
        return Ok(Err(NotSent::Settled));
    }
    let Ok(restored) = serde_json::from_value::<Restored>(message.content.0.clone()) else {
        return Ok(Err(NotSent::Settled));
    };
    let template = template_name(&restored.content);
    let Some(facts) = scope.gate_facts(message.thread.conversation_id, template).await? else {
        return Ok(Err(NotSent::NoSuchMessage));
    };
    let settings = settings(scope).await?;
    let org = scope.id();
    let (form, misfit) = restored.form(scope.tx(), org, &facts).await?;
    let mut asked = facts.facts(message.author, form, &settings);
    if let Form::Template { purpose, .. } = form {
        let found = scope.tx().batch(&[org]).await?.outreach_of(&[(org, id)]).await?.pop().flatten();
        let contact = facts.thread.contact_id;
        let subject = Subject {
            org,
            contact,
            purpose,
            settings: &settings,
            record: found.as_ref().map(|one| one.id),
            fallback: found.as_ref().map_or(&[], |one| &one.fallback.0),
            ledger: &facts.ledger,
            person: None,
        };
        if let Some(Some(weighed)) = weigh::each(scope.tx(), &[Some(subject)], now).await?.pop() {
            weighed.tell(&mut asked, now);
        }
    }
    let decision = gate::decide(&asked, now);
    match decision {
        Decision::Refuse { reason: Reason::TemplateMisfit } => {
            return Ok(Err(NotSent::Gate(NotAccepted::Misfit(misfit))));
        }
        Decision::Refuse { reason } => return Ok(Err(NotSent::Gate(NotAccepted::Refused(reason)))),
        Decision::Send { .. } | Decision::Wait { .. } | Decision::FallBack { .. } => {}
    }
    if scope.requeue_message(id, now).await?.is_none() {
        return Ok(Err(NotSent::Settled));
    }
    let payload = Payload { org, message: id, trace };
    step!(trace, org, id, "is sent again");
    if let Form::Template { purpose, .. } = form {
        let judged = outreach::judged(org, id, purpose, &asked, decision, now);
        scope.tx().batch(&[org]).await?.judge_outreach(&[judged], now).await?;
    }
    outreach::watch_again(scope, id, now).await?;
    accept::enqueue(
        scope,
        payload,
        &facts.thread,
        accept::priority(message.author),
        Turn::of(decision, now),
        now,
    )?;
    let news = json!({ "message_id": id, "conversation_id": facts.thread.conversation_id, "state": MessageState::Queued });
    scope.publish("message.updated", &news, now)?;
    let window_open = gate::window_is_open(&asked, now);
    Ok(Ok(Accepted { message: id, conversation: facts.thread.conversation_id, decision, window_open }))
}

pub(super) async fn settings(scope: &mut OrgScope<'_>) -> store::Result<OrgSettings> {
    Ok(scope.org().await?.map(|org| OrgSettings::read(&org.settings)).unwrap_or_default())
}

/// The conversation with whom it goes to, from the number named or the only one there is; made if there is none.
pub(super) async fn conversation(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    (target, named): (&Target, Option<NumberId>),
    settings: &OrgSettings,
) -> store::Result<Result<ConversationId, NotSent>> {
    let now = ctx.now();
    if let Target::Conversation(id) = target {
        return Ok(Ok(*id));
    }
    let number = match number(scope, named).await? {
        Ok(number) => number,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let contact = match target {
        Target::Phone(phone) => Some(rights::contact_by_phone(ctx, scope, phone, now).await?.contact),
        Target::Contact(id) => scope.contact(*id).await?.map(|contact| contact.id),
        Target::Bsuid(bsuid) => {
            let Some((account, owner)) = scope.portfolio_of_number(number).await? else {
                return Ok(Err(NotSent::NoNumber));
            };
            let portfolio = owner.unwrap_or_else(|| account.to_string());
            let who = Sender { bsuid: Some(bsuid.clone()), ..Sender::default() };
            let found = scope.recognise(&who, &portfolio, now, ctx.chance()).await?;
            if let Some(found) = found.as_ref().filter(|found| found.is_new) {
                rights::heed(ctx, scope, found.contact, &who, now).await?;
            }
            found.map(|found| found.contact)
        }
        Target::Conversation(_) => None,
    };
    let Some(contact) = contact else { return Ok(Err(NotSent::NoContact)) };
    let ai = if settings.ai.enabled { AiState::On } else { AiState::Off };
    let (conversation, _) = scope.open_conversation(contact, number, ai, now, ctx.chance()).await?;
    Ok(Ok(conversation.id))
}

/// The number named, or the only one there is.
async fn number(
    scope: &mut OrgScope<'_>,
    named: Option<NumberId>,
) -> store::Result<Result<NumberId, NotSent>> {
    let numbers = scope.connected_numbers().await?;
    Ok(match (named, numbers.as_slice()) {
        (Some(id), all) if all.contains(&id) => Ok(id),
        (Some(_), _) | (None, []) => Err(NotSent::NoNumber),
        (None, [only]) => Ok(*only),
        (None, _) => Err(NotSent::WhichNumber),
    })
}
