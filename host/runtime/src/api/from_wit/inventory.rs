//! Stock levels, and results of reservations.

use super::line_id;
use crate::api::bindings::tillhouse::merchant::inventory_types as wit;
use crate::api::check;
use tillhouse_checkout::decision::{ReservationResult, Stock};
use tillhouse_checkout::time::Timestamp;

pub(crate) fn stocks(list: Vec<wit::Stock>) -> Result<Vec<Stock>, String> {
    check::list("stock", list, check::LINES, |stock| {
        Ok(Stock {
            line: line_id(stock.line)?,
            availability: check::text("stock.availability", stock.availability, check::ID)?,
            available: stock.available,
            available_from: stock.available_from.map(Timestamp),
        })
    })
}

pub(crate) fn reserved(outcome: wit::ReserveOutcome) -> Result<ReservationResult, String> {
    match outcome {
        wit::ReserveOutcome::Reserved => Ok(ReservationResult::All),
        wit::ReserveOutcome::Insufficient(lines) => stocks(lines).map(ReservationResult::Insufficient),
    }
}
