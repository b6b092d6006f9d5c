//! Mail through an SMTP server.

use std::net::IpAddr;
use std::time::Duration;

use futures::future::BoxFuture;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use rules::fallback::Encryption;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Mail, Mailer, NotSent};

/// How long a server may take for each of its answers.
const PATIENCE: Duration = Duration::from_secs(20);

/// How to reach a mail server.
#[derive(Clone, Debug)]
pub struct SmtpOptions {
    /// `smtps://user:password@host` (TLS from the start), `smtp://user:password@host:587?tls=required` (STARTTLS) or
    /// `smtp://host:25` (neither, for a server on the same machine).
    pub url: SecretString,
    /// Whom messages come from: `Sapa <sapa@example.com>`.
    pub from: String,
}

/// A mail server whose address is known.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Where it is.
    pub address: IpAddr,
    /// Its name, which its certificate has to show.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub encryption: Encryption,
    /// Who signs in, and with what.
    pub credentials: Option<(String, SecretString)>,
}

/// An SMTP server.
#[derive(Clone, Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// A mailer of these options. The error says which of them does not read.
    pub fn new(options: &SmtpOptions) -> Result<Self, String> {
        let from = options
            .from
            .parse()
            .map_err(|error| format!("SAPA_MAIL_FROM must look like `Sapa <sapa@example.com>`: {error}"))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(options.url.expose_secret())
            // The cause may quote the address, and with it the password.
            .map_err(|_| {
                "SAPA_SMTP_URL must look like `smtps://user:password@host` or `smtp://host:25`".to_owned()
            })?
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { transport, from })
    }

    /// A mailer of this server, from this address.
    pub fn of(server: SmtpServer, from: Mailbox) -> Result<Self, String> {
        let parameters = || TlsParameters::new(server.host.clone()).map_err(|error| error.to_string());
        let tls = match server.encryption {
            Encryption::Tls => Tls::Wrapper(parameters()?),
            Encryption::Starttls => Tls::Required(parameters()?),
            Encryption::None => Tls::None,
        };
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.address.to_string())
                .port(server.port)
                .tls(tls)
                .timeout(Some(PATIENCE));
        if let Some((user, password)) = server.credentials {
            transport = transport.credentials(Credentials::new(user, password.expose_secret().to_owned()));
        }
        Ok(Self { transport: transport.build(), from })
    }

    fn message(&self, mail: Mail) -> Result<Message, NotSent> {
        let to: Mailbox =
            mail.to.parse().map_err(|_| NotSent::Refused("the address does not read".to_owned()))?;
        let mut from = self.from.clone();
        from.name = mail.from_name.or(from.name);
        let mut message =
            Message::builder().from(from).to(to).subject(mail.subject).header(ContentType::TEXT_PLAIN);
        if let Some(reply_to) = mail.reply_to.and_then(|address| address.parse().ok()) {
            message = message.reply_to(reply_to);
        }
        if let Some(address) = mail.unsubscribe {
            message = message
                .raw_header(header("List-Unsubscribe", format!("<{address}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        message.body(mail.text).map_err(|error| NotSent::Refused(error.to_string()))
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

impl Mailer for Smtp {
    fn send(&self, mail: Mail) -> BoxFuture<'_, Result<(), NotSent>> {
        Box::pin(async move {
            let message = self.message(mail)?;
            // What fails before there is a connection was surely not taken. The message goes over this same connection.
            match self.transport.test_connection().await {
                Ok(true) => {}
                Ok(false) => return Err(NotSent::Later("it closed the connection".to_owned())),
                Err(error) => return Err(NotSent::Later(said(&error))),
            }
            match self.transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(NotSent::Refused(said(&error))),
                Err(error) if error.is_transient() => Err(NotSent::Later(said(&error))),
                Err(error) => Err(NotSent::Unknown(said(&error))),
            }
        })
    }
}

/// What a mail server said, with its causes.
fn said(error: &lettre::transport::smtp::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let words = causes.fold(error.to_string(), |words, cause| {
        let cause = cause.to_string();
        if words.contains(&cause) { words } else { format!("{words}: {cause}") }
    });
    without_addresses(&words)
}

/// What a mail server says goes into the log, and it likes to repeat whom the letter was for.
fn without_addresses(text: &str) -> String {
    let words = text.split_whitespace().map(|word| if word.contains('@') { "[address]" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_letter_was_for_is_not_repeated() {
        assert_eq!(
            without_addresses("permanent error (550): 5.1.1 <rina@example.com>: Recipient address rejected"),
            "permanent error (550): 5.1.1 [address] Recipient address rejected"
        );
        assert_eq!(without_addresses("connection refused"), "connection refused");
    }
}
