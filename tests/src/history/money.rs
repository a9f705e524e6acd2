//! I1, I2, I3, I7, I8, I9, I10: charges, orders, reports and webhook events agree.
//!
//! A payment that another party made is neither charged nor reported by the host.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::event::Status;
use super::index::{Checkout, Index};
use super::{Charge, Invariant, Kept, Violations};

pub(super) fn check(index: &Index<'_>, found: &mut Violations) {
    for (id, checkout) in &index.checkouts {
        charged_once(id, checkout, found);
        charge_has_order(id, checkout, found);
        order_has_charge(id, checkout, found);
        payment_elsewhere_is_not_lost(id, checkout, found);
        not_in_progress_forever(id, checkout, found);
    }
    recorded_before_sent(index, found);
    reported_once(index, found);
    announced(index, found);
}

fn charged_once(id: &str, checkout: &Checkout<'_>, found: &mut Violations) {
    if checkout.charges.len() > 1 {
        let references: Vec<_> = checkout
            .charges
            .iter()
            .map(|charge| charge.reference.as_str())
            .collect();
        found.add(Invariant::I1, id, format!("charged as {}", references.join(" and ")));
    }
}

/// A discrepancy that waits for manual settlement has no order, because no buyer agreed to that amount.
fn charge_has_order(id: &str, checkout: &Checkout<'_>, found: &mut Violations) {
    let orders = orders(checkout);
    if orders.len() > 1 {
        found.add(Invariant::I2, id, format!("has several orders: {orders:?}"));
    }
    let Some(charge) = checkout.charges.first() else { return };
    let kept = |final_state: &&super::FinalState| final_state.in_review && checkout.has_wrong_amount(charge);
    let completed = checkout
        .final_state
        .is_some_and(|final_state| final_state.shown.status == Status::Completed);
    if checkout.final_state.filter(kept).is_none() && (!completed || orders.is_empty()) {
        let status = checkout.final_state.map(|final_state| final_state.shown.status);
        found.add(
            Invariant::I2,
            id,
            format!("was charged as {} but its status is {status:?}", charge.reference),
        );
    }
}

/// Every order that any response showed for a completed checkout.
fn orders<'a>(checkout: &Checkout<'a>) -> BTreeSet<&'a str> {
    let observed = checkout.observations.iter().map(|observation| observation.shown);
    let last = checkout.final_state.map(|final_state| &final_state.shown);
    observed
        .chain(last)
        .filter(|shown| shown.status == Status::Completed)
        .filter_map(|shown| shown.order.as_deref())
        .collect()
}

fn order_has_charge(id: &str, checkout: &Checkout<'_>, found: &mut Violations) {
    let Some(final_state) = checkout
        .final_state
        .filter(|final_state| final_state.shown.status == Status::Completed)
    else {
        return;
    };
    match checkout.charges.first() {
        None => order_is_paid_elsewhere(id, checkout, final_state, found),
        Some(charge) if checkout.has_wrong_amount(charge) => found.add(
            Invariant::I3,
            id,
            format!(
                "was charged {} {}, expected {:?} {}",
                charge.amount,
                charge.currency,
                final_state.shown.total("total"),
                final_state.shown.currency
            ),
        ),
        Some(_) => {}
    }
}

fn order_is_paid_elsewhere(id: &str, checkout: &Checkout<'_>, final_state: &super::FinalState, found: &mut Violations) {
    let due = final_state.shown.total("total");
    match checkout.paid_elsewhere().next() {
        None => found.add(Invariant::I3, id, "has an order but no charge"),
        Some(payment) if due != Some(payment.amount) => {
            let text = format!("was paid {} elsewhere, expected {due:?}", payment.amount);
            found.add(Invariant::I3, id, text);
        }
        Some(_) => {}
    }
}

fn payment_elsewhere_is_not_lost(id: &str, checkout: &Checkout<'_>, found: &mut Violations) {
    let paying: Vec<_> = checkout
        .paid_elsewhere()
        .map(|payment| payment.reference.as_str())
        .collect();
    if paying.len() > 1 {
        found.add(
            Invariant::I1,
            id,
            format!("was paid elsewhere as {}", paying.join(" and ")),
        );
    }
    for lost in checkout.outside.iter().filter(|payment| payment.kept == Kept::Nothing) {
        let text = format!(
            "was paid elsewhere as {}, and has neither its order nor a discrepancy",
            lost.reference
        );
        found.add(Invariant::I2, id, text);
    }
    let completed = checkout
        .final_state
        .is_some_and(|final_state| final_state.shown.status == Status::Completed);
    if !paying.is_empty() && !completed {
        found.add(
            Invariant::I2,
            id,
            format!("was paid elsewhere as {} but is not completed", paying[0]),
        );
    }
}

fn not_in_progress_forever(id: &str, checkout: &Checkout<'_>, found: &mut Violations) {
    let Some(final_state) = checkout.final_state else {
        return;
    };
    if final_state.shown.status == Status::InProgress && final_state.overdue && !final_state.in_review {
        found.add(
            Invariant::I9,
            id,
            "is in progress past its deadline and does not wait for manual settlement",
        );
    }
}

fn recorded_before_sent(index: &Index<'_>, found: &mut Violations) {
    for charge in &index.ledgers.charges {
        match index.attempts.get(charge.reference.as_str()) {
            None => {
                found.add(
                    Invariant::I10,
                    &charge.reference,
                    "was charged but the host has no attempt for it",
                );
                found.add(
                    Invariant::I2,
                    &charge.reference,
                    "was charged but belongs to no checkout",
                );
            }
            Some(attempt) if !attempt.charging => {
                found.add(
                    Invariant::I10,
                    &charge.reference,
                    "was charged but never recorded as charging",
                );
            }
            Some(_) => {}
        }
    }
}

/// One report for each charge with an order, and no other reports.
fn reported_once(index: &Index<'_>, found: &mut Violations) {
    let mut reports: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
    for report in &index.ledgers.reports {
        let of = reports.entry(&report.reference).or_default();
        of.push((report.amount, &report.currency));
    }
    for charge in &index.ledgers.charges {
        let reported = reports.remove(charge.reference.as_str()).unwrap_or_default();
        let expected = usize::from(!waits_for_manual_settlement(index, charge));
        let same = reported
            .iter()
            .all(|(amount, currency)| *amount == charge.amount && *currency == charge.currency);
        if reported.len() != expected || !same {
            let text = format!(
                "charged {} {}, but the reports are {reported:?}",
                charge.amount, charge.currency
            );
            found.add(Invariant::I7, &charge.reference, text);
        }
    }
    for reference in reports.keys() {
        found.add(Invariant::I7, reference, "was reported as paid but never charged");
    }
}

fn waits_for_manual_settlement(index: &Index<'_>, charge: &Charge) -> bool {
    let attempt = index.attempts.get(charge.reference.as_str());
    let checkout = attempt.and_then(|attempt| index.checkouts.get(attempt.checkout.as_str()));
    checkout.is_some_and(|checkout| {
        let in_review = checkout.final_state.is_some_and(|final_state| final_state.in_review);
        in_review && checkout.has_wrong_amount(charge)
    })
}

fn announced(index: &Index<'_>, found: &mut Violations) {
    let Some(deliveries) = &index.ledgers.deliveries else {
        return;
    };
    let mut events: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for delivery in deliveries.iter().filter(|delivery| delivery.accepted) {
        events.entry(&delivery.order).or_default().insert(&delivery.event);
    }
    // What Adyen sells, it knows.
    let own = index.checkouts.values().filter(|checkout| checkout.outside.is_empty());
    for checkout in own {
        for order in orders(checkout) {
            let ids = events.get(order).map_or(0, BTreeSet::len);
            if ids != 1 {
                found.add(
                    Invariant::I8,
                    order,
                    format!("was announced under {ids} event ids, expected 1"),
                );
            }
        }
    }
}
