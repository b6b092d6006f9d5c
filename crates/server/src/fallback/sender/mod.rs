//! Whoever carries messages on other channels: each provider in a file of its own.

mod http;
mod mail;
mod smpp;
mod twilio;

use futures::future::BoxFuture;
use rules::consent::Channel;
use rules::fallback::Provider;
use rules::id::{OrgId, ReachId};
use secrecy::SecretString;
use serde_json::Value;
use store::channels::{ChannelSetup, SECRET};
use store::{OrgScope, StoreError, Tx};

pub(super) use http::check as check_http;
pub(super) use twilio::{is_signed as is_signed_by_twilio, says_ended};

use super::way::Way;
use crate::ctx::Ctx;

/// A message that is ready to be handed over. Not `Debug`: its text may hold a link that speaks for the contact.
pub(super) struct Letter {
    /// Its id.
    pub id: ReachId,
    /// Where it goes: an e-mail address, or a phone number in digits.
    pub to: String,
    /// A mail's subject.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// Where one request ends such messages; for mail.
    pub unsubscribe: Option<String>,
    /// Where the provider tells what became of it.
    pub report: String,
}

/// What became of a message that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    /// The provider took it, under this name.
    Taken(Option<String>),
    /// Surely not taken; it may be handed over again later.
    Later(String),
    /// It will never be taken.
    Refused(String),
    /// It will never be taken: the person has ended such messages with the provider.
    Ended(String),
    /// It may have been taken.
    Unknown(String),
}

/// Something that a provider tells while it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// What became of a message, by the provider's name for it.
    Receipt { reference: String, delivered: bool, words: String },
    /// What somebody wrote.
    Words { from: String, text: String },
}

/// Keeps what a provider tells.
pub(super) trait Ear: Send + Sync {
    /// Keeps it. `false`: it could not be kept.
    fn keep(&self, told: Told) -> BoxFuture<'_, bool>;
}

/// Carries messages.
pub(super) trait Sender: Send + Sync {
    /// Hands messages over, in their order. Says of each what became of it.
    fn send<'a>(&'a self, letters: &'a [Letter], ear: &'a dyn Ear) -> BoxFuture<'a, Vec<Handed>>;

    /// Hears what waits at the provider. The error is the provider's.
    fn visit<'a>(&'a self, _: &'a dyn Ear) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }

    /// Whether the provider tells only whoever visits it.
    fn waits_for_visits(&self) -> bool {
        false
    }
}

/// Whoever carries an organisation's messages on a channel. The sentence says why nobody does.
pub(super) async fn of(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    channel: Channel,
) -> store::Result<Result<Box<dyn Sender>, String>> {
    let mut scope = tx.org(org).await?;
    let Some(setup) = scope.channels().await?.into_iter().find(|setup| setup.channel == channel) else {
        return Ok(Err("this channel is not set up any more".to_owned()));
    };
    let business = business(&mut scope).await?;
    let way = match Way::read(&setup.settings.0) {
        Ok(way) => way,
        Err(why) => return Ok(Err(why)),
    };
    let secret = match open(ctx, tx, org, &setup).await {
        Err(StoreError::Sealed(why)) => {
            tracing::error!(org.id = %org, %channel, why, "the secret of a channel does not open");
            return Ok(Err("its password or token has to be entered again".to_owned()));
        }
        opened => opened?,
    };
    Ok(Ok(over(ctx, way, secret, business)))
}

/// Whoever carries messages this way.
pub(super) fn over(ctx: &Ctx, way: Way, secret: Option<SecretString>, business: String) -> Box<dyn Sender> {
    let ctx = ctx.clone();
    match way {
        Way::Smtp(way) => Box::new(mail::Own { ctx, way, secret, business }),
        Way::Operator(way) => Box::new(mail::Operators { ctx, way, business }),
        Way::Twilio(way) => Box::new(twilio::Twilio { ctx, way, secret }),
        Way::Http(way) => Box::new(http::Http { ctx, way, secret }),
        Way::Smpp(way) => Box::new(smpp::Smpp { ctx, way, secret }),
    }
}

/// What people know an organisation as.
pub(super) async fn business(scope: &mut OrgScope<'_>) -> store::Result<String> {
    Ok(scope.org().await?.map(|org| org.name).unwrap_or_default())
}

/// Opens a channel's password or token.
pub(super) async fn open(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    setup: &ChannelSetup,
) -> store::Result<Option<SecretString>> {
    match &setup.sealed {
        Some(sealed) => ctx.vault.open(tx, org, SECRET, sealed).await.map(Some),
        None => Ok(None),
    }
}

/// Whether nothing can be handed over by whoever may be gone or locked out.
pub(super) fn is_stuck(handed: &[Handed]) -> Option<&str> {
    let mut why = None;
    for one in handed {
        match one {
            Handed::Later(words) => why = Some(words.as_str()),
            _ => return None,
        }
    }
    why
}

/// What a provider's answer says at a place, where it says anything there.
fn said_at(answer: &Value, pointer: &str) -> Option<String> {
    match answer.pointer(pointer)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        plain => Some(plain.to_string()),
    }
}

/// The channel's provider as it is stored.
pub(super) const fn provider(way: &Way) -> Provider {
    match way {
        Way::Smtp(_) => Provider::Smtp,
        Way::Operator(_) => Provider::Operator,
        Way::Twilio(_) => Provider::Twilio,
        Way::Http(_) => Provider::Http,
        Way::Smpp(_) => Provider::Smpp,
    }
}
