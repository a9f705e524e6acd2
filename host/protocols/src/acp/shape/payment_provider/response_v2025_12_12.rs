//! Who takes payments (schemas `PaymentProvider` and `PaymentMethod`), and cards of which networks.

use serde::Serialize;

use crate::settings::AcpSettings;

/// Values of `supported_card_networks` in the schema; any other brand is left out.
const NETWORKS: &[&str] = &["amex", "discover", "mastercard", "visa"];

#[derive(Debug, Serialize)]
pub(crate) struct PaymentProvider<'a> {
    provider: &'static str,
    supported_payment_methods: [PaymentMethod<'a>; 1],
}

#[derive(Debug, Serialize)]
struct PaymentMethod<'a> {
    r#type: &'static str,
    supported_card_networks: Vec<&'a str>,
}

impl<'a> PaymentProvider<'a> {
    /// The configured provider, with the networks that any of the merchant's handlers accepts.
    pub(crate) fn new(settings: &'a AcpSettings) -> Self {
        let mut networks: Vec<&str> = Vec::new();
        let accepted = settings
            .handlers
            .iter()
            .flat_map(|handler| &handler.config.accepted_brands);
        for network in accepted.map(String::as_str).filter(|brand| NETWORKS.contains(brand)) {
            if !networks.contains(&network) {
                networks.push(network);
            }
        }
        Self {
            provider: settings.provider.as_str(),
            supported_payment_methods: [PaymentMethod {
                r#type: "card",
                supported_card_networks: networks,
            }],
        }
    }
}
