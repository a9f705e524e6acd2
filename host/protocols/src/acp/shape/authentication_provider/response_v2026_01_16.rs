//! Who authenticates buyers (schema `AuthenticationProvider`).

use serde::Serialize;

use crate::settings::AcpSettings;

/// Values of `provider` in the schema; a handler of any other provider is left out.
const PROVIDERS: &[&str] = &["stripe", "adyen"];

#[derive(Debug, Serialize)]
pub(crate) struct AuthenticationProvider<'a> {
    provider: &'a str,
    merchant_id: &'a str,
    supported_authentication_methods: [&'static str; 1],
}

impl<'a> AuthenticationProvider<'a> {
    /// The provider of a handler that takes the result of an authentication, preferably that of the payment; `None` if none does, or if the
    /// schema does not have its provider.
    pub(crate) fn new(settings: &'a AcpSettings) -> Option<Self> {
        let mut configs = settings.provider_handlers().map(|handler| &handler.config);
        let config =
            configs.find(|config| config.supports_3ds.is_given() && PROVIDERS.contains(&config.psp.as_str()))?;
        Some(Self {
            provider: &config.psp,
            merchant_id: &config.merchant_id,
            supported_authentication_methods: ["3ds"],
        })
    }
}
