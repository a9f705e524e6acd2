//! Many clients at once, each with one request under way, until the work or the time is used up.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::figures::{Pace, Samples};
use crate::cli::Failure;

/// What the clients take their work from.
#[derive(Clone, Debug)]
pub(super) struct Tickets {
    next: Arc<AtomicUsize>,
    count: usize,
    until: Instant,
}

impl Tickets {
    /// The number of the next piece of work; `None` when there shall be no more.
    pub(super) fn take(&self) -> Option<usize> {
        if Instant::now() >= self.until {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.count).then_some(number)
    }
}

/// What was done, kind by kind.
#[derive(Debug)]
pub(super) struct Done<const KINDS: usize> {
    pub(super) samples: [Samples; KINDS],
    pub(super) elapsed: Duration,
}

impl<const KINDS: usize> Done<KINDS> {
    /// How each kind went.
    pub(super) fn paces(&self) -> [Pace; KINDS] {
        self.samples.each_ref().map(|samples| Pace::of(samples, self.elapsed))
    }
}

/// Let every client work. `clients` are what each works with, ready to use.
pub(super) async fn drive<const KINDS: usize, C, F, Fut>(
    clients: Vec<C>,
    count: usize,
    time: Duration,
    work: F,
) -> Result<Done<KINDS>, Failure>
where
    F: Fn(C, Tickets) -> Fut,
    Fut: Future<Output = Result<[Samples; KINDS], Failure>> + Send + 'static,
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
    Ok(Done {
        samples,
        elapsed: began.elapsed(),
    })
}
