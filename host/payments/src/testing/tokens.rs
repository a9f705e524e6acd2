//! A token service whose tokens are all active.

use async_trait::async_trait;

use crate::outbox::report::PaymentReport;
use crate::token::{GrantedToken, TokenError, TokenService};
use tillhouse_checkout::credential::{CardDisplay, Credential};
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::money::Amount;

#[derive(Debug)]
pub(super) struct ActiveTokens;

#[async_trait]
impl TokenService for ActiveTokens {
    fn livemode(&self, _: &MerchantId) -> bool {
        false
    }

    async fn retrieve(&self, _: &MerchantId, token: &TokenId) -> Result<GrantedToken, TokenError> {
        Ok(GrantedToken {
            id: token.clone(),
            livemode: false,
            deactivated: None,
            expires: None,
            currency: None,
            max_amount: None,
            captured: Amount::ZERO,
            card: CardDisplay::default(),
            agent_profile: None,
        })
    }

    async fn resolve(&self, _: &MerchantId, _: &TokenId, _: &str) -> Result<Credential, TokenError> {
        Ok(Credential {
            kind: "dpan".into(),
            display: CardDisplay::default(),
            slots: Vec::new(),
        })
    }

    async fn report(&self, _: &MerchantId, _: &PaymentReport) -> Result<String, TokenError> {
        Ok("pr_1".into())
    }

    async fn find_record(&self, _: &MerchantId, _: &PaymentReport) -> Result<Option<String>, TokenError> {
        Ok(None)
    }
}
