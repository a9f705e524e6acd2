//! What the domain knows of a merchant.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::CheckoutError;
use super::ids::MerchantId;
use super::money::Currency;

/// A merchant.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// Its id.
    pub id: MerchantId,
    /// The currency that it sells in.
    pub currency: Currency,
    /// How long an open checkout lives after its last change.
    pub session_ttl: Duration,
    /// Text for the buyer's statement.
    pub statement: Option<String>,
}

/// The merchants of this host.
#[derive(Clone, Debug, Default)]
pub struct Merchants(BTreeMap<MerchantId, Merchant>);

impl Merchants {
    /// One merchant.
    ///
    /// # Errors
    /// [`CheckoutError::UnknownMerchant`].
    pub fn get(&self, id: &MerchantId) -> Result<&Merchant, CheckoutError> {
        self.0.get(id).ok_or_else(|| CheckoutError::UnknownMerchant(id.clone()))
    }
}

impl FromIterator<Merchant> for Merchants {
    fn from_iter<I: IntoIterator<Item = Merchant>>(merchants: I) -> Self {
        Self(
            merchants
                .into_iter()
                .map(|merchant| (merchant.id.clone(), merchant))
                .collect(),
        )
    }
}
