//! The payment handlers of a merchant, as sessions of ACP advertise them.

use serde::Serialize;

use super::three_d_secure_support::ThreeDSecureSupport;
use tillhouse_checkout::payment_token::IssuerName;

/// A payment handler as advertised in sessions of ACP 2026-04-17 (schema `PaymentHandler`).
#[derive(Clone, Debug, Serialize)]
pub struct PaymentHandler {
    /// Id of the handler, which agents send as `payment_data.handler_id`.
    pub id: String,
    /// Kind of handler, as a reverse DNS name: `dev.acp.tokenized.card`.
    pub name: String,
    /// Name of the payment method, shown to the buyer.
    pub display_name: String,
    /// Version of the handler's specification, `YYYY-MM-DD`.
    pub version: String,
    /// URL of the handler's specification.
    pub spec: String,
    /// Whether the agent exchanges the card for a token with `delegate_payment`.
    pub requires_delegate_payment: bool,
    /// Whether card data reaches the merchant, who must then be PCI DSS compliant.
    pub requires_pci_compliance: bool,
    /// Who issues the token: `stripe`, `adyen`, or `tillhouse` for the host's own vault.
    pub psp: String,
    /// URL of the JSON Schema of `config`.
    pub config_schema: String,
    /// URLs of the JSON Schemas of the accepted payment instruments.
    pub instrument_schemas: Vec<String>,
    /// Configuration that the agent needs to request a token.
    pub config: PaymentHandlerConfig,
    /// Which issuer resolves the tokens of the handler.
    #[serde(skip)]
    pub issuer: IssuerName,
    /// Values of `credential.type` that it takes, the preferred one first.
    #[serde(skip)]
    pub credential_types: &'static [&'static str],
}

/// Configuration of a handler that the agent needs to request a token for this merchant.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentHandlerConfig {
    /// The merchant's id at the issuer of the token (`allowance.merchant_id` of `delegate_payment`).
    pub merchant_id: String,
    /// Issuer of the token: [`PaymentHandler::psp`] once more, as the schema of the configuration requires.
    pub psp: String,
    /// Accepted card brands, in lower case: `visa`, `mastercard`.
    pub accepted_brands: Vec<String>,
    /// Whether the merchant takes the result of a 3-D Secure authentication. Said even if false: the schema's default is true.
    pub supports_3ds: ThreeDSecureSupport,
}

impl PaymentHandler {
    /// The handler for cards that Stripe tokenizes as shared payment tokens: `dev.acp.tokenized.card` in its only version (ACP RFC
    /// payment handlers §10.4.1, whose URLs these are).
    #[must_use]
    pub fn tokenized_card(merchant_id: impl Into<String>) -> Self {
        let site = "https://acp.dev";
        let psp = "stripe";
        Self {
            id: "card_tokenized".into(),
            name: "dev.acp.tokenized.card".into(),
            display_name: "Card".into(),
            version: "2026-01-22".into(),
            spec: format!("{site}/handlers/tokenized.card"),
            requires_delegate_payment: true,
            requires_pci_compliance: false,
            psp: psp.into(),
            config_schema: format!("{site}/schemas/handlers/tokenized.card/config.json"),
            instrument_schemas: vec![format!("{site}/schemas/handlers/tokenized.card/instrument.json")],
            config: PaymentHandlerConfig {
                merchant_id: merchant_id.into(),
                psp: psp.into(),
                accepted_brands: ["visa", "mastercard", "amex", "discover"].map(String::from).to_vec(),
                supports_3ds: ThreeDSecureSupport::fixed(false),
            },
            issuer: IssuerName::Stripe,
            credential_types: &["spt"],
        }
    }

    /// The handler for cards that agents delegate to the vault of this host. It is honest about what that means: card numbers reach the
    /// merchant.
    #[must_use]
    pub fn vaulted_card(merchant_id: impl Into<String>) -> Self {
        let stripe = Self::tokenized_card(merchant_id);
        let psp = "tillhouse";
        Self {
            id: "card_vault".into(),
            requires_pci_compliance: true,
            psp: psp.into(),
            config: PaymentHandlerConfig {
                psp: psp.into(),
                ..stripe.config
            },
            issuer: IssuerName::Vault,
            credential_types: &["vault_token", "spt"],
            ..stripe
        }
    }

    /// The handler for cards that agents delegate to Adyen, under this merchant account. The kind is that of Stripe's handler: cards that
    /// become a token with `delegate_payment`, here at Adyen's address.
    ///
    /// ACP names no type of credential for it. `adyen_token` is ours, and `spt` the one that ACP gives to any shared payment token.
    #[must_use]
    pub fn adyen_card(merchant_account: impl Into<String>) -> Self {
        let stripe = Self::tokenized_card(merchant_account);
        let psp = "adyen";
        Self {
            id: "card_adyen".into(),
            psp: psp.into(),
            config: PaymentHandlerConfig {
                psp: psp.into(),
                ..stripe.config
            },
            issuer: IssuerName::Adyen,
            credential_types: &["adyen_token", "spt"],
            ..stripe
        }
    }

    /// The same handler, which takes the result of a 3-D Secure authentication or does not.
    #[must_use]
    pub fn supporting_3ds(mut self, supported: ThreeDSecureSupport) -> Self {
        self.config.supports_3ds = supported;
        self
    }
}
