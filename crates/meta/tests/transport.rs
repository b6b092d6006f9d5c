//! The client against a server that misbehaves in every way a network can.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use meta::errors;
use meta::graph::{Access, AppLogin, Graph, GraphConfig, GraphError};
use meta::send::{Content, Message, Recipient};
use rules::outcome::Outcome;
use secrecy::SecretString;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

const TOKEN: &str = "EAABIZFAKEtoken0123456789";

fn token() -> SecretString {
    SecretString::from(TOKEN)
}

fn client(base: &str) -> Graph {
    let mut config = GraphConfig::new(Url::parse(base).unwrap(), "v25.0");
    config.timeout = Duration::from_millis(400);
    config.media_timeout = Duration::from_millis(400);
    Graph::new(config).unwrap()
}

fn message() -> Message {
    Message::new(Recipient::Phone("+491700000001".into()), Content::text("a private sentence"))
}

/// Serves each connection with `behave`, after the request has been read.
async fn raw_server<F, Fut>(behave: F) -> String
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            tokio::spawn(behave(stream));
        }
    });
    format!("http://{address}")
}

/// Answers every request with these bytes and closes.
async fn answering(bytes: &'static str) -> String {
    raw_server(move |mut stream| async move {
        let _ = stream.write_all(bytes.as_bytes()).await;
        let _ = stream.shutdown().await;
    })
    .await
}

async fn router(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

/// Sends a message and returns the error and what it means.
async fn send(base: &str) -> (GraphError, Outcome) {
    let token = token();
    let result = client(base).send(&Access::token(&token), "600000000000004", &message()).await;
    let outcome = errors::of_send(&result);
    let error = result.unwrap_err();
    for text in [format!("{error}"), format!("{error:?}"), format!("{outcome:?}")] {
        for secret in [TOKEN, "a private sentence", "491700000001", "http"] {
            assert!(!text.contains(secret), "{text} shows {secret}");
        }
    }
    (error, outcome)
}

#[tokio::test]
async fn refused_connection_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (error, outcome) = send(&base).await;
    assert!(matches!(error, GraphError::Unreachable { .. }), "{error:?}");
    assert!(matches!(outcome, Outcome::RetryAt { .. }));
}

#[tokio::test]
async fn a_host_that_does_not_exist_sent_nothing() {
    let (error, _) = send("http://meta.invalid").await;
    assert!(matches!(error, GraphError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn closed_after_the_request_is_unknown() {
    let base = raw_server(|stream| async move { drop(stream) }).await;
    let (error, outcome) = send(&base).await;
    assert!(matches!(error, GraphError::Unknown { status: None, .. }), "{error:?}");
    assert!(matches!(outcome, Outcome::Unknown { .. }));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unknown() {
    let base = answering("HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"messages\":[{\"id\":\"wam").await;
    let (error, outcome) = send(&base).await;
    assert!(matches!(error, GraphError::Unknown { .. }), "{error:?}");
    assert!(matches!(outcome, Outcome::Unknown { .. }));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_unknown() {
    let base = raw_server(|stream| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    let (error, _) = send(&base).await;
    assert_eq!(error, GraphError::Unknown { reason: "it took too long", status: None });
}

#[tokio::test]
async fn garbage_after_acceptance_may_have_been_sent() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n<html></html>",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"messages\":[]}",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    ] {
        let (error, outcome) = send(&answering(answer).await).await;
        assert!(matches!(error, GraphError::Malformed { status: 200, .. }), "{error:?}");
        assert!(matches!(outcome, Outcome::Unknown { .. }));
    }
    let (error, outcome) = send(&answering("not even HTTP\r\n\r\n").await).await;
    assert!(matches!(error, GraphError::Unknown { .. }), "{error:?}");
    assert!(matches!(outcome, Outcome::Unknown { .. }));
}

#[tokio::test]
async fn errors_that_graph_did_not_write() {
    let page = |status: &'static str| match status {
        "502" => "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 13\r\n\r\n<html></html>",
        "500" => "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\n{}",
        "429" => "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n",
        _ => "HTTP/1.1 403 Forbidden\r\ncontent-length: 13\r\n\r\n<html></html>",
    };
    for status in ["500", "502"] {
        let (error, outcome) = send(&answering(page(status)).await).await;
        assert!(matches!(error, GraphError::Unknown { status: Some(_), .. }), "{error:?}");
        assert!(matches!(outcome, Outcome::Unknown { .. }));
    }
    let (_, outcome) = send(&answering(page("429")).await).await;
    assert!(matches!(outcome, Outcome::RetryAt { .. }));
    let (_, outcome) = send(&answering(page("403")).await).await;
    assert!(matches!(outcome, Outcome::Later { .. }));
}

#[tokio::test]
async fn a_refusal_is_read_whole_and_without_secrets() {
    let body = json!({"error": {
        "message": format!("Malformed access token {TOKEN}"), "type": "OAuthException", "code": 190,
        "error_subcode": 463, "is_transient": false, "error_user_title": "Title", "fbtrace_id": "AFAKE",
        "error_data": {"messaging_product": "whatsapp", "details": format!("token {TOKEN} of app")}}});
    let base =
        router(Router::new().fallback(move || async move { (StatusCode::UNAUTHORIZED, axum::Json(body)) }))
            .await;
    let (error, outcome) = send(&base).await;
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.status, refusal.code, refusal.subcode), (401, 190, Some(463)));
    assert_eq!(refusal.details.as_deref(), Some("token [secret] of app"));
    assert_eq!(refusal.fbtrace_id.as_deref(), Some("AFAKE"));
    let stored = serde_json::to_string(&refusal).unwrap();
    assert!(!stored.contains(TOKEN));
    assert!(matches!(outcome, Outcome::Later { .. }));
}

#[tokio::test]
async fn details_may_be_a_bare_string() {
    let base = answering(
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 72\r\n\r\n\
         {\"error\":{\"code\":100,\"message\":\"m\",\"error_data\":\"words\",\"type\":\"x\"}}      ",
    )
    .await;
    let (error, _) = send(&base).await;
    assert_eq!(error.refusal().unwrap().details.as_deref(), Some("words"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let seen = Arc::new(Mutex::new(0));
    let elsewhere = {
        let seen = seen.clone();
        router(Router::new().fallback(move || async move { *seen.lock().unwrap() += 1 })).await
    };
    let base = router(Router::new().fallback(move || {
        let elsewhere = elsewhere.clone();
        async move { (StatusCode::FOUND, [(header::LOCATION, elsewhere)]) }
    }))
    .await;
    let (error, _) = send(&base).await;
    assert!(matches!(error, GraphError::Malformed { status: 302, .. }), "{error:?}");
    assert_eq!(*seen.lock().unwrap(), 0);
}

type Seen = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// Writes down path with query and the authorisation of every request; answers with `{"success":true}`.
async fn recorder() -> (String, Seen) {
    async fn record(State(seen): State<Seen>, request: Request) -> impl IntoResponse {
        let authorisation = request.headers().get(header::AUTHORIZATION);
        let authorisation = authorisation.map(|value| value.to_str().unwrap().to_owned());
        seen.lock().unwrap().push((request.uri().to_string(), authorisation));
        axum::Json(json!({"success": true}))
    }
    let seen = Seen::default();
    let base = router(Router::new().fallback(record).with_state(seen.clone())).await;
    (base, seen)
}

#[tokio::test]
async fn the_token_travels_in_the_header_alone() {
    let (base, seen) = recorder().await;
    let (token, secret) = (token(), SecretString::from("0123456789abcdef0123456789abcdef"));
    let graph = client(&base);
    graph.subscribe(&Access::token(&token), "700000000000003").await.unwrap();
    graph.subscribe(&Access::proven(&token, &secret), "700000000000003").await.unwrap();
    let seen = seen.lock().unwrap();
    let proof = meta::signature::appsecret_proof(b"0123456789abcdef0123456789abcdef", TOKEN);
    assert_eq!(seen[0].0, "/v25.0/700000000000003/subscribed_apps");
    assert_eq!(seen[1].0, format!("/v25.0/700000000000003/subscribed_apps?appsecret_proof={proof}"));
    for (path, authorisation) in seen.iter() {
        assert!(!path.contains(TOKEN));
        assert_eq!(authorisation.as_deref(), Some(format!("Bearer {TOKEN}").as_str()));
    }
}

#[tokio::test]
async fn an_id_stays_one_segment() {
    let (base, seen) = recorder().await;
    let token = token();
    let graph = client(&format!("{base}/under/"));
    graph.subscribe(&Access::token(&token), "../7/../../me?x=1#y").await.unwrap();
    assert_eq!(seen.lock().unwrap()[0].0, "/under/v25.0/..%2F7%2F..%2F..%2Fme%3Fx=1%23y/subscribed_apps");
    for id in ["", ".", ".."] {
        let error = graph.subscribe(&Access::token(&token), id).await.unwrap_err();
        assert!(matches!(error, GraphError::Unreachable { .. }));
    }
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_none_is_not_sent() {
    let (base, seen) = recorder().await;
    let token = SecretString::from("EAA\r\nX-Evil: 1");
    let error = client(&base).subscribe(&Access::token(&token), "7").await.unwrap_err();
    assert!(matches!(error, GraphError::Unreachable { .. }));
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_code_and_the_secret_do_not_appear_in_errors() {
    let echo = |request: Request| async move {
        let query = request.uri().query().unwrap_or_default().to_owned();
        (
            StatusCode::BAD_REQUEST,
            axum::Json(json!({"error": {"message": query, "code": 100, "error_subcode": 36009}})),
        )
    };
    let base = router(Router::new().fallback(echo)).await;
    let app = AppLogin { app_id: "1112".into(), app_secret: SecretString::from("s3cr3ts3cr3t") };
    let code = SecretString::from("AQBFAKE1");
    let error = client(&base).exchange_code(&app, &code, None).await.unwrap_err();
    let text = format!("{error} {error:?} {app:?}");
    assert!(!text.contains("s3cr3t") && !text.contains("AQBFAKE1"), "{text}");
    assert_eq!(error.subcode(), Some(36009));
}

#[tokio::test]
async fn lists_are_read_by_cursor_to_their_end() {
    #[derive(serde::Deserialize)]
    struct Page {
        after: Option<String>,
    }
    async fn page(Query(page): Query<Page>) -> axum::Json<serde_json::Value> {
        let row = |id: u64| json!({"id": id, "display_phone_number": "+49 30 1"});
        let next = "http://127.0.0.1:1/never?access_token=EAASECRETSECRET";
        axum::Json(match page.after.as_deref() {
            None => json!({"data": [row(1), row(2)], "paging": {"cursors": {"after": "A"}, "next": next}}),
            // An empty page is not the end.
            Some("A") => json!({"data": [], "paging": {"cursors": {"after": "B"}, "next": next}}),
            Some("B") => json!({"data": [row(3)], "paging": {"cursors": {"after": "C"}}}),
            Some(_) => json!({"data": [row(4)]}),
        })
    }
    let base = router(Router::new().route("/v25.0/7/phone_numbers", get(page))).await;
    let token = token();
    let numbers = client(&base).phone_numbers(&Access::token(&token), "7").await.unwrap();
    let ids: Vec<_> = numbers.iter().map(|number| number.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
}

#[tokio::test]
async fn a_list_that_never_ends_ends() {
    let endless = || async {
        axum::Json(json!({"data": [{"id": 1}], "paging": {"cursors": {"after": "same"}, "next": "x"}}))
    };
    let base = router(Router::new().fallback(endless)).await;
    let token = token();
    assert_eq!(client(&base).phone_numbers(&Access::token(&token), "7").await.unwrap().len(), 2);
}

/// Serves `/file` with 1,000 bytes in pieces, `/sized` with their number, `/gone` with 404.
async fn files(seen: Seen) -> String {
    async fn file(State(seen): State<Seen>, request: Request) -> Response {
        let authorisation = request.headers().get(header::AUTHORIZATION);
        let authorisation = authorisation.map(|value| value.to_str().unwrap().to_owned());
        seen.lock().unwrap().push((request.uri().to_string(), authorisation));
        match request.uri().path() {
            "/file" => {
                let pieces = (0..10).map(|_| Ok::<_, std::io::Error>(vec![7; 100]));
                Body::from_stream(tokio_stream::iter(pieces)).into_response()
            }
            "/sized" => ([(header::CONTENT_TYPE, "image/png")], vec![7; 1000]).into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }
    router(Router::new().fallback(file).with_state(seen)).await
}

async fn read(graph: &Graph, url: &str, limit: u64) -> Result<usize, GraphError> {
    let token = token();
    let mut download = graph.download(&Access::token(&token), &Url::parse(url).unwrap(), limit).await?;
    let mut size = 0;
    while let Some(chunk) = download.chunk().await? {
        size += chunk.len();
    }
    Ok(size)
}

#[tokio::test]
async fn files_come_whole_or_not_at_all() {
    let seen = Seen::default();
    let base = files(seen.clone()).await;
    let graph = client(&base);
    assert_eq!(read(&graph, &format!("{base}/file"), 1000).await, Ok(1000));
    assert_eq!(read(&graph, &format!("{base}/sized"), 1000).await, Ok(1000));
    for path in ["file", "sized"] {
        assert_eq!(
            read(&graph, &format!("{base}/{path}"), 999).await,
            Err(GraphError::TooLarge { limit: 999 })
        );
    }
    let gone = read(&graph, &format!("{base}/gone"), 999).await.unwrap_err();
    assert!(matches!(gone, GraphError::Malformed { status: 404, .. }), "{gone:?}");
    let bearer = format!("Bearer {TOKEN}");
    assert!(seen.lock().unwrap().iter().all(|(_, authorisation)| authorisation.as_deref() == Some(&bearer)));
}

#[tokio::test]
async fn the_token_goes_to_no_other_host() {
    let (ours, theirs) = (Seen::default(), Seen::default());
    let (base, foreign) = (files(ours.clone()).await, files(theirs.clone()).await);
    let graph = client(&base);
    for url in [
        format!("{foreign}/file"),
        base.replace("127.0.0.1", "localhost") + "/file",
        "https://lookaside.fbsbx.com.evil.example/x".to_owned(),
        "http://lookaside.fbsbx.com/x".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:text/plain,x".to_owned(),
    ] {
        assert_eq!(read(&graph, &url, 10).await, Err(GraphError::ForeignHost), "{url}");
    }
    assert!(theirs.lock().unwrap().is_empty() && ours.lock().unwrap().is_empty());

    let mut config = graph.config().clone();
    config.media_hosts = vec![Url::parse(&foreign).unwrap()];
    assert_eq!(read(&Graph::new(config).unwrap(), &format!("{foreign}/file"), 1000).await, Ok(1000));
}
