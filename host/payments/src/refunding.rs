//! Refunds of orders: each is a saga of its own, from what an operator asked for to what the processor did.
//!
//! `asking` makes a refund durable, within what is left of the payment. `step` takes it on: the call is committed before it is made, and
//! what may have arrived is looked up before it is made again; `first_call` is for a refund of which no call is known. `settlement`
//! commits what became of it with all that follows. `processor_events` and `manual_settlement` settle by the word of the processor and
//! of an operator.

mod asking;
mod first_call;
#[cfg(test)]
mod histories;
pub mod manual_settlement;
mod processor_events;
mod settlement;
mod step;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use tracing::{error, warn};

use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::RefundId;
use tillhouse_checkout::refund::Refund;

use crate::context::PaymentContext;
use crate::in_progress::InProgressGuard;
use crate::merchant_limits::MerchantLimits;

pub use asking::{AskRefundError, AskedRefund, RefundRequest};

/// How often a busy refund is tried to be leased, and the pause between the tries.
const LEASE_TRIES: u32 = 20;
const LEASE_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// Refunds orders. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Refunding {
    context: Arc<PaymentContext>,
}

impl Refunding {
    pub(crate) const fn new(context: Arc<PaymentContext>) -> Self {
        Self { context }
    }

    /// Lease the refunds that are due, at most `room` of them.
    pub(crate) async fn lease_due(&self, limits: &MerchantLimits, room: usize) -> Vec<Refund> {
        if room == 0 {
            return Vec::new();
        }
        let skip = self.context.merchants_to_skip(limits);
        let (by, now) = (&self.context.lease_holder, self.context.now());
        let leased = self.context.store().lease_refunds(by, now, &skip, room).await;
        leased.unwrap_or_else(|error| {
            error!(%error, "failed to lease open refunds");
            Vec::new()
        })
    }

    /// Mark a refund as worked on by this host, so that its lease is renewed.
    pub(crate) fn begin(&self, refund: &Refund) -> InProgressGuard<RefundId> {
        self.context.refunds_in_progress.begin(refund.id.clone(), refund.epoch)
    }

    /// Take a leased refund one step further.
    pub(crate) async fn advance(&self, refund: Refund) {
        let (id, status) = (refund.id.clone(), refund.status());
        if let Err(error) = Box::pin(self.step(refund)).await {
            // Its lease expires, and then it is worked on again.
            warn!(refund.id = %id, state = status.name(), %error, "failed to continue a refund");
        }
    }

    /// Renew the leases of the refunds in progress. A lost lease is only logged: what its task still writes is refused by the store.
    pub(crate) async fn renew_leases(&self) {
        let held = self.context.refunds_in_progress.leases();
        if held.is_empty() {
            return;
        }
        let holder = &self.context.lease_holder;
        match self.context.store().renew_refund_leases(holder, &held).await {
            Ok(lost) => lost
                .iter()
                .for_each(|id| warn!(refund.id = %id, "lease lost: another host has this refund now")),
            Err(error) => error!(%error, "failed to renew the leases of refunds"),
        }
    }

    /// Lease a refund; retried for a second while another task works on it. `None` if it stays busy.
    async fn lease(&self, id: &RefundId) -> Result<Option<Refund>, CheckoutError> {
        for _ in 0..LEASE_TRIES {
            let leased = self.context.store().lease_refund(&self.context.lease_holder, id);
            if let Some(refund) = leased.await? {
                return Ok(Some(refund));
            }
            tokio::time::sleep(LEASE_PAUSE).await;
        }
        Ok(None)
    }
}
