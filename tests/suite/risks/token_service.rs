//! Transient failures of the token service: they cost neither a token nor a sale, and a token is resolved under one key.

use std::time::Duration;

use tillhouse_payments::{Timings, TokenRetries};
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_tests::proxy::{self, Proxy, RETRY_AFTER, Route};
use tillhouse_tests::{Builder, HttpResponse, Merchant, Release, TestHost};

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings, wait_for_status, wait_until};

const ITEM: &[(&str, u32)] = &[("print-last", 1)];
const PASSING: [Fault; 4] = [
    Fault::Status(503),
    Fault::Status(429),
    Fault::DropConnection,
    Fault::LoseAnswer,
];
const RETRIEVE: Route = Route::new("GET", "/v1/shared_payment/granted_tokens/*");
const RESOLVE: Route = Route::new("POST", "/v1/shared_payment/granted_tokens/*/resolve");

/// Timeouts of agents and Stripe in tests that expect the response "payment in progress".
const SHORT: &str = "server.request_timeout_ms = 500\nserver.confirm_deadline_ms = 500";

async fn host() -> TestHost {
    TestHost::builder().timings(fast_timings()).start().await
}

/// A host that reaches Stripe through a proxy.
async fn start_behind_proxy(builder: Builder) -> (TestHost, Proxy) {
    let proxy = Proxy::start().await;
    let merchant = Merchant::named("demo").set(&format!("stripe.base_url = \"{}\"", proxy.url()));
    let host = builder.merchant(merchant).start().await;
    proxy.set_target(host.sandbox.stripe.address());
    (host, proxy)
}

/// A host that stops retrying a read as soon as its caller has a response.
fn short_deadlines() -> Builder {
    let timings = Timings {
        token_retries: TokenRetries {
            read_timeout: Duration::from_millis(100),
            ..fast_timings().token_retries
        },
        ..fast_timings()
    };
    TestHost::builder().timings(timings).set(SHORT)
}

fn fail(host: &TestHost, operation: Operation, fault: Fault, times: u32) {
    for _ in 0..times {
        host.sandbox.stripe.fail_next(operation, fault);
    }
}

async fn to_pay(host: &TestHost) -> (HttpResponse, String) {
    let session = host.acp(Release::V2026_04_17).ready(ITEM).await;
    let token = host.token(session.total("total")).await;
    (session, token)
}

/// Asserts that the buyer notices nothing after this many failures, over both protocols.
async fn is_paid_all_the_same(operation: Operation, times: u32) {
    for fault in PASSING {
        // The response to a resolve is lost only once: the retry gets the one kept under the key.
        let times = if (operation, fault) == (Operation::Resolve, Fault::LoseAnswer) {
            1
        } else {
            times
        };
        let host = host().await;
        let (session, token) = to_pay(&host).await;
        fail(&host, operation, fault, times);
        let agent = host.acp(Release::V2026_04_17);
        let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
        assert_eq!(
            host.sandbox.stripe.received(operation),
            u64::from(times) + 1,
            "{fault:?}"
        );
        assert_charged_once(&host, session.total("total")).await;

        let host = self::host().await;
        let checkout = host.stripe_acs().ready(ITEM).await;
        let token = host.token(checkout.total("total")).await;
        fail(&host, operation, fault, times);
        let confirmed = host.stripe_acs().confirm(checkout.id(), &token).await.expect(200);
        let _ = confirmed.is("completed");
        assert_eq!(
            host.sandbox.stripe.received(operation),
            u64::from(times) + 1,
            "{fault:?}"
        );
        assert_charged_once(&host, checkout.total("total")).await;
    }
}

#[tokio::test]
async fn a_read_that_fails_in_passing_is_repeated() {
    is_paid_all_the_same(Operation::Retrieve, 1).await;
}

#[tokio::test]
async fn a_read_that_fails_five_times_is_repeated() {
    is_paid_all_the_same(Operation::Retrieve, 5).await;
}

#[tokio::test]
async fn an_error_of_stripes_own_is_not_kept_of_a_read() {
    let host = host().await;
    let (session, token) = to_pay(&host).await;
    fail(&host, Operation::Retrieve, Fault::Status(500), 3);
    let agent = host.acp(Release::V2025_09_29);
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_resolve_that_fails_three_times_is_repeated_under_its_key() {
    is_paid_all_the_same(Operation::Resolve, 3).await;
}

#[tokio::test]
async fn a_resolve_that_fails_six_times_is_repeated_under_its_key() {
    is_paid_all_the_same(Operation::Resolve, 6).await;
}

/// Longer than Stripe and agents wait: both are told that the payment is in progress, and it succeeds later.
#[tokio::test]
async fn what_takes_longer_than_the_caller_waits_is_in_progress_and_goes_on() {
    for broken in [RETRIEVE, RESOLVE] {
        let (host, proxy) = start_behind_proxy(TestHost::builder().timings(fast_timings()).set(SHORT)).await;
        let checkout = host.stripe_acs().ready(ITEM).await;
        let token = host.token(checkout.total("total")).await;
        if broken == RETRIEVE {
            proxy.refuse();
        } else {
            proxy.refuse_after(RETRIEVE);
        }
        let confirmed = host.stripe_acs().confirm(checkout.id(), &token).await.expect(200);
        let confirmed = confirmed.is("in_progress");
        let again = host.stripe_acs().confirm(checkout.id(), &token).await.expect(200);
        let _ = again.is("in_progress");
        assert_not_charged(&host);
        proxy.accept_connections();
        let done = wait_for_status(&host, checkout.id(), "completed").await;
        assert_eq!(done["order"]["id"], confirmed["order"]["id"]);
        assert_charged_once(&host, checkout.total("total")).await;
    }
}

/// Reading uses nothing up: the checkout is open again, and the same token pays it.
#[tokio::test]
async fn a_token_that_could_not_be_read_in_all_that_time_pays_the_same_checkout_later() {
    let (host, proxy) = start_behind_proxy(short_deadlines()).await;
    let (session, token) = to_pay(&host).await;
    let agent = host.acp(Release::V2026_04_17);
    proxy.refuse();
    let answer = agent.complete(session.id(), &token).await;
    let passing = answer.status == 503 || answer["status"] == "complete_in_progress";
    assert!(passing, "{} {}", answer.status, answer.text());
    let open = wait_for_status(&host, session.id(), "ready_for_payment").await;
    let told = open.told("payment token was not consumed").to_string();
    assert!(!told.contains("declined"), "{told}");
    proxy.accept_connections();
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, session.total("total")).await;
}

/// Longer than the host waits: it responds at once and passes on Stripe's `Retry-After`; the token stays usable.
#[tokio::test]
async fn a_read_that_is_not_wanted_in_time_is_a_503_that_passes_retry_after_on() {
    let (host, proxy) = start_behind_proxy(short_deadlines()).await;
    let (session, token) = to_pay(&host).await;
    let agent = host.acp(Release::V2026_04_17);
    proxy.inject(RETRIEVE, proxy::Fault::TooManyRequests, 1);
    let refused = agent.complete(session.id(), &token).await.expect(503);
    assert_eq!(
        refused.header("retry-after"),
        Some(RETRY_AFTER.as_secs().to_string().as_str())
    );
    let _ = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, session.total("total")).await;
}

/// The same for a resolve: its outcome is unknown, so the payment is in progress and is retried when Stripe allows it.
#[tokio::test]
async fn a_resolve_is_not_repeated_before_stripe_wants_it() {
    let (host, proxy) = start_behind_proxy(TestHost::builder().timings(fast_timings()).frozen()).await;
    let (session, token) = to_pay(&host).await;
    let agent = host.acp(Release::V2026_04_17);
    proxy.inject(RESOLVE, proxy::Fault::TooManyRequests, 1);
    let underway = agent.complete(session.id(), &token).await.expect(200);
    let _ = underway.is("complete_in_progress");
    host.clock.advance(RETRY_AFTER - Duration::from_millis(1));
    assert_eq!(host.payments().recovery().run_once().await, 0);
    assert_eq!(host.sandbox.stripe.received(Operation::Resolve), 0);
    host.clock.advance(Duration::from_millis(1));
    wait_until("it is paid", async || {
        agent.retrieve(session.id()).await["status"] == "completed"
    })
    .await;
    assert_eq!(host.sandbox.stripe.received(Operation::Resolve), 1);
    assert_charged_once(&host, session.total("total")).await;
}

/// The host crashed while it resolved a token: it resolves again under the same key. The token is consumed, and Stripe replays the
/// response under that key only.
#[tokio::test]
async fn a_payment_that_was_left_behind_while_its_token_was_resolved_goes_on() {
    for fault in [None, Some(Fault::Status(503)), Some(Fault::DropConnection)] {
        let mut host = host().await;
        let (session, token) = to_pay(&host).await;
        let hold = host.sandbox.stripe.hold(Operation::Resolve);
        let request = host
            .acp(Release::V2026_04_17)
            .completion(session.id(), &token)
            .key("pay");
        let paying = tokio::spawn(request.send());
        hold.arrived(1).await;
        host.kill();
        hold.release();
        let _ = paying.await;
        fault
            .into_iter()
            .for_each(|fault| fail(&host, Operation::Resolve, fault, 2));
        host.start_again().await;
        let done = wait_for_status(&host, session.id(), "completed").await;
        assert!(done["order"]["id"].is_string());
        assert_charged_once(&host, session.total("total")).await;
    }
}

/// Stripe keeps its own error under the key, and the token shows that it was not resolved: it can pay the next attempt, of this
/// checkout or another.
#[tokio::test]
async fn a_token_that_was_never_resolved_pays_this_checkout_or_another() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    let first = agent.ready(&[("tee-classic", 1)]).await;
    let second = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token(first.total("total")).await;
    for _ in 0..2 {
        fail(&host, Operation::Resolve, Fault::Status(500), 1);
        let _ = agent.complete(first.id(), &token).await.expect(503);
    }
    let _ = agent.complete(second.id(), &token).await.expect(200).is("completed");
    let _ = agent.complete(first.id(), &token).await.refused(400, "token_used");
    assert_charged_once(&host, second.total("total")).await;
}

/// The response under the key has expired: the token's own state decides.
#[tokio::test]
async fn a_resolve_without_an_answer_ends_with_the_life_of_its_key() {
    for resolved in [false, true] {
        let (host, proxy) = start_behind_proxy(TestHost::builder().timings(fast_timings()).set(SHORT)).await;
        let (session, token) = to_pay(&host).await;
        let agent = host.acp(Release::V2026_04_17);
        let fault = if resolved {
            proxy::Fault::ResetAfter
        } else {
            proxy::Fault::ResetBefore
        };
        proxy.inject(RESOLVE, fault, 1_000_000);
        let underway = agent.complete(session.id(), &token).await.expect(200);
        let _ = underway.is("complete_in_progress");
        host.clock.advance(Duration::from_secs(24 * 3600));
        let fresh = agent.ready(&[("tee-classic", 1)]).await;
        wait_until("the attempt has ended", async || {
            host.clock.advance(Duration::from_millis(100));
            host.backlog().is_empty()
        })
        .await;
        assert_not_charged(&host);
        let gone = agent.complete(fresh.id(), &token).await.expect(400);
        let code = if resolved { "token_used" } else { "token_expired" };
        assert_eq!(gone["code"], code, "{}", gone.text());
    }
}
