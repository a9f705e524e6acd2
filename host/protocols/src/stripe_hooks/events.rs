//! What Stripe reports by events of a checkout that it ran: paid or not, and what became of the money later.
//!
//! A checkout session is known by the metadata that its approval was answered with, else by its own id. Refunds and disputes are known by
//! the payment intent. Events of payments that are not of the hooks change nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::to_wire::SESSION;
use crate::settings::StripeHookSettings;
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::ids::{ProcessorReference, SessionId};
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::outside_payment::{
    AdjustmentReport, OutsideAdjustment, OutsidePayment, OutsideReport, OutsideResult,
};
use tillhouse_checkout::party_units::Party;
use tillhouse_checkout::text::printable;

/// Longest reference that is read.
const MAX_ID: usize = 255;

#[derive(Deserialize)]
struct CheckoutSession {
    id: String,
    payment_status: Option<String>,
    payment_intent: Option<Expandable>,
    amount_total: Option<i64>,
    currency: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Charge {
    id: String,
    payment_intent: Option<Expandable>,
    amount_refunded: i64,
    currency: String,
    refunds: Option<Refunds>,
}

#[derive(Deserialize)]
struct Refunds {
    data: Vec<Refund>,
}

#[derive(Deserialize)]
struct Refund {
    id: String,
    payment_intent: Option<Expandable>,
    amount: i64,
    currency: String,
    status: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Dispute {
    id: String,
    payment_intent: Option<Expandable>,
    amount: i64,
    currency: String,
    status: String,
    reason: Option<String>,
}

/// An object that Stripe names by its id, or sends as a whole.
#[derive(Deserialize)]
#[serde(untagged)]
enum Expandable {
    Id(String),
    Object { id: String },
}

impl Expandable {
    fn reference(&self) -> Option<ProcessorReference> {
        let (Self::Id(id) | Self::Object { id }) = self;
        reference(id)
    }
}

/// What an event reports; `None` for one that is about something else, or about a payment that cannot be of the hooks.
///
/// # Errors
/// Why its object cannot be read.
pub(crate) fn report(
    event: &InboxEvent,
    object: &Value,
    settings: &StripeHookSettings,
) -> Option<Result<OutsideReport, String>> {
    let report = match event.kind.as_str() {
        "checkout.session.completed" => payment(event, object, settings, |session| {
            match session.payment_status.as_deref() {
                Some("unpaid") => OutsideResult::Pending(settings.pending_hold),
                _ => OutsideResult::Paid,
            }
        }),
        "checkout.session.async_payment_succeeded" => payment(event, object, settings, |_| OutsideResult::Paid),
        "checkout.session.async_payment_failed" => payment(event, object, settings, |_| {
            OutsideResult::Refused("async_payment_failed".to_owned())
        }),
        "checkout.session.expired" => payment(event, object, settings, |_| {
            OutsideResult::Refused("checkout_session_expired".to_owned())
        }),
        "charge.refunded" => of_charge(event, object),
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            read(object).and_then(|refund: Refund| of_refund(event, &refund))
        }
        kind if kind.starts_with("charge.dispute.") => {
            read(object).and_then(|dispute: Dispute| of_dispute(event, &dispute))
        }
        _ => return None,
    };
    match report {
        // Without a payment intent, it is not a payment of a checkout session.
        Ok(OutsideReport::Adjustments(reports)) if reports.is_empty() => None,
        report => Some(report),
    }
}

fn payment(
    event: &InboxEvent,
    object: &Value,
    settings: &StripeHookSettings,
    result: impl Fn(&CheckoutSession) -> OutsideResult,
) -> Result<OutsideReport, String> {
    let session: CheckoutSession = read(object)?;
    let ours = session.metadata.as_ref().and_then(|metadata| metadata.get(SESSION));
    let named = reference(ours.unwrap_or(&session.id)).ok_or("its id is not one")?;
    let amount = match (session.amount_total, &session.currency) {
        (Some(stated), Some(currency)) => Some(money(stated, currency)?),
        _ => None,
    };
    let intent = session.payment_intent.as_ref().and_then(Expandable::reference);
    let result = result(&session);
    // A payment of nothing has no intent. A session that expired names no payment: every hold of it is over.
    let reference = match result {
        OutsideResult::Paid => intent.or_else(|| reference(&session.id)),
        OutsideResult::Refused(_) | OutsideResult::Pending(_) => intent,
    };
    Ok(OutsideReport::Payment {
        reports_unknown: settings.reports_unknown || ours.is_some(),
        payment: OutsidePayment {
            caller: Caller {
                merchant: event.merchant.clone(),
                protocol: Protocol::StripeHooks,
                principal: None,
            },
            session: SessionId::new(named.as_str()),
            reference,
            amount,
            result,
        },
    })
}

/// Every refund of a charge that the event lists; else their sum.
fn of_charge(event: &InboxEvent, object: &Value) -> Result<OutsideReport, String> {
    let charge: Charge = read(object)?;
    let Some(payment) = charge.payment_intent.as_ref().and_then(Expandable::reference) else {
        return Ok(OutsideReport::Adjustments(Vec::new()));
    };
    let of = |what| OutsideAdjustment {
        merchant: event.merchant.clone(),
        payment: payment.clone(),
        what,
    };
    let listed = charge.refunds.map(|refunds| refunds.data).unwrap_or_default();
    let mut reports = Vec::new();
    for refund in &listed {
        reports.push(of(AdjustmentReport::Adjustment(refunded(event, refund)?)));
    }
    if reports.is_empty() {
        reports.push(of(AdjustmentReport::Refunded {
            charge: reference(&charge.id).ok_or("its id is not one")?.to_string(),
            total: money(charge.amount_refunded, &charge.currency)?,
            at: event.received,
        }));
    }
    Ok(OutsideReport::Adjustments(reports))
}

fn of_refund(event: &InboxEvent, refund: &Refund) -> Result<OutsideReport, String> {
    let adjustment = refunded(event, refund)?;
    Ok(adjusted(event, refund.payment_intent.as_ref(), adjustment))
}

fn refunded(event: &InboxEvent, refund: &Refund) -> Result<Adjustment, String> {
    let status = match refund.status.as_deref() {
        Some("succeeded") => "completed",
        Some("failed" | "canceled") => "failed",
        _ => "pending",
    };
    Ok(Adjustment {
        id: reference(&refund.id).ok_or("its id is not one")?.to_string(),
        kind: "refund".to_owned(),
        status: status.to_owned(),
        lines: Vec::new(),
        amount: Some(money(refund.amount, &refund.currency)?),
        reason: None,
        code: refund.reason.as_deref().map(printable),
        at: event.received,
    })
}

/// A dispute. What the bank takes is not returned by the merchant; its status is in the code, for the operator.
fn of_dispute(event: &InboxEvent, dispute: &Dispute) -> Result<OutsideReport, String> {
    let status = match dispute.status.as_str() {
        "lost" => "completed",
        "won" | "warning_closed" | "prevented" => "failed",
        _ => "pending",
    };
    let adjustment = Adjustment {
        id: reference(&dispute.id).ok_or("its id is not one")?.to_string(),
        kind: "dispute".to_owned(),
        status: status.to_owned(),
        lines: Vec::new(),
        amount: Some(money(dispute.amount, &dispute.currency)?),
        reason: dispute.reason.as_deref().map(printable),
        code: Some(printable(&dispute.status)),
        at: event.received,
    };
    Ok(adjusted(event, dispute.payment_intent.as_ref(), adjustment))
}

fn adjusted(event: &InboxEvent, intent: Option<&Expandable>, adjustment: Adjustment) -> OutsideReport {
    let payment = intent.and_then(Expandable::reference);
    let report = payment.map(|payment| OutsideAdjustment {
        merchant: event.merchant.clone(),
        payment,
        what: AdjustmentReport::Adjustment(adjustment),
    });
    OutsideReport::Adjustments(report.into_iter().collect())
}

fn read<T: DeserializeOwned>(object: &Value) -> Result<T, String> {
    T::deserialize(object).map_err(|error| error.to_string())
}

fn reference(id: &str) -> Option<ProcessorReference> {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_graphic());
    (is_plain && (1..=MAX_ID).contains(&id.len())).then(|| ProcessorReference::new(id))
}

/// An amount of Stripe. What is none in Stripe's units of the currency is another amount than any that is due.
fn money(stated: i64, currency: &str) -> Result<Money, String> {
    let currency = Currency::new(currency).map_err(|_| format!("{currency} is not a currency"))?;
    let amount = Party::Stripe.used(stated, currency).map_err(|error| error.to_string());
    let amount = amount.or_else(|why| Amount::new(stated).map_err(|_| why))?;
    Ok(Money { amount, currency })
}
