//! `POST /api/v1/orgs/{org}/messages` and what belongs to it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use garde::Validate;
use rules::gate::{Decision, Reason};
use rules::id::{ContactId, ConversationId, MediaId, MessageId, NumberId, OrgId};
use rules::identity::{Bsuid, Phone};
use rules::message::Author;
use rules::outreach::NextChannel;
use rules::role::Right;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, NotSent, Target};
use super::{Accepted, NotAccepted, Outreach, fields};
use crate::ctx::Ctx;
use crate::http::idempotency::{IdempotencyKey, Once, once_or_refused};
use crate::http::{Json, OrgActor, Path, Problem};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(send))
        .routes(routes!(send_in_conversation))
        .routes(routes!(retry_message))
}

/// To whom: exactly one of them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// A phone number. Without a country code it is read as one of the organisation's country.
    #[schema(value_type = String, example = "+62 812 3456 7890")]
    Phone(String),
    /// A business-scoped user id.
    #[schema(value_type = String, example = "ID.13491208655302741918")]
    Bsuid(String),
    /// A contact.
    ContactId(ContactId),
    /// A conversation, which names contact and number.
    ConversationId(ConversationId),
}

/// A file: one that was uploaded here, or one that Meta fetches from an address.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum File {
    /// A file uploaded with `POST …/media`.
    MediaId(MediaId),
    /// An https address that Meta can reach.
    #[schema(example = "https://shop.example/menu.pdf")]
    Link(String),
}

/// A button that comes back as a reply.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ReplyButton {
    /// Comes back with the tap.
    #[schema(max_length = 256)]
    pub id: String,
    /// What the button says.
    #[schema(max_length = 20)]
    pub title: String,
}

/// A section of a list.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ListSection {
    /// Its title; required where there are several sections.
    #[schema(max_length = 24)]
    pub title: Option<String>,
    /// Its rows; at most ten in all sections together.
    pub rows: Vec<ListRow>,
}

/// A row of a list.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ListRow {
    /// Comes back with the choice.
    #[schema(max_length = 200)]
    pub id: String,
    /// What the row says.
    #[schema(max_length = 24)]
    pub title: String,
    /// More about it.
    #[schema(max_length = 72)]
    pub description: Option<String>,
}

/// What a message says.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Plain text.
    Text {
        /// The text.
        #[schema(max_length = 4096)]
        body: String,
        /// Whether the first link shows a preview.
        #[serde(default)]
        preview_url: bool,
    },
    /// A picture.
    Image {
        /// The file.
        file: File,
        /// The text under it.
        #[schema(max_length = 1024)]
        caption: Option<String>,
    },
    /// A film.
    Video {
        /// The file.
        file: File,
        /// The text under it.
        #[schema(max_length = 1024)]
        caption: Option<String>,
    },
    /// A sound.
    Audio {
        /// The file.
        file: File,
        /// Whether it shows as a voice note (OGG with Opus).
        #[serde(default)]
        voice: bool,
    },
    /// A file.
    Document {
        /// The file.
        file: File,
        /// The text under it.
        #[schema(max_length = 1024)]
        caption: Option<String>,
        /// The name it shows.
        filename: Option<String>,
    },
    /// A sticker.
    Sticker {
        /// The file.
        file: File,
    },
    /// A place.
    Location {
        /// Degrees, -90 to 90.
        latitude: f64,
        /// Degrees, -180 to 180.
        longitude: f64,
        /// Its name.
        name: Option<String>,
        /// Its address.
        address: Option<String>,
    },
    /// Contact cards.
    Contacts {
        /// The cards, in Meta's form: `name.formatted_name`, `phones[]`, `emails[]` …
        #[schema(value_type = Vec<Object>)]
        contacts: Vec<serde_json::Value>,
    },
    /// A reaction to a message; without an emoji it is taken back.
    Reaction {
        /// The message.
        message_id: MessageId,
        /// The emoji.
        emoji: Option<String>,
    },
    /// A text with up to three buttons.
    Buttons {
        /// The text.
        #[schema(max_length = 1024)]
        body: String,
        /// A line above it.
        #[schema(max_length = 60)]
        header: Option<String>,
        /// A line below it.
        #[schema(max_length = 60)]
        footer: Option<String>,
        /// The buttons.
        #[schema(min_items = 1, max_items = 3)]
        buttons: Vec<ReplyButton>,
    },
    /// A text with a list to choose from.
    List {
        /// The text.
        #[schema(max_length = 4096)]
        body: String,
        /// A line above it.
        #[schema(max_length = 60)]
        header: Option<String>,
        /// A line below it.
        #[schema(max_length = 60)]
        footer: Option<String>,
        /// What opens the list.
        #[schema(max_length = 20)]
        button: String,
        /// The sections.
        #[schema(min_items = 1, max_items = 10)]
        sections: Vec<ListSection>,
    },
    /// A text with a link as a button.
    CallToAction {
        /// The text.
        #[schema(max_length = 1024)]
        body: String,
        /// A line above it.
        #[schema(max_length = 60)]
        header: Option<String>,
        /// A line below it.
        #[schema(max_length = 60)]
        footer: Option<String>,
        /// What the button says.
        #[schema(max_length = 20)]
        label: String,
        /// Where it leads.
        url: String,
    },
    /// Asks the contact to share a location.
    RequestLocation {
        /// The text.
        #[schema(max_length = 1024)]
        body: String,
    },
    /// Asks the contact to share a phone number.
    RequestContact {
        /// The text.
        #[schema(max_length = 1024)]
        body: String,
    },
    /// An approved template.
    Template {
        /// Its name.
        name: String,
        /// Its language, as Meta writes it: `en_US`, `id`.
        language: String,
        /// What fills it in, in Meta's form: header, body and button components with their parameters.
        #[serde(default)]
        #[schema(value_type = Vec<Object>)]
        components: Vec<serde_json::Value>,
    },
}

/// A message to be sent.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct SendMessage {
    /// To whom.
    pub to: To,
    /// From which number. May be left out where the organisation has one only, or a conversation is named.
    pub number_id: Option<NumberId>,
    /// What it says.
    pub content: Content,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// Your own name for it; comes back with it.
    #[garde(length(max = 200))]
    #[schema(max_length = 200)]
    pub client_ref: Option<String>,
    /// Where else a template may go, in order, when WhatsApp may not carry it or does not: `email`, `sms`, each with the
    /// minutes that the contact has to answer there. `whatsapp` at the head gives WhatsApp so many minutes to deliver.
    /// Absent: where the organisation usually tries; empty: nowhere.
    #[garde(length(max = 3), inner(custom(crate::fallback::in_order)))]
    #[schema(max_items = 3)]
    pub fallback: Option<Vec<NextChannel>>,
}

/// A message to be sent in a conversation.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct SendInConversation {
    /// What it says.
    pub content: Content,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// Your own name for it; comes back with it.
    #[garde(length(max = 200))]
    #[schema(max_length = 200)]
    pub client_ref: Option<String>,
    /// Where else a template may go, in order, when WhatsApp may not carry it or does not: `email`, `sms`, each with the
    /// minutes that the contact has to answer there. `whatsapp` at the head gives WhatsApp so many minutes to deliver.
    /// Absent: where the organisation usually tries; empty: nowhere.
    #[garde(length(max = 3), inner(custom(crate::fallback::in_order)))]
    #[schema(max_items = 3)]
    pub fallback: Option<Vec<NextChannel>>,
}

/// A message that was accepted. What becomes of it, its state and the live events tell.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AcceptedMessage {
    /// Its id.
    pub message_id: MessageId,
    /// The conversation it belongs to.
    pub conversation_id: ConversationId,
    /// Until when it waits, where something holds it.
    pub waits_until: Option<Timestamp>,
    /// What holds it.
    pub waits_for: Option<Reason>,
}

impl From<Accepted> for AcceptedMessage {
    fn from(accepted: Accepted) -> Self {
        let (waits_until, waits_for) = match accepted.decision {
            Decision::Wait { until, reason } => (Some(until), Some(reason)),
            Decision::FallBack { reason, .. } => (None, Some(reason)),
            _ => (None, None),
        };
        Self { message_id: accepted.message, conversation_id: accepted.conversation, waits_until, waits_for }
    }
}

/// Send a message.
///
/// The gate decides at once whether it may be sent; a refusal says why (422 with the reason as code). Nothing is
/// stored then, but for the record of a template that was refused.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/messages", tag = "messages", params(("org" = OrgId, Path), IdempotencyKey),
    request_body = SendMessage,
    responses((status = 202, body = AcceptedMessage), (status = 422, description = "Refused, with the reason", body = crate::http::problem::Details)))]
async fn send(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Once { body, key }: Once<SendMessage>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteInbox)?;
    let wanted = Wanted {
        content: body.content,
        reply_to: body.reply_to,
        client_ref: body.client_ref,
        fallback: body.fallback,
    };
    let send = async |scope: &mut OrgScope<'_>| {
        let target = target(scope, body.to).await?;
        dispatch(&ctx, &actor, scope, target, body.number_id, wanted).await
    };
    once_or_refused(&ctx, actor.org, key.as_ref(), StatusCode::ACCEPTED, send).await
}

/// Send a message in a conversation.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/messages", tag = "messages",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path), IdempotencyKey), request_body = SendInConversation,
    responses((status = 202, body = AcceptedMessage), (status = 422, description = "Refused, with the reason", body = crate::http::problem::Details)))]
async fn send_in_conversation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Once { body, key }: Once<SendInConversation>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteInbox)?;
    let wanted = Wanted {
        content: body.content,
        reply_to: body.reply_to,
        client_ref: body.client_ref,
        fallback: body.fallback,
    };
    let target = Target::Conversation(path.1);
    let send = async |scope: &mut OrgScope<'_>| dispatch(&ctx, &actor, scope, target, None, wanted).await;
    once_or_refused(&ctx, actor.org, key.as_ref(), StatusCode::ACCEPTED, send).await
}

/// Send a message again that failed, was refused or is unresolved.
///
/// Only a person can know whether an unresolved message should go out a second time, so this is never done by itself.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/messages/{message}/retry", tag = "messages",
    params(("org" = OrgId, Path), ("message" = MessageId, Path)),
    responses((status = 202, body = AcceptedMessage), (status = 409, description = "It is in no such state", body = crate::http::problem::Details)))]
async fn retry_message(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, MessageId)>,
) -> Result<(StatusCode, Json<AcceptedMessage>), Problem> {
    actor.require(Right::WriteInbox)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let accepted = service::retry(&ctx, &mut scope, path.1, actor.trace).await?.map_err(not_sent)?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(accepted.into())))
}

/// What is left of a request once it is known where it goes.
struct Wanted {
    content: Content,
    reply_to: Option<MessageId>,
    client_ref: Option<String>,
    fallback: Option<Vec<NextChannel>>,
}

async fn dispatch(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    target: Target,
    number: Option<NumberId>,
    wanted: Wanted,
) -> Result<Result<AcceptedMessage, Problem>, Problem> {
    let (content, media, about) = read(scope, wanted.content).await?;
    content.validate().map_err(|invalid| Problem::invalid(fields::errors(invalid)))?;
    let reply_to = match (about, wanted.reply_to) {
        (Some(wamid), _) => Some(wamid),
        (None, Some(id)) => Some(wamid_of(scope, id, "reply_to").await?),
        (None, None) => None,
    };
    let (author, author_id) = match actor.member() {
        Some(member) => (Author::Member, Some(member.0)),
        None => (Author::Api, None),
    };
    let request = service::Request {
        target,
        number,
        author,
        author_id,
        content,
        media,
        reply_to,
        client_ref: wanted.client_ref,
        outreach: wanted.fallback.map(|fallback| Outreach { fallback, ..Outreach::default() }),
        trace: actor.trace,
    };
    let is_template = matches!(request.content, meta::send::Content::Template(_));
    match service::send(ctx, scope, request).await? {
        Ok(accepted) => Ok(Ok(accepted.into())),
        // What was begun by us and refused stays on record.
        Err(refusal @ NotSent::Gate(_)) if is_template => Ok(Err(not_sent(refusal))),
        Err(refusal) => Err(not_sent(refusal)),
    }
}

async fn target(scope: &mut OrgScope<'_>, to: To) -> Result<Target, Problem> {
    Ok(match to {
        To::Phone(text) => {
            let country = scope.org().await?.map(|org| org.country);
            let phone = Phone::from_human(&text, country.as_deref())
                .map_err(|error| Problem::invalid_field("to.phone", error.to_string()))?;
            Target::Phone(phone)
        }
        To::Bsuid(text) => {
            let bsuid = Bsuid::parse(&text).ok_or_else(|| {
                Problem::invalid_field(
                    "to.bsuid",
                    "is no business-scoped user id, such as ID.13491208655302741918",
                )
            })?;
            Target::Bsuid(bsuid)
        }
        To::ContactId(id) => Target::Contact(id),
        To::ConversationId(id) => Target::Conversation(id),
    })
}

/// The content in Meta's form, the stored file it carries, and the wamid that a reaction is about.
async fn read(
    scope: &mut OrgScope<'_>,
    content: Content,
) -> Result<(meta::send::Content, Option<MediaId>, Option<String>), Problem> {
    use meta::send::{self, Audio, Captioned, Document};
    let mut media = None;
    let mut about = None;
    let mut source = |file: File| match file {
        File::Link(link) => send::Source::Link(link),
        File::MediaId(id) => {
            media = Some(id);
            // Takes Meta's id when the file has been uploaded there, at the moment of sending.
            send::Source::Id(id.to_string())
        }
    };
    let mut content = match content {
        Content::Text { body, preview_url } => send::Content::Text(send::Text { body, preview_url }),
        Content::Image { file, caption } => send::Content::Image(Captioned { source: source(file), caption }),
        Content::Video { file, caption } => send::Content::Video(Captioned { source: source(file), caption }),
        Content::Audio { file, voice } => send::Content::Audio(Audio { source: source(file), voice }),
        Content::Document { file, caption, filename } => {
            send::Content::Document(Document { source: source(file), caption, filename })
        }
        Content::Sticker { file } => send::Content::Sticker(source(file)),
        Content::Location { latitude, longitude, name, address } => send::Content::Location(send::Location {
            latitude: latitude.to_string(),
            longitude: longitude.to_string(),
            name,
            address,
        }),
        Content::Contacts { contacts } => send::Content::Contacts(parsed("content.contacts", contacts)?),
        Content::Reaction { message_id, emoji } => {
            let wamid = wamid_of(scope, message_id, "content.message_id").await?;
            about = Some(wamid.clone());
            send::Content::Reaction(send::Reaction { message_id: wamid, emoji: emoji.unwrap_or_default() })
        }
        Content::Template { name, language, components } => send::Content::Template(send::Template {
            name,
            language: send::Language { code: language },
            components: parsed("content.components", components)?,
        }),
        interactive => send::Content::Interactive(read_interactive(interactive)),
    };
    if let Some(id) = media {
        let why = match scope.media(id).await? {
            Some(file) => crate::media::fit(&file, &mut content).err(),
            None => Some("names no uploaded file; upload it with POST …/media first".to_owned()),
        };
        if let Some(why) = why {
            return Err(Problem::invalid_field("content.file.media_id", why));
        }
    }
    Ok((content, media, about))
}

fn read_interactive(content: Content) -> meta::send::Interactive {
    use meta::send::{
        AskContact, AskLocation, Button, Buttons, Framed, Header, Interactive, Label, List, OpenUrl, Reply,
        Row, Section,
    };
    fn framed<A>(body: String, header: Option<String>, footer: Option<String>, action: A) -> Framed<A> {
        Framed {
            header: header.map(|text| Header::Text { text }),
            footer: footer.map(|text| Label { text }),
            ..Framed::new(body, action)
        }
    }
    match content {
        Content::Buttons { body, header, footer, buttons } => {
            let buttons = buttons
                .into_iter()
                .map(|button| Button::Reply(Reply { id: button.id, title: button.title }))
                .collect();
            Interactive::Button(framed(body, header, footer, Buttons { buttons }))
        }
        Content::List { body, header, footer, button, sections } => {
            let row = |row: ListRow| Row { id: row.id, title: row.title, description: row.description };
            let sections = sections
                .into_iter()
                .map(|section| Section {
                    title: section.title,
                    rows: section.rows.into_iter().map(row).collect(),
                })
                .collect();
            Interactive::List(framed(body, header, footer, List { button, sections }))
        }
        Content::CallToAction { body, header, footer, label, url } => {
            Interactive::CtaUrl(framed(body, header, footer, OpenUrl::CtaUrl { display_text: label, url }))
        }
        Content::RequestLocation { body } => {
            Interactive::LocationRequestMessage(Framed::new(body, AskLocation::SendLocation))
        }
        Content::RequestContact { body } => {
            Interactive::RequestContactInfo(Framed::new(body, AskContact::RequestContactInfo))
        }
        // `read` hands on nothing else.
        other => Interactive::Button(Framed::new(format!("{other:?}"), Buttons { buttons: Vec::new() })),
    }
}

fn parsed<T: serde::de::DeserializeOwned>(
    field: &str,
    values: Vec<serde_json::Value>,
) -> Result<Vec<T>, Problem> {
    values
        .into_iter()
        .enumerate()
        .map(|(at, value)| {
            serde_json::from_value(value)
                .map_err(|error| Problem::invalid_field(format!("{field}[{at}]"), error.to_string()))
        })
        .collect()
}

/// Meta's id of a message of this organisation.
async fn wamid_of(scope: &mut OrgScope<'_>, id: MessageId, field: &str) -> Result<String, Problem> {
    let message = scope.message(id).await?;
    let wamid = message.and_then(|message| message.wamid);
    wamid.ok_or_else(|| Problem::invalid_field(field, "names no message that WhatsApp knows"))
}

fn not_sent(refusal: NotSent) -> Problem {
    match refusal {
        NotSent::Gate(NotAccepted::NoConversation) | NotSent::NoSuchMessage => Problem::not_found(),
        NotSent::Gate(NotAccepted::Refused(reason)) => refused(reason),
        NotSent::Gate(NotAccepted::Misfit(invalid)) => Problem::invalid(fields::errors(invalid)),
        NotSent::NoContact => Problem::invalid_field("to.contact_id", "names no contact"),
        NotSent::NoNumber => {
            Problem::invalid_field("number_id", "names no connected number of this organisation")
        }
        NotSent::WhichNumber => {
            Problem::invalid_field("number_id", "the organisation has several numbers; say which one sends")
        }
        NotSent::Settled => Problem::conflict(
            "not_retryable",
            "Only a message that failed, was refused or is unresolved can be sent again.",
        ),
    }
}

/// The gate's refusal: its stable code, and its sentence in both languages.
fn refused(reason: Reason) -> Problem {
    Problem::unprocessable(reason.as_str(), reason.english())
        .with("detail_id", reason.indonesian())
        .with("title_id", "Pesan tidak boleh dikirim")
}
