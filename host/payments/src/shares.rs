//! How much of a worker one merchant may take: an outage of one merchant's systems must not be everybody's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Payments;
use tillhouse_checkout::ids::MerchantId;

/// What is under way, by merchant. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    each: usize,
    taken: Arc<Mutex<HashMap<MerchantId, usize>>>,
}

/// One merchant's piece of work, until it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    shares: Shares,
    merchant: MerchantId,
}

impl Shares {
    /// At most so many pieces of work of one merchant at a time.
    pub(super) fn of(each: usize) -> Self {
        Self {
            each,
            taken: Arc::default(),
        }
    }

    /// Begin a piece of work.
    pub(super) fn take(&self, merchant: &MerchantId) -> Share {
        *self.taken().entry(merchant.clone()).or_default() += 1;
        Share {
            shares: self.clone(),
            merchant: merchant.clone(),
        }
    }

    /// The merchants that have all they may.
    pub(super) fn busy(&self) -> Vec<MerchantId> {
        let taken = self.taken();
        let full = taken.iter().filter(|(_, count)| **count >= self.each);
        full.map(|(merchant, _)| merchant.clone()).collect()
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, HashMap<MerchantId, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Payments {
    /// The merchants of which nothing is taken up now: those that have all they may, and those that are out of service. What is
    /// open there waits as it is: without its plugin nothing could be found out, and tries and times would run out.
    pub(super) fn not_now(&self, shares: &Shares) -> Vec<MerchantId> {
        let mut merchants = shares.busy();
        merchants.extend(self.checkout.outages.each().map(|(merchant, _)| merchant.clone()));
        merchants
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.taken();
        if let Some(count) = taken.get_mut(&self.merchant) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.merchant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merchant_is_busy_while_it_has_all_it_may() {
        let shares = Shares::of(2);
        let acme = MerchantId::new("acme");
        let first = shares.take(&acme);
        assert_eq!(shares.busy(), []);
        let second = shares.take(&acme);
        assert_eq!(shares.busy(), std::slice::from_ref(&acme));
        drop(first);
        assert_eq!(shares.busy(), []);
        drop(second);
        assert!(shares.taken().is_empty());
    }
}
