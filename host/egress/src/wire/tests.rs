//! Tests of the wire against misbehaving servers. Each asserts what failed and how much of the request was sent.

mod answer;
mod connect;
mod peer;
mod request;
mod tls;

use std::time::Duration;

use super::*;
use crate::request::Method;
use tillhouse_checkout::attempt::WireEvidence;

/// Never reached: for peers that answer or disconnect at once.
const LONG: Duration = Duration::from_secs(60);
/// Long enough to connect and write; the duration of the test if the peer does nothing.
const SHORT: Duration = Duration::from_millis(700);
/// More than the buffers of two sockets hold.
const OVERSIZE: usize = 64 << 20;

fn upstream(base: &str) -> Upstream {
    let mut upstream = Upstream::new("psp", base).unwrap();
    upstream.allow_http = true;
    upstream.allow_private = true;
    upstream.timeout = LONG;
    upstream
}

fn at(port: u16) -> Upstream {
    upstream(&format!("http://127.0.0.1:{port}"))
}

/// A charge with a body of four bytes.
fn charge(upstream: &Upstream) -> HttpRequest {
    let mut request =
        HttpRequest::new(Method::Post, upstream.join("/v1/charges", &[]).unwrap()).body("text/plain", b"body".to_vec());
    request.timeout = LONG;
    request.max_response_bytes = 64;
    request
}

async fn send(upstream: &Upstream, request: HttpRequest) -> Result<HttpResponse, EgressError> {
    WireClient::new(Arc::new(tls::trusting_the_test_root()))
        .send(upstream, request)
        .await
}

/// Kind and evidence of a failure.
fn failure(answer: Result<HttpResponse, EgressError>) -> (EgressErrorKind, WireEvidence) {
    let error = answer.unwrap_err();
    (error.kind, error.wire)
}
