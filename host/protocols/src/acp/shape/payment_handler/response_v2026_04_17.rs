//! A way to pay (schema `PaymentHandler`), with its name for the buyer.

use serde::Serialize;

use crate::acp::shape::payment_handler::response_v2026_01_30;
use crate::settings;

#[derive(Debug, Serialize)]
pub(crate) struct PaymentHandler<'a> {
    #[serde(flatten)]
    handler: response_v2026_01_30::PaymentHandler<'a>,
    display_name: &'a str,
}

impl<'a> From<&'a settings::PaymentHandler> for PaymentHandler<'a> {
    fn from(handler: &'a settings::PaymentHandler) -> Self {
        Self {
            handler: handler.into(),
            display_name: &handler.display_name,
        }
    }
}
