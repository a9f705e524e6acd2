//! State of a phase that each call borrows: staged data, network usage, credential.

use std::sync::Arc;

use super::charge_guard::ChargeGuard;
use super::staging::Staging;
use tillhouse_checkout::credential::Credential;

/// Network usage of a phase.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) calls: u32,
    pub(crate) used: bool,
    /// At least one request got a definite answer: status 2xx or 404.
    pub(crate) definite: bool,
}

/// State that a phase moves into the instance for one call and takes back afterwards.
#[derive(Debug)]
pub(crate) struct CallState {
    pub(crate) staging: Staging,
    pub(crate) traffic: Traffic,
    /// `Some` in `payments.charge` only.
    pub(crate) credential: Option<Arc<Credential>>,
    /// `Some` in `payments.charge` only. `None` there means that it was lost with a request in flight.
    pub(crate) charge: Option<ChargeGuard>,
}
