//! What the carts of a release are made of.

use crate::acp::shape::cart::{request_v2026_04_17, response_v2026_04_17};
use crate::json::{BodyError, JsonValue};
use tillhouse_checkout::cart::CartEdit;

/// The parsers and the serializer of the bodies of carts.
#[derive(Debug)]
pub(crate) struct CartDefinition {
    pub(crate) read_create: fn(&JsonValue) -> Result<CartEdit, BodyError>,
    pub(crate) read_replace: fn(&JsonValue) -> Result<CartEdit, BodyError>,
    /// Renders the cart of a rendered checkout session.
    pub(crate) render: fn(&[u8]) -> Vec<u8>,
}

/// The carts that ACP 2026-04-17 brought.
pub(crate) const CARTS_V2026_04_17: CartDefinition = CartDefinition {
    read_create: request_v2026_04_17::create,
    read_replace: request_v2026_04_17::replace,
    render: response_v2026_04_17::of_session,
};
