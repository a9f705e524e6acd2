//! What stays the same for an instance from call to call.

use std::sync::Arc;

use super::grants::Grants;
use super::record::Recorder;
use tillhouse_catalog::Catalog;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::time::Timestamp;
use tillhouse_egress::Client;

/// What stays the same for every call of a phase.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(crate) merchant: MerchantId,
    pub(crate) grants: Arc<dyn Grants>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) client: Client,
    pub(crate) now: Timestamp,
    /// Seed of the guest's pseudo-random numbers: hash maps want one.
    pub(crate) seed: u64,
    /// Whether instructions are counted.
    pub(crate) metered: bool,
    pub(crate) recorder: Option<Recorder>,
}
