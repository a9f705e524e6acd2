//! What is asked for: durable before it is sent, once under its name, and never more than was captured.

use tillhouse_checkout::decision::LineUnits;
use tillhouse_checkout::ids::OrderId;
use tillhouse_checkout::refund::{RefundBalanceError, RefundStatus};

use super::*;

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
    // Both are sent at once, in either order.
    for _ in 0..2 {
        prepare(&host, Ok(RefundOutcome::Declined("too_late".into())));
    }
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
