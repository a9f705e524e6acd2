//! Host context of an instance.

use std::sync::Arc;

use super::cpu_time::CpuClock;
use super::grants::Grants;
use super::phase_catalog::PhaseCatalog;
use super::record::Recorder;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::time::Timestamp;
use tillhouse_egress::Client;

/// Host context of an instance; the same for every call of a phase.
#[derive(Clone, Debug)]
pub(crate) struct HostContext {
    pub(crate) merchant: MerchantId,
    pub(crate) grants: Arc<dyn Grants>,
    pub(crate) catalog: Arc<PhaseCatalog>,
    pub(crate) client: Client,
    pub(crate) now: Timestamp,
    pub(crate) cpu_clock: Arc<dyn CpuClock>,
    /// RNG seed of the guest. Rust's hash maps ask for random numbers, for example.
    pub(crate) seed: u64,
    /// Whether the engine counts instructions.
    pub(crate) metered: bool,
    pub(crate) recorder: Option<Recorder>,
}
