//! Conversations: lists, one of them, and what may be done with it.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::consent::Purpose;
use rules::conversation::{AiState, ConversationStatus};
use rules::gate::{Decision, Reason, window_closes_at};
use rules::id::{ContactId, ConversationId, MemberId, MessageId, NumberId, OrgId};
use rules::message::{Author, Direction, Kind, MessageState};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::contacts::ContactFilter;
use store::conversations::{Assignee, ConversationCounts, ConversationFilter, ConversationRow};
use utoipa::{IntoParams, ToSchema};

use crate::contacts::LabelChange;
use crate::contacts::api::Contact;
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query, Sentence};
use crate::inbox::service::{self, Change, With};

/// A contact's thread with one of the organisation's numbers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The person.
    pub contact: Contact,
    /// The number.
    pub number_id: NumberId,
    /// Whether it wants attention.
    pub status: ConversationStatus,
    /// The member who takes care of it; `null` for nobody.
    pub assignee_id: Option<MemberId>,
    /// Whether the AI answers.
    pub ai: Ai,
    /// When the 24 hours end in which free-form messages may be sent; `null` if the contact never wrote. Compare it
    /// with the present to know whether they may.
    pub window_closes_at: Option<Timestamp>,
    /// Until when it is out of sight; `null`: it is in sight.
    pub snoozed_until: Option<Timestamp>,
    /// What it is about, in the organisation's words. Who the contact is stands in the contact's own labels.
    pub labels: Vec<String>,
    /// The last message; `null` while there is none.
    pub last_message: Option<LastMessage>,
    /// How many of the contact's messages nobody has looked at.
    pub unread: i64,
    /// The advertisement or link that led the contact here, as Meta tells it.
    #[schema(value_type = Option<Object>)]
    pub attribution: Option<serde_json::Value>,
    /// When it began.
    pub created_at: Timestamp,
}

/// Whether the AI answers in a conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ai {
    /// Whether it does.
    pub state: AiState,
    /// Why, in a stable word such as `agent_replied`.
    pub reason: Option<String>,
    /// Since when. It answers nothing that was written before.
    pub since: Timestamp,
}

/// The last message of a conversation, as its line in a list shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LastMessage {
    /// Its id.
    pub id: MessageId,
    /// When it was written.
    pub at: Timestamp,
    /// Its beginning, or `[kind]` where it has no text.
    pub preview: String,
    /// Whose it is.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// What it is made of.
    pub kind: Kind,
    /// Where it stands: the ticks.
    pub state: MessageState,
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        let inner = row.conversation;
        let last_message = inner.last_message_id.zip(row.last).map(|(id, last)| LastMessage {
            id,
            at: inner.last_message_at,
            preview: inner.preview,
            direction: last.direction,
            author: last.author,
            kind: last.kind,
            state: last.state,
        });
        Self {
            id: inner.id,
            contact: row.contact.into(),
            number_id: inner.number_id,
            status: inner.status,
            assignee_id: inner.assignee_id,
            ai: Ai { state: inner.ai, reason: inner.ai_reason, since: inner.ai_changed_at },
            window_closes_at: window_closes_at(inner.last_inbound_at),
            snoozed_until: inner.snoozed_until,
            labels: inner.labels.0,
            last_message,
            unread: inner.unread,
            attribution: inner.attribution.map(|json| json.0),
            created_at: inner.created_at,
        }
    }
}

/// A conversation and what may be sent in it now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConversationDetail {
    /// The conversation.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// What a member may send now. Asked again at the moment of sending.
    pub may_send: MaySend,
}

/// What may be sent now, and why not the rest.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MaySend {
    /// Anything but a template.
    pub free_form: SendVerdict,
    /// Approved templates that serve what the contact asked for.
    pub utility_template: SendVerdict,
    /// Approved templates with offers and news.
    pub marketing_template: SendVerdict,
    /// Approved templates with one-time codes.
    pub authentication_template: SendVerdict,
}

/// Whether something may be sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SendVerdict {
    /// `send`, `wait` (it is kept and goes out later), `fall_back` (another channel carries it) or `refuse`.
    #[schema(example = "refuse")]
    pub verdict: &'static str,
    /// Why it waits or is refused, in a stable word.
    #[schema(value_type = Option<String>, example = "window_closed")]
    pub reason: Option<Reason>,
    /// The same for people: what is wrong and what may be done.
    pub explanation: Option<Sentence>,
}

impl From<Option<Decision>> for SendVerdict {
    fn from(decision: Option<Decision>) -> Self {
        let (verdict, reason) = match decision {
            Some(Decision::Send { .. }) => ("send", None),
            Some(Decision::Wait { reason, .. }) => ("wait", Some(reason)),
            Some(Decision::FallBack { reason, .. }) => ("fall_back", Some(reason)),
            Some(Decision::Refuse { reason }) => ("refuse", Some(reason)),
            None => ("refuse", Some(Reason::LineGone)),
        };
        let explanation =
            reason.map(|reason| Sentence { en: reason.english().into(), id: reason.indonesian().into() });
        Self { verdict, reason, explanation }
    }
}

impl From<service::Detail> for ConversationDetail {
    fn from(detail: service::Detail) -> Self {
        let template = |purpose| {
            let found = detail.templates.iter().find(|(of, _)| *of == purpose);
            SendVerdict::from(found.map(|(_, decision)| *decision))
        };
        let may_send = MaySend {
            free_form: detail.free_form.into(),
            utility_template: template(Purpose::Utility),
            marketing_template: template(Purpose::Marketing),
            authentication_template: template(Purpose::Authentication),
        };
        Self { conversation: detail.row.into(), may_send }
    }
}

/// Which conversations a list holds: those that fit everything given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub(super) struct ConversationQuery {
    /// Whether they want attention.
    status: Option<ConversationStatus>,
    /// A member's id, `me`, or `nobody`.
    #[param(example = "me")]
    assignee: Option<String>,
    /// Whether the AI answers.
    ai: Option<AiState>,
    /// Only those with unread messages.
    #[serde(default)]
    unread: bool,
    /// `true`: only those put out of sight for a while; `false`: only the others.
    snoozed: Option<bool>,
    /// Only those in which a note calls you.
    #[serde(default)]
    mentions_me: bool,
    /// With this number only.
    number_id: Option<NumberId>,
    /// With this person only.
    contact_id: Option<ContactId>,
    /// Only those with this label of their own.
    label: Option<String>,
    /// Only those of contacts with this label.
    contact_label: Option<String>,
    /// Part of the contact's name, username or phone number.
    #[garde(length(max = 200))]
    q: Option<String>,
    /// Where to go on: `next` of the page before. Without it, the newest.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

impl ConversationQuery {
    fn page(&self) -> PageQuery {
        PageQuery { after: self.after.clone(), limit: self.limit }
    }

    fn filter(self, actor: &OrgActor) -> Result<ConversationFilter, Problem> {
        let assignee = match self.assignee.as_deref() {
            None => None,
            Some("nobody") => Some(Assignee::Nobody),
            Some("me") => Some(Assignee::Member(actor.member().ok_or_else(no_member)?)),
            Some(id) => Some(Assignee::Member(id.parse().map_err(|_| {
                Problem::invalid_field("assignee", "must be a member's id, `me` or `nobody`")
            })?)),
        };
        let mentions = match self.mentions_me {
            false => None,
            true => Some(actor.member().ok_or_else(no_member)?),
        };
        Ok(ConversationFilter {
            status: self.status,
            assignee,
            ai: self.ai,
            unread: self.unread,
            snoozed: self.snoozed,
            mentions,
            number: self.number_id,
            contact: self.contact_id,
            label: self.label,
            person: ContactFilter { text: self.q, label: self.contact_label },
        })
    }
}

/// A key has no conversations of its own, and no note calls it.
fn no_member() -> Problem {
    Problem::bad_request(
        "no_member",
        "Only a member can ask for their own; a key is none. Name a member's id.",
    )
}

/// List conversations, the one with the newest message first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/conversations", tag = "Inbox",
    params(("org" = OrgId, Path), ConversationQuery), responses((status = OK, body = List<Conversation>)))]
pub(super) async fn list_conversations(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<ConversationQuery>,
) -> Result<Json<List<Conversation>>, Problem> {
    let page = query.page();
    let filter = query.filter(&actor)?;
    Ok(Json(service::list(&ctx, &actor, &filter, page.cursor()?, page.limit()).await?.into()))
}

/// How many conversations want what. No figure goes beyond 1,000, which means so many or more.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct Counts {
    /// Open.
    open: i64,
    /// Open and nobody's.
    unassigned: i64,
    /// Open and one's own; 0 for a key.
    mine: i64,
    /// Open, and handed off by the AI or taken over by a person.
    handed_off: i64,
    /// With unread messages.
    unread: i64,
    /// Open and put out of sight for a while; no other figure counts them.
    snoozed: i64,
}

impl From<ConversationCounts> for Counts {
    fn from(counts: ConversationCounts) -> Self {
        let ConversationCounts { open, unassigned, mine, handed_off, unread, snoozed } = counts;
        Self { open, unassigned, mine, handed_off, unread, snoozed }
    }
}

/// Count conversations by what they want, up to 1,000 of each.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/conversations/counts", tag = "Inbox",
    params(("org" = OrgId, Path)), responses((status = OK, body = Counts)))]
pub(super) async fn count_conversations(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<Counts>, Problem> {
    Ok(Json(service::counts(&ctx, &actor).await?.into()))
}

/// One conversation, and what may be sent in it now.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/conversations/{conversation}", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)),
    responses((status = OK, body = ConversationDetail)))]
pub(super) async fn get_conversation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
) -> Result<Json<ConversationDetail>, Problem> {
    Ok(Json(service::detail(&ctx, &actor, path.1).await?.into()))
}

/// With whom to open a conversation: `contact_id` or `phone`.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct OpenConversation {
    /// A contact.
    contact_id: Option<ContactId>,
    /// A phone number; a contact is made if nobody has it. Without a country code it is read as one of the
    /// organisation's country.
    #[garde(length(max = 40))]
    #[schema(example = "+62 812 3456 7890")]
    phone: Option<String>,
    /// Through which number.
    number_id: NumberId,
}

/// Open a conversation, to write first. Nothing is sent by this; there is one conversation per contact and number.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations", tag = "Inbox", params(("org" = OrgId, Path)),
    request_body = OpenConversation,
    responses((status = OK, description = "It was there", body = Conversation), (status = CREATED, body = Conversation)))]
pub(super) async fn open_conversation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<OpenConversation>,
) -> Result<(StatusCode, Json<Conversation>), Problem> {
    let with = match (body.contact_id, body.phone) {
        (Some(contact), None) => With::Contact(contact),
        (None, Some(text)) => With::Phone(text),
        _ => return Err(Problem::invalid_field("contact_id", "give either `contact_id` or `phone`")),
    };
    let (row, new) = service::open(&ctx, &actor, with, body.number_id).await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(row.into())))
}

/// Who takes care of a conversation.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Assignment {
    /// A member; `null` for nobody.
    member_id: Option<MemberId>,
}

/// Give a conversation to a member, or to nobody.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/assign", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)), request_body = Assignment,
    responses((status = OK, body = Conversation)))]
pub(super) async fn assign_conversation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Json(body): Json<Assignment>,
) -> Result<Json<Conversation>, Problem> {
    change(&ctx, &actor, path.1, Change::Assign(body.member_id)).await
}

/// Close a conversation: it is done with until the contact writes again.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/close", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)),
    responses((status = OK, body = Conversation)))]
pub(super) async fn close_conversation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
) -> Result<Json<Conversation>, Problem> {
    change(&ctx, &actor, path.1, Change::Status(ConversationStatus::Closed)).await
}

/// Reopen a conversation.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/reopen", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)),
    responses((status = OK, body = Conversation)))]
pub(super) async fn reopen_conversation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
) -> Result<Json<Conversation>, Problem> {
    change(&ctx, &actor, path.1, Change::Status(ConversationStatus::Open)).await
}

/// Until when a conversation is to be out of sight.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Snooze {
    /// A moment in the future; `null` brings it back at once.
    until: Option<Timestamp>,
}

/// Put a conversation out of sight for a while. It comes back then, or as soon as the contact writes.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/conversations/{conversation}/snooze", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)), request_body = Snooze,
    responses((status = OK, body = Conversation)))]
pub(super) async fn snooze_conversation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Json(body): Json<Snooze>,
) -> Result<Json<Conversation>, Problem> {
    change(&ctx, &actor, path.1, Change::Snooze(body.until)).await
}

/// List the labels that conversations have, in alphabetical order.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/conversations/labels", tag = "Inbox",
    params(("org" = OrgId, Path)), responses((status = OK, body = List<String>)))]
pub(super) async fn list_conversation_labels(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<String>>, Problem> {
    Ok(Json(List { items: service::labels(&ctx, &actor).await?, next: None }))
}

/// Give a conversation labels, and take some away. The contact's labels stay as they are.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}/conversations/{conversation}/labels", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)), request_body = LabelChange,
    responses((status = OK, body = Conversation)))]
pub(super) async fn label_conversation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Json(body): Json<LabelChange>,
) -> Result<Json<Conversation>, Problem> {
    change(&ctx, &actor, path.1, Change::Label(body)).await
}

/// Whether the AI is to answer.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct AiSwitch {
    /// Whether it is to answer.
    on: bool,
}

/// Switch the AI of a conversation on or off.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/conversations/{conversation}/ai", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)), request_body = AiSwitch,
    responses((status = OK, body = Conversation)))]
pub(super) async fn switch_ai(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Json(body): Json<AiSwitch>,
) -> Result<Json<Conversation>, Problem> {
    let state = if body.on { AiState::On } else { AiState::Off };
    change(&ctx, &actor, path.1, Change::Ai { state, reason: "switched" }).await
}

/// Take a conversation over from the AI.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/hand-off", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)),
    responses((status = OK, body = Conversation)))]
pub(super) async fn hand_off(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
) -> Result<Json<Conversation>, Problem> {
    change(&ctx, &actor, path.1, Change::Ai { state: AiState::HandedOff, reason: "taken_over" }).await
}

/// Give a conversation back to the AI. It answers what the contact writes from now on.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/hand-back", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)),
    responses((status = OK, body = Conversation)))]
pub(super) async fn hand_back(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
) -> Result<Json<Conversation>, Problem> {
    change(&ctx, &actor, path.1, Change::Ai { state: AiState::On, reason: "handed_back" }).await
}

/// Mark a conversation as read. The contact sees it too, as blue ticks.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/read", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)),
    responses((status = OK, body = Conversation)))]
pub(super) async fn mark_read(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
) -> Result<Json<Conversation>, Problem> {
    change(&ctx, &actor, path.1, Change::Read).await
}

/// Mark a conversation as unread, to come back to it. The contact sees nothing of it.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/unread", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)),
    responses((status = OK, body = Conversation)))]
pub(super) async fn mark_unread(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
) -> Result<Json<Conversation>, Problem> {
    change(&ctx, &actor, path.1, Change::Unread).await
}

/// Show the contact that somebody is writing, for 25 seconds or until a message comes. Their message shows as read.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/typing", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)),
    responses((status = NO_CONTENT)))]
pub(super) async fn show_typing(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
) -> Result<StatusCode, Problem> {
    service::typing(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change(
    ctx: &Ctx,
    actor: &OrgActor,
    conversation: ConversationId,
    change: Change,
) -> Result<Json<Conversation>, Problem> {
    Ok(Json(service::change(ctx, actor, conversation, change).await?.into()))
}
