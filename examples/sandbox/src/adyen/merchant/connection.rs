//! A merchant that this simulator sells for: where its server is, and how it takes part in a payment.

use std::time::Duration;

use super::auth::MerchantAuth;

/// The budget that Adyen gives a merchant for an answer.
pub const BUDGET: Duration = Duration::from_secs(5);

/// Who makes the payment of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// Adyen charges, after the merchant has committed; then it finalizes.
    #[default]
    Standard,
    /// The merchant gets the token and charges over `/payments`.
    Advanced,
}

/// How the merchant gets to know that Adyen has charged, in the standard flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FinalizeBy {
    /// With a call of `finalize`.
    #[default]
    Call,
    /// With the Standard webhook, at [`MerchantConnection::webhook_url`].
    Webhook,
}

/// One merchant of a company account.
#[derive(Clone, Debug)]
pub struct MerchantConnection {
    /// Company account in the address of the agent API.
    pub company_account: String,
    /// Merchant account that is paid.
    pub merchant_account: String,
    /// URL of the merchant's server; `/agentic/sessions/…` is below it.
    pub base_url: String,
    /// Credentials for the merchant's server.
    pub auth: MerchantAuth,
    /// Who makes the payment.
    pub flow: Flow,
    /// Whether the merchant is asked to commit before Adyen charges.
    pub commits: bool,
    /// How the merchant gets to know that Adyen has charged.
    pub finalize_by: FinalizeBy,
    /// Name of the route of the advanced flow, below `/agentic/sessions/{id}/`.
    pub token_route: String,
    /// Where the Standard webhook is sent to; `None` sends it only on request.
    pub webhook_url: Option<String>,
    /// How long the merchant has for an answer.
    pub budget: Duration,
}

impl MerchantConnection {
    /// A merchant of the standard flow, with the accounts of the sandbox's default configuration.
    #[must_use]
    pub fn new(base_url: impl Into<String>, auth: MerchantAuth) -> Self {
        Self {
            company_account: super::COMPANY_ACCOUNT.to_owned(),
            merchant_account: super::MERCHANT_ACCOUNT.to_owned(),
            base_url: base_url.into().trim_end_matches('/').to_owned(),
            auth,
            flow: Flow::Standard,
            commits: true,
            finalize_by: FinalizeBy::Call,
            token_route: "payment".to_owned(),
            webhook_url: None,
            budget: BUDGET,
        }
    }

    /// The same merchant, which makes its payments itself.
    #[must_use]
    pub fn advanced(self) -> Self {
        Self {
            flow: Flow::Advanced,
            ..self
        }
    }

    /// The same merchant with other accounts.
    #[must_use]
    pub fn with_accounts(self, company_account: impl Into<String>, merchant_account: impl Into<String>) -> Self {
        Self {
            company_account: company_account.into(),
            merchant_account: merchant_account.into(),
            ..self
        }
    }
}
