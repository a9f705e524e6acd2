//! Leases: which host works on an attempt or a message.

use std::time::Duration;

use super::ids::HostId;

/// A host that takes leases, and how long each lasts without renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseHolder {
    /// The host process; a restart is another host.
    pub host: HostId,
    /// Time after which another host may take the work over.
    pub lease: Duration,
}
