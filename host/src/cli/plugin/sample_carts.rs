//! Carts of any size, made of the items of a catalog.

use tillhouse_catalog::Catalog;
use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::contact::{Address, Recipient};
use tillhouse_checkout::ids::{ItemId, LineId};
use tillhouse_checkout::money::Currency;

/// Number of items that are made up where there is no catalog.
const MADE_UP: usize = 200;

/// Makes carts of these items.
#[derive(Debug)]
pub(super) struct SampleCarts {
    items: Vec<ItemId>,
    pub(super) currency: Currency,
}

impl SampleCarts {
    /// Carts of the catalog's items, ordered by id; of generated items if the catalog is empty.
    pub(super) fn of(catalog: &Catalog, currency: Currency) -> Self {
        let mut items: Vec<ItemId> = catalog.items().map(|item| item.id.clone()).collect();
        items.sort();
        if items.is_empty() {
            items = (1..=MADE_UP)
                .map(|number| ItemId::new(format!("item-{number:03}")))
                .collect();
        }
        Self { items, currency }
    }

    /// A cart with this number of lines for a buyer in California. Items repeat if there are fewer.
    pub(super) fn cart(&self, lines: usize) -> Cart {
        let items = self.items.iter().cycle().take(lines).enumerate();
        let line = |(at, item): (usize, &ItemId)| CartLine {
            id: LineId::new(format!("line_{at}")),
            item: item.clone(),
            quantity: 1,
        };
        Cart {
            lines: items.map(line).collect(),
            recipient: Some(Recipient {
                address: Some(destination()),
                ..Recipient::default()
            }),
            ..Cart::default()
        }
    }
}

/// Where the goods of every cart go to.
pub(super) fn destination() -> Address {
    Address {
        name: "Jane Doe".to_owned(),
        line_one: "123 Main St".to_owned(),
        city: "San Francisco".to_owned(),
        region: "CA".to_owned(),
        country: "US".to_owned(),
        postal_code: "94105".to_owned(),
        ..Address::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_cart_has_as_many_lines_as_it_should_each_with_an_id_of_its_own() {
        let carts = SampleCarts::of(&Catalog::default(), Currency::new("usd").unwrap());
        let lines = carts.cart(450).lines;
        let ids: BTreeSet<&LineId> = lines.iter().map(|line| &line.id).collect();
        assert_eq!((lines.len(), ids.len()), (450, 450));
        assert_eq!(lines[0].item, lines[MADE_UP].item);
    }
}
