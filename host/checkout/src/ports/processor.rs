//! The merchant's processor, and the journal that a charge is written down in.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::decisions::{DecisionError, PhaseScope};
use super::store_error::StoreError;
use crate::attempt::WireEvidence;
use crate::credential::Credential;
use crate::decision::{
    CancelOutcome, ChargeOrder, ChargeOutcome, ChargePage, Finding, News, Notice, Operation, ProcessorPowers,
    ProcessorProfile, RefundOutcome, VoidOutcome,
};
use crate::ids::{MerchantId, ProcessorReference};
use crate::money::Money;
use crate::time::Timestamp;

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

    /// Which of the optional interfaces the merchant's processor has.
    fn powers(&self, merchant: &MerchantId) -> ProcessorPowers;

    /// `payments-void.void`. "Voided" is only passed on when the processor gave a definite answer.
    async fn void(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
    ) -> Result<VoidOutcome, DecisionError>;

    /// `payments-refund.refund`. "Refunded" is only passed on when the processor gave a definite answer.
    async fn refund(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
        amount: Money,
    ) -> Result<RefundOutcome, DecisionError>;

    /// `payments-cancel-by-reference.cancel-by-reference`, for the operation's reference. "Canceled" is only passed on when the
    /// processor gave a definite answer.
    async fn cancel_by_reference(&self, scope: PhaseScope, op: Operation) -> Result<CancelOutcome, DecisionError>;

    /// `payments-list.list-charges`: one page, from the cursor on.
    async fn list_charges(
        &self,
        merchant: &MerchantId,
        op: Operation,
        since: Timestamp,
        until: Timestamp,
        cursor: Option<&str>,
    ) -> Result<ChargePage, DecisionError>;

    /// `payments-notices.read`: verify and read a notice of the processor.
    async fn read_notice(&self, merchant: &MerchantId, notice: Notice) -> Result<Vec<News>, DecisionError>;
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
