//! A refund at the processor: one operation, however often it is called, and what became of a call that may have arrived.
//!
//! Shared by the reversal of a charge without an order and by the refunds of orders.

use std::time::Instant;

use tillhouse_checkout::decision::{Operation, RefundLookup, RefundOutcome};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, ProcessorReference};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::{DecisionError, PhaseScope};
use tillhouse_checkout::time::Timestamp;

use crate::context::PaymentContext;
use crate::operation::is_key_kept;

/// Why a refund is not settled of which the plugin says that it was made.
pub(crate) const WITHOUT_REFERENCE: &str = "the processor's plugin says refunded and names no reference of the refund";

/// Why a decline of a repeated call decides nothing: what became of the call before is for the lookup to say.
pub(crate) fn declined_again(code: &str) -> String {
    format!("declined with {code}, and an earlier call may have arrived")
}

/// When a call may have reached the processor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EarlierCall {
    /// When it was made first: its idempotency key lives from then on.
    pub(crate) first: Timestamp,
    /// When it was made last: it may be invisible at the processor from then on.
    pub(crate) last: Timestamp,
}

/// What became of a call that may have reached the processor.
#[derive(Clone, Debug)]
pub(crate) enum Earlier<T> {
    /// The processor has it, with this outcome.
    Found(T),
    /// The processor certainly does not know it, and recognizes its key: it is made again.
    Repeat,
    /// Not decided yet; carries why.
    NotYet(String),
    /// It must not be made again, and may still arrive; carries why.
    Impossible(String),
}

/// A call of `payments-refund.refund`. Its scope and operation are the same for every repetition and for its lookup.
#[derive(Clone, Debug)]
pub(crate) struct RefundCall<'a> {
    pub(crate) scope: PhaseScope,
    pub(crate) operation: Operation,
    pub(crate) charge: &'a ProcessorReference,
    pub(crate) amount: Money,
    /// Text for the buyer.
    pub(crate) reason: Option<&'a str>,
}

impl RefundCall<'_> {
    /// Make the call. That it is about to be made has been committed, and `until` was read before: it is not made later.
    pub(crate) async fn make(&self, context: &PaymentContext, until: Instant) -> Result<RefundOutcome, CheckoutError> {
        let scope = PhaseScope {
            deadline: Some(until),
            ..self.scope.clone()
        };
        let operation = self.operation.clone();
        let outcome = context
            .processor
            .refund(scope, operation, self.charge, self.amount, self.reason);
        Ok(outcome.await?)
    }

    /// Ask the processor what became of an earlier call.
    pub(crate) async fn look_up(
        &self,
        context: &PaymentContext,
        sent: EarlierCall,
    ) -> Result<Earlier<RefundOutcome>, CheckoutError> {
        let (scope, operation) = (self.scope.clone(), self.operation.clone());
        let lookup = context
            .processor
            .lookup_refund(scope, operation, self.charge, self.amount);
        let is_absent = match lookup.await {
            Ok(RefundLookup::Found(outcome)) => return Ok(Earlier::Found(outcome)),
            Ok(RefundLookup::Absent) => true,
            Err(DecisionError::Unsupported { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        context
            .may_repeat(&self.scope.merchant, "refund", sent, is_absent)
            .await
    }
}

impl PaymentContext {
    /// Whether a call that may have arrived is made again now. It moves money, so that a repetition needs a key by which the processor
    /// recognizes it; `is_absent` says that the processor does not know the call.
    pub(crate) async fn may_repeat<T>(
        &self,
        merchant: &MerchantId,
        verb: &str,
        sent: EarlierCall,
        is_absent: bool,
    ) -> Result<Earlier<T>, CheckoutError> {
        let profile = self.processor.profile(merchant).await?;
        let now = self.now();
        if is_absent && now < sent.last.after(self.visibility_delay(&profile)) {
            return Ok(Earlier::NotYet(format!("the processor does not know the {verb} yet")));
        }
        let why = match profile.idempotency {
            Some(idempotency) if is_key_kept(&idempotency, sent.first, now) => return Ok(Earlier::Repeat),
            Some(_) => "its idempotency key has expired",
            None => "the processor's plugin declares no idempotency",
        };
        Ok(Earlier::Impossible(format!(
            "the {verb} may have arrived and is not made again: {why}"
        )))
    }
}
