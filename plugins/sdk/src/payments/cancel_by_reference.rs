//! Cancellation by reference, which resolves the unknown outcome of a charge.

use super::{CancelOutcome, Failure, Operation};
use crate::{
    bindings::payments_cancel_by_reference::exports::tillhouse::merchant::payments_cancel_by_reference, export::Adapter,
};

/// Resolves an unknown outcome by canceling the charge by its reference. Capability `payments_cancel_by_reference`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::CancelOutcome;
///
/// struct Acme;
///
/// impl PaymentsCancelByReference for Acme {
///     fn cancel_by_reference(op: Operation) -> Result<CancelOutcome, Failure> {
///         let answer = egress::post("processor", "/cancellations")
///             .idempotency("Idempotency-Key", &op)
///             .json(format!(r#"{{"reference":"{}"}}"#, op.reference)).send()?;
///         Ok(match answer.status {
///             200 => CancelOutcome::Canceled,
///             _ => CancelOutcome::Unknown,
///         })
///     }
/// }
///
/// let _host = testing::Host::new().answer(200, "").install();
/// assert_eq!(Acme::cancel_by_reference(testing::operation("1"))?, CancelOutcome::Canceled);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_cancel_by_reference` and does not implement `PaymentsCancelByReference`",
    note = "implement `PaymentsCancelByReference` for `{Self}`, or leave `payments_cancel_by_reference` out of `export!`"
)]
pub trait PaymentsCancelByReference {
    /// Cancels the charge with the operation's reference, or prevents it if the processor has not received it yet.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn cancel_by_reference(op: Operation) -> Result<CancelOutcome, Failure>;
}

impl<T: PaymentsCancelByReference> payments_cancel_by_reference::Guest for Adapter<T> {
    fn cancel_by_reference(op: Operation) -> Result<CancelOutcome, Failure> {
        T::cancel_by_reference(op)
    }
}
