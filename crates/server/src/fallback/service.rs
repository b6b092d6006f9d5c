//! Channels as use cases: set them up, try them, decide their order and their words.

use futures::future::BoxFuture;
use rules::consent::Channel;
use rules::fallback::{FallbackSettings, ReachKind};
use rules::id::{MessageId, ReachId};
use rules::locale::Locale;
use rules::role::Right;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use store::channels::{ChannelSetup, SECRET};
use store::reaches::Reach;
use store::{Cursor, Json, Page};

use super::links::Door;
use super::news;
use super::sender::{self, Ear, Handed, Told};
use super::single::{self, Single};
use super::way::Way;
use super::words::{self, Gaps};
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// Longer than any provider's.
const LONGEST_SECRET: usize = 1000;

/// The channels that are set up.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<ChannelSetup>, Problem> {
    actor.require(Right::ReadConnections)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.channels().await?)
}

/// Sets a channel up. Without a secret the one that is kept stays, as long as it goes to the same place.
pub(super) async fn set(
    ctx: &Ctx,
    actor: &OrgActor,
    way: Way,
    secret: Option<String>,
) -> Result<ChannelSetup, Problem> {
    actor.require(Right::WriteSettings)?;
    check(ctx, &way)?;
    let channel = way.channel();
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let before =
        tx.org(actor.org).await?.channels().await?.into_iter().find(|setup| setup.channel == channel);
    let sealed = match secret.as_deref().map(str::trim) {
        Some("") => None,
        Some(secret) if secret.len() > LONGEST_SECRET => {
            return Err(Problem::invalid_field(
                "secret",
                format!("must have at most {LONGEST_SECRET} characters"),
            ));
        }
        Some(secret) => {
            Some(ctx.vault.seal(&mut tx, actor.org, SECRET, &SecretString::from(secret), now).await?)
        }
        None => kept(before.as_ref(), &way)?,
    };
    let settings = serde_json::to_value(&way).map_err(|error| Problem::internal(&error))?;
    let provider = sender::provider(&way);
    let setup =
        ChannelSetup { channel, provider, settings: Json(settings), sealed, problem: None, updated_at: now };
    let mut scope = tx.org(actor.org).await?;
    scope.set_channel(&setup).await?;
    let details = json!({ "channel": channel, "provider": provider });
    actor.audit(ctx, &mut scope, "channel.set", actor.org, details).await?;
    news::channels_updated(&mut scope, now)?;
    // What waited for the channel to work goes at once.
    super::post::enqueue(&mut scope, channel, now)?;
    tx.commit().await?;
    Ok(setup)
}

/// What can be told of a way before anything is sent on it.
fn check(ctx: &Ctx, way: &Way) -> Result<(), Problem> {
    match way {
        Way::Operator(_) if !ctx.settings.organisations_mail || !ctx.mailer.is_configured() => {
            Err(Problem::invalid_field(
                "way.provider",
                "is not offered by this installation; use your own mail server",
            ))
        }
        Way::Twilio(twilio) if twilio.from.is_none() && twilio.messaging_service_sid.is_none() => {
            Err(Problem::invalid_field("way.from", "is needed, or a messaging service"))
        }
        Way::Http(http) => sender::check_http(http).map_err(|why| Problem::invalid_field("way.body", why)),
        _ => Ok(()),
    }
}

/// The secret that is kept. It goes nowhere else than where its owner sent it.
fn kept(before: Option<&ChannelSetup>, way: &Way) -> Result<Option<Vec<u8>>, Problem> {
    let Some(before) = before.filter(|before| before.sealed.is_some()) else { return Ok(None) };
    let same = Way::read(&before.settings.0).is_ok_and(|old| {
        sender::provider(&old) == sender::provider(way) && old.confidant() == way.confidant()
    });
    if same {
        Ok(before.sealed.clone())
    } else {
        Err(Problem::invalid_field(
            "secret",
            "this goes to another place than before, so send the password or token again, or an empty one for none",
        ))
    }
}

/// Forgets a channel.
pub(super) async fn forget(ctx: &Ctx, actor: &OrgActor, channel: Channel) -> Result<(), Problem> {
    actor.require(Right::WriteSettings)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    if !scope.remove_channel(channel).await? {
        return Err(Problem::not_found());
    }
    actor.audit(ctx, &mut scope, "channel.forget", actor.org, json!({ "channel": channel })).await?;
    news::channels_updated(&mut scope, ctx.now())?;
    tx.commit().await?;
    Ok(())
}

/// Sends a test message, and tells in the provider's words what became of it.
pub(super) async fn attempt(
    ctx: &Ctx,
    actor: &OrgActor,
    channel: Channel,
    to: &str,
) -> Result<(bool, String), Problem> {
    actor.require(Right::WriteSettings)?;
    let to = match channel {
        Channel::Email => to.trim().to_owned(),
        Channel::Sms | Channel::Whatsapp => {
            let digits: String = to.chars().filter(char::is_ascii_digit).collect();
            Some(digits).filter(|digits| (8..=15).contains(&digits.len())).ok_or_else(|| {
                Problem::invalid_field(
                    "to",
                    "must be a phone number with its country's code, such as +62 812 3456 7890",
                )
            })?
        }
    };
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let business = sender::business(&mut scope).await?;
    let locale = scope.org().await?.map(|org| Locale::read(&org.locale)).unwrap_or(Locale::En);
    actor.audit(ctx, &mut scope, "channel.try", actor.org, json!({ "channel": channel })).await?;
    let found = sender::of(ctx, &mut tx, actor.org, channel).await?;
    tx.commit().await?;
    let sender = found.map_err(|why| Problem::conflict("channel_not_ready", why))?;
    let (subject, text) = test_words(locale, &business);
    let letter = single::letter(ctx, actor.org, Single { to, subject, text });
    let handed = sender.send(&[letter], &Deaf).await.pop();
    let told = match handed {
        Some(Handed::Taken(_)) => (true, String::new()),
        Some(Handed::Later(why) | Handed::Refused(why) | Handed::Ended(why) | Handed::Unknown(why)) => {
            (false, why)
        }
        None => (false, "nothing was said".to_owned()),
    };
    let mut tx = ctx.store.begin().await?;
    let problem = (!told.0).then_some(told.1.as_str());
    tx.org(actor.org).await?.note_channel_problem(channel, problem).await?;
    tx.commit().await?;
    Ok(told)
}

fn test_words(locale: Locale, business: &str) -> (String, String) {
    match locale {
        Locale::En => (
            format!("A test of {business}"),
            format!("This is a test message of {business}. It works when you can read this."),
        ),
        Locale::Id => (
            format!("Uji coba {business}"),
            format!("Ini pesan uji coba dari {business}. Jika Anda membaca ini, salurannya berfungsi."),
        ),
    }
}

/// Whoever only tries something leaves what the provider tells for whoever works.
struct Deaf;

impl Ear for Deaf {
    fn keep(&self, _: Told) -> BoxFuture<'_, bool> {
        Box::pin(async { false })
    }
}

/// What the organisation decides about other channels.
pub(super) async fn settings(ctx: &Ctx, actor: &OrgActor) -> Result<FallbackSettings, Problem> {
    actor.require(Right::ReadConnections)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.fallback_settings().await?)
}

/// Decides it.
pub(super) async fn decide(
    ctx: &Ctx,
    actor: &OrgActor,
    settings: FallbackSettings,
) -> Result<FallbackSettings, Problem> {
    actor.require(Right::WriteSettings)?;
    for (place, own) in settings.texts.iter().enumerate() {
        words::check(own).map_err(|why| Problem::invalid_field(format!("texts[{place}].body"), why))?;
    }
    for (place, next) in settings.order.iter().enumerate() {
        let again = settings.order[..place].iter().any(|other| other.channel == next.channel);
        if again || (next.channel == Channel::Whatsapp && place > 0) {
            let why = if again { "names a channel twice" } else { "whatsapp stands at the head, or nowhere" };
            return Err(Problem::invalid_field(format!("order[{place}].channel"), why));
        }
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.set_fallback_settings(&settings, now).await?;
    let order: Vec<Channel> = settings.order.iter().map(|next| next.channel).collect();
    actor.audit(ctx, &mut scope, "fallback.decide", actor.org, json!({ "order": order })).await?;
    news::channels_updated(&mut scope, now)?;
    tx.commit().await?;
    Ok(settings)
}

/// How a text reads with its gaps filled, as it would be sent.
pub(super) async fn preview(
    ctx: &Ctx,
    actor: &OrgActor,
    settings: &FallbackSettings,
    (channel, kind, locale): (Channel, ReachKind, Locale),
) -> Result<(String, String), Problem> {
    actor.require(Right::ReadConnections)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let id = ReachId(uuid::Uuid::nil());
    let example = match locale {
        Locale::En => "Hello Rina, your order is ready.",
        Locale::Id => "Halo Rina, pesanan Anda sudah siap.",
    };
    let gaps = Gaps {
        business: sender::business(&mut scope).await?,
        name: "Rina".to_owned(),
        link: super::walk::page(ctx, &scope, Door::Agree(id)),
        text: example.to_owned(),
        unsubscribe: super::walk::page(ctx, &scope, Door::End(id)),
    };
    Ok(words::write(settings, channel, kind, locale, &gaps))
}

/// What was sent on other channels, newest first.
pub(super) async fn reaches(
    ctx: &Ctx,
    actor: &OrgActor,
    message: Option<MessageId>,
    after: Cursor,
    limit: usize,
) -> Result<Page<Reach>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    if let Some(message) = message {
        scope.message(message).await?.ok_or_else(Problem::not_found)?;
    }
    Ok(scope.reaches(message, after, limit).await?)
}

/// What a provider's callback is checked with.
pub(super) async fn way_of(
    ctx: &Ctx,
    org: rules::id::OrgId,
    channel: Channel,
) -> store::Result<Option<(Way, Option<SecretString>)>> {
    let mut tx = ctx.store.read().await?;
    let setups = tx.org(org).await?.channels().await?;
    let Some(setup) = setups.into_iter().find(|setup| setup.channel == channel) else { return Ok(None) };
    let Ok(way) = Way::read(&setup.settings.0) else { return Ok(None) };
    let secret = sender::open(ctx, &mut tx, org, &setup).await?;
    Ok(Some((way, secret.filter(|secret| !secret.expose_secret().is_empty()))))
}
