//! Faults injected into the hosts while agents buy: a plan from the RNG seed, each fault at a random moment.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::postgres::Shutdown;

use super::Settings;
use super::agent::Agents;
use super::random::Random;
use super::shop::{LEASE, Shop};

/// A fault happens after this time even if the hosts complete no purchases.
const MAX_WAIT: Duration = Duration::from_secs(3);

/// A standstill: much longer than a lease.
const STANDSTILL: Duration = Duration::from_secs(30);

/// Number of charges that must wait at the acquirer's gate when a host is stopped, so that it is stopped during a charge.
const HELD_CHARGES: usize = 4;

/// How long charges may wait at the gate: much less than the time after which a missing charge counts as never made.
const MAX_HOLD: Duration = Duration::from_millis(400);

/// A fault to inject.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// SIGKILL and a new start; this many times in a row, the later ones before the host is ready.
    Kill(u32),
    /// SIGSTOP, and SIGCONT after this time.
    Pause(Duration),
    /// Stop and restart of the database.
    Restart(Shutdown),
}

/// Injects the faults of a run, and counts them.
#[derive(Debug)]
pub(super) struct Faults {
    shop: Arc<Shop>,
    agents: Arc<Agents>,
    /// Indices of the nodes without a current fault.
    free: Mutex<Vec<usize>>,
    /// With several nodes, one is always left running.
    permits: Arc<Semaphore>,
    pub(super) kills: AtomicU32,
    pub(super) pauses: AtomicU32,
    pub(super) restarts: AtomicU32,
}

/// A node with a current fault; returned when dropped.
struct FaultyNode {
    number: usize,
    _permit: OwnedSemaphorePermit,
}

impl Faults {
    pub(super) fn new(shop: &Arc<Shop>, agents: &Arc<Agents>) -> Arc<Self> {
        let nodes = shop.nodes.len();
        Arc::new(Self {
            shop: Arc::clone(shop),
            agents: Arc::clone(agents),
            free: Mutex::new((0..nodes).collect()),
            permits: Arc::new(Semaphore::new((nodes - 1).max(1))),
            kills: AtomicU32::new(0),
            pauses: AtomicU32::new(0),
            restarts: AtomicU32::new(0),
        })
    }

    /// Injects all planned faults, spread over the purchases, and waits until every host is ready again.
    pub(super) async fn inject_all(self: &Arc<Self>, settings: Settings, mut random: Random) {
        let plan = plan(settings, &mut random);
        let mut running = JoinSet::new();
        for (number, fault) in plan.iter().enumerate() {
            while let Some(done) = running.try_join_next() {
                done.expect("a task that injects faults panicked");
            }
            let share = settings.purchases * number as u64 / plan.len() as u64;
            if let Fault::Restart(how) = *fault {
                self.wait_for_random_moment(share, &mut random).await;
                // At most two thirds of a lease.
                let away = Duration::from_millis(random.below(2_000));
                self.shop.database.restart(how, away).await;
                self.restarts.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let node_with_fault = self.take(&mut random).await;
            self.wait_for_random_moment(share, &mut random).await;
            let (this, fault, random) = (Arc::clone(self), *fault, random.fork());
            running.spawn(async move { this.inject(node_with_fault, fault, random).await });
        }
        while let Some(done) = running.join_next().await {
            done.expect("a task that injects faults panicked");
        }
    }

    /// Waits for a random moment, most often while hosts are at work.
    async fn wait_for_random_moment(&self, share: u64, random: &mut Random) {
        let _ = timeout(MAX_WAIT, self.agents.begun(share)).await;
        sleep(Duration::from_micros(random.below(60_000))).await;
    }

    async fn inject(&self, node_with_fault: FaultyNode, fault: Fault, mut random: Random) {
        match fault {
            Fault::Kill(times) => self.kill(node_with_fault.number, times, &mut random).await,
            Fault::Pause(length) => self.pause(node_with_fault.number, length, &mut random).await,
            Fault::Restart(_) => {}
        }
        self.free().push(node_with_fault.number);
    }

    async fn kill(&self, number: usize, times: u32, random: &mut Random) {
        let node = &self.shop.nodes[number];
        for time in 0..times {
            if time > 0 {
                sleep(Duration::from_millis(random.below(150))).await;
            }
            self.shop.close(number);
            node.kill();
            node.start();
            self.kills.fetch_add(1, Ordering::Relaxed);
        }
        self.shop.started(number).await;
    }

    /// Stops a host, most often during a charge: the acquirer makes the charge, and other hosts take over before this one gets
    /// the response.
    async fn pause(&self, number: usize, length: Duration, random: &mut Random) {
        let node = &self.shop.nodes[number];
        if random.one_in(3) {
            node.pause();
        } else {
            let held = self.shop.sandbox.acquirer.hold_charges();
            let _ = timeout(MAX_HOLD, held.arrived(HELD_CHARGES)).await;
            node.pause();
            held.release();
        }
        self.shop.close(number);
        sleep(length).await;
        node.resume();
        self.pauses.fetch_add(1, Ordering::Relaxed);
        self.shop.ready(number).await;
    }

    /// Takes a random node without a current fault; waits until one is available.
    async fn take(&self, random: &mut Random) -> FaultyNode {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        let mut free = self.free();
        let chosen = usize::try_from(random.below(free.len() as u64)).unwrap_or_default();
        FaultyNode {
            number: free.swap_remove(chosen),
            _permit: permit,
        }
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<usize>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The planned faults in random order, but the long standstills first, so that the other faults happen meanwhile.
fn plan(settings: Settings, random: &mut Random) -> Vec<Fault> {
    let mut plan = Vec::new();
    let mut kills = settings.kills;
    while kills > 0 {
        // One in twelve kills is repeated before the host is ready.
        let times = if random.one_in(12) { kills.min(2) } else { 1 };
        plan.push(Fault::Kill(times));
        kills -= times;
    }
    for _ in 0..settings.pauses {
        plan.push(Fault::Pause(LEASE * 3 / 2 + Duration::from_millis(random.below(3_000))));
    }
    for number in 0..settings.restarts {
        let how = if number % 2 == 0 {
            Shutdown::Immediate
        } else {
            Shutdown::Fast
        };
        plan.push(Fault::Restart(how));
    }
    for last in (1..plan.len()).rev() {
        let other = usize::try_from(random.below(last as u64 + 1)).unwrap_or_default();
        plan.swap(last, other);
    }
    let standstills = (0..settings.standstills).map(|_| Fault::Pause(STANDSTILL));
    standstills.chain(plan).collect()
}
