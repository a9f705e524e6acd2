//! Voids of authorizations before capture, or of charges before settlement.

use super::{Failure, Operation, VoidLookup, VoidOutcome};
use crate::{bindings::payments_void::exports::tillhouse::merchant::payments_void, export::Adapter};

/// Voids authorizations before capture, or charges before settlement. Capability `payments_void`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::VoidOutcome;
///
/// struct Acme;
///
/// impl PaymentsVoid for Acme {
///     fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure> {
///         let answer = egress::post("processor", format!("/charges/{processor_reference}/void")).idempotency("Idempotency-Key", &op).send()?;
///         Ok(match answer.status {
///             200 => VoidOutcome::Voided,
///             _ => VoidOutcome::Unknown,
///         })
///     }
/// }
///
/// let _host = testing::Host::new().answer(200, "").answer(503, "").install();
/// assert_eq!(Acme::void(testing::operation("1"), "ch_1".into())?, VoidOutcome::Voided);
/// assert_eq!(Acme::void(testing::operation("1"), "ch_1".into())?, VoidOutcome::Unknown);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_void` and does not implement `PaymentsVoid`",
    note = "implement `PaymentsVoid` for `{Self}`, or leave `payments_void` out of `export!`"
)]
pub trait PaymentsVoid {
    /// Voids the charge with this processor reference.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure>;

    /// Looks up the void with this operation's reference at the processor.
    ///
    /// The default implementation is unsupported: a void whose outcome is unknown then stays so until it is repeated.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]; the host retries.
    fn lookup_void(op: Operation, processor_reference: String) -> Result<VoidLookup, Failure> {
        let _ = (op, processor_reference);
        Err(Failure::Unsupported)
    }
}

impl<T: PaymentsVoid> payments_void::Guest for Adapter<T> {
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure> {
        T::void(op, processor_reference)
    }

    fn lookup_void(op: Operation, processor_reference: String) -> Result<VoidLookup, Failure> {
        T::lookup_void(op, processor_reference)
    }
}
