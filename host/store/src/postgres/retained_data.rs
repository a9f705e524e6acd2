//! What the store forgets: purges of sessions and of the audit log, and erasures.

use async_trait::async_trait;

use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::{
    BuyerErasure, CartErasure, CommitError, ErasedRows, RetainedData, SessionCutoffs, SessionPage, SessionSearch,
    StoreError,
};
use tillhouse_checkout::time::Timestamp;

use super::{PostgresStore, buyers, cart_erasure, retention};

#[async_trait]
impl RetainedData for PostgresStore {
    async fn purge_sessions(&self, cutoffs: &SessionCutoffs) -> Result<u64, StoreError> {
        retention::purge_sessions(&self.connections, cutoffs).await
    }

    async fn purge_audit(&self, before: Timestamp, entry: &AuditEntry) -> Result<u64, StoreError> {
        let purged = retention::purge_audit(&self.connections, before, entry).await;
        purged.map_err(|error| match error {
            CommitError::Store(error) => error,
            other => StoreError::caused_by(other),
        })
    }

    async fn find_sessions(&self, search: &SessionSearch, after: i64, limit: usize) -> Result<SessionPage, StoreError> {
        buyers::find_sessions(&self.connections, search, after, limit).await
    }

    async fn undelivered(&self, merchant: &MerchantId, session: &SessionId) -> Result<u64, StoreError> {
        buyers::undelivered(&self.connections, merchant, session).await
    }

    async fn count_erased(&self, erasure: &BuyerErasure) -> Result<ErasedRows, StoreError> {
        buyers::count(&self.connections, erasure).await
    }

    async fn erase_buyer(&self, erasure: &BuyerErasure, audit: &AuditEntry) -> Result<ErasedRows, CommitError> {
        buyers::erase(&self.connections, erasure, audit).await
    }

    async fn count_carts(&self, erasure: &CartErasure) -> Result<ErasedRows, StoreError> {
        cart_erasure::count(&self.connections, erasure).await
    }

    async fn erase_carts(&self, erasure: &CartErasure, audit: &AuditEntry) -> Result<ErasedRows, StoreError> {
        let erased = cart_erasure::erase(&self.connections, erasure, audit).await;
        erased.map_err(|error| match error {
            CommitError::Store(error) => error,
            other => StoreError::caused_by(other),
        })
    }
}
