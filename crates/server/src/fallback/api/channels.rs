//! `…/channels…`, `…/fallback…` and `…/reaches`: who carries messages on other channels, in which order they are tried, in
//! which words, and what was sent.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::consent::Channel;
use rules::fallback::{FallbackSettings, OwnText, ReachKind, ReachState};
use rules::id::{ContactId, MessageId, OrgId, ReachId};
use rules::locale::Locale;
use rules::outreach::NextChannel;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::channels::ChannelSetup;
use store::reaches::Reach;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ctx::Ctx;
use crate::fallback::links::Door;
use crate::fallback::way::Way;
use crate::fallback::{service, words};
use crate::http::{Json, List, OrgActor, PageQuery, Problem, Query};

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list_channels, set_channel, forget_channel))
        .routes(routes!(try_channel))
        .routes(routes!(get_fallback, set_fallback))
        .routes(routes!(preview_fallback))
        .routes(routes!(list_reaches))
}

/// A channel besides WhatsApp that an organisation has set up.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ChannelSetup)]
struct ChannelView {
    /// Which.
    channel: Channel,
    /// Who carries it. Absent: its settings do not read any more and have to be saved again.
    way: Option<Way>,
    /// Whether a password or token is kept.
    has_secret: bool,
    /// What the provider said when it last refused everything.
    problem: Option<String>,
    /// Where the provider may send what people write, so that STOP is heeded. For Twilio and HTTP; SMPP needs none.
    inbound_url: Option<String>,
    /// When it was last set.
    updated_at: Timestamp,
}

/// The channels besides WhatsApp.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Channels {
    /// Those that are set up.
    items: Vec<ChannelView>,
    /// Whether mail may go through the installation's own server.
    operator_mail: bool,
}

impl ChannelView {
    fn of(ctx: &Ctx, org: OrgId, setup: ChannelSetup) -> Self {
        let way = Way::read(&setup.settings.0).ok();
        let base = ctx.settings.public_url.as_str().trim_end_matches('/');
        let inbound_url = matches!(way, Some(Way::Twilio(_) | Way::Http(_)))
            .then(|| format!("{base}/webhooks/sms/{}", ctx.links.write(org, Door::Inbound(setup.channel))));
        Self {
            channel: setup.channel,
            way,
            has_secret: setup.sealed.is_some(),
            problem: setup.problem,
            inbound_url,
            updated_at: setup.updated_at,
        }
    }
}

/// Who is to carry a channel.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewChannel {
    /// Who carries it, and how they are reached.
    #[garde(dive)]
    way: Way,
    /// The password or token. Absent: the one that is kept stays; empty: there is none.
    secret: Option<String>,
}

/// Which channel is meant.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
struct WhichChannel {
    /// `email` or `sms`.
    channel: Channel,
}

/// Where a test message goes.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct TryChannel {
    /// `email` or `sms`.
    channel: Channel,
    /// An e-mail address, or a phone number with its country's code.
    #[garde(length(min = 3, max = 320))]
    #[schema(min_length = 3, max_length = 320)]
    to: String,
}

/// What became of a test message.
#[derive(Serialize, ToSchema)]
struct TriedChannel {
    /// Whether the provider took it.
    works: bool,
    /// The provider's own words, where it did not.
    problem: String,
}

/// List the channels besides WhatsApp
#[utoipa::path(get, path = "/api/v1/orgs/{org}/channels", tag = "Channels", params(("org" = OrgId, Path)),
    responses((status = OK, body = Channels)))]
async fn list_channels(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<Channels>, Problem> {
    let setups = service::list(&ctx, &actor).await?;
    let items = setups.into_iter().map(|setup| ChannelView::of(&ctx, actor.org, setup)).collect();
    let operator_mail = ctx.settings.organisations_mail && ctx.mailer.is_configured();
    Ok(Json(Channels { items, operator_mail }))
}

/// Set a channel up, in place of what carried it.
///
/// Which channel it is follows from the provider. Hosts have to be on the public internet, or listed by the operator.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/channels", tag = "Channels", params(("org" = OrgId, Path)),
    request_body = NewChannel, responses((status = OK, body = ChannelView)))]
async fn set_channel(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewChannel>,
) -> Result<Json<ChannelView>, Problem> {
    let setup = service::set(&ctx, &actor, body.way, body.secret).await?;
    Ok(Json(ChannelView::of(&ctx, actor.org, setup)))
}

/// Forget a channel. Nobody is reached there any more.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/channels", tag = "Channels",
    params(("org" = OrgId, Path), WhichChannel), responses((status = NO_CONTENT)))]
async fn forget_channel(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(which): Query<WhichChannel>,
) -> Result<StatusCode, Problem> {
    service::forget(&ctx, &actor, which.channel).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a test message on a channel.
///
/// Answers once the provider has taken it, or with the provider's own words.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/channels/try", tag = "Channels", params(("org" = OrgId, Path)),
    request_body = TryChannel, responses((status = OK, body = TriedChannel)))]
async fn try_channel(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<TryChannel>,
) -> Result<Json<TriedChannel>, Problem> {
    let (works, problem) = service::attempt(&ctx, &actor, body.channel, &body.to).await?;
    Ok(Json(TriedChannel { works, problem }))
}

/// What an organisation decides about other channels, and the words that serve where it has none of its own.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct FallbackView {
    /// What it decides.
    settings: FallbackSettings,
    /// Our own words.
    usual: Vec<OwnText>,
}

/// What an organisation decides about other channels.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewFallback {
    /// The channels that are tried where the sender of a message names none, in order.
    #[garde(length(max = 3), custom(super::super::in_order))]
    #[schema(max_items = 3)]
    order: Vec<NextChannel>,
    /// How many hours a link works.
    #[garde(range(min = 1, max = 720))]
    #[schema(minimum = 1, maximum = 720)]
    link_hours: u32,
    /// Texts in the organisation's own words.
    #[garde(length(max = 8), inner(custom(readable)))]
    #[schema(max_items = 8)]
    texts: Vec<OwnText>,
}

fn readable(text: &OwnText, (): &()) -> garde::Result {
    match (text.subject.chars().count(), text.body.chars().count()) {
        (0..=200, 1..=2000) => Ok(()),
        _ => Err(garde::Error::new("must have at most 200 characters of subject, and 1 to 2000 of text")),
    }
}

impl From<NewFallback> for FallbackSettings {
    fn from(new: NewFallback) -> Self {
        Self { order: new.order, link_hours: new.link_hours, texts: new.texts }
    }
}

fn view(settings: FallbackSettings) -> FallbackView {
    let mut usual = Vec::new();
    for channel in [Channel::Email, Channel::Sms] {
        for kind in ReachKind::ALL {
            for locale in Locale::ALL {
                let (subject, body) = words::ours(channel, *kind, *locale);
                let (subject, body) = (subject.to_owned(), body.to_owned());
                usual.push(OwnText { channel, kind: *kind, locale: *locale, subject, body });
            }
        }
    }
    FallbackView { settings, usual }
}

/// What the organisation decides about other channels
#[utoipa::path(get, path = "/api/v1/orgs/{org}/fallback", tag = "Channels", params(("org" = OrgId, Path)),
    responses((status = OK, body = FallbackView)))]
async fn get_fallback(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<FallbackView>, Problem> {
    Ok(Json(view(service::settings(&ctx, &actor).await?)))
}

/// Decide which channels are tried, in which order and words
#[utoipa::path(put, path = "/api/v1/orgs/{org}/fallback", tag = "Channels", params(("org" = OrgId, Path)),
    request_body = NewFallback, responses((status = OK, body = FallbackView)))]
async fn set_fallback(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewFallback>,
) -> Result<Json<FallbackView>, Problem> {
    Ok(Json(view(service::decide(&ctx, &actor, body.into()).await?)))
}

/// Which text is to be shown, in which words.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct PreviewFallback {
    /// The channel, what is carried, and the language; with the words to be tried.
    #[garde(custom(readable))]
    text: OwnText,
}

/// A message as it would be sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PreviewedFallback {
    /// A mail's subject.
    subject: String,
    /// What it says.
    body: String,
}

/// Show how a text reads with its gaps filled.
///
/// Nothing is sent and nothing is kept.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/fallback/preview", tag = "Channels", params(("org" = OrgId, Path)),
    request_body = PreviewFallback, responses((status = OK, body = PreviewedFallback)))]
async fn preview_fallback(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<PreviewFallback>,
) -> Result<Json<PreviewedFallback>, Problem> {
    let text = body.text;
    let which = (text.channel, text.kind, text.locale);
    let settings = FallbackSettings { texts: vec![text], ..FallbackSettings::default() };
    let (subject, body) = service::preview(&ctx, &actor, &settings, which).await?;
    Ok(Json(PreviewedFallback { subject, body }))
}

/// A message to a contact on another channel. Its text, which holds links that speak for the contact, is not told.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Reach)]
struct ReachView {
    /// Its id.
    id: ReachId,
    /// The WhatsApp message in whose place it was sent.
    message_id: MessageId,
    /// Who was reached.
    contact_id: ContactId,
    /// Where.
    channel: Channel,
    /// With what.
    kind: ReachKind,
    /// The contact's address there.
    address: String,
    /// What became of it.
    state: ReachState,
    /// Why it failed, or waits, in the provider's words.
    problem: Option<String>,
    /// When the contact agreed at its link.
    agreed_at: Option<Timestamp>,
    /// Until when its link works.
    expires_at: Timestamp,
    /// When it was made.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

impl From<Reach> for ReachView {
    fn from(reach: Reach) -> Self {
        Self {
            id: reach.id,
            message_id: reach.message_id,
            contact_id: reach.contact_id,
            channel: reach.channel,
            kind: reach.kind,
            address: reach.address,
            state: reach.state,
            problem: reach.problem,
            agreed_at: reach.agreed_at,
            expires_at: reach.expires_at,
            created_at: reach.created_at,
            updated_at: reach.updated_at,
        }
    }
}

/// Which messages on other channels are listed.
#[derive(Clone, Debug, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
struct ReachQuery {
    /// Those in place of one WhatsApp message.
    message: Option<MessageId>,
}

/// List what was sent on other channels, newest first
#[utoipa::path(get, path = "/api/v1/orgs/{org}/reaches", tag = "Channels",
    params(("org" = OrgId, Path), ReachQuery, PageQuery), responses((status = OK, body = List<ReachView>)))]
async fn list_reaches(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(which): Query<ReachQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<ReachView>>, Problem> {
    let found = service::reaches(&ctx, &actor, which.message, page.cursor()?, page.limit()).await?;
    Ok(Json(found.into()))
}
