//! What the host says to Stripe's API, and what it takes from a token beside its limit.

use serde_json::json;
use tillhouse_sandbox::stripe::ReportedOutcome;
use tillhouse_tests::{Merchant, Release, TestHost, fixtures};

use super::eventually::{assert_not_charged, fast_timings, wait_for_payment_records};

async fn started(merchant: Merchant) -> TestHost {
    TestHost::builder()
        .timings(fast_timings())
        .merchant(merchant)
        .start()
        .await
}

fn with_stripe(settings: &str) -> Merchant {
    Merchant::named("demo").set(settings)
}

#[tokio::test]
async fn a_version_without_payment_tokens_is_the_hosts_fault_and_the_token_stays_good() {
    let host = started(with_stripe("stripe.granted_tokens_version = \"2025-09-30.clover\"")).await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token(session.total("total")).await;
    let answer = agent.complete(session.id(), &token).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_not_charged(&host);
    assert!(
        host.sandbox
            .stripe
            .tokens()
            .iter()
            .all(|token| token.deactivated.is_none())
    );
    host.stop().await;
}

#[tokio::test]
async fn each_family_of_endpoints_is_called_in_its_own_version() {
    // The simulator knows payment records in every version, and what a report says of a token only in the preview.
    let later = "stripe.version = \"2026-05-27.preview\"";
    for settings in ["", later] {
        let host = started(with_stripe(settings)).await;
        let _ = host.acp(Release::V2026_04_17).buy(&[("tee-classic", 1)]).await;
        let records = wait_for_payment_records(&host, 1).await;
        assert_eq!(records[0].outcome, ReportedOutcome::Guaranteed);
        host.stop().await;
    }
}

#[tokio::test]
async fn a_declined_payment_is_recorded_with_the_reason_that_stripe_has_for_it() {
    let host = started(Merchant::named("demo")).await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    for (count, (card, reason)) in [
        ("pm_card_insufficientFunds", Some("insufficient_funds")),
        ("pm_card_expiredCard", Some("expired_payment_method")),
        ("pm_card_incorrectCvc", Some("incorrect_cvc")),
        ("pm_card_chargeDeclined", None),
    ]
    .into_iter()
    .enumerate()
    {
        let token = host.token_of(card, session.total("total")).await;
        assert_eq!(agent.complete(session.id(), &token).await.status / 100, 4, "{card}");
        let records = wait_for_payment_records(&host, count + 1).await;
        let record = &records[count];
        assert_eq!(record.outcome, ReportedOutcome::Failed, "{card}");
        assert_eq!(record.reason.as_deref(), reason, "{card}");
    }
    host.stop().await;
}

#[tokio::test]
async fn a_token_of_another_agent_is_refused_only_where_the_merchant_says_so() {
    for (setting, is_refused) in [
        ("", false),
        ("stripe.agent_mismatch = \"warn\"", false),
        ("stripe.agent_mismatch = \"ignore\"", false),
        ("stripe.agent_mismatch = \"refuse\"", true),
    ] {
        let host = started(with_stripe(setting)).await;
        let stripe = host.stripe_acs();
        let session = stripe.ready(&[("tee-classic", 1)]).await;
        let body = fixtures::with(
            fixtures::checkout(&[("tee-classic", 1)]),
            &json!({"agent_details": {"network_profile": "profile_of_the_session", "display_name": "Other"},
                "fulfillment_details": session.json["fulfillment_details"]}),
        );
        let session = stripe.create(&body).await.expect(200).is("ready_for_payment");
        let token = host.token(session.total("total")).await;
        let confirmed = stripe.confirm(session.id(), &token).await;
        if is_refused {
            assert_eq!(confirmed.status, 400, "{setting}: {}", confirmed.text());
            assert_not_charged(&host);
        } else {
            let _ = confirmed.expect(200).is("completed");
        }
        host.stop().await;
    }
}
