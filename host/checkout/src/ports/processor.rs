//! The merchant's processor, and the journal that makes a charge durable before it is sent.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::decisions::{DecisionError, PhaseScope};
use super::store_error::StoreError;
use crate::attempt::WireEvidence;
use crate::authentication::ThreeDSecure;
use crate::credential::{CardDisplay, Credential, CredentialForm};
use crate::decision::{
    CancelOutcome, ChargeLookup, ChargeOrder, ChargeOutcome, ChargePage, Operation, ProcessorCapabilities,
    ProcessorProfile, ProcessorWebhook, RefundLookup, RefundOutcome, VoidLookup, VoidOutcome, WebhookReading,
};
use crate::ids::{MerchantId, ProcessorReference};
use crate::money::Money;
use crate::time::Timestamp;

/// Called from within the plugin's `egress.send`, before the first byte of the charge is sent.
#[async_trait]
pub trait ChargeJournal: Send + Sync {
    /// Make durable that the charge is about to be sent. `digest` is the SHA-256, in hex, of the request before card data is
    /// filled in.
    ///
    /// # Errors
    /// If the store does not confirm the commit; the charge is then not sent.
    async fn charging(&self, digest: &str) -> Result<(), StoreError>;
}

/// Result of a charge: the plugin's answer, and the host's own evidence from the connection.
#[derive(Debug)]
pub struct ChargeReport {
    /// The plugin's answer, or why there is none.
    pub answer: Result<ChargeOutcome, DecisionError>,
    /// How much of the charge request the host has seen sent and answered.
    pub wire: WireEvidence,
    /// Whether any send of the charge has no definite answer, even if a later send of the same bytes has one.
    pub unanswered_send: bool,
}

/// The merchant's processor, called through its plugin. Each call is a phase of its own, without `kv` and `counters`.
#[async_trait]
pub trait Processor: Send + Sync + fmt::Debug {
    /// `payments.profile`; the answer is cached per component and configuration.
    async fn profile(&self, merchant: &MerchantId) -> Result<ProcessorProfile, DecisionError>;

    /// `payments-authentication.requirements`: what the agent needs to authenticate the buyer before this charge; `None` if it needs
    /// no authentication, or if the plugin does not say.
    async fn authentication_requirements(
        &self,
        scope: PhaseScope,
        op: Operation,
        order: ChargeOrder,
        card: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, DecisionError>;

    /// Prepare `payments.charge`: bind the plugin, acquire the merchant's permit, start the instance.
    ///
    /// This happens before the buyer's token is consumed, so that a busy host costs no token.
    async fn prepare(&self, scope: PhaseScope) -> Result<Box<dyn ReadyCharge>, DecisionError>;

    /// Where the merchant's charges go: the plugin's id and the base URLs of its upstreams; `None` without a processor.
    ///
    /// A status check is only made where the charge was sent.
    fn destination(&self, merchant: &MerchantId) -> Option<String>;

    /// `payments.lookup`, the status check. "Absent" and "declined" only count with a definite response of the processor.
    async fn lookup(&self, scope: PhaseScope, op: Operation, amount: Money) -> Result<ChargeLookup, DecisionError>;

    /// The optional payment interfaces that the processor's plugin exports.
    fn capabilities(&self, merchant: &MerchantId) -> ProcessorCapabilities;

    /// `payments-void.void`. "Voided" and "too late" only count with a definite response of the processor.
    async fn void(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
    ) -> Result<VoidOutcome, DecisionError>;

    /// `payments-void.lookup-void`: the void with the operation's reference. "Voided", "too late" and "absent" only count with a
    /// definite response of the processor.
    async fn lookup_void(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
    ) -> Result<VoidLookup, DecisionError>;

    /// `payments-refund.refund`. "Refunded" and "declined" only count with a definite response of the processor.
    async fn refund(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
        amount: Money,
        reason: Option<&str>,
    ) -> Result<RefundOutcome, DecisionError>;

    /// `payments-refund.lookup-refund`: the refund with the operation's reference. "Refunded" and "absent" only count with a
    /// definite response of the processor.
    async fn lookup_refund(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
        amount: Money,
    ) -> Result<RefundLookup, DecisionError>;

    /// `payments-cancel-by-reference.cancel-by-reference`, for the operation's reference. "Canceled" only counts with a definite
    /// response of the processor.
    async fn cancel_by_reference(&self, scope: PhaseScope, op: Operation) -> Result<CancelOutcome, DecisionError>;

    /// `payments-list.list-charges`: one page, starting at the cursor.
    async fn list_charges(
        &self,
        merchant: &MerchantId,
        op: Operation,
        since: Timestamp,
        until: Timestamp,
        cursor: Option<&str>,
    ) -> Result<ChargePage, DecisionError>;

    /// `payments-notices.read`: verify and read an event of the processor.
    async fn read_webhook(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<WebhookReading, DecisionError>;
}

/// A charge that can start at once. Dropping it releases the permit; nothing was sent then.
#[async_trait]
pub trait ReadyCharge: Send {
    /// Profile of the plugin that will make the charge.
    fn profile(&self) -> &ProcessorProfile;

    /// Where this charge goes, in the form of [`Processor::destination`].
    fn destination(&self) -> String;

    /// The forms of a card that the plugin may fill into its requests; empty where it fills in none.
    fn forms(&self) -> Vec<CredentialForm>;

    /// Call `payments.charge`, exactly once.
    async fn charge(
        self: Box<Self>,
        op: Operation,
        order: ChargeOrder,
        credential: Credential,
        journal: Arc<dyn ChargeJournal>,
    ) -> ChargeReport;
}
