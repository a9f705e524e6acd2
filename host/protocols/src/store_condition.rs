//! What readiness says of the store.

use std::sync::{PoisonError, RwLock};

/// Whether the store can be trusted with a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreCondition {
    /// Commits are made, and are durable.
    Writable,
    /// Commits fail until the store is whole again.
    NotWritable,
    /// The files of the database are gone or were replaced while it is open: what is committed now would be lost.
    FilesReplaced,
    /// The store lacks commits that it had confirmed, and is not in quarantine yet.
    WentBackInTime,
}

impl StoreCondition {
    /// What `/readyz` answers instead of `ready`. It is public, and so says no path.
    const fn problem(self) -> Option<&'static str> {
        match self {
            Self::Writable => None,
            Self::NotWritable => Some("the store is not writable"),
            Self::FilesReplaced => Some("the files of the store are gone or were replaced"),
            Self::WentBackInTime => Some("the store went back in time and is being put into quarantine"),
        }
    }
}

/// The condition of the store of a host, and what there is to say of it.
#[derive(Debug)]
pub(crate) struct StoreReadiness(RwLock<(StoreCondition, Option<String>)>);

impl Default for StoreReadiness {
    fn default() -> Self {
        Self(RwLock::new((StoreCondition::Writable, None)))
    }
}

impl StoreReadiness {
    pub(crate) fn set_condition(&self, condition: StoreCondition) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).0 = condition;
    }

    pub(crate) fn set_notice(&self, notice: String) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).1 = Some(notice);
    }

    /// Why the host is not ready; `None` if the store is fine.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).0.problem()
    }

    /// A line for a host that is ready: something that an operator has to look at.
    pub(crate) fn notice(&self) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}
