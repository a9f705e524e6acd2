//! The arguments of each function for a cart, as JSON.

use serde_json::{Map, Value, json};

use crate::cli::plugin::sample_carts::{SampleCarts, destination};
use tillhouse_checkout::cart::CartLine;
use tillhouse_runtime::function::Function;

/// Price of a line, in minor units, where a function takes amounts that were computed before.
const PRICE: usize = 2_500;

/// Price of the option, in minor units, where a function takes options that were offered before.
const SHIPPING: usize = 599;

/// Whether a function takes a cart, or a part of one.
pub(super) const fn takes_cart(function: Function) -> bool {
    matches!(
        function,
        Function::Price
            | Function::CheckStock
            | Function::Reserve
            | Function::Options
            | Function::AssessTax
            | Function::AssessRisk
            | Function::IdentifyOrder
            | Function::DescribeItems
            | Function::Page
            | Function::QuoteWhole
    )
}

/// Arguments of the function for a cart with this number of lines.
pub(super) fn of(function: Function, carts: &SampleCarts, lines: usize) -> Map<String, Value> {
    let lines = carts.cart(lines).lines;
    let cart = json!({"lines": lines, "destination": destination()});
    let total = lines.len() * PRICE + SHIPPING;
    let arguments = match function {
        Function::CheckStock => json!({"lines": lines}),
        Function::Reserve => {
            json!({"reservation": {"id": "rsv_bench", "lines": lines, "expires": 4_102_444_800_000_u64}})
        }
        Function::Options => json!({"cart": cart, "amounts": amounts(&lines)}),
        Function::AssessTax => json!({"request": {
            "lines": amounts(&lines),
            "options": [{"id": "standard", "price": SHIPPING}],
            "destinations": [{"address": destination()}],
        }}),
        Function::AssessRisk => json!({"request": {"cart": cart, "total": total}}),
        Function::IdentifyOrder => {
            let total = json!({"minor": total, "currency": carts.currency.upper()});
            json!({"draft": {"cart": cart, "purchase": purchase(&lines), "total": total}})
        }
        Function::DescribeItems => json!({"items": lines.iter().map(|line| &line.item).collect::<Vec<_>>()}),
        _ => json!({"cart": cart}),
    };
    match arguments {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    }
}

fn amounts(lines: &[CartLine]) -> Vec<Value> {
    let amount = |line: &CartLine| {
        json!({
            "line": line.id, "item": line.item, "quantity": 1, "unit_price": PRICE, "base": PRICE, "discount": 0,
            "subtotal": PRICE, "order_discount": 0, "taxable": PRICE,
        })
    };
    lines.iter().map(amount).collect()
}

/// What is bought, as an order gets it: every line without discounts and taxes, and one option.
fn purchase(lines: &[CartLine]) -> Value {
    let purchased = |line: &CartLine| {
        json!({
            "line": line.id, "item": line.item, "option": "standard", "quantity": 1, "unit_price": PRICE, "base": PRICE,
            "discount": 0, "net": PRICE, "tax": 0, "total": PRICE,
        })
    };
    let items = lines.len() * PRICE;
    json!({
        "lines": lines.iter().map(purchased).collect::<Vec<_>>(),
        "options": [{
            "option": "standard", "kind": "shipping", "title": "Standard",
            "lines": lines.iter().map(|line| &line.id).collect::<Vec<_>>(),
            "price": SHIPPING, "discount": 0, "net": SHIPPING, "tax": 0, "total": SHIPPING,
        }],
        "totals": {
            "items_base": items, "items_discount": 0, "subtotal": items, "discount": 0, "fulfillment": SHIPPING, "fees": 0,
            "tax": 0, "total": items + SHIPPING,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_catalog::Catalog;
    use tillhouse_checkout::money::Currency;

    #[test]
    fn the_total_of_an_order_is_that_of_what_is_bought() {
        let carts = SampleCarts::of(&Catalog::default(), Currency::new("usd").unwrap());
        let draft = &of(Function::IdentifyOrder, &carts, 3)["draft"];
        assert_eq!(draft["purchase"]["lines"].as_array().map(Vec::len), Some(3));
        assert_eq!(draft["purchase"]["totals"]["total"], draft["total"]["minor"]);
        assert_eq!(draft["total"], json!({"minor": 3 * 2_500 + 599, "currency": "USD"}));
    }
}
