//! The accept loop: hyper's own HTTP/1 connection, because `axum::serve` has no timeout for the request head
//! (reliability reference §0.3).

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::router::router;
use super::settings::Limits;
use super::stall::Stalling;
use super::state::Edges;

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    edges: Edges,
    stop: CancellationToken,
    accepting: JoinHandle<()>,
    connections: TaskTracker,
}

impl Server {
    /// Listen and serve. Port 0 takes any free port; [`Server::address`] tells which.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn bind(address: SocketAddr, edges: Edges) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let connections = TaskTracker::new();
        let acceptor = Acceptor {
            http: builder(&edges.limits),
            router: router(edges.clone()),
            write_time: edges.limits.write_time,
            slots: Arc::new(Semaphore::new(edges.limits.connections)),
            connections: connections.clone(),
            stop: stop.clone(),
        };
        Ok(Self {
            address,
            edges,
            stop,
            accepting: tokio::spawn(acceptor.run(listener)),
            connections,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answer 503 at `/readyz` from now on, and everything else as before.
    pub fn unready(&self) {
        self.edges.set_ready(false);
    }

    /// Take no more connections, let requests come to their end within the drain time of the limits, and return.
    ///
    /// Requests are tracked apart from their connections: one whose client went away is waited for as well. `false` when
    /// something was still under way at the end of the time.
    pub async fn shutdown(self) -> bool {
        self.edges.set_ready(false);
        self.stop.cancel();
        self.connections.close();
        self.edges.tasks.close();
        let all = async {
            let _ = self.accepting.await;
            self.connections.wait().await;
            self.edges.tasks.wait().await;
        };
        tokio::time::timeout(self.edges.limits.drain, all).await.is_ok()
    }
}

fn builder(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        // Above the limits of the router, which answers in the shape of a protocol; here it is only said that it is too much.
        .max_headers(limits.headers.saturating_mul(4))
        .max_buf_size((limits.header_bytes + limits.uri).saturating_mul(4).max(16 * 1024));
    http
}

struct Acceptor {
    http: http1::Builder,
    router: Router,
    write_time: Duration,
    slots: Arc<Semaphore>,
    connections: TaskTracker,
    stop: CancellationToken,
}

impl Acceptor {
    async fn run(self, listener: TcpListener) {
        loop {
            // A slot first: when all are taken, further connections wait in the kernel's backlog.
            let Ok(slot) = self.slots.clone().acquire_owned().await else {
                return;
            };
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return self.take_the_rest(&listener).await,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => self.hold(stream, slot),
                Err(error) => {
                    tracing::warn!("accept: {error}");
                    // Out of file descriptors, usually: give connections time to end.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// Connections that the kernel has taken already: their clients were never told that the host stops. Each is served one
    /// request.
    async fn take_the_rest(&self, listener: &TcpListener) {
        while let Ok(slot) = self.slots.clone().try_acquire_owned() {
            let waiting = poll_fn(|cx| match listener.poll_accept(cx) {
                Poll::Ready(Ok((stream, _))) => Poll::Ready(Some(stream)),
                _ => Poll::Ready(None),
            });
            let Some(stream) = waiting.await else { return };
            self.hold(stream, slot);
        }
    }

    fn hold(&self, stream: TcpStream, slot: OwnedSemaphorePermit) {
        let connection = self.serve(stream);
        self.connections.spawn(async move {
            connection.await;
            drop(slot);
        });
    }

    fn serve(&self, stream: TcpStream) -> impl Future<Output = ()> + Send + 'static {
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(self.router.clone());
        let stream = TokioIo::new(Stalling::new(stream, self.write_time));
        let connection = self.http.serve_connection(stream, service);
        let stop = self.stop.clone();
        async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!("connection: {error}");
            }
        }
    }
}
