//! The share of a client that a trusted proxy names: its connections are the proxy's, so what is counted are its requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::client::Client;

/// Requests under way of each client that was named.
#[derive(Debug)]
pub(super) struct Shares {
    share: usize,
    under_way: Mutex<HashMap<Client, usize>>,
}

impl Shares {
    pub(super) fn new(share: usize) -> Arc<Self> {
        let under_way = Mutex::default();
        Arc::new(Self { share, under_way })
    }

    /// Another request of this client; `None` when it has as many as it may.
    pub(super) fn take(self: &Arc<Self>, client: Client) -> Option<Taken> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let count = under_way.entry(client).or_default();
        if *count >= self.share {
            return None;
        }
        *count += 1;
        Some(Taken(Arc::clone(self), client))
    }
}

/// A request under way. Dropped, it is over.
#[derive(Debug)]
pub(super) struct Taken(Arc<Shares>, Client);

impl Drop for Taken {
    fn drop(&mut self) {
        let mut under_way = self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = under_way.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_so_many_requests_at_once_and_no_trace_remains() {
        let shares = Shares::new(2);
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|text| Client::at(text.parse().unwrap()));
        let taken = [shares.take(one).unwrap(), shares.take(one).unwrap()];
        assert!(shares.take(one).is_none());
        assert!(shares.take(two).is_some());
        drop(taken);
        assert!(shares.take(one).is_some());
        assert!(shares.under_way.lock().unwrap().is_empty());
    }
}
