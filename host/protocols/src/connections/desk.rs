//! The service that answers the requests of one connection.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::Request;
use hyper::body::{Body as _, Incoming};
use tower::ServiceExt;

use super::answering::Answering;
use super::arriving::Arriving;
use super::client::named;
use super::share::{Shares, Taken};
use super::slots::{Full, Place};
use crate::problem::Problem;
use crate::respond::refuse;
use crate::router::is_health;
use crate::settings::Limits;

/// The service of one connection: checks the limits, then passes the request to the router.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) router: Router,
    pub(super) place: Arc<Place>,
    /// Set on the connection of a trusted proxy.
    pub(super) naming: Option<Naming>,
    /// Set on an overflow connection: why there was no regular slot.
    pub(super) refused: Option<Full>,
}

/// Limits of concurrent requests per client behind a trusted proxy.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    pub(super) shares: Arc<Shares>,
    pub(super) limits: Arc<Limits>,
}

impl Desk {
    /// Answer a request. The connection is closed after an overflow request and while other connections have no slot.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Answering> {
        self.place.works();
        let mut response = self.worked_out(request).await;
        if self.refused.is_some() || self.place.is_wanted() || self.place.leave().is_cancelled() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response.map(|body| Answering::new(body, Arc::clone(&self.place)))
    }

    async fn worked_out(&self, request: Request<Incoming>) -> Response {
        let request = request.map(|body| {
            if body.is_end_stream() {
                Body::empty()
            } else {
                Body::new(Arriving::new(body, Arc::clone(&self.place)))
            }
        });
        let _taken = if is_health(request.uri().path()) {
            None
        } else if let Some(full) = self.refused {
            return refuse(&Problem::busy(explained(full)));
        } else {
            match self.share(request.headers()) {
                Ok(taken) => taken,
                Err(problem) => return refuse(&problem),
            }
        };
        self.router.clone().oneshot(request).await.into_response()
    }

    /// Count the request against the limit of the client that the proxy forwards for; 429 if the limit is reached.
    fn share(&self, headers: &HeaderMap) -> Result<Option<Taken>, Problem> {
        let Some(naming) = &self.naming else { return Ok(None) };
        let Some(client) = named(headers, &naming.limits.trusted_proxies) else {
            return Ok(None);
        };
        let taken = naming.shares.take(client).ok_or_else(|| {
            let share = naming.limits.share;
            let message = format!("too many concurrent requests from this address: the limit is {share}; retry later");
            Problem {
                status: StatusCode::TOO_MANY_REQUESTS,
                ..Problem::busy(message)
            }
        })?;
        Ok(Some(taken))
    }
}

const fn explained(full: Full) -> &'static str {
    match full {
        Full::Host => "all connections of the host are in use; retry later",
        Full::Client => "too many connections from this address; close some, or retry later",
    }
}
