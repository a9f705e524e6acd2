//! What the domain needs from outside. `plugin` implements the decisions and the processor, `store` the store, `payments`
//! the token service; tests implement them with scripts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::attempt::{Attempt, WireEvidence};
use super::cart::{Cart, CartLine};
use super::credential::Credential;
use super::decision::{
    Assessment, ChargeOrder, ChargeOutcome, Description, Finding, LineAmount, Offer, Operation, OrderEvent,
    OrderIdentity, Page, PricedCart, ProcessorProfile, Rejection, Reservation, Reserved, RiskDecision, RiskRequest,
    Stock, TaxRequest,
};
use super::ids::{AttemptId, ItemId, MerchantId, SessionId, TokenId};
use super::money::{Currency, Money};
use super::order::Order;
use super::session::Session;
use super::time::Timestamp;
use super::unit::{IdempotencyRecord, IdempotencyScope, Namespace, QueuedMessage, Staged, UnitOfWork, Versioned};

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

/// One call into a plugin, for the operator's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginCall {
    /// The plugin's id.
    pub plugin: String,
    /// `pricing.price` …
    pub function: &'static str,
    /// Wall time.
    pub elapsed: Duration,
    /// `ok`, or the error's name.
    pub outcome: &'static str,
}

/// The end of a phase.
#[derive(Debug, Default)]
pub struct PhaseEnd {
    /// Plugin data to commit.
    pub staged: Staged,
    /// Whether the phase used the network: then it cannot be run again.
    pub used_egress: bool,
    /// The calls made.
    pub calls: Vec<PluginCall>,
}

/// Opens phases: one wasm instance per component and phase, dropped at its end.
#[async_trait]
pub trait Decisions: Send + Sync + fmt::Debug {
    /// Open a phase.
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError>;

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

/// Told by the processor's plugin call, from within `egress.send`, before the first byte of the charge leaves.
#[async_trait]
pub trait ChargeJournal: Send + Sync {
    /// Make durable that the charge is about to be sent. The digest is SHA-256 over the request with its holes unfilled, in
    /// hex. When this fails, nothing is sent.
    async fn charging(&self, digest: &str) -> Result<(), StoreError>;
}

/// What a charge came to: the plugin's word and the host's own evidence.
#[derive(Debug)]
pub struct ChargeReport {
    /// What the plugin says.
    pub word: Result<ChargeOutcome, DecisionError>,
    /// What the wire saw of the charge request.
    pub wire: WireEvidence,
    /// Some send of the charge was left without a definite answer, even if a later one of the same bytes got one.
    pub doubt: bool,
    /// The calls made.
    pub calls: Vec<PluginCall>,
}

/// The merchant's processor, behind its plugin. Each call is a phase of its own, without `kv` and `counters`.
#[async_trait]
pub trait Processor: Send + Sync + fmt::Debug {
    /// `payments.profile`; kept by release.
    async fn profile(&self, merchant: &MerchantId) -> Result<ProcessorProfile, DecisionError>;

    /// Everything that `payments.charge` needs of the host: the plugin bound, its turn taken, its instance running. Done
    /// before the buyer's token is used up, so that a host that is busy costs no token.
    async fn prepare(&self, scope: PhaseScope) -> Result<Box<dyn ReadyCharge>, DecisionError>;

    /// Where a merchant's charges go: the plugin and its upstreams. An outcome is only ever asked for where the charge went.
    fn destination(&self, merchant: &MerchantId) -> Option<String>;

    /// `payments.lookup`. "Absent" and "declined" are only passed on when the processor gave a definite answer.
    async fn lookup(&self, scope: PhaseScope, op: Operation, amount: Money) -> Result<Finding, DecisionError>;
}

/// A charge that may begin at once. Dropping it gives its turn back, and nothing was sent.
#[async_trait]
pub trait ReadyCharge: Send {
    /// The profile of the plugin that will charge.
    fn profile(&self) -> &ProcessorProfile;

    /// Where this charge goes, as [`Processor::destination`] says it.
    fn destination(&self) -> String;

    /// `payments.charge`, once.
    async fn charge(
        self: Box<Self>,
        op: Operation,
        order: ChargeOrder,
        credential: Credential,
        journal: Arc<dyn ChargeJournal>,
    ) -> ChargeReport;
}

/// The store does not answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("store: {0}")]
pub struct StoreError(pub String);

/// Why a unit of work was not committed. Nothing of it was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// The session has another revision, or exists already.
    #[error("the checkout session was changed by another request")]
    Session,
    /// A key that the phase read has another version; run the phase again.
    #[error("plugin data was changed by another request")]
    PluginData,
    /// A counter would fall below its floor.
    #[error("counter {key} would fall below its floor")]
    Insufficient {
        /// The counter.
        key: String,
    },
    /// The idempotency key was recorded by another request in the meantime.
    #[error("the idempotency key was used by another request")]
    Idempotency,
    /// The checkout has a live attempt.
    #[error("a payment of this checkout is under way")]
    LiveAttempt,
    /// The token belongs to an attempt that may have used it up.
    #[error("the payment token was used before")]
    TokenUsed,
    /// The processor's reference belongs to another attempt: a break to be looked at, never a rollback.
    #[error("the processor's reference was seen before")]
    ReferenceSeen,
    /// The attempt is not in the state that it was thought to be in.
    #[error("the payment attempt was changed by another worker")]
    Attempt,
    /// The order exists.
    #[error("the order exists already")]
    Order,
    /// The store does not answer: it is not known whether the unit was committed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Durable state. Reads see every commit that was reported before they began.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Commit a unit of work, durably, or nothing of it.
    async fn commit(&self, unit: UnitOfWork) -> Result<(), CommitError>;

    /// A session of a merchant.
    async fn session(&self, merchant: &MerchantId, id: &SessionId) -> Result<Option<Session>, StoreError>;

    /// The record of an answered request, unless it has expired.
    async fn idempotency(
        &self,
        scope: &IdempotencyScope,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError>;

    /// A value of plugin data.
    async fn kv(&self, namespace: &Namespace, key: &str) -> Result<Option<Versioned>, StoreError>;

    /// A counter of plugin data; 0 where it was never moved.
    async fn counter(&self, namespace: &Namespace, key: &str) -> Result<i64, StoreError>;

    /// An attempt.
    async fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>, StoreError>;

    /// The attempts of a checkout, oldest first.
    async fn attempts_of(&self, session: &SessionId) -> Result<Vec<Attempt>, StoreError>;

    /// Attempts that somebody still has to work on ([`super::attempt::AttemptState::is_open`]), oldest first.
    async fn open_attempts(&self, limit: usize) -> Result<Vec<Attempt>, StoreError>;

    /// Whether the token may have been used up by an attempt of this merchant for another checkout.
    async fn token_used(
        &self,
        merchant: &MerchantId,
        token: &TokenId,
        by_other_than: &SessionId,
    ) -> Result<bool, StoreError>;

    /// The order of a checkout.
    async fn order(&self, merchant: &MerchantId, session: &SessionId) -> Result<Option<Order>, StoreError>;

    /// Messages that are due, oldest first. They stay in the outbox until told otherwise.
    async fn due_messages(&self, now: Timestamp, limit: usize) -> Result<Vec<QueuedMessage>, StoreError>;

    /// A message was delivered: it leaves the queue.
    async fn delivered(&self, id: i64, now: Timestamp) -> Result<(), StoreError>;

    /// A message failed: try again then.
    async fn postpone(&self, id: i64, until: Timestamp, reason: &str) -> Result<(), StoreError>;

    /// A message cannot be delivered and shall not be tried again by itself.
    async fn bury(&self, id: i64, now: Timestamp, reason: &str) -> Result<(), StoreError>;

    /// Remove idempotency records that have expired; how many.
    async fn forget_expired(&self, now: Timestamp) -> Result<u64, StoreError>;
}
