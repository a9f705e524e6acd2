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
use super::desk::{Desk, Naming};
use super::giving_way::GivingWay;
use super::linger::Lingering;
use super::refusals::Refusals;
use super::share::Shares;
use super::slots::{Full, Patience, Slot, Slots};
use super::{DOOR, LEAVING};
use crate::settings::Limits;
use crate::write_timeout;

/// Timeout for the request head on an overflow connection.
const DOOR_TIME: Duration = Duration::from_secs(1);

/// How long a body may take to arrive before its connection loses its slot if others need one. Agents send bodies in one go.
const BODY: Duration = Duration::from_secs(1);

/// Overflow connections are closed as soon as another connection needs their slot.
const DOOR_PATIENCE: Patience = Patience {
    idle: Duration::ZERO,
    body: Duration::ZERO,
};

/// Maximum number of overflow connections per client.
const DOOR_SHARE: usize = 8;

/// How long unread data of a client is discarded after its last response, before the connection is closed.
const LINGER: Duration = Duration::from_secs(1);

/// Accepts connections, and assigns each a slot, an overflow slot, or neither.
#[derive(Debug)]
pub(crate) struct Acceptor {
    router: Router,
    limits: Arc<Limits>,
    slots: Arc<Slots>,
    door: Arc<Slots>,
    shares: Arc<Shares>,
    connections: TaskTracker,
    stop: CancellationToken,
    refusals: Refusals,
}

impl Acceptor {
    pub(crate) fn new(router: Router, limits: Arc<Limits>, connections: TaskTracker, stop: CancellationToken) -> Self {
        let patience = Patience {
            idle: limits.settle_time,
            body: BODY,
        };
        Self {
            router,
            slots: Slots::new(limits.connections, limits.share, patience),
            door: Slots::new(DOOR - LEAVING, DOOR_SHARE, DOOR_PATIENCE),
            shares: Shares::new(limits.share),
            limits,
            connections,
            stop,
            refusals: Refusals::default(),
        }
    }

    pub(crate) async fn run(mut self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return self.take_the_rest(&listener).await,
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
        self.slots.shed();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    /// Serve one request on each connection that was in the listen queue when the shutdown began: the kernel has completed its
    /// handshake, so the client cannot tell that the host is stopping.
    async fn take_the_rest(&mut self, listener: &TcpListener) {
        for _ in 0..self.limits.connections {
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
            Ok(slot) => self.hold(stream, slot, trusted, None),
            Err(full) => {
                self.refusals.count(full, peer, &self.limits);
                if let Ok(slot) = self.door.take(client) {
                    self.hold(stream, slot, trusted, Some(full));
                }
            }
        }
    }

    fn hold(&self, stream: TcpStream, slot: Slot, trusted: bool, refused: Option<Full>) {
        let _ = stream.set_nodelay(true);
        let desk = Desk {
            router: self.router.clone(),
            place: slot.place(),
            naming: trusted.then(|| Naming {
                shares: Arc::clone(&self.shares),
                limits: Arc::clone(&self.limits),
            }),
            refused,
        };
        let http = builder(&self.limits, refused.is_some());
        let stop = self.stop.clone();
        let patience = self.limits.write_time;
        self.connections.spawn(async move {
            serve(http, desk, stream, patience, stop).await;
            drop(slot);
        });
    }
}

fn builder(limits: &Limits, at_the_door: bool) -> http1::Builder {
    let head_time = if at_the_door {
        limits.head_time.min(DOOR_TIME)
    } else {
        limits.head_time
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(head_time)
        .keep_alive(!at_the_door)
        // Higher than the limits of the router, which responds with a JSON error; hyper responds with a bare status.
        .max_headers(limits.headers.saturating_mul(4))
        .max_buf_size((limits.header_bytes + limits.uri).saturating_mul(4).max(16 * 1024));
    http
}

/// Serve a connection until the client closes it or the host shuts down.
async fn serve(http: http1::Builder, desk: Desk, stream: TcpStream, patience: Duration, stop: CancellationToken) {
    let stream = GivingWay::new(stream, Arc::clone(&desk.place));
    let stream = Lingering::new(stream, Arc::clone(&desk.place), LINGER);
    let stream = TokioIo::new(write_timeout::limited(stream, patience));
    let service = service_fn(move |request| {
        let desk = desk.clone();
        async move { Ok::<_, Infallible>(desk.answer(request).await) }
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
