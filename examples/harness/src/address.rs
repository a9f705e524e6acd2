//! Builders of postal addresses for tests.

pub use tillhouse_plugin::types::Address;

/// An address in a state of the United States, with postal code 94105.
///
/// ```
/// let home = tillhouse_harness::address::us("CA");
/// assert_eq!((home.country.as_str(), home.region.as_str()), ("US", "CA"));
/// ```
#[must_use]
pub fn us(state: &str) -> Address {
    place("US", state, "94105")
}

/// An address in a country, without a region: `address::of("DE")`.
///
/// ```
/// assert_eq!(tillhouse_harness::address::of("DE").country, "DE");
/// ```
#[must_use]
pub fn of(country: &str) -> Address {
    place(country, "", "10115")
}

fn place(country: &str, region: &str, postal_code: &str) -> Address {
    Address {
        name: "Jane Doe".into(),
        region: region.into(),
        postal_code: postal_code.into(),
        ..Address::new("123 Main St", "Town", country)
    }
}
