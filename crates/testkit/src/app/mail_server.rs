//! A real SMTP server: the one of `e2e/smtp`.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use server::mail::{Smtp, SmtpOptions};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// The server, in a process of its own.
#[derive(Debug)]
pub struct MailServer {
    /// Where it listens, on this machine.
    pub port: u16,
    messages: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl MailServer {
    /// Starts it.
    pub async fn start() -> Self {
        let mut process = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e/smtp/run"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("e2e/smtp/run starts");
        let mut messages = BufReader::new(process.stdout.take().expect("an output")).lines();
        // The first start installs it.
        let line = tokio::time::timeout(Duration::from_secs(180), messages.next_line()).await;
        let port = line.expect("a port in time").expect("a line").expect("a port").parse().expect("a port");
        Self { port, messages, _process: process }
    }

    /// The next letter that arrives: from, to, subject, text, headers.
    pub async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(30), self.messages.next_line()).await;
        let line = line.expect("a message in time").expect("a line").expect("a message");
        serde_json::from_str(&line).expect("JSON")
    }

    /// A mailer of it.
    pub fn mailer(&self) -> Smtp {
        let url = format!("smtp://127.0.0.1:{}", self.port);
        Smtp::new(&SmtpOptions { url: url.into(), from: "Sapa <sapa@example.com>".into() }).expect("a mailer")
    }
}
