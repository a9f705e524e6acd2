//! Requests that this simulator sends.

use std::io;

use axum::body::Bytes;
use axum::http::{Request, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// Maximum size of an answer.
const MAX_ANSWER: usize = 1024 * 1024;

/// A POST that is not sent yet.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Outgoing {
    /// Path of the URL, for the transcript.
    pub(crate) fn path(&self) -> String {
        let uri: Result<Uri, _> = self.url.parse();
        uri.map_or_else(|_| self.url.clone(), |uri| uri.path().to_owned())
    }

    /// Sends the request on a connection of its own, so that it closes when the caller stops waiting.
    pub(crate) async fn send(self) -> io::Result<(u16, Bytes)> {
        let mut request = Request::post(self.url);
        if !self.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(self.body)).map_err(io::Error::other)?;
        let client = Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .build_http();
        let answer = client.request(request).await.map_err(io::Error::other)?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        Ok((status, body.map_err(io::Error::other)?.to_bytes()))
    }
}
