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

use super::counted::Watched;
use super::link::Link;
use super::message::Message;
use super::tally::Tally;
use crate::answer::{Answer, MAX_HEADERS};
use crate::error::EgressError;
use crate::request::HttpResponse;
use crate::upstream::Upstream;

/// Maximum bytes buffered while a response is parsed: a longer head is refused.
const MAX_BUFFER: usize = 64 << 10;

/// hyper's connection. It is polled only by the future that waits for one of its steps, never by a task of its own: when no
/// future waits, nothing is written.
struct Driver {
    connection: Option<Connection<TokioIo<Watched<Link>>, Full<Bytes>>>,
    // Kept, because hyper closes a connection whose sender is dropped.
    _sender: SendRequest<Full<Bytes>>,
}

impl Driver {
    fn poll(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && Pin::new(connection).poll(cx).is_ready()
        {
            // The future that waits for the response gets the error.
            self.connection = None;
        }
    }

    /// Waits for `step` while polling the connection.
    async fn until<T>(&mut self, step: impl Future<Output = T>) -> T {
        let mut step = pin!(step);
        poll_fn(|cx| {
            self.poll(cx);
            step.as_mut().poll(cx)
        })
        .await
    }
}

type Head = hyper::Result<Response<Incoming>>;

/// A request in progress.
pub(super) struct Exchange {
    driver: Driver,
    pending: Pin<Box<dyn Future<Output = Head> + Send>>,
    /// The head of the response, or the error, if it came before the whole request was written.
    early: Option<Head>,
    tally: Arc<Tally>,
}

impl Exchange {
    /// Takes over the stream. Nothing is written yet.
    pub(super) async fn begin(link: Link, message: Message, tally: Arc<Tally>) -> hyper::Result<Self> {
        let stream = Watched::new(link, message.body, Arc::clone(&tally));
        let (mut sender, connection) = Builder::new()
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_BUFFER)
            .handshake(TokioIo::new(stream))
            .await?;
        let pending = Box::pin(sender.send_request(message.request));
        Ok(Self {
            driver: Driver {
                connection: Some(connection),
                _sender: sender,
            },
            pending,
            early: None,
            tally,
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
            if self.early.is_some() || self.tally.is_out() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    pub(super) async fn read_head(mut self) -> hyper::Result<Reply> {
        let head = match self.early {
            Some(head) => head,
            None => self.driver.until(&mut self.pending).await,
        };
        let head = head?;
        self.tally.answer_began();
        Ok(Reply {
            head,
            driver: self.driver,
        })
    }
}

/// A response whose head was read.
pub(super) struct Reply {
    head: Response<Incoming>,
    driver: Driver,
}

/// Why a response that began is not complete.
pub(super) enum ReadFailure {
    /// It exceeds a limit of the host.
    Unusable(EgressError),
    /// The connection was lost. Without an error, it ended before its announced length.
    Broke(Option<hyper::Error>),
}

impl Reply {
    /// Reads the rest of the response, within the limits.
    ///
    /// A body is complete with its announced length or its last chunk. A body that ends with the connection is complete if TLS
    /// confirms it (`close_notify`); over plain http that end is indistinguishable from a lost connection, which is one reason
    /// why plain http is for simulators only.
    pub(super) async fn read(mut self, upstream: &Upstream, cap: usize) -> Result<HttpResponse, ReadFailure> {
        let announced = self.head.body().size_hint();
        let (status, headers) = (self.head.status(), self.head.headers());
        let mut answer =
            Answer::begin(upstream, cap, status, headers, announced.lower()).map_err(ReadFailure::Unusable)?;
        if answer.is_enough() {
            return Ok(answer.end());
        }
        while let Some(frame) = self.driver.until(self.head.body_mut().frame()).await {
            let frame = frame.map_err(|error| ReadFailure::Broke(Some(error)))?;
            if let Some(chunk) = frame.data_ref() {
                answer.take(chunk).map_err(ReadFailure::Unusable)?;
            }
        }
        if announced
            .exact()
            .is_some_and(|length| u64::try_from(answer.taken()) != Ok(length))
        {
            return Err(ReadFailure::Broke(None));
        }
        Ok(answer.end())
    }
}
