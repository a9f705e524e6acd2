//! What goes from call to call through the instances of a phase.

use std::sync::Arc;

use super::charge_guard::ChargeGuard;
use super::staging::Staging;
use tillhouse_checkout::credential::Credential;

/// How much of the network a phase has used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) calls: u32,
    pub(crate) used: bool,
    /// Some request got a definite answer: 2xx, or 404.
    pub(crate) definite: bool,
}

/// What a phase lends to the instance for one call and takes back afterwards.
#[derive(Debug)]
pub(crate) struct Lent {
    pub(crate) staging: Staging,
    pub(crate) traffic: Traffic,
    /// The credential of a charge.
    pub(crate) credential: Option<Arc<Credential>>,
    /// The guard of a charge.
    pub(crate) charge: Option<ChargeGuard>,
}
