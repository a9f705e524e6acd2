//! A payment token, and which system issues it.

use serde::{Deserialize, Serialize};

use super::ids::TokenId;

/// A system that issues payment tokens, and resolves each once. A protocol names it by the provider, or by the payment handler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssuerName {
    /// Stripe: shared payment tokens, `spt_…`.
    #[default]
    Stripe,
    /// The host's own vault: tokens of `delegate_payment`, `vt_…`.
    Vault,
    /// Adyen: tokens of its agentic API, `acp_tok_…`. Only the merchant's processor at Adyen can charge them.
    Adyen,
}

impl IssuerName {
    /// The name in the configuration, in messages and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Vault => "vault",
            Self::Adyen => "adyen",
        }
    }

    /// How its tokens begin, where that alone tells whose they are.
    #[must_use]
    pub const fn token_prefix(self) -> &'static str {
        match self {
            Self::Stripe => "spt_",
            Self::Vault => "vt_",
            Self::Adyen => "acp_tok_",
        }
    }

    /// The issuer whose tokens begin as this one; `None` if it begins like the tokens of no known issuer.
    #[must_use]
    pub fn of_token(token: &str) -> Option<Self> {
        [Self::Stripe, Self::Vault, Self::Adyen]
            .into_iter()
            .find(|issuer| token.starts_with(issuer.token_prefix()))
    }

    /// Whether it wants to be told what became of a payment.
    #[must_use]
    pub const fn keeps_payment_records(self) -> bool {
        match self {
            Self::Stripe => true,
            Self::Vault | Self::Adyen => false,
        }
    }
}

/// A payment token: unique among those of its issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredToken", into = "StoredToken")]
pub struct PaymentToken {
    /// The system that resolves it.
    pub issuer: IssuerName,
    /// As the agent sends it in a request, and as the issuer keeps it afterwards: the vault keeps a hash.
    pub id: TokenId,
}

impl PaymentToken {
    /// A shared payment token of Stripe, `spt_…`.
    #[must_use]
    pub fn stripe(id: impl Into<String>) -> Self {
        Self {
            issuer: IssuerName::Stripe,
            id: TokenId::new(id),
        }
    }
}

/// As it is stored. A bare id is of Stripe: earlier releases knew no other issuer.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredToken {
    OfStripe(TokenId),
    Of { issuer: IssuerName, id: TokenId },
}

impl From<StoredToken> for PaymentToken {
    fn from(stored: StoredToken) -> Self {
        match stored {
            StoredToken::OfStripe(id) => Self {
                issuer: IssuerName::Stripe,
                id,
            },
            StoredToken::Of { issuer, id } => Self { issuer, id },
        }
    }
}

impl From<PaymentToken> for StoredToken {
    fn from(token: PaymentToken) -> Self {
        match token.issuer {
            IssuerName::Stripe => Self::OfStripe(token.id),
            issuer @ (IssuerName::Vault | IssuerName::Adyen) => Self::Of { issuer, id: token.id },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_of_stripe_is_stored_as_in_earlier_releases_and_others_name_their_issuer() {
        let stripe = PaymentToken::stripe("spt_1");
        let vault = PaymentToken {
            issuer: IssuerName::Vault,
            id: TokenId::new("hash"),
        };
        for (token, stored) in [
            (stripe, json!("spt_1")),
            (vault, json!({"issuer": "vault", "id": "hash"})),
        ] {
            assert_eq!(serde_json::to_value(&token).unwrap(), stored);
            assert_eq!(serde_json::from_value::<PaymentToken>(stored).unwrap(), token);
        }
    }
}
