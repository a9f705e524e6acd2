//! State that the Stripe simulator's handlers share.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::Operation;
use super::feeds::Feeds;
use super::ledger::Ledger;
use crate::pipeline::Pipeline;
use crate::secret::Secret;

pub(crate) struct StripeState {
    pub(crate) pipeline: Arc<Pipeline<Operation>>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) feeds: Feeds,
    pub(crate) secret_key: Secret,
}

impl fmt::Debug for StripeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeState").finish_non_exhaustive()
    }
}
