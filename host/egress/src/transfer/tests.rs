use std::io::Cursor;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::request::Method;

const STALL: Duration = Duration::from_millis(300);

/// A listener on a port of its own, and an upstream for it.
async fn listener() -> (TcpListener, Upstream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut upstream = Upstream::new("files", &format!("http://127.0.0.1:{port}")).unwrap();
    upstream.allow_http = true;
    upstream.allow_private = true;
    // Shorter than any transfer: it does not apply to them.
    upstream.timeout = Duration::from_millis(1);
    (listener, upstream)
}

/// Reads until the head of a request ends. Returns it in lower case, with what of the body came along.
async fn head(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = read.split_off(end + 4);
            return (String::from_utf8(read).unwrap().to_lowercase(), body);
        }
        assert!(stream.read_buf(&mut read).await.unwrap() > 0);
    }
}

fn put(upstream: &Upstream) -> HttpRequest {
    HttpRequest::new(Method::Put, upstream.join("/file", &[]).unwrap())
}

fn get(upstream: &Upstream) -> HttpRequest {
    HttpRequest::new(Method::Get, upstream.join("/file", &[]).unwrap())
}

#[tokio::test]
async fn a_body_is_sent_with_its_length_while_it_is_read() {
    let (listener, upstream) = listener().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (head, mut body) = head(&mut stream).await;
        while body.len() < 300_000 {
            assert!(stream.read_buf(&mut body).await.unwrap() > 0);
        }
        stream
            .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok")
            .await
            .unwrap();
        (head, body)
    });
    let sent: Vec<u8> = (0..300_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let body = UploadBody::new(300_000, Cursor::new(sent.clone()));
    let client = Client::new().unwrap();
    let answer = client.upload(&upstream, put(&upstream), body, STALL).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (201, b"ok".as_slice()));
    let (head, body) = server.await.unwrap();
    assert!(
        head.contains("content-length: 300000\r\n") && !head.contains("chunked"),
        "{head}"
    );
    assert!(body == sent);
}

#[tokio::test]
async fn a_file_that_has_become_shorter_is_not_sent_as_a_whole_one() {
    let (listener, upstream) = listener().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.ok();
    });
    let body = UploadBody::new(1000, Cursor::new(vec![1; 999]));
    let error = Client::new()
        .unwrap()
        .upload(&upstream, put(&upstream), body, STALL)
        .await
        .unwrap_err();
    assert_eq!(error.kind, EgressErrorKind::Interrupted);
    server.await.unwrap();
}

#[tokio::test]
async fn a_peer_that_takes_and_says_nothing_more_ends_a_transfer() {
    let (listener, upstream) = listener().await;
    let body = UploadBody::new(5, Cursor::new(b"hello".to_vec()));
    let client = Client::new().unwrap();
    let error = client.upload(&upstream, put(&upstream), body, STALL).await.unwrap_err();
    assert_eq!(error.kind, EgressErrorKind::Timeout);
    assert!(error.wire.is_open(), "it may have arrived");
    drop(listener);
}

/// Downloads what a server answers with these bytes.
async fn downloaded(answer: &'static [u8], most: u64) -> (Result<HttpResponse, EgressError>, Vec<u8>) {
    let (listener, upstream) = listener().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        head(&mut stream).await;
        stream.write_all(answer).await.unwrap();
    });
    let mut sink = Vec::new();
    let client = Client::new().unwrap();
    let answer = client.download(&upstream, get(&upstream), most, STALL, &mut sink).await;
    (answer, sink)
}

#[tokio::test]
async fn a_download_is_written_and_limited() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nid,why";
    let (response, written) = downloaded(answer, 6).await;
    assert_eq!(response.unwrap().status, 200);
    assert_eq!(written, b"id,why");
    let (response, written) = downloaded(answer, 5).await;
    assert_eq!(response.unwrap_err().kind, EgressErrorKind::TooLarge);
    assert_eq!(written, b"");
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nid,why\r\n0\r\n\r\n";
    assert_eq!(
        downloaded(chunked, 5).await.0.unwrap_err().kind,
        EgressErrorKind::TooLarge
    );
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nid,why";
    assert_eq!(
        downloaded(cut, 10).await.0.unwrap_err().kind,
        EgressErrorKind::Interrupted
    );
}

#[tokio::test]
async fn an_error_is_not_written_where_the_download_belongs() {
    let (response, written) = downloaded(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 7\r\n\r\nexpired", 100).await;
    let response = response.unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (403, b"expired".as_slice())
    );
    assert_eq!(written, b"");
}

#[tokio::test]
async fn a_transfer_keeps_to_the_rules_for_destinations() {
    let mut upstream = Upstream::new("files", "http://127.0.0.1:9").unwrap();
    upstream.allow_http = true;
    let client = Client::new().unwrap();
    let body = UploadBody::new(0, Cursor::new(Vec::new()));
    let error = client.upload(&upstream, put(&upstream), body, STALL).await.unwrap_err();
    assert_eq!(error.kind, EgressErrorKind::Denied);
    let mut sink = Vec::new();
    let denied = client.download(&upstream, get(&upstream), 1, STALL, &mut sink).await;
    assert_eq!(denied.unwrap_err().kind, EgressErrorKind::Denied);
}
