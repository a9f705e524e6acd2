//! Configuration of the simulated Adyen.

use std::time::Duration;

use super::merchant::{COMPANY_ACCOUNT, MERCHANT_ACCOUNT};
use crate::secret::Secret;

/// Ports, keys and accounts; the default has the accounts of Adyen's own examples.
#[derive(Clone, Debug)]
pub struct AdyenConfig {
    /// Port on 127.0.0.1; 0 chooses a free one.
    pub port: u16,
    /// API key of agents, as Bearer token.
    pub agent_key: Secret,
    /// The agentic token of the vault of agents, as Bearer token.
    pub vault_key: Secret,
    /// `X-API-Key` of merchants at the Checkout API.
    pub checkout_key: Secret,
    /// Key of merchants for events and their configuration, as `X-API-Key` or Bearer token.
    pub events_key: Secret,
    /// Key in hex that signs the items of Standard webhooks.
    pub hmac_key: Secret,
    /// User name of Standard webhooks; `None` sends them without credentials.
    pub webhook_user: Option<String>,
    /// Password of Standard webhooks.
    pub webhook_password: Secret,
    /// Member of `paymentMethod` with a token of the vault. It is not public; the default is a guess.
    pub token_field: String,
    /// Company account that can always be used, also without a connected merchant.
    pub company_account: String,
    /// Merchant account that can always be used, also without a connected merchant.
    pub merchant_account: String,
    /// How long a payment on the slow card takes, in real time.
    pub slow_card_delay: Duration,
    /// Pause before a call that was not answered is repeated, in real time.
    pub retry_delay: Duration,
}

impl Default for AdyenConfig {
    fn default() -> Self {
        Self {
            port: 0,
            agent_key: "adyen_agent_sandbox".into(),
            vault_key: "adyen_vault_sandbox".into(),
            checkout_key: "adyen_checkout_sandbox".into(),
            events_key: "adyen_events_sandbox".into(),
            hmac_key: "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056".into(),
            webhook_user: None,
            webhook_password: "adyen_webhook_sandbox".into(),
            token_field: "storedPaymentMethodId".to_owned(),
            company_account: COMPANY_ACCOUNT.to_owned(),
            merchant_account: MERCHANT_ACCOUNT.to_owned(),
            slow_card_delay: Duration::from_secs(3),
            retry_delay: Duration::from_millis(200),
        }
    }
}
