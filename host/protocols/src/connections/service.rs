//! The service that answers the requests of one connection.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::Request;
use hyper::body::{Body as _, Incoming};
use tower::ServiceExt;

use super::client::forwarded_client;
use super::request_body::RequestBody;
use super::request_limits::{ClientRequestLimits, RequestPermit};
use super::response_body::ResponseBody;
use super::slots::{LimitReached, SlotHandle};
use crate::error_response::ErrorResponse;
use crate::router::{error_at, is_health};
use crate::settings::Limits;

/// The service of one connection: checks the limits, then passes the request to the router.
#[derive(Clone, Debug)]
pub(super) struct ConnectionService {
    pub(super) router: Router,
    pub(super) handle: Arc<SlotHandle>,
    /// Set on the connection of a trusted proxy.
    pub(super) proxy_limits: Option<ProxyLimits>,
    /// Set on an overflow connection: why there was no regular slot.
    pub(super) refused: Option<LimitReached>,
}

/// Limits of concurrent requests per client behind a trusted proxy.
#[derive(Clone, Debug)]
pub(super) struct ProxyLimits {
    pub(super) request_limits: Arc<ClientRequestLimits>,
    pub(super) limits: Arc<Limits>,
}

impl ConnectionService {
    /// Answer a request. The connection is closed after an overflow request and while other connections have no slot.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<ResponseBody> {
        self.handle.set_working();
        let mut response = self.respond(request).await;
        if self.refused.is_some() || self.handle.is_pool_full() || self.handle.evicted().is_cancelled() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response.map(|body| ResponseBody::new(body, Arc::clone(&self.handle)))
    }

    async fn respond(&self, request: Request<Incoming>) -> Response {
        let request = request.map(|body| {
            if body.is_end_stream() {
                Body::empty()
            } else {
                Body::new(RequestBody::new(body, Arc::clone(&self.handle)))
            }
        });
        let path = request.uri().path();
        let _permit = if is_health(path) {
            None
        } else if let Some(limit) = self.refused {
            return error_at(path, ErrorResponse::busy(limit_message(limit)));
        } else {
            match self.take_request_permit(request.headers()) {
                Ok(permit) => permit,
                Err(error_response) => return error_at(path, error_response),
            }
        };
        self.router.clone().oneshot(request).await.into_response()
    }

    /// Count the request against the limit of the client that the proxy forwards for; 429 if the limit is reached.
    fn take_request_permit(&self, headers: &HeaderMap) -> Result<Option<RequestPermit>, ErrorResponse> {
        let Some(proxy_limits) = &self.proxy_limits else {
            return Ok(None);
        };
        let Some(client) = forwarded_client(headers, &proxy_limits.limits.trusted_proxies) else {
            return Ok(None);
        };
        let permit = proxy_limits.request_limits.take(client).ok_or_else(|| {
            let share = proxy_limits.limits.max_connections_per_client;
            let message = format!("too many concurrent requests from this address: the limit is {share}; retry later");
            ErrorResponse {
                status: StatusCode::TOO_MANY_REQUESTS,
                ..ErrorResponse::busy(message)
            }
        })?;
        Ok(Some(permit))
    }
}

const fn limit_message(limit: LimitReached) -> &'static str {
    match limit {
        LimitReached::Host => "all connections of the host are in use; retry later",
        LimitReached::Client => "too many connections from this address; close some, or retry later",
    }
}
