//! Units of a line of an order (schema `LineItemReference`).

use serde::Serialize;

use tillhouse_checkout::decision::LineUnits;
use tillhouse_checkout::quote::QuoteLine;

#[derive(Debug, Serialize)]
pub(crate) struct LineItemReference<'a> {
    id: &'a str,
    quantity: u32,
}

impl<'a> From<&'a LineUnits> for LineItemReference<'a> {
    fn from(units: &'a LineUnits) -> Self {
        Self {
            id: &units.line,
            quantity: units.quantity,
        }
    }
}

impl<'a> From<&'a QuoteLine> for LineItemReference<'a> {
    fn from(line: &'a QuoteLine) -> Self {
        Self {
            id: line.id.as_str(),
            quantity: line.quantity,
        }
    }
}
