//! What a merchant's catalog is in each of its generations.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Items that a catalog may have.
const ITEMS: u32 = 40;

/// Numbers of items that every generation has, and their units in a cart.
const CART: [(u32, u32); 3] = [(0, 1), (1, 2), (2, 4)];

/// All units of the cart.
const UNITS: i64 = 7;

const HEADER: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,brand,mpn,condition,google_product_category,shipping\n";

/// A generation of a catalog. All of its items have the same price, which no other generation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Generation {
    pub(super) seller: &'static str,
    pub(super) number: u32,
}

impl Generation {
    /// The one that is imported at the first start.
    pub(super) const FIRST: u32 = 1;

    /// The generation with this price of an item, as it is written in a catalog.
    pub(super) fn of_price(seller: &'static str, price: &str) -> Option<Self> {
        let (units, cents) = price.strip_suffix(" USD")?.split_once('.')?;
        Self::of_cents(seller, units.parse::<i64>().ok()? * 100 + cents.parse::<i64>().ok()?)
    }

    /// The generation in which the cart costs this much; `None` if its prices are of several ones.
    pub(super) fn of_cart(seller: &'static str, cents: i64) -> Option<Self> {
        let of_each = (cents % UNITS == 0).then_some(cents / UNITS)?;
        Self::of_cents(seller, of_each)
    }

    fn of_cents(seller: &'static str, cents: i64) -> Option<Self> {
        let number = u32::try_from(cents - 1000).ok()?;
        Some(Self { seller, number })
    }

    /// Price of each item, in cents.
    pub(super) fn cents(self) -> i64 {
        1000 + i64::from(self.number)
    }

    /// Price of each item, as it is written in a catalog.
    pub(super) fn price(self) -> String {
        format!("{}.{:02} USD", self.cents() / 100, self.cents() % 100)
    }

    /// What an agent puts into its cart.
    pub(super) fn cart(seller: &str) -> Vec<(String, u32)> {
        CART.map(|(number, units)| (id(seller, number), units)).to_vec()
    }

    /// Ids of its items: one in five is missing, each time others, but none of the cart.
    pub(super) fn items(self) -> BTreeSet<String> {
        let is_there = |number: &u32| *number < 3 || !(number + 2 * self.number).is_multiple_of(5);
        (0..ITEMS)
            .filter(is_there)
            .map(|number| id(self.seller, number))
            .collect()
    }

    /// Ids of the items of any generation.
    pub(super) fn all_items(seller: &str) -> BTreeSet<String> {
        (0..ITEMS).map(|number| id(seller, number)).collect()
    }

    /// The whole catalog as a file.
    pub(super) fn file(self) -> String {
        let mut file = HEADER.to_owned();
        for id in self.items() {
            let _ = writeln!(
                file,
                "{id},{id} of {},A {id},https://shop.example/{id},https://shop.example/{id}.png,in_stock,{},1000,Acme,M-{id},new,\
                 Home & Garden,US:ALL:Standard:3-5:4.99 USD",
                self.number,
                self.price()
            );
        }
        file
    }
}

fn id(seller: &str, number: u32) -> String {
    format!("{seller}-{number:02}")
}
