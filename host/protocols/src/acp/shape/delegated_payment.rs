//! A card that is delegated with `delegate_payment`, and the token for it.
//!
//! Nothing here has `Debug`: a request has a card number.

pub(crate) mod request_v2025_09_29;
pub(crate) mod response_v2025_09_29;
