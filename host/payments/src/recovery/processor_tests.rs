//! Webhooks of the processor: which settle an attempt, and what is kept of the others.

mod unexpected_charges;

use tillhouse_checkout::attempt::{Attempt, AttemptState, AttemptStatus, WireEvidence};
use tillhouse_checkout::decision::{
    CaptureOutcome, ChargeOutcome, Dispute, ProcessorEvent, ProcessorReport, ProcessorWebhook, RefundOutcome,
    ReportedAmount, WebhookReading, WebhookReply,
};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::ids::{AttemptId, ProcessorReference, SessionId};
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::operation::HandledWebhook;
use tillhouse_checkout::outbox::MessageKind;
use tillhouse_checkout::ports::{MessageFilter, OperatorQueries, Store as _};

use crate::testing::{START, TestHost, completion, merchant, usd};

fn event(id: &str, report: ProcessorReport) -> ProcessorEvent {
    ProcessorEvent {
        id: id.into(),
        reference: Some("pa_1".into()),
        processor_reference: Some("ch_1".into()),
        amount: None,
        report,
    }
}

fn amount(minor: i64) -> Option<ReportedAmount> {
    Some(ReportedAmount {
        minor,
        currency: "USD".into(),
    })
}

fn dispute() -> ProcessorReport {
    dispute_that_is("needs_response")
}

fn dispute_that_is(status: &str) -> ProcessorReport {
    ProcessorReport::Dispute(Dispute {
        reference: "dp_1".into(),
        status: status.into(),
        reason: Some("fraudulent".into()),
    })
}

fn declined() -> ProcessorReport {
    ProcessorReport::Charge(ChargeOutcome::Declined {
        code: "do_not_honor".into(),
        retryable: false,
    })
}

/// A host with an attempt whose charge is being reversed: no event decides it.
async fn with_decided_attempt() -> TestHost {
    let host = TestHost::start();
    host.with_attempt(AttemptState::Voiding {
        charge: ProcessorReference::new("ch_1"),
        reason: "no order".into(),
    })
    .await;
    host
}

async fn handled(host: &TestHost, reading: WebhookReading) -> HandledWebhook {
    host.processor.set(|script| script.readings.push_back(reading));
    let webhook = ProcessorWebhook {
        headers: Vec::new(),
        body: Vec::new(),
    };
    host.payments
        .recovery()
        .handle_webhook(&merchant(), webhook)
        .await
        .unwrap()
}

async fn handled_events(host: &TestHost, events: Vec<ProcessorEvent>) -> usize {
    handled(host, WebhookReading { events, reply: None }).await.fresh
}

async fn inbox(host: &TestHost) -> Vec<InboxEvent> {
    let kept = host
        .store
        .list_events(&EventSource::Processor(merchant()), 0, 100)
        .await
        .unwrap();
    kept.into_iter().map(|(_, event)| event).collect()
}

async fn discrepancies(host: &TestHost) -> Vec<Discrepancy> {
    host.store.list_discrepancies(100).await.unwrap()
}

#[tokio::test]
async fn the_processor_gets_the_response_that_its_plugin_made() {
    let host = TestHost::start();
    let reply = WebhookReply {
        status: 202,
        content_type: "text/plain".into(),
        body: b"[accepted]".to_vec(),
    };
    let reading = WebhookReading {
        events: vec![event("e1", ProcessorReport::Other("report_available".into()))],
        reply: Some(reply.clone()),
    };
    let first = handled(&host, reading.clone()).await;
    assert_eq!((first.fresh, first.reply), (1, Some(reply.clone())));
    let again = handled(&host, reading).await;
    assert_eq!(
        (again.fresh, again.reply),
        (0, Some(reply)),
        "a repeated webhook is acknowledged as well"
    );
}

#[tokio::test]
async fn what_is_not_the_outcome_of_our_charge_is_kept_once_under_its_kind() {
    let host = with_decided_attempt().await;
    let elsewhere = ProcessorEvent {
        reference: None,
        ..event("e5", declined())
    };
    let events = vec![
        event("e1", ProcessorReport::Refund(RefundOutcome::Refunded("re_1".into()))),
        event("e2", ProcessorReport::Capture(CaptureOutcome::Captured)),
        event("e3", dispute()),
        event("e4", ProcessorReport::Other("report_available".into())),
        elsewhere,
    ];
    assert_eq!(handled_events(&host, events.clone()).await, 5);
    assert_eq!(handled_events(&host, events).await, 0);
    let kept = inbox(&host).await;
    let kinds: Vec<_> = kept
        .iter()
        .map(|event| (event.id.as_str(), event.kind.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("e1", "refund"),
            ("e2", "capture"),
            ("e3", "dispute"),
            ("e4", "other"),
            ("e5", "payment")
        ]
    );
    let refund: serde_json::Value = serde_json::from_str(&kept[0].payload).unwrap();
    assert_eq!(
        refund["report"],
        serde_json::json!({"outcome": "refunded", "refund": "re_1"})
    );
    assert_eq!(
        (&refund["reference"], &refund["processor_reference"]),
        (&"pa_1".into(), &"ch_1".into())
    );
    assert_eq!(
        host.attempt(&AttemptId::new("pa_1")).await.status(),
        AttemptStatus::Voiding
    );
}

#[tokio::test]
async fn each_status_of_a_dispute_is_left_to_an_operator_once() {
    let host = with_decided_attempt().await;
    let opened = ProcessorEvent {
        amount: amount(4598),
        ..event("e1", dispute())
    };
    let reported_again = ProcessorEvent {
        id: "e2".into(),
        ..opened.clone()
    };
    assert_eq!(handled_events(&host, vec![opened, reported_again]).await, 2);
    let expected = Discrepancy {
        merchant: merchant(),
        kind: DiscrepancyKind::Disputed,
        subject: "dp_1 needs_response".into(),
        attempt: Some(AttemptId::new("pa_1")),
        detail: "dispute dp_1 of charge ch_1 over 45.98 USD is needs_response, because of fraudulent".into(),
        found: START,
    };
    assert_eq!(discrepancies(&host).await, [expected]);

    assert_eq!(
        handled_events(&host, vec![event("e3", dispute_that_is("lost"))]).await,
        1
    );
    let [_, lost] = discrepancies(&host).await.try_into().unwrap();
    assert_eq!(
        (lost.subject.as_str(), lost.detail.as_str()),
        (
            "dp_1 lost",
            "dispute dp_1 of charge ch_1 is lost, because of fraudulent"
        )
    );
}

#[tokio::test]
async fn a_dispute_of_an_order_is_in_the_order_and_is_reported_to_the_issuer_of_the_token() {
    let host = TestHost::start();
    host.with_order(1, 1, usd(4598)).await;
    let named_by_charge = |id: &str, status: &str| ProcessorEvent {
        reference: None,
        amount: amount(1000),
        ..event(id, dispute_that_is(status))
    };
    let opened = named_by_charge("e1", "needs_response");
    let lost = named_by_charge("e2", "lost");
    let late = named_by_charge("e3", "under_review");
    for event in [opened.clone(), opened, lost, late] {
        handled_events(&host, vec![event]).await;
    }
    let order = host
        .store
        .order(&merchant(), &SessionId::new("cs_1"))
        .await
        .unwrap()
        .unwrap();
    let [dispute] = order.progress.adjustments.clone().try_into().unwrap();
    assert_eq!(
        (dispute.kind.as_str(), dispute.status.as_str()),
        ("dispute", "completed")
    );
    assert_eq!(
        (dispute.code.as_deref(), dispute.amount),
        (Some("lost"), Some(usd(1000)))
    );
    assert_eq!(order.refunded(), usd(0), "the merchant has refunded nothing");
    let filter = MessageFilter {
        kind: Some(MessageKind::ReportDispute),
        limit: 10,
        ..MessageFilter::default()
    };
    let reports = host.store.list_messages(&filter).await.unwrap();
    assert_eq!(reports.len(), 2, "opened and lost: {reports:#?}");
}

#[tokio::test]
async fn a_dispute_of_a_payment_that_is_not_ours_is_left_to_an_operator_as_well() {
    let host = TestHost::start();
    for (id, reference) in [("e1", None), ("e2", Some("pa_unknown".to_owned()))] {
        let mut stranger = event(id, dispute());
        stranger.reference = reference;
        assert_eq!(handled_events(&host, vec![stranger]).await, 1);
    }
    let [found] = discrepancies(&host).await.try_into().unwrap();
    assert_eq!((found.subject.as_str(), found.attempt), ("dp_1 needs_response", None));
}

/// A host with an attempt of 10.00 USD whose outcome is unknown.
async fn with_unknown_outcome() -> (TestHost, Attempt) {
    let host = TestHost::start();
    let no_answer = (ChargeOutcome::Unknown(None), WireEvidence::FullRequest);
    host.processor.set(|script| script.charges.push_back(no_answer));
    let id = host.session().await;
    host.complete(completion(&id)).await.unwrap();
    let [unknown] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(unknown.status(), AttemptStatus::Unknown);
    (host, unknown)
}

/// An event that approves the amount due, and is itself about `reported`.
fn approval(of: &Attempt, reported: Option<ReportedAmount>) -> ProcessorEvent {
    let approved = ChargeOutcome::Approved {
        processor_reference: "ch_1".into(),
        minor: 1000,
        currency: "usd".into(),
        captured: true,
    };
    ProcessorEvent {
        reference: Some(of.reference.clone()),
        amount: reported,
        ..event("e1", ProcessorReport::Charge(approved))
    }
}

#[tokio::test]
async fn an_approval_of_the_amount_due_settles_an_unknown_outcome() {
    let (host, unknown) = with_unknown_outcome().await;
    let approval = approval(&unknown, amount(1000));
    assert_eq!(handled_events(&host, vec![approval]).await, 1);
    assert_eq!(host.attempt(&unknown.id).await.status(), AttemptStatus::Approved);
    assert!(discrepancies(&host).await.is_empty());
    let [kept] = inbox(&host).await.try_into().unwrap();
    assert_eq!((kept.kind.as_str(), kept.payload), ("payment", unknown.reference));
}

#[tokio::test]
async fn an_approval_whose_event_is_about_another_amount_settles_nothing() {
    let (host, unknown) = with_unknown_outcome().await;
    let contradictory = approval(&unknown, amount(100));
    assert_eq!(handled_events(&host, vec![contradictory]).await, 1);
    assert_eq!(host.attempt(&unknown.id).await.status(), AttemptStatus::Unknown);
    let [found] = discrepancies(&host).await.try_into().unwrap();
    assert_eq!(
        (found.kind, found.detail.as_str()),
        (
            DiscrepancyKind::AmountDiffers,
            "event e1 is about 1.00 USD where 10.00 USD was due"
        )
    );
}

#[tokio::test]
async fn an_outcome_of_another_amount_leaves_a_discrepancy_and_is_handled_as_before() {
    let host = with_decided_attempt().await;
    for (id, reported, count) in [("e1", amount(4598), 0), ("e2", amount(4597), 1), ("e3", amount(1), 1)] {
        let outcome = ProcessorEvent {
            amount: reported,
            ..event(id, declined())
        };
        assert_eq!(handled_events(&host, vec![outcome]).await, 1);
        assert_eq!(discrepancies(&host).await.len(), count, "{id}");
    }
    let [found] = discrepancies(&host).await.try_into().unwrap();
    assert_eq!(
        (found.kind, found.subject.as_str()),
        (DiscrepancyKind::AmountDiffers, "pa_1")
    );
    assert_eq!(found.detail, "event e2 is about 45.97 USD where 45.98 USD was due");
    let payloads: Vec<_> = inbox(&host).await.into_iter().map(|event| event.payload).collect();
    assert_eq!(payloads, ["pa_1"; 3]);
}
