//! The vault as an issuer, over a real store: what a token pays, and what becomes of its card.

mod allowances;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::*;
use crate::testing::{START, TestHost, caller, merchant, usd};
use crate::token::{TokenError, TokenIssuer};
use tillhouse_checkout::attempt::AttemptState;
use tillhouse_checkout::attempt::{AttemptStatus, AttemptWrite, Paid, Unpaid};
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::decision::RiskSignal;
use tillhouse_checkout::idempotency::{IdempotencyKey, IdempotencyScope, Reply};
use tillhouse_checkout::ids::{ProcessorReference, SessionId};
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};
use tillhouse_checkout::ports::{CommitError, DelegatedCards, Store};
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_checkout::vault::{
    Allowance, CardExpiry, CardNumberKind, CardVault, DelegatedCard, DelegatedPayment, DelegationError,
    DelegationRecorder, DelegationRequest,
};

/// Bytes that differ at each call.
#[derive(Debug, Default)]
pub(super) struct CountedBytes(AtomicU64);

impl Randomness for CountedBytes {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        let call = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes();
        bytes
            .iter_mut()
            .zip(call.iter().cycle())
            .for_each(|(byte, it)| *byte = *it);
        Ok(())
    }
}

pub(super) fn key(id: &str, seed: u8) -> VaultKey {
    let text: String = (0..32u8).map(|byte| format!("{:02x}", byte ^ seed)).collect();
    VaultKey::new(id, &Secret::new(text)).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// A vault over a host with one session.
struct Scene {
    host: TestHost,
    vault: Vault,
    session: SessionId,
}

fn vault(host: &TestHost, keys: VaultKeys) -> Vault {
    let account = VaultAccount {
        longest_life: Duration::from_secs(3600),
        per_minute: 3,
    };
    let accounts = BTreeMap::from([(merchant(), account)]);
    Vault::new(
        host.checkout.clone(),
        accounts,
        Arc::new(keys),
        Arc::new(CountedBytes::default()),
    )
}

impl Scene {
    async fn begin() -> Self {
        let host = TestHost::start();
        let session = Box::pin(host.session()).await;
        Self {
            vault: vault(&host, VaultKeys::new(key("one", 1), Vec::new())),
            host,
            session,
        }
    }

    fn request(&self) -> DelegationRequest {
        DelegationRequest {
            caller: caller(),
            card: DelegatedCard {
                kind: CardNumberKind::Primary,
                number: secret("4242424242424242"),
                expiry: Some(CardExpiry { month: 12, year: 2034 }),
                holder: Some(secret("Jane Doe")),
                security_code: Some(secret("737")),
                cryptogram: None,
                eci: None,
                display: CardDisplay::default(),
            },
            allowance: Allowance {
                session: self.session.clone(),
                limit: usd(10_000),
                expires: START.after(Duration::from_secs(600)),
            },
            billing: None,
            checks: Vec::new(),
            signals: vec![RiskSignal {
                source: "token".into(),
                kind: "card_testing".into(),
                score: Some("10".into()),
                action: Some("manual_review".into()),
            }],
        }
    }

    async fn delegate(&self, request: DelegationRequest) -> Result<String, DelegationError> {
        let reply = self.vault.delegate(request, recorder(None)).await?;
        Ok(String::from_utf8(reply.body).unwrap())
    }

    /// The token as it is kept.
    async fn kept(&self) -> TokenId {
        let token = self.delegate(self.request()).await.unwrap();
        self.vault.kept_id(&TokenId::new(token))
    }

    /// An attempt that has taken the card, as it is stored.
    async fn taken_by(&self, token: &TokenId) -> tillhouse_checkout::attempt::Attempt {
        let id = self.host.with_attempt(AttemptState::Reserved).await;
        let mut attempt = self.host.attempt(&id).await;
        // The attempt of the fixture pays with a token of Stripe.
        attempt.id = tillhouse_checkout::ids::AttemptId::new("pa_vault");
        attempt.reference = "pa_vault".into();
        attempt.order.id = "order-vault".into();
        attempt.session = self.session.clone();
        attempt.payer = Payer::Token(PaymentToken {
            issuer: IssuerName::Vault,
            id: token.clone(),
        });
        self.write(AttemptWrite::new(attempt.clone(), None)).await.unwrap();
        self.write(attempt.resolving("processor@1".into(), None)).await.unwrap();
        self.host.attempt(&attempt.id).await
    }

    async fn write(&self, write: AttemptWrite) -> Result<(), CommitError> {
        let unit = UnitOfWork {
            attempt: Some(write),
            ..UnitOfWork::default()
        };
        self.host.store.commit(unit).await
    }
}

fn recorder(key: Option<IdempotencyKey>) -> DelegationRecorder {
    DelegationRecorder {
        key,
        render: Arc::new(|delegated| Reply {
            status: 201,
            body: delegated.token.as_str().into(),
        }),
    }
}

#[tokio::test]
async fn a_token_grants_what_the_agent_allowed_and_is_stored_as_a_hash() {
    let scene = Box::pin(Scene::begin()).await;
    let token = scene.delegate(scene.request()).await.unwrap();
    assert!(token.starts_with("vt_") && token.len() > 40, "{token}");
    let kept = scene.vault.kept_id(&TokenId::new(token.as_str()));
    let stored = scene.host.store.sealed_card(&merchant(), &kept).await.unwrap().unwrap();
    assert!(!format!("{stored:?}").contains(&token));
    let granted = scene.vault.retrieve(&merchant(), &kept).await.unwrap();
    assert_eq!(granted.session, Some(scene.session.clone()));
    assert_eq!(
        (granted.currency, granted.max_amount),
        (Some(usd(0).currency), Some(usd(10_000).amount))
    );
    assert_eq!(granted.signals[0].kind, "card_testing");
    assert_eq!(granted.card.last4.as_deref(), Some("4242"));
    assert_ne!(granted.card.fingerprint, None);
    let raw = TokenId::new(token);
    assert!(matches!(
        scene.vault.retrieve(&merchant(), &raw).await,
        Err(TokenError::Unknown)
    ));
    let other = MerchantId::new("bear");
    assert!(matches!(
        scene.vault.retrieve(&other, &kept).await,
        Err(TokenError::Unknown)
    ));
}

#[tokio::test]
async fn a_token_expires_no_later_than_the_vault_keeps_cards() {
    let scene = Box::pin(Scene::begin()).await;
    let mut request = scene.request();
    request.allowance.expires = START.after(Duration::from_secs(1_000_000));
    let token = scene.delegate(request).await.unwrap();
    let kept = scene.vault.kept_id(&TokenId::new(token));
    scene.host.clock.advance(Duration::from_secs(3599));
    assert!(scene.vault.retrieve(&merchant(), &kept).await.is_ok());
    scene.host.clock.advance(Duration::from_secs(1));
    let granted = scene.vault.retrieve(&merchant(), &kept).await.unwrap();
    assert_eq!(
        granted.expires,
        Some(scene.host.clock.now()),
        "its agent is told that it has expired"
    );
    scene.host.payments.expiry().run_once().await.unwrap();
    assert_eq!(
        scene.host.store.sealed_card(&merchant(), &kept).await.unwrap(),
        None,
        "it is deleted"
    );
}

#[tokio::test]
async fn only_the_attempt_that_took_a_card_resolves_it_and_a_charge_has_the_code_once() {
    let scene = Box::pin(Scene::begin()).await;
    let token = scene.kept().await;
    let before = scene.vault.resolve(&merchant(), &token, "resolve").await;
    assert!(matches!(before, Err(TokenError::Unknown)), "no attempt has taken it");
    let attempt = scene.taken_by(&token).await;
    for _ in 0..2 {
        let credential = scene
            .vault
            .resolve(&merchant(), &token, &attempt.resolve_key)
            .await
            .unwrap();
        assert_eq!(credential.slot("cvc").map(Secret::reveal), Some("737"));
        assert_eq!(credential.slot("number").map(Secret::reveal), Some("4242424242424242"));
    }
    let wrong = scene.vault.resolve(&merchant(), &token, "another key").await;
    assert!(matches!(wrong, Err(TokenError::Unknown)));
    scene.write(attempt.charging("digest", START)).await.unwrap();
    let after = scene
        .vault
        .resolve(&merchant(), &token, &attempt.resolve_key)
        .await
        .unwrap();
    assert!(after.slot("cvc").is_none() && after.slot("number").is_some());
    let again = scene
        .vault
        .resolve_again(&merchant(), &token, &attempt.resolve_key)
        .await;
    assert!(
        matches!(again, Err(TokenError::NoCredential(_))),
        "a charge with a code is not sent again"
    );
}

#[tokio::test]
async fn the_card_is_gone_with_the_end_of_its_attempt_and_another_attempt_cannot_take_it() {
    let scene = Box::pin(Scene::begin()).await;
    let token = scene.kept().await;
    let attempt = scene.taken_by(&token).await;
    let mut second = attempt.clone();
    second.id = tillhouse_checkout::ids::AttemptId::new("pa_second");
    second.reference = "pa_second".into();
    second.order.id = "order-second".into();
    second.state = AttemptState::Reserved;
    let refused = scene.write(second.resolving("processor@1".into(), None)).await;
    assert!(refused.is_err());
    scene.write(attempt.charging("digest", START)).await.unwrap();
    let charged = scene.host.attempt(&attempt.id).await;
    scene
        .write(charged.approved(Paid::Charge(ProcessorReference::new("ch_1")), START))
        .await
        .unwrap();
    assert_eq!(scene.host.store.sealed_card(&merchant(), &token).await.unwrap(), None);
}

#[tokio::test]
async fn a_refusal_before_the_charge_wipes_the_card_too() {
    let scene = Box::pin(Scene::begin()).await;
    let token = scene.kept().await;
    let attempt = scene.taken_by(&token).await;
    scene
        .write(attempt.ended(Unpaid::failed("stopped"), START))
        .await
        .unwrap();
    assert_eq!(scene.host.attempt(&attempt.id).await.status(), AttemptStatus::Failed);
    assert_eq!(scene.host.store.sealed_card(&merchant(), &token).await.unwrap(), None);
}

#[tokio::test]
async fn a_caller_may_delegate_so_many_cards_per_minute() {
    let scene = Box::pin(Scene::begin()).await;
    for _ in 0..3 {
        scene.delegate(scene.request()).await.unwrap();
    }
    let refused = scene.delegate(scene.request()).await.unwrap_err();
    assert!(matches!(refused, DelegationError::TooMany { .. }));
}

#[tokio::test]
async fn the_recorded_answer_is_sealed_and_opens_for_the_same_key_only() {
    let scene = Box::pin(Scene::begin()).await;
    let key_of = |name: &str| IdempotencyKey {
        scope: IdempotencyScope {
            merchant: merchant(),
            principal: "agent".into(),
            endpoint: "POST /agentic_commerce/delegate_payment".into(),
            key: name.into(),
        },
        fingerprint: scene.vault.fingerprint(&merchant(), [7; 32]),
        expires: START.after(Duration::from_secs(60)),
    };
    let reply = scene
        .vault
        .delegate(scene.request(), recorder(Some(key_of("k"))))
        .await
        .unwrap();
    let token = String::from_utf8(reply.body.clone()).unwrap();
    let now = scene.host.clock.now();
    let record = scene
        .host
        .store
        .idempotency(&key_of("k").scope, now)
        .await
        .unwrap()
        .unwrap();
    assert_ne!(record.fingerprint, [7; 32], "a plain hash of the body is not stored");
    assert!(
        !record
            .reply
            .body
            .windows(token.len())
            .any(|part| part == token.as_bytes())
    );
    assert_eq!(scene.vault.open_answer(&record).unwrap(), reply);
    let mut moved = record.clone();
    moved.scope.key = "other".into();
    assert!(scene.vault.open_answer(&moved).is_err());
    let used = scene.vault.delegate(scene.request(), recorder(Some(key_of("k")))).await;
    assert_eq!(used, Err(DelegationError::KeyUsed), "and no second card is kept");
}

#[tokio::test]
async fn a_card_opens_after_a_change_of_keys_as_long_as_its_key_is_there() {
    let scene = Box::pin(Scene::begin()).await;
    let token = scene.kept().await;
    let rotated = vault(&scene.host, VaultKeys::new(key("two", 2), vec![key("one", 1)]));
    assert!(rotated.retrieve(&merchant(), &token).await.is_ok());
    let without = vault(&scene.host, VaultKeys::new(key("two", 2), Vec::new()));
    let error = without.retrieve(&merchant(), &token).await.unwrap_err();
    assert!(
        matches!(&error, TokenError::Misconfigured(text) if text.contains("vault key one")),
        "{error}"
    );
}
