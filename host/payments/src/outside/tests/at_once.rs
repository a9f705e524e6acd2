//! Requests about one session at once: one of them wins, and the others are answered by the table.

use std::sync::Arc;

use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;

use super::{body, paid, question, refused, session_id, with_hold, with_session};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_reports_of_one_payment_make_one_order() {
    for _ in 0..20 {
        let host = Arc::new(with_hold().await);
        let reports = [(); 4].map(|()| {
            let host = Arc::clone(&host);
            tokio::spawn(async move { host.report(paid("psp_1")).await })
        });
        for report in reports {
            report.await.unwrap().unwrap();
        }
        assert_eq!(host.state().await, "completed");
        assert_eq!(host.attempts(&session_id()).await.len(), 1);
        assert!(host.discrepancies().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_payments_of_one_hold_make_one_order_and_a_discrepancy() {
    for _ in 0..20 {
        let host = Arc::new(with_hold().await);
        let reports = ["psp_1", "psp_2"].map(|reference| {
            let host = Arc::clone(&host);
            tokio::spawn(async move { host.report(paid(reference)).await })
        });
        for report in reports {
            report.await.unwrap().unwrap();
        }
        assert_eq!(host.state().await, "completed");
        assert_eq!(host.kinds().await, [DiscrepancyKind::PaidTwice]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_report_and_a_cancel_at_once_end_in_one_of_two_ways() {
    for is_held in [true, false].repeat(15) {
        let host = Arc::new(if is_held {
            with_hold().await
        } else {
            with_session().await
        });
        let (reporting, canceling) = (Arc::clone(&host), Arc::clone(&host));
        let report = tokio::spawn(async move { reporting.report(paid("psp_1")).await });
        let cancel = tokio::spawn(async move { canceling.cancel_held().await });
        let (report, cancel) = (report.await.unwrap(), cancel.await.unwrap());
        match host.state().await {
            "completed" => {
                report.unwrap();
                assert!(matches!(cancel, Err(CheckoutError::InvalidState { .. })), "{cancel:?}");
                assert!(host.discrepancies().await.is_empty());
            }
            "canceled" => {
                assert!(matches!(report, Err(CheckoutError::PaidAfterEnd { .. })), "{report:?}");
                assert_eq!(body(&cancel.unwrap()), "canceled");
                assert_eq!(host.kinds().await, [DiscrepancyKind::PaidAfterEnd]);
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_commits_at_once_hold_once() {
    for _ in 0..20 {
        let host = Arc::new(with_session().await);
        let commits = [(); 3].map(|()| {
            let host = Arc::clone(&host);
            tokio::spawn(async move { host.hold(question(&session_id())).await })
        });
        for commit in commits {
            assert_eq!(body(&commit.await.unwrap().unwrap()), "held");
        }
        assert_eq!(host.attempts(&session_id()).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_report_and_the_end_of_the_hold_at_once_lose_no_payment() {
    for _ in 0..20 {
        let host = Arc::new(with_hold().await);
        host.clock.advance(super::HOLD);
        let (reporting, recovering) = (Arc::clone(&host), Arc::clone(&host));
        let report = tokio::spawn(async move { reporting.report(paid("psp_1")).await });
        let recover = tokio::spawn(async move { recovering.payments.recovery().run_once().await });
        let mut report = report.await.unwrap();
        recover.await.unwrap();
        // A recovery that was overtaken has the attempt until its lease expires, and the report has to come again after it.
        if matches!(report, Err(CheckoutError::InFlight)) {
            host.payments.recovery().release_leases().await;
            report = host.report(paid("psp_1")).await;
        }
        assert!(matches!(report, Err(CheckoutError::PaidAfterEnd { .. })), "{report:?}");
        assert!(host.kinds().await.contains(&DiscrepancyKind::PaidAfterEnd));
        assert!(host.last_attempt().await.history.paid_late);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_report_and_a_refusal_at_once_lose_no_payment() {
    for _ in 0..20 {
        let host = Arc::new(with_hold().await);
        let (paying, refusing) = (Arc::clone(&host), Arc::clone(&host));
        let report = tokio::spawn(async move { paying.report(paid("psp_1")).await });
        let refusal = tokio::spawn(async move { refusing.report(refused("psp_2")).await });
        report.await.unwrap().unwrap();
        refusal.await.unwrap().unwrap();
        assert_eq!(host.state().await, "completed");
    }
}
