//! Lookups without a trial: catalogs, currencies, redacted forms of a secret, and test cards.

use serde::{Deserialize, Serialize};

use crate::{Operation, Sensitive};

/// Parse a catalog in CSV.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCatalog {
    /// Catalog in CSV, with a header line.
    pub csv: String,
}

/// Items of a parsed catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// Items, in unspecified order.
    pub items: Vec<Item>,
}

/// Item of a catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Item id, from the column `id`.
    pub id: String,
    /// Units in stock, from `inventory_quantity`; `None` if the catalog does not count the item.
    #[serde(default)]
    pub inventory: Option<u64>,
}

impl Operation for ReadCatalog {
    const NAME: &'static str = "catalog";
    type Answer = Catalog;
}

/// Look up a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCurrency {
    /// ISO 4217 code, in upper or lower case.
    pub code: String,
}

/// Currency with its number of decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency {
    /// ISO 4217 code in upper case.
    pub code: String,
    /// Number of decimals of the minor unit, such as 2 for USD.
    pub exponent: u32,
}

impl Operation for ReadCurrency {
    const NAME: &'static str = "currency";
    type Answer = Currency;
}

/// Get the encodings of a value that a host redacts from the responses of an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRedactedForms {
    /// Card data or secret.
    pub value: Sensitive,
}

/// Redacted encodings of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedactedForms {
    /// The value as it is, percent-encoded, in base64, in groups of four …; empty if the value is too short to be redacted.
    pub forms: Vec<Sensitive>,
}

impl Operation for ReadRedactedForms {
    const NAME: &'static str = "forms";
    type Answer = RedactedForms;
}

/// Get the test card behind a payment method of the simulated Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadTestCard {
    /// Payment method of Stripe's test mode, such as `pm_card_visa`.
    pub payment_method: String,
}

/// Test card of a payment method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCard {
    /// Card number; `None` (`null`) if the simulated Stripe has no such payment method.
    pub number: Option<Sensitive>,
}

impl Operation for ReadTestCard {
    const NAME: &'static str = "test_card";
    type Answer = TestCard;
}
