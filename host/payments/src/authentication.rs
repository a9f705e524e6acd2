//! A completion that carries the result of an authentication. None of them is a charge: a failed one declines the payment, and
//! the proof of a good one has no way to the processor yet, without which the issuer would not be bound by it.

use tracing::info;

use tillhouse_checkout::authentication::Authentication;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit::{SessionWrite, UnitOfWork};

use super::Payments;
use super::refuse::declined;

impl Payments {
    /// Refuse a completion that carries a result.
    ///
    /// # Errors
    /// For every result. Nothing was charged, and neither token nor stock was touched.
    pub(super) async fn refuse_authentication(
        &self,
        session: &Session,
        result: Option<Authentication>,
    ) -> Result<(), CheckoutError> {
        let Some(outcome) = result else {
            return Ok(());
        };
        if outcome.permits_a_charge() {
            return Err(CheckoutError::AuthenticationUnsupported(outcome.name()));
        }
        info!(session.id = %session.id, outcome = outcome.name(), "not authenticated");
        self.show_the_decline(session).await?;
        Err(CheckoutError::Declined {
            code: format!("authentication_{}", outcome.name()),
        })
    }

    /// The session says why, as after any decline. One that was changed meanwhile stays as it is.
    async fn show_the_decline(&self, session: &Session) -> Result<(), CheckoutError> {
        let after = Session {
            revision: session.revision + 1,
            updated: self.checkout.clock.now(),
            setback: Some(declined()),
            ..session.clone()
        };
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: after,
                replaces: Some(session.revision),
            }),
            ..UnitOfWork::default()
        };
        match self.checkout.store.commit(unit).await {
            Ok(()) | Err(CommitError::Session) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
