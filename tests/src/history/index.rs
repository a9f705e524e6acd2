//! The history, indexed by checkout and by reference.

use std::collections::{BTreeMap, HashMap};

use super::event::{Action, EventKind, Operation, Response, ShownCheckout};
use super::{Attempt, Charge, FinalState, History, Kept, Ledgers, OutsidePayment};

/// An index over a history.
#[derive(Debug)]
pub(super) struct Index<'a> {
    pub(super) ledgers: &'a Ledgers,
    pub(super) answered_operations: Vec<AnsweredOperation<'a>>,
    pub(super) checkouts: BTreeMap<&'a str, Checkout<'a>>,
    pub(super) attempts: HashMap<&'a str, &'a Attempt>,
}

/// An operation and its response, with the positions of both in the history.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnsweredOperation<'a> {
    pub(super) operation: &'a Operation,
    pub(super) response: &'a Response,
    pub(super) done: bool,
    pub(super) invoked: usize,
    pub(super) answered: usize,
}

/// All events of one checkout.
#[derive(Debug, Default)]
pub(super) struct Checkout<'a> {
    /// Name of the merchant, from the create that made the checkout.
    pub(super) owner: Option<&'a str>,
    pub(super) observations: Vec<Observation<'a>>,
    /// Positions in the history of the first complete and the first cancel.
    pub(super) completed: Option<usize>,
    pub(super) canceled: Option<usize>,
    pub(super) final_state: Option<&'a FinalState>,
    pub(super) charges: Vec<&'a Charge>,
    /// Payments that another party made.
    pub(super) outside: Vec<&'a OutsidePayment>,
}

/// The checkout as one operation saw it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observation<'a> {
    pub(super) shown: &'a ShownCheckout,
    pub(super) action: Action,
    pub(super) replayed: bool,
    pub(super) invoked: usize,
    pub(super) answered: usize,
}

impl<'a> Index<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let ledgers = &history.ledgers;
        let mut index = Self {
            ledgers,
            answered_operations: Vec::new(),
            checkouts: BTreeMap::new(),
            attempts: ledgers
                .attempts
                .iter()
                .map(|row| (row.reference.as_str(), row))
                .collect(),
        };
        index.read_events(history);
        for final_state in &ledgers.final_states {
            index
                .checkouts
                .entry(&final_state.shown.checkout)
                .or_default()
                .final_state = Some(final_state);
        }
        for payment in &ledgers.outside {
            let checkout = index.checkouts.entry(&payment.checkout).or_default();
            checkout.outside.push(payment);
        }
        for charge in &ledgers.charges {
            if let Some(attempt) = index.attempts.get(charge.reference.as_str()) {
                let checkout = index.checkouts.entry(&attempt.checkout).or_default();
                checkout.charges.push(charge);
            }
        }
        index
    }

    fn read_events(&mut self, history: &'a History) {
        let mut open: HashMap<u64, (usize, &Operation)> = HashMap::new();
        for (position, event) in history.events.iter().enumerate() {
            let (response, done) = match &event.kind {
                EventKind::Invoke(operation) => {
                    open.insert(event.op, (position, operation));
                    self.record_invocation(position, operation);
                    continue;
                }
                EventKind::Ok(response) => (response, true),
                EventKind::Fail(response) => (response, false),
                EventKind::Info => continue,
            };
            let Some((invoked, operation)) = open.remove(&event.op) else {
                continue;
            };
            let answered = AnsweredOperation {
                operation,
                response,
                done,
                invoked,
                answered: position,
            };
            self.record_response(&answered);
            self.answered_operations.push(answered);
        }
    }

    fn record_invocation(&mut self, position: usize, operation: &'a Operation) {
        let Some(id) = &operation.checkout else { return };
        let checkout = self.checkouts.entry(id).or_default();
        match operation.action {
            Action::Complete => checkout.completed = checkout.completed.or(Some(position)),
            Action::Cancel => checkout.canceled = checkout.canceled.or(Some(position)),
            _ => {}
        }
    }

    fn record_response(&mut self, answer: &AnsweredOperation<'a>) {
        let Some(shown) = &answer.response.shown else { return };
        let checkout = self.checkouts.entry(&shown.checkout).or_default();
        if answer.done && answer.operation.action == Action::Create {
            checkout.owner = checkout.owner.or(Some(&answer.operation.tenant));
        }
        checkout.observations.push(Observation {
            shown,
            action: answer.operation.action,
            replayed: answer.response.replayed,
            invoked: answer.invoked,
            answered: answer.answered,
        });
    }
}

impl<'a> Checkout<'a> {
    /// The payments of another party that have paid the order.
    pub(super) fn paid_elsewhere(&self) -> impl Iterator<Item = &'a OutsidePayment> {
        self.outside
            .iter()
            .copied()
            .filter(|payment| payment.kept == Kept::Order)
    }

    /// Whether the charged amount differs from the checkout's total: a discrepancy that needs manual settlement.
    pub(super) fn has_wrong_amount(&self, charge: &Charge) -> bool {
        self.final_state.is_some_and(|final_state| {
            let due = final_state.shown.total("total");
            due.is_some_and(|due| due != charge.amount) || final_state.shown.currency != charge.currency
        })
    }
}
