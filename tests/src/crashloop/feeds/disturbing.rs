//! What goes wrong at Stripe and at the agent: rows and files that are refused, answers and events that are lost, late or out of order.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tillhouse_sandbox::Fault;
use tillhouse_sandbox::acp_feed::Operation as AgentOperation;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_sandbox::stripe::feeds::{EventFault, FeedImport, ImportFailure, ImportStatus, ImportWay};
use tokio::time::sleep;

use super::super::random::Random;
use super::{Generation, Run, Seller};

/// Steps of uploads that Stripe disturbs, with the way that they belong to.
const STEPS: [(Operation, ImportWay); 8] = [
    (Operation::UploadFile, ImportWay::ImportSet),
    (Operation::CreateImportSet, ImportWay::ImportSet),
    (Operation::ReadImportSet, ImportWay::ImportSet),
    (Operation::ReadContents, ImportWay::ImportSet),
    (Operation::CreateCatalogImport, ImportWay::CatalogImport),
    (Operation::PutFeed, ImportWay::CatalogImport),
    (Operation::ReadCatalogImport, ImportWay::CatalogImport),
    (Operation::DownloadErrors, ImportWay::CatalogImport),
];

const FAULTS: [Fault; 3] = [Fault::DropConnection, Fault::LoseAnswer, Fault::Status(503)];

const EVENT_FAULTS: [EventFault; 6] = [
    EventFault::Lost,
    EventFault::Doubled,
    EventFault::Late,
    EventFault::Reordered,
    EventFault::WrongId,
    EventFault::WrongSignature,
];

/// Disturbances that are used up, each before there is another one of its kind: none is left for long after the run.
#[derive(Debug, Default)]
struct Pending {
    /// Imports of its way that had ended when a step was disturbed last: an upload is disturbed once in each step, because the pauses
    /// between its tries become long.
    steps: HashMap<Operation, usize>,
    /// Batches of the agent.
    batches: u64,
    /// Imports that Stripe knew when it refused rows or a file last.
    imports: usize,
    /// Events that were made when one was disturbed last.
    events: usize,
}

/// Disturbs until the run is over.
pub(super) async fn work(run: Arc<Run>, mut random: Random) {
    let mut pending = Pending::default();
    while !run.is_over() {
        let seller = &run.sellers[usize::from(random.one_in(2))];
        match random.below(12) {
            0 | 1 => end_in_reverse(&run, &mut random).await,
            2 | 3 => pending.refuse(&run, seller, &mut random),
            4..=6 => pending.disturb_event(&run, &mut random),
            7 => run.shop.sandbox.stripe.deliver_late_events().await,
            8 => tell_again(&run).await,
            9 | 10 => pending.disturb_step(&run, &mut random),
            _ => refuse_at_agent(&run, seller, &mut random).await,
        }
        sleep(Duration::from_millis(random.below(120))).await;
    }
}

impl Pending {
    /// Stripe refuses a row or the whole file of the next import.
    fn refuse(&mut self, run: &Run, seller: &Seller, random: &mut Random) {
        let stripe = &run.shop.sandbox.stripe;
        let imports = stripe.feed_imports().len();
        if imports <= self.imports {
            return;
        }
        self.imports = imports;
        if random.one_in(2) {
            stripe.fail_next_rows(&[(&item(seller, random), "The price is not one.")]);
        } else {
            stripe.fail_next_import(failure(random));
        }
    }

    fn disturb_event(&mut self, run: &Run, random: &mut Random) {
        let stripe = &run.shop.sandbox.stripe;
        let events = stripe.sent_events().len();
        if events > self.events {
            self.events = events;
            stripe.fail_next_event(one_of(&EVENT_FAULTS, random));
        }
    }

    /// A request of an upload to Stripe, or to the agent, is lost or not answered.
    fn disturb_step(&mut self, run: &Run, random: &mut Random) {
        let (stripe, agent) = (&run.shop.sandbox.stripe, &run.shop.sandbox.acp_feed);
        let batches = agent.received(AgentOperation::UpsertProducts);
        if random.one_in(4) && batches > self.batches {
            self.batches = batches;
            agent.fail_next(AgentOperation::UpsertProducts, one_of(&FAULTS, random));
            return;
        }
        let (step, way) = one_of(&STEPS, random);
        let imports = stripe.feed_imports();
        let ended = imports.iter().filter(|import| import.way == way && has_ended(import));
        let ended = ended.count();
        if self.steps.insert(step, ended) != Some(ended) {
            stripe.fail_next(step, one_of(&FAULTS, random));
        }
    }
}

async fn refuse_at_agent(run: &Run, seller: &Seller, random: &mut Random) {
    let agent = &run.shop.sandbox.acp_feed;
    agent.refuse_products(&[&item(seller, random)]);
    sleep(Duration::from_millis(random.below(300))).await;
    agent.refuse_products(&[]);
}

/// Every event that was not acknowledged arrives after all.
pub(super) async fn deliver_all(run: &Run) {
    run.shop.sandbox.stripe.deliver_late_events().await;
    tell_again(run).await;
}

/// Lets imports wait for one another, and ends them from the last to the first.
async fn end_in_reverse(run: &Run, random: &mut Random) {
    let stripe = &run.shop.sandbox.stripe;
    let held = stripe.hold_imports();
    sleep(Duration::from_millis(random.below(400))).await;
    let is_waiting = |import: &FeedImport| import.status == ImportStatus::Processing;
    for import in stripe.feed_imports().iter().rev().filter(|import| is_waiting(import)) {
        stripe.finish_import(&import.id).await;
    }
    held.release();
}

fn has_ended(import: &FeedImport) -> bool {
    matches!(import.status, ImportStatus::Ended { .. } | ImportStatus::Failed(_))
}

/// As Stripe does with what was not acknowledged.
async fn tell_again(run: &Run) {
    let stripe = &run.shop.sandbox.stripe;
    let told = stripe.sent_events();
    let is_taken = |id| told.iter().any(|other| other.id == id && other.answer == Some(200));
    let untold: BTreeSet<_> = told
        .iter()
        .filter(|event| !is_taken(event.id.clone()))
        .map(|event| event.id.to_string())
        .collect();
    for id in untold {
        stripe.send_event_again(&id.as_str().into()).await;
    }
}

fn failure(random: &mut Random) -> ImportFailure {
    ImportFailure {
        code: "internal_error",
        message: "The file could not be read.".to_owned(),
        is_transient: random.one_in(2),
    }
}

fn item(seller: &Seller, random: &mut Random) -> String {
    let items: Vec<String> = Generation::all_items(seller.name).into_iter().collect();
    items[usize::try_from(random.below(items.len() as u64)).unwrap_or_default()].clone()
}

fn one_of<T: Copy, const N: usize>(all: &[T; N], random: &mut Random) -> T {
    all[usize::try_from(random.below(N as u64)).unwrap_or_default()]
}
