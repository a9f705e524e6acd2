//! A read tells what has changed, and asks the plugins at most so often.

use std::time::Duration;

use tillhouse_checkout::decision::Rejection;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::message::{MessageSeverity, Subject};
use tillhouse_checkout::operation::CheckoutOperations;
use tillhouse_checkout::ports::DecisionError;
use tillhouse_checkout::session::Session;

use crate::testing::{TestHost, caller, completion, unavailable, usd};

/// The bound of the merchant, and a second more.
const STALE: Duration = Duration::from_secs(61);

async fn read(host: &TestHost, id: &SessionId) -> Session {
    host.api().retrieve(&caller(), id).await.unwrap()
}

fn texts(session: &Session) -> Vec<&str> {
    session.messages().map(|message| message.text.as_str()).collect()
}

fn codes(session: &Session) -> Vec<&str> {
    session
        .messages()
        .filter_map(|message| message.code.as_deref())
        .collect()
}

#[tokio::test]
async fn a_read_asks_the_plugins_once_in_the_time_that_the_merchant_sets() {
    let host = TestHost::with(|merchant| merchant.quote_max_age = Duration::from_secs(300));
    let id = host.session().await;
    let asked = || host.shop.state().priced;
    assert_eq!(asked(), 1);
    host.clock.advance(Duration::from_secs(299));
    for _ in 0..3 {
        read(&host, &id).await;
    }
    assert_eq!(asked(), 1);
    host.clock.advance(Duration::from_secs(1));
    for _ in 0..3 {
        read(&host, &id).await;
    }
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn a_read_shows_what_has_changed_and_counts_as_shown() {
    let host = TestHost::start();
    let id = host.session().await;
    host.shop.set(|shop| shop.price = 1200);
    assert_eq!(read(&host, &id).await.total(), usd(1000), "the quote is fresh enough");
    host.clock.advance(STALE);
    let shown = read(&host, &id).await;
    assert_eq!(shown.total(), usd(1200));
    assert_eq!(codes(&shown), ["price_change"]);
    assert_eq!(texts(&shown), ["The total has changed from 10.00 USD to 12.00 USD."]);
    host.complete(completion(&id)).await.unwrap();
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(attempt.amount, usd(1200));
}

#[tokio::test]
async fn a_read_shows_that_the_stock_is_gone_and_that_it_is_back() {
    let host = TestHost::start();
    let id = host.session().await;
    host.shop.set(|shop| shop.offer.available = Some(0));
    host.clock.advance(STALE);
    let shown = read(&host, &id).await;
    assert_eq!(codes(&shown), ["out_of_stock"]);
    assert!(!shown.is_ready());
    host.shop.set(|shop| shop.offer.available = Some(5));
    host.clock.advance(STALE);
    let shown = read(&host, &id).await;
    assert_eq!((codes(&shown), shown.is_ready()), (vec![], true));
}

#[tokio::test]
async fn a_read_does_not_keep_a_session_alive() {
    let host = TestHost::start();
    let id = host.session().await;
    let before = host.stored(&id).await;
    host.clock.advance(STALE);
    read(&host, &id).await;
    let after = host.stored(&id).await;
    assert!(before.revision < after.revision);
    assert_eq!(before.expires, after.expires);
}

#[tokio::test]
async fn while_a_plugin_is_down_a_read_shows_what_is_stored_and_says_so() {
    let host = TestHost::start();
    let id = host.session().await;
    host.shop.set(|shop| {
        shop.price = 1200;
        shop.failure = Some(unavailable());
    });
    host.clock.advance(STALE);
    for _ in 0..3 {
        let shown = read(&host, &id).await;
        assert_eq!(shown.total(), usd(1000));
        assert!(shown.is_ready());
        assert_eq!(
            texts(&shown),
            ["Prices and availability could not be checked again; they may have changed."]
        );
    }
    assert_eq!(
        host.shop.state().priced,
        2,
        "a plugin that is down is asked no more often"
    );
    host.clock.advance(STALE);
    assert_eq!(texts(&read(&host, &id).await).len(), 1, "it is said once");

    host.shop.set(|shop| shop.failure = None);
    let refused = host.complete(completion(&id)).await.unwrap_err();
    assert!(refused.must_read_again(), "the new price was never shown: {refused}");
    let shown = read(&host, &id).await;
    assert_eq!((shown.total(), codes(&shown)), (usd(1200), vec!["price_change"]));
    host.complete(completion(&id)).await.unwrap();
}

#[tokio::test]
async fn what_the_merchant_refuses_is_told_by_a_read_and_blocks_payment() {
    let host = TestHost::start();
    let id = host.session().await;
    host.shop.set(|shop| {
        shop.failure = Some(DecisionError::Rejected(Rejection {
            code: "region_restricted".into(),
            message: "We do not sell this to you.".into(),
            about: Subject::Session,
        }));
    });
    host.clock.advance(STALE);
    let shown = read(&host, &id).await;
    assert_eq!(texts(&shown), ["We do not sell this to you."]);
    assert!(!shown.is_ready());
    assert_eq!(shown.quote.messages[0].severity, MessageSeverity::Error);
    host.shop.set(|shop| shop.failure = None);
    host.clock.advance(STALE);
    assert!(read(&host, &id).await.is_ready());
}

#[tokio::test]
async fn a_session_that_is_over_is_not_quoted_again() {
    let host = TestHost::start();
    let id = host.session().await;
    host.complete(completion(&id)).await.unwrap();
    let asked = host.shop.state().priced;
    host.clock.advance(STALE);
    read(&host, &id).await;
    assert_eq!(host.shop.state().priced, asked);
}
