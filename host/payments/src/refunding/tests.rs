//! What becomes of a refund, whatever the processor answers and wherever the host stops: the money goes back once.

mod asking;
mod first_call;
mod manual_settlement;
mod obstacles;
mod order_changes;
mod processor_events;
mod unknown;

use std::time::Duration;

use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::decision::{ProcessorCapabilities, RefundLookup, RefundOutcome};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::{RefundId, SessionId};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::outbox::MessageKind;
use tillhouse_checkout::ports::{
    DecisionError, MessageFilter, OperatorQueries as _, RefundFilter, RefundQueue as _, Store as _,
};
use tillhouse_checkout::refund::Refund;

use super::{AskRefundError, AskedRefund, RefundRequest};
use crate::testing::{START, TestHost, completion, merchant, profile, usd};

/// A host with an order that was paid, at a processor that refunds.
pub(crate) async fn sold() -> (TestHost, Order) {
    let host = TestHost::start();
    let order = sold_by(&host).await;
    (host, order)
}

async fn sold_by(host: &TestHost) -> Order {
    can_refund(host);
    let session = host.session().await;
    host.complete(completion(&session)).await.unwrap();
    order_of(host, &session).await
}

async fn order_of(host: &TestHost, session: &SessionId) -> Order {
    host.store.order(&merchant(), session).await.unwrap().unwrap()
}

fn can_refund(host: &TestHost) {
    host.processor.set(|script| {
        script.capabilities = ProcessorCapabilities {
            refund: true,
            notices: true,
            ..ProcessorCapabilities::default()
        };
        script.profile = Some(profile());
    });
}

fn request(order: &Order, name: &str, amount: Option<Money>) -> RefundRequest {
    RefundRequest {
        merchant: order.merchant.clone(),
        order: order.id.clone(),
        name: name.into(),
        amount,
        lines: Vec::new(),
        reason: Some("It came broken.".into()),
        code: Some("damaged".into()),
    }
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

pub(crate) async fn ask(host: &TestHost, order: &Order, name: &str, minor: i64) -> Result<AskedRefund, AskRefundError> {
    let request = request(order, name, Some(usd(minor)));
    host.payments.refunding().ask(request, entry).await
}

pub(crate) fn prepare(host: &TestHost, outcome: Result<RefundOutcome, DecisionError>) {
    host.processor.set(|script| script.refunds.push_back(outcome));
}

pub(crate) fn prepare_lookup(host: &TestHost, answer: Result<RefundLookup, DecisionError>) {
    host.processor.set(|script| script.refund_lookups.push_back(answer));
}

pub(crate) fn refunded() -> Result<RefundOutcome, DecisionError> {
    Ok(RefundOutcome::Refunded("acq_re_1".into()))
}

fn found() -> Result<RefundLookup, DecisionError> {
    Ok(RefundLookup::Found(RefundOutcome::Refunded("acq_re_1".into())))
}

/// One round of the worker, once the refund is due; returns the refund after it.
pub(crate) async fn round(host: &TestHost, id: &RefundId) -> Refund {
    round_after(host, id, Duration::from_secs(600)).await
}

async fn round_after(host: &TestHost, id: &RefundId, pause: Duration) -> Refund {
    host.clock.advance(pause);
    assert_eq!(host.payments.recovery().run_once().await, 1, "the refund is due");
    stored(host, id).await
}

pub(crate) async fn stored(host: &TestHost, id: &RefundId) -> Refund {
    host.store.refund(id).await.unwrap().unwrap()
}

async fn refunds(host: &TestHost, order: &Order) -> Vec<Refund> {
    let filter = RefundFilter::of_order(&merchant(), &order.id);
    host.store.list_refunds(&filter).await.unwrap()
}

async fn messages_of(host: &TestHost, kind: MessageKind) -> usize {
    let filter = MessageFilter {
        kind: Some(kind),
        limit: 100,
        ..MessageFilter::default()
    };
    host.store.list_messages(&filter).await.unwrap().len()
}

async fn discrepancies(host: &TestHost) -> Vec<DiscrepancyKind> {
    let found = host.store.list_discrepancies(100).await.unwrap();
    found.into_iter().map(|found| found.kind).collect()
}

/// Every call and lookup was the same operation, under the same key.
fn assert_one_operation(host: &TestHost, id: &RefundId) {
    for (_, operation, key) in host.processor.read(|script| script.reversals.clone()) {
        assert_eq!((operation, key), (id.to_string(), format!("refund:{id}")));
    }
}
