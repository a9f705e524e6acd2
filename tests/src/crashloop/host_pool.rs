//! The pool of hosts: their addresses, and which of them are ready, as a load balancer would know.

use std::net::SocketAddr;

use tokio::sync::watch;

use super::random::Random;

/// Addresses and readiness of all hosts.
#[derive(Clone, Debug)]
pub(super) struct HostPool {
    addresses: Vec<SocketAddr>,
    open: watch::Receiver<Vec<bool>>,
}

impl HostPool {
    pub(super) const fn new(addresses: Vec<SocketAddr>, open: watch::Receiver<Vec<bool>>) -> Self {
        Self { addresses, open }
    }

    /// Whether an agent without a response can retry at another host.
    pub(super) const fn are_several(&self) -> bool {
        self.addresses.len() > 1
    }

    /// The address of a ready host; waits until there is one.
    pub(super) async fn any(&self, random: &mut Random) -> SocketAddr {
        let mut open = self.open.clone();
        // The sender lives as long as the shop, and agents end before it.
        let open = open
            .wait_for(|open| open.contains(&true))
            .await
            .expect("the shop is running");
        let all = self.addresses.iter().zip(open.iter());
        let ready: Vec<SocketAddr> = all.filter(|(_, open)| **open).map(|(address, _)| *address).collect();
        let chosen = usize::try_from(random.below(ready.len() as u64)).unwrap_or_default();
        ready[chosen]
    }
}
