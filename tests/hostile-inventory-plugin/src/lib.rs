//! Inventory plugin with one unit of every item. Its `release` traps or never ends, by the configuration key `release-mode`:
//! `trap` or `spin`.

use std::hint::black_box;

use tillhouse_plugin::{counters::Error, kv::Expectation, prelude::*};

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct HostileInventory;

tillhouse_plugin::export!(HostileInventory: inventory);

impl Inventory for HostileInventory {
    fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        let left = |line: Line| {
            let left = 1 + counters::peek(&line.item)?;
            Ok(Stock::counted(line.id, u64::try_from(left).unwrap_or_default()))
        };
        lines.into_iter().map(left).collect()
    }

    fn reserve(ctx: Context, _op: Operation, reservation: Reservation) -> Result<ReserveOutcome, Failure> {
        for line in &reservation.lines {
            match counters::add(&line.item, -i64::from(line.quantity), Some(-1)) {
                Ok(()) => {}
                // The host discards the writes that were staged so far.
                Err(Error::Insufficient) => {
                    return Self::check(ctx, reservation.lines).map(ReserveOutcome::Insufficient);
                }
                Err(error) => return Err(error.into()),
            }
        }
        kv::set(&reservation.id, b"taken", Expectation::Absent)?;
        Ok(ReserveOutcome::Reserved)
    }

    fn release(_ctx: Context, _op: Operation, reservation: Reservation) -> Result<(), Failure> {
        let Some(note) = kv::get(&reservation.id)? else {
            return Ok(());
        };
        for line in &reservation.lines {
            counters::add(&line.item, i64::from(line.quantity), None)?;
        }
        kv::delete(&reservation.id, Expectation::Version(note.version))?;
        match config::get("release-mode").as_deref() {
            Some("trap") => trap(),
            Some("spin") => loop_forever(),
            _ => {}
        }
        Ok(())
    }
}

/// Traps like a panic of a plugin.
fn trap() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
}

fn loop_forever() {
    let mut turns = 0_u64;
    while black_box(turns) < u64::MAX {
        turns = turns.wrapping_add(1) % 1_000;
    }
}
