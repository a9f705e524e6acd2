//! Simulated servers, one for each upstream of the plugin's manifest.
//!
//! They listen on loopback, and the plugin reaches them through the host's own egress, with its address rules, fills,
//! scrubbing and timeouts. Answers are scripted; a request that the script does not expect fails the test.
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

use script::{Expectation, Script};
pub(crate) use script::{Fallback, KnownValues, UpstreamAnswer};
pub(crate) use server::Server;

/// A scripted server. Cheap to clone; clones share one server.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let acquirer = env.upstream("acquirer");
/// let charged = acquirer.expect(post("/charges")).reply(201, json!({"id": "ch_1"}));
/// let voided = acquirer.expect(post("/charges/ch_1/void")).reply(200, json!({}));
/// env.payments().void("ch_1").await.unwrap();
/// voided.assert_called_once();
/// charged.assert_not_called();
/// # }
/// ```
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

    /// Expects a request. The first expectation that matches a request and has calls left answers it.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let acquirer = env.upstream("acquirer");
    /// let _ = acquirer.expect(post("/charges")).reply(503, json!({})).times(1);
    /// let _ = acquirer.expect(post("/charges")).reply(201, json!({"id": "ch_1"}));
    /// # }
    /// ```
    #[must_use = "an expectation needs an answer: `reply` or `fail`"]
    pub fn expect(&self, matcher: Matcher) -> Expecting {
        Expecting {
            upstream: self.clone(),
            matcher,
            after: Duration::ZERO,
        }
    }

    /// Every request that arrived, oldest first, expected or not.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let _ = env.upstream("acquirer").expect(post("/charges")).reply(201, json!({}));
    /// env.payments().charge(order().total(45_98, "usd"), card::visa()).await.unwrap();
    /// assert_eq!(env.upstream("acquirer").requests()[0].json().unwrap()["amount"], 45_98);
    /// # }
    /// ```
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.script().received.clone()
    }

    /// Fails if any request arrived.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let outcome = env.payments().charge(order(), card::visa().without(Slot::Number)).await;
    /// assert_eq!(outcome, declined("processor_declined"));
    /// env.upstream("acquirer").assert_not_called();
    /// # }
    /// ```
    ///
    /// # Panics
    /// When a request arrived.
    #[track_caller]
    pub fn assert_not_called(&self) {
        let count = self.script().received.len();
        assert!(
            count == 0,
            "upstream `{}`: expected no requests, got {count}",
            self.name
        );
    }

    /// The host of a shop does not report refused connections, so a limited number of refusals would never end.
    pub(crate) fn fail_on_refusals_in_a_shop(&self) {
        let name = &self.name;
        let mut script = self.script();
        script.used_by_shop = true;
        if let Some(times) = script.refusals_left() {
            drop(script);
            panic!(
                "upstream `{name}` cannot be down {times} times in a shop, where refused connections are not counted: remove .times(…), \
                 and bring the upstream up again with .times(0)"
            );
        }
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An expectation that has no answer yet.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let charge = env.upstream("acquirer").expect(post("/charges"));
/// let _ = charge.reply(201, json!({"id": "ch_1"}));
/// # }
/// ```
#[derive(Debug)]
#[must_use = "an expectation needs an answer: `reply` or `fail`"]
pub struct Expecting {
    upstream: Upstream,
    matcher: Matcher,
    after: Duration,
}

impl Expecting {
    /// Delays the answer by this time.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use std::time::Duration;
    /// # async fn test(env: Env) {
    /// let _ = env.upstream("acquirer")
    ///     .expect(post("/charges"))
    ///     .after(Duration::from_millis(5))
    ///     .reply(201, json!({}));
    /// # }
    /// ```
    pub const fn after(mut self, delay: Duration) -> Self {
        self.after = delay;
        self
    }

    /// Answers with a status and JSON.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let _ = env.upstream("acquirer").expect(post("/charges")).reply(402, json!({"code": "expired_card"}));
    /// # }
    /// ```
    pub fn reply(self, status: u16, body: Value) -> Scripted {
        self.answer(UpstreamAnswer::Json(status, body))
    }

    /// Answers with a status and text.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let _ = env.upstream("acquirer").expect(post("/charges")).reply_text(502, "<html>Bad Gateway</html>");
    /// # }
    /// ```
    pub fn reply_text(self, status: u16, body: impl Into<String>) -> Scripted {
        self.answer(UpstreamAnswer::Text(status, body.into()))
    }

    /// Answers with what the function returns for the request: a status and JSON. A failed assertion in it fails the
    /// test.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let _ = env.upstream("acquirer").expect(post("/charges")).reply_with(|request| {
    ///     let body = request.json().unwrap_or_default();
    ///     (201, json!({"id": "ch_1", "amount": body["amount"]}))
    /// });
    /// # }
    /// ```
    pub fn reply_with(self, answer: impl Fn(&Received) -> (u16, Value) + Send + Sync + 'static) -> Scripted {
        self.answer(UpstreamAnswer::Computed(Arc::new(answer)))
    }

    /// Fails with this fault instead of an answer.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let _ = env.upstream("acquirer").expect(post("/charges")).fail(Fault::ResetAfterRequest);
    /// assert_eq!(env.payments().charge(order(), card::visa()).await, Ok(Outcome::Unknown(None)));
    /// # }
    /// ```
    pub fn fail(self, fault: Fault) -> Scripted {
        self.answer(UpstreamAnswer::Fault(fault))
    }

    fn answer(self, answer: UpstreamAnswer) -> Scripted {
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

/// An expectation and its answer.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let charged = env.upstream("acquirer").expect(post("/charges")).reply(201, json!({"id": "ch_1"}));
/// env.payments().charge(order(), card::visa()).await.unwrap();
/// assert_eq!(charged.called(), 1);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Scripted {
    upstream: Upstream,
    index: usize,
}

impl Scripted {
    /// Answers at most this many requests; the default is any number.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let acquirer = env.upstream("acquirer");
    /// let busy = acquirer.expect(post("/charges")).reply(429, json!({})).times(2);
    /// let _ = acquirer.expect(post("/charges")).reply(201, json!({"id": "ch_1"}));
    /// env.payments().charge(order(), card::visa()).await.unwrap();
    /// busy.assert_called(1);
    /// # }
    /// ```
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        self.with(|expectation| expectation.times = Some(times));
        self
    }

    /// Expects another request of the same upstream.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let _ = env.upstream("acquirer")
    ///     .expect(get("/charges/ch_1")).reply(404, json!({}))
    ///     .expect(get("/charges/ch_2")).reply(200, json!({"id": "ch_2"}));
    /// # }
    /// ```
    #[must_use = "an expectation needs an answer: `reply` or `fail`"]
    pub fn expect(&self, matcher: Matcher) -> Expecting {
        self.upstream.expect(matcher)
    }

    /// How many requests it answered.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let charged = env.upstream("acquirer").expect(post("/charges")).reply(201, json!({}));
    /// assert_eq!(charged.called(), 0);
    /// # }
    /// ```
    #[must_use]
    pub fn called(&self) -> u32 {
        self.with(|expectation| expectation.calls)
    }

    /// Fails unless it was called exactly once.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let charged = env.upstream("acquirer").expect(post("/charges")).reply(201, json!({}));
    /// env.payments().charge(order(), card::visa()).await.unwrap();
    /// charged.assert_called_once();
    /// # }
    /// ```
    ///
    /// # Panics
    /// When it was not called, or more than once.
    #[track_caller]
    pub fn assert_called_once(&self) {
        self.assert_called(1);
    }

    /// Fails unless it was called exactly this many times.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let listed = env.upstream("acquirer").expect(get("/charges")).reply(200, json!({"data": []}));
    /// for _ in 0..2 {
    ///     env.payments().lookup(money(45_98, "usd")).await.unwrap();
    /// }
    /// listed.assert_called(2);
    /// # }
    /// ```
    ///
    /// # Panics
    /// When it was called another number of times.
    #[track_caller]
    pub fn assert_called(&self, times: u32) {
        let (calls, matcher) = self.with(|expectation| (expectation.calls, expectation.matcher.to_string()));
        let name = &self.upstream.name;
        let refuses = self.with(|expectation| expectation.fails_by(Fault::Refused));
        assert!(
            !refuses || !self.upstream.script().used_by_shop,
            "upstream `{name}`: {matcher} refuses connections, which are not counted in a shop: check the result of \
             the purchase, or make the charge with env.payments()"
        );
        assert!(
            calls == times,
            "upstream `{name}`: expected {times} calls of {matcher}, got {calls}"
        );
    }

    /// Fails if it was ever called.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let refunded = env.upstream("acquirer").expect(post("/refunds")).reply(201, json!({}));
    /// refunded.assert_not_called();
    /// # }
    /// ```
    ///
    /// # Panics
    /// When it was called.
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
