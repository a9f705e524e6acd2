//! The Stripe Agentic Commerce Suite, seller side: the hooks `/agentic/checkouts…` that Stripe calls.
//!
//! The seed shows examples and no schema, so requests are read leniently: fields that are not known here are passed over.

mod call;
mod errors;
mod from_wire;
pub(crate) mod handlers;
mod to_wire;
mod wire;

#[cfg(test)]
mod tests;
