//! A listening port that can refuse connections.

use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;

/// Maximum number of pending connections.
const BACKLOG: u32 = 128;

/// A port of its own. While closed, it refuses connections and stays reserved: a socket that does not listen is bound to it.
#[derive(Debug)]
pub(super) struct RefusingListener {
    address: SocketAddr,
    _reserved: TcpSocket,
    listener: Mutex<Option<TcpListener>>,
    state_changed: Notify,
}

impl RefusingListener {
    /// Opens a free port.
    pub(super) fn bind_free_port() -> Self {
        let reserved = bound_to(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let address = reserved.local_addr().expect("a bound socket has an address");
        let listener = Self {
            address,
            _reserved: reserved,
            listener: Mutex::new(None),
            state_changed: Notify::new(),
        };
        listener.open();
        listener
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn open(&self) {
        let listener = bound_to(self.address)
            .listen(BACKLOG)
            .expect("the reserved port can be listened on");
        *self.listener() = Some(listener);
        self.state_changed.notify_waiters();
    }

    /// Refuses connections from now on: effective when this returns.
    pub(super) fn close(&self) {
        self.listener().take();
        self.state_changed.notify_waiters();
    }

    pub(super) fn is_open(&self) -> bool {
        self.listener().is_some()
    }

    /// Accepts the next connection.
    pub(super) async fn accept(&self) -> TcpStream {
        loop {
            // Registered before the listener is checked, so that no change is missed.
            let state_changed = self.state_changed.notified();
            let next = poll_fn(|context| match self.listener().as_ref() {
                Some(listener) => listener.poll_accept(context),
                None => Poll::Pending,
            });
            tokio::select! {
                next = next => if let Ok((stream, _)) = next {
                    return stream;
                },
                () = state_changed => {}
            }
        }
    }

    /// Returns when the port is closed.
    pub(super) async fn closed(&self) {
        loop {
            let state_changed = self.state_changed.notified();
            if !self.is_open() {
                return;
            }
            state_changed.await;
        }
    }

    fn listener(&self) -> MutexGuard<'_, Option<TcpListener>> {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket bound to an address. Sockets with address reuse can share one, as long as at most one of them listens.
fn bound_to(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket can be created");
    socket.set_reuseaddr(true).expect("the address can be reused");
    socket.bind(address).expect("the address is free");
    socket
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::io::ErrorKind;

    use super::*;

    #[tokio::test]
    async fn a_closed_door_refuses_and_opens_again_on_the_same_port() {
        let listener = RefusingListener::bind_free_port();
        for _ in 0..2 {
            let (here, _there) = tokio::join!(TcpStream::connect(listener.address()), listener.accept());
            here.unwrap();
            listener.close();
            let refused = TcpStream::connect(listener.address()).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
            listener.open();
        }
    }
}
