//! The charge, through the merchant's own processor.
//!
//! Card data never enters the plugin: it gets a [`Credential`] handle and says where in its outgoing request each field
//! goes ([`egress`](crate::egress)).

pub use crate::bindings::{
    payments::exports::tillhouse::merchant::payments::{ChargeOrder, Finding, Idempotency, ProcessorProfile},
    payments_cancel_by_reference::exports::tillhouse::merchant::payments_cancel_by_reference::CancelOutcome,
    payments_capture::exports::tillhouse::merchant::payments_capture::CaptureOutcome,
    payments_list::exports::tillhouse::merchant::payments_list::{Entry, Page},
    payments_notices::exports::tillhouse::merchant::payments_notices::{News, Notice},
    payments_refund::exports::tillhouse::merchant::payments_refund::RefundOutcome,
    payments_void::exports::tillhouse::merchant::payments_void::VoidOutcome,
    tillhouse::merchant::types::{Action, Approval, Decline, Outcome},
};
pub use crate::credential::Credential;
use crate::types::{Failure, Money, Operation};

mod adapter;

/// Charges. Capability `payments`.
pub trait Payments {
    /// Describes the processor. Decides only; no `egress`.
    ///
    /// # Errors
    /// A [`Failure`].
    fn profile() -> Result<ProcessorProfile, Failure>;

    /// Charges. Not knowing what became of it is [`Outcome::Unknown`].
    ///
    /// # Errors
    /// A [`Failure`] means that nothing was sent; the host checks that against the wire.
    fn charge(op: Operation, order: ChargeOrder, credential: Credential<'_>) -> Result<Outcome, Failure>;

    /// Asks the processor what became of the charge with this operation's reference.
    ///
    /// # Errors
    /// A [`Failure`]; the host asks again.
    fn lookup(op: Operation, amount: Money) -> Result<Finding, Failure>;
}

/// Gives an authorisation back before it is captured, or a charge before it settles. Capability `payments_void`.
pub trait PaymentsVoid {
    /// Voids the charge with this processor reference.
    ///
    /// # Errors
    /// A [`Failure`].
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure>;
}

/// Gives money back. Capability `payments_refund`.
pub trait PaymentsRefund {
    /// Refunds part or all of the charge with this processor reference.
    ///
    /// # Errors
    /// A [`Failure`].
    fn refund(op: Operation, processor_reference: String, amount: Money) -> Result<RefundOutcome, Failure>;
}

/// Takes money that was set aside. Capability `payments_capture`.
pub trait PaymentsCapture {
    /// Captures part or all of the authorisation with this processor reference.
    ///
    /// # Errors
    /// A [`Failure`].
    fn capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureOutcome, Failure>;
}

/// Settles an unknown outcome by forbidding it. Capability `payments_cancel_by_reference`.
pub trait PaymentsCancelByReference {
    /// Sees to it that no money moves for the operation's reference.
    ///
    /// # Errors
    /// A [`Failure`].
    fn cancel_by_reference(op: Operation) -> Result<CancelOutcome, Failure>;
}

/// Lists charges, for reconciliation. Capability `payments_list`.
pub trait PaymentsList {
    /// Charges made within the time (`since` inclusive, `until` exclusive, epoch milliseconds), from the cursor on.
    ///
    /// # Errors
    /// A [`Failure`].
    fn list_charges(op: Operation, since: u64, until: u64, cursor: Option<String>) -> Result<Page, Failure>;
}

/// Reads notices that the processor sends by itself. Capability `payments_notices`.
pub trait PaymentsNotices {
    /// Verifies and reads a notice.
    ///
    /// # Errors
    /// [`Failure::Rejected`] for a forged one.
    fn read(notice: Notice) -> Result<Vec<News>, Failure>;
}

impl Outcome {
    /// Approved and captured.
    #[must_use]
    pub fn captured(processor_reference: impl Into<String>, amount: Money) -> Self {
        let processor_reference = processor_reference.into();
        Self::Approved(Approval {
            processor_reference,
            amount,
            captured: true,
            extensions: Vec::new(),
        })
    }

    /// Declined with a code of the contract.
    #[must_use]
    pub fn declined(code: impl Into<String>, retryable: bool) -> Self {
        Self::Declined(Decline {
            code: code.into(),
            retryable,
            extensions: Vec::new(),
        })
    }
}
