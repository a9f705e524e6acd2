//! Limits per client behind a trusted proxy. Its connections belong to the proxy, so its concurrent requests are counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::client::Client;

/// Number of concurrent requests of each client behind a trusted proxy.
#[derive(Debug)]
pub(super) struct ClientRequestLimits {
    max_per_client: usize,
    in_progress: Mutex<HashMap<Client, usize>>,
}

impl ClientRequestLimits {
    pub(super) fn new(max_per_client: usize) -> Arc<Self> {
        let in_progress = Mutex::default();
        Arc::new(Self {
            max_per_client,
            in_progress,
        })
    }

    /// Count a request of this client; `None` if it has reached the limit.
    pub(super) fn take(self: &Arc<Self>, client: Client) -> Option<RequestPermit> {
        let mut in_progress = self.in_progress.lock().unwrap_or_else(PoisonError::into_inner);
        let count = in_progress.entry(client).or_default();
        if *count >= self.max_per_client {
            return None;
        }
        *count += 1;
        Some(RequestPermit(Arc::clone(self), client))
    }
}

/// Guard of one counted request; dropping it ends the count.
#[derive(Debug)]
pub(super) struct RequestPermit(Arc<ClientRequestLimits>, Client);

impl Drop for RequestPermit {
    fn drop(&mut self) {
        let mut in_progress = self.0.in_progress.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = in_progress.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                in_progress.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_so_many_requests_at_once_and_no_trace_remains() {
        let limits = ClientRequestLimits::new(2);
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|text| Client::at(text.parse().unwrap()));
        let permits = [limits.take(one).unwrap(), limits.take(one).unwrap()];
        assert!(limits.take(one).is_none());
        assert!(limits.take(two).is_some());
        drop(permits);
        assert!(limits.take(one).is_some());
        assert!(limits.in_progress.lock().unwrap().is_empty());
    }
}
