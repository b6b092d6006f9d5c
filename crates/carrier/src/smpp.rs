//! The message centre: SMPP 3.4 from the other side. Parts of a text are joined as a phone joins them.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::{SinkExt as _, StreamExt as _};
use rusmpp::pdus::{BindTransceiver, BindTransceiverResp, DeliverSm, SubmitSm, SubmitSmResp};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::{COctetString, OctetString};
use rusmpp::values::{DataCoding, EsmClass, GsmFeatures};
use rusmpp::{Command, CommandStatus, Pdu};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::codec::Framed;

use crate::post::{Arrived, Fault, Post, State, Via};
use crate::{SECRET, gsm};

/// What is delivered to a session.
#[derive(Clone, Debug)]
pub(crate) enum Deliver {
    /// What became of a text.
    Receipt { name: String, state: State },
    /// What somebody wrote.
    Text { from: String, to: String, text: String },
}

pub(crate) async fn serve(listener: TcpListener, post: Arc<Post>) {
    while let Ok((stream, _)) = listener.accept().await {
        let post = post.clone();
        tokio::spawn(async move {
            if let Err(error) = Session::new(stream, post).run().await {
                tracing::debug!(%error, "a session broke off");
            }
        });
    }
}

/// A part of a long text: its place, and its bytes.
type Part = (u8, Vec<u8>);

struct Session {
    wire: Framed<TcpStream, CommandCodec>,
    post: Arc<Post>,
    bound: Option<UnboundedReceiver<Deliver>>,
    /// What was delivered and is not acknowledged, by its number.
    told: BTreeMap<u32, Deliver>,
    /// Parts that wait for others, by recipient and reference.
    parts: HashMap<(String, u8), Vec<Part>>,
    sequence: AtomicU32,
}

/// What a session does after a command.
enum Then {
    On,
    HangUp,
}

impl Session {
    fn new(stream: TcpStream, post: Arc<Post>) -> Self {
        let wire = Framed::new(stream, CommandCodec::new());
        let (told, parts, sequence) = (BTreeMap::new(), HashMap::new(), AtomicU32::new(0));
        Self { wire, post, bound: None, told, parts, sequence }
    }

    /// Serves it until it ends. What was not acknowledged by then is delivered to the next one.
    async fn run(mut self) -> io::Result<()> {
        let ended = self.serve().await;
        for left in std::mem::take(&mut self.told).into_values() {
            self.post.put_back(left);
        }
        if let Some(mut waiting) = self.bound.take() {
            waiting.close();
            while let Ok(left) = waiting.try_recv() {
                self.post.put_back(left);
            }
        }
        ended
    }

    async fn serve(&mut self) -> io::Result<()> {
        loop {
            let deliver = async {
                match &mut self.bound {
                    Some(waiting) => waiting.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                command = self.wire.next() => match command {
                    Some(Ok(command)) => match self.answer(command).await? {
                        Then::On => {}
                        Then::HangUp => return Ok(()),
                    },
                    Some(Err(error)) => return Err(io::Error::other(error)),
                    None => return Ok(()),
                },
                Some(what) = deliver => self.deliver(&what).await?,
            }
        }
    }

    async fn answer(&mut self, command: Command) -> io::Result<Then> {
        let sequence = command.sequence_number();
        match command.pdu() {
            Some(Pdu::BindTransceiver(bind)) => {
                let status = self.let_in(bind);
                self.send(status, sequence, Pdu::BindTransceiverResp(BindTransceiverResp::default())).await?;
            }
            Some(Pdu::EnquireLink) => {
                self.send(CommandStatus::EsmeRok, sequence, Pdu::EnquireLinkResp).await?
            }
            Some(Pdu::Unbind) => {
                self.send(CommandStatus::EsmeRok, sequence, Pdu::UnbindResp).await?;
                return Ok(Then::HangUp);
            }
            Some(Pdu::DeliverSmResp(_)) => {
                let told = self.told.remove(&sequence);
                if command.status() != CommandStatus::EsmeRok {
                    told.into_iter().for_each(|told| self.post.put_back(told));
                }
            }
            Some(Pdu::SubmitSm(part)) if self.bound.is_some() => return self.submit(sequence, part).await,
            Some(Pdu::SubmitSm(_)) => {
                self.send(
                    CommandStatus::EsmeRinvbndsts,
                    sequence,
                    Pdu::SubmitSmResp(SubmitSmResp::default()),
                )
                .await?;
            }
            _ => {}
        }
        Ok(Then::On)
    }

    fn let_in(&mut self, bind: &BindTransceiver) -> CommandStatus {
        if bind.password.as_str() != SECRET {
            return CommandStatus::EsmeRinvpaswd;
        }
        let (session, waiting) = unbounded_channel();
        self.bound = Some(waiting);
        self.post.bound(session);
        CommandStatus::EsmeRok
    }

    async fn submit(&mut self, sequence: u32, part: &SubmitSm) -> io::Result<Then> {
        let fault = self.post.next_fault(Via::Smpp);
        let refusal = match fault {
            Some(Fault::Later) => Some(CommandStatus::EsmeRthrottled),
            Some(Fault::Refuse | Fault::Stopped) => Some(CommandStatus::EsmeRinvdstadr),
            Some(Fault::Drop) | None => None,
        };
        if let Some(status) = refusal {
            self.send(status, sequence, Pdu::SubmitSmResp(SubmitSmResp::default())).await?;
            return Ok(Then::On);
        }
        let whole = self.join(part);
        if fault == Some(Fault::Drop) {
            return Ok(Then::HangUp);
        }
        let name = whole.as_ref().map_or_else(|| format!("P{sequence}"), Arrived::name);
        let name = COctetString::from_string(name).map_err(io::Error::other)?;
        let answer = Pdu::SubmitSmResp(SubmitSmResp::builder().message_id(name).build());
        self.send(CommandStatus::EsmeRok, sequence, answer).await?;
        if let Some(whole) = whole.filter(|_| self.post.reports) {
            crate::post::report(&self.post, whole.id, State::Delivered).await;
        }
        Ok(Then::On)
    }

    /// Keeps a part; with the last of them, the text.
    fn join(&mut self, part: &SubmitSm) -> Option<Arrived> {
        let (from, to) = (part.source_addr.as_str().to_owned(), part.destination_addr.as_str().to_owned());
        let mut body = part.short_message().as_ref().to_vec();
        let (mut parts, mut joined) = (1, Vec::new());
        if part.esm_class.gsm_features == GsmFeatures::UdhiIndicator
            && let [5, 0, 3, reference, total, number, rest @ ..] = &body[..]
        {
            let key = (to.clone(), *reference);
            let known = self.parts.entry(key.clone()).or_default();
            known.push((*number, rest.to_vec()));
            if known.len() < usize::from(*total) {
                return None;
            }
            parts = known.len();
            let mut known = self.parts.remove(&key).unwrap_or_default();
            known.sort_unstable();
            joined = known.into_iter().flat_map(|(_, bytes)| bytes).collect();
        }
        if parts > 1 {
            body = joined;
        }
        let text = match part.data_coding {
            DataCoding::Ucs2 => {
                let units = body.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                String::from_utf16_lossy(&units.collect::<Vec<_>>())
            }
            _ => gsm::read(&body),
        };
        Some(self.post.keep(Arrived {
            id: 0,
            via: Via::Smpp,
            from,
            to,
            subject: None,
            text,
            headers: HashMap::new(),
            parts,
            state: State::Sent,
            callback: None,
        }))
    }

    async fn deliver(&mut self, what: &Deliver) -> io::Result<()> {
        let (from, to, esm_class, body) = match what {
            Deliver::Receipt { name, state } => {
                let (word, error) = match state {
                    State::Sent => ("ENROUTE", "000"),
                    State::Delivered => ("DELIVRD", "000"),
                    State::Failed => ("UNDELIV", "011"),
                };
                let told = format!(
                    "id:{name} sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:{word} err:{error} text:"
                );
                (String::new(), String::new(), 0b100, told)
            }
            Deliver::Text { from, to, text } => (from.clone(), to.clone(), 0, text.clone()),
        };
        let address = |text: String| COctetString::from_string(text).map_err(io::Error::other);
        let delivered = DeliverSm::builder()
            .source_addr(address(from)?)
            .destination_addr(address(to)?)
            .esm_class(EsmClass::from(esm_class))
            .short_message(OctetString::from_string(body).map_err(io::Error::other)?)
            .build();
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed) + 1;
        self.told.insert(sequence, what.clone());
        self.send(CommandStatus::EsmeRok, sequence, Pdu::DeliverSm(delivered)).await
    }

    async fn send(&mut self, status: CommandStatus, sequence: u32, pdu: Pdu) -> io::Result<()> {
        self.wire.send(Command::new(status, sequence, pdu)).await.map_err(io::Error::other)
    }
}
