//! Ready-made arguments for plugin functions.

use crate::{
    catalog::Item,
    credential::Credential,
    money::Money,
    risk::CardDisplay,
    types::{Address, Cart, Context, Line, Operation},
};

/// Time of every fixture: 2026-01-01T00:00:00Z.
const NOW: u64 = 1_767_225_600_000;

/// Creates a context with a currency, at 2026-01-01T00:00:00Z.
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
    let line = |(index, (item, quantity)): (usize, &(&str, u32))| Line {
        id: format!("line_{}", index + 1),
        item: (*item).into(),
        quantity: *quantity,
        extensions: Vec::new(),
    };
    Cart {
        lines: items.iter().enumerate().map(line).collect(),
        codes: Vec::new(),
        buyer: None,
        destination: None,
        chosen_option: None,
        extensions: Vec::new(),
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
        company: String::new(),
        line_one: "1 Main Street".into(),
        line_two: String::new(),
        city: "Town".into(),
        region: region.into(),
        country: country.into(),
        postal_code: "12345".into(),
    }
}

/// Creates a physical item priced in US cents, in stock and not counted.
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
        physical: true,
    }
}

/// Credential for unit tests.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let mut card = testing::TestCredential::with_fields(&["number"]);
/// card.kind = "agentic_token".into();
/// assert_eq!(card.handle().kind(), "agentic_token");
/// ```
#[derive(Clone, Debug)]
pub struct TestCredential {
    /// Value that [`Credential::kind`] returns.
    pub kind: String,
    /// Value that [`Credential::display`] returns.
    pub display: CardDisplay,
    /// Value that [`Credential::fields`] returns.
    pub fields: Vec<String>,
}

impl TestCredential {
    /// Creates a `dpan` credential in which the slots with these names have a value.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(testing::TestCredential::with_fields(&["number"]).fields, ["number"]);
    /// ```
    #[must_use]
    pub fn with_fields(fields: &[&str]) -> Self {
        let display = CardDisplay {
            brand: None,
            last4: None,
            funding: None,
            country: None,
            exp_month: None,
            exp_year: None,
        };
        Self {
            kind: "dpan".into(),
            display,
            fields: fields.iter().map(|field| (*field).into()).collect(),
        }
    }

    /// Returns the credential to pass to the plugin.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let card = testing::TestCredential::with_fields(&["number"]);
    /// assert!(card.handle().has(Slot::Number));
    /// ```
    #[must_use]
    pub fn handle(&self) -> Credential<'_> {
        Credential::of_test(self)
    }
}
