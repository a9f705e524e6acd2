//! The imports of catalogs that this process has under way: one of each merchant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{BeginImportError, StoreError};
use tillhouse_checkout::time::Timestamp;

/// How long an import waits for that of another merchant. A million rows take some seconds.
const TURN_WAIT: Duration = Duration::from_mins(10);

/// The imports under way, and whose turn it is: one writes at a time.
#[derive(Debug, Default)]
pub(crate) struct CatalogImports {
    under_way: Mutex<HashMap<MerchantId, Arc<Holder>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug)]
struct Holder {
    host: String,
    since: Timestamp,
}

impl CatalogImports {
    /// Notes that an import begins; the one under way is the error.
    pub(crate) fn begin(
        self: &Arc<Self>,
        merchant: &MerchantId,
        by: &LeaseHolder,
        now: Timestamp,
    ) -> Result<ImportUnderWay, BeginImportError> {
        let mut under_way = self.under_way();
        if let Some(other) = under_way.get(merchant) {
            return Err(BeginImportError::Busy {
                host: other.host.clone(),
                since: other.since,
            });
        }
        let holder = Arc::new(Holder {
            host: by.host.to_string(),
            since: now,
        });
        under_way.insert(merchant.clone(), Arc::clone(&holder));
        Ok(ImportUnderWay {
            imports: Arc::clone(self),
            merchant: merchant.clone(),
            holder,
        })
    }

    /// Waits for the turn to write.
    pub(crate) async fn turn(&self) -> Result<OwnedMutexGuard<()>, StoreError> {
        let turn = Arc::clone(&self.turn).lock_owned();
        tokio::time::timeout(TURN_WAIT, turn).await.map_err(|_| {
            StoreError::new(format!(
                "the import of another merchant's catalog goes on for more than {} minutes; import again later",
                TURN_WAIT.as_secs() / 60
            ))
        })
    }

    /// Waits for the turn, however long the import that has it goes on.
    #[cfg(feature = "sqlite")]
    pub(crate) async fn turn_at_last(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Whether none is under way: then what is left of the last turn takes moments.
    #[cfg(feature = "sqlite")]
    pub(crate) fn is_idle(&self) -> bool {
        self.under_way().is_empty()
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<MerchantId, Arc<Holder>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An import under way; another one of the same merchant may begin once it has ended or was dropped.
#[derive(Clone, Debug)]
pub(crate) struct ImportUnderWay {
    imports: Arc<CatalogImports>,
    merchant: MerchantId,
    holder: Arc<Holder>,
}

impl ImportUnderWay {
    pub(crate) const fn merchant(&self) -> &MerchantId {
        &self.merchant
    }

    /// Does nothing if another one has begun since.
    pub(crate) fn end(&self) {
        let mut under_way = self.imports.under_way();
        if under_way
            .get(&self.merchant)
            .is_some_and(|it| Arc::ptr_eq(it, &self.holder))
        {
            under_way.remove(&self.merchant);
        }
    }
}
