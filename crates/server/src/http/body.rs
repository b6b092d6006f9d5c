//! Bodies that come in too slowly, and webhooks, which are held in memory while they do.
//!
//! Invariant: a body that stops coming costs a connection for a while and nothing else.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures::{Stream, StreamExt as _, stream};
use tokio::time::Instant;

use super::admission::Refused;
use super::bounds::Bounds;
use super::problem::Problem;
use crate::ctx::Ctx;

/// Meta: webhook payloads are up to 3 MB.
const WEBHOOK_LIMIT: usize = 3 * 1024 * 1024;
/// When Meta, or whoever speaks for it, is to come back.
const SOON: &str = "2";

/// What is read of a body, at no less than a certain speed.
struct Paced<S> {
    body: S,
    began: Option<Instant>,
    bytes: usize,
    bounds: Bounds,
}

impl<S: Stream<Item = Result<Bytes, axum::Error>> + Unpin> Paced<S> {
    fn new(body: S, bounds: &Bounds) -> Self {
        Self { body, began: None, bytes: 0, bounds: bounds.clone() }
    }

    /// The next piece; `None` at the end; too late if it did not come in time.
    async fn next(&mut self) -> Result<Option<Result<Bytes, axum::Error>>, TooSlow> {
        let began = *self.began.get_or_insert_with(Instant::now);
        let granted = self.bytes as f64 / f64::from(self.bounds.body_rate.get());
        let until = began + self.bounds.body + Duration::from_secs_f64(granted);
        let next = tokio::time::timeout_at(until, self.body.next()).await.map_err(|_| TooSlow)?;
        if let Some(Ok(bytes)) = &next {
            self.bytes += bytes.len();
        }
        Ok(next)
    }
}

/// A body took too long.
#[derive(Debug, thiserror::Error)]
#[error("the body came in too slowly")]
struct TooSlow;

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, axum::Error>> + Send>>;

/// Gives a request's body a speed below which it is not waited for.
pub(super) async fn paced(State(ctx): State<Ctx>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let told = late.clone();
    let bounds = ctx.settings.bounds.clone();
    let request = request.map(move |body| {
        let paced = Paced::new(body.into_data_stream(), &bounds);
        Body::from_stream(stream::unfold(Some((paced, told)), |state| async {
            let (mut paced, told) = state?;
            match paced.next().await {
                Ok(piece) => Some((piece?, Some((paced, told)))),
                Err(slow) => {
                    told.store(true, Ordering::Relaxed);
                    Some((Err(axum::Error::new(slow)), None))
                }
            }
        }))
    });
    let response = next.run(request).await;
    if late.load(Ordering::Relaxed) {
        ctx.meters.refuse("slow_body");
        return too_slow().into_response();
    }
    response
}

fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "too_slow",
        "Too slow",
        "The body came in too slowly and was not waited for. Send the request again over a better line.",
    )
}

/// Reads a webhook whole before anybody looks at it: nothing at all where no signature stands in front of it, no more
/// than Meta sends, no slower than a line carries, and no more of them at once than there is memory for.
pub(super) async fn webhook(State(ctx): State<Ctx>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let signature = request.headers().get(meta::signature::HEADER).map(|value| value.as_bytes());
    if !meta::signature::is_well_formed(signature) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let (head, body) = request.into_parts();
    if body.size_hint().lower() > WEBHOOK_LIMIT as u64 {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let stream: Pieces = Box::pin(body.into_data_stream());
    let mut paced = Paced::new(stream, &ctx.settings.bounds);
    let (mut whole, mut room) = (Vec::new(), Vec::new());
    loop {
        let piece = match paced.next().await {
            Ok(None) => break,
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(_))) => return StatusCode::BAD_REQUEST.into_response(),
            Err(TooSlow) => {
                ctx.meters.refuse("slow_body");
                return StatusCode::REQUEST_TIMEOUT.into_response();
            }
        };
        if paced.bytes > WEBHOOK_LIMIT {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        match ctx.admission.webhook_bytes(piece.len()) {
            Ok(permit) => room.push(permit),
            Err(refused) => return later(&ctx, refused),
        }
        whole.push(piece);
    }
    let whole = match whole.len() {
        1 => whole.swap_remove(0),
        _ => whole.concat().into(),
    };
    // Whoever takes it accounts for it from now on.
    drop(room);
    let mut response = next.run(Request::from_parts(head, Body::from(whole))).await;
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().entry(header::RETRY_AFTER).or_insert(header::HeaderValue::from_static(SOON));
    }
    response
}

fn later(ctx: &Ctx, refused: Refused) -> Response {
    ctx.meters.refuse("webhook_bytes");
    tracing::warn!(limit = refused.limit(), "did not take a webhook");
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, SOON)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body of so many pieces of so many bytes, 10 ms apart.
    fn dripping(pieces: usize, bytes: usize) -> Pieces {
        Box::pin(stream::unfold(pieces, move |left| async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((Ok(Bytes::from(vec![b'x'; bytes])), left.checked_sub(1)?))
        }))
    }

    async fn read(body: Pieces) -> Result<usize, TooSlow> {
        let mut paced = Paced::new(body, &Bounds { body: Duration::from_millis(300), ..Bounds::default() });
        while paced.next().await?.is_some() {}
        Ok(paced.bytes)
    }

    #[tokio::test]
    async fn a_slow_line_is_waited_for_and_a_drip_is_not() {
        assert_eq!(read(dripping(60, 20_000)).await.unwrap(), 60 * 20_000);
        assert!(read(dripping(60, 1)).await.is_err());
        assert!(read(dripping(5, 1)).await.is_ok(), "a small body may take its time");
    }
}
