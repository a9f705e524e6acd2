//! The merchant's confirmation of an order (schema `OrderConfirmation`).

use serde::Serialize;

use tillhouse_checkout::order::Confirmation;

#[derive(Debug, Serialize)]
pub(crate) struct OrderConfirmation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation_email_sent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_number: Option<&'a str>,
}

impl<'a> OrderConfirmation<'a> {
    /// `None` if the merchant has confirmed nothing beside the order itself.
    pub(crate) fn new(confirmation: &'a Confirmation) -> Option<Self> {
        (*confirmation != Confirmation::default()).then_some(Self {
            confirmation_number: confirmation.number.as_deref(),
            confirmation_email_sent: confirmation.email_sent,
            receipt_url: confirmation.receipt_url.as_deref(),
            invoice_number: confirmation.invoice.as_deref(),
        })
    }
}
