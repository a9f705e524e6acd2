//! Bodies that do not fit into memory: uploads that are read while they are sent, and downloads that are written while they arrive.
//!
//! Both are requests on pooled connections, within the rules for destinations. A transfer of gigabytes may take long, so that it has two
//! timeouts: one of the whole, and one without any progress.

mod reader_body;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::client::Client;
use super::error::{EgressError, EgressErrorKind};
use super::request::{HttpRequest, HttpResponse};
use super::request_checks;
use super::response_reader::ResponseReader;
use super::upstream::Upstream;
use reader_body::ReaderBody;
use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_crash_points::crash_point;

/// Maximum body of an answer that is not the download itself.
const MAX_ERROR_BODY: usize = 64 << 10;

/// A body of a known length, read while it is sent.
pub struct UploadBody {
    length: u64,
    reader: Box<dyn AsyncRead + Send + Sync + Unpin>,
}

impl std::fmt::Debug for UploadBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadBody")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl UploadBody {
    /// A body of exactly `length` bytes. A reader that ends before that fails the request.
    pub fn new(length: u64, reader: impl AsyncRead + Send + Sync + Unpin + 'static) -> Self {
        Self {
            length,
            reader: Box::new(reader),
        }
    }
}

impl Client {
    /// Sends a request with this body, and reads the whole response. `timeout` of the request limits the whole transfer, whatever the
    /// timeout of the upstream; `stall` limits the time without progress, and that until the response begins.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn upload(
        &self,
        upstream: &Upstream,
        request: HttpRequest,
        body: UploadBody,
        stall: Duration,
    ) -> Result<HttpResponse, EgressError> {
        request_checks::check_destination(upstream, &request)?;
        let max_body = request.max_response_bytes;
        let progress = Arc::new(AtomicU64::new(0));
        let body = ReaderBody::new(body.reader, body.length, Arc::clone(&progress));
        let mut response = self.begin(upstream, request, Some(body), stall, &progress).await?;
        let announced = response.content_length().unwrap_or(0);
        let mut reader = ResponseReader::begin(upstream, max_body, response.status(), response.headers(), announced)?;
        while !reader.skips_body()
            && let Some(chunk) = next_chunk(upstream, &mut response, stall).await?
        {
            reader.append(&chunk)?;
        }
        Ok(reader.finish())
    }

    /// Sends a request, and writes the body of a response with status 200 into `sink`; the returned response has none then. A body of any
    /// other status is returned, as far as it is short. The timeouts are those of [`Client::upload`].
    ///
    /// # Errors
    /// As [`Client::send`]; also when the body is longer than `max_bytes`, or cannot be written.
    pub async fn download(
        &self,
        upstream: &Upstream,
        request: HttpRequest,
        max_bytes: u64,
        stall: Duration,
        sink: &mut (dyn AsyncWrite + Send + Unpin),
    ) -> Result<HttpResponse, EgressError> {
        request_checks::check_destination(upstream, &request)?;
        let mut response = self.begin(upstream, request, None, stall, &AtomicU64::new(0)).await?;
        let is_download = response.status() == hyper::StatusCode::OK;
        let limit = if is_download {
            usize::try_from(max_bytes).unwrap_or(usize::MAX)
        } else {
            MAX_ERROR_BODY
        };
        let announced = response.content_length().unwrap_or(0);
        let mut reader = ResponseReader::begin(upstream, limit, response.status(), response.headers(), announced)?;
        let mut written: u64 = 0;
        while let Some(chunk) = next_chunk(upstream, &mut response, stall).await? {
            if !is_download {
                reader.append(&chunk)?;
                continue;
            }
            written = written.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if written > max_bytes {
                return Err(too_large(upstream, max_bytes));
            }
            sink.write_all(&chunk)
                .await
                .map_err(|error| unwritten(upstream, &error))?;
        }
        sink.flush().await.map_err(|error| unwritten(upstream, &error))?;
        Ok(reader.finish())
    }

    /// Sends the request and its body, until the head of the response is there.
    async fn begin(
        &self,
        upstream: &Upstream,
        request: HttpRequest,
        body: Option<ReaderBody>,
        stall: Duration,
        progress: &AtomicU64,
    ) -> Result<reqwest::Response, EgressError> {
        #[cfg(feature = "crash-points")]
        let exchange = super::pooled::observed_exchange::ObservedExchange::new(upstream, &request);
        let mut builder = self
            .pooled
            .for_upstream(upstream)
            .request(request_checks::method(request.method), request.url)
            .headers(request_checks::headers(&request.headers)?)
            .timeout(request.timeout);
        if let Some(body) = body {
            builder = builder.body(reqwest::Body::wrap(body));
        }
        crash_point!("before_connect" in exchange);
        let response = while_it_moves(upstream, progress, stall, builder.send()).await?;
        crash_point!("after_write" in exchange);
        crash_point!("before_read" in exchange);
        Ok(response)
    }
}

/// The response, unless the body of the request makes no progress for too long.
async fn while_it_moves(
    upstream: &Upstream,
    progress: &AtomicU64,
    stall: Duration,
    request: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
) -> Result<reqwest::Response, EgressError> {
    let mut request = pin!(request);
    let mut seen = progress.load(Ordering::Relaxed);
    loop {
        let done = tokio::time::timeout(stall, &mut request).await;
        if let Ok(done) = done {
            return done.map_err(|error| super::pooled::classify(upstream, &error));
        }
        let now = progress.load(Ordering::Relaxed);
        if now == seen {
            return Err(stalled(upstream));
        }
        seen = now;
    }
}

async fn next_chunk(
    upstream: &Upstream,
    response: &mut reqwest::Response,
    stall: Duration,
) -> Result<Option<hyper::body::Bytes>, EgressError> {
    let chunk = tokio::time::timeout(stall, response.chunk()).await;
    let chunk = chunk.map_err(|_| stalled(upstream))?;
    chunk.map_err(|error| super::pooled::classify(upstream, &error))
}

fn stalled(upstream: &Upstream) -> EgressError {
    let what = "the transfer made no progress for too long";
    EgressError::for_upstream(upstream, EgressErrorKind::Timeout, WireEvidence::SomeBytesWritten, what)
}

fn too_large(upstream: &Upstream, most: u64) -> EgressError {
    let what = format!("response body exceeds the limit of {most} bytes");
    EgressError::for_upstream(upstream, EgressErrorKind::TooLarge, WireEvidence::StatusLineSeen, &what)
}

fn unwritten(upstream: &Upstream, error: &std::io::Error) -> EgressError {
    let what = format!("the response cannot be written: {error}");
    EgressError::for_upstream(
        upstream,
        EgressErrorKind::Interrupted,
        WireEvidence::StatusLineSeen,
        &what,
    )
}

#[cfg(test)]
mod tests;
