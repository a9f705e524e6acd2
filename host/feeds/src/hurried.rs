//! Uploads of which word has come while a task looks at them: the look may have been too early, and its commit would put the next one off.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tillhouse_checkout::ids::FeedUploadId;

/// The uploads of this host that are to be looked at again. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hurried(Arc<Mutex<HashSet<FeedUploadId>>>);

impl Hurried {
    /// Word has come of an upload.
    pub(crate) fn add(&self, id: &FeedUploadId) {
        self.ids().insert(id.clone());
    }

    /// Whether word has come since this was asked last.
    pub(crate) fn take(&self, id: &FeedUploadId) -> bool {
        self.ids().remove(id)
    }

    fn ids(&self) -> MutexGuard<'_, HashSet<FeedUploadId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
