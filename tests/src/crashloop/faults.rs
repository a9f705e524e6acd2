//! What happens to the hosts while agents buy: a plan from the seed, each fault at a random moment.

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

/// Hosts that sell nothing for so long have their fault all the same.
const LULL: Duration = Duration::from_secs(3);

/// A host that stands still for so long is one of the issue's: much longer than the lease.
const STANDSTILL: Duration = Duration::from_secs(30);

/// Charges that stand at the acquirer's gate when a host is stopped, so that it is stopped amid one.
const AMID: usize = 4;

/// How long they may stand there: much less than it takes until an absent charge counts as never made.
const HELD: Duration = Duration::from_millis(400);

/// One fault.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// SIGKILL and the next start: once, or again before that start is done.
    Kill(u32),
    /// SIGSTOP, so long, SIGCONT.
    Pause(Duration),
    /// The database is stopped and started again.
    Restart(Shutdown),
}

/// The faults of a run, and how many there were.
#[derive(Debug)]
pub(super) struct Faults {
    shop: Arc<Shop>,
    agents: Arc<Agents>,
    /// Nodes to which nothing is happening.
    free: Mutex<Vec<usize>>,
    /// One node of several is always left in peace.
    turns: Arc<Semaphore>,
    pub(super) kills: AtomicU32,
    pub(super) pauses: AtomicU32,
    pub(super) restarts: AtomicU32,
}

/// A node to which something happens.
struct Struck {
    number: usize,
    _turn: OwnedSemaphorePermit,
}

impl Faults {
    pub(super) fn new(shop: &Arc<Shop>, agents: &Arc<Agents>) -> Arc<Self> {
        let nodes = shop.nodes.len();
        Arc::new(Self {
            shop: Arc::clone(shop),
            agents: Arc::clone(agents),
            free: Mutex::new((0..nodes).collect()),
            turns: Arc::new(Semaphore::new((nodes - 1).max(1))),
            kills: AtomicU32::new(0),
            pauses: AtomicU32::new(0),
            restarts: AtomicU32::new(0),
        })
    }

    /// Let everything happen that is planned, spread over the purchases, until every host is there again.
    pub(super) async fn happen(self: &Arc<Self>, settings: Settings, mut random: Random) {
        let plan = plan(settings, &mut random);
        let mut under_way = JoinSet::new();
        for (number, fault) in plan.iter().enumerate() {
            while let Some(done) = under_way.try_join_next() {
                done.expect("a host comes back");
            }
            let share = settings.purchases * number as u64 / plan.len() as u64;
            if let Fault::Restart(how) = *fault {
                self.moment(share, &mut random).await;
                // Longer than a hand-over, shorter than a lease or longer.
                let away = Duration::from_millis(random.below(2_000));
                self.shop.database.restart(how, away).await;
                self.restarts.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let struck = self.take(&mut random).await;
            self.moment(share, &mut random).await;
            let (this, fault, random) = (Arc::clone(self), *fault, random.fork());
            under_way.spawn(async move { this.strike(struck, fault, random).await });
        }
        while let Some(done) = under_way.join_next().await {
            done.expect("a host comes back");
        }
    }

    /// Most often when hosts are at work.
    async fn moment(&self, share: u64, random: &mut Random) {
        let _ = timeout(LULL, self.agents.begun(share)).await;
        sleep(Duration::from_micros(random.below(60_000))).await;
    }

    async fn strike(&self, struck: Struck, fault: Fault, mut random: Random) {
        match fault {
            Fault::Kill(times) => self.kill(struck.number, times, &mut random).await,
            Fault::Pause(length) => self.pause(struck.number, length, &mut random).await,
            Fault::Restart(_) => {}
        }
        self.free().push(struck.number);
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

    /// Most often amid a charge: the acquirer makes it, and the host does not hear of it before others have taken it up.
    async fn pause(&self, number: usize, length: Duration, random: &mut Random) {
        let node = &self.shop.nodes[number];
        if random.one_in(3) {
            node.pause();
        } else {
            let held = self.shop.sandbox.acquirer.hold_charges();
            let _ = timeout(HELD, held.arrived(AMID)).await;
            node.pause();
            held.release();
        }
        self.shop.close(number);
        sleep(length).await;
        node.resume();
        self.pauses.fetch_add(1, Ordering::Relaxed);
        self.shop.ready(number).await;
    }

    /// A node to strike, once there is one that may be.
    async fn take(&self, random: &mut Random) -> Struck {
        let turn = Arc::clone(&self.turns).acquire_owned().await.expect("never closed");
        let mut free = self.free();
        let chosen = usize::try_from(random.below(free.len() as u64)).unwrap_or_default();
        Struck {
            number: free.swap_remove(chosen),
            _turn: turn,
        }
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<usize>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// In an order of the seed's, but for the long standstills: they come first, so that the others happen meanwhile.
fn plan(settings: Settings, random: &mut Random) -> Vec<Fault> {
    let mut plan = Vec::new();
    let mut kills = settings.kills;
    while kills > 0 {
        // Now and then before it is ready.
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
