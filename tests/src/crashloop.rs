//! The kill loop: real binaries under load from agents, killed and stopped at random moments. The simulators' ledgers are the
//! test oracle.
//!
//! [`run`] starts simulators of Stripe, an acquirer and a receiver of order events in this process, where they outlive every
//! host, and `tillhouse serve` as a child process; or several children over one PostgreSQL. Agents buy over ACP, over Stripe's
//! hooks and through Adyen at any of the hosts, disconnect, retry under the same key and come back with other cards. The children are killed with
//! SIGKILL and started again on the same store, or are stopped for longer than their leases, or have the database restarted under
//! them. In the end everything must be settled, and the whole [`crate::history::History`] is checked against its invariants.

mod agent;
mod cards;
mod child;
mod database;
mod faults;
pub mod feeds;
mod final_state;
mod host_pool;
mod ledger;
mod node;
mod observed;
mod outside;
mod outside_ledger;
pub(crate) mod program;
mod purchase;
mod random;
mod recording_client;
mod report;
mod shop;

use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;

pub use report::Report;

use agent::Agents;
use faults::Faults;
use random::Random;
use shop::Shop;

/// The size of a run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Number of hosts: one on SQLite, several on PostgreSQL.
    pub nodes: u32,
    /// Number of kills (SIGKILL).
    pub kills: u32,
    /// Number of pauses: a host is stopped (SIGSTOP) for up to twice its lease.
    pub pauses: u32,
    /// Number of standstills: a host is stopped (SIGSTOP) for 30 seconds.
    pub standstills: u32,
    /// Number of restarts of the database.
    pub restarts: u32,
    /// Number of purchases to begin. With several hosts, agents go on until the last fault is over.
    pub purchases: u64,
    /// RNG seed of every random choice.
    pub seed: u64,
    /// Number of agents that buy concurrently.
    pub agents: u32,
    /// Whether all of them buy through Adyen, which takes the payments itself.
    pub only_adyen: bool,
}

impl Settings {
    /// This many kills of one host, with 20 purchases per kill.
    #[must_use]
    pub fn kills(kills: u32, seed: u64) -> Self {
        Self {
            nodes: 1,
            kills,
            pauses: 0,
            standstills: 0,
            restarts: 0,
            purchases: 20 * u64::from(kills),
            seed,
            agents: 12,
            only_adyen: false,
        }
    }
}

/// Runs the whole loop and reports.
///
/// # Panics
/// When a host cannot be built or started, or ends without being killed.
pub async fn run(settings: Settings) -> Report {
    let mut random = Random::new(settings.seed);
    let shop = Arc::new(Shop::open(settings.nodes).await);
    // The build does not count as part of the run.
    let began = Instant::now();
    let agents = Arc::new(Agents::new(&shop, settings));
    let mut working = JoinSet::new();
    for number in 0..settings.agents {
        let agents = Arc::clone(&agents);
        let random = random.fork();
        working.spawn(async move { agents.work(number, random).await });
    }
    let faults = Faults::new(&shop, &agents);
    faults.inject_all(settings, random).await;
    agents.stop_extra_purchases();
    while let Some(done) = working.join_next().await {
        done.expect("an agent panicked");
    }
    let ledgers = final_state::settle(&shop, &agents).await;
    Report::of(settings, &shop, &faults, &agents, ledgers, began.elapsed())
}
