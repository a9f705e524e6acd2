//! What the session says after a completion that failed: what happened, and how to go on.

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::decision::{ChargeOutcome, RiskDecision};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::message::{Message, MessageSeverity};
use tillhouse_checkout::money::{Amount, Currency};
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::time::Timestamp;

use crate::testing::{START, TestHost, active, completion};
use crate::token::{GrantedToken, TokenError};

/// A way in which an attempt ends, the code of its message (`None` for one that is for information only), and what the text says.
type Case = (
    &'static str,
    Box<dyn Fn(&TestHost)>,
    Option<&'static str>,
    &'static [&'static str],
);

const KEPT: &str = "the payment token was not consumed; complete the checkout again with the same token";
const CONSUMED: &str = "the payment token was consumed; issue a new one";
const NOTHING: &str = "othing was charged";

fn read(answer: Result<GrantedToken, TokenError>) -> Box<dyn Fn(&TestHost)> {
    Box::new(move |host| host.tokens.set(|script| script.reads.push_back(answer.clone())))
}

fn resolve(error: TokenError) -> Box<dyn Fn(&TestHost)> {
    Box::new(move |host| host.tokens.set(|script| script.resolves.push_back(Err(error.clone()))))
}

fn charge(outcome: ChargeOutcome, wire: WireEvidence) -> Box<dyn Fn(&TestHost)> {
    Box::new(move |host| {
        host.processor
            .set(|script| script.charges.push_back((outcome.clone(), wire)))
    })
}

fn risk(decision: RiskDecision) -> Box<dyn Fn(&TestHost)> {
    Box::new(move |host| host.shop.set(|shop| shop.risk = decision.clone()))
}

fn token(change: impl FnOnce(&mut GrantedToken)) -> Box<dyn Fn(&TestHost)> {
    let mut token = active("spt_1");
    change(&mut token);
    read(Ok(token))
}

fn refused() -> TokenError {
    TokenError::Refused {
        status: 400,
        code: "c".into(),
        message: "m".into(),
    }
}

fn declined(code: &str) -> ChargeOutcome {
    ChargeOutcome::Declined {
        code: code.into(),
        retryable: false,
    }
}

fn cases() -> Vec<Case> {
    let misconfigured = || TokenError::Misconfigured("secret detail".into());
    vec![
        (
            "unknown token",
            read(Err(TokenError::Unknown)),
            Some("not_found"),
            &["token is unknown", NOTHING],
        ),
        (
            "refused read",
            read(Err(refused())),
            Some("invalid"),
            &["no longer active", NOTHING],
        ),
        (
            "stripe does not take the key",
            read(Err(misconfigured())),
            None,
            &["could not be checked", NOTHING, KEPT],
        ),
        (
            "revoked",
            token(|token| token.deactivated = Some("revoked".into())),
            Some("invalid"),
            &["no longer active; issue a new one", NOTHING],
        ),
        (
            "expired",
            token(|token| token.expires = Some(Timestamp(START.millis() - 1))),
            Some("expired"),
            &["has expired", NOTHING],
        ),
        (
            "limit",
            token(|token| token.max_amount = Amount::new(999).ok()),
            Some("maximum_exceeded"),
            &["limited to 9.99 USD, and the total is 10.00 USD", NOTHING],
        ),
        (
            "currency",
            token(|token| token.currency = Currency::new("eur").ok()),
            Some("invalid"),
            &["is for", NOTHING],
        ),
        (
            "mode",
            token(|token| token.livemode = true),
            Some("invalid"),
            &["another mode", NOTHING],
        ),
        (
            "no card",
            token(|token| token.method = Some("klarna".into())),
            Some("unsupported"),
            &["klarna", NOTHING],
        ),
        (
            "refused resolve",
            resolve(refused()),
            Some("invalid"),
            &["no longer active", NOTHING],
        ),
        (
            "unknown at resolve",
            resolve(TokenError::Unknown),
            Some("not_found"),
            &["token is unknown", NOTHING],
        ),
        (
            "resolved to nothing",
            resolve(TokenError::NoCredential("it has no credentials")),
            Some("unsupported"),
            &["it has no credentials", NOTHING, "the token was consumed"],
        ),
        (
            "key refused at resolve",
            resolve(misconfigured()),
            None,
            &["could not be checked", NOTHING, KEPT],
        ),
        (
            "blocked by risk rules",
            risk(RiskDecision::Block("secret detail".into())),
            Some("payment_declined"),
            &["declined"],
        ),
        (
            "challenged",
            risk(RiskDecision::Challenge("secret detail".into())),
            Some("requires_3ds"),
            &["authenticate"],
        ),
        (
            "declined",
            charge(declined("insufficient_funds"), WireEvidence::Answered),
            Some("payment_declined"),
            &["declined"],
        ),
        (
            "declined by the plugin without a charge",
            charge(declined("unknown_kind"), WireEvidence::NothingSent),
            Some("unsupported"),
            &["does not take this card", NOTHING, "token was consumed"],
        ),
        (
            "processor not reached",
            charge(ChargeOutcome::Unknown(None), WireEvidence::NotConnected),
            Some("invalid"),
            &["could not be sent to the card processor", NOTHING, CONSUMED],
        ),
        (
            "nothing sent",
            charge(ChargeOutcome::Unknown(None), WireEvidence::NothingSent),
            Some("invalid"),
            &["could not be sent to the card processor", NOTHING, CONSUMED],
        ),
    ]
}

async fn failed(host: &TestHost) -> (CheckoutError, Message) {
    let id = host.session().await;
    let error = host.complete(completion(&id)).await.unwrap_err();
    let session = host.stored(&id).await;
    assert_eq!(session.state, SessionState::Open);
    (
        error,
        session.last_payment_error.expect("the session says what happened"),
    )
}

#[tokio::test]
async fn each_way_in_which_a_payment_fails_has_its_own_words() {
    for (name, arrange, code, words) in cases() {
        let host = TestHost::start();
        arrange(&host);
        let (error, told) = failed(&host).await;
        assert_eq!(told.code.as_deref(), code, "{name}: {} ({error})", told.text);
        let is_error = told.severity == MessageSeverity::Error;
        assert_eq!(is_error, code.is_some(), "{name}");
        for word in words {
            assert!(told.text.contains(word), "{name}: {word:?} is not in {:?}", told.text);
        }
        assert!(!told.text.contains("secret detail"), "{name}: {}", told.text);
        let declined = matches!(error, CheckoutError::Declined { .. });
        assert_eq!(
            told.code.as_deref() == Some("payment_declined"),
            declined,
            "{name}: only what was declined is called so"
        );
    }
}

#[tokio::test]
async fn a_charge_that_never_arrived_was_not_declined() {
    let host = TestHost::start();
    let no_answer = (ChargeOutcome::Unknown(None), WireEvidence::FullRequest);
    host.processor.set(|script| script.charges.push_back(no_answer));
    let id = host.session().await;
    host.complete(completion(&id)).await.unwrap();
    let host = host.restarted().await;
    host.processor
        .set(|script| script.profile = Some(crate::testing::profile_without_key()));
    host.clock.advance(std::time::Duration::from_secs(1200));
    assert_eq!(host.payments.recovery().run_once().await, 1);
    let told = host.stored(&id).await.last_payment_error.unwrap();
    assert_eq!(told.code.as_deref(), Some("invalid"));
    assert!(told.text.contains("did not reach the card processor"), "{}", told.text);
    let again = host.complete(completion(&id)).await.unwrap_err();
    assert!(again.to_string().contains("consumed by an earlier attempt"), "{again}");
}

#[tokio::test]
async fn a_payment_that_the_host_interrupted_keeps_its_token() {
    let host = TestHost::start();
    let id = host.session().await;
    let gate = crate::testing::Gate::default();
    host.tokens.set(|script| script.gate = Some(gate.clone()));
    let paying = host.payments.paying().clone();
    let payment = tokio::spawn({
        let request = completion(&id);
        async move { paying.complete(request, crate::testing::recorder()).await }
    });
    gate.reached.notified().await;
    payment.abort();
    // The task goes on without its caller; another host takes the attempt over, and the first one is too late.
    let host = host.restarted().await;
    assert_eq!(host.payments.recovery().run_once().await, 1);
    let told = host.stored(&id).await.last_payment_error.unwrap();
    assert_eq!((told.severity, told.code), (MessageSeverity::Info, None));
    assert!(
        told.text.contains("was interrupted") && told.text.contains(KEPT),
        "{}",
        told.text
    );
    gate.opened.notify_one();
}
