//! Reversals that end by an event of the processor.

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::decision::{
    ChargeOutcome, ProcessorEvent, ProcessorReport, ProcessorWebhook, RefundOutcome, ReportedAmount, VoidOutcome,
    WebhookReading,
};

use super::{round, voiding};
use crate::testing::{TestHost, merchant};

fn voided_by_event() -> ProcessorReport {
    ProcessorReport::Charge(ChargeOutcome::Declined {
        code: "voided".into(),
        retryable: false,
    })
}

fn refunded_by_event() -> ProcessorReport {
    ProcessorReport::Refund(RefundOutcome::Refunded("re_1".into()))
}

/// Hands the host an event about the charge of the attempt; returns how many events were new.
async fn reported(host: &TestHost, charge: &str, minor: Option<i64>, report: ProcessorReport) -> usize {
    let event = ProcessorEvent {
        id: "evt_1".into(),
        reference: Some("pa_1".into()),
        processor_reference: Some(charge.into()),
        amount: minor.map(|minor| ReportedAmount {
            minor,
            currency: "USD".into(),
        }),
        report,
    };
    let events = vec![event];
    host.processor
        .set(|script| script.readings.push_back(WebhookReading { events, reply: None }));
    let webhook = ProcessorWebhook {
        headers: Vec::new(),
        body: Vec::new(),
    };
    let handled = host.payments.recovery().handle_webhook(&merchant(), webhook).await;
    handled.unwrap().fresh
}

#[tokio::test]
async fn a_reversal_that_was_only_acknowledged_ends_by_the_event_of_its_outcome() {
    for (report, how) in [
        (voided_by_event(), "voided"),
        (refunded_by_event(), "refunded with re_1"),
    ] {
        let (host, id) = voiding(true, true).await;
        host.processor
            .set(|script| script.voids.push_back(Ok(VoidOutcome::Unknown)));
        assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voiding);
        let amount = host.attempt(&id).await.amount.amount.minor();
        assert_eq!(reported(&host, "ch_1", Some(amount), report.clone()).await, 1);
        let ended = host.attempt(&id).await;
        assert_eq!((ended.status(), ended.reason()), (AttemptStatus::Voided, Some(how)));
        assert_eq!(reported(&host, "ch_1", Some(amount), report).await, 0, "sent again");
    }
}

#[tokio::test]
async fn an_event_of_another_charge_or_amount_or_before_the_call_ends_no_reversal() {
    for (calls, charge, minor) in [(true, "ch_2", None), (true, "ch_1", Some(1)), (false, "ch_1", None)] {
        let (host, id) = voiding(true, true).await;
        if calls {
            host.processor
                .set(|script| script.voids.push_back(Ok(VoidOutcome::Unknown)));
            round(&host, &id).await;
        }
        for report in [voided_by_event(), refunded_by_event()] {
            reported(&host, charge, minor, report).await;
            let attempt = host.attempt(&id).await;
            assert_eq!(attempt.status(), AttemptStatus::Voiding, "{calls} {charge} {minor:?}");
        }
    }
}

#[tokio::test]
async fn an_event_of_a_refund_without_a_reference_ends_no_reversal() {
    let (host, id) = voiding(true, true).await;
    host.processor
        .set(|script| script.voids.push_back(Ok(VoidOutcome::Unknown)));
    round(&host, &id).await;
    let unnamed = ProcessorReport::Refund(RefundOutcome::Refunded(String::new()));
    reported(&host, "ch_1", None, unnamed).await;
    assert_eq!(host.attempt(&id).await.status(), AttemptStatus::Voiding);
}
