//! How many sessions one caller may have open at a time, so that one key cannot fill the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::caller::Caller;
use super::error::CheckoutError;
use super::ids::MerchantId;
use super::merchant::Merchant;
use super::ports::{Store, StoreError};
use super::time::Timestamp;

/// How long a count of the store holds; sessions created meanwhile are added to it.
const COUNT_LIFE: Duration = Duration::from_secs(10);
/// The same for a caller who is at the limit: sessions that end make room soon.
const FULL_COUNT_LIFE: Duration = Duration::from_secs(1);
/// When a caller at the limit should try again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Counts the open sessions of each principal of each merchant. The count is this host's own and a few seconds old, so that a caller
/// may exceed the limit by what it creates on other hosts in that time.
#[derive(Debug, Default)]
pub struct OpenSessions(Mutex<HashMap<(MerchantId, Option<String>), Counted>>);

#[derive(Clone, Copy, Debug)]
struct Counted {
    open: u64,
    at: Timestamp,
}

impl OpenSessions {
    /// Admit one more session of this caller.
    ///
    /// # Errors
    /// [`CheckoutError::TooManyOpenSessions`] if the caller has as many open as the merchant allows, and if the store gives no answer.
    pub async fn admit(
        &self,
        store: &dyn Store,
        merchant: &Merchant,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<(), CheckoutError> {
        let limit = merchant.max_open_sessions;
        let owner = (caller.merchant.clone(), caller.principal.clone());
        if !self.is_known(&owner, limit, now) {
            let open = count(store, &owner, limit).await?;
            self.counted().insert(owner.clone(), Counted { open, at: now });
        }
        let mut counted = self.counted();
        match counted.get_mut(&owner) {
            Some(counted) if counted.open >= limit => Err(CheckoutError::TooManyOpenSessions {
                limit,
                retry_after: RETRY_AFTER,
            }),
            Some(counted) => {
                counted.open += 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn is_known(&self, owner: &(MerchantId, Option<String>), limit: u64, now: Timestamp) -> bool {
        self.counted().get(owner).is_some_and(|counted| {
            let life = if counted.open >= limit {
                FULL_COUNT_LIFE
            } else {
                COUNT_LIFE
            };
            now < counted.at.after(life)
        })
    }

    fn counted(&self) -> std::sync::MutexGuard<'_, HashMap<(MerchantId, Option<String>), Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn count(
    store: &dyn Store,
    (merchant, principal): &(MerchantId, Option<String>),
    limit: u64,
) -> Result<u64, StoreError> {
    store.open_sessions(merchant, principal.as_deref(), limit).await
}
