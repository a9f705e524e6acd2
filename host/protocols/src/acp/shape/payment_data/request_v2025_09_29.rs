//! How the buyer pays (schema `PaymentData`): a token and its provider.

use serde::Deserialize;

use crate::acp::shape::payment_data::of_its_issuer;
use crate::fields::Token;
use crate::json::BodyError;
use crate::settings::AcpSettings;
use tillhouse_checkout::contact;
use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::payment_token::PaymentToken;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct PaymentData<Address> {
    token: Token,
    provider: Provider,
    billing_address: Option<Address>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Provider {
    Stripe,
}

impl<Address: Into<contact::Address>> PaymentData<Address> {
    /// The token, with its issuer, and the billing address.
    ///
    /// # Errors
    /// If the token is of an issuer that the merchant does not have.
    pub(crate) fn into_parts(
        self,
        settings: &AcpSettings,
    ) -> Result<(PaymentToken, Option<contact::Address>), BodyError> {
        let token = match self.provider {
            Provider::Stripe => settings.token_of_provider(TokenId::new(self.token.0)),
        };
        let token = of_its_issuer(token).map_err(|error| error.in_field("payment_data"))?;
        Ok((token, self.billing_address.map(Into::into)))
    }
}
