//! Carts of any size, and the arguments of each function for them.

use serde_json::{Map, Value, json};

use tillhouse_catalog::Catalog;
use tillhouse_checkout::money::Currency;
use tillhouse_runtime::function::Function;

/// Price of a line, in minor units, where a function takes amounts that were computed before.
const PRICE: usize = 2_500;

/// Generates carts from these items.
#[derive(Debug)]
pub(super) struct Carts {
    items: Vec<String>,
    pub(super) currency: Currency,
}

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
    )
}

impl Carts {
    /// Carts of these items, ordered by id; of generated items if the catalog is empty.
    pub(super) fn of(catalog: &Catalog, currency: Currency) -> Self {
        let mut items: Vec<String> = catalog.items().map(|item| item.id.to_string()).collect();
        items.sort();
        if items.is_empty() {
            items = (1..=200).map(|number| format!("item-{number:03}")).collect();
        }
        Self { items, currency }
    }

    /// Arguments of the function for a cart with this number of lines. Items repeat if there are fewer.
    pub(super) fn arguments(&self, function: Function, lines: usize) -> Map<String, Value> {
        let all = self.items.iter().cycle().take(lines).enumerate();
        let rows: Vec<(String, &String)> = all.map(|(at, item)| (format!("line_{at}"), item)).collect();
        let cart_lines: Vec<Value> = rows
            .iter()
            .map(|(id, item)| json!({"id": id, "item": item, "quantity": 1}))
            .collect();
        let amounts = || -> Vec<Value> { rows.iter().map(|(id, item)| amount(id, item)).collect() };
        let cart = json!({"lines": cart_lines, "destination": destination()});
        let total = lines * PRICE;
        let arguments = match function {
            Function::CheckStock => json!({"lines": cart_lines}),
            Function::Reserve => {
                json!({"reservation": {"id": "rsv_bench", "lines": cart_lines, "expires": 4_102_444_800_000_u64}})
            }
            Function::Options => json!({"cart": cart, "amounts": amounts()}),
            Function::AssessTax => json!({"request": {
                "lines": amounts(), "order_discount": 0, "destination": destination(),
                "options": [{"id": "standard", "price": 599}],
            }}),
            Function::AssessRisk => json!({"request": {"cart": cart, "total": total}}),
            Function::IdentifyOrder => {
                let total = json!({"minor": total, "currency": self.currency.upper()});
                json!({"draft": {"cart": cart, "total": total}})
            }
            Function::DescribeItems => {
                json!({"items": rows.iter().map(|(_, item)| item).collect::<Vec<_>>()})
            }
            _ => json!({"cart": cart}),
        };
        match arguments {
            Value::Object(arguments) => arguments,
            _ => Map::new(),
        }
    }
}

fn amount(line: &str, item: &str) -> Value {
    json!({"line": line, "item": item, "quantity": 1, "base": PRICE, "discount": 0, "subtotal": PRICE})
}

fn destination() -> Value {
    json!({
        "name": "Jane Doe", "company": "", "line_one": "123 Main St", "line_two": "", "city": "San Francisco",
        "region": "CA", "country": "US", "postal_code": "94105",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_has_as_many_lines_as_it_should_each_with_an_id_of_its_own() {
        let carts = Carts::of(&Catalog::default(), Currency::new("usd").unwrap());
        let arguments = carts.arguments(Function::Price, 450);
        let lines = arguments["cart"]["lines"].as_array().unwrap();
        let mut ids: Vec<&str> = lines.iter().filter_map(|line| line["id"].as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((lines.len(), ids.len()), (450, 450));
        assert_eq!(lines[0]["item"], lines[200]["item"]);
    }
}
