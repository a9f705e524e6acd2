//! What the processor reports of a refund by itself: a success counts, and anything else is looked up.

use tillhouse_checkout::decision::{ProcessorEvent, ProcessorReport, ProcessorWebhook, ReportedAmount, WebhookReading};
use tillhouse_checkout::refund::RefundStatus;

use super::*;
use crate::testing::unavailable;

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

#[tokio::test]
async fn an_event_that_names_no_reference_settles_nothing() {
    let (host, order) = sold().await;
    let id = pending(&host, &order).await;
    prepare_lookup(&host, Ok(RefundLookup::Found(RefundOutcome::Pending(String::new()))));
    let nameless = event("ev_1", id.as_str(), 300, RefundOutcome::Refunded(String::new()));
    assert_eq!(receive(&host, nameless).await, 1);
    let refund = stored(&host, &id).await;
    assert_eq!(
        (refund.status(), refund.state.reference()),
        (RefundStatus::Pending, Some("acq_re_1")),
        "the reference that was known stays"
    );
}

#[tokio::test]
async fn an_event_that_names_the_refund_of_another_is_kept_with_what_it_led_to() {
    let (host, order) = sold().await;
    let first = pending(&host, &order).await;
    prepare_lookup(&host, found());
    round(&host, &first).await;
    let second = ask(&host, &order, "R2", 300).await.unwrap().refund.id;
    prepare(&host, Ok(RefundOutcome::Pending("acq_re_2".into())));
    round(&host, &second).await;
    let confused = event("ev_1", second.as_str(), 300, RefundOutcome::Refunded("acq_re_1".into()));
    assert_eq!(receive(&host, confused.clone()).await, 1);
    assert_eq!(stored(&host, &second).await.status(), RefundStatus::NeedsReview);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::ReferenceSeen]);
    prepare_lookup(&host, Ok(RefundLookup::Found(RefundOutcome::Unknown)));
    assert_eq!(receive(&host, confused).await, 0, "it is in the inbox");
}
