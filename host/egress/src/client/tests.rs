use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Barrier;

use super::*;
use crate::error::EgressErrorKind;
use crate::request::Method;
use tillhouse_checkout::attempt::WireEvidence;

/// A server that reads one request head and answers every connection with these bytes, then closes.
async fn server(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.windows(4).any(|end| end == b"\r\n\r\n") && stream.read_buf(&mut head).await.unwrap_or(0) > 0 {}
            let _ = stream.write_all(answer).await;
        }
    });
    port
}

fn upstream(base: &str) -> Upstream {
    let mut upstream = Upstream::new("psp", base).unwrap();
    upstream.allow_http = true;
    upstream.allow_private = true;
    upstream
}

const BOTH: [Connection; 2] = [Connection::Fresh, Connection::Pooled];

async fn get(upstream: &Upstream, connection: Connection) -> Result<HttpResponse, EgressError> {
    let mut request = HttpRequest::new(Method::Get, upstream.join("/x", &[]).unwrap());
    request.max_response_bytes = 64;
    request.timeout = Duration::from_millis(500);
    request.connection = connection;
    Client::new().unwrap().send(upstream, request).await
}

/// Kind and evidence of the failure that this response causes, on either kind of connection.
async fn failure(answer: &'static [u8], connection: Connection) -> (EgressErrorKind, WireEvidence) {
    let port = server(answer).await;
    let error = get(&upstream(&format!("http://127.0.0.1:{port}")), connection)
        .await
        .unwrap_err();
    (error.kind, error.wire)
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    for connection in BOTH {
        let port = server(b"HTTP/1.1 201 Created\r\nX-Id: 7\r\ncontent-length: 2\r\n\r\nok").await;
        let upstream = upstream(&format!("http://127.0.0.1:{port}"));
        let response = get(&upstream, connection).await.unwrap();
        assert_eq!((response.status, response.header("x-id")), (201, Some("7")));
        assert_eq!(response.body.as_slice(), b"ok");
    }
}

#[tokio::test]
async fn loopback_and_plain_http_need_a_grant_however_they_are_written() {
    for connection in BOTH {
        for host in [
            "127.0.0.1",
            "localhost",
            "0x7f.1",
            "2130706433",
            "[::1]",
            "[::ffff:127.0.0.1]",
        ] {
            let mut upstream = upstream(&format!("http://{host}:9"));
            upstream.allow_private = false;
            let error = get(&upstream, connection).await.unwrap_err();
            assert_eq!(
                (error.kind, error.wire),
                (EgressErrorKind::Denied, WireEvidence::NothingSent),
                "{host}"
            );
            assert!(
                error.message.contains("allow_loopback") && !error.message.contains("127."),
                "{}",
                error.message
            );
        }
        let mut plain = upstream("http://127.0.0.1:9");
        plain.allow_http = false;
        assert!(
            get(&plain, connection)
                .await
                .unwrap_err()
                .message
                .contains("allow_http")
        );
        let error = get(&upstream("http://169.254.169.254"), connection).await.unwrap_err();
        assert_eq!(error.kind, EgressErrorKind::Denied);
    }
}

#[tokio::test]
async fn a_port_without_a_listener_proves_that_nothing_was_sent() {
    // Bound and not listening: the port stays taken, so that no other process answers on it.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    for connection in BOTH {
        let upstream = upstream(&format!("http://127.0.0.1:{port}"));
        let error = get(&upstream, connection).await.unwrap_err();
        assert_eq!(
            (error.kind, error.wire),
            (EgressErrorKind::NotConnected, WireEvidence::NotConnected)
        );
    }
}

#[tokio::test]
async fn every_failure_after_the_connection_leaves_it_open_whether_the_request_arrived() {
    let interrupted = EgressErrorKind::Interrupted;
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n1\r\nx\r\n0\r\n\r\n";
    let table: [(&'static [u8], EgressErrorKind); 6] = [
        (b"", interrupted),
        (b"SSH-2.0-hello\r\n\r\n", EgressErrorKind::Refused),
        (
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n",
            EgressErrorKind::Refused,
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 65\r\n\r\n",
            EgressErrorKind::TooLarge,
        ),
        (chunked, EgressErrorKind::TooLarge),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", interrupted),
    ];
    for connection in BOTH {
        for (answer, expected) in table {
            let (kind, wire) = failure(answer, connection).await;
            assert_eq!(kind, expected, "{answer:?}");
            assert!(wire.is_open(), "{wire:?}");
        }
    }
}

#[tokio::test]
async fn an_upstream_that_never_answers_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for (connection, wire) in BOTH
        .into_iter()
        .zip([WireEvidence::FullRequest, WireEvidence::SomeBytesWritten])
    {
        let upstream = upstream(&format!("http://127.0.0.1:{port}"));
        let error = get(&upstream, connection).await.unwrap_err();
        assert_eq!((error.kind, error.wire), (EgressErrorKind::Timeout, wire));
    }
}

#[tokio::test]
async fn headers_of_the_connection_belong_to_the_host() {
    let upstream = upstream("http://127.0.0.1:9");
    for (name, value) in [
        ("Host", "x"),
        ("proxy-authorization", "x"),
        ("a b", "x"),
        ("x", "a\r\nb: c"),
    ] {
        for connection in BOTH {
            let mut request = HttpRequest::new(Method::Get, upstream.join("/", &[]).unwrap()).header(name, value);
            request.connection = connection;
            let error = Client::new().unwrap().send(&upstream, request).await.unwrap_err();
            assert_eq!(
                (error.kind, error.wire),
                (EgressErrorKind::Invalid, WireEvidence::NothingSent),
                "{name}"
            );
        }
    }
}

/// Starts a server that answers only when `size` requests have arrived, and keeps its connections open. Returns its port and the
/// number of connections it has accepted.
async fn server_of_waves(size: usize) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (connections, wave) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(size)));
    let accepted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            accepted.fetch_add(1, Ordering::SeqCst);
            let wave = Arc::clone(&wave);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while stream.read_buf(&mut head).await.unwrap_or(0) > 0 {
                    if head.ends_with(b"\r\n\r\n") {
                        head.clear();
                        wave.wait().await;
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                    }
                }
            });
        }
    });
    (port, connections)
}

/// As many requests as a busy host has in progress to one upstream. A connection returns to the pool a moment after its response,
/// which is why a wave or two may still open some; with a smaller pool, every wave does.
#[tokio::test]
async fn connections_that_were_used_at_once_are_used_again() {
    for size in [9, 64, 128] {
        let (port, connections) = server_of_waves(size).await;
        let client = Client::new().unwrap();
        let upstream = Arc::new(upstream(&format!("http://127.0.0.1:{port}")));
        let settled = async {
            for _ in 0..50 {
                let before = connections.load(Ordering::SeqCst);
                let mut requests = tokio::task::JoinSet::new();
                for _ in 0..size {
                    let (client, upstream) = (client.clone(), Arc::clone(&upstream));
                    requests.spawn(async move {
                        let mut request = HttpRequest::new(Method::Get, upstream.join("/x", &[]).unwrap());
                        request.timeout = Duration::from_secs(60);
                        request.connection = Connection::Pooled;
                        client.send(&upstream, request).await.unwrap();
                    });
                }
                requests.join_all().await;
                if connections.load(Ordering::SeqCst) == before {
                    return true;
                }
            }
            false
        };
        assert!(settled.await, "every wave of {size} opened connections");
    }
}
