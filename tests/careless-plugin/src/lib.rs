//! A guest with the mistakes that happen to honest people, for the tests of the conformance suite.
//!
//! It is right about everything until its configuration names a `mistake`: each is one that a rule of the suite is there to
//! find. It serves `pricing`, `pricing-redemption`, `inventory`, `orders`, `tax`, and `payments` with
//! void and refund.

mod charge;
mod codes;
mod price;
mod stock;

use tillhouse_plugin::prelude::*;

/// The guest.
#[derive(Debug)]
pub struct Careless;

tillhouse_plugin::export!(Careless: pricing, pricing_redemption, inventory, orders, tax, payments, payments_void, payments_refund);

/// Whether the configuration asks for this mistake.
fn makes(mistake: &str) -> bool {
    config::get("mistake").is_some_and(|named| named == mistake)
}

impl Orders for Careless {
    fn identify(_ctx: Context, op: Operation, _draft: Draft) -> Result<Identity, Failure> {
        let id = if makes("one-order-id") {
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
        if request.destination.is_none() && !makes("tax-of-nowhere") {
            return Ok(Assessment::default());
        }
        let rate = Rate::from_ppm(100_000);
        let line = |line: &LineAmount| Assessed::at(line.line.as_str(), Amount::new(line.subtotal)?, rate, "US-CA");
        let lines: Result<Vec<Assessed>, OutOfRange> = request.lines.iter().map(line).collect();
        Ok(Assessment {
            lines: lines?,
            ..Assessment::default()
        })
    }
}
