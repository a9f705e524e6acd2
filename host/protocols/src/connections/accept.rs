//! The accept loop. It uses hyper's HTTP/1 connection directly, because `axum::serve` has no setting for a timeout of the
//! request head.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::client::{Client, is_trusted};
use super::evictable_stream::EvictableStream;
use super::lingering_stream::LingeringStream;
use super::refusal_log::RefusalLog;
use super::request_limits::ClientRequestLimits;
use super::service::{ConnectionService, ProxyLimits};
use super::slots::{GracePeriods, LimitReached, Slot, Slots};
use super::{CLOSING_CONNECTIONS, OVERFLOW_CONNECTIONS};
use crate::settings::Limits;
use crate::write_timeout;

/// Timeout for the request head on an overflow connection.
const OVERFLOW_HEAD_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a body may take to arrive before its connection loses its slot if others need one. Agents send bodies in one go.
const BODY_GRACE: Duration = Duration::from_secs(1);

/// Overflow connections are closed as soon as another connection needs their slot.
const OVERFLOW_GRACE: GracePeriods = GracePeriods {
    idle: Duration::ZERO,
    body: Duration::ZERO,
};

/// Maximum number of overflow connections per client.
const OVERFLOW_PER_CLIENT: usize = 8;

/// How long unread data of a client is discarded after its last response, before the connection is closed.
const LINGER_TIMEOUT: Duration = Duration::from_secs(1);

/// Accepts connections, and assigns each a slot, an overflow slot, or neither.
#[derive(Debug)]
pub(crate) struct Acceptor {
    router: Router,
    limits: Arc<Limits>,
    slots: Arc<Slots>,
    overflow: Arc<Slots>,
    request_limits: Arc<ClientRequestLimits>,
    connections: TaskTracker,
    stop: CancellationToken,
    refusals: RefusalLog,
}

impl Acceptor {
    pub(crate) fn new(router: Router, limits: Arc<Limits>, connections: TaskTracker, stop: CancellationToken) -> Self {
        let grace = GracePeriods {
            idle: limits.idle_grace,
            body: BODY_GRACE,
        };
        Self {
            router,
            slots: Slots::new(limits.max_connections, limits.max_connections_per_client, grace),
            overflow: Slots::new(
                OVERFLOW_CONNECTIONS - CLOSING_CONNECTIONS,
                OVERFLOW_PER_CLIENT,
                OVERFLOW_GRACE,
            ),
            request_limits: ClientRequestLimits::new(limits.max_connections_per_client),
            limits,
            connections,
            stop,
            refusals: RefusalLog::default(),
        }
    }

    pub(crate) async fn run(mut self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return self.drain_listen_queue(&listener).await,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.admit(stream, peer.ip()),
                Err(error) => self.pause(&error).await,
            }
        }
    }

    /// Handle a failed accept, usually because there are no file descriptors left.
    async fn pause(&self, error: &io::Error) {
        tracing::warn!("failed to accept a connection: {error}; closing the longest idle one");
        self.slots.evict_longest_idle();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    /// Serve one request on each connection that was in the listen queue when the shutdown began: the kernel has completed its
    /// handshake, so the client cannot tell that the host is stopping.
    async fn drain_listen_queue(&mut self, listener: &TcpListener) {
        for _ in 0..self.limits.max_connections {
            let waiting = poll_fn(|cx| match listener.poll_accept(cx) {
                Poll::Ready(Ok(accepted)) => Poll::Ready(Some(accepted)),
                _ => Poll::Ready(None),
            });
            let Some((stream, peer)) = waiting.await else { return };
            self.admit(stream, peer.ip());
        }
    }

    /// Serve a connection in a slot or an overflow slot. If neither is free, the connection is closed without a response.
    fn admit(&mut self, stream: TcpStream, peer: IpAddr) {
        let trusted = is_trusted(peer, &self.limits.trusted_proxies);
        let client = (!trusted).then(|| Client::at(peer));
        match self.slots.take(client) {
            Ok(slot) => self.serve_in_slot(stream, slot, trusted, None),
            Err(limit) => {
                self.refusals.count(limit, peer, &self.limits);
                if let Ok(slot) = self.overflow.take(client) {
                    self.serve_in_slot(stream, slot, trusted, Some(limit));
                }
            }
        }
    }

    fn serve_in_slot(&self, stream: TcpStream, slot: Slot, trusted: bool, refused: Option<LimitReached>) {
        let _ = stream.set_nodelay(true);
        let service = ConnectionService {
            router: self.router.clone(),
            handle: slot.handle(),
            proxy_limits: trusted.then(|| ProxyLimits {
                request_limits: Arc::clone(&self.request_limits),
                limits: Arc::clone(&self.limits),
            }),
            refused,
        };
        let http = builder(&self.limits, refused.is_some());
        let stop = self.stop.clone();
        let write_timeout = self.limits.write_timeout;
        self.connections.spawn(async move {
            serve(http, service, stream, write_timeout, stop).await;
            drop(slot);
        });
    }
}

fn builder(limits: &Limits, overflow: bool) -> http1::Builder {
    let head_timeout = if overflow {
        limits.head_timeout.min(OVERFLOW_HEAD_TIMEOUT)
    } else {
        limits.head_timeout
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .keep_alive(!overflow)
        // Higher than the limits of the router, which responds with a JSON error; hyper responds with a bare status.
        .max_headers(limits.max_headers.saturating_mul(4))
        .max_buf_size(
            (limits.max_header_bytes + limits.max_uri_bytes)
                .saturating_mul(4)
                .max(16 * 1024),
        );
    http
}

/// Serve a connection until the client closes it or the host shuts down.
async fn serve(
    http: http1::Builder,
    service: ConnectionService,
    stream: TcpStream,
    timeout: Duration,
    stop: CancellationToken,
) {
    let stream = EvictableStream::new(stream, Arc::clone(&service.handle));
    let stream = LingeringStream::new(stream, Arc::clone(&service.handle), LINGER_TIMEOUT);
    let stream = TokioIo::new(write_timeout::limited(stream, timeout));
    let service = service_fn(move |request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(service.answer(request).await) }
    });
    let mut connection = pin!(http.serve_connection(stream, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("connection closed with an error: {error}");
    }
}
