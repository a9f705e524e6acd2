//! One unit of work, inside its savepoint.

use rusqlite::Connection;

use crate::column::to_json;
use tillhouse_checkout::attempt::AttemptWrite;
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::refund::RefundWrite;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::leases::Fences;
use super::{attempts, db_error, journal, messages, orders, plugin_data, records, refunds, saved_carts, vault};

/// A unit whose bodies are serialized already: the caller's thread does that, because there is only one writer.
pub(super) struct PreparedUnit {
    unit: UnitOfWork,
    session: Option<String>,
    saved_cart: Option<String>,
    ended_attempt: Option<String>,
    attempt: Option<String>,
    order: Option<String>,
    refund: Option<String>,
}

impl PreparedUnit {
    pub(super) fn new(unit: UnitOfWork) -> Result<Self, StoreError> {
        Ok(Self {
            session: unit.session.as_ref().map(|write| to_json(&write.session)).transpose()?,
            saved_cart: unit.saved_cart.as_ref().map(|write| to_json(&write.cart)).transpose()?,
            ended_attempt: attempt_json(unit.ended_attempt.as_deref())?,
            attempt: attempt_json(unit.attempt.as_ref())?,
            order: unit.order.as_ref().map(|write| to_json(&write.order)).transpose()?,
            refund: unit.refund.as_ref().map(|write| to_json(write.refund())).transpose()?,
            unit,
        })
    }

    #[cfg(feature = "crash-points")]
    pub(super) const fn unit(&self) -> &UnitOfWork {
        &self.unit
    }

    pub(super) fn attempt_writes(&self) -> impl Iterator<Item = &AttemptWrite> {
        self.unit.ended_attempt.as_deref().into_iter().chain(&self.unit.attempt)
    }

    pub(super) const fn refund_write(&self) -> Option<&RefundWrite> {
        self.unit.refund.as_ref()
    }
}

/// Applies every part, or fails with the first conflict. The order is that in which a conflict matters to the caller: a request
/// that was already answered gets its answer, whatever else has changed; plugin data comes last, because running the phase
/// again only helps if the session is unchanged. A refund comes before the order that changes with it: if another host has settled it,
/// a new revision of the order does not help.
pub(super) fn apply(
    db: &Connection,
    prepared: &PreparedUnit,
    fences: &Fences,
    now: Timestamp,
) -> Result<(), CommitError> {
    let unit = &prepared.unit;
    if let Some(event) = &unit.event {
        journal::insert_event(db, event).map_err(db_error::classify)?;
    }
    if let Some(record) = &unit.idempotency {
        records::insert_idempotency(db, record, now).map_err(db_error::classify)?;
    }
    if let (Some(write), Some(body)) = (&unit.session, &prepared.session) {
        records::write_session(db, write, body)?;
    }
    if let (Some(write), Some(body)) = (&unit.saved_cart, &prepared.saved_cart) {
        saved_carts::write(db, write, body)?;
    }
    // Two attempts of one session are never live at once.
    if let (Some(write), Some(body)) = (&unit.ended_attempt, &prepared.ended_attempt) {
        write_attempt(db, write, body, fences)?;
    }
    if let (Some(write), Some(body)) = (&unit.attempt, &prepared.attempt) {
        write_attempt(db, write, body, fences)?;
    }
    if let Some(card) = &unit.card {
        vault::insert(db, card).map_err(db_error::classify)?;
    }
    if let (Some(write), Some(body)) = (&unit.refund, &prepared.refund) {
        if write.replaces().is_some() && fences.refunds.epoch(&write.refund().id) != write.refund().epoch {
            return Err(CommitError::Refund);
        }
        refunds::write(db, write, body)?;
    }
    if let (Some(write), Some(body)) = (&unit.order, &prepared.order) {
        orders::write(db, write, body)?;
    }
    plugin_data::check(db, &unit.staged.reads)?;
    plugin_data::write(db, &unit.staged.writes)?;
    for message in &unit.outbox {
        messages::queue(db, message).map_err(db_error::classify)?;
    }
    if let Some(found) = &unit.discrepancy {
        journal::insert_discrepancy(db, found).map_err(db_error::classify)?;
    }
    if let Some(entry) = &unit.audit {
        journal::append_audit(db, entry).map_err(db_error::classify)?;
    }
    Ok(())
}

fn attempt_json(write: Option<&AttemptWrite>) -> Result<Option<String>, StoreError> {
    write.map(|write| to_json(write.attempt())).transpose()
}

fn write_attempt(db: &Connection, write: &AttemptWrite, body: &str, fences: &Fences) -> Result<(), CommitError> {
    if fences.attempts.epoch(&write.attempt().id) != write.attempt().epoch {
        return Err(CommitError::Attempt);
    }
    attempts::write(db, write, body)?;
    vault::follow(db, write)
}
