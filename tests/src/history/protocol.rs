//! I5, I6, I12, I13: what callers are promised.

use std::collections::HashMap;

use super::event::{Action, Operation, ShownCheckout, Status};
use super::index::{AnsweredOperation, Checkout, Index, Observation};
use super::{Invariant, Violations};

pub(super) fn check(index: &Index<'_>, found: &mut Violations) {
    one_answer_per_key(index, found);
    for (id, checkout) in &index.checkouts {
        final_is_final(id, checkout, found);
        every_status_has_a_cause(id, checkout, found);
    }
    other_merchants_see_nothing(index, found);
    for answer in &index.answered_operations {
        if let Some(shown) = &answer.response.shown {
            totals_add_up(shown, found);
        }
    }
}

/// The scope of an idempotency key: merchant, operation, checkout, key.
type Key<'a> = (&'a str, Action, Option<&'a str>, &'a str);

fn key_of<'a>(operation: &'a Operation) -> Option<Key<'a>> {
    let key = operation.key.as_deref()?;
    Some((&operation.tenant, operation.action, operation.checkout.as_deref(), key))
}

/// A decline is as final a response as an order is.
const DECLINED: u16 = 402;

/// The first success or decline under a key is the response to every later request: a replay for the same body, an error for
/// another.
///
/// "In flight" and "in progress" are not final responses. Overlapping requests may both get a final one.
fn one_answer_per_key(index: &Index<'_>, found: &mut Violations) {
    let mut first: HashMap<Key<'_>, &AnsweredOperation<'_>> = HashMap::new();
    for answer in index.answered_operations.iter().filter(|answer| is_settled(answer)) {
        let Some(key) = key_of(answer.operation) else { continue };
        let Some(before) = first.get(&key) else {
            if answer.done || answer.response.status == DECLINED {
                first.insert(key, answer);
            }
            continue;
        };
        let same_body = before.operation.body == answer.operation.body;
        let same_answer =
            (before.response.status, before.response.body) == (answer.response.status, answer.response.body);
        if same_body && !same_answer && (answer.done || before.answered < answer.invoked) {
            let (was, is) = (before.response.status, answer.response.status);
            found.add(
                Invariant::I5,
                key.3,
                format!("was answered {was}, then {is} or another body"),
            );
        }
        if !same_body && answer.done {
            found.add(Invariant::I5, key.3, "was accepted with two different bodies");
        }
    }
}

fn is_settled(answer: &AnsweredOperation<'_>) -> bool {
    let in_progress = answer
        .response
        .shown
        .as_ref()
        .is_some_and(|shown| shown.status == Status::InProgress);
    answer.response.status != 409 && !in_progress
}

/// "Open" and "in progress" may alternate, so only final statuses are checked: no request that is sent later may show another
/// status. A replay shows the status of its first response.
fn final_is_final(id: &str, checkout: &Checkout<'_>, found: &mut Violations) {
    let mut end: Option<&Observation<'_>> = None;
    for observation in checkout.observations.iter().filter(|observation| !observation.replayed) {
        let Some(ended) = end else {
            end = observation.shown.status.is_final().then_some(observation);
            continue;
        };
        let (was, is) = (ended.shown.status, observation.shown.status);
        if is != was && (is.is_final() || observation.invoked > ended.answered) {
            found.add(Invariant::I6, id, format!("was {was:?}, then {is:?}"));
        }
    }
    let last = checkout.final_state.map(|final_state| final_state.shown.status);
    if let (Some(ended), Some(last)) = (end, last)
        && ended.shown.status != last
    {
        found.add(
            Invariant::I6,
            id,
            format!("was {:?} but ended {last:?}", ended.shown.status),
        );
    }
}

fn every_status_has_a_cause(id: &str, checkout: &Checkout<'_>, found: &mut Violations) {
    let caused = |status: Status, by: usize| match status {
        Status::Open | Status::Expired => true,
        Status::InProgress | Status::Completed => checkout.completed.is_some_and(|position| position < by),
        Status::Canceled => checkout.canceled.is_some_and(|position| position < by),
    };
    for observation in &checkout.observations {
        let status = observation.shown.status;
        if !caused(status, observation.answered) {
            found.add(Invariant::I6, id, format!("was {status:?} without a request for it"));
        }
        if observation.action == Action::Create && status != Status::Open {
            found.add(Invariant::I6, id, format!("was created as {status:?}"));
        }
    }
    if let Some(final_state) = checkout.final_state
        && !caused(final_state.shown.status, usize::MAX)
    {
        let status = final_state.shown.status;
        found.add(Invariant::I6, id, format!("ended {status:?} without a request for it"));
    }
}

fn other_merchants_see_nothing(index: &Index<'_>, found: &mut Violations) {
    for answer in index.answered_operations.iter().filter(|answer| answer.done) {
        let shown = answer.response.shown.as_ref().map(|shown| shown.checkout.as_str());
        let Some(id) = shown.or(answer.operation.checkout.as_deref()) else {
            continue;
        };
        let owner = index.checkouts.get(id).and_then(|checkout| checkout.owner);
        if let Some(owner) = owner
            && owner != answer.operation.tenant
        {
            let reader = &answer.operation.tenant;
            found.add(
                Invariant::I12,
                id,
                format!("belongs to {owner} but was shown to {reader}"),
            );
        }
    }
}

/// ACP shows discounts as positive amounts in two entries, Stripe as a negative amount in one.
fn totals_add_up(shown: &ShownCheckout, found: &mut Violations) {
    if shown.totals.is_empty() {
        return;
    }
    let whole = shown.totals.iter().all(|entry| entry.minor.is_some());
    if !whole || shown.lines.iter().any(|line| line.unit.is_none()) {
        found.add(
            Invariant::I13,
            &shown.checkout,
            "shows an amount that is not an integer",
        );
        return;
    }
    let mut sum = 0_i64;
    for entry in &shown.totals {
        let minor = entry.minor.unwrap_or_default();
        match entry.kind.as_str() {
            "total" | "subtotal" => {}
            "items_discount" | "discount" => sum -= minor.abs(),
            _ => sum += minor,
        }
    }
    if shown.total("total") != Some(sum) {
        let total = shown.total("total");
        found.add(
            Invariant::I13,
            &shown.checkout,
            format!("totals add up to {sum}, expected {total:?}"),
        );
    }
    let items: i64 = shown
        .lines
        .iter()
        .map(|line| line.quantity * line.unit.unwrap_or_default())
        .sum();
    let base = shown.total("items_base_amount");
    if !shown.lines.is_empty() && base != Some(items) {
        found.add(
            Invariant::I13,
            &shown.checkout,
            format!("lines add up to {items}, expected {base:?}"),
        );
    }
}
