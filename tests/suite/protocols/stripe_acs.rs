//! Stripe's Agentic Commerce Suite.

mod checkout;
mod credentials;
mod payment;
