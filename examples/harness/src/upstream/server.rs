//! The socket of an upstream.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::Upstream;
use super::received::Received;
use super::script::{Answer, Compute, Fault, Reply};
use crate::caught::caught;

/// A port for one upstream, and one beside it where nobody listens.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) upstream: Upstream,
    address: SocketAddr,
    /// Bound and not listening, so that nobody else gets the port and connections are refused.
    closed: TcpSocket,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(upstream: Upstream) -> io::Result<Self> {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let closed = TcpSocket::new_v4()?;
        closed.bind(anywhere)?;
        let listener = TcpListener::bind(anywhere).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(serve(listener, upstream.clone()));
        Ok(Self {
            upstream,
            address,
            closed,
            task,
        })
    }

    /// Where the plugin is sent: the port where nobody listens, while the upstream is down.
    pub(crate) fn base(&self) -> String {
        let down = self.upstream.script().is_down();
        let closed = self.closed.local_addr().ok().filter(|_| down);
        format!("http://{}", closed.unwrap_or(self.address))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, upstream: Upstream) {
    while let Ok((stream, _)) = listener.accept().await {
        let upstream = upstream.clone();
        tokio::spawn(async move {
            // The other end is a plugin's host: what it makes of a connection that fails is what is tested.
            let _ = exchange(stream, &upstream).await;
        });
    }
}

/// One request and its answer: a connection of its own each, so that a fault spoils no other.
async fn exchange(mut stream: TcpStream, upstream: &Upstream) -> io::Result<()> {
    let Some(request) = Received::read(&mut stream).await? else {
        return Ok(());
    };
    let copy = request.clone();
    let Reply { answer, after, of } = upstream.script().answer(&upstream.name, request);
    if after > Duration::ZERO {
        tokio::time::sleep(after).await;
    }
    let whole = match answer {
        Answer::Json(status, body) => http(status, "application/json", body.to_string().as_bytes()),
        Answer::Text(status, body) => http(status, "text/plain", body.as_bytes()),
        Answer::Computed(compute) => computed(upstream, &*compute, &copy, &of),
        Answer::Fault(fault) => return fail(stream, fault).await,
    };
    stream.write_all(&whole).await?;
    stream.shutdown().await
}

/// A test asserts in there as well: what does not hold fails it, whatever the plugin makes of the answer.
fn computed(upstream: &Upstream, compute: &Compute, request: &Received, of: &str) -> Vec<u8> {
    let (status, body) = caught(|| compute(request)).unwrap_or_else(|panicked| {
        let mut script = upstream.script();
        let told = format!(
            "upstream `{}`: the reply_with of {of} panicked:\n{panicked}",
            upstream.name
        );
        let told = script.known.masked(&told);
        script.strays.push(told);
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
                .write_all(b"\x15\x03\x01\x00\x02\x02\x16 this is no HTTP\r\n\r\n")
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
