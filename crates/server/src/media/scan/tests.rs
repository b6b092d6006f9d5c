//! Scanners against a stand-in that speaks clamd's protocol, and an address.

use std::sync::Arc;

use axum::body::Bytes;
use futures::{StreamExt as _, stream};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener};

use super::*;

/// What every scanner must find, harmless as it is; in two halves, so that none finds it here.
fn eicar() -> Vec<u8> {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

fn bytes(bytes: &[u8]) -> ByteStream<'static> {
    let pieces: Vec<_> = bytes.chunks(1 << 16).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces).boxed()
}

/// The most that the stand-in takes.
const MOST: usize = 1 << 20;

/// `zINSTREAM`, chunks with their lengths, an answer: as clamd's manual has it.
async fn serve(mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin) {
    let mut command = [0; 10];
    stream.read_exact(&mut command).await.unwrap();
    assert_eq!(&command, b"zINSTREAM\0");
    let mut all = Vec::new();
    loop {
        let length = stream.read_u32().await.unwrap() as usize;
        if length == 0 {
            break;
        }
        let mut chunk = vec![0; length];
        stream.read_exact(&mut chunk).await.unwrap();
        all.extend(chunk);
        if all.len() > MOST {
            stream.write_all(b"INSTREAM size limit exceeded. ERROR\0").await.unwrap();
            return;
        }
    }
    if all.starts_with(b"sleep") {
        std::future::pending::<()>().await;
    }
    let answer: &[u8] = match () {
        () if all.starts_with(b"broken") => b"Can't allocate memory ERROR\0",
        () if all.windows(eicar().len()).any(|part| part == eicar()) => {
            b"stream: Eicar-Test-Signature FOUND\0"
        }
        () => b"stream: OK\0",
    };
    stream.write_all(answer).await.unwrap();
}

async fn by_tcp() -> Arc<dyn Scanner> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("clamd://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    scanner(&address, Duration::from_secs(2)).unwrap()
}

async fn by_socket(folder: &std::path::Path) -> Arc<dyn Scanner> {
    let path = folder.join("clamd.ctl");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    scanner(&format!("clamd://{}", path.display()), Duration::from_secs(2)).unwrap()
}

async fn by_hook() -> Arc<dyn Scanner> {
    let answer = async |body: Bytes| {
        if body.len() > MOST {
            return Err(axum::http::StatusCode::PAYLOAD_TOO_LARGE);
        }
        if body.starts_with(b"broken") {
            return Err(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
        }
        if body.starts_with(b"sleep") {
            std::future::pending::<()>().await;
        }
        let infected = body.windows(eicar().len()).any(|part| part == eicar());
        Ok(axum::Json(json!({ "infected": infected, "found": infected.then_some("Eicar-Test-Signature") })))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/scan", listener.local_addr().unwrap());
    let routes = axum::Router::new()
        .route("/scan", axum::routing::post(answer))
        .layer(axum::extract::DefaultBodyLimit::disable());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    scanner(&address, Duration::from_secs(2)).unwrap()
}

#[tokio::test]
async fn what_is_in_a_file_is_found_and_what_is_not_looked_at_is_not_clean() {
    let folder = tempfile::tempdir().unwrap();
    for scanner in [by_tcp().await, by_socket(folder.path()).await, by_hook().await] {
        assert_eq!(scanner.scan(bytes(b"a menu")).await, Ok(Finding::Clean), "{scanner:?}");
        // Also where it lies across two chunks.
        let hidden = [vec![b'.'; (1 << 16) - 30], eicar()].concat();
        let found = Finding::Infected("Eicar-Test-Signature".to_owned());
        assert_eq!(scanner.scan(bytes(&hidden)).await, Ok(found), "{scanner:?}");
        for trouble in [&b"broken"[..], b"sleep"] {
            let answer = scanner.scan(bytes(trouble)).await;
            assert!(matches!(answer, Err(ScanError::Away(_))), "{scanner:?}: {answer:?}");
        }
        let answer = scanner.scan(bytes(&vec![0; MOST * 8])).await;
        assert!(matches!(answer, Err(ScanError::Refused(_))), "{scanner:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_scanner_that_is_not_there_is_away() {
    for address in ["clamd://127.0.0.1:9", "clamd:///nowhere/clamd.ctl", "http://127.0.0.1:9/scan"] {
        let away = scanner(address, Duration::from_secs(1)).unwrap();
        let answer = away.scan(bytes(b"a menu")).await;
        assert!(matches!(&answer, Err(ScanError::Away(why)) if !why.is_empty()), "{address}: {answer:?}");
    }
    for address in ["ftp://host", "no address", "clamd://"] {
        assert!(scanner(address, Duration::from_secs(1)).is_err(), "{address}");
    }
}
