//! Delegated cards: what a commit of an attempt does to the card that pays it, and when cards are deleted.

use std::time::Duration;

use tillhouse_checkout::attempt::AttemptStatus::Reserved;
use tillhouse_checkout::attempt::{Attempt, AttemptWrite, Paid, Unpaid};
use tillhouse_checkout::ids::{AttemptId, MerchantId, ProcessorReference, SessionId, TokenId};
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};
use tillhouse_checkout::ports::{CommitError, RetentionCutoffs};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_checkout::vault::{SealedCard, TAKEN_CARD_LIFETIME};

use super::Subject;
use super::fixtures::*;

const LIFE: Duration = Duration::from_secs(600);

/// A card that was delegated for this session.
pub(crate) fn card(token: &str, session: &str) -> SealedCard {
    SealedCard {
        token: TokenId::new(token),
        merchant: merchant(),
        session: SessionId::new(session),
        principal: Some("agent".into()),
        limit: money(4598),
        created: START,
        expires: START.after(LIFE),
        key: "key".into(),
        details: "{}".into(),
        card: vec![0, 1, 2, 255],
        security_code: Some(vec![3, 4]),
        had_security_code: true,
        taken: None,
    }
}

/// An attempt that is reserved, and pays with the card of this token.
fn paying(id: &str, token: &str) -> Attempt {
    let mut attempt = attempt(id, "cs_1", Reserved);
    attempt.payer = Payer::Token(PaymentToken {
        issuer: IssuerName::Vault,
        id: TokenId::new(token),
    });
    attempt
}

fn write(write: AttemptWrite) -> UnitOfWork {
    UnitOfWork {
        attempt: Some(write),
        ..UnitOfWork::default()
    }
}

async fn keep(subject: &Subject, card: &SealedCard) {
    let unit = UnitOfWork {
        card: Some(card.clone()),
        ..UnitOfWork::default()
    };
    subject.commit(unit).await;
}

async fn stored(subject: &Subject, token: &str) -> Option<SealedCard> {
    let (merchant, token) = (merchant(), TokenId::new(token));
    subject.store.sealed_card(&merchant, &token).await.unwrap()
}

async fn now(subject: &Subject, id: &str) -> Attempt {
    subject.store.attempt(&AttemptId::new(id)).await.unwrap().unwrap()
}

/// An attempt that has taken the card.
async fn taken(subject: &Subject, id: &str, token: &str) -> Attempt {
    let reserved = paying(id, token);
    subject.commit(write(AttemptWrite::new(reserved.clone(), None))).await;
    subject.commit(write(reserved.resolving("p@1".into(), None))).await;
    now(subject, id).await
}

pub(crate) async fn a_card_is_stored_as_it_is_and_belongs_to_its_merchant(subject: &Subject) {
    let mut without = card("t2", "cs_1");
    (without.principal, without.security_code, without.had_security_code) = (None, None, false);
    for card in [card("t1", "cs_1"), without] {
        keep(subject, &card).await;
        assert_eq!(stored(subject, card.token.as_str()).await, Some(card));
    }
    let (other, token) = (MerchantId::new("bear"), TokenId::new("t1"));
    assert_eq!(subject.store.sealed_card(&other, &token).await.unwrap(), None);
    assert_eq!(stored(subject, "t3").await, None);
}

pub(crate) async fn an_attempt_takes_a_card_and_no_other_attempt_does(subject: &Subject) {
    keep(subject, &card("t1", "cs_1")).await;
    let attempt = taken(subject, "pa_1", "t1").await;
    let of_row = stored(subject, "t1").await.unwrap().taken.unwrap();
    assert_eq!(
        (of_row.attempt, of_row.resolve_key),
        (attempt.id.clone(), attempt.resolve_key.clone())
    );
    subject.commit(write(attempt.postponed("later", START))).await;
    assert!(
        stored(subject, "t1").await.is_some(),
        "a try that decides nothing changes nothing"
    );
    // Another attempt, after this one has ended: its card is gone with it.
    let attempt = now(subject, "pa_1").await;
    subject
        .commit(write(attempt.ended(Unpaid::failed("stopped"), START)))
        .await;
    assert_eq!(stored(subject, "t1").await, None);
    let second = paying("pa_2", "t1");
    subject.commit(write(AttemptWrite::new(second.clone(), None))).await;
    let refused = subject.refused(write(second.resolving("p@1".into(), None))).await;
    assert!(matches!(refused, CommitError::TokenUsed), "{refused:?}");
    assert_eq!(
        now(subject, "pa_2").await.status(),
        Reserved,
        "nothing of the unit is committed"
    );
}

pub(crate) async fn a_card_for_another_session_cannot_be_taken(subject: &Subject) {
    keep(subject, &card("t1", "cs_other")).await;
    let reserved = paying("pa_1", "t1");
    subject.commit(write(AttemptWrite::new(reserved.clone(), None))).await;
    let refused = subject.refused(write(reserved.resolving("p@1".into(), None))).await;
    assert!(matches!(refused, CommitError::TokenUsed), "{refused:?}");
    assert_eq!(stored(subject, "t1").await.unwrap().taken, None);
}

pub(crate) async fn the_security_code_is_wiped_with_charging_and_the_card_with_the_end(subject: &Subject) {
    keep(subject, &card("t1", "cs_1")).await;
    keep(subject, &card("t2", "cs_1")).await;
    let attempt = taken(subject, "pa_1", "t1").await;
    subject.commit(write(attempt.charging("digest", START))).await;
    let charging = stored(subject, "t1").await.unwrap();
    assert_eq!((charging.security_code, charging.had_security_code), (None, true));
    assert_eq!(charging.card, card("t1", "cs_1").card);
    let attempt = now(subject, "pa_1").await;
    subject.commit(write(attempt.unknown("no answer", START, START))).await;
    assert!(stored(subject, "t1").await.is_some(), "it may still be looked up");
    let attempt = now(subject, "pa_1").await;
    let paid = Paid::Charge(ProcessorReference::new("ch_1"));
    subject.commit(write(attempt.approved(paid, START))).await;
    assert_eq!(stored(subject, "t1").await, None);
    assert_eq!(
        stored(subject, "t2").await,
        Some(card("t2", "cs_1")),
        "no other card changes"
    );
}

pub(crate) async fn cards_are_purged_at_their_time(subject: &Subject) {
    keep(subject, &card("t1", "cs_1")).await;
    keep(subject, &card("t2", "cs_1")).await;
    let attempt = taken(subject, "pa_1", "t2").await;
    let purge = async |at: Timestamp| {
        let cutoffs = RetentionCutoffs {
            expired: at,
            delivered_before: Timestamp(0),
            ended_before: Timestamp(0),
        };
        subject.store.purge(&cutoffs).await.unwrap()
    };
    assert_eq!(purge(START.after(LIFE).before(Duration::from_millis(1))).await, 0);
    assert_eq!(purge(START.after(LIFE)).await, 1);
    assert_eq!(stored(subject, "t1").await, None);
    assert!(
        stored(subject, "t2").await.is_some(),
        "a card that was taken lives as long as its attempt may need it"
    );
    assert_eq!(purge(attempt.initiated.after(TAKEN_CARD_LIFETIME)).await, 1);
    assert_eq!(stored(subject, "t2").await, None);
}

pub(crate) async fn all_cards_can_be_deleted(subject: &Subject) {
    keep(subject, &card("t1", "cs_1")).await;
    keep(subject, &card("t2", "cs_2")).await;
    assert_eq!(subject.store.delete_cards().await.unwrap(), 2);
    assert_eq!(stored(subject, "t1").await, None);
    assert_eq!(subject.store.delete_cards().await.unwrap(), 0);
}
