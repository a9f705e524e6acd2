//! Outages of Stripe: nothing is charged that should not be, and every payment is reported once.

use std::time::Duration;

use tillhouse_checkout::outbox::MessageKind;
use tillhouse_checkout::ports::MessageFilter;
use tillhouse_checkout::time::Clock;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_tests::proxy::{self, Proxy, RETRY_AFTER, Route};
use tillhouse_tests::{HttpResponse, Merchant, Release, TestHost};

use super::eventually::{
    assert_charged_once, assert_not_charged, fast_timings, wait_for_payment_records, wait_for_status, wait_until,
};

async fn ready() -> (TestHost, HttpResponse) {
    let host = TestHost::builder().timings(fast_timings()).start().await;
    let session = host.acp(Release::V2026_04_17).ready(&[("print-last", 1)]).await;
    (host, session)
}

/// Asserts an error that blames the host and not the agent, and gives no details.
fn ours(fault: Fault, answer: &HttpResponse) {
    assert_eq!(answer.status / 100, 5, "{fault:?}: {}", answer.text());
    assert!(
        !answer.text().to_lowercase().contains("stripe"),
        "{fault:?}: {}",
        answer.text()
    );
}

#[tokio::test]
async fn a_token_that_cannot_be_checked_charges_nothing_and_stays_good() {
    for fault in [Fault::Status(401), Fault::Status(403)] {
        let (host, session) = ready().await;
        let agent = host.acp(Release::V2026_04_17);
        let token = host.token(session.total("total")).await;
        host.sandbox.stripe.fail_next(Operation::Retrieve, fault);
        ours(fault, &agent.complete(session.id(), &token).await);
        let _ = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
        assert_not_charged(&host);
        assert_eq!(host.sandbox.stripe.received(Operation::Resolve), 0, "{fault:?}");
        let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
        assert_charged_once(&host, session.total("total")).await;
    }
}

/// A resolve that may be retried under its key is retried, and the buyer does not notice.
#[tokio::test]
async fn a_resolve_that_failed_in_passing_is_repeated_under_its_key() {
    for fault in [
        Fault::Status(503),
        Fault::Status(429),
        Fault::DropConnection,
        Fault::LoseAnswer,
    ] {
        let (host, session) = ready().await;
        let token = host.token(session.total("total")).await;
        host.sandbox.stripe.fail_next(Operation::Resolve, fault);
        let agent = host.acp(Release::V2026_04_17);
        let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
        assert_eq!(host.sandbox.stripe.received(Operation::Resolve), 2, "{fault:?}");
        assert_charged_once(&host, session.total("total")).await;
    }
}

/// An error that Stripe keeps under the key, or that the operator must fix: the token itself shows that it was not resolved.
#[tokio::test]
async fn a_resolve_that_failed_for_good_charges_nothing_and_the_same_token_pays() {
    for fault in [Fault::Status(500), Fault::Status(401), Fault::Status(403)] {
        let (host, session) = ready().await;
        let agent = host.acp(Release::V2026_04_17);
        let token = host.token(session.total("total")).await;
        host.sandbox.stripe.fail_next(Operation::Resolve, fault);
        ours(fault, &agent.complete(session.id(), &token).await);
        let _ = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
        assert_eq!(host.charges(), 0, "{fault:?}");
        let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
        assert_charged_once(&host, session.total("total")).await;
    }
}

#[tokio::test]
async fn a_stripe_that_hangs_over_a_token_costs_neither_the_token_nor_the_sale() {
    let merchant = Merchant::named("demo").set("stripe.timeout_ms = 500");
    let host = TestHost::builder()
        .merchant(merchant)
        .timings(fast_timings())
        .start()
        .await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token(session.total("total")).await;
    host.sandbox.stripe.fail_next(Operation::Retrieve, Fault::Hang);
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_resolve_that_hangs_is_repeated_and_stripe_is_answered_in_time() {
    let (host, _) = ready().await;
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("print-last", 1)]).await;
    let token = host.token(checkout.total("total")).await;
    host.sandbox.stripe.fail_next(Operation::Resolve, Fault::Hang);
    let _ = stripe
        .confirm(checkout.id(), &token)
        .await
        .expect(200)
        .is("in_progress");
    let _ = wait_for_status(&host, checkout.id(), "completed").await;
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, checkout.total("total")).await;
}

/// Asserts that the payment is reported exactly once, as soon as Stripe accepts it.
///
/// A report under another key, or with another body under the same key, would be noticed: Stripe keeps the first report even if
/// its response was lost, and rejects a key with other parameters.
async fn is_reported_in_the_end(faults: &[Fault]) {
    let (host, session) = ready().await;
    for fault in faults {
        host.sandbox.stripe.fail_next(Operation::Report, *fault);
    }
    let agent = host.acp(Release::V2026_04_17);
    // The token allows twice the amount, because Stripe would reject a second report over the token's limit.
    let token = host.token(2 * session.total("total")).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, session.total("total")).await;
    wait_until("nothing is left to deliver", async || {
        host.clock.advance(Duration::from_millis(100));
        host.backlog().is_empty()
    })
    .await;
    let _ = wait_for_payment_records(&host, 1).await;
    host.clock.advance(Duration::from_secs(3600));
    let _ = agent.buy(&[("tee-classic", 1)]).await;
    let _ = wait_for_payment_records(&host, 2).await;
}

#[tokio::test]
async fn a_report_is_made_again_until_stripe_takes_it() {
    is_reported_in_the_end(&[
        Fault::Status(429),
        Fault::DropConnection,
        Fault::Status(401),
        Fault::Status(429),
    ])
    .await;
}

#[tokio::test]
async fn a_report_whose_answer_was_lost_is_made_once() {
    is_reported_in_the_end(&[Fault::LoseAnswer, Fault::DropConnection]).await;
}

/// Stripe keeps a 500 under its key and replays it: the host looks the report up, and then reports under another key.
#[tokio::test]
async fn a_report_that_stripe_answered_with_an_error_of_its_own_is_made_in_the_end() {
    is_reported_in_the_end(&[Fault::Status(500)]).await;
}

#[tokio::test]
async fn a_report_is_not_made_again_before_stripe_wants_it() {
    let proxy = Proxy::start().await;
    let merchant = Merchant::named("demo").set(&format!("stripe.base_url = \"{}\"", proxy.url()));
    let builder = TestHost::builder().merchant(merchant).timings(fast_timings());
    let host = builder.frozen().start().await;
    proxy.set_target(host.sandbox.stripe.address());
    let reports = Route::new("POST", "/v1/payment_records/report_payment");
    proxy.inject(reports, proxy::Fault::TooManyRequests, 1);
    let _ = host.acp(Release::V2026_04_17).buy(&[("tee-classic", 1)]).await;
    let store = host.store();
    let reports = MessageFilter {
        kind: Some(MessageKind::ReportPayment),
        limit: 10,
        ..MessageFilter::default()
    };
    wait_until("the report was attempted", async || {
        store.list_messages(&reports).await.unwrap()[0].tries == 1
    })
    .await;
    let waiting = store.list_messages(&reports).await.unwrap().remove(0);
    assert_eq!(waiting.next_try, host.clock.now().after(RETRY_AFTER));
    host.clock.advance(RETRY_AFTER);
    let _ = wait_for_payment_records(&host, 1).await;
}

#[tokio::test]
async fn a_report_that_is_never_answered_does_not_hold_up_others() {
    let (host, session) = ready().await;
    let agent = host.acp(Release::V2026_04_17);
    let hold = host.sandbox.stripe.hold(Operation::Report);
    let token = host.token(session.total("total")).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    hold.arrived(1).await;
    let done = agent.buy(&[("tee-classic", 1)]).await;
    assert!(done["order"]["id"].is_string());
    hold.release();
    let _ = wait_for_payment_records(&host, 2).await;
}
