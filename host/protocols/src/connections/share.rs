//! Limits per client behind a trusted proxy. Its connections belong to the proxy, so its concurrent requests are counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::client::Client;

/// Number of concurrent requests of each client behind a trusted proxy.
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

    /// Count a request of this client; `None` if it has reached the limit.
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

/// Guard of one counted request; dropping it ends the count.
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
