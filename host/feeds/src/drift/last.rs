//! The last audit of each destination that this host has made.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tillhouse_checkout::feed::drift::DriftMetric;
use tillhouse_checkout::ids::MerchantId;

use crate::service::FeedService;

/// The numbers of audits by merchant and destination. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastAudits(Arc<Mutex<Metrics>>);

type Metrics = BTreeMap<(MerchantId, String), DriftMetric>;

impl LastAudits {
    fn metrics(&self) -> MutexGuard<'_, Metrics> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FeedService {
    pub(super) fn keep_audit(&self, merchant: &MerchantId, destination: &str, metric: DriftMetric) {
        let key = (merchant.clone(), destination.to_owned());
        self.audits.metrics().insert(key, metric);
    }

    /// The numbers of the last audit of a destination since this host was started; `None` if there was none.
    #[must_use]
    pub fn last_audit(&self, merchant: &MerchantId, destination: &str) -> Option<DriftMetric> {
        let key = (merchant.clone(), destination.to_owned());
        self.audits.metrics().get(&key).cloned()
    }
}
