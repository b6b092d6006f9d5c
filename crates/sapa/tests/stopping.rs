//! The program itself, told to stop: not ready first, then drained, then gone; a second signal ends it at once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const LONGEST: Duration = Duration::from_secs(60);

struct Gateway {
    child: Child,
    at: SocketAddr,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Gateway {
    /// Starts one and waits until it is ready.
    fn start(data: &Path, options: &[&str]) -> Self {
        let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sapa"));
        command.args(["serve", "--listen", &at.to_string(), "--data"]).arg(data).args(options);
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut gateway = Self { child, at };
        let end = Instant::now() + LONGEST;
        while gateway.status("/readyz") != Some(200) {
            assert!(gateway.child.try_wait().unwrap().is_none(), "it ended by itself");
            assert!(Instant::now() < end, "it is not ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        gateway
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", "kill -$0 $1", name, &id]).status().unwrap().success());
    }

    /// The status that an address answers with; nothing where nobody answers.
    fn status(&self, path: &str) -> Option<u16> {
        let mut stream = TcpStream::connect_timeout(&self.at, Duration::from_secs(5)).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").ok()?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).ok()?;
        line.split(' ').nth(1)?.parse().ok()
    }

    fn ended(&mut self, within: Duration) -> ExitStatus {
        let end = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A request whose body is on its way; the answer comes once it is whole.
fn half_a_request(at: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(at).unwrap();
    let head = "POST /api/v1/session HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[test]
fn told_to_stop_it_is_not_ready_first_then_ends_what_is_under_way_and_leaves_well() {
    let data = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::start(data.path(), &["--drain-seconds", "2"]);
    let told = Instant::now();
    gateway.signal("TERM");
    while gateway.status("/readyz") != Some(503) {
        assert!(told.elapsed() < Duration::from_secs(2), "it goes on saying that it is ready");
    }
    assert_eq!(gateway.status("/healthz"), Some(200), "it still answers those that come");
    let mut under_way = half_a_request(gateway.at);
    while gateway.status("/healthz").is_some() {
        assert!(told.elapsed() < LONGEST, "it goes on taking requests");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(told.elapsed() > Duration::from_millis(1_900), "it left too soon");
    assert!(gateway.child.try_wait().unwrap().is_none(), "a request is under way");
    under_way.write_all(b"}").unwrap();
    let mut answer = String::new();
    under_way.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
    assert_eq!(gateway.ended(Duration::from_secs(20)).code(), Some(0));
}

#[test]
fn what_takes_too_long_is_not_waited_for() {
    let data = tempfile::tempdir().unwrap();
    let options = ["--drain-seconds", "0", "--stop-seconds", "1", "--body-seconds", "60"];
    let mut gateway = Gateway::start(data.path(), &options);
    let _under_way = half_a_request(gateway.at);
    gateway.signal("TERM");
    assert_eq!(gateway.ended(Duration::from_secs(20)).code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let data = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::start(data.path(), &["--drain-seconds", "600"]);
    gateway.signal("TERM");
    while gateway.status("/readyz") != Some(503) {}
    gateway.signal("INT");
    assert_eq!(gateway.ended(Duration::from_secs(10)).code(), Some(1));
}

#[test]
fn ctrl_c_waits_for_nobody_to_look_elsewhere() {
    let data = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::start(data.path(), &["--drain-seconds", "600"]);
    gateway.signal("INT");
    assert_eq!(gateway.ended(Duration::from_secs(20)).code(), Some(0));
}
