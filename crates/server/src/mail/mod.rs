//! E-mail to people: what is written, in which language, and how it leaves.
//!
//! Invariant: a letter leaves from a job, never from a request, so that no answer waits for a mail server or tells by
//! its time whether there was anybody to write to.

mod letters;
mod smtp;

use futures::future::BoxFuture;

pub use letters::Letter;
pub use smtp::{Smtp, SmtpOptions, SmtpServer};

/// A message that is ready to leave. Not `Debug`: it may carry a link that lets somebody in.
#[derive(Clone, Default)]
pub struct Mail {
    /// Whom it is for.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The name that it comes from, where it is not the mailer's own.
    pub from_name: Option<String>,
    /// Where answers go, where not to the mailer.
    pub reply_to: Option<String>,
    /// An address at which one request ends such messages for whoever got this one (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// Why a message did not leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// No mail server is configured.
    #[error("no mail server is configured: set SAPA_SMTP_URL and SAPA_MAIL_FROM, then retry this job")]
    NotConfigured,
    /// It will not work later either.
    #[error("the message was refused: {0}")]
    Refused(String),
    /// It may work later.
    #[error("the mail server cannot be used now: {0}")]
    Later(String),
    /// It may have left: the answer was lost.
    #[error("the mail server's answer was lost: {0}")]
    Unknown(String),
}

/// Sends messages.
pub trait Mailer: Send + Sync + std::fmt::Debug {
    /// Sends one.
    fn send(&self, mail: Mail) -> BoxFuture<'_, Result<(), NotSent>>;

    /// Whether messages can leave at all.
    fn is_configured(&self) -> bool {
        true
    }
}

/// Stands where no mail server is configured. It writes nothing anywhere, least of all the links; the operator sees the
/// jobs that wait for a mail server, and can hand out reset and invite links personally.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMail;

impl Mailer for NoMail {
    fn send(&self, _: Mail) -> BoxFuture<'_, Result<(), NotSent>> {
        Box::pin(async { Err(NotSent::NotConfigured) })
    }

    fn is_configured(&self) -> bool {
        false
    }
}
