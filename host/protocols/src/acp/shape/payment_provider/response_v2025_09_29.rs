//! Who takes payments (schema `PaymentProvider`), and by which methods.

use serde::Serialize;

use crate::settings::AcpSettings;

#[derive(Debug, Serialize)]
pub(crate) struct PaymentProvider {
    provider: &'static str,
    supported_payment_methods: [&'static str; 1],
}

impl PaymentProvider {
    /// The configured provider, whichever issuer the token of a payment has.
    pub(crate) const fn new(settings: &AcpSettings) -> Self {
        Self {
            provider: settings.provider.as_str(),
            supported_payment_methods: ["card"],
        }
    }
}
