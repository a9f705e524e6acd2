//! Refunds: no more goes back than was captured, and one host at a time works on each.

use tillhouse_checkout::attempt::AttemptStatus::Approved;
use tillhouse_checkout::attempt::RetrySchedule;
use tillhouse_checkout::ids::{AttemptId, MerchantId, OrderId, ProcessorReference, RefundId, SessionId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::order::{Order, OrderWrite};
use tillhouse_checkout::ports::{CommitError, RefundFilter, SessionCutoffs};
use tillhouse_checkout::refund::{Refund, RefundBasis, RefundState, RefundStatus, RefundWrite};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Subject;
use super::fixtures::*;

/// A refund of the order `order_1` over so much.
fn refund(name: &str, minor: i64) -> Refund {
    let attempt = AttemptId::new("pa_1");
    Refund {
        id: RefundId::of(&attempt, name),
        name: name.into(),
        merchant: merchant(),
        session: SessionId::new("cs_1"),
        order: OrderId::new("order_1"),
        attempt,
        charge: ProcessorReference::new("ch_1"),
        destination: None,
        amount: money(minor),
        lines: Vec::new(),
        reason: Some("It came broken.".into()),
        code: None,
        asked: START,
        state: RefundState::Asked,
        retry: RetrySchedule::default(),
        epoch: 0,
    }
}

fn ask(refund: &Refund) -> UnitOfWork {
    ask_of(refund, 1, 4598)
}

/// The refund, as it was admitted by this revision of the order, of which so much may go back.
fn ask_of(refund: &Refund, revision: u64, most: i64) -> UnitOfWork {
    let basis = RefundBasis {
        revision,
        most: money(most).amount,
    };
    write(RefundWrite::new(refund.clone(), basis))
}

fn write(refund: RefundWrite) -> UnitOfWork {
    UnitOfWork {
        refund: Some(refund),
        ..UnitOfWork::default()
    }
}

/// The order was paid with 45.98.
async fn sold(subject: &Subject) -> Order {
    let order = order("order_1", "cs_1");
    subject.commit(insert_order(order.clone())).await;
    order
}

async fn stored(subject: &Subject, refund: &Refund) -> Refund {
    subject.store.refund(&refund.id).await.unwrap().unwrap()
}

async fn lease(subject: &Subject, by: &LeaseHolder, refund: &Refund) -> Option<Refund> {
    subject.store.lease_refund(by, &refund.id).await.unwrap()
}

/// Polls until the lease has expired and this holder has leased the refund.
async fn take_over(subject: &Subject, by: &LeaseHolder, refund: &Refund) -> Refund {
    loop {
        if let Some(refund) = lease(subject, by, refund).await {
            return refund;
        }
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn refunds_are_never_more_than_the_order_was_paid_with(subject: &Subject) {
    let order = sold(subject).await;
    let (first, second) = (refund("R1", 4000), refund("R2", 599));
    subject.commit(ask(&first)).await;
    let error = subject.refused(ask(&second)).await;
    assert!(matches!(error, CommitError::RefundExceedsCapture), "{error:?}");
    assert_eq!(subject.store.refund(&second.id).await.unwrap(), None);
    subject.commit(ask(&refund("R3", 598))).await;
    let error = subject.refused(ask(&refund("R4", 1))).await;
    assert!(matches!(error, CommitError::RefundExceedsCapture), "{error:?}");
    // What was declined is free again.
    let leased = lease(subject, &host("a"), &first).await.unwrap();
    subject.commit(write(leased.declined("too_late", START))).await;
    subject.commit(ask(&refund("R5", 4000))).await;
    let all = RefundFilter::of_order(&merchant(), &order.id);
    let found = subject.store.list_refunds(&all).await.unwrap();
    let names: Vec<_> = found.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["R1", "R3", "R5"]);
}

pub(crate) async fn a_refund_is_refused_once_the_order_has_changed_or_has_less_left(subject: &Subject) {
    let order = sold(subject).await;
    let mut changed = order.clone();
    changed.progress.revision += 1;
    let unit = UnitOfWork {
        order: Some(OrderWrite::next(&order, changed.clone())),
        ..UnitOfWork::default()
    };
    subject.commit(unit).await;
    let first = refund("R1", 100);
    let error = subject.refused(ask_of(&first, order.revision(), 4598)).await;
    assert!(matches!(error, CommitError::Order), "{error:?}");
    let error = subject.refused(ask_of(&first, changed.revision(), 99)).await;
    assert!(matches!(error, CommitError::RefundExceedsCapture), "{error:?}");
    subject.commit(ask_of(&first, changed.revision(), 100)).await;
    let error = subject.refused(ask_of(&refund("R2", 1), changed.revision(), 100)).await;
    assert!(matches!(error, CommitError::RefundExceedsCapture), "{error:?}");
}

pub(crate) async fn a_refund_is_asked_for_once_and_for_an_order_that_there_is(subject: &Subject) {
    sold(subject).await;
    let asked = refund("R1", 4598);
    subject.commit(ask(&asked)).await;
    let error = subject.refused(ask(&asked)).await;
    assert!(
        matches!(error, CommitError::Refund),
        "a repetition is told so: {error:?}"
    );
    for wrong in [
        Refund {
            order: OrderId::new("order_2"),
            ..refund("R2", 1)
        },
        Refund {
            attempt: AttemptId::new("pa_2"),
            ..refund("R2", 1)
        },
        Refund {
            merchant: MerchantId::new("other"),
            ..refund("R2", 1)
        },
        Refund {
            session: SessionId::new("cs_2"),
            ..refund("R2", 1)
        },
        Refund {
            epoch: 1,
            ..refund("R2", 1)
        },
    ] {
        let error = subject.refused(ask(&wrong)).await;
        assert!(matches!(error, CommitError::Refund), "{wrong:?}: {error:?}");
    }
    assert_eq!(stored(subject, &asked).await, asked);
}

pub(crate) async fn refunds_that_are_asked_for_at_once_do_not_exceed_it_together(subject: &Subject) {
    sold(subject).await;
    let mut asking = tokio::task::JoinSet::new();
    for at in 0..16 {
        let store = std::sync::Arc::clone(&subject.store);
        let unit = ask(&refund(&format!("R{at}"), 2299));
        asking.spawn(async move { store.commit(unit).await.is_ok() });
    }
    let accepted = asking
        .join_all()
        .await
        .into_iter()
        .filter(|is_accepted| *is_accepted)
        .count();
    assert_eq!(accepted, 2);
}

pub(crate) async fn a_refund_moves_only_where_it_may(subject: &Subject) {
    sold(subject).await;
    let asked = refund("R1", 100);
    subject.commit(ask(&asked)).await;
    let leased = lease(subject, &host("a"), &asked).await.unwrap();
    let sent = leased.sent(START).into_refund();
    subject.commit(write(leased.sent(START))).await;
    let error = subject.refused(write(leased.declined("late", START))).await;
    assert!(
        matches!(error, CommitError::Refund),
        "it is not in the state any more: {error:?}"
    );
    let other_amount = Refund {
        amount: money(200),
        ..sent.clone()
    };
    let error = subject.refused(write(other_amount.done("acq_1", START))).await;
    assert!(
        matches!(error, CommitError::Refund),
        "what is refunded never changes: {error:?}"
    );
    subject.commit(write(sent.done("acq_1", START))).await;
    let done = stored(subject, &asked).await;
    assert_eq!(
        (done.status(), done.state.reference()),
        (RefundStatus::Done, Some("acq_1"))
    );
    let error = subject.refused(write(done.declined("late", START))).await;
    assert!(matches!(error, CommitError::Refund), "it is over: {error:?}");

    let known = refund("R2", 100);
    subject.commit(ask(&known)).await;
    let leased = lease(subject, &host("a"), &known).await.unwrap();
    // The processor may know a refund whose call the store has lost.
    let pending = leased.pending("acq_2".into(), START, START).into_refund();
    subject
        .commit(write(leased.pending("acq_2".into(), START, START)))
        .await;
    let error = subject.refused(write(pending.sent(START))).await;
    assert!(
        matches!(error, CommitError::Refund),
        "what the processor has is not sent again: {error:?}"
    );
}

pub(crate) async fn open_refunds_are_leased_oldest_first_by_one_host(subject: &Subject) {
    sold(subject).await;
    let [first, second, third] = ["R1", "R2", "R3"].map(|name| refund(name, 100));
    for asked in [&first, &second, &third] {
        subject.commit(ask(asked)).await;
    }
    let waiting = lease(subject, &host("a"), &third).await.unwrap();
    subject
        .commit(write(waiting.unknown("no answer", START, later(50))))
        .await;
    let due = subject
        .store
        .lease_refunds(&host("a"), START, &[merchant()], 10)
        .await
        .unwrap();
    assert_eq!(due, [], "the busy are passed over");
    let due = subject.store.lease_refunds(&host("a"), START, &[], 1).await.unwrap();
    assert_eq!(due[0].name, "R1");
    let due = subject.store.lease_refunds(&host("b"), START, &[], 10).await.unwrap();
    let names: Vec<_> = due.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["R2"], "one is leased, and another is not due");
    assert_eq!(lease(subject, &host("b"), &first).await, None);
    let third = lease(subject, &host("b"), &third).await;
    assert!(third.is_some(), "it is leased whenever a host asks for it");
    subject.store.release_leases(&host("a").host).await.unwrap();
    assert!(lease(subject, &host("b"), &first).await.is_some());
}

pub(crate) async fn the_former_holder_of_a_refund_is_fenced_off(subject: &Subject) {
    sold(subject).await;
    let asked = refund("R1", 100);
    subject.commit(ask(&asked)).await;
    let former = lease(subject, &short_lived("a"), &asked).await.unwrap();
    let holder = take_over(subject, &host("b"), &asked).await;
    let error = subject.refused(write(former.sent(START))).await;
    assert!(matches!(error, CommitError::Refund), "{error:?}");
    let held = [(former.id.clone(), former.epoch)];
    let lost = subject
        .store
        .renew_refund_leases(&short_lived("a"), &held)
        .await
        .unwrap();
    assert_eq!(lost, std::slice::from_ref(&asked.id));
    let held = [(holder.id.clone(), holder.epoch)];
    assert_eq!(subject.store.renew_refund_leases(&host("b"), &held).await.unwrap(), []);
    let sent = holder.sent(START).into_refund();
    subject.commit(write(holder.sent(START))).await;
    assert_eq!(lease(subject, &host("a"), &asked).await, None, "the call goes on");
    subject.commit(write(sent.unknown("no answer", START, START))).await;
    assert!(
        lease(subject, &host("a"), &asked).await.is_some(),
        "any host may ask about it"
    );
}

pub(crate) async fn a_session_stays_while_a_refund_is_open_and_goes_with_it_afterwards(subject: &Subject) {
    let order = sold(subject).await;
    let completed = Session {
        state: SessionState::Completed { order: Box::new(order) },
        ..session("cs_1", 1)
    };
    subject.commit(insert_session(completed)).await;
    subject.commit(insert_attempt(attempt("pa_1", "cs_1", Approved))).await;
    let asked = refund("R1", 100);
    subject.commit(ask(&asked)).await;
    let cutoffs = SessionCutoffs {
        unpaid: later(100),
        paid: Some(later(100)),
    };
    assert_eq!(subject.store.purge_sessions(&cutoffs).await.unwrap(), 0);
    let leased = lease(subject, &host("a"), &asked).await.unwrap();
    subject.commit(write(leased.done("acq_1", START))).await;
    assert_eq!(subject.store.purge_sessions(&cutoffs).await.unwrap(), 1);
    assert_eq!(subject.store.refund(&asked.id).await.unwrap(), None);
}

pub(crate) async fn the_record_of_a_payment_is_kept_with_its_attempt(subject: &Subject) {
    let paid = attempt("pa_1", "cs_1", Approved);
    subject.commit(insert_attempt(paid.clone())).await;
    subject
        .commit(send(vec![message("pa_1", START), message("pa_2", START)]))
        .await;
    assert_eq!(subject.store.payment_record(&paid.id).await.unwrap(), None);
    let queued = lease_all(subject).await;
    subject.store.mark_reported(&queued[0], START, "pr_1").await.unwrap();
    subject.store.mark_reported(&queued[1], START, "pr_2").await.unwrap();
    assert_eq!(
        subject.store.payment_record(&paid.id).await.unwrap(),
        Some("pr_1".to_owned())
    );
    subject.store.mark_reported(&queued[0], START, "pr_3").await.unwrap();
    assert_eq!(
        subject.store.payment_record(&paid.id).await.unwrap(),
        Some("pr_1".to_owned()),
        "it was delivered before"
    );
    assert_eq!(lease_all(subject).await, []);
}
