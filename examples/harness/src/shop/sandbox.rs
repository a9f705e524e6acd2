//! The simulators of a shop, as far as a test can read them.

use serde_json::Value;
use tillhouse_plugin_protocol::shop::{Opened, ReadLedger};

use crate::program::Program;

/// The simulators that a shop uses. They run in the program, like the shop.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let shop = env.shop().await;
/// assert_eq!(shop.sandbox().acquirer.ledger().charges().len(), 0);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// The simulated card acquirer.
    pub acquirer: Acquirer,
    /// The simulated Stripe, which issues and grants payment tokens.
    pub stripe: Stripe,
}

/// The simulated card acquirer of a shop.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let shop = env.shop().await;
/// println!("it listens at {}", shop.sandbox().acquirer.url());
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Acquirer {
    program: &'static Program,
    opened: Opened,
}

/// The simulated Stripe of a shop.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let shop = env.shop().await;
/// println!("it listens at {}", shop.sandbox().stripe.url());
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Stripe {
    url: String,
}

/// A copy of the acquirer's ledger at one moment.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let shop = env.shop().await;
/// let before = shop.sandbox().acquirer.ledger();
/// shop.buy(Protocol::Acp20260417, &[("tee", 1)]).await;
/// assert!(shop.sandbox().acquirer.ledger().captured_total() > before.captured_total());
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger(tillhouse_plugin_protocol::shop::Ledger);

impl Sandbox {
    pub(super) fn of(program: &'static Program, opened: &Opened) -> Self {
        Self {
            acquirer: Acquirer {
                program,
                opened: opened.clone(),
            },
            stripe: Stripe {
                url: opened.stripe_url.clone(),
            },
        }
    }
}

impl Acquirer {
    /// Base URL of the acquirer.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// assert!(env.shop().await.sandbox().acquirer.url().starts_with("http://127.0.0.1:"));
    /// # }
    /// ```
    #[must_use]
    pub fn url(&self) -> String {
        self.opened.acquirer_url.clone()
    }

    /// The current ledger.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let shop = env.shop().await;
    /// shop.buy(Protocol::Acp20260417, &[("tee", 1)]).await;
    /// assert_eq!(shop.sandbox().acquirer.ledger().charges()[0]["captured"], true);
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the shop was stopped.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        let ledger = self.program.ask_now(&ReadLedger { shop: self.opened.shop });
        Ledger(ledger.unwrap_or_else(|problem| panic!("{problem}")))
    }
}

impl Stripe {
    /// Base URL of the simulated Stripe.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// assert!(env.shop().await.sandbox().stripe.url().starts_with("http://127.0.0.1:"));
    /// # }
    /// ```
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }
}

impl Ledger {
    /// Every charge, oldest first, including declined ones.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// assert!(env.shop().await.sandbox().acquirer.ledger().charges().is_empty());
    /// # }
    /// ```
    #[must_use]
    pub fn charges(&self) -> Vec<Value> {
        self.0.charges.clone()
    }

    /// Every refund, oldest first.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// assert!(env.shop().await.sandbox().acquirer.ledger().refunds().is_empty());
    /// # }
    /// ```
    #[must_use]
    pub fn refunds(&self) -> Vec<Value> {
        self.0.refunds.clone()
    }

    /// Minor units captured over all charges and currencies, before refunds.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// assert_eq!(env.shop().await.sandbox().acquirer.ledger().captured_total(), 0);
    /// # }
    /// ```
    #[must_use]
    pub const fn captured_total(&self) -> i64 {
        self.0.captured_total
    }

    /// Minor units refunded, over all charges and currencies.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// assert_eq!(env.shop().await.sandbox().acquirer.ledger().refunded_total(), 0);
    /// # }
    /// ```
    #[must_use]
    pub const fn refunded_total(&self) -> i64 {
        self.0.refunded_total
    }
}
