//! Saved carts: revisions, owners, expiry, and what an erasure takes.

use tillhouse_checkout::ids::{MerchantId, SavedCartId, SessionId};
use tillhouse_checkout::ports::{CommitError, RetentionCutoffs};
use tillhouse_checkout::saved_cart::{CheckoutOfCart, SavedCart, SavedCartWrite};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Subject;
use super::fixtures::*;

pub(super) fn cart(id: &str, revision: u64) -> SavedCart {
    let mut draft = session(id, revision);
    draft.agent.principal = Some("agent".into());
    draft.expires = later(100);
    SavedCart {
        id: SavedCartId::new(id),
        draft: Box::new(draft),
        checkout: None,
    }
}

fn write(cart: SavedCart, replaces: Option<u64>) -> UnitOfWork {
    UnitOfWork {
        saved_cart: Some(SavedCartWrite { cart, replaces }),
        ..UnitOfWork::default()
    }
}

async fn stored(subject: &Subject, id: &str) -> Option<SavedCart> {
    let found = subject.store.saved_cart(&merchant(), &SavedCartId::new(id)).await;
    found.unwrap()
}

pub(crate) async fn a_cart_is_written_once_per_revision(subject: &Subject) {
    subject.commit(write(cart("cart_1", 1), None)).await;
    for refused in [
        write(cart("cart_1", 1), None),
        write(cart("cart_1", 3), Some(2)),
        write(cart("cart_2", 2), Some(1)),
    ] {
        let error = subject.refused(refused).await;
        assert!(matches!(error, CommitError::SavedCart), "{error:?}");
    }
    let mut changed = cart("cart_1", 2);
    changed.checkout = Some(CheckoutOfCart {
        session: SessionId::new("cs_1"),
        cart_revision: 2,
    });
    subject.commit(write(changed.clone(), Some(1))).await;
    assert_eq!(stored(subject, "cart_1").await, Some(changed));
}

pub(crate) async fn a_cart_belongs_to_its_merchant(subject: &Subject) {
    subject.commit(write(cart("cart_1", 1), None)).await;
    let other = MerchantId::new("other");
    let found = subject.store.saved_cart(&other, &SavedCartId::new("cart_1")).await;
    assert_eq!(found.unwrap(), None);
    let mut theirs = cart("cart_1", 2);
    theirs.draft.merchant = other;
    let error = subject.refused(write(theirs, Some(1))).await;
    assert!(matches!(error, CommitError::SavedCart), "{error:?}");
}

pub(crate) async fn a_checkout_and_its_cart_are_one_unit(subject: &Subject) {
    subject.commit(write(cart("cart_1", 1), None)).await;
    let begins = |revision, replaces| UnitOfWork {
        idempotency: Some(answer("k", later(1_000))),
        ..UnitOfWork {
            session: insert_session(session("cs_1", 1)).session,
            ..write(cart("cart_1", revision), Some(replaces))
        }
    };
    let error = subject.refused(begins(3, 2)).await;
    assert!(matches!(error, CommitError::SavedCart), "{error:?}");
    let session = subject.store.session(&merchant(), &SessionId::new("cs_1")).await;
    assert_eq!(session.unwrap(), None);
    let recorded = subject.store.idempotency(&scope("k"), START).await;
    assert_eq!(recorded.unwrap(), None);
    subject.commit(begins(2, 1)).await;
    assert_eq!(stored(subject, "cart_1").await, Some(cart("cart_1", 2)));
}

pub(crate) async fn carts_are_counted_by_their_principal_while_they_live(subject: &Subject) {
    let kept_by = |id: &str, principal: Option<&str>, expires: Timestamp| {
        let mut cart = cart(id, 1);
        cart.draft.agent.principal = principal.map(Into::into);
        cart.draft.expires = expires;
        cart
    };
    for (id, principal, expires) in [
        ("cart_1", Some("a"), later(100)),
        ("cart_2", Some("a"), later(100)),
        ("cart_3", Some("a"), later(10)),
        ("cart_4", Some("b"), later(100)),
        ("cart_5", None, later(100)),
    ] {
        subject.commit(write(kept_by(id, principal, expires), None)).await;
    }
    for (principal, limit, expected) in [(Some("a"), 10, 2), (Some("a"), 1, 1), (Some("c"), 10, 0), (None, 10, 1)] {
        let kept = subject
            .store
            .saved_carts(&merchant(), principal, later(10), limit)
            .await;
        assert_eq!(kept.unwrap(), expected, "{principal:?} up to {limit}");
    }
}

pub(crate) async fn expired_carts_are_purged(subject: &Subject) {
    for (id, expires) in [("cart_old", later(10)), ("cart_new", later(11))] {
        let mut cart = cart(id, 1);
        cart.draft.expires = expires;
        subject.commit(write(cart, None)).await;
    }
    let cutoffs = RetentionCutoffs {
        expired: later(10),
        delivered_before: START,
        ended_before: START,
    };
    assert_eq!(subject.store.purge(&cutoffs).await.unwrap(), 1);
    assert_eq!(stored(subject, "cart_old").await, None);
    assert!(stored(subject, "cart_new").await.is_some());
}
