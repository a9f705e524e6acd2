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
    /// Adyen: opaque tokens of its own vault. Only the merchant's processor at Adyen can charge them.
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

    /// How its tokens begin, where that alone tells whose they are. Adyen shows two beginnings in its own documents, and promises neither.
    #[must_use]
    pub const fn token_prefix(self) -> Option<&'static str> {
        match self {
            Self::Stripe => Some("spt_"),
            Self::Vault => Some("vt_"),
            Self::Adyen => None,
        }
    }

    /// The issuer whose tokens begin as this one; `None` if it begins like the tokens of no known issuer.
    #[must_use]
    pub fn of_token(token: &str) -> Option<Self> {
        let begins = |issuer: &Self| issuer.token_prefix().is_some_and(|prefix| token.starts_with(prefix));
        [Self::Stripe, Self::Vault, Self::Adyen].into_iter().find(begins)
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
    fn a_token_without_a_known_beginning_may_be_of_any_issuer_without_one() {
        assert_eq!(IssuerName::of_token("spt_1"), Some(IssuerName::Stripe));
        assert_eq!(IssuerName::of_token("vt_1"), Some(IssuerName::Vault));
        for opaque in ["acp_tok_Ab1cDeF2GhI", "psp_tok_Ab7xQfN2YwR...", ""] {
            assert_eq!(IssuerName::of_token(opaque), None, "{opaque}");
        }
    }

    #[test]
    fn a_token_of_stripe_is_stored_as_in_earlier_releases_and_others_name_their_issuer() {
        let stripe = PaymentToken::stripe("spt_1");
        let vault = PaymentToken {
            issuer: IssuerName::Vault,
            id: TokenId::new("hash"),
        };
        let adyen = PaymentToken {
            issuer: IssuerName::Adyen,
            id: TokenId::new("acp_tok_1"),
        };
        for (token, stored) in [
            (adyen, json!({"issuer": "adyen", "id": "acp_tok_1"})),
            (stripe, json!("spt_1")),
            (vault, json!({"issuer": "vault", "id": "hash"})),
        ] {
            assert_eq!(serde_json::to_value(&token).unwrap(), stored);
            assert_eq!(serde_json::from_value::<PaymentToken>(stored).unwrap(), token);
        }
    }
}
