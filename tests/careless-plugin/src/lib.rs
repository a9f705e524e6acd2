//! Plugin with common mistakes of plugin authors, for the tests of the conformance suite.
//!
//! It behaves correctly unless its configuration key `mistake` names a mistake; a rule of the suite detects each of them. It
//! provides `pricing`, `pricing-redemption`, `inventory`, `orders`, `tax`, and `payments` with void and refund.

mod charge;
mod codes;
mod price;
mod stock;

use tillhouse_plugin::prelude::*;

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct Careless;

tillhouse_plugin::export!(Careless: pricing, pricing_redemption, inventory, orders, tax, payments, payments_void, payments_refund);

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
        Ok(Identity {
            permalink: format!("https://shop.example/orders/{id}"),
            number: None,
            id,
        })
    }
}

impl Tax for Careless {
    fn assess(_ctx: Context, request: tillhouse_plugin::tax::Request) -> Result<Assessment, Failure> {
        if request.destinations.is_empty() && !has_mistake("tax-of-nowhere") {
            return Ok(Assessment::default());
        }
        let rate = Rate::from_ppm(100_000);
        let line = |line: &LineAmount| Assessed::at(line.line.as_str(), Amount::new(line.taxable)?, rate, "US-CA");
        let lines: Result<Vec<Assessed>, OutOfRange> = request.lines.iter().map(line).collect();
        Ok(AssessedTaxes {
            lines: lines?,
            ..AssessedTaxes::default()
        }
        .into())
    }
}
