//! DNS with the address rules applied: one lookup, and a connection goes to exactly the addresses that were checked, so that
//! a name cannot change its mind between check and use.

use std::io;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address;

/// A name has no addresses to connect to.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookupError {
    /// One of its addresses may not be reached. The whole answer is refused: a name that points into a private network and
    /// out of it at once is no mistake to work around (reliability reference §3.2).
    #[error("the host resolves to an address that may not be reached")]
    Refused,
    /// It does not resolve.
    #[error("the host does not resolve")]
    Failed(#[from] io::Error),
}

/// The addresses of a name, each of them allowed; at least one.
pub(super) async fn lookup(name: &str, port: u16, allow_private: bool) -> Result<Vec<SocketAddr>, LookupError> {
    admit(tokio::net::lookup_host((name, port)).await?, allow_private)
}

fn admit(found: impl Iterator<Item = SocketAddr>, allow_private: bool) -> Result<Vec<SocketAddr>, LookupError> {
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() {
        return Err(io::Error::from(io::ErrorKind::NotFound).into());
    }
    if found.iter().all(|socket| address::allowed(socket.ip(), allow_private)) {
        Ok(found)
    } else {
        Err(LookupError::Refused)
    }
}

/// The system's resolver under these rules, for connections that are kept open.
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

    fn admitted(answer: &[&str], allow_private: bool) -> Result<usize, LookupError> {
        let sockets = answer
            .iter()
            .map(|address| SocketAddr::new(address.parse().unwrap(), 443));
        admit(sockets, allow_private).map(|addresses| addresses.len())
    }

    #[test]
    fn one_forbidden_address_refuses_the_whole_answer() {
        assert_eq!(admitted(&["1.1.1.1", "2606:4700::1111"], false).unwrap(), 2);
        for answer in [&["1.1.1.1", "10.0.0.1"], &["169.254.169.254", "1.1.1.1"]] {
            assert!(
                matches!(admitted(answer, false), Err(LookupError::Refused)),
                "{answer:?}"
            );
        }
        assert_eq!(admitted(&["1.1.1.1", "10.0.0.1"], true).unwrap(), 2);
        assert!(matches!(
            admitted(&["10.0.0.1", "fe80::1"], true),
            Err(LookupError::Refused)
        ));
    }

    #[test]
    fn an_empty_answer_is_no_answer() {
        assert!(matches!(admitted(&[], true), Err(LookupError::Failed(_))));
    }
}
