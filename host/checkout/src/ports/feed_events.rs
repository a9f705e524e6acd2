//! Word of the party that a feed was uploaded to.

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::ids::MerchantId;

/// Takes word that an import is over. What became of it is asked then.
#[async_trait]
pub trait FeedEvents: Send + Sync + std::fmt::Debug {
    /// An import with this id at the other party is over, as it says. Returns whether an upload of the merchant waits for it; one that
    /// does not exist, or is over already, is passed over.
    async fn import_ended(&self, merchant: &MerchantId, import: &str) -> Result<bool, StoreError>;
}
