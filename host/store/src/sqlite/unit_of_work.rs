//! One unit of work, inside its savepoint.

use rusqlite::Connection;

use crate::column::to_json;
use tillhouse_checkout::attempt::AttemptWrite;
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::leases::Leases;
use super::{attempts, db_error, journal, messages, plugin_data, records, vault};

/// A unit whose bodies are serialized already: the caller's thread does that, because there is only one writer.
pub(super) struct PreparedUnit {
    unit: UnitOfWork,
    session: Option<String>,
    attempt: Option<String>,
    order: Option<String>,
}

impl PreparedUnit {
    pub(super) fn new(unit: UnitOfWork) -> Result<Self, StoreError> {
        Ok(Self {
            session: unit.session.as_ref().map(|write| to_json(&write.session)).transpose()?,
            attempt: unit
                .attempt
                .as_ref()
                .map(|write| to_json(write.attempt()))
                .transpose()?,
            order: unit.order.as_ref().map(to_json).transpose()?,
            unit,
        })
    }

    #[cfg(feature = "crash-points")]
    pub(super) const fn unit(&self) -> &UnitOfWork {
        &self.unit
    }

    pub(super) const fn attempt_write(&self) -> Option<&AttemptWrite> {
        self.unit.attempt.as_ref()
    }
}

/// Applies every part, or fails with the first conflict. The order is that in which a conflict matters to the caller: a request
/// that was already answered gets its answer, whatever else has changed; plugin data comes last, because running the phase
/// again only helps if the session is unchanged.
pub(super) fn apply(
    db: &Connection,
    prepared: &PreparedUnit,
    leases: &Leases<AttemptId>,
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
    if let (Some(write), Some(body)) = (&unit.attempt, &prepared.attempt) {
        if leases.epoch(&write.attempt().id) != write.attempt().epoch {
            return Err(CommitError::Attempt);
        }
        attempts::write(db, write, body)?;
        vault::follow(db, write)?;
    }
    if let Some(card) = &unit.card {
        vault::insert(db, card).map_err(db_error::classify)?;
    }
    if let (Some(order), Some(body)) = (&unit.order, &prepared.order) {
        records::insert_order(db, order, body).map_err(db_error::classify)?;
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
