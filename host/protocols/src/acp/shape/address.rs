//! A postal address, in requests and in sessions.

pub(crate) mod request_v2025_09_29;
pub(crate) mod request_v2026_04_17;
pub(crate) mod response_v2025_09_29;
pub(crate) mod response_v2026_04_17;

use serde::de::DeserializeOwned;
use tillhouse_checkout::contact;

/// A shape of addresses in requests.
pub(crate) trait RequestAddress: DeserializeOwned + Into<contact::Address> {}

impl<Address: DeserializeOwned + Into<contact::Address>> RequestAddress for Address {}
