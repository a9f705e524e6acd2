//! How the buyer pays (schema `PaymentData`): a token and its provider.

use serde::Deserialize;

use crate::acp::shape::payment_data::token_of;
use crate::fields::SecretText;
use crate::json::BodyError;
use crate::settings::{AcpPaymentProvider, AcpSettings};
use tillhouse_checkout::contact;
use tillhouse_checkout::payment_token::PaymentToken;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct PaymentData<Address> {
    token: SecretText,
    provider: String,
    billing_address: Option<Address>,
}

impl<Address: Into<contact::Address>> PaymentData<Address> {
    /// The token, with its issuer, and the billing address.
    ///
    /// # Errors
    /// If the merchant does not take payments of the provider, or the token is not one of its issuer.
    pub(crate) fn into_parts(
        self,
        settings: &AcpSettings,
    ) -> Result<(PaymentToken, Option<contact::Address>), BodyError> {
        let token = self.token(settings).map_err(|error| error.in_field("payment_data"))?;
        Ok((token, self.billing_address.map(Into::into)))
    }

    fn token(&self, settings: &AcpSettings) -> Result<PaymentToken, BodyError> {
        let taken = settings.providers();
        let named = taken.iter().find(|provider| provider.as_str() == self.provider);
        let provider = *named.ok_or_else(|| {
            let names: Vec<_> = taken
                .iter()
                .map(|provider| AcpPaymentProvider::as_str(*provider))
                .collect();
            BodyError::invalid(format!("must be one of: {}", names.join(", "))).in_field("provider")
        })?;
        let token = self.token.0.reveal();
        token_of(settings.issuer_of(provider, token), token)
    }
}
