//! Fulfillments: a new parcel, pickup or download, or what has become of one.

use super::error::OrderError;
use super::{Order, OrderChange};
use crate::decision::{Fulfillment, FulfillmentEvent};
use crate::time::Timestamp;

/// How many fulfillments an order may have, and how many events each.
const MAX_FULFILLMENTS: usize = 200;
const MAX_EVENTS: usize = 200;

/// How far a fulfillment is. The names of its status are open; one that is not known is still being prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Its units did not and will not reach the buyer: they can be fulfilled again.
    Ended,
    /// Its units are still with the merchant.
    Prepared,
    /// Its units have left the merchant, or wait for the buyer to collect them.
    Dispatched,
    /// Its units were delivered or handed over.
    Delivered,
}

impl Stage {
    pub(super) fn of(status: &str) -> Self {
        match status {
            "failed" | "canceled" | "returned_to_sender" | "undeliverable" => Self::Ended,
            "shipped" | "in_transit" | "out_for_delivery" | "ready_for_pickup" | "failed_attempt" => Self::Dispatched,
            "delivered" => Self::Delivered,
            _ => Self::Prepared,
        }
    }
}

impl Order {
    /// Ids of the parcels, pickups and downloads that have neither arrived nor failed.
    #[must_use]
    pub fn under_way(&self) -> Vec<String> {
        let open = self.progress.fulfillments.iter().filter(|it| is_open(it));
        open.map(|it| it.id.clone()).collect()
    }

    /// Adds a fulfillment, or updates the one with its id.
    pub(super) fn fulfill(&mut self, given: &Fulfillment, change: &OrderChange) -> Result<(), OrderError> {
        for (what, text) in [
            ("fulfillment.id", &given.id),
            ("fulfillment.kind", &given.kind),
            ("fulfillment.status", &given.status),
        ] {
            if text.is_empty() {
                return Err(OrderError::Empty(what));
            }
        }
        let known = self.progress.fulfillments.iter().position(|it| it.id == given.id);
        let mut fulfillment = match known {
            Some(at) => self.progress.fulfillments.remove(at),
            None if self.progress.fulfillments.len() >= MAX_FULFILLMENTS => {
                return Err(OrderError::TooMany("as many fulfillments"));
            }
            None => Fulfillment {
                status: "pending".to_owned(),
                lines: self.lines_or_rest(&given.lines, "fulfill", |counts| counts.unassigned())?,
                events: Vec::new(),
                ..given.clone()
            },
        };
        if fulfillment.kind != given.kind {
            return Err(OrderError::OtherKind {
                id: given.id.clone(),
                before: fulfillment.kind,
                after: given.kind.clone(),
            });
        }
        if known.is_some() {
            update(&mut fulfillment, given);
        }
        take_events(&mut fulfillment, given);
        set_status(&mut fulfillment, &given.status, change.at, None);
        if fulfillment.events.len() > MAX_EVENTS {
            return Err(OrderError::TooMany("as many events of a fulfillment"));
        }
        let at = known.unwrap_or(self.progress.fulfillments.len());
        self.progress.fulfillments.insert(at, fulfillment);
        Ok(())
    }

    /// What is being prepared is not dispatched any more.
    pub(super) fn end_prepared(&mut self, at: Timestamp) {
        let prepared = self.progress.fulfillments.iter_mut();
        for fulfillment in prepared.filter(|it| Stage::of(&it.status) == Stage::Prepared) {
            set_status(fulfillment, "canceled", at, None);
        }
    }

    /// These fulfillments, or all that are open, have reached the buyer.
    pub(super) fn deliver(
        &mut self,
        named: &[String],
        location: Option<&str>,
        at: Timestamp,
    ) -> Result<(), OrderError> {
        let fulfillments = &mut self.progress.fulfillments;
        if let Some(id) = named.iter().find(|id| !fulfillments.iter().any(|it| &it.id == *id)) {
            return Err(OrderError::UnknownFulfillment {
                id: id.clone(),
                known: fulfillments.iter().map(|it| it.id.clone()).collect(),
            });
        }
        let arrived = |it: &Fulfillment| named.contains(&it.id) || named.is_empty() && is_open(it);
        let mut delivered = false;
        for fulfillment in fulfillments.iter_mut().filter(|it| arrived(it)) {
            set_status(fulfillment, "delivered", at, location);
            delivered = true;
        }
        if delivered {
            Ok(())
        } else {
            Err(OrderError::NothingLeft(
                "deliver: no parcel, pickup or download is under way",
            ))
        }
    }
}

fn is_open(fulfillment: &Fulfillment) -> bool {
    matches!(Stage::of(&fulfillment.status), Stage::Prepared | Stage::Dispatched)
}

/// What is known now; what is left out stays as it was.
fn update(known: &mut Fulfillment, given: &Fulfillment) {
    fn set<T: Clone>(known: &mut Option<T>, given: &Option<T>) {
        if given.is_some() {
            known.clone_from(given);
        }
    }
    set(&mut known.carrier, &given.carrier);
    set(&mut known.tracking_number, &given.tracking_number);
    set(&mut known.tracking_url, &given.tracking_url);
    set(&mut known.description, &given.description);
    set(&mut known.destination, &given.destination);
    set(&mut known.earliest, &given.earliest);
    set(&mut known.latest, &given.latest);
    set(&mut known.digital, &given.digital);
    if !given.lines.is_empty() {
        known.lines.clone_from(&given.lines);
    }
}

/// Adds the events that are new; the log only grows.
fn take_events(known: &mut Fulfillment, given: &Fulfillment) {
    for event in &given.events {
        if !known.events.iter().any(|it| it.id == event.id) {
            known.events.push(event.clone());
        }
    }
}

/// A change of the status is an event, unless it was reported as one.
fn set_status(fulfillment: &mut Fulfillment, status: &str, at: Timestamp, location: Option<&str>) {
    fulfillment.at = at;
    if fulfillment.status == status {
        return;
    }
    status.clone_into(&mut fulfillment.status);
    if fulfillment.events.last().is_none_or(|last| last.kind != status) {
        fulfillment.events.push(FulfillmentEvent {
            id: format!("{}:{}", fulfillment.id, fulfillment.events.len() + 1),
            kind: status.to_owned(),
            description: None,
            location: location.map(ToOwned::to_owned),
            at,
        });
    }
}
