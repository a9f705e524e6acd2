//! Reasons for which the host ends a guest call.

use std::time::Duration;

use tillhouse_checkout::ports::StoreError;

/// Why the host ended a call: a limit of the plugin, or a failure of the store.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Ended {
    #[error("used more than {0} ms of CPU")]
    CpuBudget(u64),
    #[error("timed out after {0:?} of wall-clock time")]
    WallClock(Duration),
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
}

impl Ended {
    /// Stable code of the fault. `None` when the store failed, which is not a fault of the plugin.
    pub(crate) const fn fault(&self) -> Option<&'static str> {
        Some(match self {
            Self::CpuBudget(_) => "cpu-budget",
            Self::WallClock(_) => "wall-clock",
            Self::Memory { .. } | Self::Table { .. } => "memory",
            Self::Random(_) => "random",
            Self::Exit => "exit",
            Self::Store(_) | Self::StoreTimeout => return None,
        })
    }
}
