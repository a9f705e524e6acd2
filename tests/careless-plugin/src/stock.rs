//! Stock of the catalog.

use tillhouse_plugin::{kv::Expectation, prelude::*};

use crate::{Careless, makes};

impl Inventory for Careless {
    fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        let ids: Vec<String> = lines.iter().map(|line| line.item.clone()).collect();
        let mut stock = Vec::new();
        for (line, item) in lines.iter().zip(catalog::get(&ids)) {
            if let Some(quantity) = item.and_then(|item| item.inventory) {
                let sold = counters::peek(&sold(&line.item))?;
                stock.push(Stock::counted(line.id.as_str(), quantity.saturating_add_signed(sold)));
            }
        }
        Ok(stock)
    }

    fn reserve(_ctx: Context, _op: Operation, reservation: Reservation) -> Result<ReserveOutcome, Failure> {
        let marker = format!("reservation/{}", reservation.id);
        if kv::get(&marker)?.is_some() && !makes("reserve-twice") {
            return Ok(ReserveOutcome::Reserved);
        }
        for line in &reservation.lines {
            counters::add(&sold(&line.item), -i64::from(line.quantity), None)?;
        }
        kv::set(&marker, b"held", Expectation::Any)?;
        Ok(ReserveOutcome::Reserved)
    }

    fn release(_ctx: Context, _op: Operation, reservation: Reservation) -> Result<(), Failure> {
        let marker = format!("reservation/{}", reservation.id);
        if kv::get(&marker)?.is_none() {
            return Ok(());
        }
        for line in &reservation.lines {
            counters::add(&sold(&line.item), line.quantity.into(), None)?;
        }
        Ok(kv::delete(&marker, Expectation::Any)?)
    }
}

fn sold(item: &str) -> String {
    format!("sold/{item}")
}
