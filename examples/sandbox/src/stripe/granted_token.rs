//! The granted token: what an agent passes to the seller instead of a card.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::card::{CredentialKind, brand, last4};
use crate::id::TokenId;
use crate::money::Currency;

/// Why a token was deactivated. Stripe may add reasons; these are the ones of the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeactivatedReason {
    /// A seller resolved it to its credentials.
    Resolved,
    /// Its `expires_at` has passed.
    Expired,
    /// The issuer revoked it.
    Revoked,
}

impl DeactivatedReason {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// When and why a token was deactivated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deactivation {
    /// Time of deactivation, in Unix seconds.
    pub at: i64,
    /// Why the token was deactivated.
    pub reason: DeactivatedReason,
}

/// A shared payment token in the ledger, without the card number.
#[derive(Clone, Debug)]
pub struct GrantedToken {
    /// Id of the token: `spt_…`.
    pub id: TokenId,
    /// Time of issue, in Unix seconds.
    pub created: i64,
    /// The currency in which it may be charged.
    pub currency: Currency,
    /// Maximum amount that may be captured, in Stripe's units.
    pub max_amount: i64,
    /// Time of expiry, in Unix seconds; `None` if it does not expire.
    pub expires_at: Option<i64>,
    /// Amount that sellers reported as captured, in Stripe's units.
    pub amount_captured: i64,
    /// Set by a resolve or a revocation; expiry depends on the clock, see [`GrantedToken::deactivation`].
    pub deactivated: Option<Deactivation>,
    /// Last four digits of the card.
    pub last4: String,
    pub(crate) display: CardDisplay,
}

/// Display data of the token's card.
#[derive(Clone, Debug)]
pub(crate) struct CardDisplay {
    brand: &'static str,
    exp_month: u8,
    exp_year: u16,
    fingerprint: String,
}

/// The card behind a token. Without `Debug`: only a resolve shows its number.
#[derive(Clone)]
pub(crate) struct VaultedCard {
    pub(crate) number: String,
    pub(crate) exp_month: u8,
    pub(crate) exp_year: u16,
    pub(crate) credential: CredentialKind,
}

impl VaultedCard {
    pub(crate) fn display(&self) -> CardDisplay {
        let digest = Sha256::digest(self.number.as_bytes());
        CardDisplay {
            brand: brand(&self.number),
            exp_month: self.exp_month,
            exp_year: self.exp_year,
            fingerprint: hex::encode(digest).chars().take(16).collect(),
        }
    }

    pub(crate) fn last4(&self) -> String {
        last4(&self.number)
    }

    /// `payment_method_details.card.credentials` of a resolved token.
    fn to_json(&self, token: &TokenId) -> Value {
        let value = cryptogram(token);
        let (month, year) = (format!("{:02}", self.exp_month), self.exp_year.to_string());
        let cryptogram = json!({"value": value, "type": "TAVV", "eci": "07"});
        let card = match self.credential {
            CredentialKind::Dpan => {
                json!({"number": self.number, "exp_month": month, "exp_year": year, "cryptogram": cryptogram})
            }
            CredentialKind::NumericDpan => json!({
                "number": self.number,
                "exp_month": self.exp_month,
                "exp_year": self.exp_year,
                "cryptogram": cryptogram,
            }),
            CredentialKind::EncryptedDpan => json!({"encrypted": {
                "encryption_type": "RSA",
                "encryption_block": value,
                "encryption_block_fields": "number,exp_month,exp_year",
                "key_id": "key_sandbox",
            }}),
            CredentialKind::AgenticToken => json!({
                "number": self.number,
                "exp_month": month,
                "exp_year": year,
                "cryptogram": {"value": value, "type": "DCVV"},
            }),
        };
        let kind = self.credential.as_str();
        json!({"type": kind, kind: card})
    }
}

/// The 20 bytes of a token's cryptogram, in base64.
fn cryptogram(token: &TokenId) -> String {
    let digest = Sha256::digest(token.as_str().as_bytes());
    let value: Vec<u8> = digest.iter().copied().take(20).collect();
    BASE64.encode(value)
}

impl GrantedToken {
    /// The cryptogram that a resolve returns with the card, for tests that search for it where it must not be.
    #[must_use]
    pub fn cryptogram(&self) -> String {
        cryptogram(&self.id)
    }

    /// When and why the token was deactivated, as of `now`.
    #[must_use]
    pub fn deactivation(&self, now: i64) -> Option<Deactivation> {
        let expired = || {
            let at = self.expires_at.filter(|at| *at <= now)?;
            Some(Deactivation {
                at,
                reason: DeactivatedReason::Expired,
            })
        };
        self.deactivated.or_else(expired)
    }

    /// The granted token object; with credentials only in the answer of a resolve.
    ///
    /// See "Use an SPT" at <https://docs.stripe.com/agentic-commerce/for-sellers/custom>.
    pub(crate) fn to_json(&self, now: i64, credentials: Option<&VaultedCard>) -> Value {
        let deactivation = self.deactivation(now);
        let mut card = json!({
            "brand": self.display.brand,
            "country": "US",
            "display_brand": self.display.brand,
            "exp_month": self.display.exp_month,
            "exp_year": self.display.exp_year,
            "fingerprint": self.display.fingerprint,
            "funding": "credit",
            "last4": self.last4,
            "networks": {"available": [self.display.brand], "preferred": null},
            "wallet": null,
        });
        let mut risk_details = None;
        if let Some(card) = card.as_object_mut() {
            match credentials {
                Some(vaulted) => card.insert("credentials".into(), vaulted.to_json(&self.id)),
                // As the API reference has the object; the guide's sample of a resolved token has neither.
                None => {
                    risk_details = Some(insights());
                    card.insert("checks".into(), checks())
                }
            };
        }
        let mut token = json!({
            "id": self.id,
            "object": "shared_payment.granted_token",
            "created": self.created,
            "deactivated_at": deactivation.map(|d| d.at),
            "deactivated_reason": deactivation.map(|d| d.reason.as_str()),
            "livemode": false,
            "shared_metadata": {},
            "payment_method_details": {"type": "card", "card": card},
            "usage_details": {"amount_captured": {"value": self.amount_captured, "currency": self.currency}},
            "usage_limits": {
                "currency": self.currency,
                "expires_at": self.expires_at,
                "max_amount": self.max_amount,
            },
            "agent_details": {"name": "Sandbox agent", "network_business_profile": AGENT_PROFILE},
        });
        if let (Some(details), Some(token)) = (risk_details, token.as_object_mut()) {
            token.insert("risk_details".into(), details);
        }
        token
    }
}

/// `risk_details` of every token (<https://docs.stripe.com/api/shared-payment/granted-token>).
fn insights() -> Value {
    json!({"insights": {
        "bot": {"score": 0.25, "recommended_action": "continue"},
        "fraudulent_dispute": {"score": 12, "recommended_action": "continue"},
    }})
}

/// `card.checks` of every token.
fn checks() -> Value {
    json!({"address_line1_check": "pass", "address_postal_code_check": "pass", "cvc_check": null})
}

/// The Stripe profile of the simulated agent, also sent in the create request.
pub(crate) const AGENT_PROFILE: &str = "profile_sandbox_agent";
