//! The merchant's decisions: phases, the plugin calls within one, and why a call may have no answer.

use std::fmt;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::plugin_fault::PluginFault;
use crate::cart::{Cart, CartLine};
use crate::catalog::CatalogVersion;
use crate::decision::{
    FulfillmentOffer, ItemDescription, LineAmount, Operation, OrderDraft, OrderEvent, OrderIdentity, OrderNotice, Page,
    PricedCart, ProcessorWebhook, Rejection, Reservation, ReservationResult, RiskDecision, RiskRequest, SessionEnd,
    Stock, TaxAssessment, TaxRequest, WholeQuote,
};
use crate::ids::{ItemId, MerchantId, PluginId, SessionId};
use crate::money::Currency;
use crate::plugin_data::StagedChanges;
use crate::session::Agent;
use crate::time::Timestamp;

/// Why a plugin call gave no decision.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DecisionError {
    /// A rejection for a business reason, which the agent may see.
    #[error("{}", .0.message)]
    Rejected(Rejection),
    /// A system that the plugin needs did not answer, or the merchant's concurrency limit is reached.
    #[error("{plugin}: {function} is not available")]
    Unavailable {
        /// Id of the plugin, or `(host)`.
        plugin: String,
        /// Name of the call, `interface.function`.
        function: &'static str,
        /// When to retry, if known.
        retry_after: Option<Duration>,
    },
    /// The merchant's configuration is invalid. For the operator only.
    #[error("{plugin}: {function}: configuration: {detail}")]
    Misconfigured {
        /// Id of the plugin, or `(none)` if the merchant has none.
        plugin: String,
        /// Name of the call, `interface.function`.
        function: &'static str,
        /// What is wrong with the configuration.
        detail: String,
    },
    /// The plugin does not decide this; the host uses its default, if it has one.
    #[error("{plugin}: {function} is not supported")]
    Unsupported {
        /// Id of the plugin, or `(none)` if no plugin exports the function.
        plugin: String,
        /// Name of the call, `interface.function`.
        function: &'static str,
    },
    /// A bug of the plugin: a trap, a limit, an answer that does not fit the contract. For the operator only.
    #[error("{plugin}: {function}: {fault}: {detail}")]
    Fault {
        /// Id of the plugin, or `(host)`.
        plugin: String,
        /// Name of the call, `interface.function`.
        function: &'static str,
        /// Kind of the fault.
        fault: PluginFault,
        /// What happened, in detail.
        detail: String,
    },
}

/// Purpose of a phase. Informational: no call depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseKind {
    /// Quote of a cart: create, update, and again before payment.
    Quote,
    /// Last quote, order identity and stock reservation before payment.
    Reserve,
    /// Risk assessment, charge, status check, void and refund.
    Payment,
    /// Release of the reservation and of the discount codes used.
    Release,
    /// Notification of the merchant of an order event.
    Notify,
}

/// Context of a phase: whose session it works on, and at what time.
#[derive(Clone, Debug)]
pub struct PhaseScope {
    /// Merchant whose plugins are called.
    pub merchant: MerchantId,
    /// Session that the calls are about.
    pub session: SessionId,
    /// Purpose of the phase; informational.
    pub kind: PhaseKind,
    /// Time that the plugins see during the whole phase.
    pub now: Timestamp,
    /// Currency of the session; all amounts of the phase are in it.
    pub currency: Currency,
    /// Language of the buyer, BCP 47; `None` if unknown.
    pub locale: Option<String>,
    /// Time zone of the buyer, an IANA name; `None` if unknown.
    pub time_zone: Option<String>,
    /// The agent that asks.
    pub agent: Agent,
    /// Version of the catalog that the session was quoted with: plugins read it while it is kept for sessions, else the one in force.
    /// `None` for the one in force.
    pub catalog: Option<CatalogVersion>,
    /// When the caller must have its answer: no call of the phase goes on after that. `None` for work that no caller waits for.
    pub deadline: Option<Instant>,
}

/// What a finished phase leaves to commit.
#[derive(Debug, Default)]
pub struct PhaseEnd {
    /// Plugin data to commit with the result of the phase.
    pub staged: StagedChanges,
    /// Whether the phase sent an HTTP request: it cannot be repeated then.
    pub used_egress: bool,
}

/// Opens phases. A phase has one WebAssembly instance per component, dropped at its end.
#[async_trait]
pub trait Decisions: Send + Sync + fmt::Debug {
    /// Open a phase. This is cheap: the first call acquires the merchant's permit, and the first call into each component creates
    /// its instance.
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError>;

    /// Whether the merchant's stock and the uses of its discount codes are kept in plugin data only, so that a release needs no HTTP
    /// request, and does nothing unless it is committed.
    fn keeps_stock_here(&self, merchant: &MerchantId) -> bool;

    /// The plugin that decides on the merchant's stock, whose counters tell what was sold. `None` if the merchant has none.
    fn stock_plugin(&self, merchant: &MerchantId) -> Option<PluginId> {
        let _ = merchant;
        None
    }

    /// Whether a plugin of the merchant is told of sessions that end without an order.
    fn hears_session_ends(&self, merchant: &MerchantId) -> bool;

    /// `orders-notices.read`: verify and read a notice of the merchant's own system about orders.
    async fn read_order_notice(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<OrderNotice, DecisionError>;
}

/// The calls of one phase, each into the plugin that is bound to the capability.
#[async_trait]
pub trait Phase: Send {
    /// `quoting.quote`: everything that a quote is assembled from, in one call. `None` if not one plugin decides stock, prices,
    /// fulfillment and taxes of this merchant, or if it leaves that to the single calls.
    async fn quote_whole(&mut self, cart: &Cart) -> Result<Option<WholeQuote>, DecisionError>;
    /// `inventory.check`: the stock of each line.
    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError>;
    /// `pricing.price`: unit prices, discounts and fees.
    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError>;
    /// `fulfillment.options`: the ways to deliver, with their prices.
    async fn offer(&mut self, cart: &Cart, amounts: &[LineAmount]) -> Result<FulfillmentOffer, DecisionError>;
    /// `tax.assess`: the tax on each line, option and fee.
    async fn assess_tax(&mut self, request: &TaxRequest) -> Result<TaxAssessment, DecisionError>;
    /// How items are presented, in the order of `items`: from the catalog, else from the plugin; `None` if neither has it.
    async fn describe(&mut self, items: &[ItemId]) -> Result<Vec<Option<ItemDescription>>, DecisionError>;
    /// Version of the catalog that the calls so far have read; `None` if they read none, or one without versions.
    fn catalog(&self) -> Option<CatalogVersion>;
    /// `presentation.page`; `None` if no bound plugin exports it.
    async fn page(&mut self, cart: &Cart) -> Result<Option<Page>, DecisionError>;
    /// `risk.assess`; [`RiskDecision::Allow`] if no bound plugin exports it.
    async fn assess_risk(&mut self, request: &RiskRequest) -> Result<RiskDecision, DecisionError>;
    /// `orders.identify`: id, number and permalink of the order to be.
    async fn identify_order(&mut self, op: &Operation, draft: &OrderDraft<'_>) -> Result<OrderIdentity, DecisionError>;
    /// `orders.notify`; does nothing if no bound plugin exports it.
    async fn notify_order(&mut self, op: &Operation, event: &OrderEvent) -> Result<(), DecisionError>;
    /// `sessions.ended`; does nothing if no bound plugin exports it.
    async fn session_ended(&mut self, op: &Operation, end: &SessionEnd) -> Result<(), DecisionError>;
    /// `inventory.reserve`: reserve all lines, or nothing.
    async fn reserve(&mut self, op: &Operation, reservation: &Reservation) -> Result<ReservationResult, DecisionError>;
    /// `inventory.release`: release a reservation; no effect if it was released before.
    async fn release(&mut self, op: &Operation, reservation: &Reservation) -> Result<(), DecisionError>;
    /// `pricing-redemption.redeem`; does nothing if no bound plugin exports it.
    async fn redeem(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError>;
    /// `pricing-redemption.restore`; does nothing if no bound plugin exports it.
    async fn restore(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError>;
    /// End the phase and return what it staged. Dropping the phase instead discards it.
    fn finish(self: Box<Self>) -> PhaseEnd;
}
