//! An attempt of which it is not known whether it was charged, and its session.

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::ports::{CommitError, Store};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

/// Distance to the revision before. A request that is in progress may hold a revision that the store has lost, and must not replace
/// the session.
const REVISIONS: u64 = 1 << 20;

/// Until now, anything may have been sent. A session whose payment waited for the buyer is being paid as long as the outcome is
/// unknown.
pub(crate) async fn make_unknown(
    store: &dyn Store,
    attempt: &Attempt,
    now: Timestamp,
    reason: &str,
) -> Result<(), CommitError> {
    let session = store
        .session(&attempt.merchant, &attempt.session)
        .await
        .map_err(CommitError::Store)?;
    let unit = UnitOfWork {
        session: session
            .filter(|session| matches!(session.state, SessionState::AuthenticationRequired { .. }))
            .filter(|session| session.live_attempt() == Some(&attempt.id))
            .map(|session| {
                let paying = SessionState::Committing {
                    attempt: attempt.id.clone(),
                    order: Box::new(attempt.order.clone()),
                };
                moved(session, paying, now)
            }),
        attempt: Some(attempt.restored(reason, now)),
        ..UnitOfWork::default()
    };
    store.commit(unit).await
}

pub(crate) fn moved(session: Session, state: SessionState, now: Timestamp) -> SessionWrite {
    SessionWrite {
        replaces: Some(session.revision),
        session: Box::new(Session {
            revision: session.revision.saturating_add(REVISIONS),
            updated: now,
            state,
            ..session
        }),
    }
}
