//! Random histories of orders: charges, refunds, shipments, cancellations, hosts that crash, answers that are lost. Money is conserved.
//!
//! The services, the store and the domain are the real ones; the acquirer is simulated, and knows what really happened. The number of
//! histories is `TILLHOUSE_REFUND_HISTORIES` (default 300), the first seed `TILLHOUSE_REFUND_SEED`. A store on a memory file system
//! (`TMPDIR`) makes many of them fast.

mod acquirer;
mod dice;
mod verdict;
mod world;

use dice::Dice;
use world::World;

/// Histories that share a store and a clock.
const TOGETHER: u64 = 40;

/// Random steps of such a group, before everything that is open comes to its end.
const STEPS: u32 = 500;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_is_conserved_in_every_history() {
    let (histories, first) = (
        setting("TILLHOUSE_REFUND_HISTORIES", 300),
        setting("TILLHOUSE_REFUND_SEED", 1),
    );
    let mut totals = verdict::Totals::default();
    for group in 0..histories.div_ceil(TOGETHER) {
        let seed = first + group;
        let mut world = World::with(TOGETHER, Dice::of(seed)).await;
        for _ in 0..STEPS {
            world.step().await;
        }
        world.end().await;
        totals += verdict::of(&world, seed).await;
    }
    println!("{totals:#?}");
    totals.assert_that_everything_happened();
}
