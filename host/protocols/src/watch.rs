//! Watching requests: whoever watches is told of each, when it was answered.

use std::fmt;
use std::time::Duration;

/// Told of every request of the public listener. Called from the request's own task: it must not wait.
pub trait Watch: Send + Sync + fmt::Debug {
    /// This one was answered.
    fn answered(&self, request: &Answered<'_>);
}

/// A request, without its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// The path, as it was asked for.
    pub path: &'a str,
    /// Status of the answer.
    pub status: u16,
    /// How long it took.
    pub elapsed: Duration,
}
