//! Changes of a session that is held, and holds instead of others: where they are refused, what is held stays held.

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::RiskDecision;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::outside_payment::HoldRequest;
use tillhouse_checkout::ports::DecisionError;

use super::sessions::with_two;
use super::{body, paid, question, session_id, with_hold};
use crate::testing::{TestHost, address, recorder, usd};

/// A question that changes the tax: 19 % are due in Germany.
fn german(expected: Option<Money>) -> HoldRequest {
    HoldRequest {
        billing: Some(address("DE")),
        expected,
        ..question(&session_id())
    }
}

async fn assert_untouched(host: &TestHost, why: &str) {
    let attempts = host.attempts(&session_id()).await;
    assert_eq!(
        (host.state().await, attempts.len(), attempts[0].status()),
        ("held", 1, AttemptStatus::Awaiting),
        "{why}"
    );
    let session = host.held().await;
    assert_eq!((session.total(), session.revision), (usd(1000), 2), "{why}");
}

#[tokio::test]
async fn a_change_that_is_refused_releases_nothing() {
    let host = with_hold().await;
    let unavailable = DecisionError::Unavailable {
        plugin: "shop".into(),
        function: "pricing.price",
        retry_after: None,
    };
    let outside = host.payments.outside();
    host.shop.set(|shop| shop.failure = Some(unavailable));
    let answer = Box::pin(outside.upsert(with_two(), recorder())).await;
    assert!(matches!(answer, Err(CheckoutError::Decision(_))), "{answer:?}");
    assert_untouched(&host, "the plugin has no answer").await;
    host.shop.set(|shop| {
        shop.failure = None;
        shop.catalog = vec![None];
    });
    let answer = Box::pin(outside.upsert(with_two(), recorder())).await;
    assert!(matches!(answer, Err(CheckoutError::UnknownItem { .. })), "{answer:?}");
    assert_untouched(&host, "the item is gone").await;
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.placed().await.total, usd(1000));
}

#[tokio::test]
async fn a_hold_instead_of_another_that_is_refused_releases_nothing() {
    let host = with_hold().await;
    let refused = host.hold(german(None)).await;
    assert!(
        matches!(refused, Err(CheckoutError::TotalChanged { shown, now }) if (shown, now) == (usd(1000), usd(1190))),
        "{refused:?}"
    );
    assert_untouched(&host, "it was not shown the tax").await;
    let refused = host.hold(german(Some(usd(1180)))).await;
    assert!(
        matches!(refused, Err(CheckoutError::TotalChanged { .. })),
        "{refused:?}"
    );
    assert_untouched(&host, "it takes another amount").await;
    host.shop.set(|shop| shop.risk = RiskDecision::Block("no".into()));
    let refused = host.hold(german(Some(usd(1190)))).await;
    assert!(matches!(refused, Err(CheckoutError::Declined { .. })), "{refused:?}");
    assert_untouched(&host, "the risk rules refuse it").await;
    host.shop.set(|shop| shop.risk = RiskDecision::Allow);
    host.sell_out();
    let refused = host.hold(german(Some(usd(1190)))).await;
    assert!(matches!(refused, Err(CheckoutError::LimitReached)), "{refused:?}");
    assert_untouched(&host, "a counter is used up").await;
    host.restock();
    assert_eq!(body(&host.hold(german(Some(usd(1190)))).await.unwrap()), "held");
    let attempts = host.attempts(&session_id()).await;
    let seen: Vec<_> = attempts.iter().map(|it| (it.status(), it.amount)).collect();
    let expected = [(AttemptStatus::Failed, usd(1000)), (AttemptStatus::Awaiting, usd(1190))];
    assert_eq!(seen, expected);
    assert_eq!(attempts[0].order, attempts[1].order, "the order that was shown stays");
}

#[tokio::test]
async fn a_quote_of_a_held_session_says_what_the_change_would_cost_and_stores_nothing() {
    let host = with_hold().await;
    let outside = host.payments.outside();
    let proposed = Box::pin(outside.quote(with_two(), &Deadline::default())).await.unwrap();
    assert_eq!(proposed.total(), usd(2000));
    assert_untouched(&host, "only asked").await;
}
