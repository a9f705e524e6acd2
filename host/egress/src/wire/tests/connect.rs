use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use super::*;

#[tokio::test]
async fn a_port_without_a_listener_is_not_connected() {
    // Bound and not listening: the port stays taken, so that no other process answers on it.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    assert_eq!(
        failure(send(&at(port), charge(&at(port))).await),
        (EgressErrorKind::NotConnected, WireEvidence::NotConnected)
    );
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_not_connected() {
    // RFC 6761 §6.4: no resolver knows it.
    let unknown = upstream("http://unknown.invalid:9");
    assert_eq!(
        failure(send(&unknown, charge(&unknown)).await),
        (EgressErrorKind::NotConnected, WireEvidence::NotConnected)
    );
}

#[tokio::test]
async fn a_name_that_leads_to_a_forbidden_address_is_never_dialled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut local = upstream(&format!("http://localhost:{}", listener.local_addr().unwrap().port()));
    local.allow_private = false;
    let error = send(&local, charge(&local)).await.unwrap_err();
    assert_eq!(
        (error.kind, error.wire),
        (EgressErrorKind::Denied, WireEvidence::NothingSent)
    );
    assert!(error.message.contains("allow_loopback"), "{}", error.message);
    peer::saw_no_other(listener);
}

#[tokio::test]
async fn an_address_without_a_listener_is_skipped() {
    // `localhost` may have an IPv6 address as well; the peer listens on IPv4 only.
    let port = peer::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let local = upstream(&format!("http://localhost:{port}"));
    assert_eq!(send(&local, charge(&local)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_connection_that_takes_too_long_is_not_connected() {
    // A listener whose queue is full leaves further connections unanswered.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(queued) = timeout(SHORT, TcpStream::connect(address)).await {
        queue.push(queued.unwrap());
    }
    let full = at(address.port());
    let mut request = charge(&full);
    request.timeout = SHORT;
    assert_eq!(
        failure(send(&full, request).await),
        (EgressErrorKind::NotConnected, WireEvidence::NotConnected)
    );
}
