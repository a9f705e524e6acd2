//! The kill loop: real binaries under real agents, killed and stopped at random moments, with the simulators' books as the
//! oracle.
//!
//! [`run`] starts simulators of Stripe, an acquirer and a receiver of order events in this process, where they outlive every
//! host, and `tillhouse serve` as a child; or several children over one PostgreSQL. Agents buy over ACP and over Stripe's
//! hooks at any of the hosts, hang up, retry under the same key and come back with other cards; the children are killed with
//! SIGKILL and started on what they left, or stand still for longer than their leases, or have the database restarted under
//! them. In the end everything has to be settled, and the whole [`crate::history::History`] is held to its invariants.

mod agent;
mod cards;
mod child;
mod database;
mod desk;
mod doors;
mod faults;
mod ledger;
mod node;
mod oracle;
pub(crate) mod program;
mod purchase;
mod random;
mod report;
mod shop;
mod sight;

use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;

pub use report::Report;

use agent::Agents;
use faults::Faults;
use random::Random;
use shop::Shop;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many hosts there are: one on SQLite, several on PostgreSQL.
    pub nodes: u32,
    /// How often a host is killed.
    pub kills: u32,
    /// How often a host stands still for up to twice its lease.
    pub pauses: u32,
    /// How often a host stands still for 30 seconds.
    pub standstills: u32,
    /// How often the database is restarted.
    pub restarts: u32,
    /// How many purchases are begun in all. Where there are several hosts, agents go on until the last fault is over.
    pub purchases: u64,
    /// Where every random choice comes from.
    pub seed: u64,
    /// How many agents buy at a time.
    pub agents: u32,
}

impl Settings {
    /// So many kills of one host, with 20 purchases for each.
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
        }
    }
}

/// Run the whole loop.
///
/// # Panics
/// When a host cannot be built or started, or dies without being killed.
pub async fn run(settings: Settings) -> Report {
    let mut random = Random::new(settings.seed);
    let shop = Arc::new(Shop::open(settings.nodes).await);
    // What was built before is no part of it.
    let began = Instant::now();
    let agents = Arc::new(Agents::new(&shop, settings));
    let mut working = JoinSet::new();
    for number in 0..settings.agents {
        let agents = Arc::clone(&agents);
        let random = random.fork();
        working.spawn(async move { agents.work(number, random).await });
    }
    let faults = Faults::new(&shop, &agents);
    faults.happen(settings, random).await;
    agents.enough();
    while let Some(done) = working.join_next().await {
        done.expect("an agent does not fail");
    }
    let books = oracle::settle(&shop, &agents).await;
    Report::of(settings, &shop, &faults, &agents, books, began.elapsed())
}
