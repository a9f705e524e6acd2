//! The history, indexed by checkout and by reference.

use std::collections::{BTreeMap, HashMap};

use super::event::{Action, Call, Seen, Shown, What};
use super::{Attempt, Books, Charge, History, Look};

/// An index over a history.
#[derive(Debug)]
pub(super) struct Index<'a> {
    pub(super) books: &'a Books,
    pub(super) answers: Vec<Answered<'a>>,
    pub(super) checkouts: BTreeMap<&'a str, Checkout<'a>>,
    pub(super) attempts: HashMap<&'a str, &'a Attempt>,
}

/// An operation and its response, with the positions of both in the history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered<'a> {
    pub(super) call: &'a Call,
    pub(super) seen: &'a Seen,
    pub(super) done: bool,
    pub(super) invoked: usize,
    pub(super) answered: usize,
}

/// All events of one checkout.
#[derive(Debug, Default)]
pub(super) struct Checkout<'a> {
    /// Name of the merchant, from the create that made the checkout.
    pub(super) owner: Option<&'a str>,
    pub(super) sights: Vec<Sight<'a>>,
    /// Positions in the history of the first complete and the first cancel.
    pub(super) completed: Option<usize>,
    pub(super) canceled: Option<usize>,
    pub(super) look: Option<&'a Look>,
    pub(super) charges: Vec<&'a Charge>,
}

/// The checkout as one operation saw it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight<'a> {
    pub(super) shown: &'a Shown,
    pub(super) action: Action,
    pub(super) replayed: bool,
    pub(super) invoked: usize,
    pub(super) answered: usize,
}

impl<'a> Index<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let books = &history.books;
        let mut index = Self {
            books,
            answers: Vec::new(),
            checkouts: BTreeMap::new(),
            attempts: books.attempts.iter().map(|row| (row.reference.as_str(), row)).collect(),
        };
        index.read_events(history);
        for look in &books.looks {
            index.checkouts.entry(&look.shown.checkout).or_default().look = Some(look);
        }
        for charge in &books.charges {
            if let Some(attempt) = index.attempts.get(charge.reference.as_str()) {
                let checkout = index.checkouts.entry(&attempt.checkout).or_default();
                checkout.charges.push(charge);
            }
        }
        index
    }

    fn read_events(&mut self, history: &'a History) {
        let mut open: HashMap<u64, (usize, &Call)> = HashMap::new();
        for (place, event) in history.events.iter().enumerate() {
            let (seen, done) = match &event.what {
                What::Invoke(call) => {
                    open.insert(event.op, (place, call));
                    self.note_invoked(place, call);
                    continue;
                }
                What::Ok(seen) => (seen, true),
                What::Fail(seen) => (seen, false),
                What::Info => continue,
            };
            let Some((invoked, call)) = open.remove(&event.op) else {
                continue;
            };
            let answered = Answered {
                call,
                seen,
                done,
                invoked,
                answered: place,
            };
            self.note_answered(&answered);
            self.answers.push(answered);
        }
    }

    fn note_invoked(&mut self, place: usize, call: &'a Call) {
        let Some(id) = &call.checkout else { return };
        let checkout = self.checkouts.entry(id).or_default();
        match call.action {
            Action::Complete => checkout.completed = checkout.completed.or(Some(place)),
            Action::Cancel => checkout.canceled = checkout.canceled.or(Some(place)),
            _ => {}
        }
    }

    fn note_answered(&mut self, answer: &Answered<'a>) {
        let Some(shown) = &answer.seen.shown else { return };
        let checkout = self.checkouts.entry(&shown.checkout).or_default();
        if answer.done && answer.call.action == Action::Create {
            checkout.owner = checkout.owner.or(Some(&answer.call.tenant));
        }
        checkout.sights.push(Sight {
            shown,
            action: answer.call.action,
            replayed: answer.seen.replayed,
            invoked: answer.invoked,
            answered: answer.answered,
        });
    }
}

impl Checkout<'_> {
    /// Whether the charged amount differs from the checkout's total: a discrepancy that needs manual settlement.
    pub(super) fn is_break(&self, charge: &Charge) -> bool {
        self.look.is_some_and(|look| {
            let due = look.shown.total("total");
            due.is_some_and(|due| due != charge.amount) || look.shown.currency != charge.currency
        })
    }
}
