//! Reasons for which the host ends a guest call.

use std::time::Duration;

use tillhouse_catalog::CatalogReadError;
use tillhouse_checkout::ports::{PluginFault, StoreError};

/// Why the host ended a call: a limit of the plugin, or a failure of the store.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum CallAbortError {
    #[error("used more than {0} ms of CPU, its own and what its imports cost the host")]
    CpuBudget(u64),
    #[error("timed out after {0:?} of wall-clock time")]
    WallClock(Duration),
    #[error("the time of the request that the call belongs to is over")]
    CallerDeadline,
    #[error("passed {count} {what} to {import}; the limit is {limit}")]
    TooMany {
        import: &'static str,
        what: &'static str,
        count: usize,
        limit: usize,
    },
    #[error("requested {wanted} bytes of memory in total; the limit is {limit}")]
    Memory { wanted: usize, limit: usize },
    #[error("requested {wanted} table elements in total; the limit is {limit}")]
    Table { wanted: usize, limit: usize },
    #[error("requested more than {0} random bytes in one call")]
    Random(usize),
    #[error("called exit")]
    Exit,
    #[error(transparent)]
    Store(StoreError),
    #[error("timed out reading plugin data from the store")]
    StoreTimeout,
    #[error("the catalog cannot be read: {0}")]
    Catalog(CatalogReadError),
    #[error("timed out reading the catalog from the store")]
    CatalogTimeout,
}

impl CallAbortError {
    /// Fault of the plugin that this is. `None` when the store failed or the caller's time was over, which are none.
    pub(crate) const fn fault(&self) -> Option<PluginFault> {
        Some(match self {
            Self::CpuBudget(_) => PluginFault::CpuBudget,
            Self::WallClock(_) => PluginFault::WallClock,
            Self::Memory { .. } | Self::Table { .. } => PluginFault::Memory,
            Self::TooMany { .. } | Self::Catalog(CatalogReadError::TooLarge { .. }) => PluginFault::OutputTooLarge,
            Self::Random(_) => PluginFault::Random,
            Self::Exit => PluginFault::Exit,
            // What is stored is not what an import writes: no retry changes that.
            Self::Catalog(CatalogReadError::Row { .. }) => PluginFault::Host,
            Self::CallerDeadline
            | Self::Store(_)
            | Self::StoreTimeout
            | Self::Catalog(CatalogReadError::Store(_))
            | Self::CatalogTimeout => return None,
        })
    }
}
