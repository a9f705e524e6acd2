//! What becomes of a refund, whatever the processor answers and wherever the host stops: the money goes back once.

use std::time::Duration;

use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::decision::{
    LineUnits, ProcessorCapabilities, ProcessorEvent, ProcessorReport, ProcessorWebhook, RefundLookup, RefundOutcome,
    ReportedAmount, WebhookReading,
};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::{OrderId, SessionId};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::outbox::MessageKind;
use tillhouse_checkout::ports::{
    DecisionError, MessageFilter, OperatorQueries as _, RefundFilter, RefundQueue as _, Store as _,
};
use tillhouse_checkout::refund::{Refund, RefundBalanceError, RefundStatus};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::manual_settlement::{KnownRefund, SettleRefundError};
use super::*;
use crate::testing::{
    START, TestHost, completion, merchant, profile, profile_without_key, unavailable, unsupported, usd,
};

/// A host with an order that was paid, at a processor that refunds.
async fn sold() -> (TestHost, Order) {
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

async fn ask(host: &TestHost, order: &Order, name: &str, minor: i64) -> Result<AskedRefund, AskRefundError> {
    let request = request(order, name, Some(usd(minor)));
    host.payments.refunding().ask(request, entry).await
}

fn prepare(host: &TestHost, outcome: Result<RefundOutcome, DecisionError>) {
    host.processor.set(|script| script.refunds.push_back(outcome));
}

fn prepare_lookup(host: &TestHost, answer: Result<RefundLookup, DecisionError>) {
    host.processor.set(|script| script.refund_lookups.push_back(answer));
}

fn refunded() -> Result<RefundOutcome, DecisionError> {
    Ok(RefundOutcome::Refunded("acq_re_1".into()))
}

fn found() -> Result<RefundLookup, DecisionError> {
    Ok(RefundLookup::Found(RefundOutcome::Refunded("acq_re_1".into())))
}

/// One round of the worker, once the refund is due; returns the refund after it.
async fn round(host: &TestHost, id: &RefundId) -> Refund {
    round_after(host, id, Duration::from_secs(600)).await
}

async fn round_after(host: &TestHost, id: &RefundId, pause: Duration) -> Refund {
    host.clock.advance(pause);
    assert_eq!(host.payments.recovery().run_once().await, 1, "the refund is due");
    stored(host, id).await
}

async fn stored(host: &TestHost, id: &RefundId) -> Refund {
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

#[tokio::test]
async fn what_was_asked_is_durable_first_then_sent_once_and_done() {
    let (host, order) = sold().await;
    let asked = ask(&host, &order, "R1", 300).await.unwrap();
    assert!(asked.is_new);
    assert_eq!(stored(&host, &asked.refund.id).await.status(), RefundStatus::Asked);
    assert!(host.processor.reversals().is_empty(), "nothing is sent before that");
    prepare(&host, refunded());
    let done = round(&host, &asked.refund.id).await;
    assert_eq!(
        (done.status(), done.state.reference()),
        (RefundStatus::Done, Some("acq_re_1"))
    );
    assert_eq!(host.processor.reversals(), ["refund"]);
    assert_one_operation(&host, &done.id);
    assert_eq!(messages_of(&host, MessageKind::ReportRefund).await, 1);
    host.clock.advance(Duration::from_secs(3600));
    assert_eq!(host.payments.recovery().run_once().await, 0, "it is over");
}

#[tokio::test]
async fn the_same_name_never_refunds_twice() {
    let (host, order) = sold().await;
    let first = ask(&host, &order, "R1", 300).await.unwrap();
    let again = ask(&host, &order, "R1", 300).await.unwrap();
    assert_eq!((again.is_new, &again.refund.id), (false, &first.refund.id));
    let other = ask(&host, &order, "R1", 301).await;
    assert!(matches!(other, Err(AskRefundError::Differs(_))), "{other:?}");
    prepare(&host, refunded());
    round(&host, &first.refund.id).await;
    let without_amount = request(&order, "R1", None);
    let once_more = host.payments.refunding().ask(without_amount, entry).await.unwrap();
    assert_eq!(
        (once_more.is_new, once_more.refund.status()),
        (false, RefundStatus::Done)
    );
    assert_eq!(host.payments.recovery().run_once().await, 0);
    assert_eq!(host.processor.reversals(), ["refund"]);
}

#[tokio::test]
async fn no_more_goes_back_than_was_captured() {
    let (host, order) = sold().await;
    let all = order.total.amount.minor();
    let first = ask(&host, &order, "R1", all - 100).await.unwrap();
    let more = ask(&host, &order, "R2", 101).await;
    assert!(
        matches!(more, Err(AskRefundError::Amount(RefundBalanceError::Exceeded { left, .. })) if left == usd(100)),
        "{more:?}"
    );
    let rest = host.payments.refunding().ask(request(&order, "R2", None), entry).await;
    assert_eq!(rest.unwrap().refund.amount, usd(100), "all that is left");
    let nothing = host.payments.refunding().ask(request(&order, "R3", None), entry).await;
    assert!(matches!(
        nothing,
        Err(AskRefundError::Amount(RefundBalanceError::NothingLeft { .. }))
    ));
    prepare(&host, Ok(RefundOutcome::Declined("too_late".into())));
    prepare(&host, Ok(RefundOutcome::Refunded("acq_re_2".into())));
    host.payments.recovery().run_once().await;
    assert_eq!(stored(&host, &first.refund.id).await.status(), RefundStatus::Declined);
    let freed = ask(&host, &order, "R4", all - 100).await;
    assert!(freed.unwrap().is_new, "what was declined can be refunded again");
}

#[tokio::test]
async fn two_requests_at_once_cannot_exceed_it_together() {
    let (host, order) = sold().await;
    let all = order.total.amount.minor();
    let mut asking = tokio::task::JoinSet::new();
    for at in 0..8 {
        let refunding = host.payments.refunding().clone();
        let request = request(&order, &format!("R{at}"), Some(usd(all / 2)));
        asking.spawn(async move { refunding.ask(request, entry).await.is_ok() });
    }
    let accepted = asking
        .join_all()
        .await
        .into_iter()
        .filter(|is_accepted| *is_accepted)
        .count();
    assert_eq!((accepted, refunds(&host, &order).await.len()), (2, 2));
}

#[tokio::test]
async fn what_the_processor_cannot_do_is_refused_at_once() {
    let (host, order) = sold().await;
    host.processor
        .set(|script| script.capabilities = ProcessorCapabilities::default());
    let refused = ask(&host, &order, "R1", 100).await.unwrap_err();
    assert!(refused.to_string().contains("payments-refund"), "{refused}");
    let absent = RefundRequest {
        order: OrderId::new("ord_other"),
        ..request(&order, "R1", None)
    };
    let absent = host.payments.refunding().ask(absent, entry).await;
    assert!(matches!(absent, Err(AskRefundError::Absent { .. })), "{absent:?}");
    assert_eq!(refunds(&host, &order).await, []);
}

#[tokio::test]
async fn lines_and_texts_are_those_of_the_order_and_well_formed() {
    let (host, order) = sold().await;
    let units = |line: &str, quantity| LineUnits {
        line: line.into(),
        quantity,
    };
    let bought = host.stored(&order.session).await.cart.lines[0].id.to_string();
    for (lines, amount, why) in [
        (vec![units("other", 1)], Some(usd(100)), "no line other"),
        (vec![units(&bought, 2)], Some(usd(100)), "write 1 to 1"),
        (vec![units(&bought, 0)], Some(usd(100)), "write 1 to 1"),
        (
            vec![units(&bought, 1), units(&bought, 1)],
            Some(usd(100)),
            "named twice",
        ),
        (vec![units(&bought, 1)], None, "--amount"),
    ] {
        let request = RefundRequest {
            lines,
            ..request(&order, "R1", amount)
        };
        let refused = host.payments.refunding().ask(request, entry).await.unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
    }
    for (name, reason, code) in [
        ("", "ok", "ok"),
        ("R 1", "ok", "ok"),
        ("R1", "\u{7}", "ok"),
        ("R1", "ok", "a b"),
    ] {
        let request = RefundRequest {
            reason: Some(reason.into()),
            code: Some(code.into()),
            ..request(&order, name, Some(usd(100)))
        };
        let refused = host.payments.refunding().ask(request, entry).await;
        assert!(matches!(refused, Err(AskRefundError::Invalid(..))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_call_without_an_answer_is_looked_up_and_not_made_again() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Err(unavailable()));
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Unknown);
    prepare_lookup(&host, Err(unavailable()));
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Unknown);
    prepare_lookup(&host, found());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(host.processor.reversals(), ["refund", "lookup-refund", "lookup-refund"]);
    assert_one_operation(&host, &id);
}

#[tokio::test]
async fn what_the_processor_certainly_does_not_know_is_made_again_under_the_same_key() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Ok(RefundOutcome::Unknown));
    round(&host, &id).await;
    // Within the visibility delay, absence proves nothing.
    prepare_lookup(&host, Ok(RefundLookup::Absent));
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Unknown);
    prepare_lookup(&host, Ok(RefundLookup::Absent));
    prepare(&host, refunded());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(
        host.processor.reversals(),
        ["refund", "lookup-refund", "lookup-refund", "refund"]
    );
    assert_one_operation(&host, &id);
}

#[tokio::test]
async fn without_a_key_that_is_kept_it_is_for_an_operator() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Ok(RefundOutcome::Unknown));
    round(&host, &id).await;
    host.processor
        .set(|script| script.profile = Some(profile_without_key()));
    prepare_lookup(&host, Ok(RefundLookup::Absent));
    let review = round_after(&host, &id, Duration::from_secs(1800)).await;
    assert_eq!(review.status(), RefundStatus::NeedsReview);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::RefundUnknown]);
    // The processor may still find it.
    prepare_lookup(&host, found());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
}

#[tokio::test]
async fn a_host_that_stopped_during_the_call_looks_it_up_first() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    // As if the process had ended between the commit and the answer.
    let holder = host.payments.recovery().holder();
    let leased = host.store.lease_refund(&holder, &id).await.unwrap();
    let sent = leased.unwrap().sent(START);
    let unit = UnitOfWork {
        refund: Some(sent),
        ..UnitOfWork::default()
    };
    host.store.commit(unit).await.unwrap();
    let host = host.restarted().await;
    can_refund(&host);
    prepare_lookup(&host, found());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(host.processor.reversals(), ["lookup-refund"]);
}

#[tokio::test]
async fn another_host_cannot_write_what_this_one_has_leased() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    let holder = host.payments.recovery().holder();
    let former = host.store.lease_refund(&holder, &id).await.unwrap().unwrap();
    assert_eq!(
        host.store.lease_refund(&holder, &id).await.unwrap(),
        None,
        "it is leased"
    );
    let host = host.restarted().await;
    can_refund(&host);
    prepare(&host, refunded());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    let late = UnitOfWork {
        refund: Some(former.sent(START)),
        ..UnitOfWork::default()
    };
    assert!(host.store.commit(late).await.is_err());
}

#[tokio::test]
async fn an_hour_without_an_outcome_needs_an_operator_who_can_settle_it() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Err(unavailable()));
    round(&host, &id).await;
    prepare_lookup(&host, Err(unsupported()));
    host.processor.set(|script| script.profile = None);
    let review = round_after(&host, &id, Duration::from_secs(3700)).await;
    assert_eq!(review.status(), RefundStatus::NeedsReview);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::RefundUnknown]);
    let known = KnownRefund::Refunded("acq_re_7".into());
    let settled = host
        .payments
        .refunding()
        .settle_manually(&id, known.clone(), entry)
        .await;
    let settled = settled.unwrap();
    assert_eq!(
        (settled.status(), settled.state.reference()),
        (RefundStatus::Done, Some("acq_re_7"))
    );
    let again = host.payments.refunding().settle_manually(&id, known, entry).await;
    assert!(
        matches!(again, Err(SettleRefundError::NotSettleable { .. })),
        "{again:?}"
    );
    assert_eq!(messages_of(&host, MessageKind::ReportRefund).await, 1);
}

#[tokio::test]
async fn an_operator_frees_the_money_of_a_refund_that_was_not_made() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Ok(RefundOutcome::Unknown));
    round(&host, &id).await;
    let settled = host
        .payments
        .refunding()
        .settle_manually(&id, KnownRefund::NotRefunded, entry);
    assert_eq!(settled.await.unwrap().status(), RefundStatus::Declined);
    let all = host.payments.refunding().ask(request(&order, "R2", None), entry).await;
    assert_eq!(all.unwrap().refund.amount, order.total);
    assert_eq!(messages_of(&host, MessageKind::ReportRefund).await, 0);
}

#[tokio::test]
async fn one_reference_of_the_processor_is_one_refund() {
    let (host, order) = sold().await;
    let first = ask(&host, &order, "R1", 100).await.unwrap().refund.id;
    prepare(&host, refunded());
    round(&host, &first).await;
    let second = ask(&host, &order, "R2", 100).await.unwrap().refund.id;
    prepare(&host, refunded());
    assert_eq!(round(&host, &second).await.status(), RefundStatus::NeedsReview);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::ReferenceSeen]);
}

async fn receive(host: &TestHost, event: ProcessorEvent) -> u32 {
    host.processor.set(|script| {
        script.readings.push_back(WebhookReading {
            events: vec![event],
            reply: None,
        });
    });
    let webhook = ProcessorWebhook {
        headers: Vec::new(),
        body: Vec::new(),
    };
    let handled = host.payments.recovery().handle_webhook(&merchant(), webhook).await;
    handled.unwrap().fresh.try_into().unwrap()
}

fn event(id: &str, reference: &str, minor: i64, outcome: RefundOutcome) -> ProcessorEvent {
    ProcessorEvent {
        id: id.into(),
        reference: Some(reference.into()),
        processor_reference: Some("ch_1".into()),
        amount: Some(ReportedAmount {
            minor,
            currency: "USD".into(),
        }),
        report: ProcessorReport::Refund(outcome),
    }
}

/// A refund that the processor decides later, under the reference `acq_re_1`.
async fn pending(host: &TestHost, order: &Order) -> RefundId {
    let id = ask(host, order, "R1", 300).await.unwrap().refund.id;
    prepare(host, Ok(RefundOutcome::Pending("acq_re_1".into())));
    assert_eq!(round(host, &id).await.status(), RefundStatus::Pending);
    id
}

#[tokio::test]
async fn a_pending_refund_is_done_by_the_word_of_the_processor_and_once() {
    let (host, order) = sold().await;
    let id = pending(&host, &order).await;
    let done = event(
        "ev_1",
        order.attempt.as_str(),
        300,
        RefundOutcome::Refunded("acq_re_1".into()),
    );
    assert_eq!(receive(&host, done.clone()).await, 1);
    assert_eq!(stored(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(receive(&host, done).await, 0, "the same event");
    assert_eq!(messages_of(&host, MessageKind::ReportRefund).await, 1);
    assert_eq!(host.processor.reversals(), ["refund"], "nobody had to ask");
    let taken_back = event("ev_2", id.as_str(), 300, RefundOutcome::Declined("failed".into()));
    assert_eq!(receive(&host, taken_back).await, 1);
    assert_eq!(stored(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::RefundContradicted]);
}

#[tokio::test]
async fn an_event_alone_never_turns_a_refund_into_a_decline() {
    let (host, order) = sold().await;
    let id = pending(&host, &order).await;
    let declined = |event_id| event(event_id, id.as_str(), 300, RefundOutcome::Declined("failed".into()));
    prepare_lookup(
        &host,
        Ok(RefundLookup::Found(RefundOutcome::Pending("acq_re_1".into()))),
    );
    assert_eq!(receive(&host, declined("ev_1")).await, 1);
    assert_eq!(stored(&host, &id).await.status(), RefundStatus::Pending);
    prepare_lookup(&host, Ok(RefundLookup::Found(RefundOutcome::Declined("failed".into()))));
    assert_eq!(receive(&host, declined("ev_2")).await, 1);
    assert_eq!(stored(&host, &id).await.status(), RefundStatus::Declined);
}

#[tokio::test]
async fn an_event_about_another_amount_or_another_refund_settles_nothing() {
    let (host, order) = sold().await;
    let id = pending(&host, &order).await;
    let less = event("ev_1", id.as_str(), 299, RefundOutcome::Refunded("acq_re_1".into()));
    assert_eq!(receive(&host, less).await, 1);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::AmountDiffers]);
    // Made in the processor's dashboard, with the same amount: only the processor knows whether it is ours.
    prepare_lookup(
        &host,
        Ok(RefundLookup::Found(RefundOutcome::Pending("acq_re_1".into()))),
    );
    let elsewhere = RefundOutcome::Refunded("acq_re_99".into());
    assert_eq!(
        receive(&host, event("ev_2", order.attempt.as_str(), 300, elsewhere)).await,
        1
    );
    assert_eq!(stored(&host, &id).await.status(), RefundStatus::Pending);
    let foreign = event(
        "ev_3",
        "pa_of_another",
        300,
        RefundOutcome::Refunded("acq_re_98".into()),
    );
    assert_eq!(receive(&host, foreign).await, 1, "kept, and nothing else");
    assert_eq!(stored(&host, &id).await.status(), RefundStatus::Pending);
}

#[tokio::test]
async fn a_pending_refund_that_the_processor_forgets_is_not_sent_at_once() {
    let (host, order) = sold().await;
    let id = pending(&host, &order).await;
    prepare_lookup(&host, Ok(RefundLookup::Absent));
    assert_eq!(
        round_after(&host, &id, Duration::from_secs(1800)).await.status(),
        RefundStatus::Unknown
    );
    assert_eq!(host.processor.reversals(), ["refund", "lookup-refund"]);
}

#[tokio::test]
async fn an_event_that_comes_again_once_it_names_its_refund_has_it_looked_up() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Err(unavailable()));
    round(&host, &id).await;
    let done = event(
        "ev_1",
        order.attempt.as_str(),
        300,
        RefundOutcome::Refunded("acq_re_1".into()),
    );
    prepare_lookup(
        &host,
        Ok(RefundLookup::Found(RefundOutcome::Pending("acq_re_1".into()))),
    );
    assert_eq!(receive(&host, done.clone()).await, 1);
    prepare_lookup(&host, found());
    assert_eq!(receive(&host, done).await, 0);
    assert_eq!(stored(&host, &id).await.status(), RefundStatus::Done);
}
