//! What an item reports, by its event code (<https://docs.adyen.com/development-resources/webhooks/webhook-types>).

use tillhouse_plugin::{
    payments::{CaptureOutcome, Dispute, ProcessorEvent, RefundOutcome, Report},
    prelude::*,
};

use super::item::Item;
use crate::{answer, refusal};

/// Reads a verified item. Adyen sends an event again with the same code, reference and success, which are its id here.
pub(super) fn of(item: Item, account: &str) -> Result<ProcessorEvent, Failure> {
    let id = format!("{}:{}:{}", item.event_code, item.psp_reference, item.success_text());
    // A webhook of a company account reports the payments of all its merchant accounts.
    if item.merchant_account_code != account {
        return Ok(ProcessorEvent::new(id, Report::Other(item.event_code)));
    }
    let what = report(&item)?;
    let payment = match &what {
        Report::Charge(_) if item.original_reference.is_none() => Some(item.psp_reference),
        _ => item.original_reference.filter(|reference| !reference.is_empty()),
    };
    Ok(ProcessorEvent {
        reference: item.merchant_reference.filter(|reference| !reference.is_empty()),
        processor_reference: payment,
        amount: item.amount.and_then(|amount| amount.money()),
        ..ProcessorEvent::new(id, what)
    })
}

fn report(item: &Item) -> Result<Report, Failure> {
    let reference = || item.psp_reference.clone();
    let succeeded = match item.success_text() {
        "true" => true,
        "false" => false,
        _ => return Ok(Report::Other(item.event_code.clone())),
    };
    Ok(match (item.event_code.as_str(), succeeded) {
        ("AUTHORISATION", true) => Report::Charge(match &item.amount {
            Some(amount) => answer::approved(reference(), amount)?,
            None => Outcome::Unknown(Some(reference())),
        }),
        ("AUTHORISATION", false) => Report::Charge(refusal::declined(None)),
        ("CAPTURE", true) => Report::Capture(CaptureOutcome::Captured),
        ("CAPTURE", false) => Report::Capture(CaptureOutcome::Declined("capture_refused".into())),
        // These two report a failure, whether or not Adyen calls that a success.
        ("CAPTURE_FAILED", _) => Report::Capture(CaptureOutcome::Declined("capture_failed".into())),
        ("REFUND_FAILED", _) => Report::Refund(RefundOutcome::Declined("refund_failed".into())),
        ("REFUNDED_REVERSED", _) => Report::Refund(RefundOutcome::Declined("refunded_reversed".into())),
        ("REFUND", true) => Report::Refund(RefundOutcome::Refunded(reference())),
        ("REFUND", false) => Report::Refund(RefundOutcome::Declined("refund_refused".into())),
        ("CANCELLATION" | "TECHNICAL_CANCEL", true) => Report::Charge(voided()),
        ("CANCEL_OR_REFUND", true) => match item.additional("modification.action") {
            Some("cancel") => Report::Charge(voided()),
            Some("refund") => Report::Refund(RefundOutcome::Refunded(reference())),
            _ => Report::Other(item.event_code.clone()),
        },
        _ => match dispute(item) {
            Some(dispute) => Report::Dispute(dispute),
            None => Report::Other(item.event_code.clone()),
        },
    })
}

/// A payment that was canceled: no money moved, and none will.
fn voided() -> Outcome {
    Outcome::declined("voided", false)
}

/// The dispute that an item is about. Adyen gives each event of a dispute the reference of the dispute.
fn dispute(item: &Item) -> Option<Dispute> {
    let status = match item.event_code.as_str() {
        "NOTIFICATION_OF_CHARGEBACK" | "REQUEST_FOR_INFORMATION" => "needs_response",
        "CHARGEBACK" => "opened",
        "CHARGEBACK_REVERSED" | "PREARBITRATION_WON" => "won",
        "SECOND_CHARGEBACK" | "PREARBITRATION_LOST" => "lost",
        _ => return None,
    };
    Some(Dispute {
        reference: item.psp_reference.clone(),
        status: status.into(),
        reason: None,
    })
}
