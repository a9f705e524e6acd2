//! What the report of a refund says to Stripe, and that it says it once.

use std::time::Duration;

use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::outbox::QueuedMessage;
use tillhouse_checkout::payment_token::IssuerName;
use tillhouse_checkout::ports::{DeliveryError, MessageSelection, Store as _, WorkQueue as _};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::super::ReportedOutcome;
use super::*;
use crate::testing::{START, TestHost, event_for};
use crate::token::TokenError;

fn money(minor: i64, code: &str) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new(code).unwrap(),
    }
}

fn report(minor: i64, code: &str) -> RefundReport {
    RefundReport {
        key: "key_1-re_1".into(),
        attempt: AttemptId::new("pa_1"),
        payment: PaymentReport {
            issuer: IssuerName::Stripe,
            key: "key_1".into(),
            token: TokenId::new("spt_1"),
            amount: money(10_000, code),
            initiated: Timestamp(1_000),
            settled: Timestamp(2_000),
            reference: "pa_1".into(),
            outcome: ReportedOutcome::Guaranteed,
            failure_code: None,
            cancel_reason: None,
            sale: None,
        },
        amount: money(minor, code),
        before: Amount::new(300).unwrap(),
        initiated: Timestamp(60_000),
        settled: Timestamp(61_500),
        reference: "re_1".into(),
        failure: None,
        reason: None,
        group: None,
    }
}

#[test]
fn a_refund_is_reported_as_stripe_documents_it() {
    let form = report(1200, "USD").form().unwrap();
    let expected = [
        ("amount[value]", "1200"),
        ("amount[currency]", "usd"),
        ("initiated_at", "60"),
        ("outcome", "refunded"),
        ("refunded[refunded_at]", "61"),
        ("processor_details[type]", "custom"),
        ("processor_details[custom][refund_reference]", "re_1"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn a_refund_that_failed_has_its_reason_and_both_have_their_group() {
    let failed = RefundReport {
        failure: Some(RefundFailure::of_decline("expired_card")),
        reason: RefundReason::of_code("changed_mind"),
        group: Some("ord_1".into()),
        ..report(1200, "USD")
    };
    let form = failed.form().unwrap();
    let value = |name| {
        form.iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(value("outcome"), Some("failed"));
    assert_eq!(value("failed[failed_at]"), Some("61"));
    assert_eq!(value("failed[failure_reason]"), Some("expired_or_canceled_card"));
    assert_eq!(
        (value("reason"), value("refund_group")),
        (Some("requested_by_customer"), Some("ord_1"))
    );
    assert_eq!(value("refunded[refunded_at]"), None);
    assert_eq!(
        failed.refunded_with_it(),
        Ok(money(300, "USD")),
        "the record shows nothing more"
    );
}

#[test]
fn amounts_are_in_stripes_units_and_never_rounded() {
    let value = |minor, code| report(minor, code).form().map(|form| form[0].1.clone());
    assert_eq!(value(5000, "JPY").as_deref(), Ok("5000"));
    assert_eq!(value(5000, "ISK").as_deref(), Ok("500000"));
    assert!(value(5050, "MGA").is_err(), "Stripe counts whole ariary");
}

#[test]
fn a_record_with_the_refund_shows_it_beside_those_before() {
    assert_eq!(report(1200, "USD").refunded_with_it(), Ok(money(1500, "USD")));
}

/// A host with an order that was paid, and whose payment is recorded if `record` says so.
async fn host(record: Option<&str>) -> TestHost {
    let host = TestHost::start();
    host.with_order(1, 1, money(10_000, "USD")).await;
    let payment = OutboxMessage {
        kind: MessageKind::ReportPayment,
        dedupe: "pa_1".into(),
        destination: None,
        ..event_for("", "pa_1", START)
    };
    let unit = UnitOfWork {
        outbox: vec![payment],
        ..UnitOfWork::default()
    };
    host.store.commit(unit).await.unwrap();
    let holder = host.payments.recovery().holder();
    let queued = host
        .store
        .lease_messages(&holder, START, &MessageSelection::of_all(1))
        .await
        .unwrap();
    if let Some(record) = record {
        host.store.mark_reported(&queued[0], START, record).await.unwrap();
    }
    host
}

fn queued() -> QueuedMessage {
    let message = OutboxMessage {
        kind: MessageKind::ReportRefund,
        dedupe: "re_1".into(),
        destination: None,
        payload: serde_json::to_string(&report(1200, "USD")).unwrap(),
        ..event_for("", "re_1", START)
    };
    QueuedMessage {
        id: 7,
        message,
        tries: 0,
        epoch: 0,
    }
}

async fn deliver(host: &TestHost) -> Result<Option<String>, DeliveryError> {
    host.payments.outbox().deliver(&queued(), Duration::from_secs(1)).await
}

fn recorded_keys(host: &TestHost) -> Vec<String> {
    host.tokens.refunds().into_iter().map(|report| report.key).collect()
}

#[tokio::test]
async fn a_refund_waits_for_the_record_of_its_payment_and_is_recorded_once() {
    let waiting = host(None).await;
    let early = deliver(&waiting).await.unwrap_err();
    assert!(early.to_string().contains("not recorded yet"), "{early}");
    let host = host(Some("pr_1")).await;
    for _ in 0..2 {
        assert_eq!(deliver(&host).await, Ok(None));
    }
    assert_eq!(recorded_keys(&host), ["key_1-re_1"], "the record shows that it has it");
}

#[tokio::test]
async fn a_server_error_is_not_asked_for_again_under_its_key() {
    let host = host(Some("pr_1")).await;
    let broken = TokenError::ServerError { detail: "500".into() };
    host.tokens.set(|script| script.refund_answers.push_back(Err(broken)));
    assert_eq!(deliver(&host).await, Ok(None));
    assert_eq!(recorded_keys(&host), ["key_1-re_1-1"]);
}
