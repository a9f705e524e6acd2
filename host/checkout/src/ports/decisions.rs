//! The merchant's decisions: phases, their questions, and why there may be no answer.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::cart::{Cart, CartLine};
use crate::decision::{
    Assessment, Description, LineAmount, Offer, Operation, OrderEvent, OrderIdentity, Page, PricedCart, Rejection,
    Reservation, Reserved, RiskDecision, RiskRequest, Stock, TaxRequest,
};
use crate::ids::{ItemId, MerchantId, SessionId};
use crate::money::{Currency, Money};
use crate::time::Timestamp;
use crate::unit::Staged;

/// Why there is no decision.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DecisionError {
    /// A business answer that may be shown.
    #[error("{}", .0.message)]
    Rejected(Rejection),
    /// Something that the plugin needs did not answer, or the merchant's share of the host is used up.
    #[error("{plugin}: {function} is not available")]
    Unavailable {
        /// The plugin.
        plugin: String,
        /// The function, `interface.function`.
        function: &'static str,
        /// When to try again.
        retry_after: Option<Duration>,
    },
    /// The merchant's configuration is wrong. For the operator only.
    #[error("{plugin}: {function}: configuration: {detail}")]
    Misconfigured {
        /// The plugin.
        plugin: String,
        /// The function.
        function: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// The plugin does not decide this; the host has its default.
    #[error("{plugin}: {function} is not supported")]
    Unsupported {
        /// The plugin.
        plugin: String,
        /// The function.
        function: &'static str,
    },
    /// A bug of the plugin: a trap, a limit, an answer that does not fit the contract. For the operator only.
    #[error("{plugin}: {function}: {fault}: {detail}")]
    Fault {
        /// The plugin.
        plugin: String,
        /// The function.
        function: &'static str,
        /// Stable name: `trap`, `cpu-budget`, `wall-clock`, `memory`, `output-too-large`, `contract` …
        fault: &'static str,
        /// What happened.
        detail: String,
    },
}

/// What a phase is for; it decides nothing by itself and shows in logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseKind {
    /// Create, update or a quote before payment.
    Quote,
    /// Reservation before payment.
    Reserve,
    /// The charge and its like.
    Payment,
    /// Giving stock and codes back.
    Release,
    /// Telling the merchant.
    Notify,
}

/// The circumstances of a phase.
#[derive(Clone, Debug)]
pub struct PhaseScope {
    /// The merchant.
    pub merchant: MerchantId,
    /// The session.
    pub session: SessionId,
    /// What for.
    pub kind: PhaseKind,
    /// The time that the plugin sees.
    pub now: Timestamp,
    /// Currency of the checkout.
    pub currency: Currency,
    /// Language of the buyer.
    pub locale: Option<String>,
}

/// The end of a phase.
#[derive(Debug, Default)]
pub struct PhaseEnd {
    /// Plugin data to commit.
    pub staged: Staged,
    /// Whether the phase used the network: then it cannot be run again.
    pub used_egress: bool,
}

/// Opens phases: one wasm instance per component and phase, dropped at its end.
#[async_trait]
pub trait Decisions: Send + Sync + fmt::Debug {
    /// Open a phase.
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError>;

    /// Whether a merchant's stock is kept in plugin data only: then giving it back is nothing but a commit of ours.
    fn keeps_stock_here(&self, merchant: &MerchantId) -> bool;

    /// How items are shown: from the catalog, or else from the plugin. `None` for an item that neither knows.
    async fn describe(
        &self,
        merchant: &MerchantId,
        items: &[ItemId],
    ) -> Result<Vec<Option<Description>>, DecisionError>;
}

/// The questions of one phase, each one call into the plugin that the merchant has bound to the capability.
#[async_trait]
pub trait Phase: Send {
    /// `inventory.check`.
    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError>;
    /// `pricing.price`.
    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError>;
    /// `fulfillment.options`.
    async fn offer(&mut self, cart: &Cart, amounts: &[LineAmount]) -> Result<Offer, DecisionError>;
    /// `tax.assess`.
    async fn assess_tax(&mut self, request: &TaxRequest) -> Result<Assessment, DecisionError>;
    /// `presentation.page`; `None` where no bound plugin has one.
    async fn page(&mut self, cart: &Cart) -> Result<Option<Page>, DecisionError>;
    /// `risk.assess`; [`RiskDecision::Allow`] where no bound plugin has one.
    async fn assess_risk(&mut self, request: &RiskRequest) -> Result<RiskDecision, DecisionError>;
    /// `orders.identify`.
    async fn identify_order(
        &mut self,
        op: &Operation,
        cart: &Cart,
        total: Money,
    ) -> Result<OrderIdentity, DecisionError>;
    /// `orders.notify`; nothing where no bound plugin has it.
    async fn notify_order(&mut self, op: &Operation, event: &OrderEvent) -> Result<(), DecisionError>;
    /// `inventory.reserve`.
    async fn reserve(&mut self, op: &Operation, reservation: &Reservation) -> Result<Reserved, DecisionError>;
    /// `inventory.release`.
    async fn release(&mut self, op: &Operation, reservation: &Reservation) -> Result<(), DecisionError>;
    /// `pricing-redemption.redeem`; nothing where no bound plugin has it.
    async fn redeem(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError>;
    /// `pricing-redemption.restore`; nothing where no bound plugin has it.
    async fn restore(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError>;
    /// End the phase and hand over what it staged. Dropping a phase instead forgets it.
    fn finish(self: Box<Self>) -> PhaseEnd;
}
