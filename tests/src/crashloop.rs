//! The kill loop: the real binary under real agents, killed at random moments, with the simulators' books as the oracle.
//!
//! [`run`] starts Stripe and acquirer simulators in this process, where they outlive every host, and `tillhouse serve` as a
//! child. Agents buy over ACP and over Stripe's hooks, hang up, retry under the same key and come back with other cards; the
//! child is killed with SIGKILL again and again and started on what it left. In the end everything has to be settled, and
//! the whole [`crate::history::History`] is held to its invariants.

mod agent;
mod cards;
mod child;
mod desk;
mod oracle;
pub(crate) mod program;
mod purchase;
mod random;
mod report;
mod shop;
mod sight;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::timeout;

pub use report::Report;

use agent::Agents;
use random::Random;
use shop::Shop;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How often the host is killed.
    pub kills: u32,
    /// How many purchases are begun in all.
    pub purchases: u64,
    /// Where every random choice comes from.
    pub seed: u64,
    /// How many agents buy at a time.
    pub agents: u32,
}

impl Settings {
    /// So many kills, with 20 purchases for each.
    #[must_use]
    pub fn kills(kills: u32, seed: u64) -> Self {
        Self {
            kills,
            purchases: 20 * u64::from(kills),
            seed,
            agents: 12,
        }
    }
}

/// A host that sells nothing for so long is killed all the same.
const LULL: Duration = Duration::from_secs(3);

/// Run the whole loop.
///
/// # Panics
/// When the host cannot be built or started, or dies without being killed.
pub async fn run(settings: Settings) -> Report {
    let mut random = Random::new(settings.seed);
    let mut shop = Shop::open().await;
    // What was built before is no part of it.
    let began = Instant::now();
    let agents = Arc::new(Agents::new(&shop, settings));
    let mut working = JoinSet::new();
    for number in 0..settings.agents {
        let agents = Arc::clone(&agents);
        let random = random.fork();
        working.spawn(async move { agents.work(number, random).await });
    }
    for kill in 0..settings.kills {
        let share = settings.purchases * u64::from(kill) / u64::from(settings.kills);
        // Now and then before it is ready, most often at work.
        if random.one_in(12) {
            tokio::time::sleep(Duration::from_millis(random.below(150))).await;
        } else {
            shop.ready().await;
            let _ = timeout(LULL, agents.begun(share)).await;
            tokio::time::sleep(Duration::from_micros(random.below(60_000))).await;
        }
        shop.kill();
        shop.start();
    }
    shop.ready().await;
    while let Some(done) = working.join_next().await {
        done.expect("an agent does not fail");
    }
    let books = oracle::settle(&mut shop, &agents).await;
    Report::of(settings, &shop, &agents, books, began.elapsed())
}
