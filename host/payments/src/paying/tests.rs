//! Completions: what of them reaches taxes, risk rules, the order and the charge.

mod adyen_tokens;
mod authentication;
mod catalog_versions;
mod consent;
mod deadlines;
mod declined_answers;
mod duplicates;
mod interleavings;
mod leftovers;
mod messages;
mod order_identity;
mod tokens;

use std::time::Duration;

use tillhouse_checkout::attempt::{AttemptStatus, WireEvidence};
use tillhouse_checkout::decision::{CardCheck, ChargeOutcome, Consent, RiskDecision, RiskSignal, TokenAgent};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest};
use tillhouse_checkout::session::SessionState;

use crate::testing::{TestHost, active, address, caller, completion, profile, usd};
use crate::token::GrantedToken;

fn device() -> Device {
    Device {
        ip: Some("192.0.2.1".into()),
        user_agent: Some("Example/1.0".into()),
        ..Device::default()
    }
}

fn consent(channel: &str, granted: bool) -> Consent {
    Consent {
        channel: channel.into(),
        granted,
    }
}

#[tokio::test]
async fn a_download_that_is_taxed_by_the_billing_address_is_paid_once_the_new_total_was_read() {
    let host = TestHost::start();
    let id = host.session().await;
    let request = CompleteRequest {
        billing: Some(address("DE")),
        ..completion(&id)
    };
    let refused = host.complete(request.clone()).await.unwrap_err();
    match refused {
        CheckoutError::TotalChanged { shown, now } => assert_eq!((shown, now), (usd(1000), usd(1190))),
        other => panic!("{other}"),
    }
    let kept = host.stored(&id).await;
    assert_eq!(
        (kept.cart.billing, kept.state),
        (Some(address("DE")), SessionState::Open)
    );
    let retried = host.complete(request.clone()).await.unwrap_err();
    assert!(retried.must_read_again(), "a retry is not consent: {retried}");
    assert!(host.attempts(&id).await.is_empty());

    let shown = host.checkout.retrieve_as_shown(&caller(), &id).await.unwrap();
    assert_eq!(shown.total(), usd(1190));
    let paid = host.complete(request).await.unwrap();
    assert!(matches!(paid, CheckoutResponse::Fresh(_)), "{paid:?}");
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!((attempt.status(), attempt.amount), (AttemptStatus::Approved, usd(1190)));
    assert_eq!(attempt.billing, Some(address("DE")));
    let drafts = host.shop.state().drafts;
    let [(billing, totals)] = drafts.as_slice() else {
        panic!("{drafts:?}")
    };
    assert_eq!(billing.as_deref(), Some("DE"));
    assert_eq!((totals.tax.minor(), totals.total.minor()), (190, 1190));
}

#[tokio::test]
async fn the_billing_address_of_a_refused_completion_pays_also_when_the_next_one_names_none() {
    let host = TestHost::start();
    let id = host.session().await;
    let request = CompleteRequest {
        billing: Some(address("DE")),
        ..completion(&id)
    };
    host.complete(request).await.unwrap_err();
    host.checkout.retrieve_as_shown(&caller(), &id).await.unwrap();
    host.complete(completion(&id)).await.unwrap();
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!((attempt.amount, attempt.billing), (usd(1190), Some(address("DE"))));
}

#[tokio::test]
async fn a_billing_address_that_changes_no_amount_needs_no_second_completion() {
    let host = TestHost::start();
    let id = host.session().await;
    let request = CompleteRequest {
        billing: Some(address("US")),
        ..completion(&id)
    };
    host.complete(request).await.unwrap();
    let assessed = host.shop.state().assessed;
    assert_eq!(assessed[0].billing, Some(address("US")));
}

#[tokio::test]
async fn consents_are_kept_with_the_session_and_those_that_were_not_offered_are_refused() {
    let host = TestHost::start();
    let id = host.session().await;
    let with = |consents| CompleteRequest {
        consents,
        ..completion(&id)
    };
    let refused = host.complete(with(vec![consent("sms", true)])).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::Rejected(_)), "{refused}");
    assert!(host.attempts(&id).await.is_empty());
    assert_eq!(host.stored(&id).await.consents, []);
    host.complete(with(vec![consent("email", false)])).await.unwrap();
    assert_eq!(host.stored(&id).await.consents, [consent("email", false)]);
}

#[tokio::test]
async fn risk_rules_see_what_the_issuer_of_the_token_says_beside_what_the_agent_says() {
    let host = TestHost::start();
    let id = host.session().await;
    let signal = |source: &str| RiskSignal {
        source: source.into(),
        kind: "bot".into(),
        score: Some("12".into()),
        action: Some("continue".into()),
    };
    let check = CardCheck {
        kind: "cvc".into(),
        outcome: "pass".into(),
    };
    let agent = TokenAgent {
        profile: Some("profile_of_the_token".into()),
        name: Some("Agent of the token".into()),
    };
    let token = GrantedToken {
        signals: vec![signal("token")],
        checks: vec![check.clone()],
        agent_profile: agent.profile.clone(),
        agent_name: agent.name.clone(),
        ..active("spt_1")
    };
    host.tokens.set(|script| script.reads.push_back(Ok(token)));
    let request = CompleteRequest {
        signals: vec![signal("agent")],
        ..completion(&id)
    };
    host.complete(request).await.unwrap();
    let assessed = host.shop.state().assessed.pop().unwrap();
    assert_eq!(assessed.signals, [signal("agent"), signal("token")]);
    assert_eq!((assessed.checks, assessed.token_agent), (vec![check], agent));
}

#[tokio::test]
async fn risk_rules_see_device_and_signals() {
    let host = TestHost::start();
    let id = host.session().await;
    let signal = RiskSignal {
        source: "agent".into(),
        kind: "bot".into(),
        score: Some("12".into()),
        action: None,
    };
    let request = CompleteRequest {
        device: device(),
        signals: vec![signal.clone()],
        ..completion(&id)
    };
    host.complete(request).await.unwrap();
    let assessed = host.shop.state().assessed.pop().unwrap();
    assert_eq!((assessed.device, assessed.signals), (device(), vec![signal]));
    assert_eq!((assessed.checks, assessed.authentication), (Vec::new(), None));
    assert_eq!(assessed.token_agent, TokenAgent::default());
}

#[tokio::test]
async fn a_payment_that_risk_rules_challenge_is_refused_before_its_token_is_used() {
    let host = TestHost::start();
    host.shop
        .set(|shop| shop.risk = RiskDecision::Challenge("first order".into()));
    let id = host.session().await;
    let refused = host.complete(completion(&id)).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::AuthenticationRequired), "{refused}");
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(
        (attempt.status(), attempt.consumes_token()),
        (AttemptStatus::Failed, false)
    );
    assert_eq!(host.stored(&id).await.state, SessionState::Open);
    assert!(
        host.processor.read(|script| script.orders.is_empty()),
        "nothing was charged"
    );
}

#[tokio::test]
async fn a_challenge_where_nothing_is_due_declines_the_order() {
    let host = TestHost::start();
    host.shop.set(|shop| {
        shop.price = 0;
        shop.risk = RiskDecision::Challenge("first order".into());
    });
    let id = host.session().await;
    let refused = host.complete(completion(&id)).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::OrderDeclined), "{refused}");
}

#[tokio::test]
async fn the_processor_is_told_who_buys_what_and_from_where() {
    let host = TestHost::start();
    let id = host.session().await;
    let request = CompleteRequest {
        device: device(),
        ..completion(&id)
    };
    host.complete(request).await.unwrap();
    let orders = host.processor.read(|script| script.orders.clone());
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(orders.len(), 1);
    for told in [
        format!("return_url: {:?}", attempt.order.permalink),
        format!("device: {:?}", device()),
        format!("quote: {:?}", host.stored(&id).await.quote),
        "authentication: None".into(),
        "initiator: \"agent\"".into(),
    ] {
        assert!(orders[0].contains(&told), "{told}: {}", orders[0]);
    }
}

#[tokio::test]
async fn a_charge_that_another_host_sends_again_has_the_same_bytes() {
    let host = TestHost::start();
    let no_answer = (ChargeOutcome::Unknown(None), WireEvidence::FullRequest);
    host.processor.set(|script| script.charges.push_back(no_answer));
    let id = host.session().await;
    let request = CompleteRequest {
        device: device(),
        billing: Some(address("US")),
        ..completion(&id)
    };
    let answer = host.complete(request).await.unwrap();
    assert!(matches!(answer, CheckoutResponse::InProgress(_)), "{answer:?}");
    let sent = host.processor.read(|script| script.orders.clone());

    let host = host.restarted().await;
    host.processor.set(|script| script.profile = Some(profile()));
    // The processor does not know the charge, which proves nothing yet; the fourth time it is sent again.
    for _ in 0..4 {
        host.clock.advance(Duration::from_secs(60));
        assert_eq!(host.payments.recovery().run_once().await, 1);
    }
    assert_eq!(host.processor.read(|script| script.orders.clone()), sent);
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(attempt.status(), AttemptStatus::Approved);
}
