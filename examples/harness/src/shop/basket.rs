//! The basket that an agent buys, with buyer and address.

use tillhouse_plugin_protocol::shop;
pub use tillhouse_plugin_protocol::shop::{Address, Buyer};

/// One shopping list with everything that a purchase needs.
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// let basket = Basket::of("tee", 2).and("mug", 1);
/// assert_eq!(basket.items, [("tee".to_owned(), 2), ("mug".to_owned(), 1)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basket {
    /// Item id and quantity of each line.
    pub items: Vec<(String, u32)>,
    /// Currency to request, in lower-case ISO 4217; only some protocols let the agent choose.
    pub currency: String,
    /// Name, email address and phone number of the buyer.
    pub buyer: Buyer,
    /// Shipping address of the order.
    pub address: Address,
    /// Discount codes; only ACP 2026-04-17 has a field for them.
    pub discount_codes: Vec<String>,
    /// The fulfillment option to choose: its id, or a word of its id or title such as `express`. `None` keeps the
    /// shop's choice, or chooses the first option if the shop made none.
    pub option: Option<String>,
    /// The payment method: a test card of the simulated Stripe, such as `pm_card_visa`.
    pub payment_method: String,
}

impl Basket {
    /// One item for Jane Doe of San Francisco, paid with a Visa card that is approved.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    ///
    /// assert_eq!(Basket::of("tee", 1).payment_method, "pm_card_visa");
    /// ```
    #[must_use]
    pub fn of(sku: impl Into<String>, quantity: u32) -> Self {
        Self {
            items: vec![(sku.into(), quantity)],
            currency: "usd".to_owned(),
            buyer: jane(),
            address: home(),
            discount_codes: Vec::new(),
            option: None,
            payment_method: "pm_card_visa".to_owned(),
        }
    }

    /// Adds a line with another item.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    ///
    /// assert_eq!(Basket::of("tee", 1).and("mug", 2).items.len(), 2);
    /// ```
    #[must_use]
    pub fn and(mut self, sku: impl Into<String>, quantity: u32) -> Self {
        self.items.push((sku.into(), quantity));
        self
    }

    /// Pays with another test card of the simulated Stripe.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    ///
    /// let basket = Basket::of("tee", 1).paid_with("pm_card_mastercard");
    /// assert_eq!(basket.payment_method, "pm_card_mastercard");
    /// ```
    #[must_use]
    pub fn paid_with(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = payment_method.into();
        self
    }

    /// Chooses a fulfillment option by id, or by a word of its id or title.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    ///
    /// assert_eq!(Basket::of("tee", 1).shipped_by("express").option.as_deref(), Some("express"));
    /// ```
    #[must_use]
    pub fn shipped_by(mut self, option: impl Into<String>) -> Self {
        self.option = Some(option.into());
        self
    }

    /// Adds a discount code; only ACP 2026-04-17 sends it.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    ///
    /// assert_eq!(Basket::of("tee", 1).with_code("SAVE10").discount_codes, ["SAVE10"]);
    /// ```
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.discount_codes.push(code.into());
        self
    }

    /// The basket as the program expects it.
    pub(super) fn to_wire(&self) -> shop::Basket {
        let it = self.clone();
        shop::Basket {
            items: it.items,
            currency: Some(it.currency),
            buyer: Some(it.buyer),
            address: Some(it.address),
            discount_codes: it.discount_codes,
            option: it.option,
            payment_method: Some(it.payment_method),
        }
    }
}

fn jane() -> Buyer {
    Buyer {
        first_name: "Jane".into(),
        last_name: "Doe".into(),
        email: "jane.doe@example.com".into(),
        phone_number: "+14155552671".into(),
    }
}

fn home() -> Address {
    Address {
        line_one: "123 Main St".into(),
        line_two: Some("Apt 4B".into()),
        city: "San Francisco".into(),
        state: "CA".into(),
        country: "US".into(),
        postal_code: "94105".into(),
    }
}
