//! Whether money was conserved: the acquirer's books, the refunds, the orders and the reports say the same.

use std::collections::HashMap;
use std::ops::AddAssign;

use super::acquirer::Fate;
use super::world::World;
use crate::report::RefundReport;
use tillhouse_checkout::money::Amount;
use tillhouse_checkout::outbox::MessageKind;
use tillhouse_checkout::ports::{MessageFilter, OperatorQueries as _};
use tillhouse_checkout::refund::{Refund, RefundStatus};

/// What happened in all histories together.
#[derive(Debug, Default)]
pub(super) struct Totals {
    orders: u64,
    refunds: u64,
    done: u64,
    declined: u64,
    captured: i64,
    refunded: i64,
    kept: i64,
    requests: u64,
    repetitions: u64,
    lost_answers: u64,
    late_requests: u64,
    crashes: u64,
    by_operator: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.orders += other.orders;
        self.refunds += other.refunds;
        self.done += other.done;
        self.declined += other.declined;
        self.captured += other.captured;
        self.refunded += other.refunded;
        self.kept += other.kept;
        self.requests += other.requests;
        self.repetitions += other.repetitions;
        self.lost_answers += other.lost_answers;
        self.late_requests += other.late_requests;
        self.crashes += other.crashes;
        self.by_operator += other.by_operator;
    }
}

impl Totals {
    /// A test that never loses an answer would prove nothing.
    pub(super) fn assert_that_everything_happened(&self) {
        for (what, count) in [
            ("done", self.done),
            ("declined", self.declined),
            ("repetitions", self.repetitions),
            ("lost answers", self.lost_answers),
            ("late requests", self.late_requests),
            ("crashes", self.crashes),
        ] {
            assert!(count > 0, "no {what}");
        }
        assert_eq!(self.captured, self.kept + self.refunded);
    }
}

/// The verdict on a world in which everything is settled.
pub(super) async fn of(world: &World, seed: u64) -> Totals {
    let refunds = world.refunds(Vec::new()).await;
    let reports = reports(world).await;
    let books = world.acquirer.books.lock().unwrap();
    let mut by_order: HashMap<String, Vec<&Refund>> = HashMap::new();
    for refund in &refunds {
        by_order.entry(refund.order.to_string()).or_default().push(refund);
    }
    let mut totals = Totals {
        orders: world.orders.len() as u64,
        refunds: refunds.len() as u64,
        requests: books.requests,
        repetitions: books.repetitions,
        lost_answers: books.lost_answers,
        late_requests: books.late_requests,
        crashes: world.crashes,
        by_operator: world.by_operator,
        ..Totals::default()
    };
    for order in &world.orders {
        let charge = order.attempt.as_str().replace("pa_", "ch_");
        let (captured, gone_back) = (books.captured[&charge], books.gone_back(&charge));
        let own = by_order.remove(order.id.as_str()).unwrap_or_default();
        let mut done = 0;
        for refund in &own {
            let there = books.refunds.get(refund.id.as_str());
            match refund.status() {
                RefundStatus::Done => {
                    let there = there.unwrap_or_else(|| panic!("seed {seed}: {refund:#?} is not at the acquirer"));
                    assert_eq!(there.fate, Fate::Made, "seed {seed}: {refund:#?}");
                    assert_eq!(Some(there.id.as_str()), refund.state.reference(), "seed {seed}");
                    assert_eq!(there.minor, refund.amount.amount.minor(), "seed {seed}");
                    done += there.minor;
                    totals.done += 1;
                }
                RefundStatus::Declined => {
                    let is_made = there.is_some_and(|there| there.fate != Fate::Refused);
                    assert!(!is_made, "seed {seed}: {refund:#?} {there:?}");
                    totals.declined += 1;
                }
                _ => panic!("seed {seed}: {refund:#?} is open"),
            }
        }
        assert_eq!(
            gone_back, done,
            "seed {seed}: the acquirer and the refunds of {}",
            order.id
        );
        assert!(
            gone_back <= captured,
            "seed {seed}: {} refunded {gone_back} of {captured}",
            order.id
        );
        assert_eq!(order.refunded().amount.minor(), done, "seed {seed}: {order:#?}");
        assert_eq!(order.total.amount.minor(), captured, "seed {seed}");
        assert_reports_add_up(
            reports.get(order.attempt.as_str()).map_or(&[], Vec::as_slice),
            done,
            seed,
        );
        totals.captured += captured;
        totals.refunded += done;
        totals.kept += captured - gone_back;
    }
    assert!(by_order.is_empty(), "seed {seed}: {by_order:#?} is of no order");
    totals
}

/// Each report of a refund that was made says what had gone back before, and all together what has.
fn assert_reports_add_up(reports: &[RefundReport], done: i64, seed: u64) {
    let mut sum = Amount::ZERO;
    for report in reports.iter().filter(|report| report.failure.is_none()) {
        assert_eq!(report.before, sum, "seed {seed}: {reports:#?}");
        sum = sum.plus(report.amount.amount).unwrap();
    }
    assert_eq!(sum.minor(), done, "seed {seed}: {reports:#?}");
}

/// The reports to Stripe in the order in which they were queued, by attempt.
async fn reports(world: &World) -> HashMap<String, Vec<RefundReport>> {
    let filter = MessageFilter {
        kind: Some(MessageKind::ReportRefund),
        limit: usize::MAX,
        ..MessageFilter::default()
    };
    let mut by_attempt: HashMap<String, Vec<RefundReport>> = HashMap::new();
    for record in world.host.store.list_messages(&filter).await.unwrap() {
        let report: RefundReport = serde_json::from_str(&record.message.payload).unwrap();
        by_attempt.entry(report.attempt.to_string()).or_default().push(report);
    }
    by_attempt
}
