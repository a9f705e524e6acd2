//! One request and its answer on one stream, driven step by step.

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

/// Most bytes kept while an answer is parsed: a head that is longer is refused.
const MAX_BUFFER: usize = 64 << 10;

/// hyper's connection. It is polled by whoever waits for one of its steps, never by a task of its own: when nobody waits,
/// nothing is written.
struct Driver {
    connection: Option<Connection<TokioIo<Watched<Link>>, Full<Bytes>>>,
    // Kept, because hyper begins to close a connection whose sender is gone.
    _sender: SendRequest<Full<Bytes>>,
}

impl Driver {
    fn poll(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && Pin::new(connection).poll(cx).is_ready()
        {
            // Whatever ended it is told to whoever waits for the answer.
            self.connection = None;
        }
    }

    /// Wait for this, driving the connection meanwhile.
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

/// A request on its way.
pub(super) struct Exchange {
    driver: Driver,
    pending: Pin<Box<dyn Future<Output = Head> + Send>>,
    /// The head of the answer, or what came instead, where it came before the request was out.
    early: Option<Head>,
    tally: Arc<Tally>,
}

impl Exchange {
    /// Take up the stream. Nothing is written yet.
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

    /// Write the request: until all of it is out, or an answer or a failure came first.
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

    /// Read the head of the answer.
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

/// An answer whose head was read.
pub(super) struct Reply {
    head: Response<Incoming>,
    driver: Driver,
}

/// Why an answer that began has no end.
pub(super) enum ReadFailure {
    /// It is none that the host takes.
    Unusable(EgressError),
    /// It broke off. Without an error, it ended before its announced length.
    Broke(Option<hyper::Error>),
}

impl Reply {
    /// Read the rest of it, within the limits.
    ///
    /// A body is complete with its announced length or its last chunk. A body that ends with the connection is complete when
    /// TLS says so (`close_notify`); in the clear the end cannot be told from a break, which is one reason why plain http is
    /// for simulators only.
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
