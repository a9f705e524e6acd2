//! Simulated servers, one for each upstream of the plugin's manifest.
//!
//! They listen on loopback, and the plugin reaches them through the host's own egress: address rules, fills, scrubbing and
//! time limits are the real ones. What a server answers is scripted; what no script expects fails the test.
//!
//! ```no_run
//! # use tillhouse_harness::prelude::*;
//! # use std::time::Duration;
//! # async fn test(env: Env) {
//! let acquirer = env.upstream("acquirer")
//!     .expect(post("/v1/charges").header_secret("authorization", "api_key").json("/amount", 4598))
//!     .fail(Fault::ResetAfterRequest)
//!     .times(1)
//!     .expect(get("/v1/charges").query("reference", "ref_1"))
//!     .after(Duration::from_millis(5))
//!     .reply(200, json!({"data": []}));
//! let charged = env.payments().charge(order().total(45_98, "usd"), card::visa()).await;
//! # let _ = charged;
//! acquirer.assert_not_called();
//! # }
//! ```

mod matcher;
mod received;
mod script;
mod server;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

pub use matcher::{Matcher, delete, get, patch, post, put};
pub use received::Received;
pub use script::Fault;

pub(crate) use script::{Answer, Known, Otherwise};
use script::{Expectation, Script};
pub(crate) use server::Server;

/// A scripted server. Cheap to clone; clones are the same server.
#[derive(Clone, Debug)]
pub struct Upstream {
    name: Arc<str>,
    script: Arc<Mutex<Script>>,
}

impl Upstream {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            script: Arc::default(),
        }
    }

    /// Expect a request. The first expectation that fits a request, and has calls left, answers it.
    #[must_use = "an expectation needs an answer: `reply` or `fail`"]
    pub fn expect(&self, matcher: Matcher) -> Expecting {
        Expecting {
            upstream: self.clone(),
            matcher,
            after: Duration::ZERO,
        }
    }

    /// Every request that came, oldest first, expected or not.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.script().received.clone()
    }

    /// Fail unless no request came at all.
    ///
    /// # Panics
    /// When one did.
    #[track_caller]
    pub fn assert_not_called(&self) {
        let count = self.script().received.len();
        assert!(
            count == 0,
            "upstream `{}` was called {count} times; it should not have been",
            self.name
        );
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An expectation without an answer yet.
#[derive(Debug)]
#[must_use = "an expectation needs an answer: `reply` or `fail`"]
pub struct Expecting {
    upstream: Upstream,
    matcher: Matcher,
    after: Duration,
}

impl Expecting {
    /// Answer so late.
    pub const fn after(mut self, delay: Duration) -> Self {
        self.after = delay;
        self
    }

    /// Answer with a status and JSON.
    pub fn reply(self, status: u16, body: Value) -> Scripted {
        self.answer(Answer::Json(status, body))
    }

    /// Answer with a status and text.
    pub fn reply_text(self, status: u16, body: impl Into<String>) -> Scripted {
        self.answer(Answer::Text(status, body.into()))
    }

    /// Answer with what the function makes of the request: a status and JSON.
    pub fn reply_with(self, answer: impl Fn(&Received) -> (u16, Value) + Send + Sync + 'static) -> Scripted {
        self.answer(Answer::Computed(Arc::new(answer)))
    }

    /// Do not answer, in this way.
    pub fn fail(self, fault: Fault) -> Scripted {
        self.answer(Answer::Fault(fault))
    }

    fn answer(self, answer: Answer) -> Scripted {
        let index = {
            let mut script = self.upstream.script();
            script
                .expectations
                .push(Expectation::new(self.matcher, answer, self.after));
            script.expectations.len() - 1
        };
        Scripted {
            upstream: self.upstream,
            index,
        }
    }
}

/// An expectation with its answer.
#[derive(Clone, Debug)]
pub struct Scripted {
    upstream: Upstream,
    index: usize,
}

impl Scripted {
    /// Answer at most so many requests; without it, any number.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        self.with(|expectation| expectation.times = Some(times));
        self
    }

    /// Expect another request of the same upstream.
    #[must_use = "an expectation needs an answer: `reply` or `fail`"]
    pub fn expect(&self, matcher: Matcher) -> Expecting {
        self.upstream.expect(matcher)
    }

    /// How often it was called.
    #[must_use]
    pub fn called(&self) -> u32 {
        self.with(|expectation| expectation.calls)
    }

    /// Fail unless it was called exactly once.
    ///
    /// # Panics
    /// When it was not.
    #[track_caller]
    pub fn assert_called_once(&self) {
        self.assert_called(1);
    }

    /// Fail unless it was called exactly so often.
    ///
    /// # Panics
    /// When it was not.
    #[track_caller]
    pub fn assert_called(&self, times: u32) {
        let (calls, matcher) = self.with(|expectation| (expectation.calls, expectation.matcher.to_string()));
        let name = &self.upstream.name;
        assert!(
            calls == times,
            "upstream `{name}`: {matcher} was called {calls} times, and not {times}"
        );
    }

    /// Fail unless it was never called.
    ///
    /// # Panics
    /// When it was.
    #[track_caller]
    pub fn assert_not_called(&self) {
        self.assert_called(0);
    }

    fn with<T>(&self, look: impl FnOnce(&mut Expectation) -> T) -> T {
        let mut script = self.upstream.script();
        look(
            script
                .expectations
                .get_mut(self.index)
                .expect("an expectation that was made"),
        )
    }
}
