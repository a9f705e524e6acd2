//! Who takes payments (schema `PaymentProvider`), with the merchant's id there.

use serde::Serialize;

use crate::acp::shape::payment_provider::response_v2025_12_12;
use crate::settings::AcpSettings;

#[derive(Debug, Serialize)]
pub(crate) struct PaymentProvider<'a> {
    #[serde(flatten)]
    provider: response_v2025_12_12::PaymentProvider<'a>,
    merchant_id: &'a str,
}

impl<'a> PaymentProvider<'a> {
    /// `None` if no payment handler is configured, which has the id.
    pub(crate) fn new(settings: &'a AcpSettings) -> Option<Self> {
        settings.provider_handlers().next().map(|handler| Self {
            provider: response_v2025_12_12::PaymentProvider::new(settings),
            merchant_id: &handler.config.merchant_id,
        })
    }
}
