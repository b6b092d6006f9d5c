//! One connection, watched: a head that drips in, a reader that reads nothing, a line that lies idle are told apart from
//! work under way, and closed.
//!
//! Invariant: whatever the other side does or leaves undone, a connection without progress ends.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::bounds::Bounds;

/// Nothing is asked; what was answered may still be on its way.
const QUIET: u8 = 0;
/// The first bytes of a request have come, its head not yet whole.
const HEAD: u8 = 1;
/// A request is being worked on: limits of its own hold.
const WORK: u8 = 2;

/// What a connection is at, and since when nothing has moved.
#[derive(Debug)]
pub(super) struct Line {
    opened: Instant,
    state: AtomicU8,
    /// Milliseconds after `opened`.
    moved: AtomicU64,
}

/// Why a connection was closed from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stalled {
    /// The head of a request took too long.
    Head,
    /// Nothing moved.
    Idle,
}

impl Line {
    pub(super) fn new() -> Self {
        Self { opened: Instant::now(), state: AtomicU8::new(QUIET), moved: AtomicU64::new(0) }
    }

    /// A request's head is whole.
    pub(super) fn asked(&self) {
        self.set(WORK);
    }

    /// The answer's head is made.
    pub(super) fn answered(&self) {
        self.set(QUIET);
    }

    fn set(&self, state: u8) {
        self.move_on();
        self.state.store(state, Ordering::Relaxed);
    }

    fn move_on(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved.store(now, Ordering::Relaxed);
    }

    fn read(&self) {
        // A head has so long in all, not from byte to byte.
        if self.state.compare_exchange(QUIET, HEAD, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.move_on();
        }
    }

    fn written(&self) {
        if self.state.load(Ordering::Relaxed) == QUIET {
            self.move_on();
        }
    }

    /// Ends when the connection stalls.
    pub(super) async fn stalls(&self, bounds: &Bounds) -> Stalled {
        let look = (bounds.head / 4).clamp(Duration::from_millis(10), Duration::from_secs(5));
        loop {
            tokio::time::sleep(look).await;
            let still = self
                .opened
                .elapsed()
                .saturating_sub(Duration::from_millis(self.moved.load(Ordering::Relaxed)));
            match self.state.load(Ordering::Relaxed) {
                HEAD if still > bounds.head => return Stalled::Head,
                QUIET if still > bounds.idle => return Stalled::Idle,
                _ => {}
            }
        }
    }
}

/// A stream that tells its [`Line`] what moves.
pub(super) struct Watched<S> {
    pub(super) stream: S,
    pub(super) line: Arc<Line>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.line.read();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        if written.is_ready() {
            self.line.written();
        }
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        if written.is_ready() {
            self.line.written();
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_head_has_so_long_in_all_and_an_idle_line_so_long() {
        let ms = Duration::from_millis;
        let bounds = Bounds { head: ms(100), idle: ms(300), ..Bounds::default() };

        let line = Line::new();
        assert_eq!(line.stalls(&bounds).await, Stalled::Idle);
        assert!(line.opened.elapsed() > bounds.idle);

        let line = Line::new();
        let dripping = async {
            loop {
                line.read();
                tokio::time::sleep(ms(10)).await;
            }
        };
        tokio::select! {
            ended = line.stalls(&bounds) => assert_eq!(ended, Stalled::Head),
            () = dripping => {}
        }
        assert!(line.opened.elapsed() > bounds.head);

        let line = Line::new();
        line.read();
        line.asked();
        let patience = tokio::time::timeout(ms(600), line.stalls(&bounds)).await;
        assert!(patience.is_err(), "work under way has limits of its own");
        line.answered();
        assert_eq!(line.stalls(&bounds).await, Stalled::Idle);
    }
}
