//! The issuers of payment tokens that a host works with, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::token::{TokenError, TokenIssuer};
use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::error::PaymentTokenError;
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};

/// The issuers of a host. The completion names one by its provider or its payment handler; the attempt keeps the name.
#[derive(Clone, Debug, Default)]
pub struct TokenIssuers(BTreeMap<IssuerName, Arc<dyn TokenIssuer>>);

impl TokenIssuers {
    /// With one more issuer.
    #[must_use]
    pub fn with(mut self, name: IssuerName, issuer: Arc<dyn TokenIssuer>) -> Self {
        self.0.insert(name, issuer);
        self
    }

    /// Whether the merchant takes tokens of this issuer.
    pub(crate) fn serve(&self, merchant: &MerchantId, name: IssuerName) -> bool {
        self.0.get(&name).is_some_and(|issuer| issuer.serves(merchant))
    }

    /// The error of a token that another checkout session has used, or that is gone.
    pub(crate) fn used_elsewhere(&self, token: &PaymentToken) -> PaymentTokenError {
        let issuer = self.0.get(&token.issuer);
        issuer.map_or(PaymentTokenError::Used, |issuer| issuer.used_elsewhere())
    }

    /// # Errors
    /// If the host no longer works with it: an attempt may be older than the configuration.
    pub(crate) fn get(&self, name: IssuerName) -> Result<&dyn TokenIssuer, TokenError> {
        let issuer = self.0.get(&name).map(AsRef::as_ref);
        issuer.ok_or_else(|| TokenError::Misconfigured(format!("this host has no token issuer {}", name.as_str())))
    }

    /// The token that pays an attempt, with its issuer.
    ///
    /// # Errors
    /// If no token pays it, or the host does not work with its issuer.
    pub(crate) fn of<'a>(&self, attempt: &'a Attempt) -> Result<(&dyn TokenIssuer, &'a TokenId), TokenError> {
        let token = attempt.payment_token().ok_or(TokenError::Unknown)?;
        Ok((self.get(token.issuer)?, &token.id))
    }

    /// A token that an agent sent, as its issuer keeps it.
    pub(crate) fn kept(&self, sent: &PaymentToken) -> PaymentToken {
        let id = self.get(sent.issuer).map(|issuer| issuer.kept_id(&sent.id));
        PaymentToken {
            issuer: sent.issuer,
            id: id.unwrap_or_else(|_| sent.id.clone()),
        }
    }
}
