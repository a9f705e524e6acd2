//! Word that has come while a task was at work: of an upload, whose look may have been too early, and of an import, whose id was not
//! committed yet. What the store knows of an upload is hurried there, and any host looks; that an import is over before its id was committed
//! needs no word in the store, because the first look after that is a second away.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tillhouse_checkout::feed::FeedUpload;
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};

/// Most imports that are remembered though no upload has them: others may use the account.
const MOST_UNKNOWN: usize = 1000;

/// What this host has heard of, and not looked at since. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hurried(Arc<Mutex<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    uploads: HashSet<FeedUploadId>,
    imports: HashSet<(MerchantId, String)>,
}

impl Hurried {
    /// Word has come of an upload.
    pub(crate) fn add(&self, id: &FeedUploadId) {
        self.heard().uploads.insert(id.clone());
    }

    /// Word has come of an import that no upload has, as far as the store knows.
    pub(crate) fn add_import(&self, merchant: &MerchantId, import: &str) {
        let mut heard = self.heard();
        if heard.imports.len() >= MOST_UNKNOWN {
            heard.imports.clear();
        }
        heard.imports.insert((merchant.clone(), import.to_owned()));
    }

    /// An upload is looked at now: what was heard before is of no account.
    pub(crate) fn forget(&self, upload: &FeedUpload) {
        self.take(upload);
    }

    /// Whether word has come of an upload or of its import since this was asked last.
    pub(crate) fn take(&self, upload: &FeedUpload) -> bool {
        let mut heard = self.heard();
        let import = upload.remote.import.clone();
        let of_import = import.is_some_and(|import| heard.imports.remove(&(upload.merchant.clone(), import)));
        heard.uploads.remove(&upload.id) || of_import
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
