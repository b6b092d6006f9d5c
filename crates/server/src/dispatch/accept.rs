//! Accepting a message: the gate is asked, and the message, its job and the news of it are stored together.

use meta::send::{Content, Invalid};
use rules::consent::Purpose;
use rules::conversation::AiState;
use rules::gate::{self, Decision, Form, Reason, TemplateFitness};
use rules::id::{ConversationId, MediaId, MessageId};
use rules::message::Author;
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde_json::json;
use store::OrgScope;
use store::messages::{GateFacts, NewMessage, TemplateFacts};
use store::queue::NewJob;
use uuid::Uuid;

use super::content::{kind_of, preview_of, text_of};
use super::{Payload, QUEUE};
use crate::ctx::Ctx;

/// A message to be accepted.
#[derive(Debug)]
pub struct Draft {
    /// Where it goes.
    pub conversation: ConversationId,
    /// Who sends it.
    pub author: Author,
    /// The member, key or answer behind it.
    pub author_id: Option<Uuid>,
    /// What it says.
    pub content: Content,
    /// The stored file that it carries; uploaded to Meta when it is sent.
    pub media: Option<MediaId>,
    /// The wamid of the message that it answers or reacts to.
    pub reply_to: Option<String>,
    /// The caller's own name for it.
    pub client_ref: Option<String>,
}

/// A message that was accepted.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    /// Its id.
    pub message: MessageId,
    /// Where it went.
    pub conversation: ConversationId,
    /// What the gate said: send, or wait.
    pub decision: Decision,
}

/// Why a message was not accepted. Nothing was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAccepted {
    /// There is no such conversation in this organisation.
    NoConversation,
    /// The gate refuses.
    Refused(Reason),
    /// The template takes other parameters than those given.
    Misfit(Vec<Invalid>),
}

/// Accepts a message, or says why not.
pub async fn accept(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    draft: &Draft,
    settings: &OrgSettings,
) -> store::Result<Result<Accepted, NotAccepted>> {
    accept_as(ctx, scope, draft, None, settings).await
}

/// Sends a text of the system's own: the confirmation of STOP, the notice of a hand-off. When the gate refuses, nothing
/// is sent.
pub async fn notice(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    form: Form,
    text: &str,
    settings: &OrgSettings,
) -> store::Result<()> {
    let draft = Draft {
        conversation,
        author: Author::System,
        author_id: None,
        content: Content::text(text),
        media: None,
        reply_to: None,
        client_ref: None,
    };
    if let Err(NotAccepted::Refused(reason)) = accept_as(ctx, scope, &draft, Some(form), settings).await? {
        tracing::info!(org.id = %scope.id(), %reason, "a notice was not sent");
    }
    Ok(())
}

async fn accept_as(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    draft: &Draft,
    form: Option<Form>,
    settings: &OrgSettings,
) -> store::Result<Result<Accepted, NotAccepted>> {
    let now = ctx.now();
    // Held, so that it does not become part of another conversation while this message is written into it.
    let Some(conversation) = scope.conversation_for_change(draft.conversation).await? else {
        return Ok(Err(NotAccepted::NoConversation));
    };
    let Some(facts) = scope.gate_facts(conversation.id, template_name(&draft.content)).await? else {
        return Ok(Err(NotAccepted::NoConversation));
    };
    let (form, misfit) = match form {
        Some(form) => (form, Vec::new()),
        None => form_of(scope, &draft.content, &facts).await?,
    };
    let decision =
        gate::decide(&facts.facts(draft.author, form, settings.policy, settings.inbound_lifts_opt_out), now);
    let consent_event = match decision {
        Decision::Send { consent, .. } => consent,
        Decision::Wait { .. } => None,
        Decision::Refuse { reason: Reason::TemplateMisfit } => return Ok(Err(NotAccepted::Misfit(misfit))),
        Decision::Refuse { reason } => return Ok(Err(NotAccepted::Refused(reason))),
    };
    let id = MessageId::fresh(now, ctx.chance());
    let kind = kind_of(&draft.content);
    let body = text_of(&draft.content);
    let stored = Stored { content: &draft.content, media_id: draft.media, form: stored_form(form) };
    let content = serde_json::to_value(&stored)?;
    let recorded = json!({ "decision": decision, "at": now });
    let message = NewMessage {
        author_id: draft.author_id,
        body: &body,
        reply_to: draft.reply_to.as_deref(),
        at: now,
        created_at: now,
        decision: Some(&recorded),
        consent_event,
        client_ref: draft.client_ref.as_deref(),
        ..NewMessage::outbound(id, facts.thread, draft.author, kind, &content)
    };
    scope.insert_message(&message).await?;
    let conversation = facts.thread.conversation_id;
    scope.record_outbound(conversation, id, now, &preview_of(kind, &body)).await?;
    if draft.author == Author::Member {
        // A person has taken over: the AI is silent until it is given the conversation back.
        scope.set_ai(conversation, AiState::HandedOff, Some("agent_replied"), now).await?;
    }
    enqueue(scope, id, &facts, draft.author, decision, now).await?;
    let ids =
        json!({ "message_id": id, "conversation_id": conversation, "contact_id": facts.thread.contact_id });
    scope.publish("message.created", &ids, now)?;
    scope.publish("conversation.updated", &json!({ "conversation_id": conversation }), now)?;
    ctx.ring(QUEUE);
    Ok(Ok(Accepted { message: id, conversation, decision }))
}

/// People before machines, answers before the rest.
fn priority(author: Author) -> i64 {
    match author {
        Author::Member => 10,
        Author::System => 20,
        Author::Ai => 30,
        Author::Api | Author::Contact | Author::Phone => 50,
    }
}

/// Whether what was accepted later in the conversation waits too. A paused template may wait for days; a person's answer
/// must not wait with it until the window is closed.
pub(super) fn shares_its_wait(reason: Reason) -> bool {
    reason != Reason::TemplatePaused
}

/// Puts a message into its number's lane, behind what was accepted before it in its conversation.
pub(super) async fn enqueue(
    scope: &mut OrgScope<'_>,
    id: MessageId,
    facts: &GateFacts,
    author: Author,
    decision: Decision,
    now: Timestamp,
) -> store::Result<()> {
    let org = scope.id();
    let (run_at, in_order) = match decision {
        Decision::Wait { until, reason } => (until, shares_its_wait(reason)),
        Decision::Send { .. } | Decision::Refuse { .. } => (now, true),
    };
    let job = NewJob {
        serial_key: in_order.then(|| facts.thread.conversation_id.to_string()),
        org: Some(org),
        priority: priority(author),
        run_at,
        ..NewJob::new(QUEUE, facts.thread.number_id, &Payload { org, message: id }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// An outbound content as it is stored: Meta's own form, and beside it what only we know.
#[derive(serde::Serialize)]
struct Stored<'a> {
    #[serde(flatten)]
    content: &'a Content,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_id: Option<MediaId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<&'static str>,
}

/// A stored outbound content, read back.
#[derive(serde::Deserialize)]
pub(super) struct Restored {
    #[serde(flatten)]
    pub content: Content,
    #[serde(default)]
    pub media_id: Option<MediaId>,
    #[serde(default)]
    form: Option<String>,
}

const STOP_CONFIRMATION: &str = "stop_confirmation";

fn stored_form(form: Form) -> Option<&'static str> {
    (form == Form::StopConfirmation).then_some(STOP_CONFIRMATION)
}

impl Restored {
    /// The form as the gate sees it now, and what does not fit its template.
    pub async fn form(
        &self,
        scope: &mut OrgScope<'_>,
        facts: &GateFacts,
    ) -> store::Result<(Form, Vec<Invalid>)> {
        if self.form.as_deref() == Some(STOP_CONFIRMATION) {
            Ok((Form::StopConfirmation, Vec::new()))
        } else {
            form_of(scope, &self.content, facts).await
        }
    }
}

/// The name and language of the template that a content is, if it is one.
pub(super) fn template_name(content: &Content) -> Option<(&str, &str)> {
    match content {
        Content::Template(template) => Some((&template.name, &template.language.code)),
        _ => None,
    }
}

/// The form of a content, and what of it does not fit the template as Meta has it now.
async fn form_of(
    scope: &mut OrgScope<'_>,
    content: &Content,
    facts: &GateFacts,
) -> store::Result<(Form, Vec<Invalid>)> {
    let Content::Template(given) = content else { return Ok((Form::FreeForm, Vec::new())) };
    let Some(known) = &facts.template else {
        let unknown = Form::Template { purpose: Purpose::Utility, state: TemplateFitness::Unusable };
        return Ok((unknown, Vec::new()));
    };
    let approved = scope.template(known.id).await?;
    let fits = |template: store::templates::Template| {
        given.fits(&template.components.0, template.parameter_format.eq_ignore_ascii_case("named"))
    };
    let misfit = approved.map_or(Ok(()), fits).err().unwrap_or_default();
    let state = match fitness_of(known) {
        TemplateFitness::Ready | TemplateFitness::Paused if !misfit.is_empty() => TemplateFitness::Misfit,
        fitness => fitness,
    };
    Ok((Form::Template { purpose: purpose_of(known), state }, misfit))
}

/// Meta's category; one that we do not know is treated as the strictest.
fn purpose_of(template: &TemplateFacts) -> Purpose {
    match template.category.as_str() {
        "UTILITY" => Purpose::Utility,
        "AUTHENTICATION" => Purpose::Authentication,
        _ => Purpose::Marketing,
    }
}

fn fitness_of(template: &TemplateFacts) -> TemplateFitness {
    match template.status.as_str() {
        "APPROVED" => TemplateFitness::Ready,
        "PAUSED" => TemplateFitness::Paused,
        _ => TemplateFitness::Unusable,
    }
}
