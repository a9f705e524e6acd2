//! Changes of a session that is held, and holds instead of others: where they are refused, what is held stays held.

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::RiskDecision;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest, ResponseRecorder};
use tillhouse_checkout::outside_payment::HoldRequest;
use tillhouse_checkout::ports::{DecisionError, Store as _};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::sessions::with_two;
use super::{body, creation_of, paid, question, session_id, with_hold};
use crate::testing::{TestHost, address, key, recorder, usd};

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

#[tokio::test]
async fn a_change_that_meets_the_change_of_another_buyer_is_made_again() {
    let host = with_hold().await;
    host.shop.set(|shop| shop.stale = 1);
    let outside = host.payments.outside();
    let changed = Box::pin(outside.upsert(with_two(), recorder())).await.unwrap();
    assert_eq!((body(&changed), host.held().await.total()), ("open".into(), usd(2000)));
    host.hold(question(&session_id())).await.unwrap();
    host.shop.set(|shop| shop.stale = 1);
    assert_eq!(body(&host.hold(german(Some(usd(2380)))).await.unwrap()), "held");
}

#[tokio::test]
async fn an_item_of_a_later_catalog_is_held_instead() {
    let host = TestHost::start();
    host.shop.set(|shop| shop.catalog = vec![Some(1000)]);
    host.upsert().await.unwrap();
    host.hold(question(&session_id())).await.unwrap();
    host.shop.set(|shop| shop.catalog = vec![None, Some(1000)]);
    let answer = host.hold(german(Some(usd(1190)))).await.unwrap();
    assert_eq!(
        (body(&answer), host.last_attempt().await.amount),
        ("held".into(), usd(1190))
    );
}

/// A host whose stock is in another system.
async fn with_hold_elsewhere(request: CreateRequest, code_uses: u32) -> TestHost {
    let host = TestHost::start();
    host.shop.set(|shop| {
        shop.stock_elsewhere = true;
        shop.code_uses = Some(code_uses);
    });
    let outside = host.payments.outside();
    Box::pin(outside.upsert(request, recorder())).await.unwrap();
    host.hold(question(&session_id())).await.unwrap();
    host
}

#[tokio::test]
async fn a_change_that_was_answered_before_releases_nothing_of_a_later_hold() {
    let host = with_hold_elsewhere(creation_of(&session_id()), 0).await;
    let before = Reply {
        status: 200,
        body: b"before".to_vec(),
    };
    let answered = UnitOfWork {
        idempotency: Some(key("change").record(before)),
        ..UnitOfWork::default()
    };
    host.store.commit(answered).await.unwrap();
    let repeated = ResponseRecorder {
        key: Some(key("change")),
        ..recorder()
    };
    let outside = host.payments.outside();
    let answer = Box::pin(outside.upsert(with_two(), repeated)).await.unwrap();
    assert!(matches!(answer, CheckoutResponse::Replay(_)), "{answer:?}");
    assert_untouched(&host, "it was answered before").await;
    assert_eq!(host.shop.state().released, []);
}

#[tokio::test]
async fn the_use_of_a_code_that_another_system_counts_for_the_hold_is_there_for_its_change() {
    let with_code = |request: CreateRequest| CreateRequest {
        edit: CartEdit {
            codes: Some(vec!["ONCE".into()]),
            ..request.edit
        },
        ..request
    };
    let host = with_hold_elsewhere(with_code(creation_of(&session_id())), 1).await;
    assert_eq!(
        (host.held().await.total(), host.shop.state().code_uses),
        (usd(900), Some(0))
    );
    let outside = host.payments.outside();
    Box::pin(outside.upsert(with_code(with_two()), recorder()))
        .await
        .unwrap();
    assert_eq!(
        (host.held().await.total(), host.shop.state().code_uses),
        (usd(1900), Some(1))
    );
    host.hold(question(&session_id())).await.unwrap();
    assert_eq!(host.shop.state().code_uses, Some(0));
    host.hold(german(Some(usd(2261)))).await.unwrap();
    let held = host.last_attempt().await.amount;
    assert_eq!((held, host.shop.state().code_uses), (usd(2261), Some(0)));
}
