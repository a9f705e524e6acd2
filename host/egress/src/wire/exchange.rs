//! One request and its response on one stream, driven step by step.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Full};
use hyper::Response;
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::counted_stream::ObservedStream;
use super::observations::WireObservations;
use super::request_stream::RequestStream;
use super::wire_request::WireRequest;
use crate::error::EgressError;
use crate::request::HttpResponse;
use crate::response_reader::{MAX_HEADERS, ResponseReader};
use crate::upstream::Upstream;

/// Maximum bytes buffered while a response is parsed: a longer head is refused.
const MAX_BUFFER: usize = 64 << 10;

/// hyper's connection. It is polled only by the future that waits for one of its steps, never by a task of its own: when no
/// future waits, nothing is written.
struct ConnectionDriver {
    connection: Option<Connection<TokioIo<ObservedStream<RequestStream>>, Full<Bytes>>>,
    // Kept, because hyper closes a connection whose sender is dropped.
    _sender: SendRequest<Full<Bytes>>,
}

impl ConnectionDriver {
    fn poll(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && Pin::new(connection).poll(cx).is_ready()
        {
            // The future that waits for the response gets the error.
            self.connection = None;
        }
    }

    /// Waits for `step` while polling the connection.
    async fn run_until<T>(&mut self, step: impl Future<Output = T>) -> T {
        let mut step = pin!(step);
        poll_fn(|cx| {
            self.poll(cx);
            step.as_mut().poll(cx)
        })
        .await
    }
}

type HeadResult = hyper::Result<Response<Incoming>>;

/// A request in progress.
pub(super) struct HttpExchange {
    driver: ConnectionDriver,
    pending: Pin<Box<dyn Future<Output = HeadResult> + Send>>,
    /// The head of the response, or the error, if it came before the whole request was written.
    early: Option<HeadResult>,
    observations: Arc<WireObservations>,
}

impl HttpExchange {
    /// Takes over the stream. Nothing is written yet.
    pub(super) async fn begin(
        stream: RequestStream,
        request: WireRequest,
        observations: Arc<WireObservations>,
    ) -> hyper::Result<Self> {
        let stream = ObservedStream::new(stream, request.body_length, Arc::clone(&observations));
        let (mut sender, connection) = Builder::new()
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_BUFFER)
            .handshake(TokioIo::new(stream))
            .await?;
        let pending = Box::pin(sender.send_request(request.request));
        Ok(Self {
            driver: ConnectionDriver {
                connection: Some(connection),
                _sender: sender,
            },
            pending,
            early: None,
            observations,
        })
    }

    /// Writes the request, until all of it is written, or a response or a failure came first.
    pub(super) async fn write(&mut self) {
        poll_fn(|cx| {
            self.driver.poll(cx);
            if self.early.is_none()
                && let Poll::Ready(head) = self.pending.as_mut().poll(cx)
            {
                self.early = Some(head);
            }
            if self.early.is_some() || self.observations.is_request_written() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    pub(super) async fn read_head(mut self) -> hyper::Result<ResponseHead> {
        let head = match self.early {
            Some(head) => head,
            None => self.driver.run_until(&mut self.pending).await,
        };
        let head = head?;
        self.observations.record_response_begun();
        Ok(ResponseHead {
            head,
            driver: self.driver,
        })
    }
}

/// A response whose head was read.
pub(super) struct ResponseHead {
    head: Response<Incoming>,
    driver: ConnectionDriver,
}

/// Why a response that began is not complete.
pub(super) enum ReadError {
    /// It exceeds a limit of the host.
    Unusable(EgressError),
    /// The connection was lost. Without an error, it ended before its announced length.
    ConnectionLost(Option<hyper::Error>),
}

impl ResponseHead {
    /// Reads the rest of the response, within the limits.
    ///
    /// A body is complete with its announced length or its last chunk. A body that ends with the connection is complete if TLS
    /// confirms it (`close_notify`); over plain http that end is indistinguishable from a lost connection, which is one reason
    /// why plain http is for simulators only.
    pub(super) async fn read_response(
        mut self,
        upstream: &Upstream,
        max_body: usize,
    ) -> Result<HttpResponse, ReadError> {
        let announced = self.head.body().size_hint();
        let (status, headers) = (self.head.status(), self.head.headers());
        let mut reader = ResponseReader::begin(upstream, max_body, status, headers, announced.lower())
            .map_err(ReadError::Unusable)?;
        if reader.skips_body() {
            return Ok(reader.finish());
        }
        while let Some(frame) = self.driver.run_until(self.head.body_mut().frame()).await {
            let frame = frame.map_err(|error| ReadError::ConnectionLost(Some(error)))?;
            if let Some(chunk) = frame.data_ref() {
                reader.append(chunk).map_err(ReadError::Unusable)?;
            }
        }
        if announced
            .exact()
            .is_some_and(|length| u64::try_from(reader.body_length()) != Ok(length))
        {
            return Err(ReadError::ConnectionLost(None));
        }
        Ok(reader.finish())
    }
}
