//! Methods of [`Env`] that return the client of a capability.

use super::Env;
use crate::clients;

/// A call of a capability that the plugin does not export fails the test.
impl Env {
    /// Client of `pricing`: prices, discounts and codes.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let priced = env.pricing().price(cart().line("tee", 2)).await.unwrap();
    /// assert_eq!(priced.lines.len(), 1);
    /// # }
    /// ```
    #[must_use]
    pub const fn pricing(&self) -> clients::Pricing<'_> {
        clients::Pricing(self)
    }

    /// Client of `pricing-redemption`: uses of codes.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.pricing_redemption().redeem(&["SUMMER23"]).await.unwrap();
    /// # }
    /// ```
    #[must_use]
    pub const fn pricing_redemption(&self) -> clients::PricingRedemption<'_> {
        clients::PricingRedemption(self)
    }

    /// Client of `inventory`: stock and reservations.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let stock = env.inventory().check(cart().line("tee", 2)).await.unwrap();
    /// assert_eq!(stock[0].availability, "in_stock");
    /// # }
    /// ```
    #[must_use]
    pub const fn inventory(&self) -> clients::Inventory<'_> {
        clients::Inventory(self)
    }

    /// Client of `fulfillment`: options to ship or pick up.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let offer = env.fulfillment().options(cart().line("tee", 1).to(address::us("CA")), 25_00).await.unwrap();
    /// assert_eq!(offer.options[0].id, "standard");
    /// # }
    /// ```
    #[must_use]
    pub const fn fulfillment(&self) -> clients::Fulfillment<'_> {
        clients::Fulfillment(self)
    }

    /// Client of `tax`: taxes of lines, options and fees.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let taxed = env.tax().assess(cart().line("tee", 1).to(address::of("DE")), 25_00).await.unwrap();
    /// assert_eq!(line_tax(&taxed, "line_1"), Some(4_75));
    /// # }
    /// ```
    #[must_use]
    pub const fn tax(&self) -> clients::Tax<'_> {
        clients::Tax(self)
    }

    /// Client of `risk`: risk assessment before payment.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let decision = env.risk().assess(cart().line("tee", 1), 30_99).await.unwrap();
    /// assert_eq!(decision, tillhouse_plugin::risk::Decision::Allow);
    /// # }
    /// ```
    #[must_use]
    pub const fn risk(&self) -> clients::Risk<'_> {
        clients::Risk(self)
    }

    /// Client of `quoting`: all decisions of a quote at once.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let decided = env.quoting().quote(cart().line("tee", 2)).await.unwrap();
    /// assert_eq!(decided.stock.len(), 1);
    /// # }
    /// ```
    #[must_use]
    pub const fn quoting(&self) -> clients::Quoting<'_> {
        clients::Quoting(self)
    }

    /// Client of `sessions`: checkout sessions that end without an order.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.sessions().ended("canceled", cart().line("tee", 1)).await.unwrap();
    /// # }
    /// ```
    #[must_use]
    pub const fn sessions(&self) -> clients::Sessions<'_> {
        clients::Sessions(self)
    }

    /// Client of `orders` and `orders-notices`: identities, events and changes of orders.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let order = env.orders().identify(cart().line("tee", 1), money(30_99, "usd")).await.unwrap();
    /// assert_eq!(order.id, "order_test");
    /// # }
    /// ```
    #[must_use]
    pub const fn orders(&self) -> clients::Orders<'_> {
        clients::Orders(self)
    }

    /// Client of `presentation`: what buyers see of items and carts.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let page = env.presentation().page(cart().line("tee", 1)).await.unwrap();
    /// assert!(page.messages.is_empty());
    /// # }
    /// ```
    #[must_use]
    pub const fn presentation(&self) -> clients::Presentation<'_> {
        clients::Presentation(self)
    }

    /// Client of `payments` and of the optional `payments-…` capabilities.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let outcome = env.payments().charge(order().total(45_98, "usd"), card::visa()).await;
    /// assert_eq!(outcome, declined("insufficient_funds").retryable(true));
    /// # }
    /// ```
    #[must_use]
    pub const fn payments(&self) -> clients::Payments<'_> {
        clients::Payments(self)
    }

    /// Client of `lifecycle`: validation of the configuration.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.config("colour", "red");
    /// assert_eq!(env.lifecycle().problems().await[0].key, "colour");
    /// # }
    /// ```
    #[must_use]
    pub const fn lifecycle(&self) -> clients::Lifecycle<'_> {
        clients::Lifecycle(self)
    }
}
