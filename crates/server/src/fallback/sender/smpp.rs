//! A message centre that speaks SMPP.
//!
//! A session is opened for a batch and ended after it. That is simpler than one that is held, and as sure: nothing depends
//! on which node holds it, nothing has to be kept alive while there is nothing to say, and a centre that restarts is found
//! again by the next batch. The job of the channel is its lease, so that batches have one at a time; a test of the channel and what
//! asks somebody to confirm a form have their own beside it, and wait where the centre allows no second. What the centre has to
//! tell waits there until the next visit, and is acknowledged only once it is kept.

use std::time::Duration;

use futures::future::BoxFuture;
use rustls_platform_verifier::ConfigVerifierExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use smpp::{Account, Heard, ReceiptState, Session, Text};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{Ear, Handed, Letter, Sender, Told};
use crate::ctx::Ctx;
use crate::fallback::way::SmppWay;
use crate::outbound::Service;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the centre may be silent before a visit ends.
const SILENCE: Duration = Duration::from_millis(500);

/// A message centre.
pub(super) struct Smpp {
    pub ctx: Ctx,
    pub way: SmppWay,
    pub secret: Option<SecretString>,
}

/// A connection to a centre, in clear or within TLS.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

impl Smpp {
    async fn bind(&self) -> Result<Session<Box<dyn Wire>>, String> {
        let Self { ctx, way, secret } = self;
        let addresses = ctx.outbound.addresses(Service::Smpp, &way.host, way.port).await;
        let addresses = addresses.map_err(|refused| refused.to_string())?;
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect(&addresses[..])).await;
        let stream = stream
            .map_err(|_| "the message centre cannot be reached".to_owned())?
            .map_err(|error| format!("the message centre cannot be reached: {error}"))?;
        let wire: Box<dyn Wire> =
            if way.tls { Box::new(within_tls(&way.host, stream).await?) } else { Box::new(stream) };
        let account = Account {
            system_id: way.system_id.clone(),
            password: secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default(),
            system_type: way.system_type.clone().unwrap_or_default(),
        };
        Session::bind(wire, &account).await.map_err(|error| error.to_string())
    }
}

async fn within_tls(host: &str, stream: TcpStream) -> Result<impl Wire + use<>, String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| "the host is no name".to_owned())?;
    let config = ClientConfig::with_platform_verifier().map_err(|error| error.to_string())?;
    let connector = TlsConnector::from(std::sync::Arc::new(config));
    connector.connect(name, stream).await.map_err(|error| format!("no TLS: {error}"))
}

impl Sender for Smpp {
    fn send<'a>(&'a self, letters: &'a [Letter], ear: &'a dyn Ear) -> BoxFuture<'a, Vec<Handed>> {
        Box::pin(async move {
            let mut session = match self.bind().await {
                Ok(session) => session,
                Err(why) => return letters.iter().map(|_| Handed::Later(why.clone())).collect(),
            };
            let texts: Vec<Text> = letters.iter().map(|letter| self.text(letter)).collect();
            let mut notes = Notes(ear);
            let handed = session.submit(&texts, &mut notes).await;
            session.listen(SILENCE, &mut notes).await;
            session.unbind().await;
            handed.into_iter().map(Handed::from).collect()
        })
    }

    fn visit<'a>(&'a self, ear: &'a dyn Ear) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let mut session = self.bind().await?;
            session.listen(SILENCE, &mut Notes(ear)).await;
            session.unbind().await;
            Ok(())
        })
    }

    fn waits_for_visits(&self) -> bool {
        true
    }
}

impl Smpp {
    fn text(&self, letter: &Letter) -> Text {
        // Different enough for the texts that one person gets within a while.
        let [.., reference] = *letter.id.0.as_bytes();
        Text { from: self.way.from.clone(), to: letter.to.clone(), text: letter.text.clone(), reference }
    }
}

impl From<smpp::Handed> for Handed {
    fn from(handed: smpp::Handed) -> Self {
        match handed {
            smpp::Handed::Taken(name) => Self::Taken(Some(name)),
            smpp::Handed::Later(why) => Self::Later(why),
            smpp::Handed::Refused(why) => Self::Refused(why),
            smpp::Handed::Unknown(why) => Self::Unknown(why),
        }
    }
}

/// Passes on what the centre tells.
struct Notes<'a>(&'a dyn Ear);

impl smpp::Ear for Notes<'_> {
    fn hear(&mut self, heard: Heard) -> BoxFuture<'_, bool> {
        let told = match heard {
            Heard::Receipt { message_id, state: ReceiptState::Delivered, words } => {
                Told::Receipt { reference: message_id, delivered: true, words }
            }
            Heard::Receipt { message_id, state: ReceiptState::Failed, words } => {
                Told::Receipt { reference: message_id, delivered: false, words }
            }
            Heard::Receipt { state: ReceiptState::UnderWay, .. } => return Box::pin(async { true }),
            Heard::Text { from, text, .. } => Told::Words { from, text },
        };
        self.0.keep(told)
    }
}
