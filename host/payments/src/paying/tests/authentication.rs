//! Payments that wait for the buyer's authentication: who asks for it, what the result leads to, and that nothing is charged without
//! it or twice.

mod ends;
mod interrupted;
mod random;
mod refusals;
mod reported_charges;
mod status_checks;

use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::attempt::{Attempt, AttemptStatus, WireEvidence};
use tillhouse_checkout::authentication::{AuthenticationOutcome, AuthenticationResult};
use tillhouse_checkout::decision::{Attribution, ChargeOutcome, RiskDecision};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest};
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::session::SessionState;

use crate::testing::{START, TestHost, action_required, active, completion, three_d_secure};
use crate::token::GrantedToken;

const CRYPTOGRAM: &str = "AbCdEfGhIjKlMnOpQrStUvWxY0=";

fn result(outcome: AuthenticationOutcome) -> AuthenticationResult {
    AuthenticationResult {
        outcome,
        cryptogram: Some(Arc::new(Secret::new(CRYPTOGRAM.to_owned()))),
        eci: Some("05".into()),
        transaction_id: Some("ds_1".into()),
        version: Some("2.2.0".into()),
    }
}

/// A completion with a successful authentication.
fn authenticated(session: &SessionId) -> CompleteRequest {
    CompleteRequest {
        authentication: Some(result(AuthenticationOutcome::Authenticated)),
        ..completion(session)
    }
}

/// Who asks for the authentication, and so whether the token is resolved before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    BeforeTheCharge,
    AtTheCharge,
}

impl Asking {
    const BOTH: [Self; 2] = [Self::BeforeTheCharge, Self::AtTheCharge];
}

/// A host with a session whose payment waits for the buyer.
async fn waiting(asking: Asking) -> (TestHost, SessionId) {
    let host = TestHost::start();
    let id = host.session_with_3ds().await;
    ask(&host, asking);
    let answer = host.complete(completion(&id)).await.unwrap();
    assert_eq!(shown(&answer), "authentication_required", "{asking:?}");
    (host, id)
}

fn ask(host: &TestHost, asking: Asking) {
    host.processor.set(|script| match asking {
        Asking::BeforeTheCharge => script.requirements.push_back(Ok(Some(three_d_secure()))),
        Asking::AtTheCharge => {
            let asked = (action_required("three_d_secure"), WireEvidence::Answered);
            script.charges.push_back(asked);
        }
    });
}

/// The state that a response shows.
fn shown(answer: &CheckoutResponse) -> String {
    match answer {
        CheckoutResponse::Fresh(reply) => String::from_utf8(reply.body.clone()).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn only_attempt(host: &TestHost, id: &SessionId) -> Attempt {
    let [attempt] = host.attempts(id).await.try_into().unwrap();
    attempt
}

fn charges(host: &TestHost) -> Vec<String> {
    host.processor.read(|script| script.orders.clone())
}

#[tokio::test]
async fn the_second_completion_may_name_an_affiliate_and_the_device_of_the_buyer() {
    let (host, id) = waiting(Asking::BeforeTheCharge).await;
    let affiliate = Attribution {
        touch: "last".into(),
        provider: "impact.example".into(),
        token: None,
        fields: Vec::new(),
    };
    let device = Device {
        ip: Some("192.0.2.7".into()),
        ..Device::default()
    };
    let request = CompleteRequest {
        attribution: Some(affiliate.clone()),
        device: device.clone(),
        ..authenticated(&id)
    };
    host.complete(request).await.unwrap();
    assert_eq!(host.stored(&id).await.attributions, [affiliate]);
    let [charge] = charges(&host).try_into().unwrap();
    assert!(charge.contains(&format!("device: {device:?}")), "{charge}");
}

#[tokio::test]
async fn a_second_completion_that_says_nothing_of_the_device_leaves_the_first() {
    let host = TestHost::start();
    let id = host.session_with_3ds().await;
    ask(&host, Asking::BeforeTheCharge);
    let device = Device {
        ip: Some("192.0.2.7".into()),
        ..Device::default()
    };
    let first = CompleteRequest {
        device: device.clone(),
        ..completion(&id)
    };
    host.complete(first).await.unwrap();
    host.complete(authenticated(&id)).await.unwrap();
    assert_eq!(host.shop.state().assessed.pop().unwrap().device, device);
}

#[tokio::test]
async fn a_payment_waits_for_the_buyer_before_its_token_is_resolved_and_is_charged_with_the_proof() {
    let (host, id) = waiting(Asking::BeforeTheCharge).await;
    let attempt = only_attempt(&host, &id).await;
    assert_eq!(
        (attempt.status(), attempt.consumes_token()),
        (AttemptStatus::AuthenticationRequired, false)
    );
    assert!(charges(&host).is_empty() && host.tokens.resolved().is_empty());
    let SessionState::AuthenticationRequired {
        order,
        requirements,
        until,
        ..
    } = host.stored(&id).await.state
    else {
        panic!("the session says what the agent needs")
    };
    assert_eq!((*requirements, *order), (three_d_secure(), attempt.order.clone()));
    assert_eq!(until, START.after(Duration::from_secs(15 * 60)));

    let paid = host.complete(authenticated(&id)).await.unwrap();
    assert_eq!(shown(&paid), "completed");
    let approved = only_attempt(&host, &id).await;
    assert_eq!(
        (approved.status(), &approved.order),
        (AttemptStatus::Approved, &attempt.order)
    );
    let [charge] = charges(&host).try_into().unwrap();
    for told in [
        "outcome: Authenticated",
        "\"05\"",
        "\"ds_1\"",
        "\"2.2.0\"",
        "has_cryptogram: true",
    ] {
        assert!(charge.contains(told), "{told}: {charge}");
    }
    assert!(!charge.contains(CRYPTOGRAM), "the plugin never sees it");
    let values = host.processor.read(|script| script.cryptograms.clone());
    assert_eq!(values, [Some(CRYPTOGRAM.to_owned())]);
    assert_eq!(host.tokens.resolved().len(), 1);
    let asked = host.processor.read(|script| script.asked_for_authentication.len());
    assert_eq!(asked, 1, "an authenticated payment is not asked about again");
}

#[tokio::test]
async fn a_processor_that_asks_at_the_charge_gets_another_charge_of_the_same_token() {
    let (host, id) = waiting(Asking::AtTheCharge).await;
    let asked = only_attempt(&host, &id).await;
    assert_eq!(asked.status(), AttemptStatus::AuthenticationRequired);
    assert!(asked.waits_with_resolved_token());
    // The issuer of the token shows it as resolved from now on.
    let resolved = GrantedToken {
        deactivated: Some("resolved".into()),
        ..active("spt_1")
    };
    host.tokens.set(|script| script.reads.push_back(Ok(resolved)));
    let paid = host.complete(authenticated(&id)).await.unwrap();
    assert_eq!(shown(&paid), "completed");
    let [first, second] = host.tokens.resolved().try_into().unwrap();
    assert_eq!(first, second, "under the same key it is the same credential");
    let [first, second] = charges(&host).try_into().unwrap();
    let key = |charge: &str| charge.split("idempotency_key: ").nth(1).unwrap()[..38].to_owned();
    assert_ne!(key(&first), key(&second), "another request has another key");
    let operation = |charge: &str| charge.split(',').next().unwrap().to_owned();
    assert_ne!(operation(&first), operation(&second));
    let reference = |charge: &str| {
        charge
            .split("reference: ")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(reference(&first), reference(&second));
    assert_eq!(only_attempt(&host, &id).await.status(), AttemptStatus::Approved);
}

#[tokio::test]
async fn every_outcome_that_permits_a_charge_reaches_it() {
    for outcome in [
        AuthenticationOutcome::Authenticated,
        AuthenticationOutcome::AttemptAcknowledged,
        AuthenticationOutcome::Informational,
    ] {
        for asking in Asking::BOTH {
            let (host, id) = waiting(asking).await;
            let request = CompleteRequest {
                authentication: Some(result(outcome)),
                ..completion(&id)
            };
            let paid = host.complete(request).await.unwrap();
            assert_eq!(shown(&paid), "completed", "{outcome:?} {asking:?}");
            let charge = charges(&host).pop().unwrap();
            assert!(charge.contains(&format!("outcome: {outcome:?}")), "{charge}");
            let risk = host.shop.state().assessed.pop().unwrap();
            assert_eq!(risk.authentication.as_deref(), Some(outcome.name()));
        }
    }
}

#[tokio::test]
async fn risk_rules_may_ask_for_an_authentication_where_the_processor_says_what_for() {
    let host = TestHost::start();
    host.shop
        .set(|shop| shop.risk = RiskDecision::Challenge("first order".into()));
    let id = host.session_with_3ds().await;
    ask(&host, Asking::BeforeTheCharge);
    let answer = host.complete(completion(&id)).await.unwrap();
    assert_eq!(shown(&answer), "authentication_required");
    let paid = host.complete(authenticated(&id)).await.unwrap();
    assert_eq!(shown(&paid), "completed", "the challenge was met");
}

#[tokio::test]
async fn a_challenge_is_not_met_by_a_result_without_an_authentication() {
    let host = TestHost::start();
    host.shop
        .set(|shop| shop.risk = RiskDecision::Challenge("first order".into()));
    let id = host.session_with_3ds().await;
    ask(&host, Asking::BeforeTheCharge);
    host.complete(completion(&id)).await.unwrap();
    let request = CompleteRequest {
        authentication: Some(result(AuthenticationOutcome::Informational)),
        ..completion(&id)
    };
    let refused = host.complete(request).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::Declined { .. }), "{refused}");
    assert!(charges(&host).is_empty());
    assert_eq!(host.stored(&id).await.state, SessionState::Open);
}

#[tokio::test]
async fn a_result_that_nobody_asked_for_is_passed_on_to_the_charge() {
    let host = TestHost::start();
    let id = host.session().await;
    let paid = host.complete(authenticated(&id)).await.unwrap();
    assert_eq!(shown(&paid), "completed");
    let values = host.processor.read(|script| script.cryptograms.clone());
    assert_eq!(values, [Some(CRYPTOGRAM.to_owned())]);
    assert!(charges(&host).pop().unwrap().contains("has_cryptogram: true"));
}

#[tokio::test]
async fn a_payment_waits_no_longer_than_its_token_is_valid() {
    let host = TestHost::start();
    let id = host.session_with_3ds().await;
    let token = GrantedToken {
        expires: Some(START.after(Duration::from_secs(300))),
        ..active("spt_1")
    };
    host.tokens.set(|script| script.reads.push_back(Ok(token)));
    ask(&host, Asking::AtTheCharge);
    host.complete(completion(&id)).await.unwrap();
    let attempt = only_attempt(&host, &id).await;
    let until = attempt.authentication_wait().unwrap().until;
    assert_eq!(
        until,
        START.after(Duration::from_secs(240)),
        "less the margin of a charge"
    );
}

#[tokio::test]
async fn two_completions_with_the_same_result_are_one_charge() {
    for asking in Asking::BOTH {
        let (host, id) = waiting(asking).await;
        let before = charges(&host).len();
        let (one, other) = tokio::join!(host.complete(authenticated(&id)), host.complete(authenticated(&id)));
        for answer in [one, other] {
            assert_eq!(shown(&answer.unwrap()), "completed", "{asking:?}");
        }
        assert_eq!(charges(&host).len(), before + 1, "{asking:?}");
        let late = host.complete(authenticated(&id)).await.unwrap();
        assert_eq!(shown(&late), "completed");
        assert_eq!(charges(&host).len(), before + 1, "{asking:?}");
    }
}

#[tokio::test]
async fn two_first_completions_at_once_are_told_the_same() {
    let host = TestHost::start();
    let id = host.session_with_3ds().await;
    ask(&host, Asking::BeforeTheCharge);
    let (one, other) = tokio::join!(host.complete(completion(&id)), host.complete(completion(&id)));
    for answer in [one, other] {
        assert_eq!(shown(&answer.unwrap()), "authentication_required");
    }
    let attempt = only_attempt(&host, &id).await;
    assert_eq!(attempt.status(), AttemptStatus::AuthenticationRequired);
}

#[tokio::test]
async fn an_unknown_outcome_of_an_authenticated_charge_is_neither_sent_again_nor_taken_for_the_first_answer() {
    let (host, id) = waiting(Asking::AtTheCharge).await;
    let no_answer = (ChargeOutcome::Unknown(None), WireEvidence::FullRequest);
    host.processor.set(|script| {
        script.charges.push_back(no_answer);
        script.profile = Some(crate::testing::profile());
        for _ in 0..8 {
            let earlier = action_required("three_d_secure");
            script
                .lookups
                .push_back(tillhouse_checkout::decision::ChargeLookup::Found(earlier));
        }
    });
    let answer = host.complete(authenticated(&id)).await.unwrap();
    assert!(matches!(answer, CheckoutResponse::InProgress(_)), "{answer:?}");
    let sent = charges(&host);
    for _ in 0..6 {
        host.clock.advance(Duration::from_secs(300));
        assert_eq!(host.payments.recovery().run_once().await, 1);
        assert_eq!(only_attempt(&host, &id).await.status(), AttemptStatus::Unknown);
    }
    assert_eq!(charges(&host), sent, "the proof was in memory only");
}
