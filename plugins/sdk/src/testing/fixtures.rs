//! Ready-made arguments for plugin functions.

use crate::{
    catalog::Item,
    money::Money,
    tax::Request,
    types::{Address, Agent, Cart, Context, Line, LineAmount, Notice, Operation},
};

/// Time of every fixture: 2026-01-01T00:00:00Z.
const NOW: u64 = 1_767_225_600_000;

/// Creates a context with a currency, at 2026-01-01T00:00:00Z, of an agent of which nothing is known.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// assert_eq!(testing::context("EUR").currency, "EUR");
/// ```
#[must_use]
pub fn context(currency: &str) -> Context {
    Context {
        merchant: "test".into(),
        session: "cs_test".into(),
        now: NOW,
        currency: currency.into(),
        locale: None,
        time_zone: None,
        agent: Agent::default(),
        extensions: Vec::new(),
    }
}

/// Creates a cart of items and quantities; the line ids are `line_1`, `line_2` …
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let cart = testing::cart(&[("tee", 2), ("mug", 1)]);
/// assert_eq!((cart.lines[1].id.as_str(), cart.lines[1].item.as_str()), ("line_2", "mug"));
/// ```
#[must_use]
pub fn cart(items: &[(&str, u32)]) -> Cart {
    let line = |(index, (item, quantity)): (usize, &(&str, u32))| {
        let id = format!("line_{}", index + 1);
        Line::new(id, *item, *quantity)
    };
    Cart {
        lines: items.iter().enumerate().map(line).collect(),
        ..Cart::default()
    }
}

/// Creates an operation with this id; its reference is `ref_` followed by the id.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// assert_eq!(testing::operation("7").reference, "ref_7");
/// ```
#[must_use]
pub fn operation(id: &str) -> Operation {
    Operation {
        id: id.into(),
        attempt: 1,
        idempotency_key: format!("key_{id}"),
        reference: format!("ref_{id}"),
        now: NOW,
    }
}

/// Creates an address in a region of a country.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// assert_eq!(testing::address("US", "CA").region, "CA");
/// ```
#[must_use]
pub fn address(country: &str, region: &str) -> Address {
    Address {
        name: "Ada Example".into(),
        region: region.into(),
        postal_code: "12345".into(),
        ..Address::new("1 Main Street", "Town", country)
    }
}

/// Creates the amounts of a line without discounts, as `Fulfillment` and `Tax` get them; the price excludes tax.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let line = testing::line_amount("line_1", "tee", 3, 2500);
/// assert_eq!((line.base, line.taxable), (7500, 7500));
/// ```
#[must_use]
pub fn line_amount(line: &str, item: &str, quantity: u32, unit_price: i64) -> LineAmount {
    let base = unit_price.saturating_mul(quantity.into());
    LineAmount {
        line: line.into(),
        item: item.into(),
        quantity,
        unit_price,
        base,
        subtotal: base,
        taxable: base,
        ..LineAmount::default()
    }
}

/// Creates the request of a tax assessment with these lines, and nothing else.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let mut request = testing::tax_request(vec![testing::line_amount("line_1", "tee", 1, 2500)]);
/// request.destinations = vec![testing::address("US", "CA").into()];
/// assert!(request.destination(None).is_some());
/// ```
#[must_use]
pub fn tax_request(lines: Vec<LineAmount>) -> Request {
    Request {
        lines,
        ..Request::default()
    }
}

/// Creates a notice with these headers, whose names are in lower case, and this body.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// assert_eq!(testing::notice(&[("acme-signature", "4f2a")], "{}").body, b"{}");
/// ```
#[must_use]
pub fn notice(headers: &[(&str, &str)], body: &str) -> Notice {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Notice {
        headers: headers.iter().map(header).collect(),
        body: body.into(),
    }
}

/// Creates a physical item priced in US cents without tax, in stock and not counted.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::catalog::Item;
///
/// let song = Item { physical: false, ..testing::item("song", 99) };
/// assert_eq!(song.price.minor, 99);
/// ```
#[must_use]
pub fn item(id: &str, price: i64) -> Item {
    Item {
        id: id.into(),
        price: Money {
            minor: price,
            currency: "USD".into(),
        },
        sale_price: None,
        availability: "in_stock".into(),
        inventory: None,
        weight_grams: None,
        category: None,
        tax_code: None,
        tax_included: false,
        physical: true,
    }
}
