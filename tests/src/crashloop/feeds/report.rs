//! The report of a kill loop of catalogs and feeds.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::feed::FeedUpload;

use super::{FeedSettings, Run};

/// Maximum number of violations that are printed.
const SHOWN: usize = 50;

/// The counts and violations of one run.
#[derive(Clone, Debug)]
pub struct FeedReport {
    /// RNG seed of every random choice.
    pub seed: u64,
    /// Number of hosts in the run.
    pub nodes: u32,
    /// How often a host was killed.
    pub kills: u32,
    /// How often an upload was taken over from a host that was killed while it held the lease.
    pub take_overs: u32,
    /// Generations of catalogs that came into force.
    pub imports: u64,
    /// Carts that were quoted from one generation.
    pub quotes: u64,
    /// Sessions that were quoted again, as they were before.
    pub kept_quotes: u64,
    /// Catalogs that were read whole.
    pub whole_reads: u64,
    /// Uploads by way and outcome.
    pub uploads: BTreeMap<String, u32>,
    /// Imports that Stripe has processed.
    pub stripe_imports: usize,
    /// Batches that the agent has taken.
    pub agent_batches: usize,
    /// Everything that must not be, as text.
    pub violations: Vec<String>,
    elapsed: Duration,
}

impl FeedReport {
    pub(super) fn of(settings: FeedSettings, run: &Run, uploads: &[FeedUpload], elapsed: Duration) -> Self {
        let mut counted: BTreeMap<String, u32> = BTreeMap::new();
        for upload in uploads {
            let name = format!("{} {} {}", upload.transport, upload.feed, upload.status);
            *counted.entry(name).or_default() += 1;
        }
        let (counts, sandbox) = (&run.counts, &run.shop.sandbox);
        let violations = run.violations.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            seed: settings.seed,
            nodes: settings.nodes,
            kills: counts.kills.load(Ordering::Relaxed),
            take_overs: counts.take_overs.load(Ordering::Relaxed),
            imports: counts.imports.load(Ordering::Relaxed),
            quotes: counts.quotes.load(Ordering::Relaxed),
            kept_quotes: counts.kept_quotes.load(Ordering::Relaxed),
            whole_reads: counts.whole_reads.load(Ordering::Relaxed),
            uploads: counted,
            stripe_imports: sandbox.stripe.feed_imports().len(),
            agent_batches: sandbox.acp_feed.feeds().iter().map(|feed| feed.upserts.len()).sum(),
            violations: violations.clone(),
            elapsed,
        }
    }

    /// Whether nothing is violated.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// The report as JSON, for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "kills": self.kills,
            "nodes": self.nodes,
            "seed": self.seed,
            "take_overs": self.take_overs,
            "imports": self.imports,
            "quotes": self.quotes,
            "kept_quotes": self.kept_quotes,
            "whole_reads": self.whole_reads,
            "uploads": self.uploads,
            "stripe_imports": self.stripe_imports,
            "agent_batches": self.agent_batches,
            "seconds": self.elapsed.as_secs(),
            "violations": self.violations.iter().take(SHOWN).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for FeedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} hosts, {} kills, {} uploads taken over, seed {}, duration {:.0?}",
            self.nodes, self.kills, self.take_overs, self.seed, self.elapsed
        )?;
        writeln!(
            f,
            "{} imports, {} quotes, {} of them again, {} catalogs read whole",
            self.imports, self.quotes, self.kept_quotes, self.whole_reads
        )?;
        write!(
            f,
            "{} imports at Stripe, {} batches at the agent; uploads {:?}",
            self.stripe_imports, self.agent_batches, self.uploads
        )?;
        for violation in self.violations.iter().take(SHOWN) {
            write!(f, "\n{violation}")?;
        }
        Ok(())
    }
}
