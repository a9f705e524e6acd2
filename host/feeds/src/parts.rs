//! What the feeds of a host are made of.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::ids::IdGenerator;
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{CatalogStore, Decisions, FeedQueue, Store};
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_egress::Client;

use super::destination::Destinations;

/// The collaborators of the feeds of one host.
#[derive(Debug)]
pub struct FeedParts {
    /// The uploads, and the leases on them.
    pub queue: Arc<dyn FeedQueue>,
    /// The catalogs that files are rendered from.
    pub catalogs: Arc<dyn CatalogStore>,
    /// The store of the host: the counters of plugins.
    pub store: Arc<dyn Store>,
    /// The merchants' plugins, for stock and prices as they are now.
    pub decisions: Arc<dyn Decisions>,
    /// Sends all requests of uploads.
    pub client: Client,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Source of ids of uploads.
    pub ids: Arc<dyn IdGenerator>,
    /// This host, as the holder of its leases.
    pub holder: LeaseHolder,
    /// Where feeds are uploaded to.
    pub destinations: Destinations,
    /// Folder for rendered files, which have no name in it; `None` for that of the system.
    pub spool: Option<PathBuf>,
    /// How long things may take.
    pub timings: FeedTimings,
}

impl FeedParts {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// How long the steps of uploads may take.
#[derive(Clone, Debug)]
pub struct FeedTimings {
    /// How often the worker looks for uploads that are due without being woken.
    pub tick: Duration,
    /// How often the worker looks whether an upload is to be asked for by the time of the day.
    pub schedule_tick: Duration,
    /// Pauses between the tries of a step, and between the looks at an import; the last one repeats.
    pub pauses: Vec<Duration>,
    /// An upload that did not get through in this time fails. Stripe keeps idempotency keys for 24 hours at least: a request that is sent
    /// after that is another one.
    pub send_within: Duration,
    /// An import of which the other party has said nothing for this long after it had the file is given up, so that later uploads go on.
    pub process_within: Duration,
    /// Longest time of one transfer of a file.
    pub transfer: Duration,
    /// Longest time without progress of such a transfer.
    pub stall: Duration,
    /// How long uploads that are over are kept, except the newest of each type and destination.
    pub retention: Duration,
}

impl Default for FeedTimings {
    fn default() -> Self {
        Self {
            tick: Duration::from_secs(1),
            schedule_tick: Duration::from_secs(20),
            pauses: [1, 2, 5, 10, 30, 60, 120, 300].map(Duration::from_secs).to_vec(),
            send_within: Duration::from_secs(23 * 3600),
            process_within: Duration::from_secs(24 * 3600),
            transfer: Duration::from_secs(2 * 3600),
            stall: Duration::from_secs(60),
            retention: Duration::from_secs(90 * 24 * 3600),
        }
    }
}

impl FeedTimings {
    /// The pause after this many tries that decided nothing.
    pub(crate) fn pause(&self, tries: u32) -> Duration {
        let at = usize::try_from(tries).unwrap_or(usize::MAX);
        let pause = self.pauses.get(at).or(self.pauses.last());
        pause.copied().unwrap_or_default()
    }
}
