//! What a processor reports beside the outcomes of our charges: refunds, captures, disputes, payments of others. Each is kept once.

use std::sync::Arc;

use serde_json::{Value, json};
use tracing::{info, warn};

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{
    CaptureOutcome, ChargeOutcome, Dispute, ProcessorEvent, ProcessorReport, RefundOutcome, ReportedAmount,
};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, ProcessorReference};
use tillhouse_checkout::money::{Currency, format_minor};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Recovery;
use crate::ordering::Ordering;

impl Recovery {
    /// Keep a report, and with a dispute its discrepancy; false when it was received before.
    pub(super) async fn keep_report(
        &self,
        merchant: &MerchantId,
        event: &ProcessorEvent,
    ) -> Result<bool, CheckoutError> {
        let received = self.received(merchant, event, payload(event).to_string());
        let discrepancy = match &event.report {
            ProcessorReport::Dispute(dispute) => Some(self.disputed(merchant, event, dispute).await?),
            _ => {
                let reference = event.reference.as_ref().or(event.processor_reference.as_ref());
                info!(%merchant, kind = received.kind, event.id, reference, "keeping processor event: it changes nothing here");
                None
            }
        };
        let unit = UnitOfWork {
            event: Some(received),
            discrepancy,
            ..UnitOfWork::default()
        };
        self.context.keep(unit).await
    }

    async fn disputed(
        &self,
        merchant: &MerchantId,
        event: &ProcessorEvent,
        dispute: &Dispute,
    ) -> Result<Discrepancy, CheckoutError> {
        let store = self.context.store();
        let attempt = match (&event.reference, &event.processor_reference) {
            (Some(reference), _) => store.attempt_by_reference(merchant, reference).await?,
            // Most processors name their own charge only.
            (None, Some(charge)) => {
                let charge = ProcessorReference::new(charge.as_str());
                store.attempt_by_charge(merchant, &charge).await?
            }
            (None, None) => None,
        };
        let ordering = Ordering::new(Arc::clone(&self.context));
        let mut detail = about_dispute(dispute, event);
        if let Some(attempt) = &attempt
            && let Some(refused) = ordering.take_dispute(attempt, event, dispute).await?
        {
            detail = format!("{detail}; the order does not have it: {refused}");
        }
        warn!(%merchant, event.id, detail, "keeping processor event: an operator has to look at a dispute");
        Ok(Discrepancy {
            merchant: merchant.clone(),
            kind: DiscrepancyKind::Disputed,
            subject: subject(dispute, event),
            attempt: attempt.map(|attempt| attempt.id),
            detail,
            found: self.context.now(),
        })
    }

    /// Whether an event is about the amount of the attempt, as far as it names one. A difference is kept as a discrepancy: once, however
    /// often the event comes.
    pub(super) async fn check_amount(&self, event: &ProcessorEvent, attempt: &Attempt) -> Result<bool, CheckoutError> {
        let due = attempt.amount;
        let Some(amount) = &event.amount else { return Ok(true) };
        if amount.minor == due.amount.minor() && Currency::new(&amount.currency) == Ok(due.currency) {
            return Ok(true);
        }
        let detail = format!("event {} is about {} where {due} was due", event.id, shown(amount));
        warn!(attempt.id = %attempt.id, detail, "a processor event is about another amount, and an operator has to look");
        let unit = UnitOfWork {
            discrepancy: Some(Discrepancy {
                merchant: attempt.merchant.clone(),
                kind: DiscrepancyKind::AmountDiffers,
                subject: attempt.reference.clone(),
                attempt: Some(attempt.id.clone()),
                detail,
                found: self.context.now(),
            }),
            ..UnitOfWork::default()
        };
        self.context.store().commit(unit).await?;
        Ok(false)
    }
}

/// What is kept of an event.
pub(super) fn payload(event: &ProcessorEvent) -> Value {
    json!({
        "reference": event.reference,
        "processor_reference": event.processor_reference,
        "amount": event.amount.as_ref().map(|amount| amount.minor),
        "currency": event.amount.as_ref().map(|amount| amount.currency.as_str()),
        "report": reported(&event.report),
    })
}

fn reported(report: &ProcessorReport) -> Value {
    match report {
        ProcessorReport::Charge(outcome) => charge(outcome),
        ProcessorReport::Refund(outcome) => match outcome {
            RefundOutcome::Refunded(refund) => json!({"outcome": "refunded", "refund": refund}),
            RefundOutcome::Pending(refund) => json!({"outcome": "pending", "refund": refund}),
            RefundOutcome::Declined(code) => json!({"outcome": "declined", "code": code}),
            RefundOutcome::Unknown => json!({"outcome": "unknown"}),
        },
        ProcessorReport::Capture(outcome) => match outcome {
            CaptureOutcome::Captured => json!({"outcome": "captured"}),
            CaptureOutcome::Pending(capture) => json!({"outcome": "pending", "capture": capture}),
            CaptureOutcome::Declined(code) => json!({"outcome": "declined", "code": code}),
            CaptureOutcome::Unknown => json!({"outcome": "unknown"}),
        },
        ProcessorReport::Dispute(dispute) => json!({
            "dispute": dispute.reference, "status": dispute.status, "reason": dispute.reason,
        }),
        ProcessorReport::Other(name) => json!({"event": name}),
    }
}

fn charge(outcome: &ChargeOutcome) -> Value {
    match outcome {
        ChargeOutcome::Approved {
            processor_reference,
            captured,
            ..
        } => {
            json!({"outcome": "approved", "charge": processor_reference, "captured": captured})
        }
        ChargeOutcome::Declined { code, .. } => json!({"outcome": "declined", "code": code}),
        ChargeOutcome::Pending(charge) => json!({"outcome": "pending", "charge": charge}),
        ChargeOutcome::ActionRequired { kind, .. } => json!({"outcome": "action_required", "action": kind}),
        ChargeOutcome::Unknown(charge) => json!({"outcome": "unknown", "charge": charge}),
    }
}

/// What the discrepancy of a dispute is about: with the status, because there is one per subject, and an operator has to see each.
fn subject(dispute: &Dispute, event: &ProcessorEvent) -> String {
    match dispute.reference.as_str() {
        "" => event.id.clone(),
        reference => format!("{reference} {}", dispute.status),
    }
}

/// The dispute as a sentence for the operator.
fn about_dispute(dispute: &Dispute, event: &ProcessorEvent) -> String {
    let charge = event.processor_reference.as_deref().or(event.reference.as_deref());
    let charge = charge.map_or_else(|| "a charge".to_owned(), |charge| format!("charge {charge}"));
    let amount = event
        .amount
        .as_ref()
        .map_or_else(String::new, |amount| format!(" over {}", shown(amount)));
    let reason = dispute
        .reason
        .as_deref()
        .map_or_else(String::new, |reason| format!(", because of {reason}"));
    format!(
        "dispute {} of {charge}{amount} is {}{reason}",
        dispute.reference, dispute.status
    )
}

fn shown(amount: &ReportedAmount) -> String {
    format_minor(amount.minor, &amount.currency)
}
