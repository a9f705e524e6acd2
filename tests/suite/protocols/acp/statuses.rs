//! The statuses of an open session that cannot be paid: who has to act, and what completing it says.

use tillhouse_tests::{HttpResponse, Release, TestHost, fixtures, witness};

const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];
const PAGE: &str = "https://shop.example/continue";
/// The releases that have names for more than not being ready.
const NAMING: [Release; 2] = [Release::V2026_01_30, Release::V2026_04_17];

/// A host whose merchant demands something of every buyer, by this code.
async fn demanding(code: &str) -> TestHost {
    let merchant = witness::merchant("demo", &format!("demand = \"{code}\""));
    witness::builder().merchant(merchant).start().await
}

async fn ready_but_for_the_demand(host: &TestHost, release: Release) -> HttpResponse {
    let body = fixtures::with(
        fixtures::cart(release, ITEM),
        &fixtures::delivery(release, &fixtures::address()),
    );
    host.acp(release).create(&body).await.expect(201)
}

#[tokio::test]
async fn what_only_the_buyer_can_settle_is_an_escalation_to_the_merchants_page() {
    for code in ["requires_sign_in", "age_verification_required"] {
        let host = demanding(code).await;
        for release in NAMING {
            let session = ready_but_for_the_demand(&host, release).await;
            let session = session.is("requires_escalation");
            assert_eq!(session["continue_url"], PAGE);
            let _ = session.message(code);
            let token = host.token(10_000).await;
            let refused = host.acp(release).complete(session.id(), &token).await;
            let refused = refused.refused(409, "intervention_required");
            assert!(refused.text().contains(PAGE), "{}", refused.text());
        }
        assert_eq!(host.charges(), 0);
    }
}

#[tokio::test]
async fn a_purchase_that_somebody_has_to_approve_is_pending_approval() {
    let host = demanding("approval_required").await;
    for release in NAMING {
        let session = ready_but_for_the_demand(&host, release).await;
        let session = session.is("pending_approval");
        let token = host.token(10_000).await;
        let refused = host.acp(release).complete(session.id(), &token).await;
        let _ = refused.refused(409, "approval_required");
    }
    assert_eq!(host.charges(), 0);
}

/// Earlier releases have one name for all of it, and the error says the rest.
#[tokio::test]
async fn an_earlier_release_is_not_ready_for_payment_and_tells_why() {
    let host = demanding("requires_sign_in").await;
    for release in [Release::V2025_09_29, Release::V2025_12_12, Release::V2026_01_16] {
        let session = ready_but_for_the_demand(&host, release).await;
        let session = session.is("not_ready_for_payment");
        let _ = session.message("requires_sign_in");
        let token = host.token(10_000).await;
        let refused = host.acp(release).complete(session.id(), &token).await;
        let _ = refused.refused(409, "intervention_required");
    }
}

/// The buyer is sent to the merchant's page only once nothing is left that the agent can do.
#[tokio::test]
async fn the_agent_is_asked_before_the_buyer() {
    let host = demanding("requires_sign_in").await;
    let session = host.acp(Release::V2026_04_17).open(ITEM).await;
    let session = session.is("not_ready_for_payment");
    let address = fixtures::delivery(Release::V2026_04_17, &fixtures::address());
    let updated = host.acp(Release::V2026_04_17).update(session.id(), &address).await;
    let _ = updated.expect(200).is("requires_escalation");
}
