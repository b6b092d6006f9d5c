//! The mail server.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use mail_parser::MessageParser;
use mailin::response::{self, Action, Response};
use mailin::{AuthMechanism, Handler, SessionBuilder};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::SECRET;
use crate::post::{Arrived, Fault, Post, State, Via};

pub(crate) async fn serve(listener: TcpListener, post: Arc<Post>) {
    while let Ok((stream, _)) = listener.accept().await {
        let post = post.clone();
        tokio::spawn(async move {
            if let Err(error) = talk(stream, post).await {
                tracing::debug!(%error, "a mail connection broke off");
            }
        });
    }
}

async fn talk(stream: TcpStream, post: Arc<Post>) -> io::Result<()> {
    let remote = stream.peer_addr()?.ip();
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let inbox = Inbox { post, from: String::new(), to: Vec::new(), data: Vec::new(), dropped: false };
    let mut session = SessionBuilder::new("carrier");
    session.insecure_enable_plaintext_auth();
    for mechanism in [AuthMechanism::Plain, AuthMechanism::Login] {
        session.enable_auth(mechanism);
    }
    let mut session = session.build(remote, inbox);
    writer.write_all(&session.greeting().buffer()?).await?;
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).await? > 0 {
        let response = session.process(&line);
        line.clear();
        match response.action {
            Action::NoReply => {}
            // The answer that ends a dropped connection is never sent.
            Action::Close if response.code == response::NO_SERVICE.code => return Ok(()),
            Action::Close => return writer.write_all(&response.buffer()?).await,
            Action::Reply | Action::UpgradeTls => writer.write_all(&response.buffer()?).await?,
        }
    }
    Ok(())
}

/// One connection's letters.
struct Inbox {
    post: Arc<Post>,
    from: String,
    to: Vec<String>,
    data: Vec<u8>,
    dropped: bool,
}

impl Handler for Inbox {
    fn auth_plain(&mut self, _: &str, _: &str, password: &str) -> Response {
        self.auth_login("", password)
    }

    fn auth_login(&mut self, _: &str, password: &str) -> Response {
        if password == SECRET { response::AUTH_OK } else { response::INVALID_CREDENTIALS }
    }

    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        (self.from, self.to, self.dropped) = (from.to_owned(), Vec::new(), false);
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        match self.post.next_fault(Via::Smtp) {
            Some(Fault::Refuse | Fault::Stopped) => return response::NO_MAILBOX,
            Some(Fault::Later) => return response::INTERNAL_ERROR,
            Some(Fault::Drop) => self.dropped = true,
            None => {}
        }
        self.to.push(to.to_owned());
        response::OK
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.data.clear();
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let Some(message) = MessageParser::default().parse(&self.data) else {
            return response::TRANSACTION_FAILED;
        };
        let headers: HashMap<String, String> = message
            .headers_raw()
            .map(|(name, value)| (name.to_lowercase(), value.trim().replace("\r\n", "")))
            .collect();
        for to in &self.to {
            self.post.keep(Arrived {
                id: 0,
                via: Via::Smtp,
                from: headers.get("from").cloned().unwrap_or_else(|| self.from.clone()),
                to: to.clone(),
                subject: message.subject().map(str::to_owned),
                text: message.body_text(0).unwrap_or_default().into_owned(),
                headers: headers.clone(),
                parts: 1,
                state: State::Delivered,
                callback: None,
            });
        }
        if self.dropped { response::NO_SERVICE } else { response::OK }
    }
}
