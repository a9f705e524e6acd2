use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::Server;
use crate::settings::Limits;
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};
use crate::testing::{KEY, host_within};

pub(super) async fn start(service: Arc<ScriptedCheckouts>, limits: Limits) -> Server {
    let (_, state) = host_within(service, limits);
    Server::bind("127.0.0.1:0".parse().unwrap(), state).await.unwrap()
}

pub(super) async fn say(server: &Server, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

pub(super) async fn hear(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap();
    String::from_utf8(text).unwrap()
}

pub(super) fn create() -> String {
    let body = r#"{"line_items":[{"id":"mug"}],"currency":"usd","capabilities":{}}"#;
    format!(
        "POST /checkout_sessions HTTP/1.1\r\nhost: mer.example\r\nauthorization: Bearer {KEY}\r\n\
         api-version: 2026-04-17\r\nidempotency-key: k\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn health_and_checkouts_are_served_over_a_socket() {
    let server = start(ScriptedCheckouts::then([]), Limits::default()).await;
    let health = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(hear(say(&server, health).await).await.starts_with("HTTP/1.1 200"));
    assert!(hear(say(&server, &create()).await).await.starts_with("HTTP/1.1 201"));
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn a_connection_that_says_nothing_or_half_a_head_is_closed() {
    let limits = Limits {
        head_timeout: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = start(ScriptedCheckouts::then([]), limits).await;
    for words in ["", "GET /healthz HTTP/1.1\r\nhost:"] {
        let answer = hear(say(&server, words).await).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_408() {
    let limits = Limits {
        body_timeout: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = start(ScriptedCheckouts::then([]), limits).await;
    let half = create().replace("\"usd\",\"capabilities\":{}}", "");
    let answer = hear(say(&server, &half).await).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn a_stopping_server_lets_requests_end_and_takes_no_more() {
    let (began, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = ScriptedCheckouts::then([ScriptedResult::Wait(began.clone(), leave.clone())]);
    let server = start(service, Limits::default()).await;
    let address = server.address();
    let stream = say(&server, &create()).await;
    began.notified().await;
    let stopping = tokio::spawn(server.shutdown());
    // The listener is closed once a connection is refused; only then may the request continue.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    leave.notify_one();
    assert!(hear(stream).await.starts_with("HTTP/1.1 201"));
    assert!(stopping.await.unwrap());
}
