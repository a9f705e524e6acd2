//! What an item is offered as: what the feed tells agents of its stock, its price and its tax.

mod uploaded;

use serde::{Deserialize, Serialize};

use tillhouse_catalog::{Item, read_money, read_period};
use tillhouse_checkout::decision::Stock;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::time::Timestamp;

use super::upload_rows::Cells;
pub use uploaded::UploadedOffer;

/// Availability of an item that cannot be bought.
pub const OUT_OF_STOCK: &str = "out_of_stock";

/// A lower price, for a limited time or for all times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedSale {
    /// The price while the sale holds.
    pub price: Money,
    /// Start (inclusive) and end (exclusive); `None` for always.
    pub effective: Option<(Timestamp, Timestamp)>,
}

/// Stock, price and tax of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Encoded", into = "Encoded")]
pub struct Offer {
    /// `in_stock`, `out_of_stock`, `preorder` or `backorder`.
    pub availability: String,
    /// Units that are left; `None` if they are not counted.
    pub quantity: Option<u64>,
    /// The price without a sale.
    pub price: Money,
    /// The sale price, if there is one.
    pub sale: Option<OfferedSale>,
    /// Whether the prices include tax.
    pub tax_included: bool,
}

impl Offer {
    /// As the catalog has it.
    #[must_use]
    pub fn of(item: &Item) -> Self {
        let sold_out = item.inventory == Some(0) && item.availability == "in_stock";
        Self {
            availability: if sold_out {
                OUT_OF_STOCK.into()
            } else {
                item.availability.clone()
            },
            quantity: item.inventory,
            price: item.price,
            sale: item.sale.as_ref().map(|sale| OfferedSale {
                price: sale.price,
                effective: sale.effective,
            }),
            tax_included: item.tax_included,
        }
    }

    /// The same with the stock that a plugin states.
    #[must_use]
    pub fn with_stock(self, stock: &Stock) -> Self {
        let availability = feed_availability(stock);
        // What is delivered later is not limited by what is there: a plugin that does not count it says nothing of the catalog's number.
        let quantity = match stock.available {
            None if availability == "backorder" => self.quantity,
            available => available,
        };
        Self {
            availability,
            quantity,
            ..self
        }
    }

    /// The same, as it is told of an item that is not sold any more.
    #[must_use]
    pub fn withdrawn(self) -> Self {
        Self {
            availability: OUT_OF_STOCK.into(),
            quantity: Some(0),
            ..self
        }
    }

    /// The price at a time: the sale price while it holds.
    #[must_use]
    pub fn price_at(&self, now: Timestamp) -> Money {
        let holds = |sale: &&OfferedSale| sale.effective.is_none_or(|(start, end)| start <= now && now < end);
        self.sale.as_ref().filter(holds).map_or(self.price, |sale| sale.price)
    }

    /// Whether a unit can be bought.
    #[must_use]
    pub fn can_be_bought(&self) -> bool {
        self.availability != OUT_OF_STOCK
    }

    /// Whether stock and availability are the same.
    #[must_use]
    pub fn same_stock(&self, other: &Self) -> bool {
        (&self.availability, self.quantity) == (&other.availability, other.quantity)
    }

    /// Whether prices and their times are the same.
    #[must_use]
    pub fn same_price(&self, other: &Self) -> bool {
        (self.price, self.sale) == (other.price, other.sale)
    }

    /// The cells of an inventory feed, without the id, which are the same in a feed of products.
    #[must_use]
    pub fn stock_cells(&self) -> Cells {
        let quantity = self.quantity.map(|quantity| quantity.to_string());
        vec![
            cell("availability", self.availability.clone()),
            cell("inventory_quantity", quantity.unwrap_or_default()),
        ]
    }

    /// The cells of a price feed, without the id, which are the same in a feed of products.
    #[must_use]
    pub fn price_cells(&self) -> Cells {
        let sale = self.sale.as_ref();
        let times = sale.and_then(|sale| sale.effective);
        let times = times.map(|(start, end)| format!("{}/{}", start.rfc3339(), end.rfc3339()));
        vec![
            cell("price", self.price.to_string()),
            cell(
                "sale_price",
                sale.map(|sale| sale.price.to_string()).unwrap_or_default(),
            ),
            cell("sale_price_effective_date", times.unwrap_or_default()),
        ]
    }

    /// All of its cells.
    #[must_use]
    pub fn cells(&self) -> Cells {
        let tax = if self.tax_included { "inclusive" } else { "exclusive" };
        let mut cells = self.stock_cells();
        cells.extend(self.price_cells());
        cells.push(cell("tax_behavior", tax.to_owned()));
        cells
    }

    /// What these cells say; `None` if they do not say availability and price, or not in a form that can be read.
    #[must_use]
    pub fn of_cells(cells: &Cells) -> Option<Self> {
        let text = |name: &str| text(cells, name);
        let offer = Self {
            availability: text("availability")?.to_owned(),
            quantity: None,
            price: read_money(text("price")?)?,
            sale: None,
            tax_included: text("tax_behavior") == Some("inclusive"),
        };
        Some(offer.changed_by(cells))
    }

    /// The same with these cells in the place of those that it has. A blank cell clears.
    #[must_use]
    pub fn changed_by(mut self, cells: &Cells) -> Self {
        if let Some(availability) = text(cells, "availability") {
            availability.clone_into(&mut self.availability);
        }
        if let Some(quantity) = text(cells, "inventory_quantity") {
            self.quantity = quantity.parse().ok();
        }
        if let Some(price) = text(cells, "price").and_then(read_money) {
            self.price = price;
        }
        if let Some(price) = text(cells, "sale_price") {
            let effective = text(cells, "sale_price_effective_date").and_then(read_period);
            self.sale = read_money(price).map(|price| OfferedSale { price, effective });
        }
        self
    }
}

fn cell(name: &str, text: String) -> (String, String) {
    (name.to_owned(), text)
}

fn text<'a>(cells: &'a Cells, name: &str) -> Option<&'a str> {
    let cell = cells.iter().find(|(column, _)| column == name);
    cell.map(|(_, text)| text.as_str())
}

/// A plugin's word for the availability, as a feed says it.
fn feed_availability(stock: &Stock) -> String {
    let is_limited = stock.available == Some(0);
    match stock.availability.as_str() {
        "pre_order" if !is_limited => "preorder",
        "backorder" => "backorder",
        "in_stock" | "low_stock" if !is_limited => "in_stock",
        _ => OUT_OF_STOCK,
    }
    .to_owned()
}

/// An offer in the store: a short array, because there is one for each item.
#[derive(Serialize, Deserialize)]
struct Encoded(
    String,
    Option<u64>,
    Amount,
    Currency,
    Option<(Amount, Option<(Timestamp, Timestamp)>)>,
    bool,
);

impl From<Encoded> for Offer {
    fn from(Encoded(availability, quantity, amount, currency, sale, tax_included): Encoded) -> Self {
        Self {
            availability,
            quantity,
            price: Money { amount, currency },
            sale: sale.map(|(amount, effective)| OfferedSale {
                price: Money { amount, currency },
                effective,
            }),
            tax_included,
        }
    }
}

impl From<Offer> for Encoded {
    fn from(offer: Offer) -> Self {
        Self(
            offer.availability,
            offer.quantity,
            offer.price.amount,
            offer.price.currency,
            offer.sale.map(|sale| (sale.price.amount, sale.effective)),
            offer.tax_included,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::ids::LineId;

    fn money(minor: i64) -> Money {
        Money {
            amount: Amount::new(minor).unwrap(),
            currency: Currency::new("USD").unwrap(),
        }
    }

    fn offer() -> Offer {
        Offer {
            availability: "in_stock".into(),
            quantity: Some(12),
            price: money(1500),
            sale: Some(OfferedSale {
                price: money(1200),
                effective: Some((Timestamp(1000), Timestamp(2000))),
            }),
            tax_included: true,
        }
    }

    fn stock(availability: &str, available: Option<u64>) -> Stock {
        Stock {
            line: LineId::new("tee"),
            availability: availability.into(),
            available,
            available_from: None,
        }
    }

    #[test]
    fn an_offer_is_read_as_it_was_kept() {
        let mut bare = offer();
        (bare.quantity, bare.sale) = (None, None);
        for taken in [offer(), bare] {
            let uploaded = UploadedOffer {
                taken: Some(taken),
                ..UploadedOffer::default()
            };
            let bytes = uploaded.encode();
            assert!(bytes.len() < 70, "{}", String::from_utf8_lossy(&bytes));
            assert_eq!(UploadedOffer::decode(&bytes), uploaded);
        }
        assert_eq!(UploadedOffer::decode(b"of another release"), UploadedOffer::default());
    }

    #[test]
    fn the_sale_price_holds_from_its_start_to_before_its_end() {
        for (time, minor) in [(999, 1500), (1000, 1200), (1999, 1200), (2000, 1500)] {
            assert_eq!(offer().price_at(Timestamp(time)), money(minor), "{time}");
        }
    }

    #[test]
    fn a_plugins_stock_is_said_in_the_words_of_the_feed() {
        for (said, available, availability, quantity) in [
            ("in_stock", Some(3), "in_stock", Some(3)),
            ("low_stock", Some(1), "in_stock", Some(1)),
            ("in_stock", None, "in_stock", None),
            ("in_stock", Some(0), "out_of_stock", Some(0)),
            ("out_of_stock", Some(0), "out_of_stock", Some(0)),
            ("backorder", None, "backorder", Some(12)),
            ("pre_order", Some(5), "preorder", Some(5)),
            ("pre_order", Some(0), "out_of_stock", Some(0)),
            ("by the moon", None, "out_of_stock", None),
        ] {
            let offer = offer().with_stock(&stock(said, available));
            assert_eq!(
                (offer.availability.as_str(), offer.quantity),
                (availability, quantity),
                "{said}"
            );
        }
    }

    #[test]
    fn cells_are_those_of_the_feeds_and_are_read_again() {
        let cells = offer().cells();
        let shown: Vec<String> = cells.iter().map(|(name, cell)| format!("{name}={cell}")).collect();
        assert_eq!(
            shown,
            [
                "availability=in_stock",
                "inventory_quantity=12",
                "price=15.00 USD",
                "sale_price=12.00 USD",
                "sale_price_effective_date=1970-01-01T00:00:01Z/1970-01-01T00:00:02Z",
                "tax_behavior=inclusive",
            ]
        );
        assert_eq!(Offer::of_cells(&cells), Some(offer()));
        assert_eq!(Offer::of_cells(&offer().stock_cells()), None, "a price is missing");
    }

    #[test]
    fn cells_of_one_feed_leave_what_the_other_says() {
        let sold_out = offer().withdrawn();
        assert_eq!(offer().changed_by(&sold_out.stock_cells()), sold_out);
        let mut dearer = offer();
        (dearer.price, dearer.sale) = (money(1600), None);
        assert_eq!(offer().changed_by(&dearer.price_cells()), dearer);
    }
}
