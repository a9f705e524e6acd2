//! Carts: `/carts…`, items with estimated prices before a checkout begins (ACP RFC cart).
//!
//! Not in the RFC, but in the release: an update is a `PUT` (`OpenAPI` document of 2026-04-17); the `POST` of the RFC is the same. A
//! checkout is begun with `cart_id` in a create request, which the RFC has and the schema of the release lacks.

mod call;
mod definition;
mod handlers;
#[cfg(test)]
mod tests;

pub(crate) use definition::{CARTS_V2026_04_17, CartDefinition};
pub(crate) use handlers::{create, post, replace, retrieve};
