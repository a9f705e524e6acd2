//! One keep-alive HTTP connection: plain hyper, without a pool.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use tillhouse_console::CommandError;

/// Timeout of one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection to a server on this machine.
#[derive(Debug)]
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self, CommandError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // If the connection fails, the next request reports it.
        tokio::spawn(async move { connection.await.ok() });
        Ok(Self {
            sender,
            host: HeaderValue::from_str(&address.to_string())?,
        })
    }

    /// Open this many connections, one after the other.
    pub(super) async fn open_many(address: SocketAddr, count: usize) -> Result<Vec<Self>, CommandError> {
        let mut connections = Vec::with_capacity(count);
        for _ in 0..count {
            connections.push(Self::open(address).await?);
        }
        Ok(connections)
    }

    /// Post a JSON body and read the whole response.
    pub(super) async fn post(
        &mut self,
        path: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), CommandError> {
        let mut request = Request::post(path).body(Full::new(body))?;
        request.headers_mut().clone_from(headers);
        request.headers_mut().insert(HOST, self.host.clone());
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let exchange = async {
            self.sender.ready().await?;
            let answer = self.sender.send_request(request).await?;
            let status = answer.status();
            Ok::<_, hyper::Error>((status, answer.into_body().collect().await?.to_bytes()))
        };
        let answered = tokio::time::timeout(REQUEST_TIMEOUT, exchange).await;
        Ok(answered.map_err(|_| CommandError(format!("{path} was not answered within {REQUEST_TIMEOUT:?}")))??)
    }
}
