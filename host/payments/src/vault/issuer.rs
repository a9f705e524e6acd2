//! The vault as an issuer of payment tokens.
//!
//! A token that is unknown, or of another merchant, is answered alike, and so is one for another session ([`GrantedToken::session`]).
//! The agent of its own session is told that a token has expired, until its card is deleted.

use async_trait::async_trait;
use tracing::warn;

use super::sealing::{self, SealError};
use super::{Vault, card_contents, hash};
use crate::outbox::report::PaymentReport;
use crate::token::{GrantedToken, ProfileMismatch, TokenError, TokenIssuer};
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::credential::{Credential, CredentialForm};
use tillhouse_checkout::error::PaymentTokenError;
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::money::Amount;
use tillhouse_checkout::ports::StoreError;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::vault::{CardDetails, DelegatedCard, SealedCard, SealedPart};

/// What a taken card shows as, like a shared payment token that was resolved.
const RESOLVED: &str = "resolved";

impl From<SealError> for TokenError {
    fn from(error: SealError) -> Self {
        Self::Misconfigured(format!("the card of a delegated payment: {error}"))
    }
}

fn unavailable(error: &StoreError) -> TokenError {
    TokenError::Unavailable {
        detail: error.to_string(),
        retry_after: None,
    }
}

#[async_trait]
impl TokenIssuer for Vault {
    fn kept_id(&self, token: &TokenId) -> TokenId {
        hash(token)
    }

    fn serves(&self, merchant: &MerchantId) -> bool {
        self.accounts.contains_key(merchant)
    }

    fn used_elsewhere(&self) -> PaymentTokenError {
        PaymentTokenError::Unknown
    }

    /// Cards have no modes: those of a sandbox are refused by its processor.
    fn livemode(&self, _: &MerchantId) -> bool {
        true
    }

    fn profile_mismatch(&self, _: &MerchantId) -> ProfileMismatch {
        ProfileMismatch::Ignore
    }

    async fn retrieve(&self, merchant: &MerchantId, token: &TokenId) -> Result<GrantedToken, TokenError> {
        let sealed = self.find(merchant, token).await?;
        let expires = sealed.taken.is_none().then_some(sealed.expires);
        let details = details(&sealed)?;
        let (_, billing) = self.open_card(&sealed, &details)?;
        Ok(GrantedToken {
            id: sealed.token,
            session: Some(sealed.session),
            livemode: true,
            deactivated: sealed.taken.map(|_| RESOLVED.to_owned()),
            next_action: None,
            expires,
            currency: Some(sealed.limit.currency),
            max_amount: Some(sealed.limit.amount),
            captured: Amount::ZERO,
            method: Some("card".to_owned()),
            forms: vec![CredentialForm::Number],
            card: details.display,
            billing,
            signals: details.signals,
            checks: details.checks,
            agent_profile: None,
            agent_name: None,
        })
    }

    /// The attempt has taken the card under its resolve key: that key gets it as often as it asks, and no other does.
    async fn resolve(&self, merchant: &MerchantId, token: &TokenId, key: &str) -> Result<Credential, TokenError> {
        let sealed = self.find(merchant, token).await?;
        let taken = sealed.taken.as_ref();
        if taken.is_none_or(|taken| taken.resolve_key != key) {
            return Err(TokenError::Unknown);
        }
        let details = details(&sealed)?;
        let (mut card, _) = self.open_card(&sealed, &details)?;
        card.security_code = self.open_security_code(&sealed)?;
        Ok(card.into_credential(details.display))
    }

    /// A charge that had a security code is not sent again: the code is wiped, and the bytes would be others.
    async fn resolve_again(&self, merchant: &MerchantId, token: &TokenId, key: &str) -> Result<Credential, TokenError> {
        let sealed = self.find(merchant, token).await?;
        if sealed.had_security_code {
            return Err(TokenError::NoCredential(
                "its security code was wiped before the charge was sent",
            ));
        }
        self.resolve(merchant, token, key).await
    }

    async fn report(&self, _: &MerchantId, _: &PaymentReport) -> Result<String, TokenError> {
        Err(TokenError::Misconfigured(
            "the vault keeps no payment records".to_owned(),
        ))
    }

    async fn find_record(&self, _: &MerchantId, _: &PaymentReport) -> Result<Option<String>, TokenError> {
        Ok(None)
    }
}

impl Vault {
    async fn find(&self, merchant: &MerchantId, token: &TokenId) -> Result<SealedCard, TokenError> {
        let found = self.checkout.store.sealed_card(merchant, token).await;
        found.map_err(|error| unavailable(&error))?.ok_or(TokenError::Unknown)
    }

    fn open_card(
        &self,
        sealed: &SealedCard,
        details: &CardDetails,
    ) -> Result<(DelegatedCard, Option<Address>), TokenError> {
        let bound = sealed.associated_data(SealedPart::Card);
        let opened = sealing::open(&self.keys, &sealed.key, &sealed.card, &bound);
        let opened = opened
            .inspect_err(|error| warn!(session.id = %sealed.session, %error, "a delegated card cannot be opened"))?;
        let card = card_contents::read(&opened, details.display.clone());
        card.ok_or_else(|| TokenError::Misconfigured("a stored card cannot be read".to_owned()))
    }

    fn open_security_code(&self, sealed: &SealedCard) -> Result<Option<Secret>, TokenError> {
        let Some(code) = &sealed.security_code else {
            return Ok(None);
        };
        let bound = sealed.associated_data(SealedPart::SecurityCode);
        let opened = sealing::open(&self.keys, &sealed.key, code, &bound)?;
        let text =
            std::str::from_utf8(&opened).map_err(|_| TokenError::NoCredential("its security code cannot be read"))?;
        Ok(Some(Secret::new(text.to_owned())))
    }
}

fn details(sealed: &SealedCard) -> Result<CardDetails, TokenError> {
    serde_json::from_str(&sealed.details)
        .map_err(|_| TokenError::Misconfigured("the details of a stored card cannot be read".to_owned()))
}
