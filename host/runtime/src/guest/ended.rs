//! Why the host ends a call from within.

use std::time::Duration;

use tillhouse_checkout::ports::StoreError;

/// The host ended a call.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Ended {
    #[error("used more than {0} ms of CPU")]
    CpuBudget(u64),
    #[error("took longer than {0:?}")]
    WallClock(Duration),
    #[error("wanted {wanted} bytes of memory in all; the limit is {limit}")]
    Memory { wanted: usize, limit: usize },
    #[error("wanted {wanted} elements of tables in all; the limit is {limit}")]
    Table { wanted: usize, limit: usize },
    #[error("wanted more than {0} random bytes in one call")]
    Random(usize),
    #[error("called exit")]
    Exit,
    #[error(transparent)]
    Store(StoreError),
    #[error("the store did not answer in time")]
    StoreTimeout,
}

impl Ended {
    /// The stable name of the fault; `None` where it is not the plugin's.
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
