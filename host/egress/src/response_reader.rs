//! Limits of a response. Everything refused here is a response that began: the upstream has seen the request.

use hyper::StatusCode;
use hyper::header::HeaderMap;
use zeroize::Zeroizing;

use super::error::{EgressError, EgressErrorKind};
use super::request::HttpResponse;
use super::upstream::Upstream;
use tillhouse_checkout::attempt::WireEvidence;

/// Maximum number of headers; hyper refuses a response with more.
pub(super) const MAX_HEADERS: usize = 64;
/// Maximum total bytes of header names and values.
const MAX_HEADER_BYTES: usize = 32 << 10;

/// A response while it arrives: its head, and as much of its body as was read.
#[derive(Debug)]
pub(super) struct ResponseReader<'a> {
    upstream: &'a Upstream,
    max_body: usize,
    response: HttpResponse,
}

impl<'a> ResponseReader<'a> {
    /// Begins a response with this head and the length of body that it announces. At most `max_body` bytes of body are read.
    pub(super) fn begin(
        upstream: &'a Upstream,
        max_body: usize,
        status: StatusCode,
        headers: &HeaderMap,
        announced: u64,
    ) -> Result<Self, EgressError> {
        if status.is_redirection() {
            return Err(refused(upstream, "the response is a redirect, which is not followed"));
        }
        if status.is_informational() {
            return Err(refused(upstream, "the response switches to another protocol"));
        }
        let headers = read_headers(headers)
            .ok_or_else(|| unusable(upstream, EgressErrorKind::TooLarge, "response headers exceed 32 KiB"))?;
        let announced = usize::try_from(announced).unwrap_or(usize::MAX);
        if announced > max_body && max_body > 0 {
            return Err(too_large(upstream, max_body));
        }
        Ok(Self {
            upstream,
            max_body,
            response: HttpResponse {
                status: status.as_u16(),
                headers,
                body: Zeroizing::new(Vec::with_capacity(announced.min(max_body).min(64 << 10))),
            },
        })
    }

    /// Whether there is nothing more to read: the caller does not want the body.
    pub(super) const fn skips_body(&self) -> bool {
        self.max_body == 0
    }

    /// Appends the next bytes of the body.
    pub(super) fn append(&mut self, chunk: &[u8]) -> Result<(), EgressError> {
        if self.response.body.len().saturating_add(chunk.len()) > self.max_body {
            return Err(too_large(self.upstream, self.max_body));
        }
        self.response.body.extend_from_slice(chunk);
        Ok(())
    }

    /// Bytes of body read so far.
    pub(super) fn body_length(&self) -> usize {
        self.response.body.len()
    }

    pub(super) fn finish(self) -> HttpResponse {
        self.response
    }
}

/// Kind and message for an error of the HTTP layer. `None`: the body ended before its announced length.
pub(super) fn classify_hyper_error(error: Option<&hyper::Error>) -> (EgressErrorKind, &'static str) {
    match error {
        Some(error) if error.is_parse_too_large() => (EgressErrorKind::TooLarge, "response headers exceed the limit"),
        Some(error) if error.is_parse() => (EgressErrorKind::Refused, "the response is not valid HTTP"),
        _ => (EgressErrorKind::Interrupted, "the connection was lost"),
    }
}

fn read_headers(map: &HeaderMap) -> Option<Vec<(String, String)>> {
    let bytes: usize = map.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    (bytes <= MAX_HEADER_BYTES).then(|| {
        map.iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect()
    })
}

fn refused(upstream: &Upstream, what: &str) -> EgressError {
    unusable(upstream, EgressErrorKind::Refused, what)
}

fn too_large(upstream: &Upstream, max_body: usize) -> EgressError {
    let what = format!("response body exceeds the limit of {max_body} bytes");
    unusable(upstream, EgressErrorKind::TooLarge, &what)
}

/// A response began but cannot be used: the upstream has seen the request, and the outcome is unknown.
fn unusable(upstream: &Upstream, kind: EgressErrorKind, what: &str) -> EgressError {
    EgressError::for_upstream(upstream, kind, WireEvidence::StatusLineSeen, what)
}
