use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::peer::{answering, read_request, reset, serve};
use super::*;

async fn answer(bytes: impl Into<Vec<u8>>) -> Result<HttpResponse, EgressError> {
    let to = at(answering(bytes).await);
    send(&to, charge(&to)).await
}

async fn body_of(bytes: &str) -> (u16, String) {
    let answer = answer(bytes).await.unwrap();
    (answer.status, String::from_utf8(answer.body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_complete_answer_comes_back_whole_in_every_framing() {
    let whole = |status: u16, body: &str| (status, body.to_owned());
    let length = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    assert_eq!(body_of(length).await, whole(200, "ok"));
    let longer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more";
    assert_eq!(body_of(longer).await, whole(200, "ok"));
    let chunked = "HTTP/1.1 402 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nde\r\n6\r\nclined\r\n0\r\nx-t: 1\r\n\r\n";
    assert_eq!(body_of(chunked).await, whole(402, "declined"));
    let closed = "HTTP/1.0 200 OK\r\n\r\nuntil the end";
    assert_eq!(body_of(closed).await, whole(200, "until the end"));
    let none = "HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n";
    assert_eq!(body_of(none).await, whole(204, ""));
    let interim = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(body_of(interim).await, whole(201, ""));
}

#[tokio::test]
async fn a_connection_that_the_peer_would_keep_is_closed() {
    let (port, server) = serve(|mut stream: TcpStream| async move {
        read_request(&mut stream).await;
        let kept = b"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(kept).await.unwrap();
        stream.read(&mut [0]).await.unwrap()
    })
    .await;
    assert_eq!(send(&at(port), charge(&at(port))).await.unwrap().status, 200);
    assert_eq!(server.await.unwrap().0, 0);
}

#[tokio::test]
async fn an_answer_that_comes_before_the_request_was_read_is_an_answer() {
    let (close, closed) = oneshot::channel::<()>();
    let (port, _) = serve(|mut stream: TcpStream| async move {
        stream.read_exact(&mut [0; 16]).await.unwrap();
        let early = b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(early).await.unwrap();
        closed.await.ok();
    })
    .await;
    let mut request = charge(&at(port));
    request.body = Some(vec![b'x'; OVERSIZE].into());
    assert_eq!(send(&at(port), request).await.unwrap().status, 413);
    drop(close);
}

#[tokio::test]
async fn what_is_not_http_is_refused_and_no_answer_has_begun() {
    for garbage in [
        "SSH-2.0-hello\r\n\r\n",
        "<html>hello</html>\r\n\r\n",
        "HTTP/9 what\r\n\r\n",
    ] {
        assert_eq!(
            failure(answer(garbage).await),
            (EgressErrorKind::Refused, WireEvidence::FullRequest),
            "{garbage}"
        );
    }
    assert_eq!(
        failure(answer("HTTP/1.1 20").await),
        (EgressErrorKind::Interrupted, WireEvidence::FullRequest)
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_was_seen_and_is_of_no_use() {
    for cut in [
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nha",
    ] {
        assert_eq!(
            failure(answer(cut).await),
            (EgressErrorKind::Interrupted, WireEvidence::StatusLineSeen),
            "{cut}"
        );
    }
}

#[tokio::test]
async fn a_reset_after_the_headers_leaves_an_answer_that_began() {
    let (port, _) = serve(|mut stream: TcpStream| async move {
        read_request(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
        stream.write_all(head).await.unwrap();
        reset(stream);
    })
    .await;
    assert_eq!(
        failure(send(&at(port), charge(&at(port))).await),
        (EgressErrorKind::Interrupted, WireEvidence::StatusLineSeen)
    );
}

#[tokio::test]
async fn an_answer_that_drips_beyond_the_deadline_times_out() {
    let (port, _) = serve(|mut stream: TcpStream| async move {
        read_request(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
        stream.write_all(head).await.unwrap();
        let mut drip = tokio::time::interval(Duration::from_millis(10));
        while stream.write_all(b".").await.is_ok() {
            drip.tick().await;
        }
    })
    .await;
    let mut request = charge(&at(port));
    request.timeout = SHORT;
    request.max_response_bytes = 1_000_000;
    assert_eq!(
        failure(send(&at(port), request).await),
        (EgressErrorKind::Timeout, WireEvidence::StatusLineSeen)
    );
}

#[tokio::test]
async fn an_answer_over_a_limit_is_refused_as_too_large() {
    let big = (EgressErrorKind::TooLarge, WireEvidence::StatusLineSeen);
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 65\r\n\r\n";
    assert_eq!(failure(answer(announced).await), big);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n41\r\n{}\r\n0\r\n\r\n",
        "x".repeat(65)
    );
    assert_eq!(failure(answer(chunked).await), big);
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1 << 20));
    assert_eq!(failure(answer(endless).await), big);
    let many = format!("HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(64));
    assert_eq!(failure(answer(many).await), big);
    let long = format!(
        "HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n",
        "y".repeat(33 << 10)
    );
    assert_eq!(failure(answer(long).await), big);
    let bomb = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(1 << 20));
    assert_eq!(failure(answer(bomb).await), big);
}

#[tokio::test]
async fn an_answer_of_exactly_the_limit_is_taken() {
    let body = "x".repeat(64);
    let exact = format!("HTTP/1.1 200 OK\r\ncontent-length: 64\r\n\r\n{body}");
    assert_eq!(body_of(&exact).await, (200, body));
}

#[tokio::test]
async fn an_answer_that_is_not_wanted_is_not_read() {
    for endless in [
        "HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\nand so on",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    ] {
        let to = at(answering(endless).await);
        let mut request = charge(&to);
        request.max_response_bytes = 0;
        let answer = send(&to, request).await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (200, 0));
    }
}

#[tokio::test]
async fn a_redirect_and_another_protocol_are_refused() {
    for head in [
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ] {
        assert_eq!(
            failure(answer(head).await),
            (EgressErrorKind::Refused, WireEvidence::StatusLineSeen),
            "{head}"
        );
    }
}
