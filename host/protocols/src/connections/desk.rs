//! Where the requests of a connection are answered.

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

/// What answers on one connection.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) router: Router,
    pub(super) place: Arc<Place>,
    /// On the connection of a trusted proxy.
    pub(super) naming: Option<Naming>,
    /// Why there was no slot, at the door.
    pub(super) refused: Option<Full>,
}

/// A proxy that is trusted to name its clients, each of which has its share.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    pub(super) shares: Arc<Shares>,
    pub(super) limits: Arc<Limits>,
}

impl Desk {
    /// Answer a request, and say whether the connection is kept: not at the door, and not while others have no slot.
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

    /// A part of the share of the client that the proxy names.
    fn share(&self, headers: &HeaderMap) -> Result<Option<Taken>, Problem> {
        let Some(naming) = &self.naming else { return Ok(None) };
        let Some(client) = named(headers, &naming.limits.trusted_proxies) else {
            return Ok(None);
        };
        let taken = naming.shares.take(client).ok_or_else(|| {
            let share = naming.limits.share;
            let message =
                format!("{share} requests of this address are under way, which is all that one may have; try again");
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
        Full::Host => "every connection is taken; try again",
        Full::Client => "this address has all the connections that one may have; close some, or try again",
    }
}
