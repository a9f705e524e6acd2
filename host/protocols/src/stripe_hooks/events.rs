//! What Stripe reports by events of a checkout that it ran: paid or not, and what became of the money later.
//!
//! A checkout session is known by the metadata that its approval was answered with, else by its own id. Refunds and disputes are known by
//! the payment intent or the charge, whichever of them an event names. Events of payments that are not of the hooks change nothing.

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
    metadata: Option<Value>,
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
    charge: Option<Expandable>,
    metadata: Option<Value>,
    amount: i64,
    currency: String,
    status: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Dispute {
    id: String,
    payment_intent: Option<Expandable>,
    charge: Option<Expandable>,
    metadata: Option<Value>,
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
                Some("unpaid") => Ok(OutsideResult::Pending(settings.pending_hold)),
                Some("paid" | "no_payment_required") => Ok(OutsideResult::Paid),
                _ => Err("payment_status is missing, or not one that is known".to_owned()),
            }
        }),
        "checkout.session.async_payment_succeeded" => payment(event, object, settings, |_| Ok(OutsideResult::Paid)),
        "checkout.session.async_payment_failed" => payment(event, object, settings, |_| {
            Ok(OutsideResult::Over("async_payment_failed".to_owned()))
        }),
        "checkout.session.expired" => payment(event, object, settings, |_| {
            Ok(OutsideResult::Over("checkout_session_expired".to_owned()))
        }),
        "charge.refunded" => of_charge(event, object),
        "charge.succeeded" | "charge.captured" | "charge.updated" | "payment_intent.succeeded" => {
            Ok(OutsideReport::Adjustments(named(event, object).into_iter().collect()))
        }
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            read(object).and_then(|refund: Refund| of_refund(event, &refund))
        }
        kind if kind.starts_with("charge.dispute.") => {
            read(object).and_then(|dispute: Dispute| of_dispute(event, &dispute))
        }
        _ => return None,
    };
    match report {
        // Without a name of a payment, it is about something else.
        Ok(OutsideReport::Adjustments(reports)) if reports.is_empty() => None,
        report => Some(report),
    }
}

fn payment(
    event: &InboxEvent,
    object: &Value,
    settings: &StripeHookSettings,
    result: impl Fn(&CheckoutSession) -> Result<OutsideResult, String>,
) -> Result<OutsideReport, String> {
    let session: CheckoutSession = read(object)?;
    let ours = session.metadata.as_ref().and_then(|metadata| metadata.get(SESSION));
    let named = reference(ours.unwrap_or(&session.id)).ok_or("its id is not one")?;
    let amount = match (session.amount_total, &session.currency) {
        (Some(stated), Some(currency)) => Some(money(stated, currency)?),
        _ => None,
    };
    let intent = session.payment_intent.as_ref().and_then(Expandable::reference);
    let result = result(&session)?;
    if amount.is_none() && result == OutsideResult::Paid {
        // Without an amount it cannot be told from the payment of another one. One that is set up for later pays nothing.
        return if ours.is_none() && session.payment_status.as_deref() == Some("no_payment_required") {
            Ok(OutsideReport::Adjustments(Vec::new()))
        } else {
            Err("a payment without its amount or its currency".to_owned())
        };
    }
    // A payment of nothing has no intent. A session that expired names no payment: every hold of it is over.
    let reference = match result {
        OutsideResult::Paid => intent.or_else(|| reference(&session.id)),
        OutsideResult::Refused(_) | OutsideResult::Over(_) | OutsideResult::Pending(_) => intent,
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
    let own = Some(Expandable::Id(charge.id.clone()));
    let names = names(&charge.payment_intent, &own, charge.metadata.as_ref());
    let of = |what| OutsideAdjustment {
        merchant: event.merchant.clone(),
        names: names.clone(),
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
    let names = names(&refund.payment_intent, &refund.charge, refund.metadata.as_ref());
    Ok(adjusted(event, names, adjustment))
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
    let names = names(&dispute.payment_intent, &dispute.charge, dispute.metadata.as_ref());
    Ok(adjusted(event, names, adjustment))
}

fn adjusted(event: &InboxEvent, names: Vec<ProcessorReference>, adjustment: Adjustment) -> OutsideReport {
    let report = (!names.is_empty()).then(|| OutsideAdjustment {
        merchant: event.merchant.clone(),
        names,
        what: AdjustmentReport::Adjustment(adjustment),
    });
    OutsideReport::Adjustments(report.into_iter().collect())
}

/// That a charge is of a payment intent, so that a later event which names only the charge is known. `None` if the event does not say so.
fn named(event: &InboxEvent, object: &Value) -> Option<OutsideAdjustment> {
    let of = |member: &str| Option::<Expandable>::deserialize(object.get(member)?).ok()?;
    let own = of("id");
    let names = if event.kind.starts_with("charge.") {
        names(&of("payment_intent"), &own, None)
    } else {
        names(&own, &of("latest_charge"), None)
    };
    (names.len() > 1).then(|| OutsideAdjustment {
        merchant: event.merchant.clone(),
        names,
        what: AdjustmentReport::Named,
    })
}

/// The names of a payment: its intent and its charge. Without both, the checkout session of the metadata, which names a payment only where
/// it has no intent: a session may be paid twice, and a refund is of one of the payments.
fn names(
    intent: &Option<Expandable>,
    charge: &Option<Expandable>,
    metadata: Option<&Value>,
) -> Vec<ProcessorReference> {
    let given = [intent, charge].into_iter().flatten();
    let names: Vec<_> = given.filter_map(Expandable::reference).collect();
    if !names.is_empty() {
        return names;
    }
    let session = metadata.and_then(|metadata| metadata.get(SESSION)?.as_str());
    session.and_then(reference).into_iter().collect()
}

/// The error says nothing of the values, which may be of a buyer.
fn read<T: DeserializeOwned>(object: &Value) -> Result<T, String> {
    T::deserialize(object).map_err(|_| "a member that is needed is missing or has another form".to_owned())
}

fn reference(id: &str) -> Option<ProcessorReference> {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_graphic());
    (is_plain && (1..=MAX_ID).contains(&id.len())).then(|| ProcessorReference::new(id))
}

/// An amount of Stripe. What is none in Stripe's units of the currency is another amount than any that is due.
fn money(stated: i64, currency: &str) -> Result<Money, String> {
    let currency = Currency::new(currency).map_err(|_| "its currency is none".to_owned())?;
    let amount = Party::Stripe.used(stated, currency).map_err(|error| error.to_string());
    let amount = amount.or_else(|why| Amount::new(stated).map_err(|_| why))?;
    Ok(Money { amount, currency })
}
