//! How much of a worker one merchant may occupy, so that an outage of one merchant's systems does not delay the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tillhouse_checkout::ids::MerchantId;

/// The work that is running, by merchant. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct MerchantLimits {
    each: usize,
    running: Arc<Mutex<HashMap<MerchantId, usize>>>,
}

/// Counts as one running piece of work of the merchant until it is dropped.
#[derive(Debug)]
pub(crate) struct MerchantPermit {
    limits: MerchantLimits,
    merchant: MerchantId,
}

impl MerchantLimits {
    /// Limits of `each` pieces of work per merchant at a time.
    pub(crate) fn of(each: usize) -> Self {
        Self {
            each,
            running: Arc::default(),
        }
    }

    /// Count a piece of work that begins now.
    pub(crate) fn take(&self, merchant: &MerchantId) -> MerchantPermit {
        *self.running().entry(merchant.clone()).or_default() += 1;
        MerchantPermit {
            limits: self.clone(),
            merchant: merchant.clone(),
        }
    }

    /// The merchants that have reached the limit.
    pub(crate) fn at_limit(&self) -> Vec<MerchantId> {
        let running = self.running();
        let full = running.iter().filter(|(_, count)| **count >= self.each);
        full.map(|(merchant, _)| merchant.clone()).collect()
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<MerchantId, usize>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MerchantPermit {
    fn drop(&mut self) {
        let mut running = self.limits.running();
        if let Some(count) = running.get_mut(&self.merchant) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.merchant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merchant_is_at_its_limit_until_a_piece_of_work_ends() {
        let limits = MerchantLimits::of(2);
        let acme = MerchantId::new("acme");
        let first = limits.take(&acme);
        assert_eq!(limits.at_limit(), []);
        let second = limits.take(&acme);
        assert_eq!(limits.at_limit(), std::slice::from_ref(&acme));
        drop(first);
        assert_eq!(limits.at_limit(), []);
        drop(second);
        assert!(limits.running().is_empty());
    }
}
