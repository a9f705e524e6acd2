//! What follows a charge: voids, refunds, captures, cancellations, and lists of charges.

use crate::api::bindings::exports::tillhouse::merchant::payments_list::Page;
use crate::api::bindings::tillhouse::merchant::payments_types as wit;
use crate::api::check;
use tillhouse_checkout::decision::{
    CancelOutcome, CaptureLookup, CaptureOutcome, ChargePage, ListedCharge, RefundLookup, RefundOutcome, VoidLookup,
    VoidOutcome,
};
use tillhouse_checkout::time::Timestamp;

/// Maximum number of charges on one page of `payments-list.list-charges`.
const CHARGES: usize = 1_000;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every conversion of a result has this signature"
)]
pub(crate) fn void_outcome(outcome: wit::VoidOutcome) -> Result<VoidOutcome, String> {
    Ok(match outcome {
        wit::VoidOutcome::Voided => VoidOutcome::Voided,
        wit::VoidOutcome::TooLate => VoidOutcome::TooLate,
        wit::VoidOutcome::Unknown => VoidOutcome::Unknown,
    })
}

pub(crate) fn void_lookup(lookup: wit::VoidLookup) -> Result<VoidLookup, String> {
    match lookup {
        wit::VoidLookup::Found(outcome) => void_outcome(outcome).map(VoidLookup::Found),
        wit::VoidLookup::Absent => Ok(VoidLookup::Absent),
    }
}

pub(crate) fn refund_outcome(outcome: wit::RefundOutcome) -> Result<RefundOutcome, String> {
    let short = |what, text| check::text(what, text, check::ID);
    Ok(match outcome {
        wit::RefundOutcome::Refunded(text) => RefundOutcome::Refunded(short("refunded", text)?),
        wit::RefundOutcome::Pending(text) => RefundOutcome::Pending(short("pending", text)?),
        wit::RefundOutcome::Declined(text) => RefundOutcome::Declined(short("declined", text)?),
        wit::RefundOutcome::Unknown => RefundOutcome::Unknown,
    })
}

pub(crate) fn refund_lookup(lookup: wit::RefundLookup) -> Result<RefundLookup, String> {
    match lookup {
        wit::RefundLookup::Found(outcome) => refund_outcome(outcome).map(RefundLookup::Found),
        wit::RefundLookup::Absent => Ok(RefundLookup::Absent),
    }
}

pub(crate) fn capture_outcome(outcome: wit::CaptureOutcome) -> Result<CaptureOutcome, String> {
    let short = |what, text| check::text(what, text, check::ID);
    Ok(match outcome {
        wit::CaptureOutcome::Captured => CaptureOutcome::Captured,
        wit::CaptureOutcome::Pending(text) => CaptureOutcome::Pending(short("pending", text)?),
        wit::CaptureOutcome::Declined(text) => CaptureOutcome::Declined(short("declined", text)?),
        wit::CaptureOutcome::Unknown => CaptureOutcome::Unknown,
    })
}

pub(crate) fn capture_lookup(lookup: wit::CaptureLookup) -> Result<CaptureLookup, String> {
    match lookup {
        wit::CaptureLookup::Found(outcome) => capture_outcome(outcome).map(CaptureLookup::Found),
        wit::CaptureLookup::Absent => Ok(CaptureLookup::Absent),
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every conversion of a result has this signature"
)]
pub(crate) fn cancel_outcome(outcome: wit::CancelOutcome) -> Result<CancelOutcome, String> {
    Ok(match outcome {
        wit::CancelOutcome::Canceled => CancelOutcome::Canceled,
        wit::CancelOutcome::TooLate => CancelOutcome::TooLate,
        wit::CancelOutcome::Unknown => CancelOutcome::Unknown,
    })
}

pub(crate) fn charge_page(page: Page) -> Result<ChargePage, String> {
    Ok(ChargePage {
        entries: check::list("entries", page.entries, CHARGES, |entry| {
            Ok(ListedCharge {
                reference: check::optional("entry.reference", entry.reference, check::ID)?,
                processor_reference: check::text("entry.processor-reference", entry.processor_reference, check::ID)?,
                minor: entry.amount.minor,
                currency: check::text("entry.amount.currency", entry.amount.currency, check::ID)?,
                state: check::text("entry.state", entry.state, check::ID)?,
                created: Timestamp(entry.created),
            })
        })?,
        next: check::optional("next", page.next, check::TEXT)?,
    })
}
