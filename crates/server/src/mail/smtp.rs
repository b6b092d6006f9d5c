//! Mail through an SMTP server.

use std::time::Duration;

use futures::future::BoxFuture;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Mail, Mailer, NotSent};

/// How to reach a mail server.
#[derive(Clone, Debug)]
pub struct SmtpOptions {
    /// `smtps://user:password@host` (TLS from the start), `smtp://user:password@host:587?tls=required` (STARTTLS) or
    /// `smtp://host:25` (neither, for a server on the same machine).
    pub url: SecretString,
    /// Whom messages come from: `Sapa <sapa@example.com>`.
    pub from: String,
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
            .timeout(Some(Duration::from_secs(20)))
            .build();
        Ok(Self { transport, from })
    }

    fn message(&self, mail: Mail) -> Result<Message, NotSent> {
        let to: Mailbox =
            mail.to.parse().map_err(|_| NotSent::Refused("the address does not read".to_owned()))?;
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(|error| NotSent::Refused(error.to_string()))
    }
}

impl Mailer for Smtp {
    fn send(&self, mail: Mail) -> BoxFuture<'_, Result<(), NotSent>> {
        Box::pin(async move {
            let message = self.message(mail)?;
            match self.transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => {
                    Err(NotSent::Refused(without_addresses(&error.to_string())))
                }
                Err(error) => Err(NotSent::Later(without_addresses(&error.to_string()))),
            }
        })
    }
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
