//! A request with its body and its connection.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::server::Connection;

/// A request as the pipeline of the simulators handles it.
#[derive(Debug)]
pub(crate) struct IncomingRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Bytes,
    pub(crate) connection: Connection,
    headers: HeaderMap,
}

impl IncomingRequest {
    pub(crate) fn idempotency_key(&self) -> Option<&str> {
        self.header("idempotency-key")
    }

    /// Value of a header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl IncomingRequest {
    /// A request whose body is read elsewhere.
    pub(crate) fn without_body(request: &Parts) -> Self {
        Self {
            method: request.method.to_string(),
            path: request.uri.path().to_owned(),
            query: form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            body: Bytes::new(),
            connection: request.extensions.get::<Connection>().cloned().unwrap_or_default(),
            headers: request.headers.clone(),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for IncomingRequest {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let head = Self::without_body(&parts);
        let body = Bytes::from_request(Request::from_parts(parts, body), state).await?;
        Ok(Self { body, ..head })
    }
}
