//! Connections from several client addresses to a host with few slots.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::server::{create, hear, start};
use crate::Server;
use crate::settings::Limits;
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};

const HEALTH: [&str; 3] = ["/livez", "/healthz", "/readyz"];

/// Send from `127.0.0.{address}`. `127.0.0.1` is a trusted proxy; every other address is a client.
async fn say_from(address: u8, server: &Server, text: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::new(127, 0, 0, address), 0).into()).unwrap();
    let mut stream = socket.connect(server.address()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn ask_from(address: u8, server: &Server, text: &str) -> String {
    hear(say_from(address, server, text).await).await
}

/// Everything received until the peer closes or resets the connection.
async fn end_of(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8(text).unwrap()
}

fn health(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

/// A create request under this idempotency key.
fn creation(key: &str) -> String {
    create().replace("idempotency-key: k", &format!("idempotency-key: {key}"))
}

/// A create request whose body stops half-way.
fn half(path: &str) -> String {
    let whole = creation("half").replace("POST /checkout_sessions", &format!("POST {path}"));
    whole.replace("\"usd\",\"capabilities\":{}}", "")
}

fn few(connections: usize, share: usize) -> Limits {
    Limits {
        max_connections: connections,
        max_connections_per_client: share,
        idle_grace: Duration::ZERO,
        // Long, so that connections close because their slot is needed, not because of a timeout.
        head_timeout: Duration::from_secs(600),
        body_timeout: Duration::from_secs(600),
        ..Limits::default()
    }
}

/// A server whose operations wait until the test releases them.
struct Held {
    service: Arc<ScriptedCheckouts>,
    began: Arc<Notify>,
    leave: Arc<Notify>,
}

fn held(count: usize) -> Held {
    let (began, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let next = (0..count).map(|_| ScriptedResult::Wait(began.clone(), leave.clone()));
    Held {
        service: ScriptedCheckouts::then(next),
        began,
        leave,
    }
}

#[tokio::test]
async fn health_checks_are_answered_while_every_slot_has_a_request() {
    let held = held(2);
    let server = start(held.service.clone(), few(2, 64)).await;
    let mut busy = Vec::new();
    for address in [2, 3] {
        busy.push(say_from(address, &server, &creation(&address.to_string())).await);
        held.began.notified().await;
    }
    for address in [1, 2, 4] {
        for path in HEALTH {
            let answer = ask_from(address, &server, &health(path)).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{address} {path}: {answer}");
            assert!(answer.contains("connection: close"), "{answer}");
        }
    }
    server.unready();
    let answer = ask_from(4, &server, &health("/readyz")).await;
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.ends_with("not ready\n"),
        "{answer}"
    );
    for _ in 0..2 {
        held.leave.notify_one();
    }
    for stream in busy {
        assert!(hear(stream).await.starts_with("HTTP/1.1 201"));
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn beyond_the_limit_everything_else_is_answered_503_and_closed() {
    let held = held(1);
    let server = start(held.service.clone(), few(1, 64)).await;
    let busy = say_from(2, &server, &creation("first")).await;
    held.began.notified().await;
    for request in [
        creation("second"),
        half("/webhooks/processor"),
        "GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n".into(),
        "POST /webhooks/stripe HTTP/1.1\r\nhost: mer.example\r\ntransfer-encoding: chunked\r\n\r\n".into(),
    ] {
        let answer = ask_from(3, &server, &request).await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        for part in [
            "retry-after: 1",
            "connection: close",
            "service_unavailable",
            "all connections of the host are in use",
        ] {
            assert!(answer.contains(part), "{part}: {answer}");
        }
    }
    assert_eq!(held.service.count(), 1, "the domain was not called");
    held.leave.notify_one();
    assert!(hear(busy).await.starts_with("HTTP/1.1 201"));
    assert!(
        ask_from(3, &server, &creation("second"))
            .await
            .starts_with("HTTP/1.1 201")
    );
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn the_longest_idle_connection_makes_room_for_a_buyer() {
    let server = start(ScriptedCheckouts::then([]), few(4, 64)).await;
    let first = say_from(2, &server, "").await;
    let second = say_from(3, &server, "POST /checkout_sessions HTTP/1.1\r\nho").await;
    let mut third = say_from(4, &server, &health("/livez")).await;
    // Answered, and kept open while there is a free slot: it has been idle for a shorter time than the two before it.
    let mut answer = [0; 512];
    let read = third.read(&mut answer).await.unwrap();
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer[..read])
    );
    let _fourth = say_from(7, &server, "").await;

    let _one = say_from(5, &server, "").await;
    assert_eq!(end_of(first).await, "", "the connection that never sent anything");
    let _two = say_from(6, &server, "").await;
    assert_eq!(end_of(second).await, "", "the connection that sent half of a head");
    third.write_all(health("/livez").as_bytes()).await.unwrap();
    assert!(
        third.read(&mut answer).await.unwrap() > 0,
        "the connection was kept open"
    );
    assert!(ask_from(8, &server, &create()).await.starts_with("HTTP/1.1 201"));
    server.shutdown().await;
}

#[tokio::test]
async fn hundreds_of_silent_connections_keep_neither_buyers_nor_health_checks_out() {
    let server = start(ScriptedCheckouts::then([]), few(16, 4)).await;
    let mut silent = Vec::new();
    for round in 0..300_u16 {
        silent.push(say_from(2 + u8::try_from(round % 100).unwrap(), &server, "").await);
        if round % 30 == 29 {
            for address in [1, 200, 201] {
                let bought = ask_from(address, &server, &creation(&format!("{round}-{address}"))).await;
                assert!(bought.starts_with("HTTP/1.1 201"), "{bought}");
            }
            let alive = ask_from(
                202,
                &server,
                &health("/livez").replace("x\r\n", "x\r\nconnection: close\r\n"),
            )
            .await;
            assert!(alive.starts_with("HTTP/1.1 200"), "{alive}");
        }
    }
    drop(silent);
    server.shutdown().await;
}

#[tokio::test]
async fn a_connection_is_kept_while_there_are_free_slots_and_closed_when_there_are_none() {
    let server = start(ScriptedCheckouts::then([]), few(2, 64)).await;
    let mut kept = say_from(2, &server, &health("/livez")).await;
    let mut answer = [0; 512];
    let read = kept.read(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(
        text.starts_with("HTTP/1.1 200") && !text.contains("connection: close"),
        "{text}"
    );
    let _other = say_from(3, &server, "").await;
    // The second connection has the last slot by the time that a third one has its response.
    let _ = ask_from(4, &server, &health("/livez")).await;
    let _ = end_of(kept).await;
    server.shutdown().await;
}

#[tokio::test]
async fn an_address_has_its_share_and_others_have_the_rest() {
    let held = held(2);
    let server = start(held.service.clone(), few(10, 2)).await;
    let mut busy = Vec::new();
    for key in ["one", "two"] {
        busy.push(say_from(2, &server, &creation(key)).await);
        held.began.notified().await;
    }
    let refused = ask_from(2, &server, &creation("three")).await;
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("too many connections from this address"), "{refused}");
    assert!(
        ask_from(2, &server, &health("/livez"))
            .await
            .starts_with("HTTP/1.1 200")
    );
    for address in [1, 3] {
        let bought = ask_from(address, &server, &creation(&address.to_string())).await;
        assert!(bought.starts_with("HTTP/1.1 201"), "{bought}");
    }
    for stream in busy {
        held.leave.notify_one();
        assert!(hear(stream).await.starts_with("HTTP/1.1 201"));
    }
    assert!(
        ask_from(2, &server, &creation("three"))
            .await
            .starts_with("HTTP/1.1 201")
    );
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn slow_bodies_of_a_crowd_give_way_to_buyers() {
    for path in ["/webhooks/processor", "/webhooks/stripe", "/checkout_sessions"] {
        let server = start(ScriptedCheckouts::then([]), few(8, 4)).await;
        let mut slow = Vec::new();
        for address in [2, 2, 2, 2, 3, 3, 3, 3] {
            slow.push(say_from(address, &server, &half(path)).await);
        }
        // The host classifies a body as slow only once it waits for it, which takes a moment.
        let bought = loop {
            let answer = ask_from(4, &server, &creation("buyer")).await;
            if !answer.starts_with("HTTP/1.1 503") {
                break answer;
            }
        };
        assert!(bought.starts_with("HTTP/1.1 201"), "{path}: {bought}");
        let mut ends: JoinSet<String> = slow.into_iter().map(end_of).collect();
        let told = ends.join_next().await.unwrap().unwrap();
        assert!(told.starts_with("HTTP/1.1 503"), "{path}: {told}");
        assert!(
            told.contains("arrived too slowly while other clients were waiting"),
            "{told}"
        );
        drop(ends);
        server.shutdown().await;
    }
}

fn named(client: &str, request: &str) -> String {
    request.replace(
        "host: mer.example",
        &format!("host: mer.example\r\nx-forwarded-for: {client}"),
    )
}

#[tokio::test]
async fn the_client_that_a_trusted_proxy_names_has_its_share_of_requests() {
    let held = held(2);
    let server = start(held.service.clone(), few(10, 2)).await;
    let mut busy = Vec::new();
    for key in ["one", "two"] {
        busy.push(say_from(1, &server, &named("192.0.2.1", &creation(key))).await);
        held.began.notified().await;
    }
    for forged in ["192.0.2.1", "203.0.113.9, 192.0.2.1", "192.0.2.1, 127.0.0.1"] {
        let refused = ask_from(1, &server, &named(forged, &creation("three"))).await;
        assert!(refused.starts_with("HTTP/1.1 429"), "{forged}: {refused}");
        assert!(refused.contains("retry-after: 1"), "{refused}");
    }
    let alive = named(
        "192.0.2.1",
        &health("/livez").replace("host: x", "host: mer.example\r\nconnection: close"),
    );
    assert!(ask_from(1, &server, &alive).await.starts_with("HTTP/1.1 200"));
    for (address, request) in [
        (1, named("192.0.2.2", &creation("other"))),
        (1, creation("unnamed")),
        // Not a trusted proxy: its forwarding header is ignored.
        (5, named("192.0.2.1", &creation("liar"))),
    ] {
        let bought = ask_from(address, &server, &request).await;
        assert!(bought.starts_with("HTTP/1.1 201"), "{bought}");
    }
    for stream in busy {
        held.leave.notify_one();
        assert!(hear(stream).await.starts_with("HTTP/1.1 201"));
    }
    let again = ask_from(1, &server, &named("192.0.2.1", &creation("three"))).await;
    assert!(again.starts_with("HTTP/1.1 201"), "{again}");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn the_connections_of_a_trusted_proxy_are_not_counted() {
    for (trusted, status) in [(vec!["127.0.0.0/8"], "201"), (vec![], "503")] {
        let held = held(1);
        let limits = Limits {
            trusted_proxies: trusted.into_iter().map(|net| net.parse().unwrap()).collect(),
            ..few(10, 1)
        };
        let server = start(held.service.clone(), limits).await;
        let busy = say_from(7, &server, &creation("one")).await;
        held.began.notified().await;
        let answer = ask_from(7, &server, &creation("two")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        held.leave.notify_one();
        assert!(hear(busy).await.starts_with("HTTP/1.1 201"));
        assert!(server.shutdown().await);
    }
}
