//! The host's own vault: an issuer of payment tokens whose cards are in the host's store, sealed.
//!
//! Off unless it is configured: a merchant that turns it on keeps card numbers, and is in the scope of PCI DSS. The keys are in the
//! configuration and never in the store. What the commits of an attempt do to a card follows from the attempt
//! ([`tillhouse_checkout::vault::CardChange`]), in the commits themselves.

mod caller_limits;
mod card_contents;
mod delegation;
mod issuer;
mod keys;
mod randomness;
mod sealing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use caller_limits::CallerLimits;
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::service::CheckoutService;

pub use keys::{VaultKey, VaultKeyError, VaultKeys};
pub use randomness::Randomness;

/// A merchant that takes delegated cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultAccount {
    /// The longest that a card is kept before an attempt takes it, whatever the agent allows.
    pub longest_life: Duration,
    /// How many cards a caller may delegate per minute.
    pub per_minute: u32,
}

/// The vault of a host.
#[derive(Debug)]
pub struct Vault {
    checkout: CheckoutService,
    accounts: BTreeMap<MerchantId, VaultAccount>,
    keys: Arc<VaultKeys>,
    randomness: Arc<dyn Randomness>,
    limits: CallerLimits,
}

impl Vault {
    /// The vault of these merchants, over the store of the checkout service.
    #[must_use]
    pub fn new(
        checkout: CheckoutService,
        accounts: BTreeMap<MerchantId, VaultAccount>,
        keys: Arc<VaultKeys>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        Self {
            checkout,
            accounts,
            keys,
            randomness,
            limits: CallerLimits::default(),
        }
    }
}

/// The id under which a token is stored: its SHA-256, in hex. A token is random, so that it cannot be found by trial.
fn hash(token: &TokenId) -> TokenId {
    TokenId::new(hex::encode(Sha256::digest(token.as_str().as_bytes())))
}
