//! Requirements for a 3-D Secure authentication before the charge.

use tillhouse_plugin::payments::{CardDisplay, ThreeDSecure};
use tillhouse_plugin::prelude::*;

use crate::Shop;

impl PaymentsAuthentication for Shop {
    /// Without the acquirer's BIN in the configuration, no payment needs an authentication.
    fn requirements(
        _op: Operation,
        _order: ChargeOrder,
        card: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, Failure> {
        let Some(acquirer_bin) = config::get("acquirer-bin") else {
            return Ok(None);
        };
        let directory_server = match card.and_then(|card| card.brand).as_deref() {
            Some("amex") => "american_express",
            Some("mastercard") => "mastercard",
            Some("visa") => "visa",
            _ => return Ok(None),
        };
        Ok(Some(ThreeDSecure {
            acquirer_bin,
            acquirer_country: config::required("acquirer-country")?,
            merchant_id: config::required("merchant-id")?,
            merchant_name: config::required("merchant-name")?,
            requestor_id: None,
            directory_server: directory_server.into(),
            flow: None,
            extensions: vec![],
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn required(brand: &str) -> Option<ThreeDSecure> {
        let order = testing::charge_order(Money::new(Amount::ZERO, "USD"));
        let card = CardDisplay {
            brand: Some(brand.into()),
            ..CardDisplay::default()
        };
        Shop::requirements(testing::operation("1"), order, Some(card)).unwrap()
    }

    #[test]
    fn cards_of_a_directory_server_are_authenticated_if_the_acquirer_is_known() {
        let host = testing::Host::new().config("acquirer-bin", "412345");
        let host = host.config("acquirer-country", "US");
        let host = host.config("merchant-id", "m-1");
        let _host = host.config("merchant-name", "Shop").install();
        assert_eq!(required("visa").unwrap().directory_server, "visa");
        assert_eq!(required("girocard"), None);
    }

    #[test]
    fn without_an_acquirer_no_payment_needs_an_authentication() {
        let _host = testing::Host::new().install();
        assert_eq!(required("visa"), None);
    }
}
