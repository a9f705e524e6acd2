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
use crate::history::{Action, Books, Call, Item, Look, Shown, Status};

use super::agent::{Agents, Checkout};
use super::ledger;
use super::purchase::{Protocol, retrieve};
use super::random::Random;
use super::shop::{STOCK, Shop, TENANTS};
use super::sight;

/// Time within which everything must settle after the last start.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// How long a payment with the wrong-amount card may be in progress before it counts as waiting for manual settlement.
///
/// Much longer than a lease, status checks and the absence floor take, in case another attempt is in progress.
const DECIDED_WITHIN: Duration = Duration::from_secs(10);

/// Which deadlines have passed.
#[derive(Clone, Copy, Debug)]
struct Due {
    overdue: bool,
    decided: bool,
}

/// Number of checkouts that are retrieved concurrently.
const EYES: usize = 16;

/// Interval between two checks of unsettled checkouts.
const PAUSE: Duration = Duration::from_millis(200);

/// Waits until the hosts have settled everything, or the deadline has passed; then stops them and collects all ledgers.
pub(super) async fn settle(shop: &Shop, agents: &Arc<Agents>) -> Books {
    let began = Instant::now();
    let mut random = Random::new(0);
    let mut pending = agents.checkouts();
    let mut looks = Vec::with_capacity(pending.len());
    loop {
        let (overdue, decided) = (began.elapsed() >= SETTLED_WITHIN, began.elapsed() >= DECIDED_WITHIN);
        look_at(agents, &mut pending, &mut looks, Due { overdue, decided }).await;
        let stock = stock(agents, &mut random).await;
        let books = Books {
            looks: looks.clone(),
            reports: ledger::reports(shop),
            deliveries: Some(ledger::deliveries(shop)),
            stock,
            ..Books::default()
        };
        if overdue || (pending.is_empty() && is_told(&books) && is_given_back(&books)) {
            shop.stop().await;
            return Books {
                charges: ledger::charges(shop),
                attempts: shop.database.attempts().await,
                secrets: ledger::secrets(shop),
                places: ledger::places(shop).await,
                ..books
            };
        }
        sleep(PAUSE).await;
    }
}

/// Moves settled checkouts from `pending` to `looks`, many at a time.
async fn look_at(agents: &Arc<Agents>, pending: &mut Vec<Checkout>, looks: &mut Vec<Look>, due: Due) {
    let all = std::mem::take(pending);
    let mut looking = JoinSet::new();
    for (number, some) in all.chunks(all.len().div_ceil(EYES).max(1)).enumerate() {
        let (agents, some) = (Arc::clone(agents), some.to_vec());
        let mut random = Random::new(number as u64);
        looking.spawn(async move {
            let mut seen = Vec::with_capacity(some.len());
            for checkout in some {
                let look = look(&agents, &checkout, due, &mut random).await;
                seen.push((checkout, look));
            }
            seen
        });
    }
    for (checkout, look) in looking.join_all().await.into_iter().flatten() {
        match look {
            Some(look) => looks.push(look),
            None => pending.push(checkout),
        }
    }
}

/// Retrieves a checkout; `None` while it is unsettled and its deadline has not passed. A payment with a wrong amount is settled
/// once it waits for manual settlement.
async fn look(agents: &Agents, checkout: &Checkout, due: Due, random: &mut Random) -> Option<Look> {
    let tenant = checkout.tenant;
    // The release of 2025 shows the order only in the response to complete, and has no member for it in later responses.
    let protocol = match checkout.protocol {
        Protocol::Acp(_) => Protocol::Acp(Release::V2026_04_17),
        Protocol::StripeAcs => Protocol::StripeAcs,
    };
    let shown = retrieve(agents, tenant, protocol, &checkout.id, random).await?;
    let under_way = shown.status == Status::InProgress;
    (due.overdue || !under_way || (due.decided && checkout.doubtful)).then(|| Look {
        tenant: TENANTS[tenant].to_owned(),
        in_review: under_way && checkout.doubtful,
        overdue: due.overdue,
        shown,
    })
}

fn is_told(books: &Books) -> bool {
    let completed = books.looks.iter().filter(|look| look.shown.status == Status::Completed);
    let completed = completed.count();
    let told: HashSet<&str> = books.deliveries.iter().flatten().map(|it| it.order.as_str()).collect();
    completed == books.reports.len() && completed == told.len()
}

fn is_given_back(books: &Books) -> bool {
    books.stock.iter().all(|item| item.left == expected(books, item))
}

/// Expected available quantity of an item: the initial stock, less what was sold and what is reserved.
pub(super) fn expected(books: &Books, item: &Item) -> i64 {
    let of_item = books.looks.iter().filter(|look| look.tenant == item.tenant);
    let gone = of_item.filter(|look| matches!(look.shown.status, Status::Completed | Status::InProgress));
    let lines = gone
        .flat_map(|look| &look.shown.lines)
        .filter(|line| line.item == item.item);
    item.start - lines.map(|line| line.quantity).sum::<i64>()
}

/// Available quantity of every item, as agents see it.
async fn stock(agents: &Agents, random: &mut Random) -> Vec<Item> {
    let mut stock = Vec::new();
    for (tenant, client) in TENANTS.into_iter().zip(&agents.clients) {
        let body = fixtures::cart(Release::V2026_04_17, &STOCK.map(|(item, _)| (item, 1)));
        let key = fresh_key();
        let request = client.post("/checkout_sessions").acp(Release::V2026_04_17).key(&key);
        let call = Call {
            tenant: tenant.to_owned(),
            action: Action::Create,
            checkout: None,
            key: Some(key),
            body: sight::digest(body.to_string().as_bytes()),
        };
        let answer = agents.desk.insist(&call, &request.json(&body), random).await;
        let shown = answer.and_then(|answer| sight::shown(&call, &answer));
        let shown = shown.expect("the stock can be read");
        stock.extend(STOCK.iter().map(|(item, start)| counted(tenant, item, *start, &shown)));
    }
    stock
}

fn counted(tenant: &str, item: &str, start: i64, shown: &Shown) -> Item {
    let line = shown.lines.iter().find(|line| line.item == item);
    Item {
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
    let desk = &agents.desk;
    json!({
        "checkouts": agents.checkouts().len(),
        "payments_tried": agents.payments.load(Ordering::Relaxed),
        "hang_ups": desk.hang_ups.load(Ordering::Relaxed),
    })
}
