//! Members and invitations.

use std::time::Duration;

use rules::id::{MemberId, MemberInviteId, OrgId, PersonId};
use rules::locale::Locale;
use rules::role::{Right, Role};
use rules::time::span;
use secrecy::SecretString;
use serde_json::json;
use store::members::{Invite, Member, NewInvite};
use store::orgs::Org;
use store::people::{NewPerson, Person};
use store::{Cursor, OrgScope, Page, Tx};
use uuid::Uuid;

use super::plain_email;
use super::sessions;
use crate::ctx::Ctx;
use crate::http::actor::{Who, audit};
use crate::http::{Client, OrgActor, PersonActor, Problem};
use crate::identity::jobs;
use crate::identity::limits::Attempt;
use crate::identity::passwords::hash_password;
use crate::identity::secret::{Token, hash};

/// An invitation works for so long.
pub(in crate::identity) const INVITE_LIFE: Duration = span::days(7);

/// Members.
pub(in crate::identity) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    before: Cursor,
    limit: usize,
) -> Result<Page<Member>, Problem> {
    actor.require(Right::ReadMembers)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.members(before, limit).await?)
}

/// Gives a member another role.
pub(in crate::identity) async fn set_role(
    ctx: &Ctx,
    actor: &OrgActor,
    id: MemberId,
    role: Role,
) -> Result<Member, Problem> {
    actor.require(Right::WriteMembers)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut member = held(&mut scope, id).await?;
    may_grant(actor, member.role)?;
    may_grant(actor, role)?;
    if role != Role::Owner {
        keep_an_owner(&mut scope, &member).await?;
    }
    scope.set_role(id, role).await?;
    if role > member.role {
        // What they gave while they could is no way back.
        scope.revoke_invites_by(id.0, ctx.now()).await?;
    }
    let details = json!({ "name": member.name, "before": member.role, "role": role });
    actor.audit(ctx, &mut scope, "member.role", id, details).await?;
    scope.publish("member.updated", &json!({ "member_id": id }), ctx.now())?;
    tx.commit().await?;
    member.role = role;
    Ok(member)
}

/// Removes a member. Everyone may remove themselves.
pub(in crate::identity) async fn remove(ctx: &Ctx, actor: &OrgActor, id: MemberId) -> Result<(), Problem> {
    let leaves = actor.member() == Some(id);
    if !leaves {
        actor.require(Right::WriteMembers)?;
    }
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let member = held(&mut scope, id).await?;
    if !leaves {
        may_grant(actor, member.role)?;
    }
    keep_an_owner(&mut scope, &member).await?;
    scope.remove_member(id, ctx.now()).await?;
    // An invitation to themselves under another name would be a way back.
    scope.revoke_invites_by(id.0, ctx.now()).await?;
    actor
        .audit(ctx, &mut scope, "member.remove", id, json!({ "name": member.name, "role": member.role }))
        .await?;
    scope.publish("member.updated", &json!({ "member_id": id }), ctx.now())?;
    tx.commit().await?;
    Ok(())
}

/// The member, with the organisation held, so that two owners cannot remove each other at once.
async fn held(scope: &mut OrgScope<'_>, id: MemberId) -> Result<Member, Problem> {
    scope.org_for_change().await?;
    scope.member(id).await?.ok_or_else(Problem::not_found)
}

async fn keep_an_owner(scope: &mut OrgScope<'_>, member: &Member) -> Result<(), Problem> {
    if member.role == Role::Owner && scope.owners().await? <= 1 {
        return Err(Problem::conflict(
            "last_owner",
            "This is the organisation's only owner. Make somebody else an owner first.",
        ));
    }
    Ok(())
}

fn may_grant(actor: &OrgActor, role: Role) -> Result<(), Problem> {
    let lacks = |right: &&Right| role.may(**right) && !actor.may(**right);
    if !actor.grants_as().may_grant(role) {
        return Err(above_yours(role));
    }
    // A key may carry fewer rights than its role: through a member of its making it must not gain any.
    match Right::ALL.iter().find(lacks) {
        Some(right) => Err(Problem::lacks(*right)),
        None => Ok(()),
    }
}

fn above_yours(role: Role) -> Problem {
    Problem::forbidden(
        "role_above_yours",
        format!("Only an owner gives or takes the role `{role}`. Ask an owner of the organisation."),
    )
}

/// An invitation that was just made, with its link.
pub(in crate::identity) struct Invited {
    pub(in crate::identity) invite: Invite,
    /// Told once, for whoever hands it over personally.
    pub(in crate::identity) link: String,
}

/// Invites somebody by e-mail.
pub(in crate::identity) async fn invite(
    ctx: &Ctx,
    actor: &OrgActor,
    email: &str,
    role: Role,
) -> Result<Invited, Problem> {
    actor.require(Right::WriteMembers)?;
    may_grant(actor, role)?;
    let by = match actor.who {
        Who::Member { id, .. } => id.0,
        Who::Key { id } => id.0,
    };
    let email = plain_email(email);
    let mut tx = ctx.store.begin().await?;
    if let Some(person) = tx.person_by_email(&email).await?
        && tx.org(actor.org).await?.member_of(person.id).await?.is_some()
    {
        return Err(Problem::conflict(
            "already_a_member",
            "This person is a member of the organisation already.",
        ));
    }
    let invited = store_invite(ctx, &mut tx, actor.org, &email, role, by).await?;
    let mut scope = tx.org(actor.org).await?;
    let details = json!({ "email": invited.invite.email, "role": role });
    actor.audit(ctx, &mut scope, "member.invite", invited.invite.id, details).await?;
    tx.commit().await?;
    Ok(invited)
}

/// Stores an invitation and has it sent.
pub(in crate::identity) async fn store_invite(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    email: &str,
    role: Role,
    by: Uuid,
) -> Result<Invited, Problem> {
    let now = ctx.now();
    let token = Token::fresh("", ctx.chance());
    let new = NewInvite {
        id: MemberInviteId::fresh(now, ctx.chance()),
        email: email.to_owned(),
        role,
        token_hash: token.hash(),
        invited_by: by,
        expires_at: now + INVITE_LIFE,
    };
    tx.org(org).await?.insert_invite(&new, now).await?;
    jobs::write_invite(ctx, tx, org, new.id, token.reveal()).await?;
    let invite = Invite {
        org_id: org,
        id: new.id,
        email: new.email,
        role,
        created_at: now,
        expires_at: new.expires_at,
    };
    Ok(Invited { invite, link: jobs::link(ctx, "invite", token.reveal()) })
}

/// Open invitations.
pub(in crate::identity) async fn invites(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<Invite>, Problem> {
    actor.require(Right::ReadMembers)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.invites(ctx.now()).await?)
}

/// Withdraws an invitation.
pub(in crate::identity) async fn revoke_invite(
    ctx: &Ctx,
    actor: &OrgActor,
    id: MemberInviteId,
) -> Result<(), Problem> {
    actor.require(Right::WriteMembers)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let open = scope.invites(ctx.now()).await?;
    if !scope.revoke_invite(id, ctx.now()).await? {
        return Err(Problem::not_found());
    }
    let email = open.iter().find(|invite| invite.id == id).map(|invite| &invite.email);
    actor.audit(ctx, &mut scope, "member.uninvite", id, json!({ "email": email })).await?;
    tx.commit().await?;
    Ok(())
}

/// What an invite link is about.
pub(in crate::identity) struct Looked {
    pub(in crate::identity) org: Org,
    pub(in crate::identity) invite: Invite,
    /// Whether there is an account of this address, so that one signs in to accept.
    pub(in crate::identity) has_account: bool,
}

/// What an invite link is about, for whoever holds it. Holding one is no guess: only tokens that are none count.
pub(in crate::identity) async fn look(ctx: &Ctx, client: &Client, token: &str) -> Result<Looked, Problem> {
    let attempt = Attempt::count(ctx, "invite", token, client).await?;
    let mut tx = ctx.store.begin().await?;
    let invite = tx.invite_by_token(&hash(token), ctx.now()).await?.ok_or_else(link_expired)?;
    attempt.succeeded(&mut tx).await?;
    let has_account = tx.person_by_email(&invite.email).await?.is_some();
    let org = tx.org(invite.org_id).await?.org().await?.ok_or_else(link_expired)?;
    tx.commit().await?;
    Ok(Looked { org, invite, has_account })
}

/// Somebody without an account who accepts an invitation.
pub(in crate::identity) struct Newcomer {
    pub(in crate::identity) name: String,
    pub(in crate::identity) password: SecretString,
    pub(in crate::identity) locale: Locale,
}

/// Accepts an invitation: as the person who is signed in, or with a new account, which signs in at once.
pub(in crate::identity) async fn accept(
    ctx: &Ctx,
    client: &Client,
    token: &str,
    signed_in: Option<PersonActor>,
    newcomer: Option<Newcomer>,
) -> Result<(Person, Option<Token>), Problem> {
    let Looked { invite, .. } = look(ctx, client, token).await?;
    match (signed_in, newcomer) {
        (Some(actor), _) if actor.person.email == invite.email => {
            let mut tx = ctx.store.begin().await?;
            join(ctx, &mut tx, &invite, actor.person.id, client).await?;
            tx.commit().await?;
            Ok((actor.person, None))
        }
        (Some(_), _) => Err(Problem::conflict(
            "invited_as_another",
            "This invitation is for another e-mail address than the one you are signed in with. Sign out first.",
        )
        .with(
            "detail_id",
            "Undangan ini untuk alamat email lain, bukan yang sedang Anda pakai. Keluar dulu.",
        )),
        (None, None) => {
            Err(Problem::invalid_field("password", "choose one, or sign in to your account first"))
        }
        (None, Some(newcomer)) => register(ctx, client, &invite, newcomer).await,
    }
}

fn account_exists() -> Problem {
    Problem::conflict(
        "account_exists",
        "There is an account with this e-mail address already. Sign in to it and open the link again.",
    )
    .with("detail_id", "Sudah ada akun dengan alamat email ini. Masuk ke akun itu, lalu buka tautannya lagi.")
}

async fn register(
    ctx: &Ctx,
    client: &Client,
    invite: &Invite,
    newcomer: Newcomer,
) -> Result<(Person, Option<Token>), Problem> {
    // Asked before the costly hash, and again with it.
    if ctx.store.read().await?.person_by_email(&invite.email).await?.is_some() {
        return Err(account_exists());
    }
    let password_hash = hash_password(ctx.chance(), newcomer.password).await?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    if tx.person_by_email(&invite.email).await?.is_some() {
        return Err(account_exists());
    }
    let id = PersonId::fresh(now, ctx.chance());
    let person = NewPerson {
        id,
        email: invite.email.clone(),
        name: newcomer.name.trim().to_owned(),
        password_hash: Some(password_hash),
        locale: newcomer.locale.to_string(),
        is_operator: false,
    };
    tx.insert_person(&person, now).await?;
    let person = tx.person(id).await?.ok_or_else(Problem::not_found)?;
    join(ctx, &mut tx, invite, id, client).await?;
    let token = sessions::start(ctx, &mut tx, &person, client, "invitation").await?;
    tx.commit().await?;
    Ok((person, Some(token)))
}

/// Makes a person the member that an invitation says.
pub(super) async fn join(
    ctx: &Ctx,
    tx: &mut Tx,
    invite: &Invite,
    person: PersonId,
    client: &Client,
) -> Result<(), Problem> {
    let now = ctx.now();
    let mut scope = tx.org(invite.org_id).await?;
    if !scope.accept_invite(invite.id, now).await? {
        return Err(link_expired());
    }
    let fresh = MemberId::fresh(now, ctx.chance());
    let Some(member) = scope.insert_member(fresh, person, invite.role, now).await? else {
        return Err(Problem::conflict("already_a_member", "You are a member of this organisation already.")
            .with("detail_id", "Anda sudah menjadi anggota organisasi ini."));
    };
    let details = json!({ "role": invite.role, "invite": invite.id });
    let (name, address) = (format!("member:{member}"), client.address());
    audit(ctx, &mut scope, &name, "member.join", &member.to_string(), details, &address).await?;
    scope.publish("member.updated", &json!({ "member_id": member }), now)?;
    Ok(())
}

fn link_expired() -> Problem {
    Problem::unprocessable(
        "link_expired",
        "This invitation was used, withdrawn or has expired. Ask whoever invited you for a new one.",
    )
    .with(
        "detail_id",
        "Undangan ini sudah dipakai, ditarik, atau kedaluwarsa. Mintalah yang baru kepada pengundang Anda.",
    )
}
