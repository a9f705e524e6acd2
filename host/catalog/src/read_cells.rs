//! Single cells, read by those who have nothing else of a row.

use tillhouse_checkout::money::Money;
use tillhouse_checkout::time::Timestamp;

use super::values;

/// A price, `15.00 USD`; `None` if it is none.
#[must_use]
pub fn read_money(cell: &str) -> Option<Money> {
    values::money(cell).ok()
}

/// The period of a sale: its start, inclusive, and its end, exclusive. `None` if it is none.
#[must_use]
pub fn read_period(cell: &str) -> Option<(Timestamp, Timestamp)> {
    let period = values::dates(cell).ok()?;
    Some((period.start, period.end))
}
