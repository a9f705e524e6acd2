//! Adyen as an issuer of payment tokens.
//!
//! An agent's side gets a token of Adyen's vault for one checkout, and passes it on. The token is opaque: Adyen publishes no way to read it,
//! and only the merchant's own account at Adyen can charge it. So the host knows of no limit, asks for none, and hands the token to the
//! merchant's processor plugin in the slot `psp-token`. What the token does not allow is a decline of that charge.
//!
//! Resolving consumes nothing and makes no call: the same token resolves again under any key, as after a crash. That it pays one checkout
//! only is for the store's index of tokens to see to.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::outbox::report::PaymentReport;
use crate::token::{GrantedToken, ProfileMismatch, TokenError, TokenIssuer};
use tillhouse_checkout::credential::{CardDisplay, Credential, CredentialForm};
use tillhouse_checkout::error::PaymentTokenError;
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::money::Amount;
use tillhouse_checkout::secret::Secret;

/// The kind of a credential with a token of the processor itself (`wit/host/credentials.wit`).
const KIND: &str = "psp_token";

/// The tokens of Adyen, for the merchants that have an account there.
#[derive(Clone, Debug)]
pub struct AdyenTokens {
    merchants: BTreeSet<MerchantId>,
}

impl AdyenTokens {
    /// The tokens of these merchants.
    #[must_use]
    pub const fn new(merchants: BTreeSet<MerchantId>) -> Self {
        Self { merchants }
    }

    fn expect_account(&self, merchant: &MerchantId) -> Result<(), TokenError> {
        if self.merchants.contains(merchant) {
            return Ok(());
        }
        let message = format!("merchant {merchant} has no account at Adyen in this configuration");
        Err(TokenError::Misconfigured(message))
    }
}

#[async_trait]
impl TokenIssuer for AdyenTokens {
    fn serves(&self, merchant: &MerchantId) -> bool {
        self.merchants.contains(merchant)
    }

    /// Whose it was is not told: a token that another session has used is answered as one that there never was.
    fn used_elsewhere(&self) -> PaymentTokenError {
        PaymentTokenError::Unknown
    }

    /// A token does not say its mode: a test token is refused by a live account, and the other way round.
    fn livemode(&self, _: &MerchantId) -> bool {
        true
    }

    fn profile_mismatch(&self, _: &MerchantId) -> ProfileMismatch {
        ProfileMismatch::Ignore
    }

    async fn retrieve(&self, merchant: &MerchantId, token: &TokenId) -> Result<GrantedToken, TokenError> {
        self.expect_account(merchant)?;
        Ok(GrantedToken {
            id: token.clone(),
            session: None,
            livemode: true,
            deactivated: None,
            next_action: None,
            expires: None,
            currency: None,
            max_amount: None,
            captured: Amount::ZERO,
            method: None,
            forms: vec![CredentialForm::ProcessorToken],
            card: CardDisplay::default(),
            billing: None,
            signals: Vec::new(),
            checks: Vec::new(),
            agent_profile: None,
            agent_name: None,
        })
    }

    async fn resolve(&self, merchant: &MerchantId, token: &TokenId, _key: &str) -> Result<Credential, TokenError> {
        self.expect_account(merchant)?;
        let slot = CredentialForm::ProcessorToken.slot();
        Ok(Credential {
            kind: KIND.to_owned(),
            display: CardDisplay::default(),
            slots: vec![(slot, Secret::new(token.as_str().to_owned()))],
        })
    }

    async fn report(&self, _: &MerchantId, _: &PaymentReport) -> Result<String, TokenError> {
        Err(TokenError::Misconfigured(
            "Adyen keeps its own records of payments".to_owned(),
        ))
    }

    async fn find_record(&self, _: &MerchantId, _: &PaymentReport) -> Result<Option<String>, TokenError> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuer::TokenIssuers;
    use std::sync::Arc;
    use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};

    fn tokens() -> AdyenTokens {
        AdyenTokens::new(BTreeSet::from([MerchantId::new("acme")]))
    }

    #[tokio::test]
    async fn a_token_is_the_same_credential_as_often_as_it_is_resolved() {
        let (acme, token) = (MerchantId::new("acme"), TokenId::new("acp_tok_Ab1.cD"));
        for key in ["key_1", "key_1", "key_2"] {
            let credential = tokens().resolve(&acme, &token, key).await.unwrap();
            assert_eq!(credential.kind, "psp_token");
            assert_eq!(credential.forms(), [CredentialForm::ProcessorToken]);
            assert_eq!(credential.slot("psp-token").map(Secret::reveal), Some("acp_tok_Ab1.cD"));
        }
        let again = tokens().resolve_again(&acme, &token, "key_1").await.unwrap();
        assert_eq!(again.slot("psp-token").map(Secret::reveal), Some("acp_tok_Ab1.cD"));
    }

    #[tokio::test]
    async fn what_a_token_allows_is_left_to_adyen() {
        let granted = tokens()
            .retrieve(&MerchantId::new("acme"), &TokenId::new("t"))
            .await
            .unwrap();
        assert_eq!(
            (granted.max_amount, granted.currency, granted.expires),
            (None, None, None)
        );
        assert_eq!(granted.forms, [CredentialForm::ProcessorToken]);
    }

    #[tokio::test]
    async fn a_merchant_without_an_account_takes_none_of_its_tokens() {
        let bear = MerchantId::new("bear");
        let issuers = TokenIssuers::default().with(IssuerName::Adyen, Arc::new(tokens()));
        assert!(issuers.serve(&MerchantId::new("acme"), IssuerName::Adyen));
        assert!(!issuers.serve(&bear, IssuerName::Adyen));
        let refused = tokens().retrieve(&bear, &TokenId::new("t")).await;
        assert!(matches!(refused, Err(TokenError::Misconfigured(_))), "{refused:?}");
        let refused = tokens().resolve(&bear, &TokenId::new("t"), "k").await;
        assert!(matches!(refused, Err(TokenError::Misconfigured(_))), "{refused:?}");
    }

    #[test]
    fn a_token_that_another_session_has_used_is_answered_as_unknown() {
        let issuers = TokenIssuers::default().with(IssuerName::Adyen, Arc::new(tokens()));
        let token = PaymentToken {
            issuer: IssuerName::Adyen,
            id: TokenId::new("t"),
        };
        assert_eq!(issuers.used_elsewhere(&token), PaymentTokenError::Unknown);
    }
}
