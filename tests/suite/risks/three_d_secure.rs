//! Payments that wait for the buyer's authentication (3-D Secure), from the agent's first completion to the ledgers.

mod crashes;
mod retries;

use serde_json::{Value, json};
use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_sandbox::agent::{Authenticated, Authenticator, BuyerDecision};
use tillhouse_sandbox::{Amount, stripe};
use tillhouse_tests::{Acp, HttpResponse, Release, Request, TestHost, fixtures};

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings};

/// The releases in which a payment may wait for the buyer.
const RELEASES: [Release; 4] = [
    Release::V2025_12_12,
    Release::V2026_01_16,
    Release::V2026_01_30,
    Release::V2026_04_17,
];

/// Cards whose payment waits: asked for before the charge, and by the acquirer at the charge.
const BEFORE: &str = "pm_card_authenticationRequired";
const AT_CHARGE: &str = "pm_card_authenticationOnCharge";

async fn start() -> TestHost {
    TestHost::builder().timings(fast_timings()).start().await
}

/// A session that is ready for payment, of an agent that can have its buyer authenticate.
async fn ready(agent: &Acp<'_>) -> HttpResponse {
    let items = [("print-last", 1)];
    let mut body = fixtures::with(
        fixtures::cart(agent.release, &items),
        &fixtures::delivery(agent.release, &fixtures::address()),
    );
    if agent.release.has_payment_handlers() {
        body["capabilities"] = json!({"interventions": {"supported": ["3ds"]}});
    }
    agent.create(&body).await.expect(201).is("ready_for_payment")
}

/// A payment that waits for the buyer.
struct Waiting {
    session: HttpResponse,
    token: String,
    /// The answer to the first completion.
    answer: HttpResponse,
}

impl Waiting {
    fn id(&self) -> &str {
        self.session.id()
    }

    fn total(&self) -> i64 {
        self.session.total("total")
    }
}

async fn waiting(host: &TestHost, release: Release, card: &str) -> Waiting {
    let agent = host.acp(release);
    let session = ready(&agent).await;
    let token = host.token_of(card, session.total("total")).await;
    let answer = agent.complete(session.id(), &token).await.expect(200);
    let answer = answer.is("authentication_required");
    Waiting { session, token, answer }
}

/// What the buyer's authentication ends with, for the agent's second completion.
async fn authenticate(host: &TestHost, card: &str, payment: &Waiting, decision: BuyerDecision) -> Authenticated {
    let authenticator = Authenticator::at(&host.sandbox.authentication)
        .unwrap()
        .deciding(decision);
    let metadata = &payment.answer["authentication_metadata"];
    let amount = Amount::usd(payment.total());
    let mut log = Vec::new();
    authenticator
        .authenticate(card, &amount, metadata, &mut log)
        .await
        .unwrap()
}

fn second(host: &TestHost, release: Release, payment: &Waiting, result: &Value) -> Request {
    let body = fixtures::with(
        fixtures::payment(release, &payment.token),
        &json!({"authentication_result": result}),
    );
    let path = format!("/checkout_sessions/{}/complete", payment.id());
    host.acp(release).post(&path).json(&body)
}

#[tokio::test]
async fn a_buyer_who_authenticates_pays_in_every_release_that_knows_it() {
    for release in RELEASES {
        for card in [BEFORE, AT_CHARGE] {
            let host = start().await;
            let payment = waiting(&host, release, card).await;
            let metadata = &payment.answer["authentication_metadata"];
            assert_eq!(metadata["directory_server"], "visa", "{release:?}: {metadata}");
            assert_eq!(metadata["acquirer_details"]["acquirer_bin"], "400000");
            let [attempt] = host.attempts_of(payment.id()).await.try_into().unwrap();
            assert_eq!(attempt.status(), AttemptStatus::AuthenticationRequired);
            assert_not_charged(&host);

            let authenticated = authenticate(&host, card, &payment, BuyerDecision::Approve).await;
            let result = authenticated.for_release(release);
            let paid = second(&host, release, &payment, &result).send().await;
            let paid = paid.expect(200).is("completed");
            assert_eq!(
                paid["order"]["id"], payment.answer["order"]["id"],
                "the order keeps its identity"
            );
            assert_charged_once(&host, payment.total()).await;
            let [charge] = host.sandbox.acquirer.ledger().captures().try_into().unwrap();
            assert!(
                charge.authenticated,
                "{release:?} {card}: the acquirer has verified the proof"
            );
            assert_eq!(host.attempts_of(payment.id()).await.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_buyer_who_is_not_authenticated_pays_nothing_and_is_told_so_by_name() {
    for release in RELEASES {
        for (card, decision) in [
            (BEFORE, BuyerDecision::Deny),
            (BEFORE, BuyerDecision::Leave),
            (AT_CHARGE, BuyerDecision::Deny),
            ("pm_card_authenticationDenied", BuyerDecision::Approve),
            ("pm_card_authenticationRejected", BuyerDecision::Approve),
            ("pm_card_authenticationUnavailable", BuyerDecision::Approve),
            ("pm_card_authenticationNotSupported", BuyerDecision::Approve),
        ] {
            let host = start().await;
            let payment = waiting(&host, release, card).await;
            let result = authenticate(&host, card, &payment, decision).await.for_release(release);
            let outcome = result["outcome"].as_str().unwrap();
            let refused = second(&host, release, &payment, &result).send().await;
            let refused = refused.refused(402, "payment_declined");
            assert!(
                refused.text().contains(outcome),
                "{release:?} {card}: {}",
                refused.text()
            );
            let now = host.acp(release).retrieve(payment.id()).await.expect(200);
            let now = now.is("ready_for_payment");
            assert!(now.text().contains(outcome), "{}", now.text());
            assert_not_charged(&host);
            let other = host.token(payment.total()).await;
            let paid = host.acp(release).complete(payment.id(), &other).await;
            let _ = paid.expect(200).is("completed");
            assert_charged_once(&host, payment.total()).await;
        }
    }
}

#[tokio::test]
async fn an_attempt_that_the_issuer_acknowledges_is_charged_with_its_proof() {
    for release in RELEASES {
        let host = start().await;
        let card = "pm_card_authenticationAttempted";
        let payment = waiting(&host, release, card).await;
        let result = authenticate(&host, card, &payment, BuyerDecision::Approve).await;
        let result = result.for_release(release);
        let paid = second(&host, release, &payment, &result).send().await;
        let _ = paid.expect(200).is("completed");
        assert_charged_once(&host, payment.total()).await;
    }
}

#[tokio::test]
async fn an_agent_that_cannot_ask_its_buyer_is_declined_by_name() {
    for (release, code) in [
        (Release::V2025_09_29, "requires_3ds"),
        (Release::V2026_01_30, "requires_3ds"),
        (Release::V2026_04_17, "requires_3ds"),
    ] {
        let host = start().await;
        let agent = host.acp(release);
        let session = agent.ready(&[("print-last", 1)]).await;
        let token = host.token_of(BEFORE, session.total("total")).await;
        let _ = agent.complete(session.id(), &token).await.refused(400, code);
        assert_not_charged(&host);
        assert_eq!(
            host.sandbox.stripe.received(stripe::Operation::Resolve),
            0,
            "{release:?}"
        );
    }
}

#[tokio::test]
async fn a_payment_that_waits_can_be_canceled_and_not_changed() {
    let host = start().await;
    let release = Release::V2026_04_17;
    let payment = waiting(&host, release, BEFORE).await;
    let agent = host.acp(release);
    let change = fixtures::delivery(release, &fixtures::address());
    let refused = agent.update(payment.id(), &change).await.refused(409, "conflict");
    assert!(refused.text().contains("cancel"), "{}", refused.text());
    let still = agent.retrieve(payment.id()).await.expect(200);
    let _ = still.is("authentication_required");
    let _ = agent.cancel(payment.id()).await.expect(200).is("canceled");
    assert_not_charged(&host);
    let [attempt] = host.attempts_of(payment.id()).await.try_into().unwrap();
    assert_eq!(attempt.status(), AttemptStatus::Failed);
    // The one print is for sale again.
    let _ = ready(&agent).await;
}

#[tokio::test]
async fn a_proof_is_neither_stored_nor_logged() {
    let host = start().await;
    let release = Release::V2026_04_17;
    let payment = waiting(&host, release, BEFORE).await;
    let authenticated = authenticate(&host, BEFORE, &payment, BuyerDecision::Approve).await;
    let result = authenticated.for_release(release);
    let cryptogram = result["outcome_details"]["three_ds_cryptogram"]
        .as_str()
        .unwrap()
        .to_owned();
    let paid = second(&host, release, &payment, &result).send().await.expect(200);
    assert!(!paid.text().contains(&cryptogram));
    let mut files = 0;
    for entry in std::fs::read_dir(host.store_folder()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        files += 1;
        let found = bytes
            .windows(cryptogram.len())
            .any(|window| window == cryptogram.as_bytes());
        assert!(!found, "{}", path.display());
    }
    assert!(files > 0, "the store has files");
}
