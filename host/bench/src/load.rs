//! Drives concurrent clients, each with one request in flight, until the work or the time is used up.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::figures::{Samples, Throughput};
use tillhouse_console::CommandError;

/// The shared counter from which clients take their work.
#[derive(Clone, Debug)]
pub(super) struct Tickets {
    next: Arc<AtomicUsize>,
    count: usize,
    until: Instant,
}

impl Tickets {
    /// Number of the next piece of work; `None` when the work or the time is used up.
    pub(super) fn take(&self) -> Option<usize> {
        if Instant::now() >= self.until {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.count).then_some(number)
    }
}

/// Samples of a load, by kind of operation.
#[derive(Debug)]
pub(super) struct LoadSamples<const KINDS: usize> {
    pub(super) samples: [Samples; KINDS],
    pub(super) elapsed: Duration,
}

impl<const KINDS: usize> LoadSamples<KINDS> {
    /// Throughput and latency of each kind.
    pub(super) fn throughputs(&self) -> [Throughput; KINDS] {
        self.samples
            .each_ref()
            .map(|samples| Throughput::of(samples, self.elapsed))
    }
}

/// Run `work` for every client concurrently. `clients` are the resources that each works with, ready to use.
pub(super) async fn drive<const KINDS: usize, C, F, Fut>(
    clients: Vec<C>,
    count: usize,
    time: Duration,
    work: F,
) -> Result<LoadSamples<KINDS>, CommandError>
where
    F: Fn(C, Tickets) -> Fut,
    Fut: Future<Output = Result<[Samples; KINDS], CommandError>> + Send + 'static,
{
    let began = Instant::now();
    let tickets = Tickets {
        next: Arc::default(),
        count,
        until: began + time,
    };
    let mut working: JoinSet<_> = clients
        .into_iter()
        .map(|client| work(client, tickets.clone()))
        .collect();
    let mut samples: [Samples; KINDS] = std::array::from_fn(|_| Samples::default());
    while let Some(ended) = working.join_next().await {
        for (all, own) in samples.iter_mut().zip(ended??) {
            all.add(own);
        }
    }
    Ok(LoadSamples {
        samples,
        elapsed: began.elapsed(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOREVER: Duration = Duration::from_secs(3600);

    /// Number of pieces of work done.
    async fn done(clients: usize, count: usize, time: Duration) -> usize {
        let work = |(), tickets: Tickets| async move {
            let mut samples = Samples::default();
            while tickets.take().is_some() {
                samples.push(Duration::from_millis(1));
                tokio::task::yield_now().await;
            }
            Ok([samples])
        };
        let done: LoadSamples<1> = drive(vec![(); clients], count, time, work).await.unwrap();
        let [samples] = &done.samples;
        samples.len()
    }

    #[tokio::test]
    async fn clients_share_the_work_and_do_each_piece_once() {
        assert_eq!(done(4, 10, FOREVER).await, 10);
        assert_eq!(done(10, 4, FOREVER).await, 4);
    }

    #[tokio::test]
    async fn no_client_starts_work_after_the_time_is_used_up() {
        assert_eq!(done(4, usize::MAX, Duration::ZERO).await, 0);
    }

    #[tokio::test]
    async fn one_client_that_fails_fails_the_load() {
        let work = |client: u32, _: Tickets| async move {
            match client {
                0 => Err(CommandError("refused".to_owned())),
                _ => Ok([Samples::default()]),
            }
        };
        let failed: Result<LoadSamples<1>, CommandError> = drive(vec![1, 0, 1], 3, FOREVER, work).await;
        assert_eq!(failed.unwrap_err().0, "refused");
    }
}
