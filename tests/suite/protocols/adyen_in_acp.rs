//! Plain ACP at a merchant whose payments Adyen takes: a token of Adyen's vault, charged by the merchant's processor.

use tillhouse_sandbox::stripe;
use tillhouse_tests::{Acp, HttpResponse, Merchant, Release, TestHost, fixtures};

const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];

async fn host(older_releases: bool) -> TestHost {
    let settings = format!("adyen.acp.older_releases = {older_releases}");
    TestHost::builder()
        .merchant(Merchant::named("demo").adyen().set(&settings))
        .start()
        .await
}

async fn complete(agent: &Acp<'_>, session: &str, token: &str) -> HttpResponse {
    let path = format!("/checkout_sessions/{session}/complete");
    agent
        .post(&path)
        .json(&fixtures::payment_at_adyen(agent.release, token))
        .send()
        .await
}

#[tokio::test]
async fn a_token_of_adyen_pays_in_every_release_and_stripe_is_never_asked() {
    let host = host(true).await;
    for release in Release::ALL {
        let agent = host.acp(release);
        let session = agent.ready(ITEM).await;
        if !release.has_payment_handlers() {
            assert_eq!(session["payment_provider"]["provider"], "adyen", "{release:?}");
        }
        let total = session.total("total");
        let token = host.adyen().token_of("pm_card_adyen", session.id(), total).await;
        let done = complete(&agent, session.id(), &token).await.expect(200).is("completed");
        let again = complete(&agent, session.id(), &token).await.expect(200).is("completed");
        assert_eq!(again["order"], done["order"], "{release:?}");
        let other = agent.ready(ITEM).await;
        let refused = complete(&agent, other.id(), &token).await.expect(400);
        assert_eq!(refused["code"], "token_unknown", "{release:?}: {}", refused.text());
    }
    let payments = host.sandbox.adyen.ledger().captures();
    assert_eq!(payments.len(), Release::ALL.len(), "{payments:#?}");
    for operation in [
        stripe::Operation::Retrieve,
        stripe::Operation::Resolve,
        stripe::Operation::Report,
    ] {
        assert_eq!(host.sandbox.stripe.received(operation), 0);
    }
}

#[tokio::test]
async fn older_releases_do_not_know_adyen_unless_the_operator_says_so() {
    let host = host(false).await;
    for release in Release::ALL
        .into_iter()
        .filter(|release| !release.has_payment_handlers())
    {
        let agent = host.acp(release);
        let session = agent.ready(ITEM).await;
        assert_eq!(session["payment_provider"]["provider"], "stripe", "{release:?}");
        let token = host
            .adyen()
            .token_of("pm_card_adyen", session.id(), session.total("total"))
            .await;
        let refused = complete(&agent, session.id(), &token).await.expect(400);
        assert_eq!(refused["param"], "$.payment_data.provider", "{release:?}");
    }
    assert_eq!(host.sandbox.adyen.ledger().captures().len(), 0);
}
