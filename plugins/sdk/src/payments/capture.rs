//! Captures of authorized amounts.

use super::{CaptureLookup, CaptureOutcome, Failure, Money, Operation};
use crate::{bindings::payments_capture::exports::tillhouse::merchant::payments_capture, export::Adapter};

/// Captures authorized amounts. Capability `payments_capture`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::CaptureOutcome;
///
/// struct Acme;
///
/// impl PaymentsCapture for Acme {
///     fn capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureOutcome, Failure> {
///         let answer = egress::post("processor", format!("/charges/{processor_reference}/capture"))
///             .idempotency("Idempotency-Key", &op)
///             .json(format!(r#"{{"amount":{}}}"#, amount.minor)).send()?;
///         Ok(match answer.status {
///             200 => CaptureOutcome::Captured,
///             _ => CaptureOutcome::Unknown,
///         })
///     }
/// }
///
/// let _host = testing::Host::new().answer(200, "").install();
/// let captured = Acme::capture(testing::operation("1"), "ch_1".into(), Money::new(Amount::new(500)?, "USD"))?;
/// assert_eq!(captured, CaptureOutcome::Captured);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_capture` and does not implement `PaymentsCapture`",
    note = "implement `PaymentsCapture` for `{Self}`, or leave `payments_capture` out of `export!`"
)]
pub trait PaymentsCapture {
    /// Captures part or all of the authorization with this processor reference.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureOutcome, Failure>;

    /// Looks up the capture with this operation's reference at the processor.
    ///
    /// The default implementation is unsupported: a capture that is pending or unknown then stays so until it is repeated, or
    /// the processor reports it.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]; the host retries.
    fn lookup_capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureLookup, Failure> {
        let _ = (op, processor_reference, amount);
        Err(Failure::Unsupported)
    }
}

impl<T: PaymentsCapture> payments_capture::Guest for Adapter<T> {
    fn capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureOutcome, Failure> {
        T::capture(op, processor_reference, amount)
    }

    fn lookup_capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureLookup, Failure> {
        T::lookup_capture(op, processor_reference, amount)
    }
}
