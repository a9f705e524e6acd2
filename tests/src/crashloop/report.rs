//! The report of a kill loop.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use crate::history::{History, Invariant, Kept, Ledgers, Status};

use super::Settings;
use super::agent::Agents;
use super::faults::Faults;
use super::final_state;
use super::shop::Shop;

/// Maximum number of violations that are printed.
const SHOWN: usize = 50;

/// The counts and violations of one run.
#[derive(Clone, Debug)]
pub struct Report {
    /// RNG seed of every random choice.
    pub seed: u64,
    /// Number of hosts in the run.
    pub nodes: u32,
    /// How often a host was killed.
    pub kills: u32,
    /// How often a host was stopped for some time (SIGSTOP), standstills included.
    pub pauses: u32,
    /// How often the database was restarted.
    pub database_restarts: u32,
    /// Number of purchases begun.
    pub purchases: u64,
    /// Number of paid checkouts.
    pub completed: usize,
    /// Number of captured charges.
    pub charges: usize,
    /// Number of payments that Adyen made itself.
    pub paid_elsewhere: usize,
    /// Captured charges beyond the first of a checkout, and payments of Adyen beyond the first that paid an order.
    pub double_charges: usize,
    /// Captured charges of checkouts that are not completed, except wrong amounts that wait for manual settlement; and payments of Adyen
    /// of which there is neither an order nor a discrepancy.
    pub charges_without_order: usize,
    /// Units of stock that are neither available nor sold nor reserved by an open payment, or that are available twice.
    pub stranded_reservations: i64,
    /// Checkouts in progress a minute after the last start, and requests that were never answered.
    pub stuck: usize,
    /// What waits for the operator, as it must: charges of a wrong amount, holds whose payment was never reported, and payments of Adyen
    /// that came twice, too late, after a cancel or of another amount.
    pub for_review: usize,
    /// Violations of the invariants, as text.
    pub violations: Vec<String>,
    /// Time from process start to readiness: median and maximum.
    pub restart: (Duration, Duration),
    /// Number of events in the history.
    pub events: usize,
    elapsed: Duration,
    counts: Value,
}

impl Report {
    pub(super) fn of(
        settings: Settings,
        shop: &Shop,
        faults: &Faults,
        agents: &Agents,
        ledgers: Ledgers,
        elapsed: Duration,
    ) -> Self {
        let history = History {
            events: agents.recorder.take_events(),
            ledgers,
        };
        let violations = history.violations();
        let ledgers = &history.ledgers;
        let count = |invariant| violations.iter().filter(|found| found.invariant == invariant).count();
        let mut starts = shop.starts();
        starts.sort_unstable();
        let stranded = ledgers
            .stock
            .iter()
            .map(|item| (item.left - final_state::expected(ledgers, item)).abs());
        let unanswered = agents.recorder.unanswered.load(Ordering::Relaxed);
        Self {
            seed: settings.seed,
            nodes: settings.nodes,
            kills: faults.kills.load(Ordering::Relaxed),
            pauses: faults.pauses.load(Ordering::Relaxed),
            database_restarts: faults.restarts.load(Ordering::Relaxed),
            purchases: agents.purchases(),
            completed: ledgers
                .final_states
                .iter()
                .filter(|state| state.shown.status == Status::Completed)
                .count(),
            charges: ledgers.charges.len(),
            paid_elsewhere: ledgers.outside.len(),
            double_charges: double_charges(ledgers),
            charges_without_order: count(Invariant::I2),
            stranded_reservations: stranded.sum(),
            stuck: count(Invariant::I9) + usize::try_from(unanswered).unwrap_or(usize::MAX),
            for_review: for_review(ledgers),
            violations: violations.iter().map(ToString::to_string).collect(),
            restart: (
                starts.get(starts.len() / 2).copied().unwrap_or_default(),
                starts.last().copied().unwrap_or_default(),
            ),
            events: history.events.len(),
            elapsed,
            counts: final_state::counts(agents),
        }
    }

    /// Whether all counts of failures are zero and no invariant is violated.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let sums = (self.double_charges, self.charges_without_order, self.stuck);
        sums == (0, 0, 0) && self.stranded_reservations == 0 && self.violations.is_empty()
    }

    /// The report as JSON, for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "kills": self.kills,
            "nodes": self.nodes,
            "pauses": self.pauses,
            "database_restarts": self.database_restarts,
            "purchases": self.purchases,
            "double_charges": self.double_charges,
            "charges_without_order": self.charges_without_order,
            "stranded_reservations": self.stranded_reservations,
            "stuck": self.stuck,
            "seed": self.seed,
            "completed": self.completed,
            "charges": self.charges,
            "paid_elsewhere": self.paid_elsewhere,
            "for_review": self.for_review,
            "restart_ms": {"median": self.restart.0.as_millis(), "max": self.restart.1.as_millis()},
            "seconds": self.elapsed.as_secs(),
            "events": self.events,
            "traffic": self.counts,
            "violations": self.violations.iter().take(SHOWN).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} hosts, {} kills, {} pauses, {} restarts of the database, {} purchases, seed {}",
            self.nodes, self.kills, self.pauses, self.database_restarts, self.purchases, self.seed
        )?;
        writeln!(
            f,
            "{} completed, {} charged, {} paid elsewhere, {} await the operator",
            self.completed, self.charges, self.paid_elsewhere, self.for_review
        )?;
        writeln!(
            f,
            "double charges {}, charges without order {}, stranded reservations {}, stuck {}",
            self.double_charges, self.charges_without_order, self.stranded_reservations, self.stuck
        )?;
        let (median, max) = self.restart;
        write!(
            f,
            "restart to ready: median {median:.0?}, maximum {max:.0?}; duration {:.0?}",
            self.elapsed
        )?;
        for violation in self.violations.iter().take(SHOWN) {
            write!(f, "\n{violation}")?;
        }
        Ok(())
    }
}

fn double_charges(ledgers: &Ledgers) -> usize {
    let attempts = ledgers.attempts.iter();
    let checkouts: HashMap<&str, &str> = attempts
        .map(|attempt| (attempt.reference.as_str(), attempt.checkout.as_str()))
        .collect();
    let charges = ledgers.charges.iter();
    let charged: Vec<&str> = charges
        .filter_map(|charge| checkouts.get(charge.reference.as_str()).copied())
        .collect();
    let paying = ledgers.outside.iter().filter(|payment| payment.kept == Kept::Order);
    let paying: Vec<&str> = paying.map(|payment| payment.checkout.as_str()).collect();
    repeated(&charged) + repeated(&paying)
}

fn repeated(checkouts: &[&str]) -> usize {
    checkouts.len() - checkouts.iter().collect::<HashSet<_>>().len()
}

/// Checkouts that wait for the operator, and payments of Adyen that do and whose checkout does not.
fn for_review(ledgers: &Ledgers) -> usize {
    let states = ledgers.final_states.iter();
    let waiting = states.filter(|state| state.shown.status == Status::InProgress && state.in_review);
    let waiting: HashSet<&str> = waiting.map(|state| state.shown.checkout.as_str()).collect();
    let kept = ledgers
        .outside
        .iter()
        .filter(|payment| payment.kept == Kept::Discrepancy);
    let others = kept.filter(|payment| !waiting.contains(payment.checkout.as_str()));
    waiting.len() + others.count()
}
