//! A server: its listener, its connections, and their end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connections::Acceptor;
use super::router::router;
use super::state::Edges;

/// Connections that the kernel keeps until they are accepted, where its own limit (`net.core.somaxconn`) is not lower. When they
/// are too many it drops what comes, and a client tries again after a second at the earliest.
const BACKLOG: u32 = 4096;

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
        let listener = listen(address)?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let connections = TaskTracker::new();
        let limits = Arc::clone(&edges.limits);
        let acceptor = Acceptor::new(router(edges.clone()), limits, connections.clone(), stop.clone());
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

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
