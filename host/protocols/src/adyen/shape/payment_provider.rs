//! Who takes the payment (`AcpPaymentProvider`).

use serde::Serialize;

use crate::settings::AdyenSettings;

/// The provider of every token of this dialect.
pub(crate) const ADYEN: &str = "adyen";

#[derive(Debug, Serialize)]
pub(crate) struct PaymentProvider<'a> {
    provider: &'static str,
    merchant_id: &'a str,
    supported_payment_methods: &'a [String],
}

impl<'a> From<&'a AdyenSettings> for PaymentProvider<'a> {
    fn from(settings: &'a AdyenSettings) -> Self {
        Self {
            provider: ADYEN,
            merchant_id: &settings.merchant_account,
            supported_payment_methods: &settings.payment_methods,
        }
    }
}
