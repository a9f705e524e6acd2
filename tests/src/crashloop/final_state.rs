//! What must hold in the end: everything is settled, and all ledgers agree.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::acp::Release;
use crate::client::fresh_key;
use crate::fixtures;
use crate::history::{Action, FinalState, Ledgers, Operation, ShownCheckout, Status, StockItem};

use super::agent::{Agents, Checkout};
use super::ledger;
use super::observed;
use super::outside_ledger;
use super::purchase::{Protocol, retrieve};
use super::random::Random;
use super::shop::{STOCK, Shop, TENANTS};

/// Time within which everything must settle after the last start.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// How long a payment with the wrong-amount card may be in progress before it counts as waiting for manual settlement.
///
/// Much longer than a lease, status checks and the absence floor take, in case another attempt is in progress.
const DECIDED_WITHIN: Duration = Duration::from_secs(10);

/// Which deadlines have passed.
#[derive(Clone, Copy, Debug)]
struct Deadlines {
    overdue: bool,
    decided: bool,
}

/// Number of checkouts that are retrieved concurrently.
const CONCURRENT_READS: usize = 16;

/// Interval between two checks of unsettled checkouts.
const PAUSE: Duration = Duration::from_millis(200);

/// Waits until the hosts have settled everything, or the deadline has passed; then stops them and collects all ledgers.
pub(super) async fn settle(shop: &Shop, agents: &Arc<Agents>) -> Ledgers {
    let began = Instant::now();
    let mut random = Random::new(0);
    let mut pending = agents.checkouts();
    let mut final_states = Vec::with_capacity(pending.len());
    let mut pending_elsewhere = agents.outside_checkouts();
    let mut states_elsewhere = Vec::with_capacity(pending_elsewhere.len());
    loop {
        let (overdue, decided) = (began.elapsed() >= SETTLED_WITHIN, began.elapsed() >= DECIDED_WITHIN);
        read_settled(agents, &mut pending, &mut final_states, Deadlines { overdue, decided }).await;
        states_elsewhere
            .extend(outside_ledger::read_settled(agents, &shop.database, &mut pending_elsewhere, overdue).await);
        let stock = stock(agents, &mut random).await;
        let ledgers = Ledgers {
            final_states: [final_states.as_slice(), &states_elsewhere].concat(),
            reports: ledger::reports(shop),
            deliveries: Some(ledger::deliveries(shop)),
            stock,
            ..Ledgers::default()
        };
        let is_settled = pending.is_empty() && pending_elsewhere.is_empty();
        if overdue || (is_settled && is_reported_and_delivered(&ledgers, &final_states) && is_stock_released(&ledgers))
        {
            shop.stop().await;
            return Ledgers {
                outside: outside_ledger::payments(agents, &shop.database).await,
                charges: ledger::charges(shop),
                attempts: shop.database.attempts().await,
                secrets: ledger::secrets(shop),
                places: ledger::places(shop).await,
                ..ledgers
            };
        }
        sleep(PAUSE).await;
    }
}

/// Moves settled checkouts from `pending` to `final_states`, many at a time.
async fn read_settled(
    agents: &Arc<Agents>,
    pending: &mut Vec<Checkout>,
    final_states: &mut Vec<FinalState>,
    deadlines: Deadlines,
) {
    let all = std::mem::take(pending);
    let mut reading = JoinSet::new();
    for (number, some) in all.chunks(all.len().div_ceil(CONCURRENT_READS).max(1)).enumerate() {
        let (agents, some) = (Arc::clone(agents), some.to_vec());
        let mut random = Random::new(number as u64);
        reading.spawn(async move {
            let mut read = Vec::with_capacity(some.len());
            for checkout in some {
                let state = read_final_state(&agents, &checkout, deadlines, &mut random).await;
                read.push((checkout, state));
            }
            read
        });
    }
    for (checkout, state) in reading.join_all().await.into_iter().flatten() {
        match state {
            Some(state) => final_states.push(state),
            None => pending.push(checkout),
        }
    }
}

/// Retrieves a checkout; `None` while it is unsettled and its deadline has not passed. A payment with a wrong amount is settled
/// once it waits for manual settlement.
async fn read_final_state(
    agents: &Agents,
    checkout: &Checkout,
    deadlines: Deadlines,
    random: &mut Random,
) -> Option<FinalState> {
    let tenant = checkout.tenant;
    // The release of 2025 shows the order only in the response to complete, and has no member for it in later responses.
    let protocol = match checkout.protocol {
        Protocol::Acp(_) => Protocol::Acp(Release::V2026_04_17),
        Protocol::StripeAcs => Protocol::StripeAcs,
    };
    let shown = retrieve(agents, tenant, protocol, &checkout.id, random).await?;
    let in_progress = shown.status == Status::InProgress;
    (deadlines.overdue || !in_progress || (deadlines.decided && checkout.wrong_amount)).then(|| FinalState {
        tenant: TENANTS[tenant].to_owned(),
        in_review: in_progress && checkout.wrong_amount,
        overdue: deadlines.overdue,
        shown,
    })
}

/// Whether Stripe and the receiver have what is completed of these checkouts.
fn is_reported_and_delivered(ledgers: &Ledgers, final_states: &[FinalState]) -> bool {
    let completed = final_states
        .iter()
        .filter(|state| state.shown.status == Status::Completed);
    let completed = completed.count();
    let delivered: HashSet<&str> = ledgers
        .deliveries
        .iter()
        .flatten()
        .map(|it| it.order.as_str())
        .collect();
    completed == ledgers.reports.len() && completed == delivered.len()
}

fn is_stock_released(ledgers: &Ledgers) -> bool {
    ledgers.stock.iter().all(|item| item.left == expected(ledgers, item))
}

/// Expected available quantity of an item: the initial stock, less what was sold and what is reserved.
pub(super) fn expected(ledgers: &Ledgers, item: &StockItem) -> i64 {
    let of_item = ledgers.final_states.iter().filter(|state| state.tenant == item.tenant);
    let taken = of_item.filter(|state| matches!(state.shown.status, Status::Completed | Status::InProgress));
    let lines = taken
        .flat_map(|state| &state.shown.lines)
        .filter(|line| line.item == item.item);
    item.start - lines.map(|line| line.quantity).sum::<i64>()
}

/// Available quantity of every item, as agents see it.
async fn stock(agents: &Agents, random: &mut Random) -> Vec<StockItem> {
    let mut stock = Vec::new();
    for (tenant, client) in TENANTS.into_iter().zip(&agents.clients) {
        let body = fixtures::cart(Release::V2026_04_17, &STOCK.map(|(item, _)| (item, 1)));
        let key = fresh_key();
        let request = client.post("/checkout_sessions").acp(Release::V2026_04_17).key(&key);
        let operation = Operation {
            tenant: tenant.to_owned(),
            action: Action::Create,
            checkout: None,
            key: Some(key),
            body: observed::digest(body.to_string().as_bytes()),
        };
        let answer = agents
            .recorder
            .send_until_answered(&operation, &request.json(&body), random)
            .await;
        let shown = answer.and_then(|answer| observed::shown(&operation, &answer));
        let shown = shown.expect("the stock can be read");
        stock.extend(STOCK.iter().map(|(item, start)| stock_of(tenant, item, *start, &shown)));
    }
    stock
}

fn stock_of(tenant: &str, item: &str, start: i64, shown: &ShownCheckout) -> StockItem {
    let line = shown.lines.iter().find(|line| line.item == item);
    StockItem {
        tenant: tenant.to_owned(),
        item: item.to_owned(),
        start,
        left: line
            .and_then(|line| line.available)
            .expect("the line shows the available quantity"),
    }
}

/// Statistics of the run, for the report.
pub(super) fn counts(agents: &Agents) -> serde_json::Value {
    let recorder = &agents.recorder;
    json!({
        "checkouts": agents.checkouts().len(),
        "checkouts_elsewhere": agents.outside_checkouts().len(),
        "payments_tried": agents.payments.load(Ordering::Relaxed),
        "hang_ups": recorder.hang_ups.load(Ordering::Relaxed),
    })
}
