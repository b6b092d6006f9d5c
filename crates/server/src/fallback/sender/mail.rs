//! Mail: through the organisation's own server, or through the installation's.

use futures::future::BoxFuture;
use lettre::message::Mailbox;
use secrecy::SecretString;

use super::{Ear, Handed, Letter, Sender};
use crate::ctx::Ctx;
use crate::fallback::way::{OperatorWay, SmtpWay};
use crate::mail::{Mail, Mailer, NotSent, Smtp, SmtpServer};
use crate::outbound::Service;

/// The organisation's own server.
pub(super) struct Own {
    pub ctx: Ctx,
    pub way: SmtpWay,
    pub secret: Option<SecretString>,
    pub business: String,
}

/// The installation's server, in the organisation's name.
pub(super) struct Operators {
    pub ctx: Ctx,
    pub way: OperatorWay,
    pub business: String,
}

impl Own {
    /// The server at an address that was checked.
    async fn server(&self) -> Result<Smtp, String> {
        let Self { ctx, way, .. } = self;
        let addresses = ctx.outbound.addresses(Service::Smtp, &way.host, way.port).await;
        let address = addresses.map_err(|refused| refused.to_string())?.first().copied();
        let server = SmtpServer {
            address: address.ok_or("the mail server has no address")?.ip(),
            host: way.host.clone(),
            port: way.port,
            encryption: way.encryption,
            credentials: way.user.clone().zip(self.secret.clone()),
        };
        let from: Mailbox = way.from.parse().map_err(|_| "the sender's address does not read")?;
        Smtp::of(server, from)
    }
}

impl Sender for Own {
    fn send<'a>(&'a self, letters: &'a [Letter], _: &'a dyn Ear) -> BoxFuture<'a, Vec<Handed>> {
        Box::pin(async move {
            match self.server().await {
                // One connection serves them all.
                Ok(server) => each(&server, letters, &self.business, self.way.reply_to.as_deref()).await,
                Err(why) => letters.iter().map(|_| Handed::Later(why.clone())).collect(),
            }
        })
    }
}

impl Sender for Operators {
    fn send<'a>(&'a self, letters: &'a [Letter], _: &'a dyn Ear) -> BoxFuture<'a, Vec<Handed>> {
        Box::pin(async move {
            if !self.ctx.settings.organisations_mail {
                let why = "the operator of this installation lets organisations send no mail through it";
                return letters.iter().map(|_| Handed::Later(why.to_owned())).collect();
            }
            each(&*self.ctx.mailer, letters, &self.business, self.way.reply_to.as_deref()).await
        })
    }
}

async fn each(
    mailer: &dyn Mailer,
    letters: &[Letter],
    business: &str,
    reply_to: Option<&str>,
) -> Vec<Handed> {
    let mut handed = Vec::with_capacity(letters.len());
    for letter in letters {
        let mail = Mail {
            to: letter.to.clone(),
            subject: letter.subject.clone(),
            text: letter.text.clone(),
            from_name: Some(business.to_owned()),
            reply_to: reply_to.map(str::to_owned),
            unsubscribe: letter.unsubscribe.clone(),
        };
        handed.push(match mailer.send(mail).await {
            Ok(()) => Handed::Taken(None),
            Err(NotSent::Refused(why)) => Handed::Refused(why),
            Err(NotSent::Later(why)) => Handed::Later(why),
            Err(NotSent::Unknown(why)) => Handed::Unknown(why),
            Err(NotSent::NotConfigured) => Handed::Later("this installation sends no mail".to_owned()),
        });
    }
    handed
}
