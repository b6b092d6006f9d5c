//! What happens at a link: who may agree to what there, and what agreeing does.

use rules::consent::{Channel, ConsentAction, ConsentSource, Standing};
use rules::id::{OrgId, ReachId};
use rules::locale::Locale;
use rules::message::MessageState;
use rules::time::Timestamp;
use serde_json::json;
use store::OrgScope;
use store::reaches::Reach;

use super::links::Door;
use super::told::{self, Said};
use super::{sender, words};
use crate::ctx::Ctx;
use crate::dispatch;
use crate::http::Client;

/// What somebody sees at a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// The language of the message.
    pub locale: Locale,
    /// The business.
    pub business: String,
    /// Which page it is.
    pub view: View,
}

/// The pages of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// To agree or not: the words that count.
    Ask { wording: String },
    /// They agreed, and the message is on its way.
    Agreed,
    /// They agreed, but had ended everything with STOP: only START on WhatsApp lifts that.
    Stopped,
    /// The link is too old, or the message has been settled otherwise.
    Over,
    /// To end messages on the channel.
    AskToEnd { channel: Channel },
    /// They have ended.
    Ended { channel: Channel },
}

/// What somebody sees who opens a link. Nothing changes. `None`: there is no such link.
pub(super) async fn open(ctx: &Ctx, token: &str) -> store::Result<Option<Seen>> {
    let Some((org, door)) = ctx.links.read(token) else { return Ok(None) };
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let Some((reach, is_end)) = reach_at(&mut scope, door).await? else { return Ok(None) };
    let business = sender::business(&mut scope).await?;
    let view = if is_end {
        match is_ended(&mut scope, &reach).await? {
            true => View::Ended { channel: reach.channel },
            false => View::AskToEnd { channel: reach.channel },
        }
    } else if reach.agreed_at.is_some() {
        View::Agreed
    } else if may_agree(&mut scope, &reach, ctx.now()).await? {
        View::Ask { wording: words::wording(reach.purpose, reach.locale, &business) }
    } else {
        View::Over
    };
    Ok(Some(Seen { locale: reach.locale, business, view }))
}

/// Somebody pressed the button.
pub(super) async fn press(ctx: &Ctx, token: &str, client: &Client) -> store::Result<Option<Seen>> {
    let Some((org, door)) = ctx.links.read(token) else { return Ok(None) };
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let Some((reach, is_end)) = reach_at(&mut scope, door).await? else { return Ok(None) };
    let business = sender::business(&mut scope).await?;
    let view = if is_end {
        end(ctx, &mut scope, &reach, client, now).await?
    } else {
        agree(ctx, &mut scope, org, &reach, &business, client, now).await?
    };
    tx.commit().await?;
    Ok(Some(Seen { locale: reach.locale, business, view }))
}

async fn reach_at(scope: &mut OrgScope<'_>, door: Door) -> store::Result<Option<(Reach, bool)>> {
    let (id, is_end): (ReachId, bool) = match door {
        Door::Agree(id) => (id, false),
        Door::End(id) => (id, true),
        Door::Receipt(_) | Door::Inbound(_) | Door::Confirm(_) => return Ok(None),
    };
    Ok(scope.reach(id).await?.map(|reach| (reach, is_end)))
}

/// While the link holds, and the message waits for this very word.
async fn may_agree(scope: &mut OrgScope<'_>, reach: &Reach, now: Timestamp) -> store::Result<bool> {
    if now >= reach.expires_at {
        return Ok(false);
    }
    let message = scope.message(reach.message_id).await?;
    Ok(message.is_some_and(|message| message.state == MessageState::AwaitingOptIn))
}

/// Records the opt-in, once, with what proves it, and lets go what waited for it.
async fn agree(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    org: OrgId,
    reach: &Reach,
    business: &str,
    client: &Client,
    now: Timestamp,
) -> store::Result<View> {
    if reach.agreed_at.is_some() {
        return Ok(View::Agreed);
    }
    if !may_agree(scope, reach, now).await? || !scope.agree_at_reach(reach.id, now).await? {
        return Ok(View::Over);
    }
    let contact = reach.contact_id;
    let said = Said {
        channel: Channel::Whatsapp,
        purpose: Some(reach.purpose),
        action: ConsentAction::OptIn,
        source: ConsentSource::Link,
        evidence: json!({
            "wording": words::wording(reach.purpose, reach.locale, business),
            "place": "link",
            "sent_on": reach.channel,
            "sent_to": reach.address,
            "reach": reach.id,
            "message": reach.message_id,
            "ip": client.address(),
            "user_agent": client.user_agent,
        }),
    };
    told::record(ctx, scope, contact, said, now).await?;
    tracing::info!(org.id = %org, contact.id = %contact, reach.id = %reach.id, "a contact agreed at a link");
    let lifts = super::inbound_lifts(scope).await?;
    let consent = scope.consent_of(contact, lifts).await?;
    if !matches!(consent.standing(reach.purpose), Standing::OptedIn(_)) {
        return Ok(View::Stopped);
    }
    dispatch::release(scope, contact, Some(reach.purpose), now).await?;
    Ok(View::Agreed)
}

async fn is_ended(scope: &mut OrgScope<'_>, reach: &Reach) -> store::Result<bool> {
    let lifts = super::inbound_lifts(scope).await?;
    let consent = scope.consent_on(reach.channel, reach.contact_id, lifts).await?;
    Ok(consent.stopped.is_some())
}

async fn end(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    reach: &Reach,
    client: &Client,
    now: Timestamp,
) -> store::Result<View> {
    if !is_ended(scope, reach).await? {
        let evidence = json!({
            "place": "unsubscribe", "sent_to": reach.address, "reach": reach.id,
            "ip": client.address(), "user_agent": client.user_agent,
        });
        let said = Said {
            channel: reach.channel,
            purpose: None,
            action: ConsentAction::OptOut,
            source: ConsentSource::Link,
            evidence,
        };
        told::record(ctx, scope, reach.contact_id, said, now).await?;
    }
    Ok(View::Ended { channel: reach.channel })
}
