//! Invite links: a client without an account connects one messaging account, and sees nothing else.

use std::time::Duration;

use rules::connection::{Entry, Maker, Mode, Variant};
use rules::id::{AppId, ConnectInviteId, ConnectionId, OrgId};
use rules::time::span;
use serde_json::json;
use store::Tx;
use store::signup::ConnectInvite;

use super::by::By;
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

/// Makes a link, in the caller's transaction. The token is told once; its hash is stored.
pub async fn create(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    by: By<'_>,
    new: NewInvite,
) -> Result<(ConnectInvite, Token), Failed> {
    let now = ctx.now();
    let token = Token::fresh("sapa_connect_", ctx.chance());
    tx.org(org).await?.org().await?.ok_or(Failed::Missing)?;
    let app = usable_app(tx, org, new.app).await?;
    if by.maker() == Maker::Organisation {
        may_connect(tx, org, &app, new.mode).await?;
    }
    let invite = ConnectInvite {
        id: ConnectInviteId::fresh(now, ctx.chance()),
        org_id: org,
        app_id: app.id,
        mode: new.mode,
        variant: new.variant,
        note: new.note,
        maker: by.maker(),
        created_by: by.name(),
        created_at: now,
        expires_at: now + new.lasts.min(LONGEST),
        opened_at: None,
        used_at: None,
        revoked_at: None,
    };
    tx.org(org).await?.insert_connect_invite(&invite, token.hash()).await?;
    let details = json!({"mode": invite.mode});
    by.audit(ctx, tx, Some(org), "connect_invite.create", invite.id, details).await?;
    Ok((invite, token))
}

/// An organisation's links.
pub async fn list(ctx: &Ctx, org: OrgId) -> Result<Vec<ConnectInvite>, Failed> {
    Ok(ctx.store.read().await?.org(org).await?.connect_invites(200).await?)
}

/// Takes a link back: whoever holds it can do nothing with it any more, and what the operator pays for by it is not shared
/// again.
pub async fn revoke(ctx: &Ctx, org: OrgId, by: By<'_>, id: ConnectInviteId) -> Result<(), Failed> {
    let mut tx = ctx.store.begin().await?;
    if !tx.org(org).await?.revoke_connect_invite(id, ctx.now()).await? {
        return Err(Failed::Missing);
    }
    by.audit(ctx, &mut tx, Some(org), "connect_invite.revoke", id, json!({})).await?;
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

/// Goes to the dialog: begins the link's one connection, or opens another attempt of it. Both or neither: a link that was
/// claimed has its connection.
pub async fn start(ctx: &Ctx, invite: &ConnectInvite) -> Result<Dialog, Failed> {
    let (org, now, name) = (invite.org_id, ctx.now(), actor(invite));
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    // Writes to the link first: the same person's other window waits here, and then finds the connection.
    scope.open_connect_invite(invite.id, now).await?;
    let dialog = match scope.connection_of_invite(invite.id).await? {
        Some(connection) => reopen(ctx, &mut tx, org, &name, connection).await?,
        None => {
            if !scope.use_connect_invite(invite.id, now).await? {
                // It has ended, or was taken back, since it was found.
                return Err(Failed::Missing);
            }
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
            begin(ctx, &mut tx, org, &name, new).await?
        }
    };
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
