//! Who buys, and where it goes.

use serde::{Deserialize, Serialize};

/// The buyer, as far as the agent says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Whole name, where the agent does not split it.
    pub full_name: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Phone number as given.
    pub phone: Option<String>,
    /// The merchant's own id of the customer.
    pub customer_id: Option<String>,
    /// `guest`, `registered` or `business`.
    pub account: Option<String>,
    /// `authenticated`, `guest` or `requires_signin`.
    pub authentication: Option<String>,
}

impl Buyer {
    /// First and last name, or the full name.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => self.full_name.clone(),
        }
    }
}

/// A postal address. Fields that were not given are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Recipient.
    pub name: String,
    /// Company.
    pub company: String,
    /// Street and number.
    pub line_one: String,
    /// Flat, floor …
    pub line_two: String,
    /// City or town.
    pub city: String,
    /// State, province or region.
    pub region: String,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// Postal code.
    pub postal_code: String,
}

/// Who receives the goods, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Name.
    pub name: Option<String>,
    /// Phone number as given.
    pub phone: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Address.
    pub address: Option<Address>,
}
