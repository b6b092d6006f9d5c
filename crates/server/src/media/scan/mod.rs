//! Virus scanners: a daemon of ClamAV's, or whatever answers at an address.
//!
//! Invariant: what was not looked through is never taken for clean. A scanner that does not answer in time is away, and what
//! follows from that is the installation's own choice ([`Unscanned`](super::Unscanned)).

mod clamd;
mod hook;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use url::Url;

use super::blob::ByteStream;

/// What a scanner found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing.
    Clean,
    /// A virus, by the name that the scanner calls it.
    Infected(String),
}

/// Why a scanner found neither.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// It cannot be reached, or takes too long; later it may.
    #[error("the virus scanner does not answer: {0}")]
    Away(String),
    /// It does not look at such a file, however often it is asked.
    #[error("the virus scanner does not look at this file: {0}")]
    Refused(String),
}

/// Looks through files.
pub trait Scanner: fmt::Debug + Send + Sync + 'static {
    /// Looks through a file.
    fn scan<'a>(&'a self, bytes: ByteStream<'static>) -> BoxFuture<'a, Result<Finding, ScanError>>;
}

/// A scanner at an address: `clamd://host:3310`, `clamd:///run/clamav/clamd.ctl`, or `http(s)://…`, which gives up after
/// so long.
///
/// # Errors
/// If there is no such kind of scanner.
pub fn scanner(address: &str, patience: Duration) -> Result<Arc<dyn Scanner>, String> {
    let url = Url::parse(address).map_err(|error| format!("is no address: {error}"))?;
    match url.scheme() {
        "clamd" => Ok(Arc::new(clamd::Clamd::at(&url, patience)?)),
        "http" | "https" => Ok(Arc::new(hook::Hook::at(url, patience)?)),
        _ => Err("must begin with clamd://, http:// or https://".to_owned()),
    }
}

/// A scanner's words, as far as they may stand in a log and on a page.
fn told(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests;
