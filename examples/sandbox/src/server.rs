//! A small HTTP server on loopback: axum's router over hyper's http1 connections.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Timeout for the head of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may take for its last exchange after the server is stopped.
const GRACE: Duration = Duration::from_secs(2);

/// Shared by the server and the tasks it started: the signal to stop, and the tasks to wait for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifetime {
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

/// The connection of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection(CancellationToken);

impl Connection {
    /// Closes the connection without an answer; never returns, because the caller's task ends with the connection.
    pub(crate) async fn cut(&self) -> Infallible {
        self.0.cancel();
        pending().await
    }
}

/// A listening server; when it is dropped, it stops accepting and lets its connections end.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    lifetime: Lifetime,
}

impl Server {
    /// Listens on 127.0.0.1 at `port`, or on a free port for 0.
    ///
    /// # Errors
    /// When the port cannot be bound, usually because it is in use.
    pub(crate) async fn start(router: Router, port: u16, lifetime: Lifetime) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        lifetime.tasks.spawn(accept(listener, router, lifetime.clone()));
        Ok(Self { address, lifetime })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting and waits until every connection and task has ended.
    pub(crate) async fn stop(&self) {
        self.lifetime.stop.cancel();
        self.lifetime.tasks.close();
        self.lifetime.tasks.wait().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.lifetime.stop.cancel();
    }
}

async fn accept(listener: TcpListener, router: Router, lifetime: Lifetime) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = lifetime.stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                lifetime
                    .tasks
                    .spawn(serve(stream, router.clone(), lifetime.stop.clone()));
            }
            // Usually the process has no file descriptors left: wait for some to be closed instead of spinning.
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, router: Router, stop: CancellationToken) {
    // Without it, a small answer waits for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let connection = Connection::default();
    let cut = connection.0.clone();
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(connection.clone());
        router.call(request)
    });
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut http = pin!(http);
    tokio::select! {
        ended = http.as_mut() => return log_end(ended),
        () = cut.cancelled() => return,
        () = stop.cancelled() => http.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        ended = http => log_end(ended),
        () = cut.cancelled() => {}
        () = tokio::time::sleep(GRACE) => tracing::debug!("connection did not end in time"),
    }
}

fn log_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}
