//! The basket that an agent buys, with buyer and address.

use crate::money::Currency;

/// One shopping list with everything that a purchase needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basket {
    /// SKU and quantity of each line.
    pub items: Vec<(String, u32)>,
    /// The currency to request; only some protocols let the agent choose.
    pub currency: Currency,
    /// Name, email address and phone number of the buyer.
    pub buyer: Buyer,
    /// Shipping and billing address.
    pub address: Address,
    /// Discount codes; only ACP 2026-04-17 has a field for them.
    pub discount_codes: Vec<String>,
    /// The fulfillment option to choose: its id, or a word of its id or title such as `express`. `None` keeps the
    /// shop's choice, or chooses the first option if the shop made none.
    pub option: Option<String>,
    /// The payment method to use; see [`crate::card::TEST_CARDS`].
    pub payment_method: String,
}

impl Basket {
    /// One item for Jane Doe of San Francisco, paid with a Visa card that is approved.
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

    /// Adds a line with another item.
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

    /// Chooses a fulfillment option by id, or by a word of its id or title.
    #[must_use]
    pub fn shipped_by(mut self, option: impl Into<String>) -> Self {
        self.option = Some(option.into());
        self
    }

    /// Adds a discount code; only ACP 2026-04-17 can send it.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.discount_codes.push(code.into());
        self
    }
}

/// The person who buys; the default is Jane Doe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// Given name of the buyer.
    pub first_name: String,
    /// Family name of the buyer.
    pub last_name: String,
    /// Email address of the buyer.
    pub email: String,
    /// Phone number in E.164 format.
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

/// A postal address; the default is in San Francisco.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Street with house number, e.g. `123 Main St`.
    pub line_one: String,
    /// Apartment or floor, if any.
    pub line_two: Option<String>,
    /// City or town name.
    pub city: String,
    /// State or province code, e.g. `CA`.
    pub state: String,
    /// Country as ISO 3166-1 alpha-2, e.g. `US`.
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
