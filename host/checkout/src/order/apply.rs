//! Applying a change to an order: the next revision, or a reason why not.

use super::adjusting::CANCELLATION;
use super::change::{AppliedChange, OrderChange, OrderChangeKind};
use super::error::OrderError;
use super::status::OrderStatus;
use super::{Confirmation, Order};
use crate::decision::Adjustment;

/// How many changes an order may have.
const MAX_CHANGES: usize = 1000;

impl Order {
    /// The next revision of the order; `None` if the change was applied before.
    ///
    /// # Errors
    /// If the change contradicts the order. Units are in one fulfillment at most, or canceled, or in none; only what has left the merchant
    /// comes back; and all adjustments together return no more than was captured.
    pub fn apply(&self, change: &OrderChange) -> Result<Option<Self>, OrderError> {
        let content = change.content();
        let mut applied = self.progress.applied.iter();
        match applied.find(|it| it.source == change.source && it.id == change.id) {
            Some(before) if before.content == content => return Ok(None),
            Some(_) => return Err(OrderError::IdReused(change.id.clone())),
            None if change.id.is_empty() => return Err(OrderError::Empty("id")),
            None if self.progress.applied.len() >= MAX_CHANGES => return Err(OrderError::TooMany("as many changes")),
            None => {}
        }
        let mut next = self.clone();
        match &change.what {
            OrderChangeKind::Fulfilled(fulfillment) => next.fulfill(fulfillment, change)?,
            OrderChangeKind::Delivered { fulfillments, location } => {
                next.deliver(fulfillments, location.as_deref(), change.at)?;
            }
            OrderChangeKind::Adjusted(adjustment) => next.adjust(adjustment)?,
            OrderChangeKind::Status(OrderStatus::Canceled) => next.adjust(&cancellation(change))?,
            OrderChangeKind::Status(status) => next.progress.stated = Some(*status),
            OrderChangeKind::Confirmed(confirmation) => next.progress.confirmation.take(confirmation),
        }
        next.check()?;
        next.progress.revision += 1;
        next.progress.applied.push(AppliedChange {
            source: change.source,
            id: change.id.clone(),
            content,
            revision: next.progress.revision,
            at: Some(change.at),
        });
        Ok(Some(next))
    }

    /// What holds for every order.
    fn check(&self) -> Result<(), OrderError> {
        for (line, counts) in self.progress.lines.iter().zip(self.line_counts()) {
            let over = |action, asked, left| {
                Err(OrderError::TooManyUnits {
                    line: line.line.clone(),
                    action,
                    asked,
                    left,
                })
            };
            if counts.canceled > counts.ordered {
                return over("cancel", counts.canceled, counts.ordered);
            }
            if counts.assigned > counts.kept() {
                return over("fulfill", counts.assigned, counts.kept());
            }
            if counts.returned > counts.dispatched {
                return over("return", counts.returned, counts.dispatched);
            }
        }
        let (adjusted, captured) = (self.adjusted()?, self.total);
        if adjusted.amount > captured.amount {
            return Err(OrderError::MoreThanCaptured { adjusted, captured });
        }
        Ok(())
    }
}

/// Everything that was not dispatched is canceled.
fn cancellation(change: &OrderChange) -> Adjustment {
    Adjustment {
        id: change.id.clone(),
        kind: CANCELLATION.to_owned(),
        status: "completed".to_owned(),
        lines: Vec::new(),
        amount: None,
        reason: None,
        code: None,
        at: change.at,
    }
}

impl Confirmation {
    fn take(&mut self, given: &Self) {
        for (known, given) in [
            (&mut self.number, &given.number),
            (&mut self.invoice, &given.invoice),
            (&mut self.receipt_url, &given.receipt_url),
        ] {
            if given.is_some() {
                known.clone_from(given);
            }
        }
        self.email_sent = given.email_sent.or(self.email_sent);
    }
}
