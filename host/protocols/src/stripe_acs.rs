//! The Stripe Agentic Commerce Suite, seller side: the hooks `/agentic/checkouts…` that Stripe calls.
//!
//! Stripe's guide (<https://docs.stripe.com/agentic-commerce/for-sellers/custom>) has examples and no schema, so requests are
//! parsed leniently: unknown fields are ignored. Comments in this module call it "the guide".

mod call;
mod errors;
mod from_wire;
pub(crate) mod handlers;
mod order_event;
mod to_wire;
mod wire;

pub use order_event::stripe_order_events;

#[cfg(test)]
mod tests;
