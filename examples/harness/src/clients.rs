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

mod orders;
mod payments;
mod presentation;
mod quoting;
mod selling;
mod sessions;

pub use orders::Orders;
pub use payments::Payments;
pub use presentation::Presentation;
pub use quoting::Quoting;
pub use selling::{Fulfillment, Inventory, Pricing, PricingRedemption, Risk, Tax};
pub use sessions::Sessions;

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;
use tillhouse_plugin::lifecycle::Diagnostic;
use tillhouse_plugin_protocol::Function;

use crate::Call;
use crate::env::Env;

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
    pub async fn problems(self) -> Vec<Diagnostic> {
        problems_of(self.0).await
    }
}

/// Boxed, so that the tests of a plugin do not each compile it again.
fn problems_of(env: &Env) -> Pin<Box<dyn Future<Output = Vec<Diagnostic>> + Send + '_>> {
    Box::pin(async move {
        let problems = env.install_if_changed().await.err().unwrap_or_default();
        let problems = problems.into_iter();
        problems
            .map(|problem| Diagnostic::new(problem.key, problem.message))
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
