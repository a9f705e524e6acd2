//! A line of a session (schema `LineItem`): its item and its amounts.

use serde::Serialize;

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

/// The item of a line, with its quantity (schema `Item`).
#[derive(Debug, Serialize)]
struct Item<'a> {
    id: &'a str,
    quantity: u32,
}

impl<'a> From<&'a QuoteLine> for LineItem<'a> {
    fn from(line: &'a QuoteLine) -> Self {
        Self {
            id: line.id.as_str(),
            item: Item {
                id: line.item.as_str(),
                quantity: line.quantity,
            },
            base_amount: line.base.minor(),
            discount: line.discount.minor(),
            subtotal: line.subtotal.minor(),
            tax: line.tax.minor(),
            total: line.total.minor(),
        }
    }
}
