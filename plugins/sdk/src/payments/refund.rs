//! Refunds of captured charges.

use super::{Failure, Money, Operation, RefundLookup, RefundOutcome};
use crate::{bindings::payments_refund::exports::tillhouse::merchant::payments_refund, export::Adapter};

/// Refunds captured charges. Capability `payments_refund`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::RefundOutcome;
///
/// struct Acme;
///
/// impl PaymentsRefund for Acme {
///     fn refund(op: Operation, processor_reference: String, amount: Money, _reason: Option<String>) -> Result<RefundOutcome, Failure> {
///         let answer = egress::post("processor", format!("/charges/{processor_reference}/refunds"))
///             .idempotency("Idempotency-Key", &op)
///             .json(format!(r#"{{"amount":{}}}"#, amount.minor)).send()?;
///         Ok(match answer.status {
///             201 => RefundOutcome::Refunded(answer.header("x-refund").unwrap_or_default().into()),
///             _ => RefundOutcome::Unknown,
///         })
///     }
/// }
///
/// let _host = testing::Host::new().answer(201, "").install();
/// let refunded = Acme::refund(testing::operation("1"), "ch_1".into(), Money::new(Amount::new(500)?, "USD"), None)?;
/// assert!(matches!(refunded, RefundOutcome::Refunded(_)));
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_refund` and does not implement `PaymentsRefund`",
    note = "implement `PaymentsRefund` for `{Self}`, or leave `payments_refund` out of `export!`"
)]
pub trait PaymentsRefund {
    /// Refunds part or all of the charge with this processor reference. The reason is text for the buyer.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn refund(
        op: Operation,
        processor_reference: String,
        amount: Money,
        reason: Option<String>,
    ) -> Result<RefundOutcome, Failure>;

    /// Looks up the refund with this operation's reference at the processor.
    ///
    /// The default implementation is unsupported: a refund that is pending or unknown then stays so until it is repeated, or
    /// the processor reports it.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]; the host retries.
    fn lookup_refund(op: Operation, processor_reference: String, amount: Money) -> Result<RefundLookup, Failure> {
        let _ = (op, processor_reference, amount);
        Err(Failure::Unsupported)
    }
}

impl<T: PaymentsRefund> payments_refund::Guest for Adapter<T> {
    fn refund(
        op: Operation,
        processor_reference: String,
        amount: Money,
        reason: Option<String>,
    ) -> Result<RefundOutcome, Failure> {
        T::refund(op, processor_reference, amount, reason)
    }

    fn lookup_refund(op: Operation, processor_reference: String, amount: Money) -> Result<RefundLookup, Failure> {
        T::lookup_refund(op, processor_reference, amount)
    }
}
