//! DNS lookup with the address rules applied: one lookup, and a connection uses exactly the addresses that were checked, so that
//! the name cannot resolve to something else between check and use (DNS rebinding).

use std::io;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address;

/// A name has no addresses to connect to.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookupError {
    /// One of its addresses is not allowed. The whole answer is refused: a name that resolves both into and out of a private
    /// network is an attack (DNS rebinding) or a configuration error, not something to work around.
    #[error("the host resolves to an address that is not allowed")]
    Refused,
    /// The lookup failed, or returned no address.
    #[error("DNS lookup of the host failed")]
    Failed(#[from] io::Error),
}

/// Looks up the addresses of a name; each is allowed, and there is at least one.
pub(super) async fn lookup(name: &str, port: u16, allow_private: bool) -> Result<Vec<SocketAddr>, LookupError> {
    check_addresses(tokio::net::lookup_host((name, port)).await?, allow_private)
}

fn check_addresses(
    found: impl Iterator<Item = SocketAddr>,
    allow_private: bool,
) -> Result<Vec<SocketAddr>, LookupError> {
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() {
        return Err(io::Error::from(io::ErrorKind::NotFound).into());
    }
    if found
        .iter()
        .all(|socket| address::is_allowed(socket.ip(), allow_private))
    {
        Ok(found)
    } else {
        Err(LookupError::Refused)
    }
}

/// The system's resolver with these rules, for pooled connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver {
    pub(super) allow_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let addresses: Addrs = Box::new(lookup(name.as_str(), 0, allow_private).await?.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(answer: &[&str], allow_private: bool) -> Result<usize, LookupError> {
        let sockets = answer
            .iter()
            .map(|address| SocketAddr::new(address.parse().unwrap(), 443));
        check_addresses(sockets, allow_private).map(|addresses| addresses.len())
    }

    #[test]
    fn one_forbidden_address_refuses_the_whole_answer() {
        assert_eq!(checked(&["1.1.1.1", "2606:4700::1111"], false).unwrap(), 2);
        for answer in [&["1.1.1.1", "10.0.0.1"], &["169.254.169.254", "1.1.1.1"]] {
            assert!(
                matches!(checked(answer, false), Err(LookupError::Refused)),
                "{answer:?}"
            );
        }
        assert_eq!(checked(&["1.1.1.1", "10.0.0.1"], true).unwrap(), 2);
        assert!(matches!(
            checked(&["10.0.0.1", "fe80::1"], true),
            Err(LookupError::Refused)
        ));
    }

    #[test]
    fn a_lookup_without_addresses_fails() {
        assert!(matches!(checked(&[], true), Err(LookupError::Failed(_))));
    }
}
