//! The catalog of the benchmark, with unlimited stock, and carts of its items.

use std::fmt::Write as _;

use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::contact::{Address, Buyer, Recipient};
use tillhouse_checkout::ids::{ItemId, LineId};

/// Number of items in the catalog.
pub(super) const SKUS: usize = 512;

/// The id of an item; they repeat after [`SKUS`].
pub(super) fn sku(index: usize) -> String {
    format!("sku-{:03}", index % SKUS)
}

/// Product feed (CSV) without quantities: stock is not tracked, so no purchase runs out of it.
pub(super) fn catalog() -> String {
    let mut feed =
        "id,title,description,link,image_link,availability,price,sale_price,weight,product_category,brand,condition\n"
            .to_owned();
    for index in 0..SKUS {
        let sku = sku(index);
        let (price, weight) = (900 + index * 7, 100 + index % 40 * 20);
        let sale = match index % 8 {
            0 => format!("{}.49 USD", price / 100 - 1),
            _ => String::new(),
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            feed,
            "{sku},Item {index},\"Item {index} of the benchmark, described in a sentence of the usual length.\",\
             https://shop.example/p/{sku},https://shop.example/img/{sku}.jpg,in_stock,{}.{:02} USD,{sale},{weight} g,\
             Home & Garden > Kitchen & Dining,Tillhouse,new",
            price / 100,
            price % 100,
        );
    }
    feed
}

/// A cart of different items for a buyer in California, with a discount code.
pub(super) fn cart(lines: usize) -> Cart {
    let skus: Vec<String> = (0..lines).map(|index| sku(index * 5)).collect();
    cart_of(&skus)
}

/// The same of these items.
pub(super) fn cart_of(skus: &[String]) -> Cart {
    Cart {
        lines: skus.iter().enumerate().map(line).collect(),
        codes: vec!["SAVE10".to_owned()],
        buyer: Some(Buyer {
            first_name: Some("Jane".to_owned()),
            last_name: Some("Doe".to_owned()),
            email: Some("jane.doe@example.com".to_owned()),
            ..Buyer::default()
        }),
        recipient: Some(Recipient {
            name: Some("Jane Doe".to_owned()),
            phone: None,
            email: None,
            address: Some(Address {
                name: "Jane Doe".to_owned(),
                line_one: "1 Main Street".to_owned(),
                city: "San Francisco".to_owned(),
                region: "CA".to_owned(),
                country: "US".to_owned(),
                postal_code: "94105".to_owned(),
                ..Address::default()
            }),
        }),
        ..Cart::default()
    }
}

fn line((index, sku): (usize, &String)) -> CartLine {
    CartLine {
        id: LineId::new(sku.as_str()),
        item: ItemId::new(sku.as_str()),
        quantity: if index.is_multiple_of(3) { 2 } else { 1 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_catalog::Catalog;

    #[test]
    fn the_catalog_is_a_feed_of_items_that_are_not_counted() {
        let catalog = Catalog::from_csv(catalog().as_bytes()).unwrap();
        assert_eq!(catalog.len(), SKUS);
        assert!(catalog.items().all(|item| item.inventory.is_none()));
        for line in cart(100).lines {
            assert!(catalog.get(&line.item).is_some());
        }
    }
}
