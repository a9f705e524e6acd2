//! Stock levels from the catalog, with mistakes on request.

use tillhouse_plugin::{kv::Expectation, prelude::*};

use crate::{Careless, has_mistake};

impl Inventory for Careless {
    fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        let ids: Vec<String> = lines.iter().map(|line| line.item.clone()).collect();
        let mut stock = Vec::new();
        for (line, item) in lines.iter().zip(catalog::get(&ids)) {
            if let Some(quantity) = units_of(&line.item, item.and_then(|item| item.inventory))? {
                let sold = counters::peek(&sold(&line.item))?;
                stock.push(Stock::counted(line.id.as_str(), quantity.saturating_add_signed(sold)));
            }
        }
        Ok(stock)
    }

    fn reserve(_ctx: Context, op: Operation, reservation: Reservation) -> Result<ReserveOutcome, Failure> {
        if has_mistake("oversell") || has_mistake("oversell-listed") {
            return Ok(ReserveOutcome::Reserved);
        }
        let marker = marker(&reservation);
        let reserved_before = if has_mistake("reserve-by-operation") {
            kv::get(&operation_marker(&op))?.is_some()
        } else {
            kv::get(&marker)?.is_some()
        };
        if reserved_before && !has_mistake("reserve-twice") {
            return Ok(ReserveOutcome::Reserved);
        }
        for line in &reservation.lines {
            counters::add(&sold(&line.item), -i64::from(line.quantity), None)?;
        }
        kv::set(&marker, b"held", Expectation::Any)?;
        if has_mistake("reserve-by-operation") {
            kv::set(&operation_marker(&op), b"held", Expectation::Any)?;
        }
        Ok(ReserveOutcome::Reserved)
    }

    fn release(_ctx: Context, _op: Operation, reservation: Reservation) -> Result<(), Failure> {
        let marker = marker(&reservation);
        if kv::get(&marker)?.is_none() {
            return Ok(());
        }
        for line in &reservation.lines {
            counters::add(&sold(&line.item), line.quantity.into(), None)?;
        }
        Ok(kv::delete(&marker, Expectation::Any)?)
    }
}

/// Returns the units of an item from the catalog, or from the configuration for mistakes that need it.
fn units_of(item: &str, catalog: Option<u64>) -> Result<Option<u64>, Failure> {
    if has_mistake("oversell-listed") {
        return Ok(config::parse(&format!("stock.{item}"))?);
    }
    Ok(catalog)
}

fn marker(reservation: &Reservation) -> String {
    format!("reservation/{}", reservation.id)
}

fn operation_marker(op: &Operation) -> String {
    format!("asked/{}", op.id)
}

fn sold(item: &str) -> String {
    format!("sold/{item}")
}
