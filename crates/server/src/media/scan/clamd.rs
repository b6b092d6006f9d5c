//! ClamAV's daemon, over TCP or a socket of this machine.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clamav_client::tokio::{Socket, Tcp, scan_stream};
use futures::future::BoxFuture;
use url::Url;

use super::{Finding, ScanError, Scanner, told};
use crate::media::blob::ByteStream;

/// The port that it listens on unless told.
const PORT: u16 = 3310;

#[derive(Debug)]
pub(super) struct Clamd {
    place: Place,
    patience: Duration,
}

#[derive(Debug)]
enum Place {
    Host(String),
    Socket(PathBuf),
}

impl Clamd {
    pub fn at(url: &Url, patience: Duration) -> Result<Self, String> {
        let place = match url.host_str().filter(|host| !host.is_empty()) {
            Some(host) => Place::Host(format!("{host}:{}", url.port().unwrap_or(PORT))),
            None if url.path().len() > 1 => Place::Socket(PathBuf::from(url.path())),
            None => return Err("names neither a host nor a socket".to_owned()),
        };
        Ok(Self { place, patience })
    }

    async fn ask(&self, bytes: ByteStream<'static>) -> io::Result<Vec<u8>> {
        match &self.place {
            Place::Host(host) => scan_stream(bytes, Tcp { host_address: host.as_str() }, None).await,
            Place::Socket(path) => scan_stream(bytes, Socket { socket_path: path }, None).await,
        }
    }
}

impl Scanner for Clamd {
    fn scan<'a>(&'a self, bytes: ByteStream<'static>) -> BoxFuture<'a, Result<Finding, ScanError>> {
        Box::pin(async move {
            match tokio::time::timeout(self.patience, self.ask(bytes)).await {
                Ok(Ok(answer)) => read(&answer),
                Ok(Err(error)) => Err(of_io(&error)),
                Err(_) => Err(ScanError::Away(format!("no answer within {} s", self.patience.as_secs()))),
            }
        })
    }
}

/// A daemon that has taken as much as it takes (`StreamMaxLength`) hangs up while we still speak.
fn of_io(error: &io::Error) -> ScanError {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => ScanError::Refused(format!(
            "it hung up, mostly because the file is larger than its StreamMaxLength ({error})"
        )),
        _ => ScanError::Away(error.to_string()),
    }
}

/// `stream: OK`, `stream: <name> FOUND`, or a sentence that ends with `ERROR`.
fn read(answer: &[u8]) -> Result<Finding, ScanError> {
    let text = String::from_utf8_lossy(answer);
    let text = text.trim_matches(['\0', '\n', ' ']);
    let said = text.strip_prefix("stream: ").unwrap_or(text);
    if said == "OK" {
        Ok(Finding::Clean)
    } else if let Some(name) = said.strip_suffix(" FOUND") {
        Ok(Finding::Infected(told(name)))
    } else if said.contains("size limit exceeded") {
        Err(ScanError::Refused(told(said)))
    } else {
        Err(ScanError::Away(if said.is_empty() { "it hung up".to_owned() } else { told(said) }))
    }
}
