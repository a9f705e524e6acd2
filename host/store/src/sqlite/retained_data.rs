//! What the store forgets: purges of sessions and of the audit log, and erasures.

use async_trait::async_trait;

use crate::buyer_search::json_strings;
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::{
    BuyerErasure, CartErasure, CommitError, ErasedRows, RetainedData, SessionCutoffs, SessionPage, SessionSearch,
    StoreError,
};
use tillhouse_checkout::time::Timestamp;

use super::SqliteStore;
use super::buyers::{self, PreparedErasure, RowsAbout};
use super::retention::SESSION_BATCH;
use super::writer::WriteRequest;
use crate::audit_cut::AUDIT_BATCH;

#[async_trait]
impl RetainedData for SqliteStore {
    async fn purge_sessions(&self, cutoffs: &SessionCutoffs) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            let request = WriteRequest::PurgeSessions(*cutoffs);
            let batch = self.write(request).await?;
            purged += batch;
            if batch < SESSION_BATCH {
                return Ok(purged);
            }
        }
    }

    async fn purge_audit(&self, before: Timestamp, entry: &AuditEntry) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            let request = WriteRequest::PurgeAudit(before, entry.clone());
            let batch = self.write(request).await?;
            purged += batch;
            if batch < AUDIT_BATCH.unsigned_abs() {
                return Ok(purged);
            }
        }
    }

    async fn find_sessions(&self, search: &SessionSearch, after: i64, limit: usize) -> Result<SessionPage, StoreError> {
        let search = search.clone();
        self.read(move |db| buyers::find_sessions(db, &search, after, limit))
            .await
    }

    async fn undelivered(&self, merchant: &MerchantId, session: &SessionId) -> Result<u64, StoreError> {
        let (merchant, session) = (merchant.clone(), session.clone());
        self.read(move |db| buyers::undelivered(db, &merchant, &session)).await
    }

    async fn count_erased(&self, erasure: &BuyerErasure) -> Result<ErasedRows, StoreError> {
        Ok(self.rows_about(erasure).await?.count(erasure))
    }

    async fn erase_buyer(&self, erasure: &BuyerErasure, audit: &AuditEntry) -> Result<ErasedRows, CommitError> {
        self.ensure_writable()?;
        let about = self.rows_about(erasure).await?;
        let rows = about.count(erasure);
        let prepared = PreparedErasure::new(erasure.clone(), about)?;
        let request = WriteRequest::Erase(Box::new(prepared), audit.clone());
        self.writer.submit(request).await?;
        Ok(rows)
    }

    async fn count_carts(&self, erasure: &CartErasure) -> Result<ErasedRows, StoreError> {
        Ok(self.carts_naming(erasure).await?.count_rows())
    }

    async fn erase_carts(&self, erasure: &CartErasure, audit: &AuditEntry) -> Result<ErasedRows, StoreError> {
        let about = self.carts_naming(erasure).await?;
        let rows = about.count_rows();
        self.write(WriteRequest::EraseCarts(about, audit.clone())).await?;
        Ok(rows)
    }
}

impl SqliteStore {
    async fn rows_about(&self, erasure: &BuyerErasure) -> Result<RowsAbout, StoreError> {
        let (merchant, session) = (erasure.session.merchant.clone(), erasure.session.id.clone());
        let names = json_strings(&erasure.names);
        self.read(move |db| buyers::rows_about(db, &merchant, &session, &names))
            .await
    }

    async fn carts_naming(&self, erasure: &CartErasure) -> Result<RowsAbout, StoreError> {
        let erasure = erasure.clone();
        self.read(move |db| buyers::carts_naming(db, &erasure)).await
    }
}
