//! Codes of countries, of their states and of their postal areas, and the other spellings that people and wallets use for them.
//!
//! Without records, stores or protocols, so that the host, which reads addresses, and plugins, whose configurations name places,
//! agree on what a code is.

mod country;
mod postal_code;
mod state;

pub use country::{Country, UnknownCountry};
pub use postal_code::{PostalCode, PostalPattern, PostalPatternError, half_width};
pub use state::{State, example_state};
