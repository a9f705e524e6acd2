//! Plugin with common mistakes of plugin authors, for the tests of the conformance suite.
//!
//! It behaves correctly unless its configuration key `mistake` names a mistake; a rule of the suite detects each of them. It
//! provides everything that a quote needs, also as whole quotes; codes, orders, and notices about them; and `payments` with
//! void, refund, capture and notices.

mod charge;
mod codes;
mod notices;
mod price;
mod quote;
mod reversals;
mod shipping;
mod stock;

use tillhouse_plugin::prelude::*;

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct Careless;

tillhouse_plugin::export!(
    Careless: pricing, pricing_redemption, inventory, fulfillment, tax, quoting, orders, orders_notices, payments,
    payments_void, payments_refund, payments_capture, payments_notices
);

/// Whether the configuration enables this mistake.
fn has_mistake(mistake: &str) -> bool {
    config::get("mistake").is_some_and(|named| named == mistake)
}

impl Orders for Careless {
    fn identify(_ctx: Context, op: Operation, _draft: Draft) -> Result<Identity, Failure> {
        let id = if has_mistake("one-order-id") {
            "order_1".to_owned()
        } else {
            format!("order_{}", op.id)
        };
        let permalink = format!("https://shop.example/orders/{id}");
        Ok(Identity::new(id, permalink))
    }
}

impl Tax for Careless {
    fn assess(_ctx: Context, request: tillhouse_plugin::tax::Request) -> Result<Assessment, Failure> {
        if request.destinations.is_empty() && !has_mistake("tax-of-nowhere") {
            return Ok(Assessment::default());
        }
        let rate = Rate::from_ppm(100_000);
        let line = |line: &LineAmount| {
            let (id, amount) = (line.line.as_str(), Amount::new(line.taxable)?);
            if line.tax_included {
                Assessed::within(id, amount, rate, "US-CA")
            } else {
                Assessed::at(id, amount, rate, "US-CA")
            }
        };
        let lines: Result<Vec<Assessed>, OutOfRange> = request.lines.iter().map(line).collect();
        Ok(AssessedTaxes {
            lines: lines?,
            ..AssessedTaxes::default()
        }
        .into())
    }
}
