//! A line of a session (`AcpLineItem`).

use serde::Serialize;

use super::item::Item;
use crate::adyen::rendering::Units;
use tillhouse_checkout::quote::QuoteLine;

#[derive(Debug, Serialize)]
pub(crate) struct LineItem<'a> {
    id: &'a str,
    item: Item<'a>,
    base_amount: i64,
    discount: i64,
    subtotal: i64,
    tax: i64,
    total: i64,
}

impl<'a> LineItem<'a> {
    pub(crate) fn of(line: &'a QuoteLine, units: Units) -> Self {
        Self {
            id: line.id.as_str(),
            item: line.into(),
            base_amount: units.of(line.base),
            discount: units.of(line.discount),
            subtotal: units.of(line.subtotal),
            tax: units.of(line.tax),
            total: units.of(line.total),
        }
    }
}
