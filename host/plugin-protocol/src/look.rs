//! What a host knows and a harness asks: catalogs, currencies, and the forms in which a value comes back.

use serde::{Deserialize, Serialize};

use crate::{Hidden, Operation};

/// Read a catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCatalog {
    /// The CSV.
    pub csv: String,
}

/// The items of a catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// In no order.
    pub items: Vec<Item>,
}

/// An item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// How many there are, where that is counted.
    #[serde(default)]
    pub inventory: Option<u64>,
}

impl Operation for ReadCatalog {
    const NAME: &'static str = "catalog";
    type Answer = Catalog;
}

/// Look a currency up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCurrency {
    /// ISO 4217, in any case.
    pub code: String,
}

/// A currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency {
    /// In upper case.
    pub code: String,
    /// Decimals of its minor unit.
    pub exponent: u32,
}

impl Operation for ReadCurrency {
    const NAME: &'static str = "currency";
    type Answer = Currency;
}

/// The forms of a value that a host takes out of what an upstream answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadForms {
    /// The value.
    pub value: Hidden,
}

/// The forms. None where the value is too short to tell anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forms {
    /// As it is, percent-encoded, in base64, in groups of four …
    pub forms: Vec<Hidden>,
}

impl Operation for ReadForms {
    const NAME: &'static str = "forms";
    type Answer = Forms;
}

/// The test card of a payment method of the simulated Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadTestCard {
    /// `pm_card_visa` …
    pub payment_method: String,
}

/// A test card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCard {
    /// Its number; `null` where there is no such card.
    pub number: Option<Hidden>,
}

impl Operation for ReadTestCard {
    const NAME: &'static str = "test_card";
    type Answer = TestCard;
}
