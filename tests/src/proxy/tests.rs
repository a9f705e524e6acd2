#![allow(clippy::unwrap_used, reason = "tests")]

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::message::Message;
use super::wire::Wire;
use super::*;

const ASK: Route = Route::new("POST", "/ask");
const REQUEST: &[u8] = b"POST /ask HTTP/1.1\r\nhost: peer\r\ncontent-length: 8\r\n\r\n12345678";
const ANSWER: &[u8] = br#"{"it":"is done"}"#;

/// A proxy to a peer that answers every request, and the number of requests that the peer got.
async fn proxy() -> (Proxy, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (proxy, asked) = (Proxy::start().await, Arc::new(AtomicUsize::new(0)));
    proxy.set_target(listener.local_addr().unwrap());
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut wire = Wire::new(stream);
            if wire.message().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
                let answer = Message::answer("201 Created", &[], ANSWER);
                let _ = wire.send(&answer.to_bytes()).await;
            }
        }
    });
    (proxy, asked)
}

/// Sends one request; returns the response and how the connection ended.
async fn ask(proxy: &Proxy) -> (String, io::Result<usize>) {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    let mut came = Vec::new();
    let ended = stream.read_to_end(&mut came).await;
    (String::from_utf8_lossy(&came).into_owned(), ended)
}

async fn exchange_with_fault(fault: Fault) -> (String, bool, usize) {
    let (proxy, asked) = proxy().await;
    proxy.inject(ASK, fault, 1);
    let (came, ended) = ask(&proxy).await;
    assert_eq!(proxy.pending(), 0, "{fault:?}");
    (came, ended.is_err(), asked.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_reset_is_a_reset_and_the_peer_was_asked_only_where_it_is_said() {
    for (fault, times) in [
        (Fault::ResetBefore, 0),
        (Fault::ResetAmid, 0),
        (Fault::ResetAfter, 1),
        (Fault::ResetAfterHead, 1),
    ] {
        let (came, reset, asked) = exchange_with_fault(fault).await;
        assert!(reset, "{fault:?}: {came}");
        assert_eq!(asked, times, "{fault:?}");
        assert!(!came.contains("done"), "{fault:?}: {came}");
    }
}

#[tokio::test]
async fn an_answer_is_replaced_or_cut_short() {
    for (fault, status, times) in [
        (Fault::Truncated, "201 Created", 1),
        (Fault::Garbage, "200 OK", 1),
        (Fault::ErrorAfterSuccess, "500 Internal Server Error", 1),
        (Fault::TooManyRequests, "429 Too Many Requests", 0),
        (Fault::HeaderBomb, "201 Created", 1),
    ] {
        let (came, reset, asked) = exchange_with_fault(fault).await;
        assert!(!reset, "{fault:?}");
        assert!(came.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{fault:?}: {came}");
        assert_eq!(asked, times, "{fault:?}");
        let is_whole = came.ends_with(str::from_utf8(ANSWER).unwrap());
        assert_eq!(is_whole, fault == Fault::HeaderBomb, "{fault:?}: {came}");
        assert_eq!(came.lines().count() > 10_000, fault == Fault::HeaderBomb, "{fault:?}");
    }
}

#[tokio::test]
async fn a_duplicate_asks_twice_and_answers_once() {
    let (came, _, asked) = exchange_with_fault(Fault::Duplicate).await;
    assert_eq!((came.matches("done").count(), asked), (1, 2));
}

#[tokio::test]
async fn silence_lasts_until_the_client_has_had_enough() {
    let (proxy, asked) = proxy().await;
    proxy.inject(ASK, Fault::Silence, 1);
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut came = Vec::new();
    stream.read_to_end(&mut came).await.unwrap();
    assert_eq!((came.len(), asked.load(Ordering::SeqCst)), (0, 1));
}

#[tokio::test]
async fn a_drip_and_a_body_without_end_begin_like_an_answer() {
    for fault in [Fault::Drip, Fault::HugeBody] {
        let (proxy, _) = proxy().await;
        proxy.inject(ASK, fault, 1);
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        let mut began = [0; 8];
        stream.read_exact(&mut began).await.unwrap();
        assert_eq!(&began, b"HTTP/1.1", "{fault:?}");
    }
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other_and_only_the_planned_ones_get_a_fault() {
    let (proxy, asked) = proxy().await;
    proxy.inject(Route::new("POST", "/other"), Fault::ResetBefore, 1);
    let mut wire = Wire::new(TcpStream::connect(proxy.address()).await.unwrap());
    for times in 1..=3 {
        wire.send(REQUEST).await.unwrap();
        assert_eq!(wire.message().await.unwrap().body, ANSWER);
        assert_eq!(asked.load(Ordering::SeqCst), times);
    }
    assert_eq!(proxy.pending(), 1);
}

#[tokio::test]
async fn connections_are_refused_from_the_answer_on_until_they_are_admitted() {
    let (proxy, _) = proxy().await;
    proxy.refuse_after(ASK);
    let (came, _) = ask(&proxy).await;
    assert!(came.contains("done"), "{came}");
    let refused = TcpStream::connect(proxy.address()).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    proxy.accept_connections();
    let mut wire = Wire::new(TcpStream::connect(proxy.address()).await.unwrap());
    wire.send(REQUEST).await.unwrap();
    assert_eq!(wire.message().await.unwrap().body, ANSWER);
}
