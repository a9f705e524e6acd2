//! Processor events: webhooks that the payment processor sends.

use super::{Failure, Notice, Outcome};
pub use crate::bindings::payments_notices::exports::tillhouse::merchant::payments_notices::{
    Dispute, ProcessorEvent, Reading, Report,
};
use crate::{bindings::payments_notices::exports::tillhouse::merchant::payments_notices, export::Adapter};

/// Reads processor events (webhooks of the payment processor). Capability `payments_notices`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::{ProcessorEvent, Reading};
///
/// /// Acknowledges notices with the words that the processor expects.
/// struct Acme;
///
/// impl PaymentsNotices for Acme {
///     fn read(notice: Notice) -> Result<Reading, Failure> {
///         if notice.header("acme-signature").is_none() {
///             // Verify the signature here.
///             return Err(Failure::rejected("forged", Subject::session(), "The event is not signed."));
///         }
///         // Parse the body here.
///         let declined = ProcessorEvent::charge("evt_1", "ref_1", Outcome::declined("expired_card", false));
///         Ok(Reading { reply: Some(Reply::text("[accepted]")), ..Reading::of(vec![declined]) })
///     }
/// }
///
/// assert!(Acme::read(testing::notice(&[], "{}")).is_err());
/// assert_eq!(Acme::read(testing::notice(&[("acme-signature", "4f2a")], "{}"))?.events.len(), 1);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_notices` and does not implement `PaymentsNotices`",
    note = "implement `PaymentsNotices` for `{Self}`, or leave `payments_notices` out of `export!`"
)]
pub trait PaymentsNotices {
    /// Verifies the signature of a processor event and parses it.
    ///
    /// May use `log`, `config`, `catalog`, `clock`.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// [`Failure::Rejected`] if the signature is missing or invalid.
    fn read(notice: Notice) -> Result<Reading, Failure>;
}

impl<T: PaymentsNotices> payments_notices::Guest for Adapter<T> {
    fn read(notice: Notice) -> Result<Reading, Failure> {
        T::read(notice)
    }
}

impl Reading {
    /// Creates a reading of events, in their order; an empty response with status 200 is sent.
    ///
    /// ```
    /// use tillhouse_plugin::payments::Reading;
    ///
    /// assert_eq!(Reading::of(vec![]).reply, None);
    /// ```
    #[must_use]
    pub const fn of(events: Vec<ProcessorEvent>) -> Self {
        Self { events, reply: None }
    }
}

impl ProcessorEvent {
    /// Creates an event about a payment that the host did not make, or whose reference the event does not name.
    ///
    /// ```
    /// use tillhouse_plugin::payments::{ProcessorEvent, Report};
    ///
    /// let event = ProcessorEvent {
    ///     processor_reference: Some("ch_1".into()),
    ///     ..ProcessorEvent::new("evt_1", Report::Other("REPORT_AVAILABLE".into()))
    /// };
    /// assert_eq!(event.reference, None);
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, what: Report) -> Self {
        Self {
            id: id.into(),
            reference: None,
            processor_reference: None,
            amount: None,
            what,
            extensions: Vec::new(),
        }
    }

    /// Creates an event that reports the outcome of the charge with a merchant's reference.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::payments::ProcessorEvent;
    ///
    /// let event = ProcessorEvent::charge("evt_1", "ref_1", Outcome::declined("expired_card", false));
    /// assert_eq!(event.reference.as_deref(), Some("ref_1"));
    /// ```
    #[must_use]
    pub fn charge(id: impl Into<String>, reference: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            reference: Some(reference.into()),
            ..Self::new(id, Report::Charge(outcome))
        }
    }
}
