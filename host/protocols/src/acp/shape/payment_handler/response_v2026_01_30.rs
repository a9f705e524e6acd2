//! A way to pay (schema `PaymentHandler`).

use serde::Serialize;

use crate::settings::{self, PaymentHandlerConfig};

#[derive(Debug, Serialize)]
pub(crate) struct PaymentHandler<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
    spec: &'a str,
    requires_delegate_payment: bool,
    requires_pci_compliance: bool,
    psp: &'a str,
    config_schema: &'a str,
    instrument_schemas: &'a [String],
    config: &'a PaymentHandlerConfig,
}

impl<'a> From<&'a settings::PaymentHandler> for PaymentHandler<'a> {
    fn from(handler: &'a settings::PaymentHandler) -> Self {
        Self {
            id: &handler.id,
            name: &handler.name,
            version: &handler.version,
            spec: &handler.spec,
            requires_delegate_payment: handler.requires_delegate_payment,
            requires_pci_compliance: handler.requires_pci_compliance,
            psp: &handler.psp,
            config_schema: &handler.config_schema,
            instrument_schemas: &handler.instrument_schemas,
            config: &handler.config,
        }
    }
}
