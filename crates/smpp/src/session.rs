//! A session: bound once, used for a batch, ended.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{SinkExt as _, StreamExt as _};
use rusmpp::pdus::{BindTransceiver, DeliverSmResp, SubmitSm};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::COctetString;
use rusmpp::values::InterfaceVersion;
use rusmpp::{Command, CommandStatus, Pdu};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::codec::Framed;

use crate::heard::{self, Heard};
use crate::parts::parts;
use crate::status::{is_throttled, words};

/// How many parts may be without an answer at once; centres close the connection on those who send more.
const WINDOW: usize = 10;
/// After so long without a word the centre is asked whether it is there; after as long again it is not.
const QUIET: Duration = Duration::from_secs(10);
/// How long to wait when the centre asks for patience; twice as long each time.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often that may be before the rest is left for later.
const THROTTLED: u32 = 6;

/// Who we are to the centre.
#[derive(Clone)]
pub struct Account {
    /// The name, at most 15 characters.
    pub system_id: String,
    /// The password, at most 8 characters.
    pub password: String,
    /// The kind of system; mostly empty.
    pub system_type: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("system_id", &self.system_id).finish_non_exhaustive()
    }
}

/// A text to be handed over.
#[derive(Clone, Debug)]
pub struct Text {
    /// Whom it comes from: a name, a number, or a short code.
    pub from: String,
    /// Whom it is for: a number in digits, with its country's code.
    pub to: String,
    /// What it says.
    pub text: String,
    /// By which a phone knows the parts that belong together.
    pub reference: u8,
}

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// The centre has taken it, under this name: its last part's.
    Taken(String),
    /// Nothing of it was taken; it may be handed over again later.
    Later(String),
    /// The centre does not take it.
    Refused(String),
    /// It may have been taken, or a part of it was.
    Unknown(String),
}

/// Keeps what the centre delivers.
pub trait Ear: Send {
    /// Keeps it. `false`: it could not be kept, and the centre is to deliver it again.
    fn hear(&mut self, heard: Heard) -> BoxFuture<'_, bool>;
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The centre does not let us in.
    #[error("{0}")]
    NotLetIn(String),
    /// The connection does not hold.
    #[error("{0}")]
    Lost(String),
}

/// A session with a message centre.
#[derive(Debug)]
pub struct Session<S> {
    wire: Framed<S, CommandCodec>,
    sequence: u32,
    /// The centre has ended the session, or is gone.
    over: Option<String>,
}

/// A part on its way.
struct Part {
    text: usize,
    pdu: SubmitSm,
}

/// What is known of the parts of a text.
#[derive(Default)]
struct Fate {
    parts: usize,
    taken: usize,
    /// The name of the part that was taken last.
    name: String,
    /// Handed over, without an answer.
    out: usize,
    refused: Option<String>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    /// Binds as a transceiver, which sends and hears.
    ///
    /// # Errors
    /// [`Error::NotLetIn`] with the centre's reason; [`Error::Lost`] if it does not answer.
    pub async fn bind(stream: S, account: &Account) -> Result<Self, Error> {
        let mut session = Self { wire: Framed::new(stream, CommandCodec::new()), sequence: 0, over: None };
        let bind = BindTransceiver::builder()
            .system_id(field(&account.system_id, "the system id has more than 15 characters")?)
            .password(field(&account.password, "the password has more than 8 characters")?)
            .system_type(field(&account.system_type, "the system type has more than 12 characters")?)
            .interface_version(InterfaceVersion::Smpp3_4)
            .build();
        session.send(Pdu::BindTransceiver(bind)).await;
        loop {
            match timeout(QUIET, session.read()).await {
                Err(_) => return Err(Error::Lost("the message centre does not answer".to_owned())),
                Ok(None) => return Err(Error::Lost(session.over.unwrap_or_default())),
                Ok(Some(command))
                    if matches!(command.pdu(), Some(Pdu::BindTransceiverResp(_)))
                        || command.status() != CommandStatus::EsmeRok =>
                {
                    return match command.status() {
                        CommandStatus::EsmeRok => Ok(session),
                        refusal => Err(Error::NotLetIn(words(refusal))),
                    };
                }
                Ok(Some(_)) => {}
            }
        }
    }

    /// Hands texts over, in their order, and hears what comes meanwhile. Says of each what became of it.
    pub async fn submit(&mut self, texts: &[Text], ear: &mut dyn Ear) -> Vec<Handed> {
        let mut fates: Vec<Fate> = Vec::with_capacity(texts.len());
        let mut waiting = VecDeque::new();
        for (text, wish) in texts.iter().enumerate() {
            let mut fate = Fate::default();
            match parts(wish) {
                Ok(parts) => {
                    fate.parts = parts.len();
                    waiting.extend(parts.into_iter().map(|pdu| Part { text, pdu }));
                }
                Err(why) => fate.refused = Some(why),
            }
            fates.push(fate);
        }
        let left = self.hand_over(waiting, &mut fates, ear).await;
        fates.into_iter().map(|fate| fate.verdict(left.as_deref())).collect()
    }

    /// Hands parts over. Returns why some were left, if any were.
    async fn hand_over(
        &mut self,
        mut waiting: VecDeque<Part>,
        fates: &mut [Fate],
        ear: &mut dyn Ear,
    ) -> Option<String> {
        let mut out: HashMap<u32, Part> = HashMap::new();
        let (mut throttled, mut resume, mut asked) = (0, Instant::now(), false);
        loop {
            while out.len() < WINDOW && self.over.is_none() && Instant::now() >= resume {
                // What was refused in part is not begun any further.
                let Some(part) = waiting.pop_front() else { break };
                if fates[part.text].refused.is_some() {
                    continue;
                }
                fates[part.text].out += 1;
                let sequence = self.send(Pdu::SubmitSm(part.pdu.clone())).await;
                out.insert(sequence, part);
            }
            if let Some(why) = &self.over {
                return Some(why.clone());
            }
            if out.is_empty() && (waiting.is_empty() || throttled > THROTTLED) {
                return (!waiting.is_empty()).then(|| words(CommandStatus::EsmeRthrottled));
            }
            let until = if out.is_empty() { resume } else { Instant::now() + QUIET };
            let Ok(read) = timeout_at(until, self.read()).await else {
                if !out.is_empty() {
                    if asked {
                        self.over = Some("the message centre has fallen silent".to_owned());
                    } else {
                        self.send(Pdu::EnquireLink).await;
                    }
                    asked = true;
                }
                continue;
            };
            asked = false;
            let Some(command) = read else { continue };
            let Some(part) = out.remove(&command.sequence_number()).filter(|_| is_answer(&command)) else {
                self.attend(command, ear).await;
                continue;
            };
            let fate = &mut fates[part.text];
            fate.out -= 1;
            match (command.status(), command.pdu()) {
                (CommandStatus::EsmeRok, Some(Pdu::SubmitSmResp(answer))) => {
                    throttled = 0;
                    fate.taken += 1;
                    answer.message_id().as_str().clone_into(&mut fate.name);
                }
                (status, _) if is_throttled(status) => {
                    waiting.push_front(part);
                    resume = Instant::now() + PATIENCE * 2u32.pow(throttled.min(THROTTLED));
                    throttled += 1;
                    if throttled > THROTTLED {
                        // Only what is out is waited for.
                        resume += Duration::from_secs(3600);
                    }
                }
                (status, _) => fate.refused = Some(words(status)),
            }
        }
    }

    /// Hears what the centre has to say until it has been silent for so long.
    pub async fn listen(&mut self, silence: Duration, ear: &mut dyn Ear) {
        while self.over.is_none()
            && let Ok(Some(command)) = timeout(silence, self.read()).await
        {
            self.attend(command, ear).await;
        }
    }

    /// Ends the session in order, where the centre still answers.
    pub async fn unbind(mut self) {
        if self.over.is_none() {
            self.send(Pdu::Unbind).await;
            let ended = async { while self.read().await.is_some() {} };
            let _ = timeout(Duration::from_secs(1), ended).await;
        }
    }

    /// Whether the centre is still there.
    pub fn is_open(&self) -> bool {
        self.over.is_none()
    }

    /// Answers what the centre asks of its own.
    async fn attend(&mut self, command: Command, ear: &mut dyn Ear) {
        let sequence = command.sequence_number();
        match command.pdu() {
            Some(Pdu::DeliverSm(delivered)) => {
                let kept = ear.hear(heard::read(delivered)).await;
                let status = if kept { CommandStatus::EsmeRok } else { CommandStatus::EsmeRxTAppn };
                self.answer(status, sequence, Pdu::DeliverSmResp(DeliverSmResp::default())).await;
            }
            Some(Pdu::EnquireLink) => {
                self.answer(CommandStatus::EsmeRok, sequence, Pdu::EnquireLinkResp).await
            }
            Some(Pdu::Unbind) => {
                self.answer(CommandStatus::EsmeRok, sequence, Pdu::UnbindResp).await;
                self.over = Some("the message centre has ended the session".to_owned());
            }
            _ => {}
        }
    }

    async fn send(&mut self, pdu: Pdu) -> u32 {
        self.sequence += 1;
        let sequence = self.sequence;
        self.answer(CommandStatus::EsmeRok, sequence, pdu).await;
        sequence
    }

    async fn answer(&mut self, status: CommandStatus, sequence: u32, pdu: Pdu) {
        if let Err(error) = self.wire.send(Command::new(status, sequence, pdu)).await {
            self.over = Some(format!("the connection was lost: {error}"));
        }
    }

    async fn read(&mut self) -> Option<Command> {
        if self.over.is_some() {
            return None;
        }
        match self.wire.next().await {
            Some(Ok(command)) => return Some(command),
            Some(Err(error)) => self.over = Some(format!("the connection was lost: {error}")),
            None => self.over = Some("the message centre has closed the connection".to_owned()),
        }
        None
    }
}

impl Fate {
    fn verdict(self, left: Option<&str>) -> Handed {
        let left = || left.unwrap_or("the connection was lost").to_owned();
        match self {
            Self { refused: Some(why), taken: 0, out: 0, .. } => Handed::Refused(why),
            Self { parts, taken, name, .. } if parts > 0 && taken == parts => Handed::Taken(name),
            Self { refused: Some(why), .. } => Handed::Unknown(format!("only a part of it was taken: {why}")),
            Self { taken: 0, out: 0, .. } => Handed::Later(left()),
            Self { out: 0, .. } => Handed::Unknown(format!("only a part of it was taken: {}", left())),
            _ => Handed::Unknown(left()),
        }
    }
}

/// Whether it answers something that was submitted.
fn is_answer(command: &Command) -> bool {
    matches!(command.pdu(), Some(Pdu::SubmitSmResp(_) | Pdu::GenericNack))
        || (command.pdu().is_none() && command.status() != CommandStatus::EsmeRok)
}

fn field<const MIN: usize, const MAX: usize>(
    value: &str,
    why: &str,
) -> Result<COctetString<MIN, MAX>, Error> {
    COctetString::from_string(value.to_owned()).map_err(|_| Error::NotLetIn(why.to_owned()))
}
