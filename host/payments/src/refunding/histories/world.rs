//! Some orders, two hosts over one store, and what happens to them.

use std::sync::Arc;
use std::time::Duration;

use super::acquirer::{Acquirer, AcquirerRefund, Fate};
use super::dice::Dice;
use crate::issuer::TokenIssuers;
use crate::refunding::manual_settlement::KnownRefund;
use crate::refunding::{RefundRequest, Refunding};
use crate::testing::{LINE, START, TestHost, merchant, usd};
use crate::{PaymentParts, Payments, Timings};
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::decision::{
    Fulfillment, LineUnits, ProcessorEvent, ProcessorReport, ProcessorWebhook, RefundOutcome, ReportedAmount,
};
use tillhouse_checkout::ids::HostId;
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::order::{ChangeSource, Order, OrderChange, OrderChangeKind, OrderStatus};
use tillhouse_checkout::payment_token::IssuerName;
use tillhouse_checkout::ports::{RefundFilter, RefundQueue as _, Store as _, WorkQueue as _};
use tillhouse_checkout::refund::{Refund, RefundStatus};
use tillhouse_checkout::time::Clock as _;

/// Units of the only line of each order.
const UNITS: u32 = 3;

pub(super) struct World {
    pub(super) host: TestHost,
    pub(super) acquirer: Arc<Acquirer>,
    pub(super) orders: Vec<Order>,
    pub(super) crashes: u64,
    pub(super) by_operator: u64,
    hosts: [Payments; 2],
    starts: u32,
    dice: Dice,
}

fn entry(refund: &Refund) -> AuditEntry {
    AuditEntry {
        at: START,
        actor: "operator:ada".into(),
        action: AuditAction::AskRefund,
        subject: refund.id.to_string(),
        detail: "{}".into(),
    }
}

/// What the acquirer says of a refund by itself. It names the charge, as the contract asks.
pub(super) fn event(reference: &str, refund: &AcquirerRefund, outcome: RefundOutcome) -> ProcessorEvent {
    ProcessorEvent {
        id: format!("ev_{reference}_{:?}", refund.fate),
        reference: Some(refund.charge.replace("ch_", "pa_")),
        processor_reference: Some(refund.charge.clone()),
        amount: Some(ReportedAmount {
            minor: refund.minor,
            currency: "USD".into(),
        }),
        report: ProcessorReport::Refund(outcome),
    }
}

impl World {
    pub(super) async fn with(orders: u64, mut dice: Dice) -> Self {
        let host = TestHost::start();
        let seed = dice.roll(u64::MAX);
        let acquirer = Arc::new(Acquirer::with(Dice::of(seed), Arc::clone(&host.clock)));
        let mut placed = Vec::new();
        for number in 0..orders {
            let total = usd(i64::try_from(1 + dice.roll(5_000)).unwrap());
            let charge = format!("ch_{number}");
            acquirer
                .books
                .lock()
                .unwrap()
                .captured
                .insert(charge, total.amount.minor());
            placed.push(host.with_order(number, UNITS, total).await);
        }
        let hosts = [0, 1].map(|number| payments(&host, &acquirer, number));
        Self {
            host,
            acquirer,
            orders: placed,
            crashes: 0,
            by_operator: 0,
            hosts,
            starts: 2,
            dice,
        }
    }

    fn refunding(&mut self) -> Refunding {
        let one = usize::from(self.dice.percent(50));
        self.hosts[one].refunding().clone()
    }

    /// Do one thing that the dice choose.
    pub(super) async fn step(&mut self) {
        match self.dice.roll(100) {
            0..=29 => self.ask().await,
            30..=64 => self.work().await,
            65..=74 => self.change_an_order().await,
            75..=84 => self.acquirer_decides().await,
            85..=94 => {
                let pause = self.dice.roll(600);
                self.host.clock.advance(Duration::from_secs(pause));
                self.acquirer.deliver_late(false);
            }
            _ => self.operator_settles().await,
        }
    }

    /// An operator asks for a refund, perhaps one that was asked for before, perhaps for too much.
    async fn ask(&mut self) {
        let at = usize::try_from(self.dice.roll(self.orders.len() as u64)).unwrap();
        let order = self.orders[at].clone();
        let total = order.total.amount.minor();
        let most = if self.dice.percent(20) {
            total * 2
        } else {
            total / 2 + 1
        };
        let minor = 1 + i64::try_from(self.dice.roll(most.unsigned_abs())).unwrap();
        let lines = vec![LineUnits {
            line: LINE.into(),
            quantity: 1,
        }];
        let request = RefundRequest {
            merchant: merchant(),
            order: order.id,
            name: format!("R{}", self.dice.roll(6)),
            amount: (!self.dice.percent(15)).then(|| usd(minor)),
            lines: if self.dice.percent(10) { lines } else { Vec::new() },
            reason: None,
            code: None,
        };
        // Refused or not: the ledgers are compared in the end.
        let _ = self.refunding().ask(request, entry).await;
    }

    /// One of the hosts works on what is due, and may crash in the middle.
    async fn work(&mut self) {
        let one = usize::from(self.dice.percent(50));
        let (recovery, acquirer) = (self.hosts[one].recovery().clone(), Arc::clone(&self.acquirer));
        let crashed = tokio::select! {
            biased;
            _ = recovery.run_once() => false,
            () = acquirer.crashed.notified() => true,
        };
        if crashed {
            self.crashes += 1;
            self.host.store.release_leases(self.hosts[one].host()).await.unwrap();
            self.hosts[one] = payments(&self.host, &self.acquirer, self.starts);
            self.starts += 1;
        }
    }

    /// A shipment or a cancellation, at the same time as the refunds.
    async fn change_an_order(&mut self) {
        let at = usize::try_from(self.dice.roll(self.orders.len() as u64)).unwrap();
        let (order, now) = (self.orders[at].id.clone(), self.host.clock.now());
        let number = self.dice.roll(1_000_000);
        let what = if self.dice.percent(80) {
            OrderChangeKind::Fulfilled(Box::new(parcel(number, now)))
        } else {
            OrderChangeKind::Status(OrderStatus::Canceled)
        };
        let change = OrderChange {
            source: ChangeSource::Operator,
            id: format!("change-{number}"),
            at: now,
            what,
        };
        let one = usize::from(self.dice.percent(50));
        let _ = self.hosts[one]
            .ordering()
            .change(&merchant(), &order, &change, |_| None)
            .await;
    }

    /// The acquirer decides what was pending, and may say so.
    async fn acquirer_decides(&mut self) {
        let seller = merchant();
        for reference in self.acquirer.decide_some(false) {
            for _ in 0..self.dice.roll(3) {
                let one = usize::from(self.dice.percent(50));
                let webhook = ProcessorWebhook {
                    headers: Vec::new(),
                    body: reference.clone().into_bytes(),
                };
                // It may crash the host like every other call; then the acquirer sends the event again, or does not.
                let recovery = self.hosts[one].recovery().clone();
                let acquirer = Arc::clone(&self.acquirer);
                tokio::select! {
                    biased;
                    _ = recovery.handle_webhook(&seller, webhook) => {}
                    () = acquirer.crashed.notified() => {
                        self.host.store.release_leases(self.hosts[one].host()).await.unwrap();
                    }
                }
            }
        }
    }

    pub(super) async fn refunds(&self, states: Vec<RefundStatus>) -> Vec<Refund> {
        let filter = RefundFilter {
            states,
            limit: usize::MAX,
            ..RefundFilter::default()
        };
        self.host.store.list_refunds(&filter).await.unwrap()
    }

    /// An operator looks into the acquirer's books, and settles what waits for that. Nothing of it is on its way any more.
    async fn operator_settles(&mut self) {
        for refund in self.refunds(vec![RefundStatus::NeedsReview]).await {
            let truth = {
                let books = self.acquirer.books.lock().unwrap();
                books.refunds.get(refund.id.as_str()).cloned()
            };
            let known = match truth.map(|truth| (truth.fate, truth.id)) {
                Some((Fate::Made, id)) => KnownRefund::Refunded(id),
                Some((Fate::Refused, _)) => KnownRefund::NotRefunded,
                Some((Fate::Pending, _)) | None => continue,
            };
            let settled = self.refunding().settle_manually(&refund.id, known, entry).await;
            self.by_operator += u64::from(settled.is_ok());
        }
    }

    /// Everything comes to its end.
    pub(super) async fn end(&mut self) {
        let open: Vec<RefundStatus> = RefundStatus::ALL
            .into_iter()
            .filter(|status| status.is_open())
            .collect();
        for round in 0.. {
            assert!(round < 500, "never settled: {:#?}", self.refunds(open.clone()).await);
            if self.refunds(open.clone()).await.is_empty() {
                break;
            }
            self.host.clock.advance(Duration::from_secs(1200));
            self.acquirer.deliver_late(true);
            self.acquirer.decide_some(true);
            self.work().await;
            self.operator_settles().await;
        }
        for order in &mut self.orders {
            *order = self
                .host
                .store
                .order(&merchant(), &order.session)
                .await
                .unwrap()
                .unwrap();
        }
    }
}

fn parcel(number: u64, now: tillhouse_checkout::time::Timestamp) -> Fulfillment {
    Fulfillment {
        id: format!("parcel-{number}"),
        kind: "shipping".into(),
        status: "shipped".into(),
        lines: vec![LineUnits {
            line: LINE.into(),
            quantity: 1,
        }],
        carrier: None,
        tracking_number: None,
        tracking_url: None,
        description: None,
        destination: None,
        earliest: None,
        latest: None,
        digital: None,
        events: Vec::new(),
        at: now,
    }
}

fn payments(host: &TestHost, acquirer: &Arc<Acquirer>, number: u32) -> Payments {
    Payments::new(PaymentParts {
        checkout: host.checkout.clone(),
        processor: Arc::clone(acquirer) as _,
        issuers: TokenIssuers::default().with(IssuerName::Stripe, Arc::clone(&host.tokens) as _),
        publisher: Arc::clone(&host.publisher) as _,
        lease_holder: LeaseHolder {
            host: HostId::new(format!("host_of_history_{number}")),
            // A lease that has always expired: a slow host is fenced off, and nothing waits for a host that crashed.
            lease: Duration::ZERO,
        },
        timings: Timings::default(),
    })
}
