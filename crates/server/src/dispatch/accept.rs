//! Accepting a message: the gate is asked, and the message, its job and the news of it are stored together.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use meta::send::{Content, Invalid};
use rules::consent::Purpose;
use rules::conversation::AiState;
use rules::gate::{self, Decision, Facts, Form, Reason, TemplateFitness};
use rules::id::{ConsentEventId, ConversationId, MediaId, MessageId, OrgId, OutreachId, TemplateId};
use rules::message::{Author, Kind, MessageState};
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::conversations::Heard;
use store::messages::{Asked, GateFacts, NewMessage, TemplateFacts, Thread};
use store::outreach::Outreach as OutreachRow;
use store::queue::NewJob;
use store::templates::Template;
use store::{OrgScope, Tx};
use uuid::Uuid;

use super::ahead::Leaving;
use super::content::{kind_of, preview_of, text_of};
use super::outreach::{self, Intention, Outreach};
use super::weigh::{self, Subject, Weighed};
use super::{Payload, QUEUE};
use crate::ctx::Ctx;
use crate::fallback::{self, Diversion};
use crate::trace::{Trace, step};

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
    /// What it is part of and where else it may go, where it is begun by us and not by the contact.
    pub outreach: Option<Outreach>,
    /// What it comes of.
    pub trace: Trace,
}

/// A message that was accepted.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    /// Its id.
    pub message: MessageId,
    /// Where it went.
    pub conversation: ConversationId,
    /// What the gate said: send, wait, or fall back to another channel.
    pub decision: Decision,
    /// Whether the window is open.
    pub window_open: bool,
}

impl Accepted {
    /// Whether it goes on WhatsApp, now or later.
    pub const fn goes(&self) -> bool {
        matches!(self.decision, Decision::Send { .. } | Decision::Wait { .. })
    }
}

/// Why a message was not accepted. Nothing was stored, but for the record of a template that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAccepted {
    /// There is no such conversation in this organisation.
    NoConversation,
    /// The gate refuses.
    Refused(Reason),
    /// The template takes other parameters than those given.
    Misfit(Vec<Invalid>),
}

/// A message to be accepted, and what its organisation has settled.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The organisation.
    pub org: OrgId,
    /// The message.
    pub draft: &'a Draft,
    /// What the gate sees it as, where that is not told by its content.
    pub form: Option<Form>,
    /// The organisation's settings.
    pub settings: &'a OrgSettings,
}

/// Accepts a message, or says why not.
pub async fn accept(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    draft: &Draft,
    settings: &OrgSettings,
) -> store::Result<Result<Accepted, NotAccepted>> {
    let wish = Wish { org: scope.id(), draft, form: None, settings };
    Ok(accept_all(ctx, scope.tx(), &[wish]).await?.pop().unwrap_or(Err(NotAccepted::NoConversation)))
}

/// A text of the system's own.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// Where it goes.
    pub conversation: ConversationId,
    /// What the gate sees it as.
    pub form: Form,
    /// What it says.
    pub text: &'a str,
    /// What it comes of.
    pub trace: Trace,
}

/// Sends a text of the system's own: the confirmation of STOP, the notice of a hand-off. When the gate refuses, nothing
/// is sent.
pub async fn notice(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    notice: &Notice<'_>,
    settings: &OrgSettings,
) -> store::Result<()> {
    let draft = Draft {
        conversation: notice.conversation,
        author: Author::System,
        author_id: None,
        content: Content::text(notice.text),
        media: None,
        reply_to: None,
        client_ref: None,
        outreach: None,
        trace: notice.trace,
    };
    let wish = Wish { org: scope.id(), draft: &draft, form: Some(notice.form), settings };
    if let Some(Err(NotAccepted::Refused(reason))) = accept_all(ctx, scope.tx(), &[wish]).await?.pop() {
        tracing::info!(trace = %notice.trace, org.id = %scope.id(), %reason, "a notice was not sent");
    }
    Ok(())
}

/// A message that the gate lets through, as it is stored.
pub(super) struct Allowed<'a> {
    pub wish: Wish<'a>,
    id: MessageId,
    pub facts: GateFacts,
    pub decision: Decision,
    pub consent: Option<ConsentEventId>,
    kind: Kind,
    body: String,
    preview: String,
    content: Value,
    pub recorded: Value,
    outreach: Option<OutreachId>,
    window_open: bool,
}

/// Accepts messages of whatever organisations, in their order, or says of each why not. The conversations are held until
/// the transaction ends, so that they do not become part of others while these messages are written into them.
pub async fn accept_all(
    ctx: &Ctx,
    tx: &mut Tx,
    wishes: &[Wish<'_>],
) -> store::Result<Vec<Result<Accepted, NotAccepted>>> {
    let orgs: Vec<OrgId> = wishes.iter().map(|wish| wish.org).collect();
    let keys: Vec<_> = wishes.iter().map(|wish| (wish.org, wish.draft.conversation)).collect();
    tx.batch(&orgs).await?.conversations_for_change(&keys).await?;
    accept_held(ctx, tx, wishes, &mut Leaving::default()).await
}

/// The same in conversations that this transaction holds already. What may leave at once is noted.
pub async fn accept_held(
    ctx: &Ctx,
    tx: &mut Tx,
    wishes: &[Wish<'_>],
    leaving: &mut Leaving,
) -> store::Result<Vec<Result<Accepted, NotAccepted>>> {
    let now = ctx.now();
    let orgs: Vec<OrgId> = wishes.iter().map(|wish| wish.org).collect();
    let asked: Vec<Asked<'_>> = wishes
        .iter()
        .map(|wish| Asked {
            org: wish.org,
            conversation: wish.draft.conversation,
            template: template_name(&wish.draft.content),
        })
        .collect();
    let facts = tx.batch(&orgs).await?.gate_facts(&asked).await?;
    let mut accepted = Vec::with_capacity(wishes.len());
    let mut allowed = Vec::with_capacity(wishes.len());
    let (mut intended, mut read) = (Vec::new(), Templates::default());
    let weighed = weigh_all(tx, wishes, &facts, now).await?;
    for ((wish, facts), weighed) in wishes.iter().zip(facts).zip(weighed) {
        let judged = match facts {
            Some(facts) => judge(ctx, tx, (*wish, facts, weighed), &mut intended, &mut read, now).await?,
            None => Err(NotAccepted::NoConversation),
        };
        accepted.push(judged.map(|message| {
            let done = message.accepted();
            allowed.push(message);
            done
        }));
    }
    tx.batch(&orgs).await?.insert_outreach(&intended).await?;
    outreach::decided(tx, &intended, now).await?;
    write(tx, &orgs, &allowed, leaving, now).await?;
    Ok(accepted)
}

/// Reads what the gate is told of those that are templates.
async fn weigh_all<'a>(
    tx: &mut Tx,
    wishes: &[Wish<'a>],
    facts: &[Option<GateFacts>],
    now: Timestamp,
) -> store::Result<Vec<Option<Weighed<'a>>>> {
    let subjects: Vec<_> =
        wishes.iter().zip(facts).map(|(wish, facts)| subject(wish, facts.as_ref())).collect();
    weigh::each(tx, &subjects, now).await
}

fn subject<'a, 'r>(wish: &Wish<'a>, facts: Option<&'r GateFacts>) -> Option<Subject<'a, 'r>>
where
    'a: 'r,
{
    let facts = facts?;
    template_name(&wish.draft.content)?;
    Some(Subject {
        org: wish.org,
        contact: facts.thread.contact_id,
        purpose: facts.template.as_ref().map_or(Purpose::Utility, purpose_of),
        settings: wish.settings,
        record: None,
        fallback: wish.draft.outreach.as_ref().map_or(&[], |part_of| &part_of.fallback),
        ledger: &facts.ledger,
        person: None,
    })
}

/// Asks the gate about one message. A template's record is added to what is `intended`, whatever the gate says.
async fn judge<'a>(
    ctx: &Ctx,
    tx: &mut Tx,
    (wish, facts, weighed): (Wish<'a>, GateFacts, Option<Weighed<'a>>),
    intended: &mut Vec<(OrgId, OutreachRow)>,
    read: &mut Templates,
    now: Timestamp,
) -> store::Result<Result<Allowed<'a>, NotAccepted>> {
    let Wish { org, draft, form, settings } = wish;
    let (form, misfit) = match form {
        Some(form) => (form, Vec::new()),
        None => form_of(tx, org, &draft.content, &facts, read).await?,
    };
    let mut asked = facts.facts(draft.author, form, settings);
    if let Some(weighed) = weighed {
        weighed.tell(&mut asked, now);
    }
    let decision = gate::decide(&asked, now);
    let id = MessageId::fresh(now, ctx.chance());
    let outreach = intention(&wish, form, &facts, &asked, decision).map(|intention| {
        let record = OutreachId::fresh(now, ctx.chance());
        let refused = matches!(decision, Decision::Refuse { .. });
        intended.push((org, intention.row(record, (!refused).then_some(id), now)));
        record
    });
    let consent = match decision {
        Decision::Send { consent, .. } => consent,
        Decision::Wait { .. } | Decision::FallBack { .. } => None,
        Decision::Refuse { reason: Reason::TemplateMisfit } => return Ok(Err(NotAccepted::Misfit(misfit))),
        Decision::Refuse { reason } => return Ok(Err(NotAccepted::Refused(reason))),
    };
    let (kind, body) = (kind_of(&draft.content), read.text_of(org, &draft.content, &facts));
    let stored = Stored { content: &draft.content, media_id: draft.media, form: stored_form(form) };
    Ok(Ok(Allowed {
        wish,
        id,
        decision,
        consent,
        kind,
        preview: preview_of(kind, &body),
        body,
        content: serde_json::to_value(&stored)?,
        recorded: json!({ "decision": decision, "at": now }),
        outreach,
        window_open: gate::window_is_open(&asked, now),
        facts,
    }))
}

/// What the gate was asked about, where it is a template.
fn intention<'a>(
    wish: &Wish<'a>,
    form: Form,
    facts: &GateFacts,
    asked: &'a Facts,
    decision: Decision,
) -> Option<Intention<'a>> {
    let Form::Template { purpose, .. } = form else { return None };
    Some(Intention {
        thread: facts.thread,
        author: wish.draft.author,
        purpose,
        template: template_name(&wish.draft.content)?,
        part_of: wish.draft.outreach.as_ref(),
        facts: asked,
        decision,
    })
}

/// Stores messages, their jobs and the news of them.
async fn write(
    tx: &mut Tx,
    orgs: &[OrgId],
    allowed: &[Allowed<'_>],
    leaving: &mut Leaving,
    now: Timestamp,
) -> store::Result<()> {
    let rows: Vec<_> = allowed.iter().map(|message| (message.wish.org, message.row(now))).collect();
    let mut batch = tx.batch(orgs).await?;
    batch.insert_messages(&rows).await?;
    let shown: Vec<Heard<'_>> = allowed.iter().map(|message| message.shown(now)).collect();
    batch.show_messages(&shown).await?;
    for message in allowed {
        let Allowed { wish, id, facts, .. } = message;
        let conversation = facts.thread.conversation_id;
        let mut scope = tx.org(wish.org).await?;
        if let Some(media) = wish.draft.media {
            scope.media_used(media, *id, now).await?;
        }
        if wish.draft.author == Author::Member {
            // A person has taken over: the AI is silent until it is given the conversation back.
            scope.set_ai(conversation, AiState::HandedOff, Some("agent_replied"), now).await?;
        }
        let payload = Payload { org: wish.org, message: *id, trace: wish.draft.trace };
        step!(payload.trace, wish.org, id, "accepted", author = wish.draft.author.as_str(), conversation.id = %conversation);
        message.set_in_motion(&mut scope, payload, now).await?;
        leaving.note(message, payload);
        let contact = facts.thread.contact_id;
        let ids = json!({ "message_id": id, "conversation_id": conversation, "contact_id": contact });
        scope.publish("message.created", &ids, now)?;
        scope.publish("conversation.updated", &json!({ "conversation_id": conversation }), now)?;
    }
    Ok(())
}

impl Allowed<'_> {
    /// Puts it into its number's lane, or has its contact reached on another channel.
    async fn set_in_motion(
        &self,
        scope: &mut OrgScope<'_>,
        payload: Payload,
        now: Timestamp,
    ) -> store::Result<()> {
        let Self { wish, facts, id, decision, .. } = self;
        match (*decision, self.outreach) {
            (Decision::FallBack { to, reason }, Some(outreach)) => {
                let contact = facts.thread.contact_id;
                let diversion = Diversion { outreach, message: *id, contact, channel: to, reason };
                fallback::divert(scope, diversion, now).await
            }
            (decision, outreach) => {
                let turn = Turn::of(decision, now);
                enqueue(scope, payload, &facts.thread, priority_of(wish.draft), turn, now)?;
                match (outreach, wish.draft.outreach.as_ref().and_then(Outreach::time_to_deliver)) {
                    (Some(outreach), Some(within)) => {
                        let contact = facts.thread.contact_id;
                        fallback::watch(scope, outreach, *id, contact, within, now).await
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn accepted(&self) -> Accepted {
        let conversation = self.facts.thread.conversation_id;
        Accepted { message: self.id, conversation, decision: self.decision, window_open: self.window_open }
    }

    fn row(&self, now: Timestamp) -> NewMessage<'_> {
        let draft = self.wish.draft;
        NewMessage {
            author_id: draft.author_id,
            body: &self.body,
            reply_to: draft.reply_to.as_deref(),
            at: now,
            created_at: now,
            decision: Some(&self.recorded),
            consent_event: self.consent,
            client_ref: draft.client_ref.as_deref(),
            state: match self.decision {
                Decision::FallBack { .. } => MessageState::AwaitingOptIn,
                _ => MessageState::Queued,
            },
            ..NewMessage::outbound(self.id, self.facts.thread, draft.author, self.kind, &self.content)
        }
    }

    fn shown(&self, now: Timestamp) -> Heard<'_> {
        Heard {
            org: self.wish.org,
            conversation: self.facts.thread.conversation_id,
            message: self.id,
            at: now,
            meta_at: None,
            preview: &self.preview,
        }
    }
}

/// What goes to many comes after whatever goes to one.
fn priority_of(draft: &Draft) -> i64 {
    match &draft.outreach {
        Some(Outreach { notification: Some(_), .. }) => 60,
        _ => priority(draft.author),
    }
}

/// People before machines, answers before the rest.
pub(super) fn priority(author: Author) -> i64 {
    match author {
        Author::Member => 10,
        Author::System => 20,
        Author::Ai => 30,
        Author::Api | Author::Contact | Author::Phone => 50,
    }
}

/// Whether what was accepted later in the conversation waits too: only for the line, which lets nothing through. A paused
/// template may wait for days, others for the morning; a person's answer must not wait with them until the window is closed.
pub(super) fn shares_its_wait(reason: Reason) -> bool {
    reason == Reason::LineHeld
}

/// When it is a message's turn.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    /// No earlier than this.
    run_at: Timestamp,
    /// Behind what was accepted before it in its conversation.
    in_order: bool,
}

impl Turn {
    /// As soon as may be.
    pub fn next(now: Timestamp) -> Self {
        Self { run_at: now, in_order: true }
    }

    /// When the gate says.
    pub fn of(decision: Decision, now: Timestamp) -> Self {
        match decision {
            Decision::Wait { until, reason } => Self { run_at: until, in_order: shares_its_wait(reason) },
            Decision::Send { .. } | Decision::FallBack { .. } | Decision::Refuse { .. } => Self::next(now),
        }
    }
}

/// Puts a message into its number's lane.
pub(super) fn enqueue(
    scope: &mut OrgScope<'_>,
    payload: Payload,
    thread: &Thread,
    priority: i64,
    turn: Turn,
    now: Timestamp,
) -> store::Result<()> {
    let job = NewJob {
        serial_key: turn.in_order.then(|| thread.conversation_id.to_string()),
        org: Some(payload.org),
        priority,
        run_at: turn.run_at,
        ..NewJob::new(QUEUE, thread.number_id, &payload, now)?
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

/// What an outbound message says, as it was stored.
pub fn content_of(stored: &Value) -> Option<Content> {
    serde_json::from_value::<Restored>(stored.clone()).ok().map(|restored| restored.content)
}

impl Restored {
    /// The form as the gate sees it now, and what does not fit its template.
    pub async fn form(
        &self,
        tx: &mut Tx,
        org: OrgId,
        facts: &GateFacts,
    ) -> store::Result<(Form, Vec<Invalid>)> {
        if self.form.as_deref() == Some(STOP_CONFIRMATION) {
            Ok((Form::StopConfirmation, Vec::new()))
        } else {
            form_of(tx, org, &self.content, facts, &mut Templates::default()).await
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

/// Templates that were read for messages accepted together: a notification's are all of the same few.
#[derive(Default)]
struct Templates(HashMap<(OrgId, TemplateId), Option<Template>>);

impl Templates {
    async fn template(
        &mut self,
        tx: &mut Tx,
        org: OrgId,
        id: TemplateId,
    ) -> store::Result<Option<&Template>> {
        Ok(match self.0.entry((org, id)) {
            Entry::Occupied(read) => read.into_mut().as_ref(),
            Entry::Vacant(unread) => unread.insert(tx.org(org).await?.template(id).await?).as_ref(),
        })
    }

    /// What a reader sees of a content: of a template that was read, the text with its gaps filled. A code is for its contact
    /// alone, and no text to be shown or found.
    fn text_of(&self, org: OrgId, content: &Content, facts: &GateFacts) -> String {
        let known = facts.template.as_ref().filter(|known| purpose_of(known) != Purpose::Authentication);
        let read = known.and_then(|known| self.0.get(&(org, known.id))?.as_ref());
        let plain = match (content, read) {
            (Content::Template(given), Some(approved)) => given.plain(&approved.components.0),
            _ => String::new(),
        };
        if plain.is_empty() { text_of(content) } else { plain }
    }
}

/// The form of a content, and what of it does not fit the template as Meta has it now.
async fn form_of(
    tx: &mut Tx,
    org: OrgId,
    content: &Content,
    facts: &GateFacts,
    read: &mut Templates,
) -> store::Result<(Form, Vec<Invalid>)> {
    let Content::Template(given) = content else { return Ok((Form::FreeForm, Vec::new())) };
    let Some(known) = &facts.template else {
        let unknown = Form::Template { purpose: Purpose::Utility, state: TemplateFitness::Unusable };
        return Ok((unknown, Vec::new()));
    };
    let approved = read.template(tx, org, known.id).await?;
    let fits = |template: &Template| {
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
pub(super) fn purpose_of(template: &TemplateFacts) -> Purpose {
    match template.category.as_str() {
        "UTILITY" => Purpose::Utility,
        "AUTHENTICATION" => Purpose::Authentication,
        _ => Purpose::Marketing,
    }
}

pub(super) fn fitness_of(template: &TemplateFacts) -> TemplateFitness {
    match template.status.as_str() {
        "APPROVED" => TemplateFitness::Ready,
        "PAUSED" => TemplateFitness::Paused,
        _ => TemplateFitness::Unusable,
    }
}
