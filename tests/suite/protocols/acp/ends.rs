//! How a session ends, and which requests a final session rejects.

use std::time::Duration;

use serde_json::json;
use tillhouse_tests::{Release, TestHost};

use crate::protocols::{RELEASES, host};

#[tokio::test]
async fn a_canceled_session_stays_canceled() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let session = acp.ready(&[("tee-classic", 1)]).await;
        let canceled = acp.cancel(session.id()).await.expect(200).is("canceled");
        let again = acp.cancel(canceled.id()).await.refused(405, "invalid_state");
        assert_eq!(again.header("allow"), Some("GET"));
        let _ = acp
            .update(canceled.id(), &json!({}))
            .await
            .refused(409, "invalid_state");
        let token = host().await.token(session.total("total")).await;
        let _ = acp.complete(canceled.id(), &token).await.refused(409, "invalid_state");
        let _ = acp.retrieve(canceled.id()).await.expect(200).is("canceled");
    }
}

#[tokio::test]
async fn a_completed_session_can_only_be_retrieved() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let done = acp.buy(&[("mug-enamel", 1)]).await;
        let refused = acp.cancel(done.id()).await.refused(405, "invalid_state");
        assert_eq!(refused.header("allow"), Some("GET"));
        let _ = acp.update(done.id(), &json!({})).await.refused(409, "invalid_state");
        let other = host().await.token(done.total("total")).await;
        let _ = acp.complete(done.id(), &other).await.refused(409, "invalid_state");
        let later = acp.retrieve(done.id()).await;
        assert_eq!((&later["status"], &later["totals"]), (&done["status"], &done["totals"]));
    }
}

#[tokio::test]
async fn a_session_that_is_not_ready_is_not_completed_and_says_why() {
    for (release, param) in [
        (Release::V2025_09_29, "$.fulfillment_address"),
        (Release::V2026_04_17, "$.fulfillment_details.address"),
    ] {
        let acp = host().await.acp(release);
        let session = acp.open(&[("tee-classic", 1)]).await;
        let token = host().await.token(10_000).await;
        let _ = acp
            .complete(session.id(), &token)
            .await
            .refused(409, "invalid_state")
            .about(param);
    }
}

#[tokio::test]
async fn a_decline_is_402_shows_on_the_session_and_another_card_pays() {
    for release in RELEASES {
        let host = host().await;
        let acp = host.acp(release);
        let session = acp.ready(&[("tee-classic", 1)]).await;
        let total = session.total("total");
        let bad = host.token_of("pm_card_chargeDeclined", total).await;
        let refused = acp.complete(session.id(), &bad).await.refused(402, "payment_declined");
        assert_eq!(refused["type"], "processing_error");
        assert!(
            !refused.text().contains("do_not_honor"),
            "the response contains the issuer's decline code"
        );
        let shown = acp.retrieve(session.id()).await.is("ready_for_payment");
        assert_eq!(shown.message("payment_declined")["type"], "error");
        let good = host.token(total).await;
        let _ = acp.complete(session.id(), &good).await.expect(200).is("completed");
    }
}

#[tokio::test]
async fn a_session_expires_and_says_so_in_the_words_of_the_release() {
    let host = TestHost::builder().frozen().start().await;
    let acp = host.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 1)]).await;
    let hook = host.stripe_acs().ready(&[("tee-classic", 1)]).await;
    host.clock.advance(Duration::from_secs(6 * 3600));
    let _ = acp.retrieve(session.id()).await.expect(200).is("expired");
    let _ = host
        .acp(Release::V2025_09_29)
        .retrieve(session.id())
        .await
        .is("canceled");
    let _ = host.stripe_acs().retrieve(hook.id()).await.is("canceled");
    let token = host.token(session.total("total")).await;
    let _ = acp.complete(session.id(), &token).await.refused(409, "invalid_state");
    let _ = acp.cancel(session.id()).await.refused(405, "invalid_state");
    host.stop().await;
}

#[tokio::test]
async fn cancel_takes_an_intent_trace_and_a_reason_it_does_not_know() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = acp.open(&[("tee-classic", 1)]).await;
    let path = format!("/checkout_sessions/{}/cancel", session.id());
    let long = json!({"intent_trace": {"reason_code": "other", "trace_summary": "x".repeat(501)}});
    let refused = acp.post(&path).json(&long).send().await.refused(400, "invalid");
    let _ = refused.about("$.intent_trace.trace_summary");
    let odd = json!({"intent_trace": {"reason_code": "mercury_retrograde"}});
    let _ = acp.post(&path).json(&odd).send().await.expect(200).is("canceled");
}
