//! What the agent was asked to buy, and by whom.

use crate::money::Currency;

/// One shopping list with everything a purchase needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basket {
    /// SKU and quantity of each line.
    pub items: Vec<(String, u32)>,
    /// The currency to shop in, where the protocol lets the agent say so.
    pub currency: Currency,
    /// Who buys.
    pub buyer: Buyer,
    /// Where it goes.
    pub address: Address,
    /// Discount codes; only ACP 2026-04-17 has a field for them.
    pub discount_codes: Vec<String>,
    /// The fulfillment option to take: its id, or a word of its id or title such as `express`; none keeps the shop's choice,
    /// or takes the first where the shop made none.
    pub option: Option<String>,
    /// The payment method to pay with, see [`crate::card::TEST_CARDS`].
    pub payment_method: String,
}

impl Basket {
    /// One item for Jane Doe of San Francisco, paid with a card that works.
    #[must_use]
    pub fn of(sku: impl Into<String>, quantity: u32) -> Self {
        Self {
            items: vec![(sku.into(), quantity)],
            currency: Currency::usd(),
            buyer: Buyer::default(),
            address: Address::default(),
            discount_codes: Vec::new(),
            option: None,
            payment_method: "pm_card_visa".to_owned(),
        }
    }

    /// Adds a line.
    #[must_use]
    pub fn and(mut self, sku: impl Into<String>, quantity: u32) -> Self {
        self.items.push((sku.into(), quantity));
        self
    }

    /// Pays with another test card.
    #[must_use]
    pub fn paid_with(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = payment_method.into();
        self
    }

    /// Asks for a fulfillment option.
    #[must_use]
    pub fn shipped_by(mut self, option: impl Into<String>) -> Self {
        self.option = Some(option.into());
        self
    }

    /// Adds a discount code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.discount_codes.push(code.into());
        self
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// E.164.
    pub phone_number: String,
}

impl Buyer {
    pub(crate) fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

impl Default for Buyer {
    fn default() -> Self {
        Self {
            first_name: "Jane".into(),
            last_name: "Doe".into(),
            email: "jane.doe@example.com".into(),
            phone_number: "+14155552671".into(),
        }
    }
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Street and number.
    pub line_one: String,
    /// Apartment, floor.
    pub line_two: Option<String>,
    /// City.
    pub city: String,
    /// State or province code.
    pub state: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Postal or ZIP code.
    pub postal_code: String,
}

impl Default for Address {
    fn default() -> Self {
        Self {
            line_one: "123 Main St".into(),
            line_two: Some("Apt 4B".into()),
            city: "San Francisco".into(),
            state: "CA".into(),
            country: "US".into(),
            postal_code: "94105".into(),
        }
    }
}
