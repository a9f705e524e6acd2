//! What follows a charge: voids, refunds, captures, cancellations, and the processor's list of charges.

use crate::time::Timestamp;

/// Outcome of a void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidOutcome {
    /// The charge is void: no money will move.
    Voided,
    /// Too late for a void; the host refunds instead.
    TooLate,
    /// Unknown outcome; the host retries.
    Unknown,
}

/// Result of a lookup of a void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidLookup {
    /// The processor has the void, with this outcome.
    Found(VoidOutcome),
    /// The processor has no void with this reference.
    Absent,
}

/// Outcome of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The money was refunded. Carries the processor's reference of the refund.
    Refunded(String),
    /// The processor decides later. Carries its reference of the refund.
    Pending(String),
    /// The refund was declined. Carries the processor's code.
    Declined(String),
    /// Unknown outcome; the host retries.
    Unknown,
}

/// Result of a lookup of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundLookup {
    /// The processor has the refund, with this outcome.
    Found(RefundOutcome),
    /// The processor has no refund with this reference.
    Absent,
}

/// Outcome of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureOutcome {
    /// The amount was captured.
    Captured,
    /// The processor decides later. Carries its reference of the capture.
    Pending(String),
    /// The capture was declined. Carries the processor's code.
    Declined(String),
    /// Unknown outcome; the host looks the capture up.
    Unknown,
}

/// Result of a lookup of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureLookup {
    /// The processor has the capture, with this outcome.
    Found(CaptureOutcome),
    /// The processor has no capture with this reference.
    Absent,
}

/// Outcome of a cancellation by reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// No charge with this reference exists or ever will.
    Canceled,
    /// A charge with this reference exists and stays.
    TooLate,
    /// Unknown outcome; the attempt waits for the operator.
    Unknown,
}

/// A charge in the processor's list, for reconciliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCharge {
    /// The host's reference of the charge, `pa_…`; `None` if the processor did not keep it.
    pub reference: Option<String>,
    /// The processor's own reference of the charge.
    pub processor_reference: String,
    /// Amount, in minor units.
    pub minor: i64,
    /// ISO 4217 code, unchecked.
    pub currency: String,
    /// `approved`, `declined`, `pending`, `voided`, `refunded` or another.
    pub state: String,
    /// When the processor created the charge.
    pub created: Timestamp,
}

/// One page of the processor's list of charges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChargePage {
    /// The charges, oldest first; at most 1000.
    pub entries: Vec<ListedCharge>,
    /// Cursor of the next page; `None` on the last page.
    pub next: Option<String>,
}
