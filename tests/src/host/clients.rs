//! Clients of a test host: agents over ACP, Stripe calling its hooks, and tokens to pay with.

use super::TestHost;
use crate::acp::{Acp, Release};
use crate::adyen::Adyen;
use crate::adyen_sandbox::AdyenSandbox;
use crate::client::Client;
use crate::merchant::Merchant;
use crate::stripe_acs::StripeAcs;
use crate::wallet;
use tillhouse_sandbox::stripe::hooks::{BUDGET, HookConnection, HookedCheckouts};

impl TestHost {
    /// A client of the first merchant, at the host's address without a prefix.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address(), "", self.builder.first(), &self.clock)
    }

    /// A client of a merchant, at `/m/NAME`.
    #[must_use]
    pub fn client_of(&self, merchant: &str) -> Client {
        Client::new(self.address(), &format!("/m/{merchant}"), merchant, &self.clock)
    }

    /// An agent of the first merchant.
    #[must_use]
    pub fn acp(&self, release: Release) -> Acp<'_> {
        Acp::new(&self.sandbox, self.client(), release)
    }

    /// An agent of the named merchant, at `/m/NAME`.
    #[must_use]
    pub fn acp_at(&self, merchant: &str, release: Release) -> Acp<'_> {
        Acp::new(&self.sandbox, self.client_of(merchant), release)
    }

    /// Stripe, calling the hooks of the first merchant.
    #[must_use]
    pub fn stripe_acs(&self) -> StripeAcs<'_> {
        StripeAcs::new(&self.sandbox, self.client())
    }

    /// Stripe, calling the hooks of the named merchant.
    #[must_use]
    pub fn stripe_acs_at(&self, merchant: &str) -> StripeAcs<'_> {
        StripeAcs::new(&self.sandbox, self.client_of(merchant))
    }

    /// An agent of the first merchant, over Adyen's agent API at the host.
    #[must_use]
    pub fn adyen(&self) -> Adyen<'_> {
        Adyen::new(&self.sandbox, self.client(), self.builder.first())
    }

    /// An agent of the named merchant, over Adyen's agent API at `/m/NAME`.
    #[must_use]
    pub fn adyen_at(&self, merchant: &str) -> Adyen<'_> {
        Adyen::new(&self.sandbox, self.client_of(merchant), merchant)
    }

    /// Stripe, running checkouts of the first merchant and calling its lighter hooks.
    #[must_use]
    pub fn stripe_hooks(&self) -> HookedCheckouts {
        let merchant = self.builder.first();
        let connection = HookConnection {
            url: format!("{}/m/{merchant}/webhooks/stripe", self.url()),
            hook_secret: Merchant::hook_secret(merchant).into(),
            event_secret: Merchant::event_secret(merchant).into(),
            budget: BUDGET,
        };
        HookedCheckouts::new(connection, self.sandbox.clock().clone())
    }

    /// The sandbox's Adyen, which from now on sells for the first merchant in the standard flow.
    #[must_use]
    pub fn adyen_sandbox(&self) -> AdyenSandbox<'_> {
        AdyenSandbox::new(&self.sandbox, self.address(), self.builder.first())
    }

    /// A shared payment token of a working card, for this amount.
    pub async fn token(&self, cents: i64) -> String {
        self.token_of("pm_card_visa", cents).await
    }

    /// A shared payment token of a test card (`pm_card_…`), for this amount.
    pub async fn token_of(&self, payment_method: &str, cents: i64) -> String {
        self.token_in(payment_method, cents, "usd").await
    }

    /// A shared payment token of a test card, for an amount in Stripe's units of a currency.
    pub async fn token_in(&self, payment_method: &str, minor: i64, currency: &str) -> String {
        wallet::token(&self.sandbox, payment_method, minor, currency).await
    }

    /// Number of charges in the acquirer's ledger, whatever their outcome.
    #[must_use]
    pub fn charges(&self) -> usize {
        self.sandbox.acquirer.ledger().charges().len()
    }
}
