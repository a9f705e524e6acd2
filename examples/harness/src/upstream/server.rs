//! The listening socket of an upstream.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::Upstream;
use super::received::Received;
use super::script::{Compute, Fault, MatchedAnswer, UpstreamAnswer};
use crate::catch_panic::catch_panic;

/// The server of one upstream.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) upstream: Upstream,
    port: Arc<Port>,
}

/// A port that accepts connections while its upstream is up, and refuses them while it is down.
#[derive(Debug)]
struct Port {
    address: SocketAddr,
    /// Bound and never listening, so that no other process gets the port while it is closed.
    _held: TcpSocket,
    open: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    pub(crate) async fn start(upstream: Upstream) -> io::Result<Self> {
        let held = socket(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let port = Arc::new(Port {
            address: held.local_addr()?,
            _held: held,
            open: Mutex::default(),
        });
        port.sync_with_script(&upstream).await?;
        Ok(Self { upstream, port })
    }

    /// Base URL of the upstream.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.port.address)
    }

    /// Opens or closes the port, as the script now requires.
    pub(crate) async fn sync_with_script(&self) {
        self.port
            .sync_with_script(&self.upstream)
            .await
            .expect("the port of an upstream");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The lock is free unless a call is running, and a test that ends does not wait for calls.
        if let Ok(mut open) = self.port.open.try_lock()
            && let Some(task) = open.take()
        {
            task.abort();
        }
    }
}

impl Port {
    async fn sync_with_script(self: &Arc<Self>, upstream: &Upstream) -> io::Result<()> {
        let mut open = self.open.lock().await;
        let down = upstream.script().is_down();
        if down && let Some(task) = open.take() {
            task.abort();
            // The listener is closed when its task has ended.
            let _ = task.await;
        } else if !down && open.is_none() {
            let listener = socket(self.address)?.listen(64)?;
            *open = Some(tokio::spawn(serve(listener, Arc::clone(self), upstream.clone())));
        }
        Ok(())
    }
}

/// Several sockets may be bound to the port; only the one that listens gets connections.
fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Boxed because it is recursive: an exchange may open the port again, which starts this task.
fn serve(listener: TcpListener, port: Arc<Port>, upstream: Upstream) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (port, upstream) = (Arc::clone(&port), upstream.clone());
            tokio::spawn(async move {
                // An error is expected here: how the plugin's host handles a failed connection is under test.
                let _ = exchange(stream, &port, &upstream).await;
            });
        }
    })
}

/// One request and its answer. Each has a connection of its own, so that a fault does not affect others.
async fn exchange(mut stream: TcpStream, port: &Arc<Port>, upstream: &Upstream) -> io::Result<()> {
    let Some(request) = Received::read(&mut stream).await? else {
        return Ok(());
    };
    let copy = request.clone();
    let MatchedAnswer { answer, after, of } = upstream.script().answer(&upstream.name, request);
    // Before the answer is sent: if the upstream goes down next, the next request is refused.
    port.sync_with_script(upstream).await?;
    if after > Duration::ZERO {
        tokio::time::sleep(after).await;
    }
    let whole = match answer {
        UpstreamAnswer::Json(status, body) => http(status, "application/json", body.to_string().as_bytes()),
        UpstreamAnswer::Text(status, body) => http(status, "text/plain", body.as_bytes()),
        UpstreamAnswer::Computed(compute) => compute_answer(upstream, &*compute, &copy, &of),
        UpstreamAnswer::Fault(fault) => return fail(stream, fault).await,
    };
    stream.write_all(&whole).await?;
    stream.shutdown().await
}

/// An assertion in the function that fails also fails the test, whatever the plugin does with the answer.
fn compute_answer(upstream: &Upstream, compute: &Compute, request: &Received, of: &str) -> Vec<u8> {
    let (status, body) = catch_panic(|| compute(request)).unwrap_or_else(|panicked| {
        let mut script = upstream.script();
        let message = format!(
            "upstream `{}`: the function given to reply_with of {of} panicked:\n{panicked}",
            upstream.name
        );
        let message = script.known.masked(&message);
        script.unexpected.push(message);
        (501, json!({"error": "the test does not expect this request"}))
    });
    http(status, "application/json", body.to_string().as_bytes())
}

async fn fail(mut stream: TcpStream, fault: Fault) -> io::Result<()> {
    let whole = http(200, "application/json", &[b' '; 64]);
    let half = whole.get(..whole.len() - 32).unwrap_or_default();
    match fault {
        // Until the other end gives up, or the test ends.
        Fault::Timeout => std::future::pending::<()>().await,
        Fault::ResetAfterRequest | Fault::Refused => stream.set_zero_linger()?,
        Fault::ResetBeforeAnswer => {
            stream.set_zero_linger()?;
            stream.write_all(b"HTTP/1.1 200").await?;
        }
        Fault::Truncated => {
            stream.write_all(half).await?;
            stream.shutdown().await?;
        }
        Fault::Garbage => {
            stream
                .write_all(b"\x15\x03\x01\x00\x02\x02\x16 this is not HTTP\r\n\r\n")
                .await?;
            stream.shutdown().await?;
        }
    }
    Ok(())
}

fn http(status: u16, kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len(),
    );
    [head.as_bytes(), body].concat()
}
