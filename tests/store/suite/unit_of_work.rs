//! Units of work and orders: all or nothing.

use tillhouse_checkout::attempt::AttemptStatus::Reserved;
use tillhouse_checkout::attempt::{Attempt, AttemptWrite};
use tillhouse_checkout::ids::{AttemptId, MerchantId, OrderId, SavedCartId, SessionId, TokenId};
use tillhouse_checkout::inbox::EventSource;
use tillhouse_checkout::order::{Order, OrderStatus, OrderWrite};
use tillhouse_checkout::plugin_data::StagedChanges;
use tillhouse_checkout::ports::{CommitError, MessageFilter};
use tillhouse_checkout::saved_cart::SavedCartWrite;
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::Subject;
use super::cards::card;
use super::fixtures::*;
use super::saved_carts::cart;

/// A unit with every possible part, for checkout `cs_1`.
fn everything() -> UnitOfWork {
    UnitOfWork {
        session: Some(SessionWrite {
            session: Box::new(session("cs_1", 1)),
            replaces: None,
        }),
        saved_cart: Some(SavedCartWrite {
            cart: cart("cart_1", 1),
            replaces: None,
        }),
        staged: StagedChanges {
            reads: vec![read("shop", "greeting", None)],
            writes: vec![put("shop", "greeting", Some(b"hello")), add("sold", 2, None)],
        },
        ended_attempt: None,
        attempt: Some(AttemptWrite::new(attempt("pa_1", "cs_1", Reserved), None)),
        refund: None,
        card: Some(card("t1", "cs_1")),
        order: Some(OrderWrite::new(order("o_1", "cs_1"))),
        outbox: vec![message("a", START)],
        idempotency: Some(answer("k1", Timestamp(START.0 + 10))),
        event: Some(event("evt_1")),
        discrepancy: Some(found("ch_1")),
        audit: Some(entry("pa_1")),
    }
}

pub(crate) async fn a_unit_commits_every_part(subject: &Subject) {
    let store = &subject.store;
    subject.commit(everything()).await;
    let id = SessionId::new("cs_1");
    assert_eq!(store.session(&merchant(), &id).await.unwrap(), Some(session("cs_1", 1)));
    let kept = store
        .saved_cart(&merchant(), &SavedCartId::new("cart_1"))
        .await
        .unwrap();
    assert_eq!(kept, Some(cart("cart_1", 1)));
    let kept = store.sealed_card(&merchant(), &TokenId::new("t1")).await.unwrap();
    assert_eq!(kept, Some(card("t1", "cs_1")));
    let value = store.kv(&namespace("shop"), "greeting").await.unwrap().unwrap();
    assert_eq!(value.value, b"hello");
    assert_eq!(store.counter(&namespace("shop"), "sold").await.unwrap(), 2);
    let paid = attempt("pa_1", "cs_1", Reserved);
    assert_eq!(
        store.attempt(&AttemptId::new("pa_1")).await.unwrap(),
        Some(paid.clone())
    );
    assert_eq!(store.attempts_of(&merchant(), &id).await.unwrap(), [paid]);
    assert_eq!(store.order(&merchant(), &id).await.unwrap(), Some(order("o_1", "cs_1")));
    let queued = store.list_messages(&every_message()).await.unwrap();
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0].message, message("a", START));
    let events = store
        .list_events(&EventSource::Stripe(merchant()), 0, 10)
        .await
        .unwrap();
    assert_eq!(
        events.iter().map(|(_, it)| it.clone()).collect::<Vec<_>>(),
        [event("evt_1")]
    );
    assert_eq!(store.list_discrepancies(10).await.unwrap(), [found("ch_1")]);
    assert_eq!(store.audit_log(0, 10).await.unwrap()[0].entry, entry("pa_1"));
    let recorded = store.idempotency(&scope("k1"), START).await.unwrap();
    assert_eq!(recorded, Some(answer("k1", Timestamp(START.0 + 10))));
}

fn every_message() -> MessageFilter {
    MessageFilter {
        limit: 10,
        ..MessageFilter::default()
    }
}

type Expected = fn(&CommitError) -> bool;

/// Each way in which a unit can fail, combined with every other part: none of the parts is stored.
pub(crate) async fn a_unit_that_fails_leaves_nothing(subject: &Subject) {
    let store = &subject.store;
    subject.commit(insert_session(session("taken", 1))).await;
    subject.commit(insert_order(order("o_taken", "cs_0"))).await;
    subject
        .commit(insert_attempt(attempt("pa_taken", "cs_0", Reserved)))
        .await;
    subject.commit(record(answer("taken", Timestamp(START.0 + 10)))).await;
    subject.commit(receive(event("evt_taken"))).await;
    let mut failing: Vec<(UnitOfWork, Expected)> = Vec::new();
    let mut unit = everything();
    unit.session.as_mut().unwrap().session.id = SessionId::new("taken");
    failing.push((unit, |e| matches!(e, CommitError::Session)));
    let mut unit = everything();
    unit.order.as_mut().unwrap().order.id = OrderId::new("o_taken");
    failing.push((unit, |e| matches!(e, CommitError::Order)));
    let mut unit = everything();
    let clash = Attempt {
        id: AttemptId::new("pa_taken"),
        ..attempt("pa_1", "cs_1", Reserved)
    };
    unit.attempt = Some(AttemptWrite::new(clash, None));
    failing.push((unit, |e| matches!(e, CommitError::Attempt)));
    let mut unit = everything();
    unit.idempotency.as_mut().unwrap().scope = scope("taken");
    failing.push((unit, |e| matches!(e, CommitError::Idempotency)));
    let mut unit = everything();
    unit.event = Some(event("evt_taken"));
    failing.push((unit, |e| matches!(e, CommitError::EventSeen)));
    let mut unit = everything();
    unit.staged.reads.push(read("shop", "greeting", Some(7)));
    failing.push((unit, |e| matches!(e, CommitError::PluginData)));
    let mut unit = everything();
    unit.staged.writes.push(add("sold", -3, Some(0)));
    failing.push((
        unit,
        |e| matches!(e, CommitError::Insufficient { key } if key == "sold"),
    ));

    for (unit, expected) in failing {
        let error = subject.refused(unit).await;
        assert!(expected(&error), "{error:?}");
        let id = SessionId::new("cs_1");
        assert_eq!(store.session(&merchant(), &id).await.unwrap(), None, "{error}");
        assert_eq!(store.kv(&namespace("shop"), "greeting").await.unwrap(), None, "{error}");
        assert_eq!(store.counter(&namespace("shop"), "sold").await.unwrap(), 0, "{error}");
        assert_eq!(store.attempts_of(&merchant(), &id).await.unwrap(), [], "{error}");
        assert_eq!(store.order(&merchant(), &id).await.unwrap(), None, "{error}");
        assert_eq!(store.list_messages(&every_message()).await.unwrap(), [], "{error}");
        let events = store
            .list_events(&EventSource::Stripe(merchant()), 0, 10)
            .await
            .unwrap();
        assert_eq!(events.len(), 1, "{error}: only the earlier event is stored");
        assert_eq!(store.list_discrepancies(10).await.unwrap(), [], "{error}");
        assert_eq!(store.audit_log(0, 10).await.unwrap(), [], "{error}");
        assert_eq!(store.idempotency(&scope("k1"), START).await.unwrap(), None, "{error}");
    }
    subject.commit(everything()).await;
}

pub(crate) async fn an_order_is_unique_per_checkout_and_by_its_id(subject: &Subject) {
    subject.commit(insert_order(order("o_1", "cs_1"))).await;
    for again in [order("o_1", "cs_2"), order("o_2", "cs_1")] {
        let error = subject.refused(insert_order(again)).await;
        assert!(matches!(error, CommitError::Order), "{error:?}");
    }
    let mut theirs = order("o_1", "cs_1");
    theirs.merchant = MerchantId::new("other");
    subject.commit(insert_order(theirs)).await;
}

pub(crate) async fn an_empty_unit_is_committed(subject: &Subject) {
    subject.commit(UnitOfWork::default()).await;
}

pub(crate) async fn an_order_is_replaced_revision_by_revision(subject: &Subject) {
    let store = &subject.store;
    let placed = order("o_1", "cs_1");
    subject.commit(insert_order(placed.clone())).await;
    let mut changed = placed.clone();
    changed.progress.revision = 2;
    changed.progress.stated = Some(OrderStatus::Shipped);
    let replace = |order: &Order, replaces| UnitOfWork {
        order: Some(OrderWrite {
            order: order.clone(),
            replaces: Some(replaces),
        }),
        ..UnitOfWork::default()
    };
    subject.commit(replace(&changed, 1)).await;
    let mut of_another_charge = changed.clone();
    of_another_charge.attempt = AttemptId::new("pa_2");
    for refused in [
        replace(&changed, 1),
        replace(&changed, 3),
        replace(&of_another_charge, 2),
    ] {
        let error = subject.refused(refused).await;
        assert!(matches!(error, CommitError::Order), "{error:?}");
    }
    assert_eq!(
        store.order(&merchant(), &SessionId::new("cs_1")).await.unwrap(),
        Some(changed.clone())
    );
    assert_eq!(
        store.order_by_id(&merchant(), &OrderId::new("o_1")).await.unwrap(),
        Some(changed.clone())
    );
    let other = MerchantId::new("other");
    assert_eq!(store.order_by_id(&other, &OrderId::new("o_1")).await.unwrap(), None);
    let mut later_order = order("o_2", "cs_2");
    later_order.created = later(1);
    subject.commit(insert_order(later_order.clone())).await;
    let listed = store.list_orders(&merchant(), None, 10).await.unwrap();
    assert_eq!(listed, [later_order, changed.clone()], "the newest first");
    assert_eq!(
        store.list_orders(&merchant(), Some(later(1)), 10).await.unwrap(),
        [changed]
    );
}

pub(crate) async fn a_completed_session_is_read_with_its_order_as_it_is_now(subject: &Subject) {
    let placed = order("o_1", "cs_1");
    let mut completed = session("cs_1", 1);
    completed.state = SessionState::Completed {
        order: Box::new(placed.clone()),
    };
    subject.commit(insert_session(completed)).await;
    let id = SessionId::new("cs_1");
    let shown = async || subject.store.session(&merchant(), &id).await.unwrap().unwrap();
    assert_eq!(
        shown().await.order(),
        Some(&placed),
        "an order that an earlier release did not keep apart"
    );
    subject.commit(insert_order(placed.clone())).await;
    let mut changed = placed;
    changed.progress.revision = 2;
    subject
        .commit(UnitOfWork {
            order: Some(OrderWrite {
                order: changed,
                replaces: Some(1),
            }),
            ..UnitOfWork::default()
        })
        .await;
    assert_eq!(shown().await.order().unwrap().revision(), 2);
}
