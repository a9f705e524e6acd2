//! Refunds in a store that was restored from a backup: what was open then may have been sent since.

use tillhouse_checkout::decision::{RefundLookup, RefundOutcome};
use tillhouse_checkout::refund::RefundStatus;
use tillhouse_checkout::time::Clock as _;

use super::{QuarantineCause, quarantine};
use crate::refunding::tests::{ask, prepare, prepare_lookup, refunded, round, sold, stored};

#[tokio::test]
async fn after_a_restore_every_open_refund_is_looked_up_before_it_is_sent() {
    let (host, order) = sold().await;
    let done = ask(&host, &order, "R1", 100).await.unwrap().refund.id;
    prepare(&host, refunded());
    round(&host, &done).await;
    let asked = ask(&host, &order, "R2", 100).await.unwrap().refund.id;
    let cause = QuarantineCause::Restored {
        actor: "ada".into(),
        source: "backup of Monday".into(),
    };
    let quarantined = quarantine(host.store.as_ref(), host.store.as_ref(), host.clock.now(), &cause)
        .await
        .unwrap();
    assert_eq!(quarantined.refunds, std::slice::from_ref(&asked));
    assert_eq!(stored(&host, &done).await.status(), RefundStatus::Done);
    assert_eq!(stored(&host, &asked).await.status(), RefundStatus::Unknown);

    prepare_lookup(&host, Ok(RefundLookup::Absent));
    assert_eq!(
        round(&host, &asked).await.status(),
        RefundStatus::Unknown,
        "it may be invisible"
    );
    prepare_lookup(&host, Ok(RefundLookup::Absent));
    prepare(&host, Ok(RefundOutcome::Refunded("acq_re_2".into())));
    assert_eq!(round(&host, &asked).await.status(), RefundStatus::Done);
    assert_eq!(
        host.processor.reversals(),
        ["refund", "lookup-refund", "lookup-refund", "refund"]
    );
}
