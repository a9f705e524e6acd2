//! Typed clients of the plugin, one for each capability, with the types of `tillhouse-plugin`.
//!
//! Each method returns a [`Call`]; awaited, it gives the function's own result, `Result<T, Failure>`. The [`Env`] fills
//! in what a host would provide: context, credential, and the circumstances of the operation.
//!
//! ```no_run
//! # use tillhouse_harness::prelude::*;
//! # async fn test(env: Env) {
//! let stock = env.inventory().check(cart().line("tee", 2)).await.unwrap();
//! assert_eq!(stock[0].availability, "in_stock");
//! let held = env.inventory().reserve("r1", cart().line("tee", 2)).operation(&operation("1")).await;
//! # let _ = held;
//! # }
//! ```

mod payments;
mod presentation;
mod selling;

pub use payments::Payments;
pub use presentation::Presentation;
pub use selling::{Fulfillment, Inventory, Pricing, PricingRedemption, Risk, Tax};

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;
use tillhouse_plugin::lifecycle::Problem;
use tillhouse_plugin::orders::{Draft, Event, Identity};
use tillhouse_plugin::types::{Cart, Money};
use tillhouse_plugin_protocol::Function;

use crate::Call;
use crate::env::Env;

/// Client of the capability `orders`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let order = env.orders().identify(cart().line("tee", 1), money(30_99, "usd")).await.unwrap();
/// assert!(order.permalink.ends_with(&order.id));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Orders<'e>(pub(crate) &'e Env);

impl<'e> Orders<'e> {
    /// `orders.identify`: the identity of an order with this cart and total.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let identify = |id| env.orders().identify(cart().line("tee", 1), money(30_99, "usd")).operation(&operation(id));
    /// assert_ne!(identify("1").await.unwrap().id, identify("2").await.unwrap().id);
    /// # }
    /// ```
    pub fn identify(self, cart: impl Into<Cart>, total: Money) -> Call<'e, Identity> {
        self.identify_cart(cart.into(), total)
    }

    fn identify_cart(self, cart: Cart, total: Money) -> Call<'e, Identity> {
        let draft = Draft {
            cart,
            total,
            extensions: Vec::new(),
        };
        Call::new(self.0, Function::IdentifyOrder)
            .acting()
            .with("draft", &draft)
    }

    /// `orders.notify`: an event of an order, of the kind `created` or `canceled`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.orders().notify("order_1", "created", money(30_99, "usd")).await.unwrap();
    /// assert_eq!(env.requests()[0].path, "/orders");
    /// # }
    /// ```
    pub fn notify(self, order: &str, kind: &str, total: Money) -> Call<'e, ()> {
        let event = Event {
            order: order.to_owned(),
            kind: kind.to_owned(),
            total,
            extensions: Vec::new(),
        };
        Call::new(self.0, Function::NotifyOrder).acting().with("event", &event)
    }
}

/// Client of the capability `lifecycle`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// assert_eq!(env.lifecycle().problems().await, [], "what lies beside the plugin is good");
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle<'e>(pub(crate) &'e Env);

impl Lifecycle<'_> {
    /// The problems that the plugin reports in its configuration; empty if there are none or it has no `lifecycle`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.config("shipping.price", "cheap");
    /// assert_eq!(env.lifecycle().problems().await[0].key, "shipping.price");
    /// # }
    /// ```
    pub async fn problems(self) -> Vec<Problem> {
        problems_of(self.0).await
    }
}

/// Boxed, so that the tests of a plugin do not each compile it again.
fn problems_of(env: &Env) -> Pin<Box<dyn Future<Output = Vec<Problem>> + Send + '_>> {
    Box::pin(async move {
        let problems = env.install_if_changed().await.err().unwrap_or_default();
        let problems = problems.into_iter();
        problems
            .map(|problem| Problem::new(problem.key, problem.message))
            .collect()
    })
}

impl Env {
    /// Calls any function by name: `pricing.price`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let answer = env.call("pricing.price", json!({"cart": {"lines": []}})).await.unwrap();
    /// assert_eq!(answer["lines"], json!([]));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the contract does not have the function.
    pub fn call(&self, function: &str, arguments: Value) -> Call<'_, Value> {
        let found = Function::named(function);
        let found = found.unwrap_or_else(|| panic!("the contract has no function `{function}`"));
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let call = Call::new(self, found);
        arguments
            .iter()
            .fold(call, |call, (name, value)| call.with(name, value))
    }
}
