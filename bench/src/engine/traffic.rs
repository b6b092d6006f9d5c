//! Load: requests over connections that stay open, as many as fit (closed loop) or at a rate (open loop).
//!
//! In the open loop every request has a moment at which it ought to begin, and its latency counts from then: a server
//! that stalls is not asked less for it, and the stall shows.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream as BlockingStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Makes the `n`th request.
pub type Requests = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// What a run saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Requests answered 200.
    pub taken: u64,
    /// Requests answered 503.
    pub refused: u64,
    /// Those of them whose answer said when to come again.
    pub told_when: u64,
    /// Requests whose connection ended before they were answered.
    pub cut: u64,
    /// From the first request to the last answer.
    pub lasted: Duration,
    /// How long each took that was answered 200, shortest first.
    pub latencies: Vec<Duration>,
}

impl Seen {
    /// Requests taken per second.
    pub fn rate(&self) -> f64 {
        self.taken as f64 / self.lasted.as_secs_f64()
    }

    /// The latency below which this share of the requests stayed, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = (share * last as f64).round() as usize;
        self.latencies.get(at).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1_000.0)
    }

    fn gathered(parts: impl IntoIterator<Item = Self>, lasted: Duration) -> Self {
        let mut all = Self { lasted, ..Self::default() };
        for part in parts {
            all.taken += part.taken;
            all.refused += part.refused;
            all.told_when += part.told_when;
            all.cut += part.cut;
            all.latencies.extend(part.latencies);
        }
        all.latencies.sort_unstable();
        all
    }

    fn note(&mut self, answer: Answer, latency: Duration) -> Result<()> {
        match answer.status {
            200 => {
                self.taken += 1;
                self.latencies.push(latency);
            }
            503 => {
                self.refused += 1;
                self.told_when += u64::from(answer.says_when);
            }
            other => bail!("the server answered {other}"),
        }
        Ok(())
    }
}

/// An answer, as far as a load cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Whether it has a `Retry-After`.
    pub says_when: bool,
    /// Whether it is the last of its connection.
    pub is_last: bool,
}

/// Sends a request and takes its answer. An error means that the connection is of no more use.
pub async fn ask(stream: &mut TcpStream, buffer: &mut Vec<u8>, request: &[u8]) -> Result<Answer> {
    // Who refuses a large request may answer and hang up before all of it was sent.
    let sent = stream.write_all(request).await;
    loop {
        if let Some(answer) = answer(buffer)? {
            return Ok(answer);
        }
        let read = stream.read_buf(buffer).await.context("the server cut the connection")?;
        ensure!(read > 0, "the server hung up: {sent:?}");
    }
}

/// A connection that stays open.
pub async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await.context("cannot connect")?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// When a closed loop ends.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After this long.
    Passed(Duration),
    /// After so many requests.
    Sent(u64),
}

/// As many requests as fit over so many connections, the first of them numbered `from`. One thread makes them all.
pub fn closed(
    address: SocketAddr,
    connections: usize,
    from: u64,
    until: Until,
    requests: &Requests,
) -> Result<Seen> {
    let next = Arc::new(AtomicU64::new(from));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut streams = Vec::with_capacity(connections);
        for _ in 0..connections {
            streams.push(connect(address).await?);
        }
        let began = Instant::now();
        let (end, last) = match until {
            Until::Passed(time) => (began + time, u64::MAX),
            Until::Sent(count) => (began + Duration::from_secs(600), from + count),
        };
        let loops = streams.into_iter().map(|mut stream| {
            let (next, requests) = (next.clone(), requests.clone());
            async move {
                let (mut seen, mut buffer) = (Seen::default(), Vec::with_capacity(1_024));
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= last || Instant::now() >= end {
                        return Ok::<_, anyhow::Error>(seen);
                    }
                    let request = requests(n);
                    let sent = Instant::now();
                    let answer = ask(&mut stream, &mut buffer, &request).await;
                    match &answer {
                        Ok(answer) => seen.note(*answer, sent.elapsed())?,
                        Err(_) => seen.cut += 1,
                    }
                    if answer.map_or(true, |answer| answer.is_last) {
                        stream = connect(address).await?;
                        buffer.clear();
                    }
                }
            }
        });
        let parts = futures::future::try_join_all(loops).await?;
        Ok(Seen::gathered(parts, began.elapsed()))
    })
}

/// Requests at a rate, at moments drawn like those of independent callers; returns them too. A thread for each connection, so that timers
/// are as fine as the system's.
pub fn open(
    address: SocketAddr,
    connections: usize,
    rate: f64,
    lasts: Duration,
    from: u64,
    requests: &Requests,
) -> Result<(Seen, Vec<Instant>)> {
    let moments = Arc::new(arrivals(rate, lasts));
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now() + Duration::from_millis(20);
    let threads: Vec<_> = (0..connections)
        .map(|_| {
            let (moments, next, requests) = (moments.clone(), next.clone(), requests.clone());
            std::thread::spawn(move || at_their_moments(address, &moments, &next, began, from, &requests))
        })
        .collect();
    let mut parts = Vec::with_capacity(connections);
    for thread in threads {
        parts.push(thread.join().map_err(|_| anyhow::anyhow!("a connection's thread panicked"))??);
    }
    let due = moments.iter().map(|moment| began + *moment).collect();
    Ok((Seen::gathered(parts, began.elapsed()), due))
}

fn at_their_moments(
    address: SocketAddr,
    moments: &[Duration],
    next: &AtomicU64,
    began: Instant,
    from: u64,
    requests: &Requests,
) -> Result<Seen> {
    let mut stream = BlockingStream::connect(address).context("cannot connect")?;
    stream.set_nodelay(true)?;
    let (mut seen, mut buffer, mut chunk) = (Seen::default(), Vec::new(), [0; 1_024]);
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let Some(moment) = usize::try_from(n).ok().and_then(|n| moments.get(n)) else { return Ok(seen) };
        let (due, request) = (began + *moment, requests(from + n));
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        stream.write_all(&request)?;
        let answer = loop {
            if let Some(answer) = answer(&mut buffer)? {
                break answer;
            }
            match stream.read(&mut chunk) {
                Ok(0) => bail!("the server hung up"),
                Ok(count) => buffer.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        };
        seen.note(answer, due.elapsed())?;
    }
}

/// Moments with exponential gaps, the same in every run.
fn arrivals(rate: f64, lasts: Duration) -> Vec<Duration> {
    let (mut moments, mut at, mut state) = (Vec::new(), 0.0, 0x9e37_79b9_7f4a_7c15_u64);
    while at < lasts.as_secs_f64() {
        moments.push(Duration::from_secs_f64(at));
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (state >> 11) as f64 / (1_u64 << 53) as f64;
        at -= (1.0 - share).ln() / rate;
    }
    moments
}

/// Takes a whole answer off the buffer, if one is there.
fn answer(buffer: &mut Vec<u8>) -> Result<Option<Answer>> {
    let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&buffer[..end]).context("the answer does not read")?;
    let status =
        head.get(9..12).and_then(|digits| digits.parse().ok()).context("the answer has no status")?;
    let header = |wanted: &str| {
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let length = header("content-length").map_or(Ok(0), str::parse::<usize>)?;
    let says_when = header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().is_ok());
    let is_last = header("connection").is_some_and(|way| way.eq_ignore_ascii_case("close"));
    if buffer.len() < end + 4 + length {
        return Ok(None);
    }
    buffer.drain(..end + 4 + length);
    Ok(Some(Answer { status, says_when, is_last }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_one_by_one() {
        let mut buffer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 503 Busy\r\n".to_vec();
        assert_eq!(
            answer(&mut buffer).unwrap(),
            Some(Answer { status: 200, says_when: false, is_last: false })
        );
        assert_eq!(answer(&mut buffer).unwrap(), None);
        buffer.extend_from_slice(b"Retry-After: 2\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(
            answer(&mut buffer).unwrap(),
            Some(Answer { status: 503, says_when: true, is_last: true })
        );
        assert!(buffer.is_empty());
    }

    #[test]
    fn moments_come_at_the_rate_and_go_on_in_time() {
        let moments = arrivals(1_000.0, Duration::from_secs(10));
        assert!((9_500..10_500).contains(&moments.len()), "{}", moments.len());
        assert!(moments.is_sorted());
    }

    #[test]
    fn a_percentile_is_one_of_the_latencies() {
        let latencies = (1..=100).map(Duration::from_millis).collect();
        let seen = Seen { latencies, ..Seen::default() };
        assert_eq!((seen.percentile(0.0), seen.percentile(0.5), seen.percentile(1.0)), (1.0, 51.0, 100.0));
        assert!(Seen::default().percentile(0.5).is_nan());
    }
}
