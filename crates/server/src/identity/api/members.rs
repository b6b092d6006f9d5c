//! Members and invitations.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use rules::id::{MemberId, MemberInviteId, OrgId};
use rules::locale::Locale;
use rules::role::Role;
use rules::time::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::good_password;
use super::sessions::signed_in;
use super::views::{Invite, Member, Person, plain_name};
use crate::ctx::Ctx;
use crate::http::{Client, Json, List, OrgActor, PageQuery, Path, PersonActor, Problem, Query};
use crate::identity::service::members as service;

/// Members, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/members", tag = "Members",
    params(("org" = OrgId, Path), PageQuery), responses((status = OK, body = List<Member>)))]
pub(super) async fn list_members(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Member>>, Problem> {
    Ok(Json(service::list(&ctx, &actor, page.cursor()?, page.limit()).await?.into()))
}

/// A role to give.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct RoleChange {
    /// What the member may do from now on.
    role: Role,
}

/// Give a member another role.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}/members/{member}", tag = "Members",
    params(("org" = OrgId, Path), ("member" = MemberId, Path)),
    request_body = RoleChange, responses((status = OK, body = Member)))]
pub(super) async fn set_member_role(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, member)): Path<(OrgId, MemberId)>,
    Json(body): Json<RoleChange>,
) -> Result<Json<Member>, Problem> {
    Ok(Json(service::set_role(&ctx, &actor, member, body.role).await?.into()))
}

/// Remove a member, or leave.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/members/{member}", tag = "Members",
    params(("org" = OrgId, Path), ("member" = MemberId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn remove_member(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, member)): Path<(OrgId, MemberId)>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, member).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Open invitations, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/invites", tag = "Members",
    params(("org" = OrgId, Path)), responses((status = OK, body = List<Invite>)))]
pub(super) async fn list_invites(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<Invite>>, Problem> {
    Ok(Json(List::whole(service::invites(&ctx, &actor).await?)))
}

/// Whom to invite.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct InviteRequest {
    /// Where the link is sent.
    #[garde(email, length(max = 320))]
    email: String,
    /// What they will be.
    role: Role,
}

/// An invitation that was just made.
#[derive(Serialize, ToSchema)]
pub struct NewInvite {
    /// The invitation.
    pub(super) invite: Invite,
    /// The link that was sent, told this once, for handing it over personally.
    pub(super) link: String,
    /// Whether it is also sent by e-mail: not where the installation has no mail server.
    pub(super) mailed: bool,
}

/// Invite somebody by e-mail. An earlier open invitation to the same address ends.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/invites", tag = "Members", params(("org" = OrgId, Path)),
    request_body = InviteRequest, responses((status = CREATED, body = NewInvite)))]
pub(super) async fn create_invite(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<InviteRequest>,
) -> Result<(StatusCode, Json<NewInvite>), Problem> {
    let invited = service::invite(&ctx, &actor, &body.email, body.role).await?;
    Ok((StatusCode::CREATED, Json(NewInvite::new(&ctx, invited))))
}

impl NewInvite {
    pub(super) fn new(ctx: &Ctx, invited: service::Invited) -> Self {
        Self { invite: invited.invite.into(), link: invited.link, mailed: ctx.mailer.is_configured() }
    }
}

/// Withdraw an invitation.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/invites/{invite}", tag = "Members",
    params(("org" = OrgId, Path), ("invite" = MemberInviteId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn revoke_invite(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, invite)): Path<(OrgId, MemberInviteId)>,
) -> Result<StatusCode, Problem> {
    service::revoke_invite(&ctx, &actor, invite).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What stands behind `#` in an invite link.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct InviteToken {
    /// What stands behind `#` in the link.
    #[garde(length(min = 1, max = 100))]
    token: String,
}

/// What an invite link is about.
#[derive(Serialize, ToSchema)]
pub struct InvitePreview {
    /// The organisation's name.
    organisation: String,
    /// Its name in addresses.
    slug: String,
    /// The language it works in.
    locale: Locale,
    /// Whom it is for.
    email: String,
    /// What they will be.
    role: Role,
    /// Whether this address has an account here: then sign in to it to accept, else accept with a new one.
    has_account: bool,
    /// The link works until then.
    expires_at: Timestamp,
}

/// See what an invite link is about before accepting it.
#[utoipa::path(post, path = "/api/v1/invites/look", tag = "Account", security(()),
    request_body = InviteToken, responses((status = OK, body = InvitePreview)))]
pub(super) async fn look_at_invite(
    State(ctx): State<Ctx>,
    client: Client,
    Json(body): Json<InviteToken>,
) -> Result<Json<InvitePreview>, Problem> {
    let service::Looked { org, invite, has_account } = service::look(&ctx, &client, &body.token).await?;
    Ok(Json(InvitePreview {
        organisation: org.name,
        slug: org.slug,
        locale: Locale::read(&org.locale),
        email: invite.email,
        role: invite.role,
        has_account,
        expires_at: invite.expires_at,
    }))
}

/// An invitation to accept.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct InviteAcceptance {
    /// What stands behind `#` in the link.
    #[garde(length(min = 1, max = 100))]
    token: String,
    /// Who you are, where you have no account yet. With one, sign in first and leave this out.
    #[garde(dive)]
    account: Option<NewAccount>,
}

/// An account to make.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewAccount {
    /// As you wish to be called.
    #[garde(length(chars, max = 100), custom(plain_name))]
    name: String,
    /// At least ten characters.
    #[garde(custom(good_password))]
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    password: SecretString,
    /// The language you read.
    locale: Locale,
}

/// Accept an invitation, as whoever is signed in or with a new account, which is signed in at once.
#[utoipa::path(post, path = "/api/v1/invites/accept", tag = "Account", security((), ("session" = [])),
    request_body = InviteAcceptance, responses((status = OK, body = Person)))]
pub(super) async fn accept_invite(
    State(ctx): State<Ctx>,
    client: Client,
    signed_in_as: Result<PersonActor, Problem>,
    Json(body): Json<InviteAcceptance>,
) -> Result<Response, Problem> {
    let newcomer = body.account.map(|account| service::Newcomer {
        name: account.name,
        password: account.password,
        locale: account.locale,
    });
    let (person, token) = service::accept(&ctx, &client, &body.token, signed_in_as.ok(), newcomer).await?;
    let person = Person::from(person);
    Ok(match token {
        Some(token) => signed_in(&ctx, person, &token),
        None => Json(person).into_response(),
    })
}
