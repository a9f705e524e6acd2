//! State that the acquirer's handlers share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Operation;
use super::ledger::LedgerState;
use crate::authentication::Authentications;
use crate::pipeline::Pipeline;
use crate::secret::Secret;

#[derive(Debug)]
pub(crate) struct AcquirerState {
    pub(crate) pipeline: Arc<Pipeline<Operation>>,
    pub(crate) ledger: Mutex<LedgerState>,
    pub(crate) api_key: Secret,
    pub(crate) notice_secret: Secret,
    pub(crate) slow_card_delay: Duration,
    pub(crate) authentications: Authentications,
}
