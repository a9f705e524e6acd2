//! State that the acquirer's handlers share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Operation;
use super::ledger::Books;
use crate::front::Front;
use crate::secret::Secret;

#[derive(Debug)]
pub(crate) struct AcquirerState {
    pub(crate) front: Arc<Front<Operation>>,
    pub(crate) books: Mutex<Books>,
    pub(crate) api_key: Secret,
    pub(crate) notice_secret: Secret,
    pub(crate) slow_card_delay: Duration,
}
