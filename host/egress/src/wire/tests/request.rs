use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::peer::{hold, read_request, reset, saw_no_other, serve};
use super::*;

#[tokio::test]
async fn the_request_is_written_as_it_was_given_and_nothing_is_added_but_the_connection() {
    let (port, server) = serve(|mut stream: TcpStream| async move {
        let seen = read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .await
            .unwrap();
        seen
    })
    .await;
    let to = at(port);
    let mut request = charge(&to).header("x-id", "7");
    request.url = to.join("/v1/charges", &[("q".into(), "a b".into())]).unwrap();
    let answer = send(&to, request).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok"[..]));

    let (seen, _) = server.await.unwrap();
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let (line, headers) = head.split_once("\r\n").unwrap();
    assert_eq!((line, body), ("POST /v1/charges?q=a+b HTTP/1.1", "body"));
    let mut headers: Vec<_> = headers.split("\r\n").collect();
    headers.sort_unstable();
    let host = format!("host: 127.0.0.1:{port}");
    let agent = format!("user-agent: {}", crate::request_checks::USER_AGENT);
    let expected = [
        "accept: */*",
        "connection: close",
        "content-length: 4",
        "content-type: text/plain",
    ];
    let mut expected = [&expected[..], &[&host, &agent, "x-id: 7"]].concat();
    expected.sort_unstable();
    assert_eq!(headers, expected);
}

#[tokio::test]
async fn a_post_without_a_body_says_so() {
    let (port, server) = serve(|mut stream: TcpStream| async move {
        let seen = read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        seen
    })
    .await;
    let mut request = charge(&at(port));
    request.body = None;
    assert_eq!(send(&at(port), request).await.unwrap().status, 204);
    assert!(server.await.unwrap().0.contains("\r\ncontent-length: 0\r\n"));
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_request_proves_that_nothing_was_written() {
    let (go, gone) = oneshot::channel::<()>();
    let (port, _) = serve(|stream: TcpStream| async move {
        gone.await.unwrap();
        reset(stream);
    })
    .await;
    let to = at(port);
    let exchange = WireExchange {
        upstream: &to,
        deadline: Instant::now() + LONG,
        max_body: 64,
        observations: Arc::default(),
    };
    let opening = async {
        let tls = Arc::new(tls::trusting_the_test_root());
        let mut stream = request_stream::open(&tls, &to, exchange.deadline, &exchange.observations).await?;
        go.send(()).unwrap();
        let broken = stream.read(&mut [0]).await.unwrap_err();
        assert_eq!(broken.kind(), std::io::ErrorKind::ConnectionReset);
        Ok(stream)
    };
    assert_eq!(
        failure(exchange.run(WireRequest::new(charge(&to)).unwrap(), opening).await),
        (EgressErrorKind::Interrupted, WireEvidence::ZeroBytesWritten)
    );
}

/// Like a host that was paused between writing a charge to the store and sending it: the connection is open, the peer listens.
#[tokio::test]
async fn a_request_whose_time_is_over_is_not_written_though_it_could_be() {
    let (port, server) = serve(|mut stream: TcpStream| async move { stream.read(&mut [0; 1024]).await.unwrap() }).await;
    let to = at(port);
    let exchange = WireExchange {
        upstream: &to,
        deadline: Instant::now(),
        max_body: 64,
        observations: Arc::default(),
    };
    let opening = async {
        let tls = Arc::new(tls::trusting_the_test_root());
        request_stream::open(&tls, &to, Instant::now() + LONG, &exchange.observations).await
    };
    assert_eq!(
        failure(exchange.run(WireRequest::new(charge(&to)).unwrap(), opening).await),
        (EgressErrorKind::Timeout, WireEvidence::ZeroBytesWritten)
    );
    assert_eq!(server.await.unwrap().0, 0, "nothing came");
}

#[tokio::test]
async fn the_time_of_a_request_runs_from_when_it_was_written_down() {
    let (port, _server) = serve(hold).await;
    let mut request = charge(&at(port));
    request.timeout_starts = Some(Instant::now() - LONG);
    let (kind, wire) = failure(send(&at(port), request).await);
    assert!(
        matches!(kind, EgressErrorKind::Timeout | EgressErrorKind::NotConnected),
        "{kind:?}"
    );
    assert!(!wire.may_have_arrived(), "{wire:?}");
}

#[tokio::test]
async fn a_reset_amid_the_request_leaves_some_bytes_written() {
    let (port, server) = serve(|mut stream: TcpStream| async move {
        stream.read_exact(&mut [0; 1000]).await.unwrap();
        reset(stream);
    })
    .await;
    let mut request = charge(&at(port));
    request.body = Some(vec![b'x'; OVERSIZE].into());
    assert_eq!(
        failure(send(&at(port), request).await),
        (EgressErrorKind::Interrupted, WireEvidence::SomeBytesWritten)
    );
    saw_no_other(server.await.unwrap().1);
}

#[tokio::test]
async fn a_large_request_that_the_server_does_not_read_times_out_with_some_bytes_written() {
    let (close, closed) = oneshot::channel::<()>();
    let (port, _) = serve(|stream: TcpStream| async move {
        closed.await.ok();
        drop(stream);
    })
    .await;
    let mut request = charge(&at(port));
    request.body = Some(vec![b'x'; OVERSIZE].into());
    request.timeout = SHORT;
    assert_eq!(
        failure(send(&at(port), request).await),
        (EgressErrorKind::Timeout, WireEvidence::SomeBytesWritten)
    );
    drop(close);
}

#[tokio::test]
async fn silence_after_the_request_times_out_with_the_full_request_written() {
    let (port, server) = serve(hold).await;
    let mut request = charge(&at(port));
    request.timeout = SHORT;
    assert_eq!(
        failure(send(&at(port), request).await),
        (EgressErrorKind::Timeout, WireEvidence::FullRequest)
    );
    saw_no_other(server.await.unwrap().1);
}

#[tokio::test]
async fn a_break_after_the_request_leaves_the_full_request_written_and_is_not_repeated() {
    let break_off: [fn(TcpStream); 2] = [reset, drop];
    for break_off in break_off {
        let (port, server) = serve(move |mut stream: TcpStream| async move {
            read_request(&mut stream).await;
            break_off(stream);
        })
        .await;
        assert_eq!(
            failure(send(&at(port), charge(&at(port))).await),
            (EgressErrorKind::Interrupted, WireEvidence::FullRequest)
        );
        saw_no_other(server.await.unwrap().1);
    }
}

#[tokio::test]
async fn the_shorter_of_the_two_bounds_ends_the_exchange() {
    let (port, _) = serve(hold).await;
    let mut to = at(port);
    to.timeout = SHORT;
    assert_eq!(
        failure(send(&to, charge(&to)).await),
        (EgressErrorKind::Timeout, WireEvidence::FullRequest)
    );
}
