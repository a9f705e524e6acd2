//! What the sweep deletes, and when.

use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::{DAY, Retention};
use crate::testing::{TestHost, caller, completion, merchant, recorder};

async fn is_stored(host: &TestHost, id: &SessionId) -> bool {
    host.checkout.store.session(&merchant(), id).await.unwrap().is_some()
}

#[tokio::test]
async fn an_unpaid_session_is_deleted_after_its_days_and_a_paid_one_is_kept() {
    let host = TestHost::start();
    let [canceled, paid] = [host.session().await, host.session().await];
    host.checkout
        .cancel(&caller(), &canceled, None, recorder())
        .await
        .unwrap();
    host.complete(completion(&paid)).await.unwrap();
    let days = Retention::default().unpaid;
    host.clock.advance(days - DAY);
    host.payments.expiry().run_once().await.unwrap();
    assert!(is_stored(&host, &canceled).await);
    host.clock.advance(2 * DAY);
    host.payments.expiry().run_once().await.unwrap();
    assert!(!is_stored(&host, &canceled).await);
    assert!(matches!(host.stored(&paid).await.state, SessionState::Completed { .. }));
    host.clock.advance(5000 * DAY);
    host.payments.expiry().run_once().await.unwrap();
    assert!(is_stored(&host, &paid).await, "kept unless the operator sets a horizon");
}

#[tokio::test]
async fn the_audit_log_is_cut_once_a_day_at_most() {
    let host = TestHost::start();
    let record = async || {
        let entry = AuditEntry {
            at: host.payments.context.now(),
            actor: "operator:ada".into(),
            action: AuditAction::ReplayOutbox,
            subject: "dead".into(),
            detail: "{}".into(),
        };
        let unit = UnitOfWork {
            audit: Some(entry),
            ..UnitOfWork::default()
        };
        host.checkout.store.commit(unit).await.unwrap();
    };
    let actions = async || {
        let log = host.checkout.store.audit_log(0, 100).await.unwrap();
        log.into_iter().map(|record| record.entry.action).collect::<Vec<_>>()
    };
    record().await;
    host.clock.advance(Retention::default().audit);
    record().await;
    host.clock.advance(DAY / 2);
    host.payments.expiry().run_once().await.unwrap();
    assert_eq!(actions().await.len(), 2, "half a day past its time is not worth a cut");
    host.clock.advance(DAY);
    host.payments.expiry().run_once().await.unwrap();
    host.payments.expiry().run_once().await.unwrap();
    assert_eq!(actions().await, [AuditAction::ReplayOutbox, AuditAction::PurgeAudit]);
}
