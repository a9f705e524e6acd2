//! Where a refund may go, and what of its payment it holds.

use super::RefundStatus::{Asked, Declined, Done, NeedsReview, Pending, Sent, Unknown};
use super::*;
use crate::money::{Amount, Currency};

const NOW: Timestamp = Timestamp(2000);
const LATER: Timestamp = Timestamp(3000);

fn usd(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("usd").unwrap(),
    }
}

fn refund(name: &str, minor: i64) -> Refund {
    let attempt = AttemptId::new("pa_1");
    Refund {
        id: RefundId::of(&attempt, name),
        name: name.into(),
        merchant: MerchantId::new("acme"),
        session: SessionId::new("cs_1"),
        order: OrderId::new("1001"),
        attempt,
        charge: ProcessorReference::new("ch_1"),
        destination: None,
        amount: usd(minor),
        lines: Vec::new(),
        reason: None,
        code: None,
        asked: Timestamp(1000),
        state: RefundState::Asked,
        retry: RetrySchedule::default(),
        epoch: 0,
    }
}

#[test]
fn a_refund_moves_only_along_its_states() {
    let allowed = [
        (Asked, vec![Sent, Pending, Unknown, NeedsReview, Done, Declined]),
        (Sent, vec![Sent, Pending, Unknown, NeedsReview, Done, Declined]),
        (Pending, vec![Pending, Unknown, NeedsReview, Done, Declined]),
        (Unknown, vec![Sent, Pending, Unknown, NeedsReview, Done, Declined]),
        (NeedsReview, vec![Sent, Pending, Unknown, NeedsReview, Done, Declined]),
        (Done, vec![]),
        (Declined, vec![]),
    ];
    for (from, next) in allowed {
        for to in RefundStatus::ALL {
            assert_eq!(from.may_become(to), next.contains(&to), "{from:?} -> {to:?}");
        }
    }
}

#[test]
fn the_same_name_is_the_same_operation_and_no_other_order_s() {
    let (one, other) = (AttemptId::new("pa_1"), AttemptId::new("pa_2"));
    assert_eq!(RefundId::of(&one, "R1"), RefundId::of(&one, "R1"));
    assert_ne!(RefundId::of(&one, "R1"), RefundId::of(&one, "R2"));
    assert_ne!(RefundId::of(&one, "R1"), RefundId::of(&other, "R1"));
    assert_ne!(RefundId::of(&AttemptId::new("pa_12"), "R1"), RefundId::of(&one, "2R1"));
    let key = refund("R1", 100).key();
    assert!(key.starts_with("refund:re_") && key.len() <= 45, "{key}");
}

#[test]
fn a_repeated_call_keeps_the_time_of_the_first_and_what_the_processor_named() {
    let once = refund("R1", 100).sent(NOW).into_refund();
    assert!(once.keeps_lease());
    let pending = once.pending("re_9".into(), NOW, LATER).into_refund();
    assert!(!pending.keeps_lease(), "any host may ask what became of it");
    let unknown = pending.unknown("absent", LATER, LATER).into_refund();
    let again = unknown.sent(LATER).into_refund();
    assert_eq!(
        again.state.sent(),
        Some(&SentRefund {
            first: NOW,
            last: LATER,
            reference: Some("re_9".into()),
        })
    );
    assert_eq!(again.retry.tries, 2);
}

#[test]
fn an_outcome_stays_unknown_since_it_first_was() {
    let sent = refund("R1", 100).sent(NOW).into_refund();
    let unknown = sent.unknown("no answer", NOW, LATER).into_refund();
    let still = unknown.unknown("no answer", LATER, LATER).into_refund();
    let review = still.needs_review("an hour", LATER, LATER).into_refund();
    assert_eq!(review.state.unknown_since(), Some(NOW));
    assert_eq!(review.state.sent().map(|sent| sent.first), Some(NOW));
    let never_sent = refund("R1", 100).needs_review("no plugin", NOW, LATER).into_refund();
    assert_eq!(never_sent.state.sent(), None);
}

#[test]
fn what_a_lost_store_knows_as_asked_may_have_been_sent() {
    let restored = refund("R1", 100).restored("restored from a backup", NOW).into_refund();
    let sent = restored.state.sent().unwrap();
    assert_eq!((sent.first, sent.last), (Timestamp(1000), NOW));
    assert_eq!(restored.status(), Unknown);
}

#[test]
fn every_refund_is_read_as_it_was_written() {
    let asked = refund("R1", 100);
    let sent = asked.sent(NOW).into_refund();
    for written in [
        asked.needs_review("no plugin", NOW, LATER).into_refund(),
        sent.pending("re_9".into(), NOW, LATER).into_refund(),
        sent.unknown("no answer", NOW, LATER).into_refund(),
        sent.done("re_9", LATER).into_refund(),
        sent.declined("too_late", LATER).into_refund(),
        sent,
        asked,
    ] {
        let json = serde_json::to_string(&written).unwrap();
        assert_eq!(serde_json::from_str::<Refund>(&json).unwrap(), written, "{json}");
    }
}

#[test]
fn only_what_is_left_can_be_refunded() {
    let done = refund("R1", 300)
        .sent(NOW)
        .into_refund()
        .done("re_1", NOW)
        .into_refund();
    let open = refund("R2", 200).sent(NOW).into_refund();
    let declined = open.declined("no", NOW).into_refund();
    let balance = RefundBalance::of(usd(1000), [&done, &open]).unwrap();
    assert_eq!((balance.refunded.minor(), balance.open.minor()), (300, 200));
    assert_eq!(balance.admit(None), Ok(usd(500)));
    assert_eq!(balance.admit(Some(usd(500))), Ok(usd(500)));
    assert!(
        matches!(balance.admit(Some(usd(501))), Err(RefundBalanceError::Exceeded { left, .. }) if left == usd(500))
    );
    assert_eq!(balance.admit(Some(usd(0))), Err(RefundBalanceError::Zero));
    let euro = Money {
        currency: Currency::new("eur").unwrap(),
        ..usd(1)
    };
    assert!(matches!(
        balance.admit(Some(euro)),
        Err(RefundBalanceError::Currency { .. })
    ));
    let freed = RefundBalance::of(usd(1000), [&done, &declined]).unwrap();
    assert_eq!(freed.left(), usd(700), "a declined refund holds nothing");
    let all = RefundBalance::of(usd(300), [&done]).unwrap();
    assert!(matches!(all.admit(None), Err(RefundBalanceError::NothingLeft { .. })));
}
