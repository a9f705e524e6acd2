//! Cards that agents have delegated, as the store keeps them.

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::ids::{MerchantId, TokenId};
use crate::vault::SealedCard;

/// Reads and deletes delegated cards. A unit of work inserts them; commits of attempts take, wipe and delete them, and
/// [`super::WorkQueue::purge`] deletes what has expired.
#[async_trait]
pub trait DelegatedCards {
    /// The merchant's card with this hash of a token; `None` if there is none, or none any more.
    async fn sealed_card(&self, merchant: &MerchantId, token: &TokenId) -> Result<Option<SealedCard>, StoreError>;

    /// Delete every card, and return their number: a store that was behind may have cards again that have paid since.
    async fn delete_cards(&self) -> Result<u64, StoreError>;
}
