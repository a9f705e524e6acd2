//! The server: its listener, its connections, and graceful shutdown.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connections::Acceptor;
use super::router::router;
use super::state::AppState;

/// Length of the listen queue, unless the kernel's limit (`net.core.somaxconn`) is lower. When the queue is full, the kernel
/// drops the SYN, and the client retransmits it after one second at the earliest.
const BACKLOG: u32 = 4096;

/// A listening server that accepts connections in a background task.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    state: AppState,
    stop: CancellationToken,
    accepting: JoinHandle<()>,
    connections: TaskTracker,
}

impl Server {
    /// Bind the address and serve. Port 0 takes any free port, which [`Server::address`] returns.
    ///
    /// # Errors
    /// When the address cannot be bound, for example because it is in use.
    pub async fn bind(address: SocketAddr, state: AppState) -> io::Result<Self> {
        let listener = listen(address)?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let connections = TaskTracker::new();
        let limits = Arc::clone(&state.limits);
        let acceptor = Acceptor::new(router(state.clone()), limits, connections.clone(), stop.clone());
        Ok(Self {
            address,
            state,
            stop,
            accepting: tokio::spawn(acceptor.run(listener)),
            connections,
        })
    }

    /// Local address of the listener, with the actual port.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answer 503 at `/readyz` from now on; all other requests are served as before.
    pub fn unready(&self) {
        self.state.set_ready(false);
    }

    /// Shut down gracefully: accept no more connections, and wait for requests in progress, at most `Limits::drain_timeout`.
    ///
    /// Requests are tracked independently of their connections: a request whose client disconnected is waited for as well.
    /// `false` if a request or connection was still open when the time was up.
    pub async fn shutdown(self) -> bool {
        self.state.set_ready(false);
        self.stop.cancel();
        self.connections.close();
        self.state.tasks.close();
        let all = async {
            let _ = self.accepting.await;
            self.connections.wait().await;
            self.state.tasks.wait().await;
        };
        tokio::time::timeout(self.state.limits.drain_timeout, all).await.is_ok()
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
