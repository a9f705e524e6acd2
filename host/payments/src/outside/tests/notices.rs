//! Webhooks of the processor, in place of the party's own report.

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::decision::{
    ChargeOutcome, ProcessorEvent, ProcessorReport, ProcessorWebhook, ReportedAmount, WebhookReading,
};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::operation::HandledWebhook;
use tillhouse_checkout::outside_payment::OutsidePayment;

use super::{HOLD, paid, session_id, with_hold, with_session};
use crate::testing::{TestHost, merchant};

fn authorisation(reference: &str, outcome: ChargeOutcome, minor: i64) -> ProcessorEvent {
    ProcessorEvent {
        id: format!("evt_{reference}_{minor}"),
        reference: Some(reference.to_owned()),
        processor_reference: Some("psp_1".into()),
        amount: Some(ReportedAmount {
            minor,
            currency: "USD".into(),
        }),
        report: ProcessorReport::Charge(outcome),
    }
}

fn approved(minor: i64) -> ChargeOutcome {
    ChargeOutcome::Approved {
        processor_reference: "psp_1".into(),
        minor,
        currency: "USD".into(),
        captured: false,
    }
}

async fn notify(host: &TestHost, event: ProcessorEvent) -> HandledWebhook {
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
    Box::pin(host.payments.recovery().handle_webhook(&merchant(), webhook))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_webhook_finalizes_a_held_session_by_any_of_its_names() {
    for name in ["attempt", "order", "session"] {
        let host = with_hold().await;
        let attempt = host.last_attempt().await;
        let reference = match name {
            "attempt" => attempt.reference,
            "order" => attempt.order.id,
            _ => session_id().to_string(),
        };
        let event = authorisation(&reference, approved(1000), 1000);
        assert_eq!(notify(&host, event.clone()).await.fresh, 1, "{name}");
        assert_eq!(host.state().await, "completed", "{name}");
        assert_eq!(notify(&host, event).await.fresh, 0, "{name}");
        host.report(paid("psp_1")).await.unwrap();
        assert!(host.discrepancies().await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_webhook_of_a_refused_payment_is_noted_and_the_hold_stays() {
    let host = with_hold().await;
    let refused = ChargeOutcome::Declined {
        code: "refused".into(),
        retryable: true,
    };
    let event = authorisation(session_id().as_str(), refused, 1000);
    assert_eq!(notify(&host, event.clone()).await.fresh, 1);
    assert_eq!(notify(&host, event).await.fresh, 0);
    assert_eq!(
        (host.state().await, host.last_attempt().await.status()),
        ("held", AttemptStatus::Awaiting)
    );
    host.report(paid("psp_2")).await.unwrap();
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn a_webhook_about_another_amount_is_acknowledged_and_for_the_operator() {
    let host = with_hold().await;
    let event = authorisation(session_id().as_str(), approved(900), 900);
    assert_eq!(notify(&host, event.clone()).await.fresh, 1);
    assert_eq!(notify(&host, event).await.fresh, 0);
    assert_eq!(host.kinds().await, [DiscrepancyKind::AmountDiffers]);
    assert_eq!(host.state().await, "held");
}

#[tokio::test]
async fn a_webhook_that_comes_too_late_is_acknowledged_and_for_the_operator() {
    let host = with_hold().await;
    host.clock.advance(HOLD);
    let event = authorisation(session_id().as_str(), approved(1000), 1000);
    assert_eq!(notify(&host, event).await.fresh, 1);
    assert_eq!(
        host.kinds().await,
        [DiscrepancyKind::OutcomeUnknown, DiscrepancyKind::PaidAfterEnd]
    );
    let host = with_session().await;
    host.cancel_held().await.unwrap();
    let event = authorisation(session_id().as_str(), approved(1000), 1000);
    assert_eq!(notify(&host, event).await.fresh, 1);
    assert_eq!(host.kinds().await, [DiscrepancyKind::PaidAfterEnd]);
}

#[tokio::test]
async fn a_webhook_names_a_payment_that_was_reported_without_a_reference() {
    let host = with_hold().await;
    let unreferenced = OutsidePayment {
        reference: None,
        ..paid("")
    };
    host.report(unreferenced).await.unwrap();
    let event = authorisation(session_id().as_str(), approved(1000), 1000);
    assert_eq!(notify(&host, event).await.fresh, 1);
    let attempt = host.last_attempt().await;
    assert_eq!(attempt.processor_reference(), Some(&ProcessorReference::new("psp_1")));
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn a_webhook_that_the_payment_of_an_order_was_voided_is_for_the_operator() {
    let host = with_hold().await;
    host.report(paid("psp_1")).await.unwrap();
    let voided = ChargeOutcome::Declined {
        code: "voided".into(),
        retryable: false,
    };
    let event = authorisation(session_id().as_str(), voided.clone(), 1000);
    let of_another = ProcessorEvent {
        id: "evt_other".into(),
        processor_reference: Some("psp_2".into()),
        ..event.clone()
    };
    assert_eq!(notify(&host, of_another).await.fresh, 1);
    assert!(host.discrepancies().await.is_empty());
    assert_eq!(notify(&host, event.clone()).await.fresh, 1);
    assert_eq!(notify(&host, event).await.fresh, 0);
    assert_eq!(host.kinds().await, [DiscrepancyKind::MissingAtProcessor]);
    assert_eq!(host.state().await, "completed");
}

#[tokio::test]
async fn a_webhook_about_what_is_not_an_amount_is_for_the_operator() {
    let host = with_hold().await;
    let unreadable = ReportedAmount {
        minor: 1000,
        currency: "dollars".into(),
    };
    let event = ProcessorEvent {
        amount: Some(unreadable),
        ..authorisation(session_id().as_str(), approved(1000), 1000)
    };
    assert_eq!(notify(&host, event.clone()).await.fresh, 1);
    assert_eq!(notify(&host, event).await.fresh, 0);
    assert_eq!(host.kinds().await, [DiscrepancyKind::AmountDiffers]);
    assert_eq!(host.state().await, "held");
}
