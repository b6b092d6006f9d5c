//! Invite links: a client without an account connects one messaging account, and sees nothing else.

use std::time::Duration;

use rules::connection::{Entry, Mode, Variant};
use rules::id::{AppId, ConnectInviteId, ConnectionId, OrgId};
use rules::time::span;
use store::Tx;
use store::signup::ConnectInvite;

use super::connect::{Begin, Dialog, begin, may_connect, reopen, usable_app};
use super::{Failed, connect};
use crate::ctx::Ctx;
use crate::identity::{Token, hash};

/// The longest life of a link.
pub const LONGEST: Duration = span::days(30);

/// A link to make.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// Through which app.
    pub app: Option<AppId>,
    /// Who pays, whose app.
    pub mode: Mode,
    /// What kind of signup.
    pub variant: Variant,
    /// What its maker writes on it.
    pub note: String,
    /// How long it lasts, at most [`LONGEST`].
    pub lasts: Duration,
}

/// Who makes a link, and so which modes it may offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Somebody of the organisation: what the organisation may connect itself.
    Organisation,
    /// The operator: every mode.
    Operator,
}

/// Makes a link, in the caller's transaction. The token is told once; its hash is stored.
pub async fn create(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    maker: Maker,
    actor: &str,
    new: NewInvite,
) -> Result<(ConnectInvite, Token), Failed> {
    let now = ctx.now();
    let token = Token::fresh("sapa_connect_", ctx.chance());
    let app = usable_app(tx, org, new.app).await?;
    if maker == Maker::Organisation {
        may_connect(tx, org, &app, new.mode).await?;
    }
    let invite = ConnectInvite {
        id: ConnectInviteId::fresh(now, ctx.chance()),
        org_id: org,
        app_id: app.id,
        mode: new.mode,
        variant: new.variant,
        note: new.note,
        created_by: actor.to_owned(),
        created_at: now,
        expires_at: now + new.lasts.min(LONGEST),
        opened_at: None,
        used_at: None,
        revoked_at: None,
    };
    let mut scope = tx.org(org).await?;
    scope.insert_connect_invite(&invite, token.hash()).await?;
    Ok((invite, token))
}

/// An organisation's links.
pub async fn list(ctx: &Ctx, org: OrgId) -> Result<Vec<ConnectInvite>, Failed> {
    Ok(ctx.store.read().await?.org(org).await?.connect_invites(200).await?)
}

/// Takes a link back: whoever holds it can do nothing with it any more.
pub async fn revoke(ctx: &Ctx, org: OrgId, id: ConnectInviteId) -> Result<(), Failed> {
    let mut tx = ctx.store.begin().await?;
    if !tx.org(org).await?.revoke_connect_invite(id, ctx.now()).await? {
        return Err(Failed::Missing);
    }
    tx.commit().await?;
    Ok(())
}

/// The link of a token, if it is in force. Everything else is as if it had never been.
pub async fn find(ctx: &Ctx, token: &str) -> Result<ConnectInvite, Failed> {
    let mut tx = ctx.store.read().await?;
    let invite = tx.connect_invite(hash(token)).await?.ok_or(Failed::Missing)?;
    if invite.revoked_at.is_some() || invite.expires_at <= ctx.now() {
        return Err(Failed::Missing);
    }
    if !tx.org(invite.org_id).await?.org().await?.is_some_and(|org| org.may_work()) {
        return Err(Failed::Missing);
    }
    Ok(invite)
}

/// The name of whoever holds a link, in states and the audit log.
pub fn actor(invite: &ConnectInvite) -> String {
    format!("invite:{}", invite.id)
}

/// Opens the link: the connection it has begun, if any.
pub async fn open(ctx: &Ctx, invite: &ConnectInvite) -> Result<Option<ConnectionId>, Failed> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(invite.org_id).await?;
    scope.open_connect_invite(invite.id, ctx.now()).await?;
    let connection = scope.connection_of_invite(invite.id).await?;
    tx.commit().await?;
    Ok(connection)
}

/// Goes to the dialog: begins the link's one connection, or opens another attempt of it.
pub async fn start(ctx: &Ctx, invite: &ConnectInvite) -> Result<Dialog, Failed> {
    if let Some(connection) = open(ctx, invite).await? {
        return reopen(ctx, invite.org_id, &actor(invite), connection).await;
    }
    let mut tx = ctx.store.begin().await?;
    if !tx.org(invite.org_id).await?.use_connect_invite(invite.id, ctx.now()).await? {
        // Claimed a moment ago by the same person's other window.
        return Err(Failed::Conflict(
            "invite_in_use",
            "The link is being used in another window. Try again in a moment.".to_owned(),
        ));
    }
    tx.commit().await?;
    let new = Begin {
        app: Some(invite.app_id),
        mode: invite.mode,
        entry: Entry::Invite,
        variant: invite.variant,
        currency: None,
        override_webhook: false,
        reconnects: None,
        invite: Some(invite.id),
    };
    let mut tx = ctx.store.begin().await?;
    let dialog = begin(ctx, &mut tx, invite.org_id, &actor(invite), new).await?;
    tx.commit().await?;
    Ok(dialog)
}

/// The connection of a link, which must be the one asked about.
pub async fn connection(
    ctx: &Ctx,
    invite: &ConnectInvite,
) -> Result<(store::connections::Connection, Vec<store::connections::StepRow>), Failed> {
    let mut tx = ctx.store.read().await?;
    let id = tx.org(invite.org_id).await?.connection_of_invite(invite.id).await?.ok_or(Failed::Missing)?;
    drop(tx);
    connect::get(ctx, invite.org_id, id).await
}
