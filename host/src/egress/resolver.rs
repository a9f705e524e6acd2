//! DNS with the address rules applied: a connection goes to exactly the addresses that were checked, so that a name
//! cannot change its mind between check and use.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address;

/// A name has no address that requests may go to.
#[derive(Debug, thiserror::Error)]
#[error("the host resolves to no address that may be reached")]
pub(super) struct AddressRefused;

/// The system's resolver, filtered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver {
    pub(super) allow_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|socket| address::allowed(socket.ip(), allow_private))
                .collect();
            if allowed.is_empty() {
                return Err(AddressRefused.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}
