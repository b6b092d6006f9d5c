//! Taking connections and answering requests until told to stop.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::line::{Line, Stalled, Watched};
use super::router;
use crate::ctx::Ctx;

/// The head of a request may be this large; it is answered 431 otherwise.
const HEAD_LIMIT: usize = 32 << 10;
/// A connection reads and writes through so much memory at most: enough for a head.
const BUFFER: usize = HEAD_LIMIT;
/// How long to wait when the system has no more room for connections.
const NO_ROOM: Duration = Duration::from_millis(200);
/// What a connection is told that is one too many.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Answers requests. Told to stop, it takes no new ones and lets those under way end, but no longer than `grace`.
pub async fn serve(
    ctx: &Ctx,
    listener: TcpListener,
    stop: &CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let app = router(ctx.clone());
    let places = Places::default();
    let mut lines = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => match places.take(ctx, peer.ip()) {
                    Ok(place) => {
                        let (ctx, app, stop) = (ctx.clone(), app.clone(), stop.clone());
                        lines.spawn(async move {
                            converse(&ctx, app, stream, peer, &stop).await;
                            drop(place);
                        });
                    }
                    Err(limit) => {
                        ctx.meters.refuse(limit);
                        // Said in one breath, or not at all.
                        let _ = stream.try_write(TOO_MANY);
                    }
                },
                Err(error) => accept_later(&error).await,
            },
            Some(_) = lines.join_next() => {}
            () = stop.cancelled() => break,
        }
    }
    drop(listener);
    let ended = async { while lines.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, ended).await.is_err() {
        tracing::warn!(connections = lines.len(), "closed connections whose requests took too long to end");
    }
    Ok(())
}

/// Answers one connection's requests, one after the other.
async fn converse(ctx: &Ctx, app: Router, stream: TcpStream, peer: SocketAddr, stop: &CancellationToken) {
    // Answers are whole; waiting for more to send along only delays them.
    let _ = stream.set_nodelay(true);
    let line = Arc::new(Line::new());
    let heard = line.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        heard.asked();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let (app, heard) = (app.clone(), heard.clone());
        async move {
            let answer = app.oneshot(request).await;
            heard.answered();
            Ok::<_, Infallible>(answer.unwrap_or_else(|never| match never {}))
        }
    });
    let io = TokioIo::new(Watched { stream, line: line.clone() });
    let mut connection = pin!(
        http1::Builder::new().max_header_size(HEAD_LIMIT).max_buf_size(BUFFER).serve_connection(io, service)
    );
    let mut stalls = pin!(line.stalls(&ctx.settings.bounds));
    let mut stopping = false;
    loop {
        tokio::select! {
            // A connection that breaks off is the other side's affair.
            _ = connection.as_mut() => return,
            stalled = stalls.as_mut() => {
                if stalled == Stalled::Head {
                    ctx.meters.refuse("slow_head");
                }
                return;
            }
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// A connection that broke off before it was taken is nothing; where the system has no room, others must end first.
async fn accept_later(error: &io::Error) {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot take a connection");
        tokio::time::sleep(NO_ROOM).await;
    }
}

/// The connections that are open, in all and by address.
#[derive(Clone, Debug, Default)]
struct Places(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place, given back when it ends.
struct Place {
    places: Places,
    ctx: Ctx,
    address: IpAddr,
}

impl Places {
    /// A place for a connection, or the limit that it would exceed.
    fn take(&self, ctx: &Ctx, address: IpAddr) -> Result<Place, &'static str> {
        let address = address.to_canonical();
        let bounds = &ctx.settings.bounds;
        let trusted = ctx.settings.trusted_proxies.iter().any(|proxy| proxy.contains(&address));
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= bounds.connections {
            return Err("connections");
        }
        let own = taken.by_address.entry(address).or_default();
        if *own >= bounds.connections_per_address && !trusted {
            return Err("connections_per_address");
        }
        *own += 1;
        taken.all += 1;
        ctx.meters.connections.inc();
        Ok(Place { places: self.clone(), ctx: ctx.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if let Some(own) = taken.by_address.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.by_address.remove(&self.address);
            }
        }
        self.ctx.meters.connections.dec();
    }
}
