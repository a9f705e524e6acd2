//! Sessions that are quoted again because they are read.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::warn;

use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::service::CheckoutService;

/// How long a read waits for a new quote. Half of what the most impatient protocol allows for the whole answer (4 s, Stripe), so
/// that the stored session can still be shown.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Quotes sessions again before a read shows them; of concurrent reads of one session only the first one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refreshing(Arc<Mutex<HashSet<SessionId>>>);

impl Refreshing {
    /// Quote the session again if its quote is too old. Whatever prevents that, the read goes on with what is stored.
    pub(crate) async fn refresh(&self, checkout: &CheckoutService, caller: &Caller, id: &SessionId) {
        let Some(_guard) = self.begin(id) else { return };
        let deadline = Instant::now() + TIMEOUT;
        match checkout.refresh(caller, id, Some(deadline)).await {
            // The session says it, or the read fails for the same reason.
            Ok(())
            | Err(CheckoutError::UnknownSession(_) | CheckoutError::UnknownItem { .. } | CheckoutError::Rejected(_)) => {
            }
            Err(error) => warn!(
                session.id = %id,
                %error,
                "failed to quote a checkout session again for a read; the stored quote is shown"
            ),
        }
    }

    /// `None` while another read quotes the session again.
    fn begin(&self, id: &SessionId) -> Option<RefreshGuard> {
        self.ids().insert(id.clone()).then(|| RefreshGuard {
            refreshing: self.clone(),
            id: id.clone(),
        })
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, HashSet<SessionId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks one session as being quoted again; dropped when that ends, even by panic.
struct RefreshGuard {
    refreshing: Refreshing,
    id: SessionId,
}

impl Drop for RefreshGuard {
    fn drop(&mut self) {
        self.refreshing.ids().remove(&self.id);
    }
}
