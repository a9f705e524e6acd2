//! The kill loop of catalogs and feeds: hosts are killed at random moments while catalogs are imported, quoted from and uploaded.
//!
//! Two merchants go from one generation of their catalog to the next, one by imports of an operator, and one by those or by changes of its
//! file. Each generation has other items and other prices, so that every reader sees which one it is. Both upload to Stripe, each by
//! another of its ways, and to an agent. Stripe refuses rows and whole files, answers out of order, loses events and answers. In the end
//! both parties must have what the catalogs have, and got each upload once.

mod disturbing;
mod final_check;
mod generation;
mod importing;
mod operating;
mod quoting;
mod report;
mod taking_over;
mod uploading;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tillhouse_sandbox::Secret;
use tillhouse_sandbox::stripe::feeds::EventDestination;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::merchant::Merchant;

use super::host_pool::HostPool;
use super::random::Random;
use super::shop::Shop;
use generation::Generation;
pub use report::FeedReport;

/// Names of the merchants, and how their feeds get to Stripe.
const SELLERS: [(&str, &str); 2] = [("north", "import_sets"), ("south", "catalog_imports")];

/// What must have happened by then; a host that needs longer is broken.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The size of a run.
#[derive(Clone, Copy, Debug)]
pub struct FeedSettings {
    /// Number of hosts: one on SQLite, several on PostgreSQL.
    pub nodes: u32,
    /// Number of kills (SIGKILL).
    pub kills: u32,
    /// RNG seed of every random choice.
    pub seed: u64,
}

/// Runs the whole loop and reports.
///
/// # Panics
/// When a host cannot be built or started, or ends without being killed.
pub async fn run(settings: FeedSettings) -> FeedReport {
    let mut random = Random::new(settings.seed);
    let merchants = SELLERS.map(|(name, way)| merchant(name, way));
    let shop = Arc::new(Shop::open_for(settings.nodes, &merchants).await);
    let began = Instant::now();
    let run = Arc::new(Run::of(&shop));
    run.subscribe();
    if settings.nodes > 1 {
        taking_over::check(&run, &mut random).await;
    }
    let mut working = JoinSet::new();
    for seller in run.sellers.clone() {
        working.spawn(importing::work(Arc::clone(&run), Arc::clone(&seller), random.fork()));
        working.spawn(quoting::work(Arc::clone(&run), Arc::clone(&seller), random.fork()));
        for destination in uploading::DESTINATIONS {
            working.spawn(uploading::work(
                Arc::clone(&run),
                Arc::clone(&seller),
                destination,
                random.fork(),
            ));
        }
    }
    let disturbing = tokio::spawn(disturbing::work(Arc::clone(&run), random.fork()));
    run.kill(settings.kills, &mut random).await;
    run.is_over.store(true, Ordering::SeqCst);
    disturbing.await.expect("the disturbance panicked");
    disturbing::deliver_all(&run).await;
    while let Some(done) = working.join_next().await {
        done.expect("a task of the run panicked");
    }
    uploading::upload_all(&run, &mut random).await;
    let uploads = final_check::check(&run, &mut random).await;
    shop.stop().await;
    FeedReport::of(settings, &run, &uploads, began.elapsed())
}

/// What the tasks of a run share.
#[derive(Debug)]
struct Run {
    shop: Arc<Shop>,
    hosts: HostPool,
    sellers: Vec<Arc<Seller>>,
    is_over: AtomicBool,
    counts: Counts,
    violations: Mutex<Vec<String>>,
}

/// What happened in a run, counted by its tasks.
#[derive(Debug, Default)]
struct Counts {
    kills: AtomicU32,
    imports: AtomicU64,
    quotes: AtomicU64,
    kept_quotes: AtomicU64,
    whole_reads: AtomicU64,
    take_overs: AtomicU32,
}

/// A merchant, and how far its catalog is.
#[derive(Debug)]
struct Seller {
    name: &'static str,
    /// The newest generation that a host was asked to import.
    asked: AtomicU32,
    /// The newest generation that is known to be in force.
    in_force: AtomicU32,
}

impl Seller {
    /// The generations between which a reader may see any: those that are in force now or may be.
    fn known(&self) -> u32 {
        self.in_force.load(Ordering::SeqCst)
    }

    /// Whether a reader that began when `known` was in force may see this generation now.
    fn may_show(&self, known: u32, seen: u32) -> bool {
        (known..=self.asked.load(Ordering::SeqCst)).contains(&seen)
    }

    fn generation(&self, number: u32) -> Generation {
        Generation {
            seller: self.name,
            number,
        }
    }
}

impl Run {
    fn of(shop: &Arc<Shop>) -> Self {
        let seller = |(name, _)| Seller {
            name,
            asked: AtomicU32::new(Generation::FIRST),
            in_force: AtomicU32::new(Generation::FIRST),
        };
        Self {
            hosts: shop.host_pool(),
            shop: Arc::clone(shop),
            sellers: SELLERS.map(seller).into_iter().map(Arc::new).collect(),
            is_over: AtomicBool::new(false),
            counts: Counts::default(),
            violations: Mutex::default(),
        }
    }

    /// Stripe tells each merchant at one of the hosts, whether that runs or not.
    fn subscribe(&self) {
        for (number, seller) in self.sellers.iter().enumerate() {
            let node = &self.shop.nodes[number % self.shop.nodes.len()];
            self.shop.sandbox.stripe.send_events_to(EventDestination {
                url: format!("http://{}/m/{}/webhooks/stripe", node.address, seller.name),
                secret: Secret::from(Merchant::event_secret(seller.name)),
            });
        }
    }

    /// Kills hosts at random moments, and starts each again at once; one in eight before it is ready.
    async fn kill(&self, kills: u32, random: &mut Random) {
        for _ in 0..kills {
            sleep(Duration::from_millis(20 + random.below(400))).await;
            let number = usize::try_from(random.below(self.shop.nodes.len() as u64)).unwrap_or_default();
            self.shop.close(number);
            self.shop.nodes[number].kill();
            self.shop.nodes[number].start();
            self.counts.kills.fetch_add(1, Ordering::Relaxed);
            if !random.one_in(8) {
                self.shop.started(number).await;
            }
        }
        for number in 0..self.shop.nodes.len() {
            self.shop.ready(number).await;
        }
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    fn violated(&self, what: impl Into<String>) {
        let mut violations = self.violations.lock().unwrap_or_else(PoisonError::into_inner);
        violations.push(what.into());
    }

    fn wait(&self, what: String) -> Wait<'_> {
        Wait {
            run: self,
            what,
            deadline: Instant::now() + TIMEOUT,
        }
    }
}

/// Waiting for something that must happen.
#[derive(Debug)]
struct Wait<'a> {
    run: &'a Run,
    what: String,
    deadline: Instant,
}

impl Wait<'_> {
    /// Whether it is looked once more, after a moment. A violation once it has taken too long.
    async fn goes_on(&self) -> bool {
        if Instant::now() > self.deadline {
            self.run.violated(format!("not within {TIMEOUT:?}: {}", self.what));
            return false;
        }
        sleep(Duration::from_millis(20)).await;
        true
    }
}

/// A merchant whose catalog is in its first generation.
fn merchant(name: &'static str, way: &str) -> Merchant {
    let first = Generation {
        seller: name,
        number: Generation::FIRST,
    };
    Merchant::named(name)
        .catalog(&first.file())
        .set(&format!(
            "feed = {{ transport = \"{way}\", upload_hosts = [\"127.0.0.1\"] }}"
        ))
        .acp_feed(uploading::AGENT, "batch_products = 7")
}
