//! Who takes payments (schema `PaymentProvider`), and by which methods.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct PaymentProvider {
    provider: &'static str,
    supported_payment_methods: [&'static str; 1],
}

impl PaymentProvider {
    /// The only provider of the schema, whichever issuer the token of a payment has.
    pub(crate) const STRIPE: Self = Self {
        provider: "stripe",
        supported_payment_methods: ["card"],
    };
}
