//! TLS against a test server. The certificates in `data` are for `localhost` and valid until 2120; `self-signed.pem` has the key
//! of `server.pem`. The root's private key was not kept: to replace them, create a new root and sign again.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::peer::{hold, read_request, reset, serve};
use super::*;

const ROOT: &[u8] = include_bytes!("data/root.pem");
const SIGNED: &[u8] = include_bytes!("data/server.pem");
const SELF_SIGNED: &[u8] = include_bytes!("data/self-signed.pem");
const KEY: &[u8] = include_bytes!("data/server-key.pem");

pub(super) fn trusting_the_test_root() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ROOT).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn acceptor(certificate: &[u8]) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificate).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn accept(stream: TcpStream) -> TlsStream<TcpStream> {
    acceptor(SIGNED).accept(stream).await.unwrap()
}

fn secure(host: &str, port: u16) -> Upstream {
    upstream(&format!("https://{host}:{port}"))
}

async fn failing(host: &str, port: u16, timeout: Duration) -> String {
    let to = secure(host, port);
    let mut request = charge(&to);
    request.timeout = timeout;
    let error = send(&to, request).await.unwrap_err();
    assert_eq!(
        (error.kind, error.wire),
        (EgressErrorKind::NotConnected, WireEvidence::TlsFailed)
    );
    error.message
}

#[tokio::test]
async fn a_request_goes_to_a_server_with_a_trusted_certificate_under_its_name() {
    let (port, server) = serve(|stream| async move {
        let mut stream = accept(stream).await;
        let seen = read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .await
            .unwrap();
        stream.shutdown().await.unwrap();
        (seen, stream.get_ref().1.server_name().map(str::to_owned))
    })
    .await;
    let to = secure("localhost", port);
    let answer = send(&to, charge(&to)).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok"[..]));
    let ((seen, name), _) = server.await.unwrap();
    assert_eq!(name.as_deref(), Some("localhost"));
    assert!(
        seen.contains(&format!("\r\nhost: localhost:{port}\r\n")) && seen.ends_with("\r\n\r\nbody"),
        "{seen}"
    );
}

#[tokio::test]
async fn an_untrusted_certificate_fails_before_a_byte_of_the_request_is_sent() {
    let (port, server) = serve(|stream| async move { acceptor(SELF_SIGNED).accept(stream).await.is_err() }).await;
    let message = failing("localhost", port, LONG).await;
    assert!(message.contains("not trusted"), "{message}");
    assert!(server.await.unwrap().0);
}

#[tokio::test]
async fn a_certificate_for_another_name_ends_it() {
    let (port, _) = serve(|stream| async move { acceptor(SIGNED).accept(stream).await.is_err() }).await;
    let message = failing("127.0.0.1", port, LONG).await;
    assert!(message.contains("another name"), "{message}");
}

#[tokio::test]
async fn a_server_without_tls_ends_it() {
    let (port, _) = serve(|mut stream: TcpStream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        hold(stream).await;
    })
    .await;
    let message = failing("localhost", port, LONG).await;
    assert!(message.contains("does not speak TLS"), "{message}");
}

#[tokio::test]
async fn a_handshake_that_breaks_off_or_never_ends_is_a_failure_of_tls() {
    let (port, _) = serve(|stream| async move { reset(stream) }).await;
    failing("localhost", port, LONG).await;
    let (port, _) = serve(hold).await;
    let message = failing("localhost", port, SHORT).await;
    assert!(message.contains("timed out"), "{message}");
}

#[tokio::test]
async fn the_handshake_does_not_count_as_the_request() {
    let (go, gone) = oneshot::channel::<()>();
    let (port, _) = serve(|stream| async move {
        let stream = accept(stream).await;
        gone.await.unwrap();
        reset(stream.into_inner().0);
    })
    .await;
    let to = secure("localhost", port);
    let exchange = WireExchange {
        upstream: &to,
        deadline: Instant::now() + LONG,
        max_body: 64,
        observations: Arc::default(),
    };
    let opening = async {
        let tls = Arc::new(trusting_the_test_root());
        let mut stream = request_stream::open(&tls, &to, exchange.deadline, &exchange.observations).await?;
        go.send(()).unwrap();
        stream.read(&mut [0]).await.unwrap_err();
        Ok(stream)
    };
    assert_eq!(
        failure(exchange.run(WireRequest::new(charge(&to)).unwrap(), opening).await),
        (EgressErrorKind::Interrupted, WireEvidence::ZeroBytesWritten)
    );
}

#[tokio::test]
async fn a_break_after_the_request_leaves_the_full_request_written() {
    let (port, _) = serve(|stream| async move {
        let mut stream = accept(stream).await;
        read_request(&mut stream).await;
        reset(stream.into_inner().0);
    })
    .await;
    let to = secure("localhost", port);
    assert_eq!(
        failure(send(&to, charge(&to)).await),
        (EgressErrorKind::Interrupted, WireEvidence::FullRequest)
    );
}

#[tokio::test]
async fn a_large_request_that_the_server_does_not_read_times_out_with_some_bytes_written() {
    let (close, closed) = oneshot::channel::<()>();
    let (port, _) = serve(|stream| async move {
        let stream = accept(stream).await;
        closed.await.ok();
        drop(stream);
    })
    .await;
    let to = secure("localhost", port);
    let mut request = charge(&to);
    request.body = Some(vec![b'x'; OVERSIZE].into());
    request.timeout = SHORT;
    assert_eq!(
        failure(send(&to, request).await),
        (EgressErrorKind::Timeout, WireEvidence::SomeBytesWritten)
    );
    drop(close);
}

#[tokio::test]
async fn a_body_that_ends_with_the_connection_is_whole_only_if_tls_says_so() {
    for whole in [true, false] {
        let (port, _) = serve(move |stream| async move {
            let mut stream = accept(stream).await;
            read_request(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nall of it").await.unwrap();
            if whole {
                stream.shutdown().await.unwrap();
            }
            drop(stream);
        })
        .await;
        let to = secure("localhost", port);
        let answer = send(&to, charge(&to)).await;
        if whole {
            assert_eq!(answer.unwrap().body.as_slice(), b"all of it");
        } else {
            assert_eq!(
                failure(answer),
                (EgressErrorKind::Interrupted, WireEvidence::StatusLineSeen)
            );
        }
    }
}
