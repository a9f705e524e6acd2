//! Concurrency limits per merchant: how many of its phases may hold instances at the same time.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::guest::limits::{Kind, Limits};

/// Permits for one merchant's phases; clones share the same semaphores.
///
/// Payments have a semaphore of their own: a processor that takes twenty seconds per charge must not block price calculations.
#[derive(Clone, Debug)]
pub(crate) struct MerchantPermits {
    decisions: Arc<Semaphore>,
    payments: Arc<Semaphore>,
}

impl MerchantPermits {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            decisions: Arc::new(Semaphore::new(limits.phases_per_merchant)),
            payments: Arc::new(Semaphore::new(limits.payments_per_merchant)),
        }
    }

    /// The semaphore for a phase that begins with a call of this kind.
    pub(crate) fn semaphore(&self, kind: Kind) -> Arc<Semaphore> {
        Arc::clone(match kind {
            Kind::Decision | Kind::Effect => &self.decisions,
            Kind::Processor | Kind::Charge => &self.payments,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_and_payments_have_separate_permits() {
        let permits = MerchantPermits::new(&Limits {
            phases_per_merchant: 1,
            payments_per_merchant: 1,
            ..Limits::default()
        });
        let charge = permits.semaphore(Kind::Charge).try_acquire_owned().unwrap();
        permits.semaphore(Kind::Processor).try_acquire_owned().unwrap_err();
        let price = permits.semaphore(Kind::Decision).try_acquire_owned().unwrap();
        permits.semaphore(Kind::Effect).try_acquire_owned().unwrap_err();
        drop((charge, price));
        assert!(permits.semaphore(Kind::Processor).try_acquire_owned().is_ok());
        assert!(permits.semaphore(Kind::Effect).try_acquire_owned().is_ok());
    }
}
