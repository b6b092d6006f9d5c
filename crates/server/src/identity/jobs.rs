//! Letters about accounts: written and sent by a job.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jobs::{Queue, Verdict, handler};
use rules::id::{MemberInviteId, OrgId, PersonId};
use rules::locale::Locale;
use rules::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use store::Tx;
use store::queue::{Job, NewJob};
use store::sealed::Place;

use super::service::account::reset_link;
use crate::ctx::Ctx;
use crate::mail::{self, Mail, NotSent};

/// The queue of letters about accounts.
pub(super) const QUEUE: &str = "identity.mail";
/// Where the token of an invite link waits for its letter.
const INVITE_TOKEN: Place = Place("jobs.payload");

/// A letter to be written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Letter {
    /// A link to choose a new password, if anybody has this address.
    PasswordReset { email: String },
    /// The password has just been changed.
    PasswordChanged { person: PersonId },
    /// A way to sign in was added, called so.
    WayInAdded { person: PersonId, way: String },
    /// A way to sign in was removed, called so.
    WayInRemoved { person: PersonId, way: String },
    /// An invitation. Its token is stored nowhere else but as a hash, so it comes along, sealed.
    MemberInvite { org: OrgId, invite: MemberInviteId, token: String },
}

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let ctx = ctx.clone();
    vec![Queue {
        concurrency: 2,
        ..Queue::new(
            QUEUE,
            handler(move |job| {
                let ctx = ctx.clone();
                async move { run(&ctx, &job).await }
            }),
        )
    }]
}

/// Has a letter written and sent once the transaction commits.
pub(super) async fn write(tx: &mut Tx, letter: &Letter, now: Timestamp) -> store::Result<()> {
    // One lane: a flood of letters is no reason to open many connections to the mail server.
    tx.enqueue(&NewJob::new(QUEUE, "mail", letter, now)?, now);
    Ok(())
}

/// Has an invitation sent once the transaction commits.
pub(super) async fn write_invite(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    invite: MemberInviteId,
    token: &str,
) -> store::Result<()> {
    let sealed =
        ctx.vault.seal(tx, org, INVITE_TOKEN, &SecretString::from(token.to_owned()), ctx.now()).await?;
    let letter = Letter::MemberInvite { org, invite, token: STANDARD.encode(sealed) };
    write(tx, &letter, ctx.now()).await
}

/// A link to a page of this installation. The token stands behind `#`, so that no server log holds it.
pub(super) fn link(ctx: &Ctx, page: &str, token: &str) -> String {
    format!("{}/{page}#{token}", ctx.settings.public_url.as_str().trim_end_matches('/'))
}

async fn run(ctx: &Ctx, job: &Job) -> Verdict {
    let Ok(letter) = serde_json::from_str::<Letter>(&job.payload) else {
        return Verdict::Dead("the payload does not read".to_owned());
    };
    let mail = match compose(ctx, letter).await {
        Ok(Some(mail)) => mail,
        Ok(None) => return Verdict::Done,
        Err(error) => return Verdict::Retry(error.to_string()),
    };
    match ctx.mailer.send(mail).await {
        Ok(()) => Verdict::Done,
        Err(error @ (NotSent::NotConfigured | NotSent::Refused(_))) => Verdict::Dead(error.to_string()),
        // A letter that comes twice does no harm; one that never comes does.
        Err(error @ (NotSent::Later(_) | NotSent::Unknown(_))) => Verdict::Retry(error.to_string()),
    }
}

#[derive(Debug, thiserror::Error)]
enum NotComposed {
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error("the letter cannot be written: {0}")]
    Template(#[from] minijinja::Error),
}

/// Writes a letter. `None`: there is nobody to write to any more, or there never was.
async fn compose(ctx: &Ctx, letter: Letter) -> Result<Option<Mail>, NotComposed> {
    match letter {
        Letter::PasswordReset { email } => {
            let mut tx = ctx.store.begin().await?;
            let Some(person) =
                tx.person_by_email(&email).await?.filter(|person| person.disabled_at.is_none())
            else {
                return Ok(None);
            };
            let link = reset_link(ctx, &mut tx, person.id).await?;
            tx.commit().await?;
            let letter = mail::Letter::PasswordReset { name: person.name, link };
            Ok(Some(letter.write(&person.email, Locale::read(&person.locale))?))
        }
        Letter::PasswordChanged { person } => {
            warn(ctx, person, |name, link| mail::Letter::PasswordChanged { name, link }).await
        }
        Letter::WayInAdded { person, way } => {
            warn(ctx, person, |name, link| mail::Letter::WayInAdded { name, way, link }).await
        }
        Letter::WayInRemoved { person, way } => {
            warn(ctx, person, |name, link| mail::Letter::WayInRemoved { name, way, link }).await
        }
        Letter::MemberInvite { org, invite, token } => {
            let mut tx = ctx.store.read().await?;
            let sealed = STANDARD.decode(token).unwrap_or_default();
            let token = ctx.vault.open(&mut tx, org, INVITE_TOKEN, &sealed).await?;
            let mut scope = tx.org(org).await?;
            let invite = scope.invites(ctx.now()).await?.into_iter().find(|open| open.id == invite);
            let (Some(invite), Some(org)) = (invite, scope.org().await?) else { return Ok(None) };
            let link = link(ctx, "invite", token.expose_secret());
            let letter = mail::Letter::MemberInvite { org: org.name, role: invite.role.to_string(), link };
            Ok(Some(letter.write(&invite.email, Locale::read(&org.locale))?))
        }
    }
}

/// Tells a person what has changed about their sign-in, and where to go if it was somebody else.
async fn warn(
    ctx: &Ctx,
    person: PersonId,
    letter: impl FnOnce(String, String) -> mail::Letter,
) -> Result<Option<Mail>, NotComposed> {
    let Some(person) = ctx.store.read().await?.person(person).await? else { return Ok(None) };
    let link = link(ctx, "reset-password", "");
    Ok(Some(letter(person.name, link).write(&person.email, Locale::read(&person.locale))?))
}
