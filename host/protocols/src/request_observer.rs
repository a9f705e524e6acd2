//! Observers of requests: called for each request after its response is ready.

use std::fmt;
use std::time::Duration;

/// An observer of the requests of the public listener. Called from the task of the request, so it must not block.
pub trait RequestObserver: Send + Sync + fmt::Debug {
    /// Called when the response is ready, before it is written.
    fn on_response(&self, request: &ObservedRequest<'_>);
}

/// Method, path and result of a request, without headers and body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObservedRequest<'a> {
    /// HTTP method as received: `GET`, `POST`.
    pub method: &'a str,
    /// Path as received, with the prefix `/m/{merchant}` if there was one.
    pub path: &'a str,
    /// HTTP status of the response, for example 201.
    pub status: u16,
    /// Time from the request head to the response.
    pub elapsed: Duration,
}
